/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See topology.h.  This file takes in what is wanted and what is plugged, marks
 * what changes with it, and says what else has to be asked for.  Where ports
 * are is taken in by topology-places.c. */

#include <config.h>

#include "topology.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "interest.h"
#include "topology-places.h"
#include "util.h"
#include "uuid.h"
#include "vif.h"

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
        topology_mark_ports(topology, net);
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
    topology_mark_ports(topology, net);
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

/* Objects that were not seen again, for the caller to free, and how many. */
static struct lobject **
find_stale(const struct topology *topology, size_t *n)
{
    struct lobject **stale
        = xmalloc(hmap_count(&topology->objects) * sizeof *stale + 1);
    struct lobject *obj;

    *n = 0;
    HMAP_FOR_EACH (obj, node, &topology->objects) {
        if (obj->stale) {
            stale[(*n)++] = obj;
        }
    }
    return stale;
}

void
topology_sync_end(struct topology *topology)
{
    /* First found, then forgotten: a port that is elsewhere may bring in that
     * one's network, and 'objects' grows. */
    size_t n;
    struct lobject **stale = find_stale(topology, &n);

    for (size_t i = 0; i < n; i++) {
        stale[i]->stale = false;
        if (stale[i]->kind == LKIND_PORT) {
            forget_port(topology, lport_cast(stale[i]));
        } else {
            forget_network(topology, lnet_cast(stale[i]));
        }
    }
    free(stale);
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
    topology_queue_status(topology, &topology->host);
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
