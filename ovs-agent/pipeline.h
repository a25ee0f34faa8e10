/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef PIPELINE_H
#define PIPELINE_H 1

/* The OpenFlow pipeline: rows in, flows out.
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
 *   GATE     one flow a network: the network's admin state, whatever came in
 *   LEARN    where a source may be anyone, remember where it is
 *   L2       destination address to reg5, or into a flood
 *   FLOOD    the buckets of a network's flood
 *   LEARNED  what LEARN wrote: loads reg5 and nothing else
 *   UNKNOWN  unicast that nobody knows: to those who asked for it, the wire
 *   EGRESS   one flow a port: delivery, or the drop of a port that is down
 *
 * Table numbers leave room for the tables of other roles. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/ofp-actions.h"
#include "openvswitch/uuid.h"
#include "packets.h"

struct ovs_list;

enum pipeline_table {
    PIPELINE_ADMIT = 0,
    PIPELINE_GATE = 8,
    PIPELINE_LEARN = 16,
    PIPELINE_L2 = 24,
    PIPELINE_FLOOD = 28,
    PIPELINE_LEARNED = 32,
    PIPELINE_UNKNOWN = 36,
    PIPELINE_EGRESS = 40,
};

/* Every table with flows that the agent wants and nobody else may touch:
 * all of the above but LEARNED. */
extern const uint8_t pipeline_owned_tables[];
extern const size_t pipeline_n_owned_tables;

/* The table's name in lower case, or NULL. */
const char *pipeline_table_name(uint8_t table);

/* A flood is split into this many flows, a port's being chosen by its UUID:
 * plugging a port rewrites one short flow, not one that lists every port of
 * the network, and no flow comes near OpenFlow's 64 kB. */
#define PIPELINE_FLOOD_BUCKETS 32

/* The cookie of flows that belong to no port and no network. */
#define PIPELINE_BASE_COOKIE UINT64_C(0x51)

/* Seconds without a packet after which a learned address is forgotten. */
#define PIPELINE_LEARNED_IDLE_TIMEOUT 300

struct pipeline_port {
    struct uuid uuid;
    struct uuid network;
    struct eth_addr mac;
    ofp_port_t ofport;
    bool admin_up;              /* The port's own state, and no other. */
    bool unknown;               /* May there be other addresses behind it? */
};

/* A port as its network's flood sees it. */
struct pipeline_member {
    struct uuid port;
    ofp_port_t ofport;
    bool unknown;
};

struct pipeline_network {
    struct uuid uuid;
    const struct pipeline_member *members; /* Sorted by 'port'. */
    size_t n_members;

    /* Where the network meets a physical network: a patch port, or OFPP_NONE;
     * and the VLAN it has there, or 0 for untagged. */
    ofp_port_t wire;
    uint16_t wire_vlan;
};

/* Each appends new flows (see oflow.h) to 'flows'; they are the caller's. */
void pipeline_port_flows(const struct pipeline_port *, struct ovs_list *flows);

/* The one flow that a network's admin state is; every other flow of a network
 * is the same whatever it is. */
void pipeline_gate_flows(const struct uuid *network, bool admin_up,
                         struct ovs_list *flows);
void pipeline_network_flows(const struct pipeline_network *,
                            struct ovs_list *flows);

/* The flows that are there whatever is plugged; 'host_admin_up' false shuts
 * the whole hypervisor with one more. */
void pipeline_base_flows(bool host_admin_up, struct ovs_list *flows);

/* A flow that never exists.  To delete it changes nothing and tells nobody,
 * but has vswitchd look through its datapath's flows (see dp-sync.h). */
void pipeline_nudge_flow(struct ovs_list *flows);

/* How members are ordered, for qsort(). */
int pipeline_compare_members(const void *a, const void *b);

#endif /* pipeline.h */
