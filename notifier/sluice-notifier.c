/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* sluice-notifier: options, daemon, main loop.  See notifier.h for what it
 * does and sluice-notifier(8) for how it is used. */

#include <config.h>

#include <getopt.h>
#include <stdlib.h>

#include "command-line.h"
#include "commands.h"
#include "daemon.h"
#include "fatal-signal.h"
#include "memory.h"
#include "notifier.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "simap.h"
#include "sluice-version.h"
#include "stream-ssl.h"
#include "stream.h"
#include "svec.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(main);

/* So many passes of the main loop may go by without a look at the control
 * socket, while one change follows the other. */
#define MAX_BUSY 8

static char *unixctl_path;
static struct notifier_config config = NOTIFIER_CONFIG_INITIALIZER;
static struct svec remotes = SVEC_EMPTY_INITIALIZER; /* Of 'config'. */

static void parse_options(int argc, char *argv[]);
OVS_NO_RETURN static void usage(void);

int
main(int argc, char *argv[])
{
    struct unixctl_server *unixctl;
    struct notifier *notifier;
    unsigned int n_busy = 0;
    bool exiting = false;
    char *error;

    ovs_cmdl_proctitle_init(argc, argv);
    ovs_set_program_name(argv[0], SLUICE_VERSION);
    service_start(&argc, &argv);
    parse_options(argc, argv);
    fatal_ignore_sigpipe();
    daemonize_start(false);

    if (unixctl_server_create(unixctl_path, &unixctl)) {
        exit(EXIT_FAILURE);
    }
    error = notifier_create(&config, &notifier);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    commands_register(notifier, &exiting);
    daemonize_complete();

    while (!exiting) {
        memory_run();
        if (memory_should_report()) {
            struct simap usage = SIMAP_INITIALIZER(&usage);

            notifier_memory_usage(notifier, &usage);
            memory_report(&usage);
            simap_destroy(&usage);
        }
        /* It costs an accept(2): not with each of many changes. */
        if (!notifier_run(notifier) || ++n_busy >= MAX_BUSY) {
            n_busy = 0;
            unixctl_server_run(unixctl);
        }

        if (exiting) {
            poll_immediate_wake();
        }
        memory_wait();
        notifier_wait(notifier);
        unixctl_server_wait(unixctl);
        poll_block();
        if (should_service_stop()) {
            exiting = true;
        }
    }

    notifier_destroy(notifier);
    unixctl_server_destroy(unixctl);
    service_stop();
    svec_destroy(&remotes);
    free(unixctl_path);
    return 0;
}

enum {
    OPT_UNIXCTL = UCHAR_MAX + 1,
    OPT_NB,
    OPT_HTTP,
    OPT_JOURNAL,
    OPT_JOURNAL_MAX_AGE,
    OPT_JOURNAL_MAX_SIZE,
    OPT_AUTH,
    OPT_INSECURE,
    OPT_REMOTE,
    OPT_ROLE,
    OPT_HISTORY,
    OPT_PROBE_INTERVAL,
    OPT_PEER_CA_CERT,
    OPT_BOOTSTRAP_CA_CERT,
    VLOG_OPTION_ENUMS,
    DAEMON_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
};

