/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Answers by ARP (RFC 826) and Neighbor Discovery (RFC 4861) about addresses
 * whose ports are known; see pipeline.h.
 *
 * A broadcast question becomes its answer in the switch and goes back where it
 * came from; no frame leaves the hypervisor, and the flow's counter says how
 * often.  A port is answered for whether it is up or down, here or elsewhere:
 * what stops its traffic are the gates, and they are not told to others.
 *
 * A question that a port asks about its own address is no question but an
 * announcement, or looks for a duplicate (RFC 5227, RFC 4862): those go on to
 * everybody.  So do unicast questions, which ask whether the port itself is
 * still there. */

#include <config.h>

#include "pipeline-private.h"

#include <netinet/icmp6.h>

#include "flow.h"
#include "oflow.h"

/* S and O of a Neighbor Advertisement: solicited, and to override. */
#define ND_FLAGS UINT32_C(0x60000000)

static void
put_uint8(struct ofpbuf *actions, enum mf_field_id id, uint8_t value)
{
    put_set_field(actions, id, &value);
}

/* Who asked is whom the answer goes to, and 'mac' is whom it is from. */
static void
put_turn_round(struct ofpbuf *actions, struct eth_addr mac)
{
    put_move(actions, MFF_ETH_SRC, MFF_ETH_DST);
    put_set_field(actions, MFF_ETH_SRC, &mac);
}

static void
match_arp_request(struct match *match, ovs_be32 ip)
{
    match_set_default_packet_type(match);
    match_set_dl_type(match, htons(ETH_TYPE_ARP));
    match_set_dl_dst(match, eth_addr_broadcast);
    match_set_nw_proto(match, ARP_OP_REQUEST);
    match_set_nw_dst(match, ip);
}

static void
put_arp_reply(struct ofpbuf *actions, struct eth_addr mac, ovs_be32 ip)
{
    ovs_be16 reply = htons(ARP_OP_REPLY);

    put_turn_round(actions, mac);
    put_set_field(actions, MFF_ARP_OP, &reply);
    put_move(actions, MFF_ARP_SHA, MFF_ARP_THA);
    put_move(actions, MFF_ARP_SPA, MFF_ARP_TPA);
    put_set_field(actions, MFF_ARP_SHA, &mac);
    put_set_field(actions, MFF_ARP_SPA, &ip);
    put_output(actions, OFPP_IN_PORT);
}

static void
match_solicitation(struct match *match)
{
    match_set_default_packet_type(match);
    match_set_dl_type(match, htons(ETH_TYPE_IPV6));
    match_set_nw_proto(match, IPPROTO_ICMPV6);
    match_set_icmp_type(match, ND_NEIGHBOR_SOLICIT);
    match_set_icmp_code(match, 0);
}

static void
match_multicast_solicitation(struct match *match, const struct in6_addr *ip)
{
    match_solicitation(match);
    match_set_dl_dst_masked(match, pipeline_group_bit, pipeline_group_bit);
    match_set_nd_target(match, ip);
}

/* All but the option, which a flow can set only in what has come in, or been
 * turned into, an advertisement: see pipeline_answer_base_flows(). */
static void
put_advertisement(struct ofpbuf *actions, struct eth_addr mac,
                  const struct in6_addr *ip)
{
    put_turn_round(actions, mac);
    put_move(actions, MFF_IPV6_SRC, MFF_IPV6_DST);
    put_set_field(actions, MFF_IPV6_SRC, ip);
    put_uint8(actions, MFF_ICMPV6_TYPE, ND_NEIGHBOR_ADVERT);
    put_goto(actions, PIPELINE_ND);
}

static void
match_question(struct match *match, const struct in6_addr *ip)
{
    ovs_be32 ipv4 = in6_addr_get_mapped_ipv4(ip);

    if (ipv4) {
        match_arp_request(match, ipv4);
    } else {
        match_multicast_solicitation(match, ip);
    }
}

static void
put_answer(struct ofpbuf *actions, struct eth_addr mac,
           const struct in6_addr *ip)
{
    ovs_be32 ipv4 = in6_addr_get_mapped_ipv4(ip);

    if (ipv4) {
        put_arp_reply(actions, mac, ipv4);
    } else {
        put_advertisement(actions, mac, ip);
    }
}

void
pipeline_answer_flows(const struct uuid *port, const struct uuid *network,
                      struct eth_addr mac, const struct in6_addr *ips,
                      size_t n_ips, ofp_port_t self, struct ovs_list *flows)
{
    uint64_t cookie = oflow_cookie(port);
    uint64_t stub[512 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);
    struct match match;

    for (size_t i = 0; i < n_ips; i++) {
        match_in_network(&match, network);
        match_question(&match, &ips[i]);
        put_answer(&actions, mac, &ips[i]);
        add_flow(flows, PIPELINE_ANSWER, PRI_OBJECT, cookie, &match,
                 &actions);

        if (self != OFPP_NONE) {
            match_set_in_port(&match, self);
            put_goto(&actions, PIPELINE_L2);
            add_flow(flows, PIPELINE_ANSWER, PRI_SELF, cookie, &match,
                     &actions);
        }
    }
    ofpbuf_uninit(&actions);
}

void
pipeline_answer_base_flows(struct ovs_list *flows)
{
    const ovs_be32 flags = htonl(ND_FLAGS);
    uint64_t stub[256 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);
    struct match match;

    match_init_catchall(&match);
    put_goto(&actions, PIPELINE_L2);
    add_flow(flows, PIPELINE_ANSWER, PRI_DEFAULT, PIPELINE_BASE_COOKIE,
             &match, &actions);

    /* From the unspecified address: looks for a duplicate, and has no option
     * that could become the answer's. */
    match_solicitation(&match);
    match_set_ipv6_src(&match, &in6addr_any);
    put_goto(&actions, PIPELINE_L2);
    add_flow(flows, PIPELINE_ANSWER, PRI_SELF, PIPELINE_BASE_COOKIE, &match,
             &actions);

    match_init_catchall(&match);
    match_set_default_packet_type(&match);
    match_set_dl_type(&match, htons(ETH_TYPE_IPV6));
    match_set_nw_proto(&match, IPPROTO_ICMPV6);
    match_set_icmp_type(&match, ND_NEIGHBOR_ADVERT);
    match_set_icmp_code(&match, 0);
    put_move(&actions, MFF_ETH_SRC, MFF_ND_TLL);
    put_set_field(&actions, MFF_ND_RESERVED, &flags);
    put_uint8(&actions, MFF_ND_OPTIONS_TYPE, ND_OPT_TARGET_LINKADDR);
    put_output(&actions, OFPP_IN_PORT);
    add_flow(flows, PIPELINE_ND, PRI_OBJECT, PIPELINE_BASE_COOKIE, &match,
             &actions);
    ofpbuf_uninit(&actions);
}
