/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Tells live hypervisors from dead ones.  See nbctl-alive.h.
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

#include "nbctl-alive.h"

#include "jsonrpc.h"
#include "lib/agent-lock.h"
#include "lib/sluice-nb-idl.h"
#include "nbctl-fetch.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-session.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(nbctl_alive);

/* After so long a door that could not answer for its server is asked again. */
#define ASK_AGAIN_MS 1000

/* Messages handled in one turn, so that a busy server does not keep the rest
 * of the program from running. */
#define MAX_MESSAGES 50

struct alive {
    const struct ovsdb_idl *idl;
    struct fetch *fetch;
    struct jsonrpc_session *session;
    unsigned int seqno;         /* The session's, when last looked at. */
    bool was_connected;

    enum {
        METHOD_UNKNOWN,         /* The server has not said what it is. */
        METHOD_LOCK,
        METHOD_LOCK_AT_DOOR,    /* A relay; perhaps not a door. */
        METHOD_HEARTBEAT
    } method;
    bool one_server;            /* No other than the IDL's and agents'? */
    struct json *model_id;      /* Request for the server's model, or NULL. */
    long long int ask_after;    /* Ask for no lock before this. */

    struct shash hosts;         /* Contains "struct alive_host"s. */
};

struct alive_host {
    char *lock;                 /* Name of its lock. */
    struct json *request_id;    /* Request for the lock, NULL: none yet. */
    enum alive_state state;     /* As the lock tells. */
};

static void start_session(struct alive *);
static void ask_model(struct alive *);
static void ask_locks(struct alive *);
static void process_message(struct alive *, const struct jsonrpc_msg *);
static void process_model(struct alive *, const struct jsonrpc_msg *);
static void process_lock_reply(struct alive *, struct alive_host *,
                               const struct jsonrpc_msg *);
static void process_granted(struct alive *, struct alive_host *);
static void ask_again(struct alive *, struct alive_host *);
static void process_locked(struct alive *, const struct json *params);
static enum alive_state get_by_heartbeat(struct alive *, const char *host);
static void send_lock_request(struct alive *, const char *method,
                              const char *lock, struct json **idp);

void
alive_fetch_columns(struct fetch *fetch)
{
    fetch_column(fetch, &nbrec_agent_col_host);
    fetch_column(fetch, &nbrec_agent_col_heartbeat);
}

struct alive *
alive_create(const char *remotes, const struct ovsdb_idl *idl,
             struct fetch *fetch)
{
    struct alive *alive = xzalloc(sizeof *alive);
    struct svec names = SVEC_EMPTY_INITIALIZER;
    struct uuid cid;

    ovsdb_session_parse_remote(remotes, &names, &cid);
    alive->idl = idl;
    alive->fetch = fetch;
    alive->session = jsonrpc_session_open_multiple(&names, true);
    alive->seqno = jsonrpc_session_get_seqno(alive->session);
    alive->one_server = names.n == 1;
    shash_init(&alive->hosts);
    svec_destroy(&names);
    return alive;
}

void
alive_destroy(struct alive *alive)
{
    struct shash_node *node;

    if (!alive) {
        return;
    }
    SHASH_FOR_EACH (node, &alive->hosts) {
        struct alive_host *host = node->data;

        json_destroy(host->request_id);
        free(host->lock);
    }
    shash_destroy_free_data(&alive->hosts);
    json_destroy(alive->model_id);
    jsonrpc_session_close(alive->session);
    free(alive);
}

enum alive_state
alive_get(struct alive *alive, const char *name)
{
    struct alive_host *host = shash_find_data(&alive->hosts, name);

    if (!host) {
        host = xzalloc(sizeof *host);
        host->lock = agent_lock_name(name);
        shash_add(&alive->hosts, name, host);
        poll_immediate_wake();  /* For alive_run() to ask. */
    }
    return (alive->method == METHOD_HEARTBEAT
            ? get_by_heartbeat(alive, name) : host->state);
}

