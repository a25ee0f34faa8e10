/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef PIPELINE_H
#define PIPELINE_H 1

/* The OpenFlow pipeline: facts in, flows out.
 *
 * These functions are pure.  Each makes all flows of one object from that
 * object's facts, so that a change to an object costs the flows of that
 * object, and what the agent computes step by step equals what it computes
 * from nothing.
 *
 * A packet carries its logical network's whole UUID in xxreg0, written where
 * it enters, so that nothing on a hypervisor has to hand out numbers and
 * remember them over a restart; reg5 holds the OpenFlow port it is about to be
 * delivered to.
 *
 *   ADMIT    in_port to network; a port that is down drops here, counted
 *   TUNNEL   of what came by a tunnel: its number to network
 *   GATE     one flow a network: the network's admin state, whatever came in
 *   LEARN    where a source may be anyone, remember where it is
 *   ANSWER   who asks for a known IP address is told at once (ARP, ND)
 *   ND       the end of an answer by ND
 *   L2       destination address to reg5, or into a flood
 *   FLOOD    a network's flood to the ports here
 *   LEARNED  what LEARN wrote: loads registers and nothing else
 *   UNKNOWN  unicast that nobody knows: to those who asked for it, the wire
 *   EGRESS   one flow a port: delivery, or the drop of a port that is down
 *   REMOTE   a network's flood to other hypervisors, once each
 *
 * Split horizon: nothing that came by a tunnel goes to one.  FLOOD serves the
 * ports here alone, REMOTE drops what is from a tunnel, and EGRESS, like any
 * OpenFlow table, does not send back by the port a packet came from, of which
 * there is one for all tunnels of a type.
 *
 * Table numbers leave room for the tables of other roles. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

#include "openvswitch/types.h"
#include "openvswitch/uuid.h"

struct ovs_list;

enum pipeline_table {
    PIPELINE_ADMIT = 0,
    PIPELINE_TUNNEL = 4,
    PIPELINE_GATE = 8,
    PIPELINE_LEARN = 16,
    PIPELINE_ANSWER = 20,
    PIPELINE_ND = 22,
    PIPELINE_L2 = 24,
    PIPELINE_FLOOD = 28,
    PIPELINE_LEARNED = 32,
    PIPELINE_UNKNOWN = 36,
    PIPELINE_EGRESS = 40,
    PIPELINE_REMOTE = 44,
};

/* Priorities within a table.  What is more special stands higher.  Who reads
 * flows back knows by table, priority and cookie what a flow is. */
enum {
    PRI_HOST_GATE = 65535,      /* Above everything in ADMIT. */
    PRI_PROTOCOL = 1000,        /* Frames no bridge forwards. */
    PRI_OUTSIDE = 300,          /* From beyond the hypervisor, answered not. */
    PRI_SELF = 200,             /* From a port, about itself. */
    PRI_OBJECT = 100,           /* A port's or network's own. */
    PRI_MULTICAST = 90,
    PRI_ANY_PEER = 50,          /* From a hypervisor nobody told us of. */
    PRI_UNKNOWN = 10,
    PRI_DEFAULT = 0,
};

/* Every table with flows that the agent wants and nobody else may touch:
 * all of the above but LEARNED. */
extern const uint8_t pipeline_owned_tables[];
extern const size_t pipeline_n_owned_tables;

/* The table's name in lower case, or NULL. */
const char *pipeline_table_name(uint8_t table);

/* At most this many receivers stand in one flow of a flood.  A flood of more
 * is a tree, whose shape follows from hashes of the receivers alone: one that
 * comes or goes changes one short flow, now and then a few, however many there
 * are, and no flow comes near OpenFlow's 64 kB. */
#define PIPELINE_FLOOD_LEAF 16

