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
#include "topology-places.h"
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

static bool
changes_interest(const struct intent_port *a, const struct intent_port *b)
{
    return (!uuid_equals(&a->network, &b->network)
            || a->n_allocations != b->n_allocations
            || memcmp(a->allocations, b->allocations,
                      a->n_allocations * sizeof *a->allocations));
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
    if (!port->obj.known || changes_interest(&port->intent, intent)) {
        topology->interest_dirty = true;
    }
    intent_port_destroy(&port->intent);
    intent_port_clone(&port->intent, intent);
    port->obj.known = true;
    topology_set_network(topology, port,
                         topology_get_network(topology, &intent->network));
    topology_mark(topology, &port->obj);
}

static void
forget_port(struct topology *topology, struct lport *port)
{
    port->obj.known = false;
    topology->interest_dirty = true;
    topology_places_follow(topology, port);
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
    if (!was_known
        || !nullable_string_is_equal(net->intent.network_type,
                                     intent->network_type)
        || !nullable_string_is_equal(net->intent.physical_network,
                                     intent->physical_network)
        || !uuid_equals(&net->intent.segment, &intent->segment)
        || net->intent.segmentation_id != intent->segmentation_id) {
        /* Every port's way may be another, those elsewhere included. */
        topology->interest_dirty = true;
        net->flood_dirty = true;
        mark_ports_of(topology, net);
    } else if (net->intent.mtu != intent->mtu) {
        net->flood_dirty = true;
    }
    intent_network_destroy(&net->intent);
    intent_network_clone(&net->intent, intent);
    net->obj.known = true;
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
    topology_places_sync_begin(topology);
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
    topology_places_sync_end(topology);
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
    /* What this hypervisor says of itself has changed. */
    queue_status(topology, &topology->host);
    HMAP_FOR_EACH (obj, node, &topology->objects) {
        if (obj->kind == LKIND_NETWORK) {
            topology_mark_flood(topology, lnet_cast(obj));
        }
    }
}

/* This hypervisor has another name.  The rows under the former one remain, for
 * they are written by no one any more, and others take them for a hypervisor
 * of its own: what is here has to be claimed from it. */
static void
rename_self(struct topology *topology, const char *former)
{
    struct lobject *obj;

    if (former[0]) {
        sset_add(&topology->former_names, former);
    }
    sset_find_and_delete(&topology->former_names, topology->vtep.host);
    HMAP_FOR_EACH (obj, node, &topology->objects) {
        if (obj->kind == LKIND_PORT) {
            lport_cast(obj)->reclaim = former[0] != '\0';
        }
    }
    topology_places_rename(topology);
}

void
topology_update_vtep(struct topology *topology, const struct vtep *vtep)
{
    struct vtep old = topology->vtep;

    if (vtep_equal(&old, vtep)) {
        return;
    }
    vtep_clone(&topology->vtep, vtep);
    if (strcmp(old.host, vtep->host)) {
        rename_self(topology, old.host);
    }
    vtep_destroy(&old);
    topology_recompute(topology);
}

/* The networks of ports that are here, and what belongs to them. */
static void
add_port_interest(const struct lport *port, struct interest *interest)
{
    const struct intent_port *intent = &port->intent;

    if (port->plugged) {
        uuidset_insert(&interest->ports, &port->obj.uuid);
    }
    uuidset_insert(&interest->located_ports, &port->obj.uuid);
    for (size_t i = 0; port->obj.known && i < intent->n_allocations; i++) {
        uuidset_insert(&interest->allocations, &intent->allocations[i]);
    }
    if (port->obj.known && !uuidset_contains(&interest->networks,
                                             &port->net->obj.uuid)) {
        const struct lnet *net = port->net;
        enum encap_type type;

        uuidset_insert(&interest->networks, &net->obj.uuid);
        if (net->obj.known && !uuid_is_zero(&net->intent.segment)) {
            uuidset_insert(&interest->segments, &net->intent.segment);
        }
        if (net->obj.known
            && encap_type_from_name(net->intent.network_type, &type)) {
            uuidset_insert(&interest->overlays, &net->obj.uuid);
        }
    }
}

void
topology_get_interest(const struct topology *topology,
                      struct interest *interest)
{
    const struct lobject *obj;

    HMAP_FOR_EACH (obj, node, &topology->objects) {
        if (obj->kind == LKIND_PORT && lport_is_local(lport_cast(obj))) {
            add_port_interest(lport_cast(obj), interest);
        }
    }
}

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
        if (obj->kind == LKIND_PORT
            && lport_cast(obj)->arrival != ARRIVAL_NONE) {
            topology_move(&topology->arrivals,
                          &lport_cast(obj)->arrival_node);
        }
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
