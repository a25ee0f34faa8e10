/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See commands-objects.h. */

#include <config.h>

#include "commands-objects.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "sset.h"
#include "topology.h"
#include "util.h"
#include "uuid.h"

/* The hypervisor of a peer, the first if it has two; "" of other objects. */
static const char *
peer_host(const struct lobject *obj)
{
    const struct net_place *place;

    if (obj->kind == LKIND_PEER) {
        LIST_FOR_EACH (place, peer_node, &lpeer_cast(obj)->places) {
            return place->intent.host;
        }
    }
    return "";
}

static int
compare_objects(const void *a_, const void *b_)
{
    const struct lobject *const *a = a_;
    const struct lobject *const *b = b_;
    int cmp = strcmp(peer_host(*a), peer_host(*b));

    return cmp ? cmp : uuid_compare_3way(&(*a)->uuid, &(*b)->uuid);
}

struct lobject **
commands_objects(const struct topology *topology, enum lkind kind, size_t *np)
{
    struct lobject **objects
        = xmalloc(hmap_count(&topology->objects) * sizeof *objects + 1);
    struct lobject *obj;
    size_t n = 0;

    HMAP_FOR_EACH (obj, node, &topology->objects) {
        if (obj->kind == kind
            && (kind != LKIND_PORT || lport_is_local(lport_cast(obj)))) {
            objects[n++] = obj;
        }
    }
    qsort(objects, n, sizeof *objects, compare_objects);
    *np = n;
    return objects;
}

/* Ports. */

/* Returns the local port of that name; NULL and perhaps '*error', if there is
 * not exactly one. */
static struct lport *
find_port_by_name(const struct topology *topology, const char *name,
                  char **error)
{
    struct lport *found = NULL;
    struct lobject *obj;

    HMAP_FOR_EACH (obj, node, &topology->objects) {
        if (obj->kind != LKIND_PORT || !obj->known
            || strcmp(lport_cast(obj)->intent.name, name)) {
            continue;
        } else if (found) {
            *error = xasprintf("%s: two local ports have this name: "
                               UUID_FMT" and "UUID_FMT, name,
                               UUID_ARGS(&found->obj.uuid),
                               UUID_ARGS(&obj->uuid));
            return NULL;
        }
        found = lport_cast(obj);
    }
    return found;
}

struct lport *
commands_find_port(const struct topology *topology, const char *name,
                   char **error)
{
    struct lport *found;
    struct uuid uuid;

    *error = NULL;
    found = (uuid_from_string(&uuid, name)
             ? topology_find_port(topology, &uuid)
             : find_port_by_name(topology, name, error));
    if (found && !lport_is_local(found)) {
        *error = (found->elsewhere
                  ? xasprintf("%s: this port is at %s: ask its agent", name,
                              found->elsewhere)
                  : NULL);
        found = NULL;
    }
    if (!found && !*error) {
        *error = xasprintf("%s: no such port on this hypervisor", name);
    }
    return found;
}

const char *
commands_port_state(const struct topology *topology, const struct lport *port)
{
    return (!port->obj.known ? "unknown-port"
            : !port->plugged ? "unplugged"
            : port->obj.fault ? "fault"
            : port->elsewhere ? "standby"
            : !port->wired ? "pending"
            : !port->intent.admin_state_up ? "port-down"
            : !port->net->intent.admin_state_up ? "network-down"
            : !topology->host_intent.admin_state_up ? "host-down"
            : !port->obj.applied
              || !ovs_list_is_empty(&port->obj.unacked_node) ? "pending"
            : "active");
}

/* Elsewhere. */

size_t
commands_remote_ports(const struct lnet *net)
{
    const struct lport *port;
    size_t n = 0;

    LIST_FOR_EACH (port, net_node, &net->ports) {
        n += port->elsewhere != NULL;
    }
    return n;
}

size_t
commands_hypervisors(const struct topology *topology, const struct lnet *net)
{
    const struct net_place *place;
    size_t n = 0;

    LIST_FOR_EACH (place, net_node, &net->places) {
        n += strcmp(place->intent.host, topology->vtep.host) != 0;
    }
    return n;
}

const struct lpeer *
commands_port_peer(const struct topology *topology, const struct lport *port)
{
    const struct net_place *place
        = (port->net && port->elsewhere
           ? topology_find_net_place(topology, port->net, port->elsewhere)
           : NULL);

    return place ? place->peer : NULL;
}

/* Names. */

void
commands_format_port(const struct lport *port, struct ds *out)
{
    const char *name = port->obj.known ? port->intent.name : "";

    if (name[0]) {
        ds_put_format(out, "port \"%s\" ("UUID_FMT")", name,
                      UUID_ARGS(&port->obj.uuid));
    } else {
        ds_put_format(out, "port "UUID_FMT, UUID_ARGS(&port->obj.uuid));
    }
    if (port->elsewhere) {
        ds_put_format(out, " at %s", port->elsewhere);
    }
}

void
commands_format_network(const struct lnet *net, struct ds *out)
{
    if (net->obj.known && net->intent.name[0]) {
        ds_put_format(out, "network \"%s\"", net->intent.name);
    } else {
        ds_put_format(out, "network "UUID_FMT, UUID_ARGS(&net->obj.uuid));
    }
}

void
commands_format_hosts(const struct lpeer *peer, struct ds *out)
{
    struct sset hosts = SSET_INITIALIZER(&hosts);
    const struct net_place *place;
    char *text;

    LIST_FOR_EACH (place, peer_node, &peer->places) {
        sset_add(&hosts, place->intent.host);
    }
    text = sset_join(&hosts, ", ", "");
    ds_put_cstr(out, text);
    free(text);
    sset_destroy(&hosts);
}