/* What Open vSwitch does with a packet must fit into 64 kB of datapath actions;
 * what comes after is not done.  A tunnel takes some 70 to 105 bytes.  So a
 * flood to more hypervisors than this is interrupted between each two branches
 * of its tree's root: the packet goes to the agent and comes back (NXT_RESUME).
 * Up to this number nothing of a flood depends on the agent's running. */
#define PIPELINE_FLOOD_WHOLE 512

/* The cookie of flows that belong to no port and no network. */
#define PIPELINE_BASE_COOKIE UINT64_C(0x51)

/* Seconds without a packet after which a learned address is forgotten. */
#define PIPELINE_LEARNED_IDLE_TIMEOUT 300

/* At most so many addresses are learned behind a port, and behind a network's
 * wire or tunnel: who sends from ever new ones does not fill the switch, here
 * or on other hypervisors.  What is not learned is flooded to those who take
 * unknown addresses. */
#define PIPELINE_LEARNED_MAX 2048

struct pipeline_port {
    struct uuid uuid;
    struct uuid network;
    struct eth_addr mac;
    const struct in6_addr *ips; /* Its addresses, IPv4 as ::ffff:a.b.c.d. */
    size_t n_ips;
    ofp_port_t ofport;
    bool admin_up;              /* The port's own state, and no other. */
    bool unknown;               /* May there be other addresses behind it? */
};

/* A port of an overlay that is on another hypervisor. */
struct pipeline_remote_port {
    struct uuid uuid;
    struct uuid network;
    struct eth_addr mac;
    const struct in6_addr *ips; /* As above. */
    size_t n_ips;
    ofp_port_t tunnel;
    struct in6_addr peer;       /* Where its hypervisor is reached. */
};

/* A port as its network's flood sees it. */
struct pipeline_member {
    struct uuid port;
    ofp_port_t ofport;
    bool unknown;
};

/* Another hypervisor, likewise. */
struct pipeline_remote {
    struct in6_addr peer;
    bool unknown;               /* Does it take unknown addresses? */
};

struct pipeline_network {
    struct uuid uuid;
    const struct pipeline_member *members; /* In any order. */
    size_t n_members;

    /* Where the network meets a physical network: a patch port, or OFPP_NONE;
     * and the VLAN it has there, or 0 for untagged. */
    ofp_port_t wire;
    uint16_t wire_vlan;

    /* For an overlay, the tunnel's port, or OFPP_NONE; the network's number in
     * it; and where it extends to, in any order, each peer once. */
    ofp_port_t tunnel;
    uint64_t tunnel_id;
    bool tunnel_ipv6;           /* Is the underlay IPv6? */
    const struct pipeline_remote *remotes;
    size_t n_remotes;
};

/* Each appends new flows (see oflow.h) to 'flows'; they are the caller's. */
void pipeline_port_flows(const struct pipeline_port *, struct ovs_list *flows);
void pipeline_remote_port_flows(const struct pipeline_remote_port *,
                                struct ovs_list *flows);

/* The flow that counts what comes from 'peer' by 'tunnel'; everything passes
 * whether there is one or not.  'uuid' stands for the peer. */
void pipeline_peer_flows(const struct uuid *uuid, ofp_port_t tunnel,
                         const struct in6_addr *peer, struct ovs_list *flows);

/* The one flow that a network's admin state is; every other flow of a network
 * is the same whatever it is. */
void pipeline_gate_flows(const struct uuid *network, bool admin_up,
                         struct ovs_list *flows);
void pipeline_network_flows(const struct pipeline_network *,
                            struct ovs_list *flows);

/* The flows that are there whatever is plugged, 'n' tunnels included;
 * 'host_admin_up' false shuts the whole hypervisor with one more. */
void pipeline_base_flows(bool host_admin_up, const ofp_port_t *tunnels,
                         size_t n, struct ovs_list *flows);

/* A flow that never exists.  To delete it changes nothing and tells nobody,
 * but has vswitchd look through its datapath's flows (see dp-sync.h). */
void pipeline_nudge_flow(struct ovs_list *flows);

#endif /* pipeline.h */
