/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See topology-objects.h. */

#include <config.h>

#include "topology-objects.h"

#include <string.h>

#include "flow.h"
#include "packets.h"
#include "sha1.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

/* Objects. */

static void
lobject_init(struct lobject *obj, enum lkind kind, const struct uuid *uuid)
{
    obj->kind = kind;
    obj->uuid = *uuid;
    ovs_list_init(&obj->dirty_node);
    ovs_list_init(&obj->unacked_node);
    ovs_list_init(&obj->status_node);
    flow_owner_init(&obj->owner, uuid);
}

static void
lobject_uninit(struct topology *topology, struct lobject *obj)
{
    flow_table_remove(&topology->flows, &obj->owner);
    ovs_list_remove(&obj->dirty_node);
    ovs_list_remove(&obj->unacked_node);
    ovs_list_remove(&obj->status_node);
    free(obj->refused);
    free(obj->fault);
}

static struct lobject *
find_object(const struct topology *topology, const struct uuid *uuid,
            enum lkind kind)
{
    struct lobject *obj;

    HMAP_FOR_EACH_WITH_HASH (obj, node, uuid_hash(uuid), &topology->objects) {
        if (obj->kind == kind && uuid_equals(&obj->uuid, uuid)) {
            return obj;
        }
    }
    return NULL;
}

bool
lobject_is_pending(const struct lobject *obj)
{
    return (!ovs_list_is_empty(&obj->unacked_node)
            || !ovs_list_is_empty(&obj->dirty_node) || !obj->applied);
}

struct lport *
lport_cast(const struct lobject *obj)
{
    ovs_assert(obj->kind == LKIND_PORT);
    return CONTAINER_OF(obj, struct lport, obj);
}

struct lnet *
lnet_cast(const struct lobject *obj)
{
    ovs_assert(obj->kind == LKIND_NETWORK);
    return CONTAINER_OF(obj, struct lnet, obj);
}

struct lpeer *
lpeer_cast(const struct lobject *obj)
{
    ovs_assert(obj->kind == LKIND_PEER);
    return CONTAINER_OF(obj, struct lpeer, obj);
}

bool
lport_is_local(const struct lport *port)
{
    return port->obj.known || port->plugged;
}

const struct port_place *
lport_find_place(const struct lport *port, const char *host)
{
    const struct port_place *place;

    LIST_FOR_EACH (place, port_node, &port->places) {
        if (!strcmp(place->intent.host, host)) {
            return place;
        }
    }
    return NULL;
}

struct lport *
topology_find_port(const struct topology *topology, const struct uuid *uuid)
{
    struct lobject *obj = find_object(topology, uuid, LKIND_PORT);

    return obj ? lport_cast(obj) : NULL;
}

struct lnet *
topology_find_network(const struct topology *topology,
                      const struct uuid *uuid)
{
    struct lobject *obj = find_object(topology, uuid, LKIND_NETWORK);

    return obj ? lnet_cast(obj) : NULL;
}

struct lport *
topology_get_port(struct topology *topology, const struct uuid *uuid)
{
    struct lport *port = topology_find_port(topology, uuid);

    if (!port) {
        port = xzalloc(sizeof *port);
        lobject_init(&port->obj, LKIND_PORT, uuid);
        ovs_list_init(&port->net_node);
        ovs_list_init(&port->places);
        ovs_list_init(&port->arrival_node);
        port->ofport = port->wired_ofport = OFPP_NONE;
        hmap_insert(&topology->objects, &port->obj.node, uuid_hash(uuid));
    }
    return port;
}

struct lnet *
topology_get_network(struct topology *topology, const struct uuid *uuid)
{
    struct lnet *net = topology_find_network(topology, uuid);

    if (!net) {
        net = xzalloc(sizeof *net);
        lobject_init(&net->obj, LKIND_NETWORK, uuid);
        flow_owner_init(&net->gate, uuid);
        ovs_list_init(&net->ports);
        ovs_list_init(&net->places);
        hmap_insert(&topology->objects, &net->obj.node, uuid_hash(uuid));
        /* Whether or not its row ever comes, something is to be said. */
        topology_set_dirty(topology, &net->obj);
    }
    return net;
}

/* Peers are no rows and have no UUIDs: this one is always the same for the
 * same 'encap', on every hypervisor. */
