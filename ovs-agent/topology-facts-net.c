/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Networks, the peers of overlays, and the hypervisor; see
 * topology-facts.h. */

#include <config.h>

#include "topology-facts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "encap.h"
#include "lib/nb-rules.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "pipeline.h"
#include "topology.h"
#include "util.h"
#include "uuid.h"

/* Of the hypervisors that an overlay cannot reach, so many are named. */
#define MAX_NAMED 3

/* The wire of flat and vlan networks. */

/* Where 'net' meets its physical network, into 'facts'; and returns its
 * fault. */
static char *
find_wire(const struct topology *topology, const struct intent_network *net,
          struct pipeline_network *facts)
{
    bool vlan = !strcmp(net->network_type, "vlan");
    const struct physnet *physnet;

    if (vlan && (net->segmentation_id < 1
                 || net->segmentation_id > NB_VLAN_MAX)) {
        return xasprintf("segmentation_id %"PRId64" is not a VLAN ID (1 to "
                         "%d)", net->segmentation_id, NB_VLAN_MAX);
    }
    physnet = shash_find_data(&topology->physnets, net->physical_network);
    if (!physnet) {
        return xasprintf("physical_network \"%s\" is not in "
                         "sluice-bridge-mappings", net->physical_network);
    } else if (physnet->fault) {
        return xstrdup(physnet->fault);
    }
    facts->wire = physnet->ofport;
    facts->wire_vlan = vlan ? net->segmentation_id : 0;
    return NULL;
}

/* Overlays. */

/* The type of tunnel that 'net' travels in; false if it is no overlay, or one
 * whose number is none. */
static bool
overlay_type(const struct lnet *net, enum encap_type *type)
{
    return (net->obj.known
            && encap_type_from_name(net->intent.network_type, type)
            && net->intent.segmentation_id >= 1
            && net->intent.segmentation_id <= NB_VNI_MAX);
}

/* What keeps a tunnel of 'type' from reaching 'peer'; NULL: nothing. */
static const char *
find_obstacle(const struct vtep *vtep, enum encap_type type,
              const struct lpeer *peer)
{
    if (peer->encap.type != type || !vtep->tunnels[type].enabled) {
        return "no common type of tunnel";
    } else if (ipv6_addr_equals(&peer->encap.ip, &vtep->ip)) {
        return "both have the same sluice-encap-ip";
    } else if (encap_ip_is_ipv4(&peer->encap.ip)
               != encap_ip_is_ipv4(&vtep->ip)) {
        return "one's sluice-encap-ip is IPv4, the other's IPv6";
    }
    return NULL;
}

ofp_port_t
topology_find_tunnel(const struct topology *topology, const struct lnet *net,
                     const struct lpeer *peer)
{
    const struct vtep *vtep = &topology->vtep;
    enum encap_type type;

    if (!overlay_type(net, &type) || !vtep->has_ip
        || find_obstacle(vtep, type, peer)) {
        return OFPP_NONE;
    }
    return vtep->tunnels[type].ofport;
}

/* What we tell others of how we take the packets of an overlay of 'type':
 * perhaps a type that is of no use, so that they can say so. */
static char *
own_encap(const struct vtep *vtep, enum encap_type type)
{
    struct encap encap = { .type = type, .ip = vtep->ip };

    for (int i = 0; i < ENCAP_N_TYPES
                    && !vtep->tunnels[encap.type].enabled; i++) {
        encap.type = i;
    }
    return (vtep->has_ip && vtep->tunnels[encap.type].enabled
            ? encap_to_string(&encap) : xstrdup(""));
}

/* Collects faults; the words are one sentence each. */
struct complaints {
    struct ds text;
    size_t n;
};

