/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Transactions: passed on to the northbound server in the order in which they
 * came, and answered as it answers.  operations.c knows what is in them.
 *
 * A "wait" waits here: the server is asked without a timeout, and again when
 * the database has changed.  So a transaction can be canceled for certain, and
 * none is left at the server when its client is gone.
 *
 * What is asked of database _Server, which is our own, is executed here.
 *
 * While there is no server, transactions wait for it.  If the session with it
 * ends before the answer, nobody knows what has become of the transaction, and
 * that is what the client is told: an error, never a success. */

#include <config.h>

#include "door/private.h"

#include <limits.h>
#include <stdlib.h>

#include "coverage.h"
#include "door/operations.h"
#include "jsonrpc.h"
#include "monitor/db.h"
#include "monitor/table.h"
#include "nb/replica.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb-error.h"
#include "timeval.h"
#include "util.h"

COVERAGE_DEFINE(door_transact);
COVERAGE_DEFINE(door_transact_lost);
COVERAGE_DEFINE(door_wait_retried);

/* When a "wait" of database _Server is tried again that waits for more than its
 * time is for. */
#define OWN_RETRY_MSEC 10

struct forward {
    struct hmap_node node;      /* In session's 'forwards'. */
    struct ovs_list list_node;  /* In door's 'unsent' or 'waiting', or by
                                 * itself. */
    struct session *session;
    struct json *id;
    struct operations operations;
    size_t bytes;               /* Of the request. */
    bool own;                   /* About _Server: no server gets them. */
    bool selects;               /* Is there a "select"? */
    struct nb_sent *sent;       /* NULL: it is not at the server. */
    bool canceled;              /* While it was at the server. */
    long long int created;      /* time_msec(). */

    /* While its "wait" is not fulfilled. */
    long long int retry_at;     /* When it has timed out. */
    const char *table;          /* What it waits for; NULL: any change. */
    uint64_t n_changes;         /* Of that table, when the server answered. */
};

static void
forward_destroy(struct forward *forward)
{
    if (forward->sent) {
        nb_sent_forget(forward->sent);
    }
    hmap_remove(&forward->session->forwards, &forward->node);
    forward->session->forward_bytes -= forward->bytes;
    forward->session->door->forward_bytes -= forward->bytes;
    forward->session->n_selects -= forward->selects;
    ovs_list_remove(&forward->list_node);
    json_destroy(forward->id);
    operations_destroy(&forward->operations);
    free(forward);
}

/* Room for a further request of the client. */
static void
finish(struct forward *forward)
{
    struct session *session = forward->session;

    forward_destroy(forward);
    session_set_ready(session);
}

static void
reply_canceled(struct forward *forward)
{
    session_reply_error(forward->session, forward->id,
                        json_string_create("canceled"));
    finish(forward);
}

static struct forward *
find(const struct session *session, const struct json *id)
{
    struct forward *forward;

    HMAP_FOR_EACH_WITH_HASH (forward, node, json_hash(id, 0),
                             &session->forwards) {
        if (json_equal(forward->id, id)) {
            return forward;
        }
    }
    return NULL;
}

static void
move_to(struct forward *forward, struct ovs_list *list)
{
    ovs_list_remove(&forward->list_node);
    ovs_list_push_back(list, &forward->list_node);
}

static void answered(const struct jsonrpc_msg *, void *forward);

/* Returns true if the transaction is to wait for a change, until 'timeout'
 * milliseconds after it came; or is not, because its client has canceled
 * it. */
static bool
wait_until(struct forward *forward, long long int timeout)
{
    struct door *door = forward->session->door;

    if (forward->canceled) {
        reply_canceled(forward);
        return true;
    }
    forward->retry_at = (timeout > LLONG_MAX - forward->created
                         ? LLONG_MAX : forward->created + timeout);
    if (time_msec() >= forward->retry_at) {
        return false;
    }
    move_to(forward, &door->waiting);
    door->next_retry = MIN(door->next_retry, forward->retry_at);
    return true;
}

static void
execute(struct forward *forward)
{
    struct session *session = forward->session;
    long long int timeout = LLONG_MAX;
    struct json *results = server_db_execute(
        session->door->server_db, forward->operations.request,
        time_msec() - forward->created, &timeout);

    if (results) {
        session_reply_json(session, forward->id, results);
        finish(forward);
    } else if (!wait_until(forward, timeout)) {
        /* The first of several "wait"s has timed out and is fulfilled. */
        wait_until(forward, (time_msec() - forward->created
                             + OWN_RETRY_MSEC));
    }
}

static void
send_or_keep(struct forward *forward)
{
    struct door *door = forward->session->door;

    if (ovs_list_is_empty(&door->unsent)
        && replica_is_current(door->replica)) {
        operations_prepare(&forward->operations, forward->session);
        forward->sent = nb_send(door->replica,
                                json_clone(forward->operations.params),
                                answered, forward);
    }
    if (!forward->sent) {
        move_to(forward, &door->unsent);
    }
}

static void
try(struct forward *forward)
{
    if (forward->own) {
        execute(forward);
    } else {
        send_or_keep(forward);
    }
}

