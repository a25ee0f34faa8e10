/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Requests on their way to the server and their answers.  Between write.c and
 * the OVSDB door, who make requests, and the session of replica.c.  There are
 * no errors: a request that cannot be sent is the caller's. */

#include <config.h>

#include "nb/feed.h"

#include "coverage.h"
#include "jsonrpc.h"
#include "nb/replica-private.h"
#include "openvswitch/json.h"
#include "ovsdb-cs.h"
#include "util.h"

COVERAGE_DEFINE(nb_txn_sent);

struct nb_sent {
    struct hmap_node node;      /* In struct replica's 'sent'. */
    struct json *id;
    nb_answered_cb *answered;   /* NULL: forgotten. */
    void *aux;
};

struct nb_sent *
nb_send(struct replica *replica, struct json *params,
        nb_answered_cb *answered, void *aux)
{
    struct nb_sent *sent;
    struct json *id;

    if (!replica_is_current(replica)) {
        json_destroy(params);
        return NULL;
    }
    id = ovsdb_cs_send_transaction(replica->cs, params);
    if (!id) {
        return NULL;            /* The session has just ended. */
    }
    COVERAGE_INC(nb_txn_sent);
    sent = xmalloc(sizeof *sent);
    sent->id = id;
    sent->answered = answered;
    sent->aux = aux;
    hmap_insert(&replica->sent, &sent->node, json_hash(sent->id, 0));
    return sent;
}

void
nb_sent_forget(struct nb_sent *sent)
{
    sent->answered = NULL;
}

static void
finish(struct nb_sent *sent, const struct jsonrpc_msg *answer)
{
    if (sent->answered) {
        sent->answered(answer, sent->aux);
    }
    json_destroy(sent->id);
    free(sent);
}

void
nb_sent_answered(struct replica *replica, const struct jsonrpc_msg *msg)
{
    struct nb_sent *sent;

    HMAP_FOR_EACH_WITH_HASH (sent, node, json_hash(msg->id, 0),
                             &replica->sent) {
        if (json_equal(sent->id, msg->id)) {
            hmap_remove(&replica->sent, &sent->node);
            finish(sent, msg);
            return;
        }
    }
}

void
nb_sent_lost(struct replica *replica)
{
    struct hmap lost = HMAP_INITIALIZER(&lost);
    struct nb_sent *sent;

    /* Whoever is told may send anew, or forget another that is lost. */
    hmap_swap(&lost, &replica->sent);
    HMAP_FOR_EACH_POP (sent, node, &lost) {
        finish(sent, NULL);
    }
    hmap_destroy(&lost);
}