static void complain(struct complaints *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

static void
complain(struct complaints *complaints, const char *format, ...)
{
    va_list args;

    if (++complaints->n > MAX_NAMED) {
        return;
    }
    if (complaints->text.length) {
        ds_put_cstr(&complaints->text, "; ");
    }
    va_start(args, format);
    ds_put_format_valist(&complaints->text, format, args);
    va_end(args);
}

/* Returns all of it in words, or NULL if there was none.  How many more there
 * are is not said: every hypervisor of the network would write its binding
 * again with each that comes, goes or is mended. */
static char *
complaints_steal(struct complaints *complaints)
{
    if (complaints->n > MAX_NAMED) {
        ds_put_cstr(&complaints->text, "; and more");
    }
    return complaints->n ? ds_steal_cstr(&complaints->text) : NULL;
}

static void
complain_of_peer(struct complaints *complaints, const char *own,
                 const struct vtep *vtep, const struct net_place *place,
                 const char *why)
{
    complain(complaints, "hypervisor %s (%s) cannot be reached from %s (%s): "
             "%s", place->intent.host,
             place->intent.encap[0] ? place->intent.encap : "no encap",
             vtep->host, own[0] ? own : "no encap", why);
}

/* Adds the hypervisor of 'place' to 'facts', or says why it cannot be. */
static void
add_remote(const struct topology *topology, enum encap_type type,
           const struct net_place *place, const char *own,
           struct pipeline_network *facts, struct pipeline_remote *remotes,
           struct complaints *complaints)
{
    const struct lpeer *peer = place->peer;
    const char *obstacle
        = (peer ? find_obstacle(&topology->vtep, type, peer)
           : place->intent.encap[0] ? "its encap is malformed"
           : "it has no tunnels");

    if (obstacle) {
        complain_of_peer(complaints, own, &topology->vtep, place, obstacle);
        return;
    }
    for (size_t i = 0; peer->other && i < facts->n_remotes; i++) {
        if (ipv6_addr_equals(&remotes[i].peer, &peer->encap.ip)) {
            remotes[i].unknown |= place->intent.unknown_addresses;
            return;             /* To each place once. */
        }
    }
    if (peer->other) {
        const char *first
            = CONTAINER_OF(ovs_list_front(&peer->places), struct net_place,
                           peer_node)->intent.host;

        /* In one order, whoever came first: or it would be written anew. */
        bool sorted = strcmp(first, peer->other) < 0;

        complain(complaints, "hypervisors %s and %s have the same encap, %s",
                 sorted ? first : peer->other, sorted ? peer->other : first,
                 place->intent.encap);
    }
    remotes[facts->n_remotes++] = (struct pipeline_remote) {
        .peer = peer->encap.ip,
        .unknown = place->intent.unknown_addresses,
    };
}

/* Does what the network promises to carry fit into the underlay? */
static void
check_mtu(const struct vtep *vtep, const struct intent_network *intent,
          const char *own, struct complaints *complaints)
{
    int overhead = nb_encap_overhead(!encap_ip_is_ipv4(&vtep->ip));

    if (vtep->mtu && intent->mtu > vtep->mtu - overhead) {
        complain(complaints, "mtu %"PRId64" does not fit into %s: the device "
                 "with that address has mtu %d, which is %d for the network's "
                 "packets", intent->mtu, own, vtep->mtu,
                 vtep->mtu - overhead);
    }
}

/* How 'net' reaches other hypervisors, into 'facts' and 'remotes', which has
 * room for all; 'own' is own_encap().  Returns its fault. */
static char *
find_remotes(const struct topology *topology, const struct lnet *net,
             enum encap_type type, const char *own,
             struct pipeline_network *facts, struct pipeline_remote *remotes)
{
    struct complaints complaints = { DS_EMPTY_INITIALIZER, 0 };
    const struct vtep *vtep = &topology->vtep;
    const struct net_place *place;

    LIST_FOR_EACH (place, net_node, &net->places) {
        if (vtep->has_ip && strcmp(place->intent.host, vtep->host)) {
            add_remote(topology, type, place, own, facts, remotes,
                       &complaints);
        }
    }
    if (!vtep->has_ip) {
        complain(&complaints, "sluice-encap-ip of %s is not set or is not an "
                 "IP address", vtep->host);
    } else if (!vtep->tunnels[type].enabled) {
        complain(&complaints, "%s is not in sluice-encap-type of %s",
                 encap_type_name(type), vtep->host);
    } else if (vtep->tunnels[type].ofport == OFPP_NONE) {
        complain(&complaints, "the tunnel port for %s has no OpenFlow port "
                 "number", encap_type_name(type));
    } else {
        if (vtep->no_device) {
            complain(&complaints, "no device of %s has its sluice-encap-ip, "
                     "%s", vtep->host, own);
        }
        check_mtu(vtep, &net->intent, own, &complaints);
        facts->tunnel = vtep->tunnels[type].ofport;
        facts->tunnel_id = net->intent.segmentation_id;
        facts->tunnel_ipv6 = !encap_ip_is_ipv4(&vtep->ip);
        facts->remotes = remotes;
    }
    if (facts->tunnel == OFPP_NONE) {
        facts->n_remotes = 0;
    }
    return complaints_steal(&complaints);
}

/* The flows of 'facts', completed by what is beyond the hypervisor. */
static char *
outside_flows(const struct topology *topology, const struct lnet *net,
              struct pipeline_network *facts, char **encap,
              struct ovs_list *flows)
{
    const struct intent_network *intent = &net->intent;
    struct pipeline_remote *remotes = NULL;
    enum encap_type type;
    char *fault = NULL;

    if (!intent->network_type) {
        /* A local network; or its Segment is still on its way. */
    } else if (overlay_type(net, &type)) {
        *encap = own_encap(&topology->vtep, type);
        remotes = xmalloc(ovs_list_size(&net->places) * sizeof *remotes + 1);
        fault = find_remotes(topology, net, type, *encap, facts, remotes);
    } else if (encap_type_from_name(intent->network_type, &type)) {
        fault = xasprintf("segmentation_id %"PRId64" is not a VNI (1 to %d)",
                          intent->segmentation_id, NB_VNI_MAX);
    } else if (!intent->network_type[0]) {
        /* Not among those in the schema: the IDL has logged the row. */
        fault = xstrdup("network_type is none that this agent knows");
    } else {
        fault = find_wire(topology, intent, facts);
    }
    pipeline_network_flows(facts, flows);
    free(remotes);
    return fault;
}

char *
topology_network_flows(const struct topology *topology,
                       const struct lnet *net, char **encap,
                       bool *takes_unknown, struct ovs_list *flows)
{
    struct pipeline_network facts = {
        .uuid = net->obj.uuid,
        .wire = OFPP_NONE,
        .tunnel = OFPP_NONE,
    };
    struct pipeline_member *members;
    const struct lport *port;
    char *fault;

    *encap = NULL;
    *takes_unknown = false;
    if (net->obj.refused) {
        return xstrdup(net->obj.refused);
    } else if (!net->obj.known || !net->n_wired) {
        return NULL;
    }

    members = xmalloc(net->n_wired * sizeof *members);
    LIST_FOR_EACH (port, net_node, &net->ports) {
        if (port->wired) {
            members[facts.n_members++] = (struct pipeline_member) {
                .port = port->obj.uuid,
                .ofport = port->wired_ofport,
                .unknown = port->wired_unknown,
            };
            *takes_unknown = *takes_unknown || port->wired_unknown;
        }
    }
    facts.members = members;
    fault = outside_flows(topology, net, &facts, encap, flows);
    free(members);
    return fault;
}

void
topology_gate_flows(const struct lnet *net, struct ovs_list *flows)
{
    if (net->obj.known && net->n_wired && !net->obj.refused) {
        pipeline_gate_flows(&net->obj.uuid, net->intent.admin_state_up,
                            flows);
    }
}

/* Peers and the host. */

char *
topology_peer_flows(const struct topology *topology, const struct lpeer *peer,
                    struct ovs_list *flows)
{
    const struct vtep *vtep = &topology->vtep;
    ofp_port_t tunnel = vtep->tunnels[peer->encap.type].ofport;

    if (peer->obj.refused) {
        return xstrdup(peer->obj.refused);
    }
    if (vtep->has_ip && tunnel != OFPP_NONE
        && !ovs_list_is_empty(&peer->places)) {
        pipeline_peer_flows(&peer->obj.uuid, tunnel, &peer->encap.ip, flows);
    }
    return NULL;
}

/* What keeps a network that 'peer' is in from reaching it; NULL: nothing. */
static const char *
find_any_obstacle(const struct topology *topology, const struct lpeer *peer)
{
    const struct net_place *place;
    const char *obstacle = NULL;
    enum encap_type type;

    LIST_FOR_EACH (place, peer_node, &peer->places) {
        if (!obstacle && overlay_type(place->net, &type)) {
            obstacle = find_obstacle(&topology->vtep, type, peer);
        }
    }
    return obstacle;
}

char *
topology_peer_fault(const struct topology *topology, const struct lpeer *peer)
{
    const struct vtep *vtep = &topology->vtep;
    const char *obstacle;

    if (peer->obj.fault) {
        return xstrdup(peer->obj.fault);
    } else if (!vtep->has_ip) {
        return xasprintf("sluice-encap-ip of %s is not set or is not an IP "
                         "address", vtep->host);
    }
    obstacle = find_any_obstacle(topology, peer);
    if (obstacle) {
        return xstrdup(obstacle);
    } else if (vtep->tunnels[peer->encap.type].ofport == OFPP_NONE) {
        return xstrdup("the tunnel port has no OpenFlow port number");
    }
    return peer->other ? xstrdup("two hypervisors have this encap") : NULL;
}

void
topology_host_flows(const struct topology *topology, struct ovs_list *flows)
{
    ofp_port_t tunnels[ENCAP_N_TYPES];
    size_t n = 0;

    for (int i = 0; i < ENCAP_N_TYPES; i++) {
        if (topology->vtep.tunnels[i].ofport != OFPP_NONE) {
            tunnels[n++] = topology->vtep.tunnels[i].ofport;
        }
    }
    pipeline_base_flows(topology->host_intent.admin_state_up, tunnels, n,
                        flows);
}
