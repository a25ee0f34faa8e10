/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What the door tells people: who is there, who would be told, how long it
 * takes. */

#include <config.h>

#include "door/private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "monitor/condition.h"
#include "monitor/db.h"
#include "monitor/monitor.h"
#include "monitor/table.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"
#include "simap.h"
#include "timeval.h"
#include "util.h"

static void
count(const struct session *session, size_t *n_rows, size_t *n_due)
{
    const struct monitor *monitor;

    *n_rows = *n_due = 0;
    HMAP_FOR_EACH (monitor, node, &session->monitors) {
        *n_rows += monitor_n_rows(monitor);
        *n_due += monitor_n_due(monitor);
    }
}

/* What a session asks for: its tables, one after the other. */
static char *
views(const struct session *session)
{
    struct ds out = DS_EMPTY_INITIALIZER;
    const struct monitor *monitor;

    HMAP_FOR_EACH (monitor, node, &session->monitors) {
        for (size_t i = 0; i < monitor->n_views; i++) {
            const struct mon_view *view = &monitor->views[i];

            ds_put_format(&out, "%s%s (%"PRIuSIZE" rows): ",
                          out.length ? "; " : "",
                          view->table->table->schema->name, view->n_rows);
            mon_condition_format(&view->condition, NULL, &out);
        }
    }
    return ds_steal_cstr(&out);
}

static void
answer_session(const struct session *session, struct answer *answer)
{
    struct ds locks = DS_EMPTY_INITIALIZER;
    long long int now = time_wall_msec();
    char *asks_for = views(session);
    size_t n_rows, n_due;

    count(session, &n_rows, &n_due);
    lock_client_format(&session->locks, &locks);
    answer_row(answer);
    answer_text(answer, rpc_conn_peer(session->conn));
    answer_text(answer, session->access.identity);
    answer_count(answer, n_rows);
    answer_count(answer, n_due);
    answer_count(answer, rpc_conn_bytes_sent(session->conn));
    answer_count(answer, rpc_conn_backlog(session->conn));
    answer_printf(answer, "%lld", (now - session->connected_msec) / 1000);
    answer_count(answer, session->n_told);
    if (session->n_told) {
        answer_printf(answer, "%lld", now - session->told_msec);
    } else {
        answer_text(answer, "");
    }
    answer_text(answer, ds_cstr(&locks));
    answer_text(answer, asks_for);
    ds_destroy(&locks);
    free(asks_for);
}

void
door_sessions(const struct door *door, struct answer *answer)
{
    static const char *const columns[] = {
        "peer", "identity", "rows", "due", "bytes", "backlog", "connected_s",
        "notified", "last_ms", "locks", "asks_for",
    };
    const struct session *session;

    answer_columns(answer, columns, ARRAY_SIZE(columns));
    LIST_FOR_EACH (session, node, &door->sessions) {
        answer_session(session, answer);
    }
}

