/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Asks for the locks of agents.  See nbctl-alive-locks.h.
 *
 * A lock that is granted is given back at once: nothing here wants it, and an
 * agent that starts meanwhile gets it then.
 *
 * When the connection is lost all is asked again on the next one, but not
 * before agents, who lost theirs as well, have had time to come back.
 *
 * A relay may be the notifier's door, which asks the northbound server for
 * locks and says with each answer whether it is that server's word (see
 * notifier/door/locks.h).  What it says unasked, that we have got the lock,
 * comes without: so we ask again then. */

#include <config.h>

#include "nbctl-alive-locks.h"

#include "jsonrpc.h"
#include "lib/agent-lock.h"
#include "lib/sluice-nb-idl.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-session.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(nbctl_alive_locks);

/* After so long a door that could not answer for its server is asked again. */
#define ASK_AGAIN_MS 1000

/* Messages handled in one turn, so that a busy server does not keep the rest
 * of the program from running. */
#define MAX_MESSAGES 50

struct alive_locks {
    struct jsonrpc_session *session;
    unsigned int seqno;         /* The session's, when last looked at. */
    bool was_connected;

    enum {
        METHOD_UNKNOWN,         /* The server has not said what it is. */
        METHOD_LOCK,
        METHOD_LOCK_AT_DOOR,    /* A relay; perhaps not a door. */
        METHOD_NONE             /* Its locks prove nothing. */
    } method;
    bool one_server;            /* Are we told of no other server? */
    struct json *model_id;      /* Request for the server's model, or NULL. */
    long long int ask_after;    /* Ask for no lock before this. */

    struct shash hosts;         /* Contains "struct alive_host"s. */
};

struct alive_host {
    char *lock;                 /* Name of its lock. */
    struct json *request_id;    /* Request for the lock, NULL: none yet. */
    enum alive_state state;     /* As the lock tells. */
};

static void start_session(struct alive_locks *);
static void ask_model(struct alive_locks *);
static void ask_locks(struct alive_locks *);
static void process_message(struct alive_locks *, const struct jsonrpc_msg *);
static void process_model(struct alive_locks *, const struct jsonrpc_msg *);
static void process_lock_reply(struct alive_locks *, struct alive_host *,
                               const struct jsonrpc_msg *);
static void process_granted(struct alive_locks *, struct alive_host *);
static void ask_again(struct alive_locks *, struct alive_host *);
static void process_locked(struct alive_locks *, const struct json *params);
static void send_lock_request(struct alive_locks *, const char *method,
                              const char *lock, struct json **idp);

struct alive_locks *
alive_locks_create(const char *remotes)
{
    struct alive_locks *locks = xzalloc(sizeof *locks);
    struct svec names = SVEC_EMPTY_INITIALIZER;
    struct uuid cid;

    ovsdb_session_parse_remote(remotes, &names, &cid);
    locks->session = jsonrpc_session_open_multiple(&names, true);
    locks->seqno = jsonrpc_session_get_seqno(locks->session);
    locks->one_server = names.n == 1;
    shash_init(&locks->hosts);
    svec_destroy(&names);
    return locks;
}

void
alive_locks_destroy(struct alive_locks *locks)
{
    struct shash_node *node;

    if (!locks) {
        return;
    }
    SHASH_FOR_EACH (node, &locks->hosts) {
        struct alive_host *host = node->data;

        json_destroy(host->request_id);
        free(host->lock);
    }
    shash_destroy_free_data(&locks->hosts);
    json_destroy(locks->model_id);
    jsonrpc_session_close(locks->session);
    free(locks);
}

enum alive_state
alive_locks_get(struct alive_locks *locks, const char *name)
{
    struct alive_host *host = shash_find_data(&locks->hosts, name);

    if (!host) {
        host = xzalloc(sizeof *host);
        host->lock = agent_lock_name(name);
        shash_add(&locks->hosts, name, host);
        poll_immediate_wake();  /* For alive_locks_run() to ask. */
    }
    return host->state;
}