static bool
asks_locks(const struct alive *alive)
{
    return (alive->method == METHOD_LOCK
            || alive->method == METHOD_LOCK_AT_DOOR);
}

void
alive_run(struct alive *alive)
{
    unsigned int seqno;

    jsonrpc_session_run(alive->session);
    seqno = jsonrpc_session_get_seqno(alive->session);
    if (seqno != alive->seqno) {
        alive->seqno = seqno;
        start_session(alive);
    }

    for (int i = 0; i < MAX_MESSAGES; i++) {
        struct jsonrpc_msg *msg = jsonrpc_session_recv(alive->session);
        if (!msg) {
            break;
        }
        process_message(alive, msg);
        jsonrpc_msg_destroy(msg);
    }

    if (asks_locks(alive) && time_msec() >= alive->ask_after) {
        ask_locks(alive);
    }
}

void
alive_wait(struct alive *alive)
{
    jsonrpc_session_wait(alive->session);
    jsonrpc_session_recv_wait(alive->session);
    if (asks_locks(alive) && time_msec() < alive->ask_after) {
        poll_timer_wait_until(alive->ask_after);
    }
}

static bool
is_all_known(struct alive *alive)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &alive->hosts) {
        if (alive_get(alive, node->name) == ALIVE_UNKNOWN) {
            return false;
        }
    }
    return true;
}

void
alive_block(struct alive *alive)
{
    for (;;) {
        alive_run(alive);
        if (is_all_known(alive)) {
            break;
        }
        alive_wait(alive);
        poll_block();
    }
}

/* Called when the session is a new one, or has just been lost. */
static void
start_session(struct alive *alive)
{
    struct shash_node *node;

    alive->method = METHOD_UNKNOWN;
    SHASH_FOR_EACH (node, &alive->hosts) {
        struct alive_host *host = node->data;

        json_destroy(host->request_id);
        host->request_id = NULL;
        if (host->state == ALIVE_UP) {
            host->state = ALIVE_UNKNOWN;
        }
    }
    if (jsonrpc_session_is_connected(alive->session)) {
        alive->ask_after = (alive->was_connected
                            ? time_msec() + AGENT_LOCK_SETTLE_MS : 0);
        alive->was_connected = true;
        ask_model(alive);
    }
}

/* Asks how the server keeps the database, as any OVSDB client does. */
static void
ask_model(struct alive *alive)
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

    json_destroy(alive->model_id);
    alive->model_id = NULL;
    jsonrpc_session_send(alive->session, jsonrpc_create_request(
                             "monitor_cond", params, &alive->model_id));
}

static void
ask_locks(struct alive *alive)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &alive->hosts) {
        struct alive_host *host = node->data;

        if (!host->request_id && host->state != ALIVE_DOWN) {
            send_lock_request(alive, "lock", host->lock, &host->request_id);
        }
    }
}

