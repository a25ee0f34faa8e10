/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See flow-table.h.  Between topology.c and ofswitch.c; knows neither rows nor
 * connections.  The only thing that can go wrong is two objects that want one
 * key, which is reported in the one that came later, or that yields. */

#include <config.h>

#include "flow-table.h"

#include "oflow.h"
#include "util.h"

void
flow_table_init(struct flow_table *ft)
{
    hmap_init(&ft->flows);
    ovs_list_init(&ft->stage);
    ovs_list_init(&ft->changes);
    ft->n_changes = 0;
    ovs_list_init(&ft->conflicts);
    ft->released = false;
}

void
flow_table_destroy(struct flow_table *ft)
{
    flow_table_clear_changes(ft);
    ovs_assert(hmap_is_empty(&ft->flows));
    hmap_destroy(&ft->flows);
}

void
flow_owner_init(struct flow_owner *owner, const struct uuid *uuid)
{
    owner->uuid = *uuid;
    ovs_list_init(&owner->flows);
    ovs_list_init(&owner->staged);
    ovs_list_init(&owner->stage_node);
    owner->yields = owner->conflict = false;
    ovs_list_init(&owner->conflict_node);
}

void
flow_table_stage(struct flow_table *ft, struct flow_owner *owner,
                 struct ovs_list *flows)
{
    if (ovs_list_is_empty(&owner->stage_node)) {
        ovs_list_push_back(&ft->stage, &owner->stage_node);
    } else {
        oflow_list_clear(&owner->staged);
    }
    ovs_list_push_back_all(&owner->staged, flows);
}

struct flow_change *
flow_change_create(bool add, const struct oflow *flow,
                   const struct oflow *old, const struct uuid *owner)
{
    struct flow_change *change = xzalloc(sizeof *change);

    change->add = add;
    /* A new flow that drops shuts what lower priorities let through. */
    change->closing = (old && old->ofpacts_len) || (add && !flow->ofpacts_len);
    change->flow = oflow_clone(flow);
    change->owner = *owner;
    return change;
}

void
flow_change_destroy(struct flow_change *change)
{
    if (change) {
        oflow_destroy(change->flow);
        free(change);
    }
}

static void
flow_table_change(struct flow_table *ft, struct ovs_list *changes, bool add,
                  const struct oflow *flow, const struct oflow *old,
                  const struct uuid *owner)
{
    struct flow_change *change = flow_change_create(add, flow, old, owner);

    ovs_list_push_back(changes, &change->node);
    ft->n_changes++;
}

/* Moves all flows of 'owner' from 'ft' to 'leaving'. */
static void
flow_table_withdraw(struct flow_table *ft, struct flow_owner *owner,
                    struct hmap *leaving)
{
    struct oflow *flow;

    LIST_FOR_EACH_POP (flow, node, &owner->flows) {
        hmap_remove(&ft->flows, &flow->hmap_node);
        hmap_insert(leaving, &flow->hmap_node, flow->hash);
    }
}

static void
flow_table_set_conflict(struct flow_table *ft, struct flow_owner *owner,
                        bool conflict)
{
    owner->conflict = conflict;
    ovs_list_remove(&owner->conflict_node);
    ovs_list_init(&owner->conflict_node);
    if (conflict) {
        ovs_list_push_back(&ft->conflicts, &owner->conflict_node);
    }
}

/* Takes the key of 'flow', which another owner has, from that one, if it yields
 * and 'owner' does not: moves its flow from 'ft' to 'leaving'.  Returns whether
 * the key is free. */
static bool
flow_table_free_key(struct flow_table *ft, const struct flow_owner *owner,
                    const struct oflow *flow, struct hmap *leaving)
{
    struct oflow *other = oflow_lookup(&ft->flows, flow);

    if (!other) {
        return true;
    } else if (!other->owner->yields || owner->yields) {
        return false;
    }
    ovs_list_remove(&other->node);
    hmap_remove(&ft->flows, &other->hmap_node);
    hmap_insert(leaving, &other->hmap_node, other->hash);
    flow_table_set_conflict(ft, other->owner, true);
    ft->released = true;        /* So that its fault is told, too. */
    return true;
}

