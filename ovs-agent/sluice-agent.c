/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* sluice-agent: options, daemon, main loop.  See agent.h for what it does and
 * sluice-agent(8) for how it is used. */

#include <config.h>

#include <getopt.h>
#include <stdlib.h>

#include "agent.h"
#include "command-line.h"
#include "commands.h"
#include "daemon.h"
#include "dirs.h"
#include "fatal-signal.h"
#include "memory.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vconn.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "simap.h"
#include "sluice-version.h"
#include "stream-ssl.h"
#include "stream.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(main);

static char *unixctl_path;
static bool self_check;
static char *parse_options(int argc, char *argv[]);
OVS_NO_RETURN static void usage(void);

int
main(int argc, char *argv[])
{
    struct unixctl_server *unixctl;
    struct agent *agent;
    bool exiting = false;
    char *ovs_remote;
    int retval;

    ovs_cmdl_proctitle_init(argc, argv);
    ovs_set_program_name(argv[0], SLUICE_VERSION);
    service_start(&argc, &argv);
    ovs_remote = parse_options(argc, argv);
    fatal_ignore_sigpipe();
    daemonize_start(false);

    retval = unixctl_server_create(unixctl_path, &unixctl);
    if (retval) {
        exit(EXIT_FAILURE);
    }
    agent = agent_create(ovs_remote, self_check);
    commands_register(agent, &exiting);
    daemonize_complete();

    while (!exiting) {
        memory_run();
        if (memory_should_report()) {
            struct simap usage = SIMAP_INITIALIZER(&usage);

            commands_memory_usage(agent, &usage);
            memory_report(&usage);
            simap_destroy(&usage);
        }
        agent_run(agent);
        unixctl_server_run(unixctl);

        if (exiting) {
            poll_immediate_wake();
        }
        memory_wait();
        agent_wait(agent);
        unixctl_server_wait(unixctl);
        poll_block();
        if (should_service_stop()) {
            exiting = true;
        }
    }

    /* Nothing is taken down: traffic goes on while we are away. */
    agent_destroy(agent);
    unixctl_server_destroy(unixctl);
    service_stop();
    free(ovs_remote);
    free(unixctl_path);
    return 0;
}

enum {
    OPT_UNIXCTL = UCHAR_MAX + 1,
    OPT_SELF_CHECK,
    OPT_PEER_CA_CERT,
    OPT_BOOTSTRAP_CA_CERT,
    VLOG_OPTION_ENUMS,
    DAEMON_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
};

static const struct option long_options[] = {
    {"unixctl",          required_argument, NULL, OPT_UNIXCTL},
    {"self-check",       no_argument,       NULL, OPT_SELF_CHECK},
    {"help",             no_argument,       NULL, 'h'},
    {"version",          no_argument,       NULL, 'V'},
    VLOG_LONG_OPTIONS,
    DAEMON_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
    {"peer-ca-cert",     required_argument, NULL, OPT_PEER_CA_CERT},
    {"bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT},
    {NULL, 0, NULL, 0},
};

static void
parse_option(int c)
{
    switch (c) {
    case OPT_UNIXCTL:
        free(unixctl_path);
        unixctl_path = xstrdup(optarg);
        break;

    case OPT_SELF_CHECK:
        self_check = true;
        break;

    case 'h':
        usage();

    case 'V':
        ovs_print_version(OFP15_VERSION, OFP15_VERSION);
        exit(EXIT_SUCCESS);

    VLOG_OPTION_HANDLERS
    DAEMON_OPTION_HANDLERS
    STREAM_SSL_OPTION_HANDLERS

    case OPT_PEER_CA_CERT:
        stream_ssl_set_peer_ca_cert_file(optarg);
        break;

    case OPT_BOOTSTRAP_CA_CERT:
        stream_ssl_set_ca_cert_file(optarg, true);
        break;

    case '?':
        exit(EXIT_FAILURE);

    default:
        abort();
    }
}

static char *
parse_options(int argc, char *argv[])
{
    char *short_options
        = ovs_cmdl_long_options_to_short_options(long_options);
    int c;

    while ((c = getopt_long(argc, argv, short_options, long_options,
                            NULL)) != -1) {
        parse_option(c);
    }
    free(short_options);

    argc -= optind;
    argv += optind;
    if (argc > 1) {
        VLOG_FATAL("at most one argument, the Open_vSwitch database, is "
                   "accepted; use --help for usage");
    }
    return (argc ? xstrdup(argv[0])
            : xasprintf("unix:%s/db.sock", ovs_rundir()));
}

static void
usage(void)
{
    printf("%s: Sluice agent of a hypervisor\n"
           "usage: %s [OPTIONS] [OVS-DATABASE]\n"
           "where OVS-DATABASE is the Open_vSwitch database's remote\n"
           "(default: unix:%s/db.sock).\n",
           program_name, program_name, ovs_rundir());
    stream_usage("OVS-DATABASE", true, false, false);
    daemon_usage();
    vlog_usage();
    printf("\nOther options:\n"
           "  --unixctl=SOCKET        override default control socket name\n"
           "  --self-check            after every change compute all flows\n"
           "                          anew and exit if they differ\n"
           "  -h, --help              display this help message\n"
           "  -V, --version           display version information\n");
    exit(EXIT_SUCCESS);
}
