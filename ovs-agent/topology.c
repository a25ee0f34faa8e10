/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See topology.h.  This file takes in what is known and follows objects from
 * one list to the next; what their flows are is topology-compute.c's. */

#include <config.h>

#include "topology.h"

#include <string.h>

#include "flow.h"
#include "interest.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "topology-compute.h"
#include "util.h"
#include "uuid.h"
#include "vif.h"

static void
mark_ports_of(struct topology *topology, struct lnet *net)
{
    struct lport *port;

    LIST_FOR_EACH (port, net_node, &net->ports) {
        topology_mark(topology, &port->obj);
    }
}

static void
queue_status(struct topology *topology, struct lobject *obj)
{
    if (ovs_list_is_empty(&obj->status_node)) {
        ovs_list_push_back(&topology->status_due, &obj->status_node);
    }
}

/* Intent. */

/* Moves 'port' from the network it was in to 'net', NULL for none. */
static void
set_network(struct topology *topology, struct lport *port, struct lnet *net)
{
    if (port->net == net) {
        return;
    }
    if (port->net) {
        topology_mark_flood(topology, port->net);
        if (port->wired) {
            port->net->n_wired--;
            port->wired = false;
        }
        ovs_list_remove(&port->net_node);
        ovs_list_init(&port->net_node);
    }
    port->net = net;
    if (net) {
        ovs_list_push_back(&net->ports, &port->net_node);
    }
    topology->interest_dirty = true;
}

void
topology_update_port(struct topology *topology,
                     const struct intent_port *intent)
{
    struct lport *port = topology_get_port(topology, &intent->uuid);

    port->obj.stale = false;
    if (port->obj.known && intent_port_equal(&port->intent, intent)) {
        return;
    }
    intent_port_destroy(&port->intent);
    intent_port_clone(&port->intent, intent);
    port->obj.known = true;
    set_network(topology, port,
                topology_get_network(topology, &intent->network));
    topology_mark(topology, &port->obj);
}

static void
forget_port(struct topology *topology, struct lport *port)
{
    port->obj.known = false;
    set_network(topology, port, NULL);
    topology_mark(topology, &port->obj);
}

void
topology_delete_port(struct topology *topology, const struct uuid *uuid)
{
    struct lport *port = topology_find_port(topology, uuid);

    if (port && port->obj.known) {
        forget_port(topology, port);
    }
}

void
topology_update_network(struct topology *topology,
                        const struct intent_network *intent)
{
    struct lnet *net = topology_get_network(topology, &intent->uuid);
    bool was_known = net->obj.known;

    net->obj.stale = false;
    if (was_known && intent_network_equal(&net->intent, intent)) {
        return;
    }
    if (!was_known || !uuid_equals(&net->intent.segment, &intent->segment)) {
        topology->interest_dirty = true;
    }
    if (!was_known
        || !nullable_string_is_equal(net->intent.network_type,
                                     intent->network_type)
        || !nullable_string_is_equal(net->intent.physical_network,
                                     intent->physical_network)
        || !uuid_equals(&net->intent.segment, &intent->segment)
        || net->intent.segmentation_id != intent->segmentation_id) {
        net->flood_dirty = true;
    }
    intent_network_destroy(&net->intent);
    intent_network_clone(&net->intent, intent);
    net->obj.known = true;
    if (!was_known) {
        mark_ports_of(topology, net);
    }
    topology_mark(topology, &net->obj);
}

static void
forget_network(struct topology *topology, struct lnet *net)
{
    net->obj.known = false;
    net->flood_dirty = true;
    mark_ports_of(topology, net);
    topology_mark(topology, &net->obj);
    topology->interest_dirty = true;
}

void
topology_delete_network(struct topology *topology, const struct uuid *uuid)
{
    struct lnet *net = topology_find_network(topology, uuid);

    if (net && net->obj.known) {
        forget_network(topology, net);
    }
}

void
topology_update_host(struct topology *topology,
                     const struct intent_host *intent)
{
    struct intent_host *old = &topology->host_intent;

    if (old->admin_state_up != intent->admin_state_up
        || old->revision_number != intent->revision_number) {
        *old = *intent;
        topology_mark(topology, &topology->host);
    }
}

void
topology_sync_begin(struct topology *topology)
{
    struct lobject *obj;

    HMAP_FOR_EACH (obj, node, &topology->objects) {
        obj->stale = obj->known;
    }
}

void
topology_sync_end(struct topology *topology)
{
    struct lobject *obj;

    HMAP_FOR_EACH (obj, node, &topology->objects) {
        if (obj->stale) {
            obj->stale = false;
            if (obj->kind == LKIND_PORT) {
                forget_port(topology, lport_cast(obj));
            } else {
                forget_network(topology, lnet_cast(obj));
            }
        }
    }
}

/* What is plugged. */

