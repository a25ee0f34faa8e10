/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Flips an admin state in a northbound database and measures how long it
 * takes until the flows of a bridge change.
 *
 * Prints one line per flip: microseconds from the moment the transaction was
 * sent to the database's reply, to the first flow that changed and to the
 * last, and how many changes of flows there were.  The clock starts when the
 * transaction is *sent*: the commit is somewhere between that and the reply,
 * and subscribers may well be told before the reply is.
 *
 * The rows are flipped down and up again, one after the other.  The next flip
 * waits until flows have been quiet for --settle, plus a random part of it, so
 * that no flip pays for its predecessor and nothing periodic falls into step.
 *
 * Owns one OVSDB session and one observer.  Any error, and a flip that changes
 * no flow, ends the program with a message. */

#include <config.h>

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "command-line.h"
#include "jsonrpc.h"
#include "observer.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "random.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

#define CONNECT_TIMEOUT_MSEC 5000

/* A flip that has no effect in this time never will. */
#define FLIP_TIMEOUT_MSEC 30000

/* Flips at the start that are not counted: caches and memory pools fill. */
#define N_WARMUP 2

struct toggler {
    struct jsonrpc *nb;
    struct observer *observer;
    const char *database;
    const char *table;
    const char *column;
    const char *revision;       /* Column to raise with each flip, or NULL. */
    long long int settle_msec;
    char **rows;                /* UUID or UUID/COOKIE. */
    int n_rows;
};

struct sample {
    long long int sent;         /* All in nanoseconds, 0: not yet. */
    long long int replied;
    long long int first;
    long long int last;
    int n_changes;
};

static void parse_options(int argc, char *argv[], struct toggler *,
                          const char **nb, const char **bridge, int *n);
static void toggler_flip(struct toggler *, int i, struct sample *);

static double
usec(long long int nsec)
{
    return nsec / 1000.0;
}

int
main(int argc, char *argv[])
{
    struct toggler toggler = { .settle_msec = 20 };
    const char *nb, *bridge;
    struct stream *stream;
    int n, error;

    ovs_set_program_name(argv[0], "1.0");
    parse_options(argc, argv, &toggler, &nb, &bridge, &n);

    error = stream_open_block(jsonrpc_stream_open(nb, &stream, 0),
                              CONNECT_TIMEOUT_MSEC, &stream);
    if (error) {
        ovs_fatal(error, "%s: cannot connect", nb);
    }
    toggler.nb = jsonrpc_open(stream);
    toggler.observer = observer_open(bridge);

    for (int i = 0; i < n + N_WARMUP; i++) {
        struct sample s;

        toggler_flip(&toggler, i, &s);
        if (i >= N_WARMUP) {
            printf("%.1f %.1f %.1f %d\n", usec(s.replied - s.sent),
                   usec(s.first - s.sent), usec(s.last - s.sent),
                   s.n_changes);
        }
    }
    observer_close(toggler.observer);
    jsonrpc_close(toggler.nb);
    return 0;
}

/* Sends the transaction that sets 'row' up or down. */
static void
toggler_send(struct toggler *t, const char *uuid, bool up, struct sample *s)
{
    char *where = xasprintf("\"where\": [[\"_uuid\", \"==\", "
                            "[\"uuid\", \"%s\"]]]", uuid);
    char *mutate = (t->revision
                    ? xasprintf(", {\"op\": \"mutate\", \"table\": \"%s\", "
                                "%s, \"mutations\": [[\"%s\", \"+=\", 1]]}",
                                t->table, where, t->revision)
                    : xstrdup(""));
    char *params = xasprintf("[\"%s\", {\"op\": \"update\", \"table\": "
                             "\"%s\", %s, \"row\": {\"%s\": %s}}%s]",
                             t->database, t->table, where, t->column,
                             up ? "true" : "false", mutate);
    struct jsonrpc_msg *msg = jsonrpc_create_request(
        "transact", json_from_string(params), NULL);
    int error;

    s->sent = bench_now();
    error = jsonrpc_send(t->nb, msg);
    if (error) {
        ovs_fatal(error, "%s: cannot send", jsonrpc_get_name(t->nb));
    }
    free(where);
    free(mutate);
    free(params);
}

/* Dies unless 'results' is what a transaction that changed one row per
 * operation returns. */
static void
check_results(const struct json *results)
{
    for (size_t i = 0; i < json_array(results)->n; i++) {
        const struct json *result = json_array(results)->elems[i];
        const struct json *count = NULL;

        if (result->type == JSON_OBJECT) {
            count = shash_find_data(json_object(result), "count");
        }
        if (!count || json_integer(count) != 1) {
            ovs_fatal(0, "transaction failed: %s", json_to_string(result, 0));
        }
    }
}