bool
alive_locks_prove(const struct alive_locks *locks)
{
    return locks->method != METHOD_NONE;
}

static bool
asks_locks(const struct alive_locks *locks)
{
    return (locks->method == METHOD_LOCK
            || locks->method == METHOD_LOCK_AT_DOOR);
}

void
alive_locks_run(struct alive_locks *locks)
{
    unsigned int seqno;

    jsonrpc_session_run(locks->session);
    seqno = jsonrpc_session_get_seqno(locks->session);
    if (seqno != locks->seqno) {
        locks->seqno = seqno;
        start_session(locks);
    }

    for (int i = 0; i < MAX_MESSAGES; i++) {
        struct jsonrpc_msg *msg = jsonrpc_session_recv(locks->session);
        if (!msg) {
            break;
        }
        process_message(locks, msg);
        jsonrpc_msg_destroy(msg);
    }

    if (asks_locks(locks) && time_msec() >= locks->ask_after) {
        ask_locks(locks);
    }
}

void
alive_locks_wait(struct alive_locks *locks)
{
    jsonrpc_session_wait(locks->session);
    jsonrpc_session_recv_wait(locks->session);
    if (asks_locks(locks) && time_msec() < locks->ask_after) {
        poll_timer_wait_until(locks->ask_after);
    }
}

/* Called when the session is a new one, or has just been lost. */
static void
start_session(struct alive_locks *locks)
{
    struct shash_node *node;

    locks->method = METHOD_UNKNOWN;
    SHASH_FOR_EACH (node, &locks->hosts) {
        struct alive_host *host = node->data;

        json_destroy(host->request_id);
        host->request_id = NULL;
        if (host->state == ALIVE_UP) {
            host->state = ALIVE_UNKNOWN;
        }
    }
    if (jsonrpc_session_is_connected(locks->session)) {
        locks->ask_after = (locks->was_connected
                            ? time_msec() + AGENT_LOCK_SETTLE_MS : 0);
        locks->was_connected = true;
        ask_model(locks);
    }
}

/* Asks how the server keeps the database, as any OVSDB client does. */
static void
ask_model(struct alive_locks *locks)
{
    struct json *request = json_object_create();
    struct json *columns = json_array_create_2(json_string_create("name"),
                                               json_string_create("model"));
    struct json *params;

    json_object_put(request, "columns", columns);
    params = json_array_create_3(json_string_create("_Server"),
                                 json_string_create("alive"),
                                 json_object_create());
    json_object_put(params->array.elems[2], "Database",
                    json_array_create_1(request));

    json_destroy(locks->model_id);
    locks->model_id = NULL;
    jsonrpc_session_send(locks->session, jsonrpc_create_request(
                             "monitor_cond", params, &locks->model_id));
}

static void
ask_locks(struct alive_locks *locks)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &locks->hosts) {
        struct alive_host *host = node->data;

        if (!host->request_id && host->state != ALIVE_DOWN) {
            send_lock_request(locks, "lock", host->lock, &host->request_id);
        }
    }
}

static void
process_message(struct alive_locks *locks, const struct jsonrpc_msg *msg)
{
    struct shash_node *node;

    if (msg->type == JSONRPC_NOTIFY) {
        if (!strcmp(msg->method, "locked")) {
            process_locked(locks, msg->params);
        }
        return;
    }
    if (msg->type == JSONRPC_REQUEST) {
        return;
    }
    if (locks->model_id && json_equal(locks->model_id, msg->id)) {
        process_model(locks, msg);
        return;
    }
    SHASH_FOR_EACH (node, &locks->hosts) {
        struct alive_host *host = node->data;

        if (host->request_id && json_equal(host->request_id, msg->id)) {
            process_lock_reply(locks, host, msg);
            return;
        }
    }
}

/* Returns a member of the result of a request; NULL if there is none. */
static const struct json *
reply_member(const struct jsonrpc_msg *msg, const char *name)
{
    return (msg->type == JSONRPC_REPLY && msg->result->type == JSON_OBJECT
            ? shash_find_data(json_object(msg->result), name) : NULL);
}

