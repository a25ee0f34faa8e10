/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Requests for monitors: which of a client's monitors are meant; monitor/
 * does the rest. */

#include <config.h>

#include "door/private.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "jsonrpc.h"
#include "monitor/db.h"
#include "monitor/monitor.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "util.h"

/* Ids are compared as text. */
static char *
id_text(const struct json *id)
{
    return json_to_string(id, JSSF_SORT);
}

static struct monitor *
find(const struct session *session, const char *id)
{
    struct monitor *monitor;

    HMAP_FOR_EACH_WITH_HASH (monitor, node, hash_string(id, 0),
                             &session->monitors) {
        if (!strcmp(monitor->id, id)) {
            return monitor;
        }
    }
    return NULL;
}

void
monitors_end(struct session *session, struct monitor *monitor)
{
    hmap_remove(&session->monitors, &monitor->node);
    session->monitor_bytes -= monitor->bytes;
    session->door->monitor_bytes -= monitor->bytes;
    monitor_destroy(monitor);
}

/* Whether the request that is served, for a monitor for which there was one of
 * 'old' bytes, would be too much. */
static struct ovsdb_error *
check_limits(const struct session *session, size_t old)
{
    if (session->monitor_bytes - old + session->serving
        > SESSION_MAX_MONITOR_BYTES) {
        return ovsdb_error("resources exhausted",
                           "requests for monitors of a session can have %d "
                           "bytes together", SESSION_MAX_MONITOR_BYTES);
    } else if (session->door->monitor_bytes - old + session->serving
               > DOOR_MAX_MONITOR_BYTES) {
        return ovsdb_error("resources exhausted",
                           "requests for monitors of all sessions can have "
                           "%d bytes together", DOOR_MAX_MONITOR_BYTES);
    } else if (!old && hmap_count(&session->monitors)
               >= SESSION_MAX_MONITORS) {
        return ovsdb_error("resources exhausted",
                           "a session can have %d monitors",
                           SESSION_MAX_MONITORS);
    }
    return NULL;
}

/* The request that is served is the monitor's larger one. */
static void
account(struct session *session, struct monitor *monitor)
{
    size_t more = (session->serving > monitor->bytes
                   ? session->serving - monitor->bytes : 0);

    monitor->bytes += more;
    session->monitor_bytes += more;
    session->door->monitor_bytes += more;
}

static enum mon_protocol
protocol_of(const struct jsonrpc_msg *request)
{
    return (!strcmp(request->method, "monitor") ? MON_V1
            : !strcmp(request->method, "monitor_cond") ? MON_V2
            : MON_V3);
}

/* The last parameter of monitor_cond_since. */
static struct ovsdb_error *
parse_last(const struct json *json, struct uuid *last)
{
    if (json->type != JSON_STRING) {
        return ovsdb_syntax_error(json, NULL, "last-txn-id must be string");
    } else if (!uuid_from_string(last, json_string(json))) {
        return ovsdb_syntax_error(json, NULL,
                                  "last-txn-id must be UUID format.");
    }
    return NULL;
}

static struct ovsdb_error *
create(struct session *session, struct mon_db *db,
       const struct jsonrpc_msg *request, enum mon_protocol protocol,
       const char *id)
{
    const struct json_array *params = json_array(request->params);
    struct ds result = DS_EMPTY_INITIALIZER;
    struct uuid last = UUID_ZERO;
    struct ovsdb_error *error;
    struct monitor *monitor;

    if (find(session, id)) {
        return ovsdb_syntax_error(params->elems[1], NULL,
                                  "duplicate monitor ID");
    }
    error = check_limits(session, 0);
    if (!error && protocol == MON_V3) {
        error = parse_last(params->elems[3], &last);
    }
    if (!error) {
        error = monitor_create(db, protocol, id, params->elems[2], session,
                               &monitor);
    }
    if (error) {
        return error;
    }
    monitor_begin(monitor, &last, &result);
    session_reply(session, request->id, ds_cstr(&result));
    ds_destroy(&result);
    hmap_insert(&session->monitors, &monitor->node, hash_string(id, 0));
    account(session, monitor);
    return NULL;
}