static void
toggler_run_nb(struct toggler *t, struct sample *s)
{
    struct jsonrpc_msg *msg;
    int error;

    jsonrpc_run(t->nb);
    while (!(error = jsonrpc_recv(t->nb, &msg))) {
        if (msg->type == JSONRPC_REPLY) {
            s->replied = bench_now();
            check_results(msg->result);
        } else if (msg->type == JSONRPC_REQUEST) {
            jsonrpc_send(t->nb, jsonrpc_create_reply(
                             json_clone(msg->params), msg->id));
        } else {
            ovs_fatal(0, "transaction refused: %s",
                      jsonrpc_msg_to_string(msg));
        }
        jsonrpc_msg_destroy(msg);
    }
    if (error != EAGAIN) {
        ovs_fatal(error, "%s: connection lost", jsonrpc_get_name(t->nb));
    }
    jsonrpc_wait(t->nb);
    jsonrpc_recv_wait(t->nb);
}

static void
toggler_run_observer(struct toggler *t, struct sample *s)
{
    struct observation seen;

    while (observer_run(t->observer, &seen)) {
        s->first = s->first ? s->first : seen.when;
        s->last = seen.when;
        s->n_changes += seen.n_changes;
    }
    observer_wait(t->observer);
}

/* Does the 'i'th flip and fills in '*s'. */
static void
toggler_flip(struct toggler *t, int i, struct sample *s)
{
    char *row = xstrdup(t->rows[i / 2 % t->n_rows]);
    char *cookie = strchr(row, '/');
    long long int settle = t->settle_msec + random_range(t->settle_msec);
    long long int deadline = time_msec() + FLIP_TIMEOUT_MSEC;

    if (cookie) {
        *cookie++ = '\0';
        observer_set_cookie(t->observer, strtoull(cookie, NULL, 16));
    }

    memset(s, 0, sizeof *s);
    for (toggler_send(t, row, i % 2, s); ; poll_block()) {
        long long int quiet_msec;

        toggler_run_observer(t, s);
        toggler_run_nb(t, s);

        quiet_msec = (bench_now() - s->last) / 1000000;
        if (s->replied && s->first) {
            if (quiet_msec >= settle) {
                break;
            }
            poll_timer_wait(settle - quiet_msec);
        } else if (time_msec() > deadline) {
            ovs_fatal(0, "%s %s: no flow changed in %d ms",
                      t->table, row, FLIP_TIMEOUT_MSEC);
        } else {
            poll_timer_wait_until(deadline + 1);
        }
    }
    free(row);
}

static void
usage(void)
{
    printf("usage: %s [OPTIONS] NB BRIDGE ROW[/COOKIE]...\n"
           "Flips the admin state of ROWs (UUIDs) and measures when flows\n"
           "(those with COOKIE, in hex; default: any) change in BRIDGE.\n"
           "  -n, --toggles=N       how many flips to measure\n"
           "  --database=DB --table=TABLE --column=COLUMN\n"
           "                        what to flip, by default\n"
           "                        Sluice_Northbound Port admin_state_up\n"
           "  --revision=COLUMN     column to raise by 1 with each flip\n"
           "  --settle=MSEC         how long flows must be quiet after one\n",
           program_name);
}

static void
parse_options(int argc, char *argv[], struct toggler *t,
              const char **nb, const char **bridge, int *n)
{
    enum { OPT_DATABASE = 256, OPT_TABLE, OPT_COLUMN, OPT_REVISION,
           OPT_SETTLE };
    static const struct option options[] = {
        { "toggles", required_argument, NULL, 'n' },
        { "database", required_argument, NULL, OPT_DATABASE },
        { "table", required_argument, NULL, OPT_TABLE },
        { "column", required_argument, NULL, OPT_COLUMN },
        { "revision", required_argument, NULL, OPT_REVISION },
        { "settle", required_argument, NULL, OPT_SETTLE },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int c;

    *n = 20;
    t->database = "Sluice_Northbound";
    t->table = "Port";
    t->column = "admin_state_up";
    while ((c = getopt_long(argc, argv, "n:h", options, NULL)) != -1) {
        switch (c) {
        case 'n': *n = atoi(optarg); break;
        case OPT_DATABASE: t->database = optarg; break;
        case OPT_TABLE: t->table = optarg; break;
        case OPT_COLUMN: t->column = optarg; break;
        case OPT_REVISION: t->revision = optarg; break;
        case OPT_SETTLE: t->settle_msec = atoi(optarg); break;
        case 'h': usage(); exit(0);
        default: exit(EXIT_FAILURE);
        }
    }
    if (argc - optind < 3) {
        ovs_fatal(0, "NB, BRIDGE and a ROW are needed (--help for help)");
    }
    *nb = argv[optind];
    *bridge = argv[optind + 1];
    t->rows = argv + optind + 2;
    t->n_rows = argc - optind - 2;
}
