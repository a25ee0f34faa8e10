/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See objects.h. */

#include <config.h>

#include "objects.h"

#include <stdlib.h>

#include "flow.h"
#include "ovs-agent/oflow.h"
#include "packets.h"

struct eth_addr
objects_mac(unsigned int n)
{
    struct eth_addr mac = ETH_ADDR_C(02,00,00,00,00,00);

    mac.ea[4] = n >> 8;
    mac.ea[5] = n;
    return mac;
}

/* An address whose last two bytes are 'n'. */
static struct in6_addr
make_ipv4(uint32_t prefix, unsigned int n)
{
    struct in6_addr ip;

    in6_addr_set_mapped_ipv4(&ip, htonl(prefix | n));
    return ip;
}

static struct in6_addr
make_ipv6(uint8_t prefix, unsigned int n)
{
    struct in6_addr ip = { .s6_addr = { 0xfd, prefix, [14] = n >> 8,
                                        [15] = n } };

    return ip;
}

void
objects_ips(unsigned int n, struct in6_addr ips[OBJECTS_N_IPS])
{
    ips[0] = make_ipv4(0x0a000000, n);
    ips[1] = make_ipv6(0, n);
}

struct in6_addr
objects_peer(unsigned int n, bool ipv6)
{
    return ipv6 ? make_ipv6(1, n) : make_ipv4(0xc0a80000, n);
}

void
objects_add_port(unsigned int network, unsigned int n, bool admin_up,
                 bool unknown, struct ovs_list *flows)
{
    struct in6_addr ips[OBJECTS_N_IPS];
    const struct pipeline_port port = {
        .uuid = unit_uuid(UNIT_PORT, n),
        .network = unit_uuid(UNIT_NETWORK, network),
        .mac = objects_mac(n),
        .ips = ips,
        .n_ips = OBJECTS_N_IPS,
        .ofport = u16_to_ofp(n),
        .admin_up = admin_up,
        .unknown = unknown,
    };

    objects_ips(n, ips);
    pipeline_port_flows(&port, flows);
}

void
objects_add_remote_port(unsigned int network, unsigned int n,
                        unsigned int peer, bool ipv6, struct ovs_list *flows)
{
    struct in6_addr ips[OBJECTS_N_IPS];
    const struct pipeline_remote_port port = {
        .uuid = unit_uuid(UNIT_PORT, n),
        .network = unit_uuid(UNIT_NETWORK, network),
        .mac = objects_mac(n),
        .ips = ips,
        .n_ips = OBJECTS_N_IPS,
        .tunnel = OBJECTS_TUNNEL,
        .peer = objects_peer(peer, ipv6),
    };

    objects_ips(n, ips);
    pipeline_remote_port_flows(&port, flows);
}

void
objects_add_peer(unsigned int n, bool ipv6, struct ovs_list *flows)
{
    const struct uuid uuid = unit_uuid(UNIT_PEER, n);
    const struct in6_addr peer = objects_peer(n, ipv6);

    pipeline_peer_flows(&uuid, OBJECTS_TUNNEL, &peer, flows);
}

void
objects_make_members(struct pipeline_member *members, size_t n,
                     bool unknown)
{
    for (size_t i = 0; i < n; i++) {
        members[i].port = unit_uuid(UNIT_PORT, i + 1);
        members[i].ofport = u16_to_ofp(i + 1);
        members[i].unknown = unknown && i % 3 == 0;
    }
}

void
objects_make_remotes(struct pipeline_remote *remotes, size_t n, bool unknown,
                     bool ipv6)
{
    for (size_t i = 0; i < n; i++) {
        remotes[i].peer = objects_peer(i + 1, ipv6);
        remotes[i].unknown = unknown && i % 3 == 0;
    }
}

