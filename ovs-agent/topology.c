/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See topology.h.  This file follows objects from one list to the next; what is
 * known of them is taken in by topology-input.c and topology-places.c, and what
 * their flows are is topology-compute.c's. */

#include <config.h>

#include "topology.h"

#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "topology-compute.h"
#include "util.h"
#include "uuid.h"

/* From marks to flows to acknowledgements. */

/* Computes ports; what else is marked goes to 'rest'.  A port may mark others
 * in passing, which then are computed, too. */
static void
compute_ports(struct topology *topology, struct ovs_list *rest)
{
    struct lobject *obj;

    LIST_FOR_EACH_POP (obj, dirty_node, &topology->dirty) {
        if (obj->kind == LKIND_PORT) {
            ovs_list_push_back(&topology->sending, &obj->dirty_node);
            topology_compute_port(topology, lport_cast(obj));
        } else {
            ovs_list_push_back(rest, &obj->dirty_node);
        }
    }
}

static void
compute_dirty(struct topology *topology)
{
    struct ovs_list rest = OVS_LIST_INITIALIZER(&rest);
    struct lobject *obj;

    /* Ports first: what is wired decides what their networks flood to. */
    compute_ports(topology, &rest);
    LIST_FOR_EACH_POP (obj, dirty_node, &rest) {
        ovs_list_push_back(&topology->sending, &obj->dirty_node);
        if (obj->kind == LKIND_NETWORK) {
            topology_compute_network(topology, lnet_cast(obj));
        } else if (obj->kind == LKIND_PEER) {
            topology_compute_peer(topology, lpeer_cast(obj));
        } else {
            topology_compute_host(topology);
        }
    }
}

/* Has those computed again, by the next topology_run(), who lost a flow to
 * another object, now that one was given up: it may be theirs. */
static void
retry_conflicts(struct topology *topology)
{
    const struct flow_owner *owner;
    struct lobject *obj;

    topology->flows.released = false;
    LIST_FOR_EACH (owner, conflict_node, &topology->flows.conflicts) {
        HMAP_FOR_EACH_WITH_HASH (obj, node, uuid_hash(&owner->uuid),
                                 &topology->objects) {
            if (uuid_equals(&obj->uuid, &owner->uuid)) {
                if (obj->kind == LKIND_NETWORK) {
                    lnet_cast(obj)->flood_dirty = true;
                }
                topology_set_dirty(topology, obj);
            }
        }
    }
}

/* Now that nothing is on its way any more, what is missing is missing. */
static void
stop_awaiting(struct topology *topology)
{
    struct lobject *obj;

    topology->awaiting = false;
    HMAP_FOR_EACH (obj, node, &topology->objects) {
        if (obj->kind == LKIND_NETWORK && !obj->known) {
            topology_mark_ports(topology, lnet_cast(obj));
        }
    }
}

void
topology_run(struct topology *topology, bool complete)
{
    struct lobject *obj;

    topology->complete = complete;
    if (complete && topology->awaiting) {
        stop_awaiting(topology);
    }
    if (!topology->ready) {
        if (!complete) {
            return;
        }
        topology->ready = true;
        topology_set_dirty(topology, &topology->host);
    }
    if (ovs_list_is_empty(&topology->dirty)) {
        return;
    }

    compute_dirty(topology);
    flow_table_commit(&topology->flows);
    LIST_FOR_EACH (obj, dirty_node, &topology->sending) {
        topology_computed(obj);
        if (obj->times.received && !obj->times.computed) {
            obj->times.computed = time_usec();
            latency_add(&topology->computing,
                        obj->times.computed - obj->times.received);
        }
    }
    if (topology->flows.released) {
        retry_conflicts(topology);
    }
    if (topology->self_check && topology_verify(topology)) {
        ovs_fatal(0, "incremental flows are not those computed from nothing");
    }
}

/* An object that is sent again before it was acknowledged keeps its place: one
 * that changes faster than the switch acknowledges, a network that a thousand
 * hypervisors join, would otherwise never be in force. */
void
topology_sent(struct topology *topology, uint64_t seq)
{
    struct lobject *obj;

    LIST_FOR_EACH_POP (obj, dirty_node, &topology->sending) {
        ovs_list_init(&obj->dirty_node);
        if (ovs_list_is_empty(&obj->unacked_node)) {
            obj->seq = seq;
            obj->sent_revision = obj->computed_revision;
            ovs_list_push_back(&topology->unacked, &obj->unacked_node);
        } else {
            obj->next_seq = seq;
        }
    }
}

/* Is the row on its way that says what carries 'net' (NULL: no network)? */
static bool
awaits_segment(const struct lnet *net)
{
    return (net && net->obj.known && !uuid_is_zero(&net->intent.segment)
            && !net->intent.network_type);
}

/* The latest of 'obj' is in force.  A port whose network has no wire or tunnel
 * yet has nobody to be announced to: it comes here again when it has. */
