/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* N simulated sluice-agents in one process: see usage().
 *
 * This file reads options and commands.  A command that cannot be understood
 * has a result with "refused"; what ends the program is told on standard
 * error. */

#include <config.h>

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "openvswitch/json.h"
#include "random.h"
#include "svec.h"
#include "util.h"

static void parse_options(int argc, char *argv[], struct swarm *);
static bool run_lines(struct swarm *, struct nb *, struct ds *input);

static void
usage(void)
{
    printf("usage: %s [OPTIONS]\n"
           "       %s [OPTIONS] write FILE\n"
           "The first has agents of hypervisors hv0, hv1, ... do what is\n"
           "told on standard input, and writes a line of JSON for each\n"
           "command.  The second adds their networks and ports to FILE, a\n"
           "new database that ovsdb-tool made.  Both must have the same\n"
           "numbers.\n"
           "  --agents=N --ports=N --networks=N\n"
           "                   how many, ports and networks of each agent\n"
           "                   (1000, 100, 10)\n"
           "  --remote=REMOTE  where agents connect, unix:PATH or\n"
           "                   tcp:IP:PORT; may be given several times, then\n"
           "                   agents take turns\n"
           "  --nb=REMOTE      ovsdb-server itself (default: as --remote)\n"
           "  --seed=N         of what is random (1)\n"
           "  --timeout=SECS   of a command (600)\n"
           "  --no-server-db   agents do not monitor _Server\n"
           "  --get-schema     they ask for _Server's schema first\n"
           "  --lock           they take their locks\n"
           "Commands (agents A to B - 1; default: all):\n"
           "  connect [A B]       connect and get all rows, all at once\n"
           "  resync [A B]        lose connections, connect again, catch up\n"
           "  disconnect [A B]    lose connections and forget\n"
           "  stall [A B], unstall [A B]\n"
           "                      stop reading, read again\n"
           "  toggle COUNT [A B]  change ports in the database, in turn\n"
           "  move COUNT [A B]    drop a port and take another, in turn\n"
           "  settle              wait until all that was sent has come;\n"
           "                      what others were told since the last\n"
           "                      toggle or move began\n"
           "  verify [SECS]       compare each replica with the database; as\n"
           "                      long as some are wrong, again, for SECS\n"
           "  timeout SECS, stats, quit\n",
           program_name, program_name);
}

int
main(int argc, char *argv[])
{
    struct swarm swarm = {
        .world = { .n_agents = 1000, .n_ports = 100, .n_networks = 10 },
        .remotes = SVEC_EMPTY_INITIALIZER,
        .server_db = true,
        .timeout = 600 * 1000000000LL,
    };
    struct ds input = DS_EMPTY_INITIALIZER;
    struct nb nb;

    ovs_set_program_name(argv[0], "1.0");
    random_set_seed(1);
    parse_options(argc, argv, &swarm);
    if (optind < argc) {
        world_write(&swarm.world, argv[optind + 1]);
        return 0;
    }

    conn_allow(swarm.world.n_agents);
    swarm_init(&swarm);
    nb_init(&nb, swarm.nb);
    do {
        char buffer[4096];
        ssize_t n;

        while (!conn_run_all(STDIN_FILENO, -1)) {
            continue;
        }
        n = read(STDIN_FILENO, buffer, sizeof buffer);
        if (n <= 0) {
            break;
        }
        ds_put_buffer(&input, buffer, n);
    } while (run_lines(&swarm, &nb, &input));
    ds_destroy(&input);
    nb_close(&nb);
    swarm_destroy(&swarm);
    return 0;
}

/* Commands. */

/* Takes A and B from words 'i' and following, if they are there. */
static bool
parse_range(const struct swarm *swarm, const struct svec *words, size_t i,
            struct range *range)
{
    *range = (struct range) { 0, swarm->world.n_agents };
    return (words->n == i
            || (words->n == i + 2 && str_to_uint(words->names[i], 10,
                                                 &range->a)
                && str_to_uint(words->names[i + 1], 10, &range->b)
                && range->a <= range->b
                && range->b <= swarm->world.n_agents));
}

static bool
run_on_range(struct swarm *swarm, const char *name, struct range range,
             struct ds *s)
{
    if (!strcmp(name, "connect") || !strcmp(name, "resync")) {
        command_connect(swarm, range, name[0] == 'r', s);
    } else if (!strcmp(name, "disconnect")) {
        command_disconnect(swarm, range, s);
    } else if (!strcmp(name, "stall") || !strcmp(name, "unstall")) {
        command_stall(swarm, range, name[0] == 's', s);
    } else {
        return false;
    }
    return true;
}

/* Runs a command that has a number for its first argument. */
static bool
run_with_number(struct swarm *swarm, struct nb *nb, const char *name,
                unsigned int number, struct range range, struct ds *s)
{
    if (!strcmp(name, "toggle")) {
        command_toggle(swarm, nb, number, range, s);
    } else if (!strcmp(name, "move")) {
        command_move(swarm, number, range, s);
    } else if (!strcmp(name, "verify")) {
        command_verify(swarm, number, s);
    } else if (!strcmp(name, "timeout")) {
        swarm->timeout = number * 1000000000LL;
    } else {
        return false;
    }
    return true;
}

