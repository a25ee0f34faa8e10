/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Claims.  See claims.h.
 *
 * When a row becomes free, those who wait for it are called in turn until one
 * of them has taken it; the others go on waiting behind him. */

#include <config.h>

#include "api/claims.h"

#include "openvswitch/hmap.h"
#include "util.h"

struct claims {
    struct hmap rows;           /* "struct claim"s by id. */
};

struct claim {
    struct hmap_node node;      /* In struct claims's 'rows'. */
    struct ovs_list held_node;  /* In the holder's 'held'. */
    struct uuid id;
    const struct claimant *holder;
    struct ovs_list queue;      /* "struct claimant"s that wait. */
};

struct claims *
claims_create(void)
{
    struct claims *claims = xzalloc(sizeof *claims);

    hmap_init(&claims->rows);
    return claims;
}

void
claims_destroy(struct claims *claims)
{
    if (claims) {
        ovs_assert(hmap_is_empty(&claims->rows));
        hmap_destroy(&claims->rows);
        free(claims);
    }
}

static struct claim *
find(const struct claims *claims, const struct uuid *id)
{
    struct claim *claim;

    HMAP_FOR_EACH_WITH_HASH (claim, node, uuid_hash(id), &claims->rows) {
        if (uuid_equals(&claim->id, id)) {
            return claim;
        }
    }
    return NULL;
}

void
claimant_init(struct claimant *claimant, struct claims *claims,
              void (*retry)(struct claimant *))
{
    claimant->claims = claims;
    ovs_list_init(&claimant->held);
    ovs_list_init(&claimant->waiting);
    claimant->retry = retry;
}

bool
claimant_take(struct claimant *claimant, const struct uuid *id)
{
    struct claims *claims = claimant->claims;
    struct claim *claim = find(claims, id);

    if (claim) {
        return claim->holder == claimant;
    }
    claim = xzalloc(sizeof *claim);
    claim->id = *id;
    claim->holder = claimant;
    ovs_list_init(&claim->queue);
    ovs_list_push_back(&claimant->held, &claim->held_node);
    hmap_insert(&claims->rows, &claim->node, uuid_hash(id));
    return true;
}

bool
claimant_wait(struct claimant *claimant, const struct uuid *id)
{
    struct claim *claim = find(claimant->claims, id);

    ovs_assert(ovs_list_is_empty(&claimant->held));
    if (claim) {
        ovs_list_push_back(&claim->queue, &claimant->waiting);
    }
    return claim != NULL;
}

/* Takes the first of 'queue' out of it. */
static struct claimant *
pop(struct ovs_list *queue)
{
    struct claimant *claimant = CONTAINER_OF(ovs_list_pop_front(queue),
                                             struct claimant, waiting);

    ovs_list_init(&claimant->waiting);
    return claimant;
}

/* Lets the next of those who waited for 'id' try, until one has it. */
static void
serve_queue(struct claims *claims, const struct uuid *id,
            struct ovs_list *queue)
{
    while (!ovs_list_is_empty(queue)) {
        struct claim *claim = find(claims, id);

        if (claim) {
            /* Those who came meanwhile are behind. */
            ovs_list_push_back_all(queue, &claim->queue);
            ovs_list_push_back_all(&claim->queue, queue);
            return;
        }
        struct claimant *next = pop(queue);
        next->retry(next);
    }
}

void
claimant_release(struct claimant *claimant)
{
    struct claims *claims = claimant->claims;
    struct claim *claim;

    ovs_list_remove(&claimant->waiting);
    ovs_list_init(&claimant->waiting);
    while (!ovs_list_is_empty(&claimant->held)) {
        struct ovs_list queue = OVS_LIST_INITIALIZER(&queue);
        struct uuid id;

        claim = CONTAINER_OF(ovs_list_pop_front(&claimant->held),
                             struct claim, held_node);
        id = claim->id;
        ovs_list_push_back_all(&queue, &claim->queue);
        hmap_remove(&claims->rows, &claim->node);
        free(claim);
        serve_queue(claims, &id, &queue);
    }
}
