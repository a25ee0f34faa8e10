/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What a client can ask for.  Errors are those of ovsdb-server, in its
 * words. */

#include <config.h>

#include "door/private.h"

#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "monitor/db.h"
#include "nb/columns.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "ovsdb/ovsdb.h"
#include "util.h"

static struct json *
syntax_error(const struct jsonrpc_msg *request, const char *details)
{
    return ovsdb_error_to_json_free(
        ovsdb_syntax_error(request->params, NULL, "%s: %s", request->method,
                           details));
}

static bool
is_name(const struct mon_db *db, const char *name)
{
    return db && !strcmp(db->ovsdb->schema->name, name);
}

struct json *
method_find_db(const struct session *session,
               const struct jsonrpc_msg *request, struct mon_db **dbp)
{
    struct door *door = session->door;
    const struct json_array *params = json_array(request->params);
    const char *name;

    *dbp = NULL;
    if (!params->n || params->elems[0]->type != JSON_STRING) {
        return ovsdb_error_to_json_free(ovsdb_syntax_error(
            request->params, NULL,
            "%s request params must begin with <db-name>", request->method));
    }
    name = json_string(params->elems[0]);
    if (is_name(door->server_db->monitors, name)) {
        *dbp = door->server_db->monitors;
    } else if (strcmp(name, NB_DATABASE)) {
        return ovsdb_error_to_json_free(ovsdb_syntax_error(
            request->params, "unknown database",
            "%s request specifies unknown database %s", request->method,
            name));
    } else if (!door->nb || !door->nb->loaded) {
        return ovsdb_error_to_json_free(ovsdb_error(
            "database not available",
            "%s request specifies database %s which is not yet available "
            "because this server has not connected to its own",
            request->method, name));
    } else {
        *dbp = door->nb;
    }
    return NULL;
}

static struct json *
echo(struct session *session, const struct jsonrpc_msg *request)
{
    session_reply_json(session, request->id, json_clone(request->params));
    return NULL;
}

static struct json *
list_dbs(struct session *session, const struct jsonrpc_msg *request)
{
    session_reply(session, request->id, "[\"" NB_DATABASE "\",\"_Server\"]");
    return NULL;
}

static struct json *
get_schema(struct session *session, const struct jsonrpc_msg *request)
{
    struct mon_db *db;
    struct json *error = method_find_db(session, request, &db);

    if (error) {
        return error;
    }
    if (db == session->door->nb) {
        session_reply(session, request->id, session->door->nb_schema);
    } else {
        session_reply_json(session, request->id,
                           ovsdb_schema_to_json(db->ovsdb->schema));
    }
    return NULL;
}

static struct json *
get_server_id(struct session *session, const struct jsonrpc_msg *request)
{
    session_reply_json(session, request->id, json_string_create_nocopy(
        xasprintf(UUID_FMT, UUID_ARGS(&session->door->server_id))));
    return NULL;
}

static struct json *
set_db_change_aware(struct session *session,
                    const struct jsonrpc_msg *request)
{
    const struct json_array *params = json_array(request->params);

    if (params->n != 1 || (params->elems[0]->type != JSON_TRUE
                           && params->elems[0]->type != JSON_FALSE)) {
        return syntax_error(request, "true or false parameter expected");
    }
    session->change_aware = json_boolean(params->elems[0]);
    session_reply(session, request->id, "{}");
    return NULL;
}

/* Locks. */

static void
lock_answered(struct lock_client *client, const struct json *id, bool locked,
              enum lock_word word)
{
    struct session *session = CONTAINER_OF(client, struct session, locks);
    struct json *result = json_object_create();

    json_object_put(result, "locked", json_boolean_create(locked));
    if (word != LOCK_WORD_NONE) {
        json_object_put(result, "northbound",
                        json_boolean_create(word == LOCK_WORD_NORTHBOUND));
    }
    session_reply_json(session, id, result);
}

static void
lock_notify(struct lock_client *client, const char *method, const char *name)
{
    struct session *session = CONTAINER_OF(client, struct session, locks);
    char *param;

    if (rpc_conn_backlog(session->conn)
        && ++session->n_notices > SESSION_MAX_NOTICES) {
        session_set_ready(session); /* To be closed, which it cannot here. */
        return;
    }
    param = xasprintf("\"%s\"", name);
    session_notify(session, method, param);
    free(param);
}

const struct lock_callbacks session_lock_callbacks = {
    .answered = lock_answered,
    .notify = lock_notify,
};

static struct json *
lock(struct session *session, const struct jsonrpc_msg *request)
{
    struct ovsdb_error *error;

    if (locks_count(&session->locks) >= SESSION_MAX_LOCKS) {
        return syntax_error(request, "too many locks in this session");
    }
    error = locks_request(session->door->locks, &session->locks,
                          request->method, request->params, request->id);
    return error ? ovsdb_error_to_json_free(error) : NULL;
}

static struct json *
unlock(struct session *session, const struct jsonrpc_msg *request)
{
    struct ovsdb_error *error = locks_release(
        session->door->locks, &session->locks, request->params);

    if (error) {
        return ovsdb_error_to_json_free(error);
    }
    session_reply(session, request->id, "{}");
    return NULL;
}

/* Each replies, now or later, and returns NULL, or returns the error to reply
 * with. */
static const struct {
    const char *name;
    struct json *(*serve)(struct session *, const struct jsonrpc_msg *);
} methods[] = {
    { "echo", echo },
    { "get_schema", get_schema },
    { "get_server_id", get_server_id },
    { "list_dbs", list_dbs },
    { "lock", lock },
    { "monitor", monitors_begin },
    { "monitor_cancel", monitors_cancel },
    { "monitor_cond", monitors_begin },
    { "monitor_cond_change", monitors_change },
    { "monitor_cond_since", monitors_begin },
    { "set_db_change_aware", set_db_change_aware },
    { "steal", lock },
    { "transact", forward_begin },
    { "unlock", unlock },
};

void
method_request(struct session *session, struct jsonrpc_msg *request)
{
    struct json *error = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
        if (!strcmp(request->method, methods[i].name)) {
            error = methods[i].serve(session, request);
            if (error) {
                session_reply_error(session, request->id, error);
            }
            return;
        }
    }
    session_reply_error(session, request->id,
                        json_string_create("unknown method"));
}

void
method_notification(struct session *session, const struct jsonrpc_msg *msg)
{
    const struct json_array *params = json_array(msg->params);

    if (!strcmp(msg->method, "cancel") && params->n == 1) {
        forward_cancel(session, params->elems[0]);
    }
}
