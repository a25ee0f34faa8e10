/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See topology-objects.h. */

#include <config.h>

#include "topology-objects.h"

#include <string.h>

#include "flow.h"
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
        hmap_insert(&topology->objects, &net->obj.node, uuid_hash(uuid));
    }
    return net;
}

void
topology_destroy_port(struct topology *topology, struct lport *port)
{
    hmap_remove(&topology->objects, &port->obj.node);
    lobject_uninit(topology, &port->obj);
    ovs_list_remove(&port->net_node);
    intent_port_destroy(&port->intent);
    free(port->vif_name);
    free(port);
}

void
topology_destroy_network(struct topology *topology, struct lnet *net)
{
    hmap_remove(&topology->objects, &net->obj.node);
    lobject_uninit(topology, &net->obj);
    flow_table_remove(&topology->flows, &net->gate);
    intent_network_destroy(&net->intent);
    free(net);
}

void
topology_init(struct topology *topology)
{
    memset(topology, 0, sizeof *topology);
    hmap_init(&topology->objects);
    shash_init(&topology->physnets);
    flow_table_init(&topology->flows);
    ovs_list_init(&topology->dirty);
    ovs_list_init(&topology->sending);
    ovs_list_init(&topology->unacked);
    ovs_list_init(&topology->status_due);
    lobject_init(&topology->host, LKIND_HOST, &UUID_ZERO);
    topology->host.known = true;
    topology->host_intent.admin_state_up = true;
    topology->interest_dirty = true;
}

void
topology_destroy(struct topology *topology)
{
    struct lobject *obj;

    HMAP_FOR_EACH_SAFE (obj, node, &topology->objects) {
        if (obj->kind == LKIND_PORT) {
            topology_destroy_port(topology, lport_cast(obj));
        }
    }
    HMAP_FOR_EACH_SAFE (obj, node, &topology->objects) {
        topology_destroy_network(topology, lnet_cast(obj));
    }
    lobject_uninit(topology, &topology->host);
    hmap_destroy(&topology->objects);
    flow_table_destroy(&topology->flows);
    physnets_clear(&topology->physnets);
    shash_destroy(&topology->physnets);
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
physnets_clear(struct shash *physnets)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, physnets) {
        struct physnet *physnet = node->data;

        free(physnet->fault);
    }
    shash_clear_free_data(physnets);
}