/* Appends 'lines', which is destroyed, below a heading. */
static void
format_below(struct ds *lines, struct ds *out)
{
    char *save;

    for (char *line = strtok_r(ds_cstr(lines), "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        ds_put_format(out, "  %s\n", line);
    }
    ds_destroy(lines);
}

static void
format_traffic(const struct door *door, struct ds *out)
{
    size_t n_behind = 0, n_due = 0, rows, due;
    const struct session *session;
    struct rpc_stats stats;

    LIST_FOR_EACH (session, node, &door->sessions) {
        count(session, &rows, &due);
        n_due += due;
        n_behind += due > 0;
    }
    rpc_server_get_stats(door->rpc, &stats);
    ds_put_format(out, "sessions: %"PRIuSIZE", waiting for their turn: "
                  "%"PRIuSIZE", behind: %"PRIuSIZE" (%"PRIuSIZE" rows due)\n",
                  door->n_sessions, door->n_ready, n_behind, n_due);
    ds_put_format(out, "accepted: %"PRIu64", refused: %"PRIu64
                  ", bytes in: %"PRIu64", bytes out: %"PRIu64"\n",
                  stats.n_accepted, stats.n_refused, stats.n_bytes_in,
                  stats.n_bytes_out);
    ds_put_format(out, "requests: %"PRIu64", notifications: %"PRIu64"\n",
                  door->n_requests, door->n_notified);
}

void
door_status(const struct door *door, struct ds *out)
{
    struct ds lines = DS_EMPTY_INITIALIZER;

    rpc_server_format(door->rpc, &lines);
    ds_put_format(&lines, "role: %s\n", door->role ? door->role : "none");
    format_traffic(door, &lines);
    if (door->nb) {
        ds_put_format(&lines, "history: %"PRIuSIZE" of %"PRIuSIZE
                      " changes, state "UUID_FMT"\n",
                      mon_db_n_history(door->nb), door->history,
                      UUID_ARGS(&door->nb->state_id));
    }
    locks_format(door->locks, &lines);
    ds_put_cstr(out, "OVSDB:\n");
    format_below(&lines, out);
}

static void
answer_latency(const struct latency *latency, const char *stage,
               struct answer *answer)
{
    answer_row(answer);
    answer_text(answer, stage);
    answer_count(answer, latency->count);
    answer_count(answer,
                 latency->count ? latency->sum / latency->count : 0);
    answer_count(answer, latency_percentile(latency, 50));
    answer_count(answer, latency_percentile(latency, 90));
    answer_count(answer, latency_percentile(latency, 99));
    answer_count(answer, latency->max);
}

void
door_latency(const struct door *door, struct answer *answer)
{
    static const char *const columns[] = {
        "stage", "count", "mean_us", "p50_us", "p90_us", "p99_us", "max_us",
    };

    answer_columns(answer, columns, ARRAY_SIZE(columns));
    answer_latency(&door->latency, "commit seen to socket", answer);
    answer_latency(&door->behind, "the same, client behind", answer);
}

static void
answer_why(const struct session *session, const struct monitor *monitor,
           const struct ovsdb_row *row, struct answer *answer)
{
    const struct mon_view *view = monitor_view_of(monitor, row);

    if (view) {
        struct ds why = DS_EMPTY_INITIALIZER;

        mon_condition_format(&view->condition, row, &why);
        answer_row(answer);
        answer_text(answer, rpc_conn_peer(session->conn));
        answer_text(answer, session->access.identity);
        answer_text(answer, monitor->id);
        answer_text(answer, ds_cstr(&why));
        ds_destroy(&why);
    }
}

static void
answer_who(const struct door *door, const struct ovsdb_row *row,
           struct answer *answer)
{
    static const char *const columns[] = {
        "peer", "identity", "monitor", "why",
    };
    const struct session *session;
    const struct monitor *monitor;

    answer_columns(answer, columns, ARRAY_SIZE(columns));
    LIST_FOR_EACH (session, node, &door->sessions) {
        HMAP_FOR_EACH (monitor, node, &session->monitors) {
            answer_why(session, monitor, row, answer);
        }
    }
}

char *
door_who(const struct door *door, const char *table_name, const char *id,
         struct answer *answer)
{
    const struct ovsdb_table *table;
    const struct ovsdb_row *row;
    struct uuid uuid;

    if (!door->nb) {
        return xstrdup("the northbound database is not known yet");
    }
    table = ovsdb_get_table(door->nb->ovsdb, table_name);
    if (!table) {
        return xasprintf("%s: no such table", table_name);
    }
    if (!uuid_from_string(&uuid, id)) {
        return xasprintf("%s: not a UUID", id);
    }
    row = ovsdb_table_get_row(table, &uuid);
    if (!row) {
        return xasprintf("%s: no such row in table %s", id, table_name);
    }
    answer_who(door, row, answer);
    return NULL;
}

void
door_memory_usage(const struct door *door, struct simap *usage)
{
    struct rpc_stats stats;

    rpc_server_get_stats(door->rpc, &stats);
    simap_increase(usage, "sessions", door->n_sessions);
    simap_increase(usage, "session-input", stats.input);
    simap_increase(usage, "session-output", stats.output);
    if (door->nb) {
        simap_increase(usage, "history", mon_db_n_history(door->nb));
    }
}
