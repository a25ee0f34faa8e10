/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The session with the northbound server, on which locks are asked for and
 * given back; see locks-private.h.
 *
 * Errors: what the server does not grant, for whatever reason, is another's.
 * A session that ends is begun again by jsonrpc. */

#include <config.h>

#include "door/locks-private.h"

#include "agent-lock.h"
#include "coverage.h"
#include "hash.h"
#include "jsonrpc.h"
#include "nb/columns.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "ovsdb-session.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(door_locks);

COVERAGE_DEFINE(door_lock_asked);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Messages handled in one turn, so that ten thousand locks that are granted
 * after a reconnect do not keep the rest of the program from running. */
#define MAX_MESSAGES 500

struct locks *
locks_create(const char *remotes, const struct lock_callbacks *callbacks)
{
    struct locks *locks = xzalloc(sizeof *locks);
    struct svec names = SVEC_EMPTY_INITIALIZER;
    struct uuid cid;

    ovsdb_session_parse_remote(remotes, &names, &cid);
    locks->callbacks = callbacks;
    locks->session = jsonrpc_session_open_multiple(&names, true);
    locks->seqno = jsonrpc_session_get_seqno(locks->session);
    locks->one_server = names.n == 1;
    hmap_init(&locks->by_name);
    hmap_init(&locks->by_id);
    svec_destroy(&names);
    return locks;
}

void
locks_destroy(struct locks *locks)
{
    if (locks) {
        ovs_assert(hmap_is_empty(&locks->by_name));
        hmap_destroy(&locks->by_name);
        hmap_destroy(&locks->by_id);
        json_destroy(locks->model_id);
        jsonrpc_session_close(locks->session);
        free(locks);
    }
}

static void
forget_asked(struct locks *locks, struct lock *lock)
{
    if (lock->id) {
        hmap_remove(&locks->by_id, &lock->id_node);
        json_destroy(lock->id);
        lock->id = NULL;
    }
}

static void
send_request(struct locks *locks, const char *method, const struct lock *lock,
             struct json **idp)
{
    struct json *params = json_array_create_1(json_string_create(lock->name));

    jsonrpc_session_send(locks->session,
                         jsonrpc_create_request(method, params, idp));
}

/* We steal if the first came to steal and has not. */
void
locks_ask(struct locks *locks, struct lock *lock)
{
    COVERAGE_INC(door_lock_asked);
    lock->by_steal = lock_first(lock)->steal && !lock->given;
    send_request(locks, lock->by_steal ? "steal" : "lock", lock, &lock->id);
    hmap_insert(&locks->by_id, &lock->id_node, json_hash(lock->id, 0));
    lock->state = LOCK_ASKED;
}

void
locks_give_back(struct locks *locks, struct lock *lock)
{
    if (lock->state != LOCK_UNASKED) {
        send_request(locks, "unlock", lock, NULL);
        forget_asked(locks, lock);
        lock->state = LOCK_UNASKED;
    }
}

enum lock_word
locks_word(const struct locks *locks)
{
    if (!locks->one_server || locks->model == LOCKS_MODEL_OTHER) {
        return LOCK_WORD_NONE;
    }
    return (locks->connected && locks->model == LOCKS_MODEL_ALONE
            && time_msec() >= locks->settled_at
            ? LOCK_WORD_NORTHBOUND : LOCK_WORD_LATER);
}

/* Asks how the server keeps the northbound database.  It says so before it
 * answers any request for a lock. */
static void
ask_model(struct locks *locks)
{
    struct json *params = json_from_string(
        "[\"_Server\",{\"op\":\"select\",\"table\":\"Database\","
        "\"where\":[[\"name\",\"==\",\"" NB_DATABASE "\"]],"
        "\"columns\":[\"model\"]}]");

    locks->model = LOCKS_MODEL_UNKNOWN;
    json_destroy(locks->model_id);
    locks->model_id = NULL;
    jsonrpc_session_send(locks->session,
                         jsonrpc_create_request("transact", params,
                                                &locks->model_id));
}

/* Member 'name' of an object, element 'i' of an array, or NULL. */
static const struct json *
member(const struct json *json, const char *name)
{
    return (json && json->type == JSON_OBJECT
            ? shash_find_data(json_object(json), name) : NULL);
}

static const struct json *
element(const struct json *json, size_t i)
{
    return (json && json->type == JSON_ARRAY && i < json_array(json)->n
            ? json_array(json)->elems[i] : NULL);
}

static void
process_model(struct locks *locks, const struct jsonrpc_msg *msg)
{
    const struct json *model = NULL;

    if (msg->type == JSONRPC_REPLY) {
        const struct json *rows = member(element(msg->result, 0), "rows");

        model = member(element(rows, 0), "model");
    }
    locks->model = (model && model->type == JSON_STRING
                    && !strcmp(json_string(model), "standalone")
                    ? LOCKS_MODEL_ALONE : LOCKS_MODEL_OTHER);
    json_destroy(locks->model_id);
    locks->model_id = NULL;
}

