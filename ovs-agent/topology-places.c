/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Where ports are and overlays extend to; see topology.h.  This file keeps
 * those rows with the ports, networks and peers that they speak of, and marks
 * what changes with them: a port for its own row alone, a network's flood for
 * a hypervisor that comes or goes, and then that hypervisor's ports. */

#include <config.h>

#include "topology-places.h"

#include <string.h>

#include "hash.h"
#include "place.h"
#include "topology.h"
#include "util.h"
#include "uuid.h"

static bool
is_ours(const struct topology *topology, const char *host)
{
    return !strcmp(host, topology->vtep.host);
}

/* Ports. */

static struct port_place *
find_port_place(const struct topology *topology, const struct uuid *row)
{
    struct port_place *place;

    HMAP_FOR_EACH_WITH_HASH (place, node, uuid_hash(row),
                             &topology->port_places) {
        if (uuid_equals(&place->intent.row, row)) {
            return place;
        }
    }
    return NULL;
}

static struct place_claim
claim_of(const struct port_place *place)
{
    return (struct place_claim) {
        .host = place->intent.host,
        .claim = place->intent.claim,
    };
}

/* Of the rows of others about 'port', the one whose claim wins, or NULL. */
static const struct port_place *
find_foreign_place(const struct topology *topology, const struct lport *port)
{
    const struct port_place *place, *found = NULL;

    LIST_FOR_EACH (place, port_node, &port->places) {
        if (!is_ours(topology, place->intent.host)) {
            const struct place_claim claim = claim_of(place);
            const struct place_claim best
                = found ? claim_of(found) : (struct place_claim) { "", 0 };

            if (!found || place_wins(&claim, &best)) {
                found = place;
            }
        }
    }
    return found;
}

void
topology_places_follow(struct topology *topology, struct lport *port)
{
    const struct port_place *place = find_foreign_place(topology, port);

    topology_set_network(topology, port,
                         place ? topology_get_network(topology,
                                                      &place->intent.network)
                         : NULL);
}

void
topology_update_port_place(struct topology *topology,
                           const struct intent_port_place *intent)
{
    struct port_place *place = find_port_place(topology, &intent->row);

    if (place && !uuid_equals(&place->intent.port, &intent->port)) {
        topology_delete_port_place(topology, &intent->row);
        place = NULL;
    }
    if (!place) {
        place = xzalloc(sizeof *place);
        place->port = topology_get_port(topology, &intent->port);
        ovs_list_push_back(&place->port->places, &place->port_node);
        hmap_insert(&topology->port_places, &place->node,
                    uuid_hash(&intent->row));
    } else if (intent_port_place_equal(&place->intent, intent)) {
        place->stale = false;
        return;
    } else {
        intent_port_place_destroy(&place->intent);
    }
    intent_port_place_clone(&place->intent, intent);
    place->stale = false;
    if (!place->port->obj.known) {
        topology_places_follow(topology, place->port);
    }
    topology_mark(topology, &place->port->obj);
}

void
topology_delete_port_place(struct topology *topology, const struct uuid *row)
{
    struct port_place *place = find_port_place(topology, row);

    if (place) {
        ovs_list_remove(&place->port_node);
        hmap_remove(&topology->port_places, &place->node);
        if (!place->port->obj.known) {
            topology_places_follow(topology, place->port);
        }
        topology_mark(topology, &place->port->obj);
        intent_port_place_destroy(&place->intent);
        free(place);
    }
}

/* Peers. */

/* Says which hypervisor, if any, claims the same as the first. */
static void
compare_hosts(struct topology *topology, struct lpeer *peer)
{
    const char *first = NULL, *other = NULL;
    struct net_place *place;

    LIST_FOR_EACH (place, peer_node, &peer->places) {
        if (!first) {
            first = place->intent.host;
        } else if (strcmp(first, place->intent.host)) {
            other = place->intent.host;
            break;
        }
    }
    if (nullable_string_is_equal(peer->other, other)) {
        peer->other = other;    /* Perhaps another row's string. */
        return;
    }
    peer->other = other;
    LIST_FOR_EACH (place, peer_node, &peer->places) {
        topology_mark_flood(topology, place->net);
    }
}

static void
join_peer(struct topology *topology, struct net_place *place)
{
    struct encap encap;

    if (!is_ours(topology, place->intent.host)
        && encap_from_string(place->intent.encap, &encap)) {
        place->peer = topology_get_peer(topology, &encap);
        if (ovs_list_is_empty(&place->peer->places)) {
            topology_set_dirty(topology, &place->peer->obj);
        }
        ovs_list_push_back(&place->peer->places, &place->peer_node);
        compare_hosts(topology, place->peer);
    }
}

