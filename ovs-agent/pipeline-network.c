/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The flows of a network; see pipeline.h. */

#include <config.h>

#include "pipeline-private.h"

#include "flow.h"
#include "oflow.h"

void
pipeline_gate_flows(const struct uuid *network, bool admin_up,
                    struct ovs_list *flows)
{
    uint64_t stub[64 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);
    struct match match;

    match_in_network(&match, network);
    if (admin_up) {
        put_goto(&actions, PIPELINE_LEARN);
    }
    add_flow(flows, PIPELINE_GATE, PRI_OBJECT, oflow_cookie(network), &match,
             &actions);
    ofpbuf_uninit(&actions);
}

/* Appends to 'actions' what delivers to every receiver, or every one that takes
 * unknown addresses: the ports here, then what is beyond, last because what is
 * set for it stays on the packet. */
static void
put_flood(const struct pipeline_network *net, bool unknown_only,
          struct ofpbuf *actions, struct ovs_list *flows)
{
    pipeline_put_flood(net, unknown_only, actions, flows);
    if (net->wire != OFPP_NONE) {
        put_deliver(actions, net->wire);
    }
    if (net->tunnel != OFPP_NONE) {
        pipeline_put_remote_flood(net, unknown_only, actions, flows);
    }
}

/* Broadcast and multicast. */
static void
network_flood(const struct pipeline_network *net, struct ofpbuf *actions,
              struct ovs_list *flows)
{
    struct match match;

    put_flood(net, false, actions, flows);
    match_in_network(&match, &net->uuid);
    match_set_default_packet_type(&match);
    match_set_dl_dst_masked(&match, pipeline_group_bit,
                            pipeline_group_bit);
    add_flow(flows, PIPELINE_L2, PRI_MULTICAST, oflow_cookie(&net->uuid),
             &match, actions);
}

/* Unicast to an address that no port of the network declares. */
static void
network_unknown(const struct pipeline_network *net, bool any_unknown,
                struct ofpbuf *actions, struct ovs_list *flows)
{
    uint64_t cookie = oflow_cookie(&net->uuid);
    struct match match;

    match_in_network(&match, &net->uuid);
    if (any_unknown) {
        put_resubmit(actions, PIPELINE_LEARNED);
    }
    put_goto(actions, PIPELINE_UNKNOWN);
    add_flow(flows, PIPELINE_L2, PRI_UNKNOWN, cookie, &match, actions);

    put_flood(net, true, actions, flows);
    match_in_network(&match, &net->uuid);
    match_set_reg(&match, REG_OUTPUT, 0);
    add_flow(flows, PIPELINE_UNKNOWN, PRI_OBJECT, cookie, &match, actions);
}

/* Nobody is answered who asks from beyond the hypervisor, through 'port': that
 * is his own hypervisor's business, or the asked one's. */
static void
pass_unanswered(const struct pipeline_network *net, ofp_port_t port,
                struct ovs_list *flows)
{
    uint64_t stub[64 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);
    struct match match;

    match_in_network(&match, &net->uuid);
    match_set_in_port(&match, port);
    put_goto(&actions, PIPELINE_L2);
    add_flow(flows, PIPELINE_ANSWER, PRI_OUTSIDE, oflow_cookie(&net->uuid),
             &match, &actions);
    ofpbuf_uninit(&actions);
}

/* The network's patch port: in by its VLAN, out with it. */
static void
network_wire(const struct pipeline_network *net, bool any_unknown,
             struct ofpbuf *actions, struct ovs_list *flows)
{
    uint64_t cookie = oflow_cookie(&net->uuid);
    struct match match;

    match_untagged_from(&match, net->wire);
    if (net->wire_vlan) {
        match_set_dl_vlan(&match, htons(net->wire_vlan), 0);
        ofpact_put_STRIP_VLAN(actions);
    }
    put_network(actions, &net->uuid);
    put_goto(actions, PIPELINE_GATE);
    add_flow(flows, PIPELINE_ADMIT, PRI_OBJECT, cookie, &match, actions);

    /* With a port that takes unknown addresses, what is known to be on the
     * wire need not be flooded to it. */
    if (any_unknown) {
        match_in_network(&match, &net->uuid);
        match_set_in_port(&match, net->wire);
        put_learn(actions, cookie, FROM_PORT);
        put_goto(actions, PIPELINE_ANSWER);
        add_flow(flows, PIPELINE_LEARN, PRI_OBJECT, cookie, &match, actions);
    }
    pass_unanswered(net, net->wire, flows);

    match_in_network(&match, &net->uuid);
    match_set_reg(&match, REG_OUTPUT, ofp_to_u16(net->wire));
    if (net->wire_vlan) {
        ovs_be16 vid = htons(net->wire_vlan | VLAN_CFI);

        ofpact_put_PUSH_VLAN(actions)->ethertype = htons(ETH_TYPE_VLAN_8021Q);
        put_set_field(actions, MFF_VLAN_VID, &vid);
    }
    put_output(actions, net->wire);
    add_flow(flows, PIPELINE_EGRESS, PRI_OBJECT, cookie, &match, actions);
}

/* The tunnel: in by the network's number, out with it. */
static void
network_tunnel(const struct pipeline_network *net, bool any_unknown,
               struct ofpbuf *actions, struct ovs_list *flows)
{
    uint64_t cookie = oflow_cookie(&net->uuid);
    ovs_be64 tunnel_id = htonll(net->tunnel_id);
    struct match match;

    match_init_catchall(&match);
    match_set_in_port(&match, net->tunnel);
    match_set_tun_id(&match, tunnel_id);
    put_network(actions, &net->uuid);
    put_goto(actions, PIPELINE_GATE);
    add_flow(flows, PIPELINE_TUNNEL, PRI_OBJECT, cookie, &match, actions);

    if (any_unknown) {
        match_in_network(&match, &net->uuid);
        match_set_in_port(&match, net->tunnel);
        put_learn(actions, cookie, (net->tunnel_ipv6 ? FROM_IPV6_TUNNEL
                                    : FROM_IPV4_TUNNEL));
        put_goto(actions, PIPELINE_ANSWER);
        add_flow(flows, PIPELINE_LEARN, PRI_OBJECT, cookie, &match, actions);
    }
    pass_unanswered(net, net->tunnel, flows);

    match_in_network(&match, &net->uuid);
    match_set_reg(&match, REG_OUTPUT, ofp_to_u16(net->tunnel));
    put_set_field(actions, MFF_TUN_ID, &tunnel_id);
    put_output(actions, net->tunnel);
    add_flow(flows, PIPELINE_EGRESS, PRI_OBJECT, cookie, &match, actions);
}

static bool
has_unknown(const struct pipeline_network *net)
{
    for (size_t i = 0; i < net->n_members; i++) {
        if (net->members[i].unknown) {
            return true;
        }
    }
    for (size_t i = 0; i < net->n_remotes; i++) {
        if (net->remotes[i].unknown) {
            return true;
        }
    }
    return false;
}

void
pipeline_network_flows(const struct pipeline_network *net,
                       struct ovs_list *flows)
{
    bool any_unknown = has_unknown(net);
    struct ofpbuf actions;

    ofpbuf_init(&actions, 1024);
    network_flood(net, &actions, flows);
    if (any_unknown || net->wire != OFPP_NONE) {
        network_unknown(net, any_unknown, &actions, flows);
    }
    if (net->wire != OFPP_NONE) {
        network_wire(net, any_unknown, &actions, flows);
    }
    if (net->tunnel != OFPP_NONE) {
        network_tunnel(net, any_unknown, &actions, flows);
    }
    ofpbuf_uninit(&actions);
}