static void
acked_all(struct topology *topology, struct lobject *obj)
{
    if (obj->times.computed && !obj->times.acked) {
        obj->times.acked = time_usec();
        latency_add(&topology->applying,
                    obj->times.acked - obj->times.computed);
        latency_add(&topology->total,
                    obj->times.acked - obj->times.received);
    }
    if (obj->kind == LKIND_PORT
        && lport_cast(obj)->arrival != ARRIVAL_NONE
        && !awaits_segment(lport_cast(obj)->net)) {
        topology_move(&topology->arrivals, &lport_cast(obj)->arrival_node);
    }
}

void
topology_acked(struct topology *topology, uint64_t seq)
{
    struct lobject *obj;

    LIST_FOR_EACH_SAFE (obj, unacked_node, &topology->unacked) {
        if (obj->seq > seq) {
            break;
        }
        ovs_list_remove(&obj->unacked_node);
        ovs_list_init(&obj->unacked_node);
        obj->applied = true;
        obj->applied_revision = obj->sent_revision;
        topology_queue_status(topology, obj);
        if (obj->next_seq > seq) {
            obj->seq = obj->next_seq;
            obj->sent_revision = obj->computed_revision;
            ovs_list_push_back(&topology->unacked, &obj->unacked_node);
        } else {
            obj->applied_revision = obj->computed_revision;
            acked_all(topology, obj);
        }
        obj->next_seq = 0;
    }
}

bool
topology_refused(struct topology *topology, const struct uuid *owner,
                 const char *reason)
{
    struct lobject *obj;
    bool found = false;

    HMAP_FOR_EACH_WITH_HASH (obj, node, uuid_hash(owner),
                             &topology->objects) {
        if (uuid_equals(&obj->uuid, owner)) {
            topology_mark(topology, obj);
            obj->refused = xasprintf("refused by the switch: %s", reason);
            if (obj->kind == LKIND_NETWORK) {
                lnet_cast(obj)->flood_dirty = true;
            }
            found = true;
        }
    }
    return found;
}

size_t
topology_recompute(struct topology *topology)
{
    struct lobject *obj;

    topology_mark(topology, &topology->host);
    HMAP_FOR_EACH (obj, node, &topology->objects) {
        topology_mark(topology, obj);
        if (obj->kind == LKIND_NETWORK) {
            lnet_cast(obj)->flood_dirty = true;
        }
    }
    return hmap_count(&topology->objects) + 1;
}

struct lport *
topology_next_arrival(struct topology *topology)
{
    struct lport *port;

    LIST_FOR_EACH_POP (port, arrival_node, &topology->arrivals) {
        ovs_list_init(&port->arrival_node);
        return port;
    }
    return NULL;
}

/* State to be reported. */

void
topology_recheck_status(struct topology *topology, const struct uuid *uuid)
{
    struct lobject *obj;

    if (uuid_is_zero(uuid)) {
        topology_queue_status(topology, &topology->host);
    }
    HMAP_FOR_EACH_WITH_HASH (obj, node, uuid_hash(uuid), &topology->objects) {
        if (uuid_equals(&obj->uuid, uuid)) {
            topology_queue_status(topology, obj);
        }
    }
}

void
topology_recheck_all_status(struct topology *topology)
{
    struct lobject *obj;

    topology_queue_status(topology, &topology->host);
    HMAP_FOR_EACH (obj, node, &topology->objects) {
        topology_queue_status(topology, obj);
    }
}

struct lobject *
topology_next_status(struct topology *topology)
{
    struct lobject *obj;

    LIST_FOR_EACH_POP (obj, status_node, &topology->status_due) {
        ovs_list_init(&obj->status_node);
        return obj;
    }
    return NULL;
}

void
topology_status_taken(struct topology *topology, struct lobject *obj)
{
    if (obj->known || !ovs_list_is_empty(&obj->dirty_node)
        || !ovs_list_is_empty(&obj->unacked_node)) {
        return;
    } else if (obj->kind == LKIND_PORT) {
        if (!lport_cast(obj)->plugged
            && ovs_list_is_empty(&lport_cast(obj)->places)) {
            topology_destroy_port(topology, lport_cast(obj));
        }
    } else if (obj->kind == LKIND_PEER) {
        if (ovs_list_is_empty(&lpeer_cast(obj)->places)) {
            topology_destroy_peer(topology, lpeer_cast(obj));
        }
    } else if (ovs_list_is_empty(&lnet_cast(obj)->ports)
               && ovs_list_is_empty(&lnet_cast(obj)->places)) {
        topology_destroy_network(topology, lnet_cast(obj));
    }
}

void
topology_wait(const struct topology *topology)
{
    if (topology->interest_dirty || !ovs_list_is_empty(&topology->status_due)
        || (topology->ready && !ovs_list_is_empty(&topology->dirty))) {
        poll_immediate_wake();
    }
}
