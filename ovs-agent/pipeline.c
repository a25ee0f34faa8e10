/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See pipeline.h.  This file has the flows that are nobody's in particular.
 * Nothing in the pipeline looks at anything but its arguments, and nothing
 * fails: whoever calls has checked the facts. */

#include <config.h>

#include "pipeline-private.h"

#include "flow.h"
#include "oflow.h"
#include "util.h"

const uint8_t pipeline_owned_tables[] = {
    PIPELINE_ADMIT, PIPELINE_TUNNEL, PIPELINE_GATE, PIPELINE_LEARN,
    PIPELINE_ANSWER, PIPELINE_ND, PIPELINE_L2, PIPELINE_FLOOD,
    PIPELINE_UNKNOWN, PIPELINE_EGRESS, PIPELINE_REMOTE,
};
const size_t pipeline_n_owned_tables = ARRAY_SIZE(pipeline_owned_tables);

const char *
pipeline_table_name(uint8_t table)
{
    switch ((enum pipeline_table) table) {
    case PIPELINE_ADMIT: return "admit";
    case PIPELINE_TUNNEL: return "tunnel";
    case PIPELINE_GATE: return "gate";
    case PIPELINE_LEARN: return "learn";
    case PIPELINE_ANSWER: return "answer";
    case PIPELINE_ND: return "nd";
    case PIPELINE_L2: return "l2";
    case PIPELINE_FLOOD: return "flood";
    case PIPELINE_LEARNED: return "learned";
    case PIPELINE_UNKNOWN: return "unknown";
    case PIPELINE_EGRESS: return "egress";
    case PIPELINE_REMOTE: return "remote";
    }
    return NULL;
}

/* Whoever sends us something by a tunnel, its number decides what it is; and
 * it goes to no other hypervisor from here. */
static void
tunnel_flows(ofp_port_t tunnel, struct ofpbuf *actions,
             struct ovs_list *flows)
{
    struct match match;

    match_init_catchall(&match);
    match_set_in_port(&match, tunnel);
    put_goto(actions, PIPELINE_TUNNEL);
    add_flow(flows, PIPELINE_ADMIT, PRI_ANY_PEER, PIPELINE_BASE_COOKIE,
             &match, actions);
    add_flow(flows, PIPELINE_REMOTE, PRI_OUTSIDE, PIPELINE_BASE_COOKIE,
             &match, actions);
}

void
pipeline_peer_flows(const struct uuid *uuid, ofp_port_t tunnel,
                    const struct in6_addr *peer, struct ovs_list *flows)
{
    ovs_be32 ipv4 = in6_addr_get_mapped_ipv4(peer);
    uint64_t stub[64 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);
    struct match match;

    match_init_catchall(&match);
    match_set_in_port(&match, tunnel);
    if (ipv4) {
        match_set_tun_src(&match, ipv4);
    } else {
        match_set_tun_ipv6_src(&match, peer);
    }
    put_goto(&actions, PIPELINE_TUNNEL);
    add_flow(flows, PIPELINE_ADMIT, PRI_OBJECT, oflow_cookie(uuid), &match,
             &actions);
    ofpbuf_uninit(&actions);
}

void
pipeline_base_flows(bool host_admin_up, const ofp_port_t *tunnels, size_t n,
                    struct ovs_list *flows)
{
    const struct eth_addr reserved = ETH_ADDR_C(01,80,c2,00,00,00);
    const struct eth_addr reserved_mask = ETH_ADDR_C(ff,ff,ff,ff,ff,f0);
    uint64_t stub[64 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);
    struct match match;

    if (!host_admin_up) {
        match_init_catchall(&match);
        add_flow(flows, PIPELINE_ADMIT, PRI_HOST_GATE, PIPELINE_BASE_COOKIE,
                 &match, &actions);
    }

    /* IEEE 802.1Q 8.6.3: addresses no bridge relays, STP and LLDP among
     * them; and no frame's source is a group. */
    match_ethernet(&match);
    match_set_dl_dst_masked(&match, reserved, reserved_mask);
    add_flow(flows, PIPELINE_ADMIT, PRI_PROTOCOL, PIPELINE_BASE_COOKIE,
             &match, &actions);
    match_ethernet(&match);
    match_set_dl_src_masked(&match, pipeline_group_bit, pipeline_group_bit);
    add_flow(flows, PIPELINE_ADMIT, PRI_PROTOCOL, PIPELINE_BASE_COOKIE,
             &match, &actions);

    for (size_t i = 0; i < n; i++) {
        tunnel_flows(tunnels[i], &actions, flows);
    }
    pipeline_answer_base_flows(flows);

    match_init_catchall(&match);
    put_goto(&actions, PIPELINE_ANSWER);
    add_flow(flows, PIPELINE_LEARN, PRI_DEFAULT, PIPELINE_BASE_COOKIE,
             &match, &actions);
    put_goto(&actions, PIPELINE_EGRESS);
    add_flow(flows, PIPELINE_UNKNOWN, PRI_DEFAULT, PIPELINE_BASE_COOKIE,
             &match, &actions);
    ofpbuf_uninit(&actions);
}

void
pipeline_nudge_flow(struct ovs_list *flows)
{
    struct ofpbuf actions;
    struct match match;

    ofpbuf_init(&actions, 0);
    match_init_catchall(&match);
    add_flow(flows, PIPELINE_LEARNED, PRI_DEFAULT, PIPELINE_BASE_COOKIE,
             &match, &actions);
    ofpbuf_uninit(&actions);
}