/* Gives 'owner' what it has staged, each compared with what had its key
 * before. */
static void
flow_table_install(struct flow_table *ft, struct flow_owner *owner,
                   struct hmap *leaving, struct ovs_list *changes)
{
    struct oflow *flow;

    flow_table_set_conflict(ft, owner, false);
    LIST_FOR_EACH_POP (flow, node, &owner->staged) {
        if (!flow_table_free_key(ft, owner, flow, leaving)) {
            flow_table_set_conflict(ft, owner, true);
            oflow_destroy(flow);
            continue;
        }

        struct oflow *old = oflow_lookup(leaving, flow);
        if (!old || !oflow_same_effect(old, flow)) {
            flow_table_change(ft, changes, true, flow, old, &owner->uuid);
        }
        if (old) {
            hmap_remove(leaving, &old->hmap_node);
            oflow_destroy(old);
        }
        flow->owner = owner;
        hmap_insert(&ft->flows, &flow->hmap_node, flow->hash);
        ovs_list_push_back(&owner->flows, &flow->node);
    }
}

/* Deletes what nobody wanted again. */
static void
flow_table_delete(struct flow_table *ft, struct hmap *leaving)
{
    struct oflow *flow;

    HMAP_FOR_EACH_POP (flow, hmap_node, leaving) {
        flow_table_change(ft, &ft->changes, false, flow, flow,
                          &flow->owner->uuid);
        oflow_destroy(flow);
        ft->released = true;
    }
    hmap_destroy(leaving);
}

void
flow_table_commit(struct flow_table *ft)
{
    struct hmap leaving = HMAP_INITIALIZER(&leaving);
    struct ovs_list adds = OVS_LIST_INITIALIZER(&adds);
    struct flow_owner *owner;

    LIST_FOR_EACH (owner, stage_node, &ft->stage) {
        flow_table_withdraw(ft, owner, &leaving);
    }
    LIST_FOR_EACH_POP (owner, stage_node, &ft->stage) {
        ovs_list_init(&owner->stage_node);
        flow_table_install(ft, owner, &leaving, &adds);
    }
    /* Deletions first: a switch forgets what a flow has learned when the last
     * flow that learns with its cookie goes, not when another takes over. */
    flow_table_delete(ft, &leaving);
    ovs_list_push_back_all(&ft->changes, &adds);
}

void
flow_table_remove(struct flow_table *ft, struct flow_owner *owner)
{
    struct hmap leaving = HMAP_INITIALIZER(&leaving);

    if (!ovs_list_is_empty(&owner->stage_node)) {
        ovs_list_remove(&owner->stage_node);
        ovs_list_init(&owner->stage_node);
        oflow_list_clear(&owner->staged);
    }
    flow_table_set_conflict(ft, owner, false);
    flow_table_withdraw(ft, owner, &leaving);
    flow_table_delete(ft, &leaving);
}

void
flow_table_clear_changes(struct flow_table *ft)
{
    struct flow_change *change;

    LIST_FOR_EACH_POP (change, node, &ft->changes) {
        flow_change_destroy(change);
    }
    ft->n_changes = 0;
}

bool
flow_owner_wants(const struct flow_owner *owner, const struct ovs_list *flows)
{
    struct hmap wanted = HMAP_INITIALIZER(&wanted);
    struct oflow *flow, *copy;
    bool same = ovs_list_size(&owner->flows) == ovs_list_size(flows);

    LIST_FOR_EACH (flow, node, &owner->flows) {
        copy = oflow_clone(flow);
        hmap_insert(&wanted, &copy->hmap_node, copy->hash);
    }
    LIST_FOR_EACH (flow, node, flows) {
        struct oflow *peer = oflow_lookup(&wanted, flow);

        same = same && peer && oflow_same_effect(peer, flow);
        if (peer) {
            hmap_remove(&wanted, &peer->hmap_node);
            oflow_destroy(peer);
        }
    }
    HMAP_FOR_EACH_POP (copy, hmap_node, &wanted) {
        oflow_destroy(copy);
    }
    hmap_destroy(&wanted);
    return same;
}