static const struct option long_options[] = {
    {"unixctl",          required_argument, NULL, OPT_UNIXCTL},
    {"nb",               required_argument, NULL, OPT_NB},
    {"http",             required_argument, NULL, OPT_HTTP},
    {"journal",          required_argument, NULL, OPT_JOURNAL},
    {"journal-max-age",  required_argument, NULL, OPT_JOURNAL_MAX_AGE},
    {"journal-max-size", required_argument, NULL, OPT_JOURNAL_MAX_SIZE},
    {"auth",             required_argument, NULL, OPT_AUTH},
    {"insecure",         no_argument,       NULL, OPT_INSECURE},
    {"remote",           required_argument, NULL, OPT_REMOTE},
    {"role",             required_argument, NULL, OPT_ROLE},
    {"history",          required_argument, NULL, OPT_HISTORY},
    {"probe-interval",   required_argument, NULL, OPT_PROBE_INTERVAL},
    {"help",             no_argument,       NULL, 'h'},
    {"version",          no_argument,       NULL, 'V'},
    VLOG_LONG_OPTIONS,
    DAEMON_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
    {"peer-ca-cert",     required_argument, NULL, OPT_PEER_CA_CERT},
    {"bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT},
    {NULL, 0, NULL, 0},
};

/* Returns 'string', a number from 'min' to 'max'. */
static unsigned int
parse_number(const char *option, const char *string, unsigned int min,
             unsigned int max)
{
    unsigned int value;

    if (!str_to_uint(string, 10, &value) || value < min || value > max) {
        ovs_fatal(0, "--%s=%s: must be a number from %u to %u", option,
                  string, min, max);
    }
    return value;
}

/* The certificate is both doors' and that of our session with the
 * database. */
static void
parse_ssl_option(int c)
{
    switch (c) {
    case 'p':
        config.private_key = optarg;
        stream_ssl_set_private_key_file(optarg);
        break;

    case 'c':
        config.certificate = optarg;
        stream_ssl_set_certificate_file(optarg);
        break;

    case 'C':
        config.ca_cert = optarg;
        stream_ssl_set_ca_cert_file(optarg, false);
        break;

    case OPT_SSL_PROTOCOLS:
        config.ssl_protocols = optarg;
        stream_ssl_set_protocols(optarg);
        break;

    case OPT_SSL_CIPHERS:
        config.ssl_ciphers = optarg;
        stream_ssl_set_ciphers(optarg);
        break;

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

static void
parse_door_option(int c)
{
    switch (c) {
    case OPT_REMOTE:
        svec_add(&remotes, optarg);
        config.remotes = &remotes;
        break;

    case OPT_ROLE:
        config.role = optarg;
        break;

    case OPT_HISTORY:
        config.history = parse_number("history", optarg, 0, 1000000000);
        break;

    case OPT_PROBE_INTERVAL:
        config.probe_interval = parse_number("probe-interval", optarg, 1000,
                                             1000000000);
        break;
    }
}

static void
parse_option(int c)
{
    switch (c) {
    case OPT_REMOTE:
    case OPT_ROLE:
    case OPT_HISTORY:
    case OPT_PROBE_INTERVAL:
        parse_door_option(c);
        break;

    case OPT_UNIXCTL:
        free(unixctl_path);
        unixctl_path = xstrdup(optarg);
        break;

    case OPT_NB:
        config.nb = optarg;
        break;

    case OPT_HTTP:
        config.http = optarg;
        break;

    case OPT_JOURNAL:
        config.journal = optarg;
        break;

    case OPT_JOURNAL_MAX_AGE:
        config.journal_max_age_sec
            = parse_number("journal-max-age", optarg, 1, 36500) * 86400LL;
        break;

    case OPT_JOURNAL_MAX_SIZE:
        config.journal_max_bytes
            = (uint64_t) parse_number("journal-max-size", optarg, 1,
                                      1024 * 1024) << 20;
        break;

    case OPT_AUTH:
        config.auth = optarg;
        break;

    case OPT_INSECURE:
        config.insecure = true;
        break;

    case 'h':
        usage();

    case 'V':
        ovs_print_version(0, 0);
        exit(EXIT_SUCCESS);

    VLOG_OPTION_HANDLERS
    DAEMON_OPTION_HANDLERS

    default:
        parse_ssl_option(c);
    }
}

static void
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
    if (optind < argc) {
        ovs_fatal(0, "%s: no arguments are accepted; use --help for usage",
                  argv[optind]);
    }
}

static void
usage(void)
{
    printf("%s: Sluice server of the OpenStack Networking API and its events\n"
           "usage: %s [OPTIONS]\n"
           "\nIn and out:\n"
           "  --nb=REMOTES            northbound database, comma-separated\n"
           "                          (default: %s)\n"
           "  --http=HOST:PORT        where the API and its events are served\n"
           "                          (default: %s; \"none\" for nowhere)\n"
           "  --journal=FILE          history of changes (default: %s)\n"
           "  --journal-max-age=DAYS  delete what is older (default: 30)\n"
           "  --journal-max-size=MB   delete the oldest beyond (default: "
           "1024)\n"
           "\nWho may come in by HTTP:\n"
           "  --auth=tokens:FILE      those whose token's hash is in FILE\n"
           "  --insecure              everybody who can reach an address that\n"
           "                          is not this machine's own\n"
           "\nFor agents and other clients of OVSDB:\n"
           "  --remote=REMOTE         listen at REMOTE (punix:, ptcp:, pssl:);\n"
           "                          can be given several times\n"
           "  --role=ROLE             let them write what RBAC lets ROLE\n"
           "  --history=ROWS          changes remembered for those who come\n"
           "                          back (default: 100000)\n"
           "  --probe-interval=MSEC   ask who says nothing if it is there\n"
           "                          (default: 30000)\n",
           program_name, program_name, notifier_default_nb(),
           NOTIFIER_DEFAULT_HTTP, NOTIFIER_DEFAULT_JOURNAL);
    stream_usage("REMOTES", true, false, true);
    daemon_usage();
    vlog_usage();
    printf("\nOther options:\n"
           "  --unixctl=SOCKET        override default control socket name\n"
           "  -h, --help              display this help message\n"
           "  -V, --version           display version information\n");
    exit(EXIT_SUCCESS);
}