/* Returns the column 'name' of a row in the reply to a monitor request, or
 * "". */
static const char *
row_column(const struct json *update, const char *name)
{
    const struct json *row = (update->type == JSON_OBJECT
                              ? shash_find_data(json_object(update), "initial")
                              : NULL);
    const struct json *column = (row && row->type == JSON_OBJECT
                                 ? shash_find_data(json_object(row), name)
                                 : NULL);

    return (column && column->type == JSON_STRING
            ? json_string(column) : "");
}

/* Returns the method for a server that keeps the database as 'model' says. */
static int
method_for(const struct alive_locks *locks, const char *model)
{
    return (!strcmp(model, "relay") ? METHOD_LOCK_AT_DOOR
            : !strcmp(model, "standalone") && locks->one_server ? METHOD_LOCK
            : METHOD_NONE);
}

static void
process_model(struct alive_locks *locks, const struct jsonrpc_msg *msg)
{
    const struct json *rows = reply_member(msg, "Database");
    const struct shash_node *node;

    locks->method = METHOD_NONE;
    if (rows && rows->type == JSON_OBJECT) {
        SHASH_FOR_EACH (node, json_object(rows)) {
            if (!strcmp(row_column(node->data, "name"),
                        nbrec_idl_class.database)) {
                locks->method = method_for(locks,
                                           row_column(node->data, "model"));
            }
        }
    }
    VLOG_DBG("hypervisors are known to live by their %s",
             asks_locks(locks) ? "locks" : "heartbeats");
}

static void
process_lock_reply(struct alive_locks *locks, struct alive_host *host,
                   const struct jsonrpc_msg *msg)
{
    const struct json *locked = reply_member(msg, "locked");
    const struct json *northbound = reply_member(msg, "northbound");

    if (!locked) {
        VLOG_DBG("the server has no locks");
        locks->method = METHOD_NONE;
    } else if (locks->method != METHOD_LOCK && !northbound) {
        /* Agents that are there want theirs. */
        send_lock_request(locks, "unlock", host->lock, NULL);
        VLOG_DBG("the server's locks are its own");
        locks->method = METHOD_NONE;
    } else if (locks->method != METHOD_LOCK
               && northbound->type != JSON_TRUE) {
        ask_again(locks, host);
        locks->ask_after = time_msec() + ASK_AGAIN_MS;
    } else if (locked->type == JSON_TRUE) {
        process_granted(locks, host);
    } else {
        host->state = ALIVE_UP;
    }
}

static void
process_locked(struct alive_locks *locks, const struct json *params)
{
    struct shash_node *node;

    if (params->type != JSON_ARRAY || params->array.n != 1
        || params->array.elems[0]->type != JSON_STRING) {
        return;
    }
    SHASH_FOR_EACH (node, &locks->hosts) {
        struct alive_host *host = node->data;

        if (strcmp(host->lock, json_string(params->array.elems[0]))) {
            continue;
        } else if (locks->method == METHOD_LOCK) {
            process_granted(locks, host);
        } else if (host->request_id && host->state != ALIVE_DOWN) {
            ask_again(locks, host);
        }
    }
}

static void
process_granted(struct alive_locks *locks, struct alive_host *host)
{
    host->state = ALIVE_DOWN;
    send_lock_request(locks, "unlock", host->lock, NULL);
}

/* Gives up what was asked for, to ask anew: at once, if nothing else is
 * said. */
static void
ask_again(struct alive_locks *locks, struct alive_host *host)
{
    host->state = ALIVE_UNKNOWN;
    json_destroy(host->request_id);
    host->request_id = NULL;
    send_lock_request(locks, "unlock", host->lock, NULL);
}

static void
send_lock_request(struct alive_locks *locks, const char *method,
                  const char *lock, struct json **idp)
{
    struct json *params = json_array_create_1(json_string_create(lock));

    jsonrpc_session_send(locks->session,
                         jsonrpc_create_request(method, params, idp));
}
