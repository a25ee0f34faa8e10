/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Ports; see topology-facts.h. */

#include <config.h>

#include "topology-facts.h"

#include <stdlib.h>
#include <string.h>

#include "encap.h"
#include "packets.h"
#include "pipeline.h"
#include "place.h"
#include "topology.h"
#include "util.h"
#include "uuid.h"

bool
topology_is_awaiting(const struct topology *topology,
                     const struct lport *port)
{
    return port->obj.known && !port->net->obj.known && !topology->complete;
}

static bool
has_ip(const struct in6_addr *ips, size_t n, const struct in6_addr *ip)
{
    for (size_t i = 0; i < n; i++) {
        if (ipv6_addr_equals(&ips[i], ip)) {
            return true;
        }
    }
    return false;
}

/* The addresses among 'strings', each once, for the caller to free.  What is no
 * address is left out: the switch then answers nobody who asks for it. */
static struct in6_addr *
parse_ips(char *const *strings, size_t n, size_t *np)
{
    struct in6_addr *ips = xmalloc(n * sizeof *ips + 1);

    *np = 0;
    for (size_t i = 0; i < n; i++) {
        struct in6_addr *ip = &ips[*np];

        if (encap_ip_from_string(strings[i], ip) && !has_ip(ips, *np, ip)) {
            ++*np;
        }
    }
    return ips;
}

/* Where it is. */

/* Puts the claims of other hypervisors into 'claims', which has room for all,
 * and returns how many; our own row, if there is one, into '*own'. */
static size_t
gather_claims(const struct topology *topology, const struct lport *port,
              struct place_claim *claims, const struct port_place **own)
{
    const struct port_place *place;
    size_t n = 0;

    *own = NULL;
    LIST_FOR_EACH (place, port_node, &port->places) {
        if (!strcmp(place->intent.host, topology->vtep.host)) {
            *own = place;
        } else {
            claims[n++] = (struct place_claim) {
                .host = place->intent.host,
                .claim = place->intent.claim,
            };
        }
    }
    return n;
}

/* The hypervisor at which 'port' is wanted.  A former name of ours stands for
 * us, as long as it is only our old row that has it: one that wins over 'own',
 * our row's claim (NULL: none), is written by another who has that name now,
 * and two that take themselves for the same would outbid each other for
 * ever. */
static const char *
find_wanted(const struct topology *topology, const struct lport *port,
            const int64_t *own, const struct place_claim *claims, size_t n)
{
    const char *wanted = port->intent.host;

    if (!sset_contains(&topology->former_names, wanted)) {
        return wanted;
    }
    for (size_t i = 0; own && i < n; i++) {
        if (!strcmp(claims[i].host, wanted) && claims[i].claim > *own) {
            return wanted;
        }
    }
    return topology->vtep.host;
}

/* Says where the port is; 'held' if we could have it. */
static void
find_place(const struct topology *topology, const struct lport *port,
           bool held, struct port_facts *facts)
{
    size_t n_places = ovs_list_size(&port->places);
    struct place_claim *claims = xmalloc((n_places + 1) * sizeof *claims);
    const struct place_claim *winner;
    const struct port_place *own;
    size_t n = gather_claims(topology, port, claims, &own);

    if (held) {
        const int64_t *claim = (own && !port->reclaim ? &own->intent.claim
                                : NULL);

        facts->claimed = true;
        facts->claim = place_claim(topology->vtep.host, claim, claims, n,
                                   find_wanted(topology, port, claim, claims,
                                               n));
        facts->news = !own || own->intent.claim != facts->claim;
        facts->contested = n > 0;
        claims[n++] = (struct place_claim) {
            .host = topology->vtep.host,
            .claim = facts->claim,
        };
    }
    winner = place_find(claims, n);
    facts->elsewhere = (winner && winner->host != topology->vtep.host
                        ? winner->host : NULL);
    free(claims);
}

/* Here. */

static char *
check_port(const struct lport *port, struct eth_addr *mac)
{
    if (port->obj.refused) {
        return xstrdup(port->obj.refused);
    } else if (!eth_addr_from_string(port->intent.mac_address, mac)
               || eth_addr_is_multicast(*mac) || eth_addr_is_zero(*mac)) {
        return xasprintf("mac_address \"%s\" is not a unicast Ethernet "
                         "address", port->intent.mac_address);
    } else if (!port->net->obj.known) {
        return xasprintf("network "UUID_FMT" is not in the northbound "
                         "database", UUID_ARGS(&port->intent.network));
    }
    return NULL;
}

static void
local_flows(const struct lport *port, struct eth_addr mac,
            struct ovs_list *flows)
{
    struct pipeline_port facts = {
        .uuid = port->obj.uuid,
        .network = port->intent.network,
        .mac = mac,
        .ofport = port->ofport,
        .admin_up = port->intent.admin_state_up,
        .unknown = !port->intent.port_security_enabled,
    };
    struct in6_addr *ips = parse_ips(port->intent.ip_addresses,
                                     port->intent.n_ip_addresses,
                                     &facts.n_ips);

    facts.ips = ips;
    pipeline_port_flows(&facts, flows);
    free(ips);
}

/* Elsewhere. */

/* The flows of a port that is at 'host'.  None if no port of its network is
 * here; or if it cannot be reached there, which is the network's fault, if
 * any. */
static void
remote_flows(const struct topology *topology, const struct lport *port,
             const char *host, struct ovs_list *flows)
{
    const struct port_place *place = lport_find_place(port, host);
    const struct net_place *net_place
        = topology_find_net_place(topology, port->net, host);
    struct pipeline_remote_port facts = {
        .uuid = port->obj.uuid,
        .network = port->net->obj.uuid,
    };

    if (!port->net->n_wired || !net_place || !net_place->peer
        || port->obj.refused
        || !uuid_equals(&place->intent.network, &port->net->obj.uuid)
        || !eth_addr_from_string(place->intent.mac_address, &facts.mac)
        || eth_addr_is_multicast(facts.mac)) {
        return;
    }
    facts.tunnel = topology_find_tunnel(topology, port->net, net_place->peer);
    if (facts.tunnel != OFPP_NONE) {
        struct in6_addr *ips = parse_ips(place->intent.ip_addresses,
                                         place->intent.n_ip_addresses,
                                         &facts.n_ips);

        facts.peer = net_place->peer->encap.ip;
        facts.ips = ips;
        pipeline_remote_port_flows(&facts, flows);
        free(ips);
    }
}

char *
topology_port_flows(const struct topology *topology, const struct lport *port,
                    struct port_facts *facts, struct ovs_list *flows)
{
    bool held = (port->obj.known && port->plugged
                 && !topology_is_awaiting(topology, port));
    struct eth_addr mac;
    char *fault = (held ? check_port(port, &mac)
                   : nullable_xstrdup(port->obj.refused));

    *facts = (struct port_facts) { .claimed = false };
    find_place(topology, port, held && !fault, facts);
    if (facts->claimed && !facts->elsewhere) {
        facts->wired = true;
        local_flows(port, mac, flows);
    } else if (facts->elsewhere && port->net) {
        remote_flows(topology, port, facts->elsewhere, flows);
    }
    return fault;
}