static struct forward *
forward_create(struct session *session, const struct jsonrpc_msg *request)
{
    struct forward *forward = xzalloc(sizeof *forward);

    COVERAGE_INC(door_transact);
    forward->session = session;
    forward->id = json_clone(request->id);
    operations_init(&forward->operations, request->params);
    forward->selects = operations_count_selects(&forward->operations) > 0;
    session->n_selects += forward->selects;
    forward->created = time_msec();
    forward->bytes = session->serving;
    session->forward_bytes += forward->bytes;
    session->door->forward_bytes += forward->bytes;
    ovs_list_init(&forward->list_node);
    hmap_insert(&session->forwards, &forward->node,
                json_hash(forward->id, 0));
    return forward;
}

static struct json *
exhausted(const char *details)
{
    return ovsdb_error_to_json_free(ovsdb_error("resources exhausted", "%s",
                                                details));
}

struct json *
forward_begin(struct session *session, const struct jsonrpc_msg *request)
{
    struct door *door = session->door;
    struct forward *forward;
    struct mon_db *db;
    struct json *error = method_find_db(session, request, &db);

    if (error) {
        return error;
    }
    if (door->forward_bytes > DOOR_REFUSE_FORWARD_BYTES) {
        return exhausted("too many transactions wait for an answer");
    }
    if (find(session, request->id)) {
        return ovsdb_error_to_json_free(ovsdb_syntax_error(
            request->params, NULL, "%s: duplicate request ID",
            request->method));
    }
    forward = forward_create(session, request);
    if (operations_count_selects(&forward->operations)
        > FORWARD_MAX_SELECTS) {
        forward_destroy(forward);
        return exhausted("too many \"select\"s in one transaction");
    }
    forward->own = db == door->server_db->monitors;
    try(forward);
    return NULL;
}

/* What the client is sent. */

static void
reply(struct forward *forward, const struct json *results)
{
    session_reply_json(forward->session, forward->id,
                       operations_results(&forward->operations, results,
                                          time_msec() - forward->created));
    finish(forward);
}

/* How often the table that a "wait" waits for has changed. */
static uint64_t
changes_of(const struct forward *forward)
{
    struct mon_db *nb = forward->session->door->nb;
    const struct mon_table *table = (nb && forward->table
                                     ? mon_db_table(nb, forward->table)
                                     : NULL);

    return table ? table->n_changes : 0;
}

/* Whether what a "wait" waits for may have come. */
static bool
is_due(const struct forward *forward)
{
    return (!forward->table || changes_of(forward) != forward->n_changes
            || time_msec() >= forward->retry_at);
}

static bool
wait_on(struct forward *forward, const struct json *results)
{
    size_t i = operations_unfulfilled(&forward->operations, results);

    if (!i) {
        return false;
    }
    forward->table = operations_table(&forward->operations, i);
    forward->n_changes = changes_of(forward);
    return wait_until(forward, forward->operations.timeouts[i]);
}

static void
answered(const struct jsonrpc_msg *msg, void *forward_)
{
    struct forward *forward = forward_;

    forward->sent = NULL;
    if (!msg) {
        COVERAGE_INC(door_transact_lost);
        session_reply_error(
            forward->session, forward->id,
            ovsdb_error_to_json_free(ovsdb_error(
                "connection lost",
                "the connection to the northbound database was lost before "
                "it answered: it is not known whether the transaction was "
                "committed")));
        finish(forward);
    } else if (msg->type == JSONRPC_ERROR) {
        session_reply_error(forward->session, forward->id,
                            json_clone(msg->error));
        finish(forward);
    } else if (!wait_on(forward, msg->result)) {
        reply(forward, msg->result);
    }
}

/* What becomes of one that is at the server its answer tells. */
void
forward_cancel(struct session *session, const struct json *id)
{
    struct forward *forward = find(session, id);

    if (forward && forward->sent) {
        forward->canceled = true;
    } else if (forward) {
        reply_canceled(forward);
    }
}

void
forward_end_all(struct session *session)
{
    struct forward *forward;

    HMAP_FOR_EACH_SAFE (forward, node, &session->forwards) {
        forward_destroy(forward);
    }
}

/* Running. */

static void
send_unsent(struct door *door)
{
    struct ovs_list unsent;
    struct forward *forward;

    if (ovs_list_is_empty(&door->unsent)
        || !replica_is_current(door->replica)) {
        return;
    }
    ovs_list_move(&unsent, &door->unsent);
    ovs_list_init(&door->unsent);
    LIST_FOR_EACH_POP (forward, list_node, &unsent) {
        ovs_list_init(&forward->list_node);
        send_or_keep(forward);
    }
}

static void
retry_waiting(struct door *door)
{
    struct ovs_list waiting;
    struct forward *forward;

    if (ovs_list_is_empty(&door->waiting)
        || (!door->retry_waiting && time_msec() < door->next_retry)) {
        return;
    }
    ovs_list_move(&waiting, &door->waiting);
    ovs_list_init(&door->waiting);
    door->retry_waiting = false;
    door->next_retry = LLONG_MAX;
    LIST_FOR_EACH_POP (forward, list_node, &waiting) {
        if (is_due(forward)) {
            COVERAGE_INC(door_wait_retried);
            ovs_list_init(&forward->list_node);
            try(forward);
        } else {
            ovs_list_push_back(&door->waiting, &forward->list_node);
            door->next_retry = MIN(door->next_retry, forward->retry_at);
        }
    }
}

void
forward_run(struct door *door)
{
    send_unsent(door);
    retry_waiting(door);
}

void
forward_wait(const struct door *door)
{
    if (!ovs_list_is_empty(&door->waiting)) {
        poll_timer_wait_until(door->next_retry);
    }
}
