/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A client of the door.  Between rpc/, which has its connection, and method.c,
 * which knows what its requests mean.
 *
 * As long as something that it was sent has not gone out, nothing more is
 * composed for it and none of its requests is served: what it is due is told
 * when it has caught up.  What it sends that makes no sense ends its session,
 * with a line in the log; so do bytes that are no JSON. */

#include <config.h>

#include "door/private.h"

#include <stdlib.h>

#include "coverage.h"
#include "jsonrpc.h"
#include "monitor/db.h"
#include "monitor/monitor.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "rpc/rpc.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(session);

COVERAGE_DEFINE(door_session_opened);
COVERAGE_DEFINE(door_session_closed);
COVERAGE_DEFINE(door_request);
COVERAGE_DEFINE(door_bad_message);
COVERAGE_DEFINE(door_behind);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

static void *
opened(struct rpc_conn *conn, void *door_)
{
    struct door *door = door_;
    struct session *session = xzalloc(sizeof *session);

    COVERAGE_INC(door_session_opened);
    session->door = door;
    session->conn = conn;
    session->access.role = door->role;
    session->access.identity = rpc_conn_identity(conn);
    session->access.tables_only = !rpc_conn_is_tls(conn);
    lock_client_init(&session->locks);
    ovs_list_push_back(&door->sessions, &session->node);
    door->n_sessions++;
    hmap_init(&session->monitors);
    hmap_init(&session->forwards);
    session->connected_msec = time_wall_msec();
    return session;
}

static void
set_not_ready(struct session *session)
{
    if (session->ready) {
        session->ready = false;
        session->door->n_ready--;
        ovs_list_remove(&session->ready_node);
        ovs_list_remove(&session->reassure_node);
    }
}

void
session_destroy(struct session *session)
{
    struct monitor *monitor;

    COVERAGE_INC(door_session_closed);
    set_not_ready(session);
    forward_end_all(session);
    HMAP_FOR_EACH_SAFE (monitor, node, &session->monitors) {
        monitors_end(session, monitor);
    }
    locks_forget(session->door->locks, &session->locks);
    ovs_list_remove(&session->node);
    session->door->n_sessions--;
    hmap_destroy(&session->monitors);
    hmap_destroy(&session->forwards);
    free(session);
}

/* Ends a session by our own decision. */
void
session_close(struct session *session, const char *reason)
{
    struct rpc_conn *conn = session->conn;

    VLOG_WARN_RL(&rl, "%s: closed: %s", rpc_conn_peer(conn), reason);
    session_destroy(session);
    rpc_conn_close(conn);
}

static void
closed(struct rpc_conn *conn, const char *reason, void *door OVS_UNUSED)
{
    VLOG_DBG("%s: connection over: %s", rpc_conn_peer(conn), reason);
    session_destroy(rpc_conn_aux(conn));
}

void
session_set_ready(struct session *session)
{
    struct door *door = session->door;

    if (!session->ready) {
        session->ready = true;
        door->n_ready++;
        ovs_list_push_back(&door->ready, &session->ready_node);
        session->reassure_at = time_msec() + SESSION_REASSURE_MSEC;
        ovs_list_push_back(&door->reassure, &session->reassure_node);
    }
}

static void
readable(struct rpc_conn *conn, void *door OVS_UNUSED)
{
    session_set_ready(rpc_conn_aux(conn));
}

static void
drained(struct rpc_conn *conn, void *door OVS_UNUSED)
{
    struct session *session = rpc_conn_aux(conn);

    session->n_notices = 0;
    session_tell_due(session);
    session_set_ready(session);
}

const struct rpc_handler session_handler = {
    .opened = opened,
    .readable = readable,
    .drained = drained,
    .closed = closed,
};

/* Messages from the client. */

static bool
may_serve(const struct session *session)
{
    return (!rpc_conn_backlog(session->conn)
            && hmap_count(&session->forwards) < SESSION_MAX_FORWARDS
            && session->n_selects < SESSION_MAX_SELECTS
            && session->forward_bytes < SESSION_MAX_FORWARD_BYTES
            && (hmap_is_empty(&session->forwards)
                || session->door->forward_bytes < DOOR_MAX_FORWARD_BYTES));
}

/* Ends the session if 'msg' is neither a request nor the answer to our echo
 * request. */
static void
handle(struct session *session, struct jsonrpc_msg *msg)
{
    switch (msg->type) {
    case JSONRPC_REQUEST:
        COVERAGE_INC(door_request);
        session->door->n_requests++;
        method_request(session, msg);
        break;
    case JSONRPC_NOTIFY:
        method_notification(session, msg);
        break;
    case JSONRPC_REPLY:
    case JSONRPC_ERROR:
        if (msg->id->type != JSON_STRING
            || strcmp(json_string(msg->id), "echo")) {
            COVERAGE_INC(door_bad_message);
            session_close(session, "sent a reply to no request");
        }
        break;
    }
}