static struct uuid
peer_uuid(const struct encap *encap)
{
    uint8_t digest[SHA1_DIGEST_SIZE];
    char *s = encap_to_string(encap);
    struct uuid uuid;

    sha1_bytes(s, strlen(s), digest);
    memcpy(&uuid, digest, sizeof uuid);
    free(s);
    return uuid;
}

struct lpeer *
topology_find_peer(const struct topology *topology, const struct encap *encap)
{
    struct uuid uuid = peer_uuid(encap);
    struct lobject *obj = find_object(topology, &uuid, LKIND_PEER);

    return obj ? lpeer_cast(obj) : NULL;
}

struct lpeer *
topology_get_peer(struct topology *topology, const struct encap *encap)
{
    struct lpeer *peer = topology_find_peer(topology, encap);

    if (!peer) {
        struct uuid uuid = peer_uuid(encap);

        peer = xzalloc(sizeof *peer);
        lobject_init(&peer->obj, LKIND_PEER, &uuid);
        peer->encap = *encap;
        ovs_list_init(&peer->places);
        hmap_insert(&topology->objects, &peer->obj.node, uuid_hash(&uuid));
    }
    return peer;
}

void
topology_destroy_port(struct topology *topology, struct lport *port)
{
    hmap_remove(&topology->objects, &port->obj.node);
    lobject_uninit(topology, &port->obj);
    ovs_list_remove(&port->net_node);
    ovs_list_remove(&port->arrival_node);
    intent_port_destroy(&port->intent);
    free(port->vif_name);
    free(port->elsewhere);
    free(port);
}

void
topology_destroy_network(struct topology *topology, struct lnet *net)
{
    hmap_remove(&topology->objects, &net->obj.node);
    lobject_uninit(topology, &net->obj);
    flow_table_remove(&topology->flows, &net->gate);
    intent_network_destroy(&net->intent);
    free(net->encap);
    free(net);
}

void
topology_destroy_peer(struct topology *topology, struct lpeer *peer)
{
    hmap_remove(&topology->objects, &peer->obj.node);
    lobject_uninit(topology, &peer->obj);
    free(peer);
}

void
topology_init(struct topology *topology)
{
    memset(topology, 0, sizeof *topology);
    hmap_init(&topology->objects);
    shash_init(&topology->physnets);
    hmap_init(&topology->port_places);
    hmap_init(&topology->net_places);
    hmap_init(&topology->net_places_by_host);
    topology->vtep.host = xstrdup("");
    sset_init(&topology->former_names);
    for (int i = 0; i < ENCAP_N_TYPES; i++) {
        topology->vtep.tunnels[i].ofport = OFPP_NONE;
    }
    flow_table_init(&topology->flows);
    ovs_list_init(&topology->dirty);
    ovs_list_init(&topology->sending);
    ovs_list_init(&topology->unacked);
    ovs_list_init(&topology->status_due);
    ovs_list_init(&topology->arrivals);
    lobject_init(&topology->host, LKIND_HOST, &UUID_ZERO);
    topology->host.known = true;
    topology->host_intent.admin_state_up = true;
    topology->interest_dirty = true;
}

static void
destroy_places(struct topology *topology)
{
    struct port_place *port_place;
    struct net_place *net_place;

    HMAP_FOR_EACH_POP (port_place, node, &topology->port_places) {
        intent_port_place_destroy(&port_place->intent);
        free(port_place);
    }
    HMAP_FOR_EACH_POP (net_place, node, &topology->net_places) {
        intent_net_place_destroy(&net_place->intent);
        free(net_place);
    }
    hmap_destroy(&topology->port_places);
    hmap_destroy(&topology->net_places);
    hmap_destroy(&topology->net_places_by_host);
}

void
topology_destroy(struct topology *topology)
{
    struct lobject *obj;

    destroy_places(topology);
    HMAP_FOR_EACH_SAFE (obj, node, &topology->objects) {
        if (obj->kind == LKIND_PORT) {
            topology_destroy_port(topology, lport_cast(obj));
        }
    }
    HMAP_FOR_EACH_SAFE (obj, node, &topology->objects) {
        if (obj->kind == LKIND_PEER) {
            topology_destroy_peer(topology, lpeer_cast(obj));
        } else {
            topology_destroy_network(topology, lnet_cast(obj));
        }
    }
    lobject_uninit(topology, &topology->host);
    hmap_destroy(&topology->objects);
    flow_table_destroy(&topology->flows);
    physnets_clear(&topology->physnets);
    shash_destroy(&topology->physnets);
    vtep_destroy(&topology->vtep);
    sset_destroy(&topology->former_names);
}