static void
process_message(struct alive *alive, const struct jsonrpc_msg *msg)
{
    struct shash_node *node;

    if (msg->type == JSONRPC_NOTIFY) {
        if (!strcmp(msg->method, "locked")) {
            process_locked(alive, msg->params);
        }
        return;
    }
    if (msg->type == JSONRPC_REQUEST) {
        return;
    }
    if (alive->model_id && json_equal(alive->model_id, msg->id)) {
        process_model(alive, msg);
        return;
    }
    SHASH_FOR_EACH (node, &alive->hosts) {
        struct alive_host *host = node->data;

        if (host->request_id && json_equal(host->request_id, msg->id)) {
            process_lock_reply(alive, host, msg);
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
method_for(const struct alive *alive, const char *model)
{
    return (!strcmp(model, "relay") ? METHOD_LOCK_AT_DOOR
            : !strcmp(model, "standalone") && alive->one_server ? METHOD_LOCK
            : METHOD_HEARTBEAT);
}

static void
process_model(struct alive *alive, const struct jsonrpc_msg *msg)
{
    const struct json *rows = reply_member(msg, "Database");
    const struct shash_node *node;

    alive->method = METHOD_HEARTBEAT;
    if (rows && rows->type == JSON_OBJECT) {
        SHASH_FOR_EACH (node, json_object(rows)) {
            if (!strcmp(row_column(node->data, "name"),
                        nbrec_idl_class.database)) {
                alive->method = method_for(alive,
                                           row_column(node->data, "model"));
            }
        }
    }
    VLOG_DBG("hypervisors are known to live by their %s",
             asks_locks(alive) ? "locks" : "heartbeats");
}

static void
process_lock_reply(struct alive *alive, struct alive_host *host,
                   const struct jsonrpc_msg *msg)
{
    const struct json *locked = reply_member(msg, "locked");
    const struct json *northbound = reply_member(msg, "northbound");

    if (!locked) {
        VLOG_DBG("the server has no locks");
        alive->method = METHOD_HEARTBEAT;
    } else if (alive->method != METHOD_LOCK && !northbound) {
        /* Agents that are there want theirs. */
        send_lock_request(alive, "unlock", host->lock, NULL);
        VLOG_DBG("the server's locks are its own");
        alive->method = METHOD_HEARTBEAT;
    } else if (alive->method != METHOD_LOCK
               && northbound->type != JSON_TRUE) {
        ask_again(alive, host);
        alive->ask_after = time_msec() + ASK_AGAIN_MS;
    } else if (locked->type == JSON_TRUE) {
        process_granted(alive, host);
    } else {
        host->state = ALIVE_UP;
    }
}

static void
process_locked(struct alive *alive, const struct json *params)
{
    struct shash_node *node;

    if (params->type != JSON_ARRAY || params->array.n != 1
        || params->array.elems[0]->type != JSON_STRING) {
        return;
    }
    SHASH_FOR_EACH (node, &alive->hosts) {
        struct alive_host *host = node->data;

        if (strcmp(host->lock, json_string(params->array.elems[0]))) {
            continue;
        } else if (alive->method == METHOD_LOCK) {
            process_granted(alive, host);
        } else if (host->request_id && host->state != ALIVE_DOWN) {
            ask_again(alive, host);
        }
    }
}

static void
process_granted(struct alive *alive, struct alive_host *host)
{
    host->state = ALIVE_DOWN;
    send_lock_request(alive, "unlock", host->lock, NULL);
}

/* Gives up what was asked for, to ask anew: at once, if nothing else is
 * said. */
static void
ask_again(struct alive *alive, struct alive_host *host)
{
    host->state = ALIVE_UNKNOWN;
    json_destroy(host->request_id);
    host->request_id = NULL;
    send_lock_request(alive, "unlock", host->lock, NULL);
}

static enum alive_state
get_by_heartbeat(struct alive *alive, const char *host)
{
    const struct nbrec_agent *agent;

    if (!fetch_string_eq(alive->fetch, &nbrec_agent_col_host, host)
        || !fetch_arrived(alive->fetch)) {
        return ALIVE_UNKNOWN;
    }
    NBREC_AGENT_FOR_EACH (agent, alive->idl) {
        if (!strcmp(agent->host, host)) {
            long long int last = agent->heartbeat + ALIVE_HEARTBEAT_MS;
            long long int left = last - time_wall_msec();

            if (left >= 0) {
                poll_timer_wait(left + 1);
                return ALIVE_UP;
            }
        }
    }
    return ALIVE_DOWN;
}

static void
send_lock_request(struct alive *alive, const char *method, const char *lock,
                  struct json **idp)
{
    struct json *params = json_array_create_1(json_string_create(lock));

    jsonrpc_session_send(alive->session,
                         jsonrpc_create_request(method, params, idp));
}
