/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What the door tells people: who is there, who would be told, how long it
 * takes. */

#include <config.h>

#include "door/private.h"

#include <inttypes.h>
#include <stdlib.h>

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

/* "-" for who has come without a certificate. */
static const char *
identity(const struct session *session)
{
    return session->access.identity ? session->access.identity : "-";
}

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

/* One line for each table that a session has asked for. */
static void
format_views(const struct session *session, struct ds *out)
{
    const struct monitor *monitor;

    HMAP_FOR_EACH (monitor, node, &session->monitors) {
        for (size_t i = 0; i < monitor->n_views; i++) {
            const struct mon_view *view = &monitor->views[i];

            ds_put_format(out, "    %s (%"PRIuSIZE" rows): ",
                          view->table->table->schema->name, view->n_rows);
            mon_condition_format(&view->condition, NULL, out);
            ds_put_char(out, '\n');
        }
    }
}

static void
format_session(const struct session *session, struct ds *out)
{
    size_t n_rows, n_due;
    long long int now = time_wall_msec();

    count(session, &n_rows, &n_due);
    ds_put_format(out, "%s identity=%s rows=%"PRIuSIZE" due=%"PRIuSIZE
                  " bytes=%"PRIu64" backlog=%"PRIuSIZE" connected=%llds",
                  rpc_conn_peer(session->conn), identity(session), n_rows,
                  n_due, rpc_conn_bytes_sent(session->conn),
                  rpc_conn_backlog(session->conn),
                  (now - session->connected_msec) / 1000);
    if (session->told_msec) {
        ds_put_format(out, " notified=%"PRIu64" last=%lldms",
                      session->n_told, now - session->told_msec);
    }
    if (locks_count(&session->locks)) {
        ds_put_cstr(out, " locks=");
        lock_client_format(&session->locks, out);
    }
    ds_put_char(out, '\n');
    format_views(session, out);
}

void
door_sessions(const struct door *door, struct ds *out)
{
    const struct session *session;

    LIST_FOR_EACH (session, node, &door->sessions) {
        format_session(session, out);
    }
}

void
door_status(const struct door *door, struct ds *out)
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
    ds_put_cstr(out, "OVSDB:\n");
    rpc_server_format(door->rpc, out);
    ds_put_format(out, "  role: %s\n", door->role ? door->role : "none");
    ds_put_format(out, "  sessions: %"PRIuSIZE", waiting for their turn: "
                  "%"PRIuSIZE", behind: %"PRIuSIZE" (%"PRIuSIZE" rows due)\n",
                  door->n_sessions, door->n_ready, n_behind, n_due);
    ds_put_format(out, "  accepted: %"PRIu64", refused: %"PRIu64
                  ", bytes in: %"PRIu64", bytes out: %"PRIu64"\n",
                  stats.n_accepted, stats.n_refused, stats.n_bytes_in,
                  stats.n_bytes_out);
    ds_put_format(out, "  requests: %"PRIu64", notifications: %"PRIu64"\n",
                  door->n_requests, door->n_notified);
    if (door->nb) {
        ds_put_format(out, "  history: %"PRIuSIZE" of %"PRIuSIZE
                      " changes, state "UUID_FMT"\n",
                      mon_db_n_history(door->nb), door->history,
                      UUID_ARGS(&door->nb->state_id));
    }
    locks_format(door->locks, out);
}

void
door_latency(const struct door *door, struct ds *out)
{
    latency_format_heading(out);
    latency_format(&door->latency, "commit seen to socket", out);
    latency_format(&door->behind, "the same, client behind", out);
}

static void
format_why(const struct session *session, const struct monitor *monitor,
           const struct ovsdb_row *row, struct ds *out)
{
    const struct mon_view *view = monitor_view_of(monitor, row);

    if (view) {
        ds_put_format(out, "%s identity=%s: monitor %s asks for ",
                      rpc_conn_peer(session->conn), identity(session),
                      monitor->id);
        mon_condition_format(&view->condition, row, out);
        ds_put_char(out, '\n');
    }
}

static void
format_who(const struct door *door, const struct ovsdb_row *row,
           struct ds *out)
{
    const struct session *session;
    const struct monitor *monitor;

    LIST_FOR_EACH (session, node, &door->sessions) {
        HMAP_FOR_EACH (monitor, node, &session->monitors) {
            format_why(session, monitor, row, out);
        }
    }
}

char *
door_who(const struct door *door, const char *table_name, const char *id,
         struct ds *out)
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
    format_who(door, row, out);
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
