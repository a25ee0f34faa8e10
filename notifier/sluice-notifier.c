/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* sluice-notifier: options, daemon, main loop. */

#include <config.h>

#include <getopt.h>
#include <stdlib.h>

#include "command-line.h"
#include "daemon.h"
#include "dirs.h"
#include "fatal-signal.h"
#include "json-check.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "sluice-version.h"
#include "stream-ssl.h"
#include "stream.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(main);

static char *unixctl_path;
static char *parse_options(int argc, char *argv[]);
OVS_NO_RETURN static void usage(void);

static void
exit_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *exiting_)
{
    bool *exiting = exiting_;

    *exiting = true;
    unixctl_command_reply(conn, NULL);
}

int
main(int argc, char *argv[])
{
    struct unixctl_server *unixctl;
    bool exiting = false;
    char *nb_remote;
    int retval;

    ovs_cmdl_proctitle_init(argc, argv);
    ovs_set_program_name(argv[0], SLUICE_VERSION);
    service_start(&argc, &argv);
    nb_remote = parse_options(argc, argv);
    fatal_ignore_sigpipe();
    daemonize_start(false);

    retval = unixctl_server_create(unixctl_path, &unixctl);
    if (retval) {
        exit(EXIT_FAILURE);
    }
    unixctl_command_register("exit", "", 0, 0, exit_command, &exiting);
    json_check();
    daemonize_complete();

    while (!exiting) {
        unixctl_server_run(unixctl);
        if (exiting) {
            poll_immediate_wake();
        }
        unixctl_server_wait(unixctl);
        poll_block();
        if (should_service_stop()) {
            exiting = true;
        }
    }

    unixctl_server_destroy(unixctl);
    service_stop();
    free(nb_remote);
    free(unixctl_path);
    return 0;
}

enum {
    OPT_UNIXCTL = UCHAR_MAX + 1,
    OPT_PEER_CA_CERT,
    OPT_BOOTSTRAP_CA_CERT,
    VLOG_OPTION_ENUMS,
    DAEMON_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
};

static const struct option long_options[] = {
    {"unixctl",          required_argument, NULL, OPT_UNIXCTL},
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

    case 'h':
        usage();

    case 'V':
        ovs_print_version(0, 0);
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
        VLOG_FATAL("at most one argument, the northbound database, is "
                   "accepted; use --help for usage");
    }
    return argc ? xstrdup(argv[0])
           : xasprintf("unix:%s/sluice_nb.sock", ovs_rundir());
}

static void
usage(void)
{
    printf("%s: the Networking API of Sluice, and its events\n"
           "usage: %s [OPTIONS] [NB-DATABASE]\n"
           "where NB-DATABASE is the northbound database's remote\n"
           "(default: unix:%s/sluice_nb.sock).\n",
           program_name, program_name, ovs_rundir());
    stream_usage("NB-DATABASE", true, false, true);
    daemon_usage();
    vlog_usage();
    printf("\nOther options:\n"
           "  --unixctl=SOCKET        override default control socket name\n"
           "  -h, --help              display this help message\n"
           "  -V, --version           display version information\n");
    exit(EXIT_SUCCESS);
}