static void
leave_peer(struct topology *topology, struct net_place *place)
{
    struct lpeer *peer = place->peer;

    if (peer) {
        place->peer = NULL;
        ovs_list_remove(&place->peer_node);
        compare_hosts(topology, peer);
        if (ovs_list_is_empty(&peer->places)) {
            topology_set_dirty(topology, &peer->obj);
        }
    }
}

/* Networks. */

static uint32_t
hash_net_host(const struct uuid *network, const char *host)
{
    return hash_string(host, uuid_hash(network));
}

const struct net_place *
topology_find_net_place(const struct topology *topology,
                        const struct lnet *net, const char *host)
{
    const struct net_place *place;

    HMAP_FOR_EACH_WITH_HASH (place, host_node,
                             hash_net_host(&net->obj.uuid, host),
                             &topology->net_places_by_host) {
        if (place->net == net && !strcmp(place->intent.host, host)) {
            return place;
        }
    }
    return NULL;
}

static struct net_place *
find_net_place(const struct topology *topology, const struct uuid *row)
{
    struct net_place *place;

    HMAP_FOR_EACH_WITH_HASH (place, node, uuid_hash(row),
                             &topology->net_places) {
        if (uuid_equals(&place->intent.row, row)) {
            return place;
        }
    }
    return NULL;
}

/* What 'place' says has changed.  Where no port of the network is here, those
 * elsewhere have no flows, and need not be looked at for each of a thousand
 * hypervisors when all of the overlay leaves our view at once. */
static void
mark_net(struct topology *topology, const struct net_place *place)
{
    topology_mark_flood(topology, place->net);
    if (place->net->n_wired) {
        topology_mark_elsewhere(topology, place->net, place->intent.host);
    }
}

static void
insert_net_place(struct topology *topology,
                 const struct intent_net_place *intent)
{
    struct net_place *place = xzalloc(sizeof *place);

    intent_net_place_clone(&place->intent, intent);
    place->net = topology_get_network(topology, &intent->network);
    ovs_list_push_back(&place->net->places, &place->net_node);
    hmap_insert(&topology->net_places, &place->node,
                uuid_hash(&intent->row));
    hmap_insert(&topology->net_places_by_host, &place->host_node,
                hash_net_host(&intent->network, intent->host));
    join_peer(topology, place);
    mark_net(topology, place);
}

static void
delete_net_place(struct topology *topology, struct net_place *place)
{
    leave_peer(topology, place);
    ovs_list_remove(&place->net_node);
    hmap_remove(&topology->net_places, &place->node);
    hmap_remove(&topology->net_places_by_host, &place->host_node);
    mark_net(topology, place);
    intent_net_place_destroy(&place->intent);
    free(place);
}

void
topology_update_net_place(struct topology *topology,
                          const struct intent_net_place *intent)
{
    struct net_place *place = find_net_place(topology, &intent->row);

    if (place && intent_net_place_equal(&place->intent, intent)) {
        place->stale = false;
        return;
    } else if (place) {
        delete_net_place(topology, place);
    }
    insert_net_place(topology, intent);
}

void
topology_delete_net_place(struct topology *topology, const struct uuid *row)
{
    struct net_place *place = find_net_place(topology, row);

    if (place) {
        delete_net_place(topology, place);
    }
}

/* All of them. */

void
topology_places_sync_begin(struct topology *topology)
{
    struct port_place *port_place;
    struct net_place *net_place;

    HMAP_FOR_EACH (port_place, node, &topology->port_places) {
        port_place->stale = true;
    }
    HMAP_FOR_EACH (net_place, node, &topology->net_places) {
        net_place->stale = true;
    }
}

void
topology_places_sync_end(struct topology *topology)
{
    struct port_place *port_place;
    struct net_place *net_place;

    HMAP_FOR_EACH_SAFE (port_place, node, &topology->port_places) {
        if (port_place->stale) {
            topology_delete_port_place(topology, &port_place->intent.row);
        }
    }
    HMAP_FOR_EACH_SAFE (net_place, node, &topology->net_places) {
        if (net_place->stale) {
            delete_net_place(topology, net_place);
        }
    }
}

/* Our own name has changed: what was ours may be another's, and the other way
 * round. */
void
topology_places_rename(struct topology *topology)
{
    struct port_place *port_place;
    struct net_place *net_place;

    HMAP_FOR_EACH (port_place, node, &topology->port_places) {
        if (!port_place->port->obj.known) {
            topology_places_follow(topology, port_place->port);
        }
    }
    HMAP_FOR_EACH (net_place, node, &topology->net_places) {
        leave_peer(topology, net_place);
        join_peer(topology, net_place);
    }
}