struct json *
monitors_begin(struct session *session, const struct jsonrpc_msg *request)
{
    const struct json_array *params = json_array(request->params);
    enum mon_protocol protocol = protocol_of(request);
    struct ovsdb_error *error;
    struct mon_db *db;
    struct json *json = method_find_db(session, request, &db);

    if (json) {
        return json;
    }
    if (protocol == MON_V1 ? params->n < 3
        : params->n != (protocol == MON_V2 ? 3 : 4)) {
        error = ovsdb_syntax_error(request->params, NULL,
                                   "invalid parameters");
    } else {
        char *id = id_text(params->elems[1]);

        error = create(session, db, request, protocol, id);
        free(id);
    }
    return error ? ovsdb_error_to_json_free(error) : NULL;
}

static struct ovsdb_error *
change(struct session *session, const struct jsonrpc_msg *request,
       const char *old_id, const char *new_id)
{
    const struct json_array *params = json_array(request->params);
    struct monitor *monitor = find(session, old_id);
    struct ds notification = DS_EMPTY_INITIALIZER;
    struct ovsdb_error *error;

    if (!monitor) {
        return ovsdb_syntax_error(params->elems[0], NULL,
                                  "unknown monitor session");
    } else if (strcmp(old_id, new_id) && find(session, new_id)) {
        return ovsdb_syntax_error(params->elems[1], NULL,
                                  "duplicate monitor ID");
    }
    error = check_limits(session, monitor->bytes);
    if (error) {
        return error;
    }
    /* What is due is so by the condition that is about to go. */
    session_tell_due(session);
    if (monitor_n_due(monitor)) {
        monitor_tell_due(monitor, &notification);
    }
    error = monitor_change(monitor, new_id, params->elems[2], &notification);
    if (notification.length) {
        rpc_conn_send(session->conn, notification.string,
                      notification.length);
    }
    ds_destroy(&notification);
    if (error) {
        return error;
    }
    account(session, monitor);
    hmap_remove(&session->monitors, &monitor->node);
    hmap_insert(&session->monitors, &monitor->node, hash_string(new_id, 0));
    session_reply(session, request->id, "{}");
    return NULL;
}

struct json *
monitors_change(struct session *session, const struct jsonrpc_msg *request)
{
    const struct json_array *params = json_array(request->params);
    struct ovsdb_error *error;
    char *old_id, *new_id;

    if (params->n != 3) {
        return ovsdb_error_to_json_free(ovsdb_syntax_error(
            request->params, NULL, "invalid parameters"));
    }
    old_id = id_text(params->elems[0]);
    new_id = id_text(params->elems[1]);
    error = change(session, request, old_id, new_id);
    free(old_id);
    free(new_id);
    return error ? ovsdb_error_to_json_free(error) : NULL;
}

struct json *
monitors_cancel(struct session *session, const struct jsonrpc_msg *request)
{
    const struct json_array *params = json_array(request->params);
    struct monitor *monitor;
    char *id;

    if (params->n != 1) {
        return json_string_create("invalid parameters");
    }
    id = id_text(params->elems[0]);
    monitor = find(session, id);
    free(id);
    if (!monitor) {
        return json_string_create("unknown monitor");
    }
    monitors_end(session, monitor);
    session_reply(session, request->id, "{}");
    return NULL;
}

/* Tells a client that knows of such things that its monitor is over; returns
 * whether it does. */
static bool
end_nb_of(struct session *session)
{
    struct mon_db *nb = session->door->nb;
    struct monitor *monitor;
    bool any = false;

    HMAP_FOR_EACH_SAFE (monitor, node, &session->monitors) {
        if (monitor->db == nb) {
            char *id = xstrdup(monitor->id);

            any = true;
            monitors_end(session, monitor);
            if (session->change_aware) {
                session_notify(session, "monitor_canceled", id);
            }
            free(id);
        }
    }
    return !any || session->change_aware;
}

void
monitors_end_nb(struct door *door)
{
    struct session *session;

    LIST_FOR_EACH_SAFE (session, node, &door->sessions) {
        if (!end_nb_of(session)) {
            session_close(session, "the database has a new schema");
        }
    }
}