static void
receive(struct session *session, const char *text)
{
    struct json *json = json_from_string(text);
    struct jsonrpc_msg *msg;
    char *error;

    if (json->type == JSON_STRING) {
        COVERAGE_INC(door_bad_message);
        session_close(session, json_string(json));
        json_destroy(json);
        return;
    }
    error = jsonrpc_msg_from_json(json, &msg);
    if (error) {
        COVERAGE_INC(door_bad_message);
        session_close(session, error);
        free(error);
        return;
    }
    handle(session, msg);
    jsonrpc_msg_destroy(msg);
}

/* It is the last of those that are ready afterwards, if it has more.  It may
 * be gone. */
void
session_serve(struct session *session)
{
    char *text;
    size_t len;

    set_not_ready(session);
    if (session->n_notices > SESSION_MAX_NOTICES) {
        session_close(session, "does not read what it is told of its locks");
        return;
    }
    if (!may_serve(session)) {
        /* Until it drains, or an answer comes; but not for one who is gone,
         * for nobody else looks for its end meanwhile. */
        if (!rpc_conn_backlog(session->conn)
            && rpc_conn_is_hung_up(session->conn)) {
            session_close(session, "has gone before it was answered");
        }
        return;
    }
    text = rpc_conn_next(session->conn, &len);
    if (text) {
        session_set_ready(session);
        session->serving = len;
        receive(session, text);
        free(text);
    }
}

/* Messages to the client. */

static void
send_ds(struct session *session, struct ds *message)
{
    rpc_conn_send(session->conn, message->string, message->length);
    rpc_conn_flush(session->conn);
    ds_destroy(message);
}

/* Its rows have gone to the socket, or to what follows it. */
static void
note_told(struct session *session)
{
    struct door *door = session->door;
    long long int now = time_usec();

    session->n_told++;
    door->n_notified++;
    session->told_msec = time_wall_msec();
    if (session->due_usec) {
        latency_add(&door->behind, now - session->due_usec);
    } else if (door->seen_usec) {
        latency_add(&door->latency, now - door->seen_usec);
    }
}

/* Composes what is due, whether or not it can go now. */
static void
compose_due(struct session *session)
{
    struct ds message = DS_EMPTY_INITIALIZER;
    struct monitor *monitor;

    HMAP_FOR_EACH (monitor, node, &session->monitors) {
        if (monitor_n_due(monitor)) {
            monitor_tell_due(monitor, &message);
        }
    }
    if (message.length) {
        send_ds(session, &message);
        note_told(session);
    } else {
        ds_destroy(&message);   /* Nothing to tell, maybe after trying. */
    }
    session->due_usec = 0;
}

void
session_tell_due(struct session *session)
{
    if (!rpc_conn_backlog(session->conn)) {
        compose_due(session);
    } else if (!session->due_usec) {
        COVERAGE_INC(door_behind);
        session->due_usec = (session->door->seen_usec
                             ? session->door->seen_usec : time_usec());
    }
}

/* Of 'result' and 'error', JSON texts, one is "null". */
static void
send_reply(struct session *session, const struct json *id,
           const char *result, const char *error)
{
    struct ds message = DS_EMPTY_INITIALIZER;

    compose_due(session);
    ds_put_cstr(&message, "{\"id\":");
    json_to_ds(id, 0, &message);
    /* Not ds_put_format(), for which 2 GB are too many. */
    ds_put_cstr(&message, ",\"error\":");
    ds_put_cstr(&message, error);
    ds_put_cstr(&message, ",\"result\":");
    ds_put_cstr(&message, result);
    ds_put_char(&message, '}');
    send_ds(session, &message);
}

void
session_reply(struct session *session, const struct json *id,
              const char *result)
{
    send_reply(session, id, result, "null");
}

void
session_reply_json(struct session *session, const struct json *id,
                   struct json *result)
{
    char *text = json_to_string(result, 0);

    session_reply(session, id, text);
    json_destroy(result);
    free(text);
}

void
session_reply_error(struct session *session, const struct json *id,
                    struct json *error)
{
    char *text = json_to_string(error, 0);

    send_reply(session, id, "null", text);
    json_destroy(error);
    free(text);
}

void
session_notify(struct session *session, const char *method, const char *param)
{
    struct ds message = DS_EMPTY_INITIALIZER;

    compose_due(session);
    ds_put_format(&message,
                  "{\"id\":null,\"method\":\"%s\",\"params\":[%s]}",
                  method, param);
    send_ds(session, &message);
}

/* It waits for its turn; any message shows that we are there. */
void
session_reassure(struct session *session)
{
    static const char echo[]
        = "{\"id\":\"echo\",\"method\":\"echo\",\"params\":[]}";

    ovs_list_remove(&session->reassure_node);
    session->reassure_at = time_msec() + SESSION_REASSURE_MSEC;
    ovs_list_push_back(&session->door->reassure, &session->reassure_node);
    if (!rpc_conn_backlog(session->conn)) {
        rpc_conn_send(session->conn, echo, sizeof echo - 1);
        rpc_conn_flush(session->conn);
    }
}