void
objects_add_network(unsigned int network, size_t n, bool unknown,
                    ofp_port_t wire, uint16_t vlan, struct ovs_list *flows)
{
    struct pipeline_member *members = xcalloc(n, sizeof *members);
    const struct pipeline_network facts = {
        .uuid = unit_uuid(UNIT_NETWORK, network),
        .members = members,
        .n_members = n,
        .wire = wire,
        .wire_vlan = vlan,
        .tunnel = OFPP_NONE,
    };

    objects_make_members(members, n, unknown);
    pipeline_network_flows(&facts, flows);
    free(members);
}

void
objects_add_overlay(unsigned int network, size_t n, size_t n_remotes,
                    bool unknown, bool ipv6, struct ovs_list *flows)
{
    struct pipeline_member *members = xcalloc(n, sizeof *members);
    struct pipeline_remote *remotes = xcalloc(n_remotes, sizeof *remotes);
    const struct pipeline_network facts = {
        .uuid = unit_uuid(UNIT_NETWORK, network),
        .members = members,
        .n_members = n,
        .wire = OFPP_NONE,
        .tunnel = OBJECTS_TUNNEL,
        .tunnel_id = 5000 + network,
        .tunnel_ipv6 = ipv6,
        .remotes = remotes,
        .n_remotes = n_remotes,
    };

    objects_make_members(members, n, unknown);
    objects_make_remotes(remotes, n_remotes, unknown, ipv6);
    pipeline_network_flows(&facts, flows);
    free(members);
    free(remotes);
}

/* Every kind of object. */

static uint64_t
cookie_of(enum unit_kind kind, unsigned int n)
{
    const struct uuid uuid = unit_uuid(kind, n);

    return oflow_cookie(&uuid);
}

static void
each_base(objects_law *obey, bool up)
{
    const ofp_port_t tunnels[] = { OBJECTS_TUNNEL, OFP_PORT_C(9002) };
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    for (size_t n = 0; n <= ARRAY_SIZE(tunnels); n++) {
        pipeline_base_flows(up, tunnels, n, &flows);
        obey(&flows, PIPELINE_BASE_COOKIE);
    }
}

static void
each_small_object(objects_law *obey, bool up)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    struct uuid network = unit_uuid(UNIT_NETWORK, 1);

    pipeline_gate_flows(&network, up, &flows);
    obey(&flows, cookie_of(UNIT_NETWORK, 1));
    objects_add_port(1, 5, up, false, &flows);
    obey(&flows, cookie_of(UNIT_PORT, 5));
    objects_add_port(1, 5, up, true, &flows);
    obey(&flows, cookie_of(UNIT_PORT, 5));
}

static void
each_remote_object(objects_law *obey, bool ipv6)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    objects_add_remote_port(1, 5, 2, ipv6, &flows);
    obey(&flows, cookie_of(UNIT_PORT, 5));
    objects_add_peer(2, ipv6, &flows);
    obey(&flows, cookie_of(UNIT_PEER, 2));
}

static const size_t sizes[] = { 0, 1, 3, 40 };

static void
each_network(objects_law *obey, bool unknown)
{
    static const struct { ofp_port_t wire; uint16_t vlan; } wires[] = {
        { OFPP_NONE, 0 }, { OBJECTS_WIRE, 0 }, { OBJECTS_WIRE, 4094 },
    };
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(wires); j++) {
            objects_add_network(1, sizes[i], unknown, wires[j].wire,
                                wires[j].vlan, &flows);
            obey(&flows, cookie_of(UNIT_NETWORK, 1));
        }
    }
}

static void
each_overlay(objects_law *obey, bool unknown, bool ipv6)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(sizes); j++) {
            objects_add_overlay(1, sizes[i], sizes[j], unknown, ipv6, &flows);
            obey(&flows, cookie_of(UNIT_NETWORK, 1));
        }
    }
}

void
objects_each(objects_law *obey)
{
    for (int yes = 0; yes <= 1; yes++) {
        each_base(obey, yes);
        each_small_object(obey, yes);
        each_remote_object(obey, yes);
        each_network(obey, yes);
        each_overlay(obey, yes, false);
        each_overlay(obey, yes, true);
    }
}