static void
process_reply(struct locks *locks, const struct jsonrpc_msg *msg)
{
    const struct json *locked = NULL;
    struct lock *lock;

    if (locks->model_id && json_equal(locks->model_id, msg->id)) {
        process_model(locks, msg);
        return;
    }

    HMAP_FOR_EACH_WITH_HASH (lock, id_node, json_hash(msg->id, 0),
                             &locks->by_id) {
        if (json_equal(lock->id, msg->id)) {
            break;
        }
    }
    if (!lock) {
        return;
    }
    forget_asked(locks, lock);
    if (msg->type == JSONRPC_REPLY) {
        locked = member(msg->result, "locked");
    }
    if (!locked) {
        locks->model = LOCKS_MODEL_OTHER;
        VLOG_WARN_RL(&rl, "%s: no answer to a request for lock \"%s\"",
                     jsonrpc_session_get_name(locks->session), lock->name);
    }
    if (locked && locked->type == JSON_TRUE) {
        lock->state = LOCK_HELD;
    } else {
        lock->state = LOCK_WAITING;
        locks_answer(locks, lock_first(lock), false);
        locks_take_away(locks, lock);
    }
    locks_settle(locks, lock);
}

/* Who waited for the lock at the server goes on waiting; who stole it there
 * has to ask anew. */
static void
process_stolen(struct locks *locks, struct lock *lock)
{
    locks_take_away(locks, lock);
    if (lock->by_steal) {
        locks_give_back(locks, lock);
    } else {
        lock->state = LOCK_WAITING;
    }
    locks_settle(locks, lock);
}

static void
process_notification(struct locks *locks, const struct jsonrpc_msg *msg)
{
    const struct json *params = msg->params;
    struct lock *lock;

    if (params->type != JSON_ARRAY || params->array.n != 1
        || params->array.elems[0]->type != JSON_STRING) {
        return;
    }
    lock = locks_find(locks, json_string(params->array.elems[0]));
    if (!lock) {
        return;
    }
    if (!strcmp(msg->method, "locked") && lock->state == LOCK_WAITING) {
        lock->state = LOCK_HELD;
        locks_settle(locks, lock);
    } else if (!strcmp(msg->method, "stolen") && lock->state == LOCK_HELD) {
        process_stolen(locks, lock);
    }
}

static void
process_message(struct locks *locks, const struct jsonrpc_msg *msg)
{
    switch (msg->type) {
    case JSONRPC_NOTIFY:
        process_notification(locks, msg);
        break;
    case JSONRPC_REPLY:
    case JSONRPC_ERROR:
        process_reply(locks, msg);
        break;
    case JSONRPC_REQUEST:
        break;                  /* An echo is answered by the session. */
    }
}

/* Takes note of a session that began or ended. */
static void
check_session(struct locks *locks)
{
    unsigned int seqno = jsonrpc_session_get_seqno(locks->session);
    struct lock *lock;

    if (seqno == locks->seqno) {
        return;
    }
    locks->seqno = seqno;
    locks->connected = jsonrpc_session_is_connected(locks->session);
    if (locks->connected) {
        locks->settled_at = (locks->was_connected
                             ? time_msec() + AGENT_LOCK_SETTLE_MS : 0);
        locks->was_connected = true;
        ask_model(locks);
    }
    HMAP_FOR_EACH (lock, name_node, &locks->by_name) {
        forget_asked(locks, lock);
        lock->state = LOCK_UNASKED;
        if (locks->connected) {
            locks_ask(locks, lock);
        } else {
            locks_answer(locks, lock_first(lock), false);
        }
    }
}

void
locks_run(struct locks *locks)
{
    jsonrpc_session_run(locks->session);
    check_session(locks);
    for (int i = 0; i < MAX_MESSAGES; i++) {
        struct jsonrpc_msg *msg = jsonrpc_session_recv(locks->session);

        if (!msg) {
            break;
        }
        process_message(locks, msg);
        jsonrpc_msg_destroy(msg);
    }
    check_session(locks);
}

void
locks_wait(struct locks *locks)
{
    jsonrpc_session_wait(locks->session);
    jsonrpc_session_recv_wait(locks->session);
}

void
locks_format(const struct locks *locks, struct ds *out)
{
    unsigned int n_held = 0, n_waiting = 0;
    const struct lock *lock;

    HMAP_FOR_EACH (lock, name_node, &locks->by_name) {
        n_held += lock->state == LOCK_HELD;
        n_waiting += lock->state == LOCK_WAITING;
    }
    ds_put_format(out, "locks: %"PRIuSIZE" wanted, %u held, %u held by "
                  "others", hmap_count(&locks->by_name), n_held, n_waiting);
    if (!locks->connected) {
        int error = jsonrpc_session_get_last_error(locks->session);

        ds_put_format(out, "; %s: %s",
                      jsonrpc_session_get_name(locks->session),
                      error ? ovs_retval_to_string(error) : "not connected");
    }
    ds_put_char(out, '\n');
}
