/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The command line of sluice-nbctl.
 *
 * Global options are here; those of a command are db-ctl-base's to check, and
 * the command's to look at.  Whatever is wrong ends the program. */

#include <config.h>

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>

#include "command-line.h"
#include "dirs.h"
#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "openvswitch/vlog.h"
#include "process.h"
#include "stream.h"
#include "stream-ssl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(nbctl);

/* Options that getopt_long() itself sets. */
static int dry_run = false;
static int leader_only = false;
static int oneline = false;
static int retry = false;
static int shuffle_remotes = true;

/* What the style's format is until -f says otherwise. */
#define NO_FORMAT ((enum table_format) -1)

static char *default_db(void);
static void parse_options(struct nbctl *, int argc, char *argv[],
                          struct shash *local_options);
static bool parse_option(struct nbctl *, int c, const char *arg);
OVS_NO_RETURN static void usage(void);

void
nbctl_parse_command_line(struct nbctl *nbctl, int argc, char *argv[])
{
    struct shash local_options = SHASH_INITIALIZER(&local_options);

    nbctl->args = process_escape_args(argv);
    nbctl->style = (struct table_style) TABLE_STYLE_DEFAULT;
    nbctl->style.format = NO_FORMAT;
    svec_init(&nbctl->made_macs);

    parse_options(nbctl, argc, argv, &local_options);
    nbctl->dry_run = dry_run;
    nbctl->leader_only = leader_only;
    nbctl->oneline = oneline;
    nbctl->retry = retry;
    nbctl->shuffle_remotes = shuffle_remotes;
    char *error = ctl_parse_commands(argc - optind, argv + optind,
                                     &local_options, &nbctl->commands,
                                     &nbctl->n_commands);
    if (error) {
        ctl_fatal("%s", error);
    }
    shash_destroy_free_data(&local_options);

    nbctl->style_chosen = nbctl->style.format != NO_FORMAT;
    if (!nbctl->style_chosen) {
        nbctl->style.format = TF_LIST;
    }
    if (!nbctl->db) {
        nbctl->db = default_db();
    }
    if (!nbctl->timeout) {
        const char *env = getenv("OVS_CTL_TIMEOUT");
        if (env && !str_to_uint(env, 10, &nbctl->timeout)) {
            nbctl->timeout = 0;
        }
    }
    VLOG(ctl_might_write_to_db(nbctl->commands, nbctl->n_commands)
         ? VLL_INFO : VLL_DBG, "Called as %s", nbctl->args);
}

static char *
default_db(void)
{
    const char *db = getenv("SLUICE_NB_DB");

    return (db && db[0] ? xstrdup(db)
            : xasprintf("unix:%s/sluice_nb.sock", ovs_rundir()));
}

enum {
    OPT_DB = UCHAR_MAX + 1,
    OPT_NO_SYSLOG,
    OPT_WAIT,
    OPT_NO_WAIT,
    OPT_BOOTSTRAP_CA_CERT,
    OPT_PEER_CA_CERT,
    OPT_LOCAL,
    OPT_COMMANDS,
    OPT_OPTIONS,
    VLOG_OPTION_ENUMS,
    TABLE_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
};