void
topology_update_vif(struct topology *topology, const struct uuid *uuid,
                    const struct vif *vif)
{
    struct lport *port = topology_get_port(topology, uuid);

    if (port->plugged != !!vif) {
        topology->interest_dirty = true;
    }
    free(port->vif_name);
    port->plugged = vif != NULL;
    port->ofport = vif ? vif->ofport : OFPP_NONE;
    port->vif_name = vif ? xstrdup(vif->name) : NULL;
    topology_mark(topology, &port->obj);
}

static bool
physnets_equal(const struct shash *a, const struct shash *b)
{
    const struct shash_node *node;

    if (shash_count(a) != shash_count(b)) {
        return false;
    }
    SHASH_FOR_EACH (node, a) {
        const struct physnet *pa = node->data;
        const struct physnet *pb = shash_find_data(b, node->name);

        if (!pb || pa->ofport != pb->ofport
            || !nullable_string_is_equal(pa->fault, pb->fault)) {
            return false;
        }
    }
    return true;
}

void
topology_update_physnets(struct topology *topology, struct shash *physnets)
{
    struct lobject *obj;

    if (physnets_equal(&topology->physnets, physnets)) {
        physnets_clear(physnets);
        return;
    }
    physnets_clear(&topology->physnets);
    shash_swap(&topology->physnets, physnets);
    HMAP_FOR_EACH (obj, node, &topology->objects) {
        if (obj->kind == LKIND_NETWORK) {
            topology_mark_flood(topology, lnet_cast(obj));
        }
    }
}

void
topology_get_interest(const struct topology *topology,
                      struct interest *interest)
{
    const struct lobject *obj;

    HMAP_FOR_EACH (obj, node, &topology->objects) {
        if (obj->kind == LKIND_PORT) {
            const struct lport *port = lport_cast(obj);

            if (port->plugged) {
                uuidset_insert(&interest->ports, &obj->uuid);
            }
            if (port->net && !uuidset_contains(&interest->networks,
                                               &port->net->obj.uuid)) {
                uuidset_insert(&interest->networks, &port->net->obj.uuid);
            }
        } else {
            const struct lnet *net = lnet_cast(obj);

            if (obj->known && !ovs_list_is_empty(&net->ports)
                && !uuid_is_zero(&net->intent.segment)) {
                uuidset_insert(&interest->segments, &net->intent.segment);
            }
        }
    }
}

/* From marks to flows to acknowledgements. */

static void
compute_dirty(struct topology *topology)
{
    struct lobject *obj;

    /* Ports first: what is wired decides what their networks flood to. */
    LIST_FOR_EACH_SAFE (obj, dirty_node, &topology->dirty) {
        if (obj->kind == LKIND_PORT) {
            topology_move(&topology->sending, &obj->dirty_node);
            topology_compute_port(topology, lport_cast(obj));
        }
    }
    LIST_FOR_EACH_POP (obj, dirty_node, &topology->dirty) {
        ovs_list_push_back(&topology->sending, &obj->dirty_node);
        if (obj->kind == LKIND_NETWORK) {
            topology_compute_network(topology, lnet_cast(obj));
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
            mark_ports_of(topology, lnet_cast(obj));
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

void
topology_sent(struct topology *topology, uint64_t seq)
{
    struct lobject *obj;

    LIST_FOR_EACH_POP (obj, dirty_node, &topology->sending) {
        ovs_list_init(&obj->dirty_node);
        obj->seq = seq;
        topology_move(&topology->unacked, &obj->unacked_node);
    }
}

void
topology_acked(struct topology *topology, uint64_t seq)
{
    long long int now = time_usec();
    struct lobject *obj;

    LIST_FOR_EACH_SAFE (obj, unacked_node, &topology->unacked) {
        if (obj->seq > seq) {
            break;
        }
        ovs_list_remove(&obj->unacked_node);
        ovs_list_init(&obj->unacked_node);
        obj->applied = true;
        obj->applied_revision = obj->computed_revision;
        if (obj->times.computed && !obj->times.acked) {
            obj->times.acked = now;
            latency_add(&topology->applying, now - obj->times.computed);
            latency_add(&topology->total, now - obj->times.received);
        }
        queue_status(topology, obj);
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

/* State to be reported. */

void
topology_recheck_status(struct topology *topology, const struct uuid *uuid)
{
    struct lobject *obj;

    if (uuid_is_zero(uuid)) {
        queue_status(topology, &topology->host);
    }
    HMAP_FOR_EACH_WITH_HASH (obj, node, uuid_hash(uuid), &topology->objects) {
        if (uuid_equals(&obj->uuid, uuid)) {
            queue_status(topology, obj);
        }
    }
}

void
topology_recheck_all_status(struct topology *topology)
{
    struct lobject *obj;

    queue_status(topology, &topology->host);
    HMAP_FOR_EACH (obj, node, &topology->objects) {
        queue_status(topology, obj);
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
        if (!lport_cast(obj)->plugged) {
            topology_destroy_port(topology, lport_cast(obj));
        }
    } else if (ovs_list_is_empty(&lnet_cast(obj)->ports)) {
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