/* Marks. */

void
topology_move(struct ovs_list *list, struct ovs_list *node)
{
    ovs_list_remove(node);
    ovs_list_push_back(list, node);
}

void
topology_set_dirty(struct topology *topology, struct lobject *obj)
{
    topology_move(&topology->dirty, &obj->dirty_node);
}

void
topology_mark(struct topology *topology, struct lobject *obj)
{
    obj->times.received = time_usec();
    obj->times.changed_wall = time_wall_msec();
    obj->times.computed = obj->times.acked = 0;
    if (obj->refused && obj->kind == LKIND_NETWORK) {
        /* Its flows, withheld, are due again. */
        lnet_cast(obj)->flood_dirty = true;
    }
    free(obj->refused);
    obj->refused = NULL;
    topology_set_dirty(topology, obj);
}

void
topology_mark_flood(struct topology *topology, struct lnet *net)
{
    net->flood_dirty = true;
    if (ovs_list_is_empty(&net->obj.dirty_node)) {
        topology_set_dirty(topology, &net->obj);
    }
}

void
topology_mark_ports(struct topology *topology, struct lnet *net)
{
    struct lport *port;

    LIST_FOR_EACH (port, net_node, &net->ports) {
        topology_mark(topology, &port->obj);
    }
}

void
topology_queue_status(struct topology *topology, struct lobject *obj)
{
    if (ovs_list_is_empty(&obj->status_node)) {
        ovs_list_push_back(&topology->status_due, &obj->status_node);
    }
}

void
topology_mark_elsewhere(struct topology *topology, struct lnet *net,
                        const char *host)
{
    struct lport *port;

    LIST_FOR_EACH (port, net_node, &net->ports) {
        if (port->elsewhere && (!host || !strcmp(port->elsewhere, host))) {
            topology_set_dirty(topology, &port->obj);
        }
    }
}

void
topology_count_wired(struct topology *topology, struct lnet *net, int change)
{
    bool was_here = net->n_wired > 0;

    net->n_wired += change;
    topology_mark_flood(topology, net);
    if (was_here != (net->n_wired > 0)) {
        /* What was in force before says nothing of it now. */
        net->obj.applied = false;
        topology_mark_elsewhere(topology, net, NULL);
    }
}

void
topology_set_network(struct topology *topology, struct lport *port,
                     struct lnet *net)
{
    if (port->net == net) {
        return;
    }
    if (port->net) {
        if (port->wired) {
            port->wired = false;
            topology_count_wired(topology, port->net, -1);
        }
        ovs_list_remove(&port->net_node);
        ovs_list_init(&port->net_node);
        if (ovs_list_is_empty(&port->net->ports)) {
            topology_set_dirty(topology, &port->net->obj);
        }
    }
    port->net = net;
    if (net) {
        ovs_list_push_back(&net->ports, &port->net_node);
    }
}

void
physnets_clear(struct shash *physnets)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, physnets) {
        struct physnet *physnet = node->data;

        free(physnet->fault);
    }
    shash_clear_free_data(physnets);
}

void
vtep_clone(struct vtep *dst, const struct vtep *src)
{
    *dst = *src;
    dst->host = xstrdup(src->host);
}

void
vtep_destroy(struct vtep *vtep)
{
    free(vtep->host);
}

bool
vtep_equal(const struct vtep *a, const struct vtep *b)
{
    for (int i = 0; i < ENCAP_N_TYPES; i++) {
        if (a->tunnels[i].enabled != b->tunnels[i].enabled
            || a->tunnels[i].ofport != b->tunnels[i].ofport) {
            return false;
        }
    }
    return (!strcmp(a->host, b->host)
            && a->has_ip == b->has_ip
            && (!a->has_ip || ipv6_addr_equals(&a->ip, &b->ip))
            && a->no_device == b->no_device
            && a->mtu == b->mtu);
}