/* Runs the command of 'words' and appends its result.  Returns false if there
 * is no such command. */
static bool
run_command(struct swarm *swarm, struct nb *nb, const struct svec *words,
            struct ds *s)
{
    const char *name = words->names[0];
    struct range range;
    unsigned int n;

    if (words->n == 1 && !strcmp(name, "settle")) {
        command_settle(swarm, s);
    } else if (words->n == 1 && !strcmp(name, "verify")) {
        command_verify(swarm, 0, s);
    } else if (words->n == 1 && !strcmp(name, "stats")) {
        command_stats(swarm, s);
    } else {
        return ((parse_range(swarm, words, 1, &range)
                 && run_on_range(swarm, name, range, s))
                || (words->n > 1 && str_to_uint(words->names[1], 10, &n)
                    && parse_range(swarm, words, 2, &range)
                    && run_with_number(swarm, nb, name, n, range, s)));
    }
    return true;
}

/* Runs what 'line' says.  Returns false if that is to end. */
static bool
run_line(struct swarm *swarm, struct nb *nb, const char *line)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;
    bool more = true;

    svec_parse_words(&words, line);
    if (words.n && !strcmp(words.names[0], "quit")) {
        more = false;
    } else if (words.n) {
        ds_put_cstr(&s, "{\"command\": ");
        json_string_escape(line, &s);
        if (!run_command(swarm, nb, &words, &s)) {
            ds_put_cstr(&s, ", \"refused\": \"no such command\"");
        }
        faults_put(&swarm->faults, &s);
        ds_put_char(&s, '}');
        puts(ds_cstr(&s));
        fflush(stdout);
    }
    svec_destroy(&words);
    ds_destroy(&s);
    return more;
}

/* Runs all whole lines of 'input' and removes them. */
static bool
run_lines(struct swarm *swarm, struct nb *nb, struct ds *input)
{
    char *start = ds_cstr(input);
    char *end;

    while ((end = strchr(start, '\n'))) {
        *end = '\0';
        if (!run_line(swarm, nb, start)) {
            return false;
        }
        start = end + 1;
    }
    memmove(input->string, start, strlen(start) + 1);
    input->length = strlen(input->string);
    return true;
}

/* Options. */

static unsigned int
parse_number(const char *s)
{
    unsigned int number;

    if (!str_to_uint(s, 10, &number) || !number) {
        ovs_fatal(0, "%s: not a positive number", s);
    }
    return number;
}

static void
check_options(int argc, char *argv[], struct swarm *swarm)
{
    if (optind < argc) {
        if (argc - optind != 2 || strcmp(argv[optind], "write")) {
            ovs_fatal(0, "unknown arguments (--help for help)");
        }
    } else if (!swarm->remotes.n) {
        ovs_fatal(0, "--remote is needed (--help for help)");
    } else if (!swarm->nb) {
        swarm->nb = swarm->remotes.names[0];
    }
}

static void
parse_options(int argc, char *argv[], struct swarm *swarm)
{
    enum { OPT_AGENTS = 256, OPT_PORTS, OPT_NETWORKS, OPT_REMOTE, OPT_NB,
           OPT_SEED, OPT_TIMEOUT, OPT_NO_SERVER_DB, OPT_GET_SCHEMA,
           OPT_LOCK };
    static const struct option options[] = {
        { "agents", required_argument, NULL, OPT_AGENTS },
        { "ports", required_argument, NULL, OPT_PORTS },
        { "networks", required_argument, NULL, OPT_NETWORKS },
        { "remote", required_argument, NULL, OPT_REMOTE },
        { "nb", required_argument, NULL, OPT_NB },
        { "seed", required_argument, NULL, OPT_SEED },
        { "timeout", required_argument, NULL, OPT_TIMEOUT },
        { "no-server-db", no_argument, NULL, OPT_NO_SERVER_DB },
        { "get-schema", no_argument, NULL, OPT_GET_SCHEMA },
        { "lock", no_argument, NULL, OPT_LOCK },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (c) {
        case OPT_AGENTS:
            swarm->world.n_agents = parse_number(optarg);
            break;
        case OPT_PORTS:
            swarm->world.n_ports = parse_number(optarg);
            break;
        case OPT_NETWORKS:
            swarm->world.n_networks = parse_number(optarg);
            break;
        case OPT_REMOTE: svec_add(&swarm->remotes, optarg); break;
        case OPT_NB: swarm->nb = optarg; break;
        case OPT_SEED: random_set_seed(parse_number(optarg)); break;
        case OPT_TIMEOUT:
            swarm->timeout = parse_number(optarg) * 1000000000LL;
            break;
        case OPT_NO_SERVER_DB: swarm->server_db = false; break;
        case OPT_GET_SCHEMA: swarm->get_schema = true; break;
        case OPT_LOCK: swarm->lock = true; break;
        case 'h': usage(); exit(0);
        default: exit(EXIT_FAILURE);
        }
    }
    check_options(argc, argv, swarm);
}