static const struct option global_options[] = {
    {"db", required_argument, NULL, OPT_DB},
    {"no-syslog", no_argument, NULL, OPT_NO_SYSLOG},
    {"wait", required_argument, NULL, OPT_WAIT},
    {"no-wait", no_argument, NULL, OPT_NO_WAIT},
    {"dry-run", no_argument, &dry_run, true},
    {"oneline", no_argument, &oneline, true},
    {"timeout", required_argument, NULL, 't'},
    {"retry", no_argument, &retry, true},
    {"help", no_argument, NULL, 'h'},
    {"commands", no_argument, NULL, OPT_COMMANDS},
    {"options", no_argument, NULL, OPT_OPTIONS},
    {"leader-only", no_argument, &leader_only, true},
    {"no-leader-only", no_argument, &leader_only, false},
    {"shuffle-remotes", no_argument, &shuffle_remotes, true},
    {"no-shuffle-remotes", no_argument, &shuffle_remotes, false},
    {"version", no_argument, NULL, 'V'},
    VLOG_LONG_OPTIONS,
    TABLE_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
    {"bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT},
    {"peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT},
    {NULL, 0, NULL, 0},
};

/* Parses the global options into 'nbctl' and those of the first command, which
 * may stand among them, into 'local_options'. */
static void
parse_options(struct nbctl *nbctl, int argc, char *argv[],
              struct shash *local_options)
{
    size_t n_globals = ARRAY_SIZE(global_options) - 1;
    size_t n = n_globals, allocated = ARRAY_SIZE(global_options);
    struct option *options = xmemdup(global_options, sizeof global_options);
    char *short_names = ovs_cmdl_long_options_to_short_options(global_options);
    char *short_options = xasprintf("+%s", short_names);
    int c, index;

    ctl_add_cmd_options(&options, &n, &allocated, OPT_LOCAL);
    while ((c = getopt_long(argc, argv, short_options, options,
                            &index)) != -1) {
        if (c == OPT_LOCAL) {
            char *name = xasprintf("--%s", options[index].name);

            if (shash_find(local_options, name)) {
                ctl_fatal("'%s' option specified multiple times", name);
            }
            shash_add_nocopy(local_options, name, nullable_xstrdup(optarg));
        } else if (!parse_option(nbctl, c, optarg)) {
            exit(EXIT_FAILURE);
        }
    }

    for (size_t i = n_globals; options[i].name; i++) {
        free(CONST_CAST(char *, options[i].name));
    }
    free(options);
    free(short_names);
    free(short_options);
}

/* Parses one global option.  Returns false if it is no option at all, which
 * getopt_long() has already said. */
static bool
parse_option(struct nbctl *nbctl, int c, const char *arg)
{
    if (c == 'C') {
        free(nbctl->ca_cert);   /* Besides what stream-ssl does with it. */
        nbctl->ca_cert = xstrdup(arg);
    }

    switch (c) {
    case OPT_DB:
        free(nbctl->db);
        nbctl->db = xstrdup(arg);
        break;

    case OPT_NO_SYSLOG:
        vlog_set_levels(&this_module, VLF_SYSLOG, VLL_WARN);
        break;

    case OPT_WAIT:
        if (strcmp(arg, "none") && strcmp(arg, "hv")) {
            ctl_fatal("argument \"%s\" to --wait is neither \"none\" nor "
                      "\"hv\"", arg);
        }
        nbctl->wait_hv = !strcmp(arg, "hv");
        break;

    case OPT_NO_WAIT:
        nbctl->wait_hv = false;
        break;

    case 't':
        if (!str_to_uint(arg, 10, &nbctl->timeout) || !nbctl->timeout) {
            ctl_fatal("value %s on -t or --timeout is invalid", arg);
        }
        break;

    case 'h':
        usage();

    case OPT_COMMANDS:
        ctl_print_commands();
        break;

    case OPT_OPTIONS:
        ctl_print_options(global_options);
        break;

    case 'V':
        ovs_print_version(0, 0);
        printf("DB Schema %s\n", nbrec_get_db_version());
        exit(EXIT_SUCCESS);

    VLOG_OPTION_HANDLERS
    TABLE_OPTION_HANDLERS(&nbctl->style)
    STREAM_SSL_OPTION_HANDLERS

    case OPT_PEER_CA_CERT:
        stream_ssl_set_peer_ca_cert_file(arg);
        break;

    case OPT_BOOTSTRAP_CA_CERT:
        stream_ssl_set_ca_cert_file(arg, true);
        break;

    case 0:
        break;

    default:
        return false;
    }
    return true;
}

static void
usage(void)
{
    printf("\
%s: Sluice northbound database utility\n\
usage: %s [OPTIONS] COMMAND [ARG...]\n\
\n\
General commands:\n\
  init                        initialize the database; again: harmless\n\
  show [NET]                  print networks with their ports\n\
\n\
Network commands (NET is a name or a UUID):\n\
  net-add NET [COLUMN=VALUE]...  add network NET\n\
  net-del NET                 delete NET, which must have no ports\n\
  net-list                    print all networks\n\
  net-enable NET              let NET carry traffic\n\
  net-disable NET             stop all traffic of NET\n\
\n\
Port commands (PORT is a name or a UUID):\n\
  port-add NET PORT [COLUMN=VALUE]...  add PORT to NET, print its UUID\n\
  port-del PORT               delete PORT\n\
  port-list [NET]             print the ports of NET, or all\n\
  port-enable PORT            let PORT carry traffic\n\
  port-disable PORT           stop all traffic of PORT\n\
  port-show PORT              print what is wanted of PORT and what\n\
                              every hypervisor has made of it\n\
\n\
Hypervisor commands:\n\
  agent-list                  print all hypervisors known\n\
  host-enable HOST            let ports on HOST carry traffic\n\
  host-disable HOST           stop all traffic of ports on HOST\n\
\n\
History commands (of a notifier's journal; no database needed):\n\
  [--since=TIME] [--until=TIME] [--limit=N] [--notifier=URL]\n\
    history [RESOURCE [RECORD]]  print what happened, who did it, and\n\
                              when it was live where\n\
\n\
Connection commands:\n\
  get-connection              print where the server listens\n\
  set-connection [--inactivity-probe=MSECS]\n\
    [role=ROLE] [read-only|read-write] TARGET...  set that\n\
  del-connection              delete all connections\n\
\n\
SSL commands:\n\
  get-ssl                     print the SSL configuration\n\
  set-ssl PRIV-KEY CERT CA-CERT  set the SSL configuration\n\
  del-ssl                     delete the SSL configuration\n\
\n\
%s\n\
%s\n\
Options:\n\
  --db=DATABASE               connect to DATABASE (default: $SLUICE_NB_DB,\n\
                              otherwise unix:%s/sluice_nb.sock)\n\
  --wait=none|hv              wait until hypervisors have applied the\n\
                              change? (default: none)\n\
  --no-wait                   the same as --wait=none\n\
  -t, --timeout=SECS          give up after SECS seconds\n\
  --retry                     keep trying to connect to the server\n\
  --dry-run                   do not commit changes to the database\n\
  --oneline                   print each command's output in a line\n\
  --leader-only               of a cluster, accept the leader only\n\
  --no-leader-only            accept any member, and a relay (the default)\n\
  --no-shuffle-remotes        try remotes in the order given\n\
",
           program_name, program_name, ctl_get_db_cmd_usage(),
           ctl_list_db_tables_usage(), ovs_rundir());
    table_usage();
    vlog_usage();
    printf("  --no-syslog                 equivalent to "
           "--verbose=nbctl:syslog:warn\n");
    stream_usage("database", true, true, true);
    printf("\nOther options:\n"
           "  -h, --help                  display this help message\n"
           "  -V, --version               display version information\n");
    exit(EXIT_SUCCESS);
}
