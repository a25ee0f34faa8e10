/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See trace-packet.h. */

#include <config.h>

#include "trace-packet.h"

#include <inttypes.h>
#include <netinet/icmp6.h>
#include <stdlib.h>
#include <string.h>

#include "encap.h"
#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "topology-objects.h"
#include "util.h"

/* What a frame to an Ethernet address alone is said to carry: IEEE's for local
 * experiments. */
#define ANY_ETHERTYPE 0x88b5

bool
trace_packet_parse(struct trace_packet *packet, const char *s)
{
    memset(packet, 0, sizeof *packet);
    packet->kind = TRACE_FRAME;
    if (eth_addr_from_string(s, &packet->dst)) {
        return true;
    }
    packet->kind = TRACE_QUESTION;
    return encap_ip_from_string(s, &packet->ip);
}

/* Addresses. */

/* The Ethernet address that 'port' has, wherever it is; or false. */
static bool
get_mac(const struct lport *port, struct eth_addr *mac)
{
    const struct port_place *place;

    if (port->obj.known) {
        return eth_addr_from_string(port->intent.mac_address, mac);
    }
    LIST_FOR_EACH (place, port_node, &port->places) {
        if (!port->elsewhere
            || !strcmp(port->elsewhere, place->intent.host)) {
            return eth_addr_from_string(place->intent.mac_address, mac);
        }
    }
    return false;
}

static bool
contains_ip(char *const *strings, size_t n, const struct in6_addr *ip)
{
    struct in6_addr other;

    for (size_t i = 0; i < n; i++) {
        if (encap_ip_from_string(strings[i], &other)
            && ipv6_addr_equals(&other, ip)) {
            return true;
        }
    }
    return false;
}

static bool
has_ip(const struct lport *port, const struct in6_addr *ip)
{
    const struct port_place *place;

    if (port->obj.known) {
        return contains_ip(port->intent.ip_addresses,
                           port->intent.n_ip_addresses, ip);
    }
    LIST_FOR_EACH (place, port_node, &port->places) {
        if (contains_ip(place->intent.ip_addresses,
                        place->intent.n_ip_addresses, ip)) {
            return true;
        }
    }
    return false;
}

const struct lport *
trace_packet_find_ip(const struct lnet *net, const struct in6_addr *ip,
                     struct eth_addr *mac)
{
    const struct lport *port;

    LIST_FOR_EACH (port, net_node, &net->ports) {
        if (has_ip(port, ip) && get_mac(port, mac)) {
            return port;
        }
    }
    return NULL;
}

/* An address of 'port' of the same kind as 'like'; the unspecified one, or for
 * IPv6 that which it makes itself, if it has none. */
static struct in6_addr
get_source(const struct lport *port, struct eth_addr mac,
           const struct in6_addr *like)
{
    bool ipv4 = encap_ip_is_ipv4(like);
    struct in6_addr ip;

    for (size_t i = 0; i < port->intent.n_ip_addresses; i++) {
        if (encap_ip_from_string(port->intent.ip_addresses[i], &ip)
            && encap_ip_is_ipv4(&ip) == ipv4) {
            return ip;
        }
    }
    if (ipv4) {
        in6_addr_set_mapped_ipv4(&ip, 0);
    } else {
        in6_generate_lla(mac, &ip);
    }
    return ip;
}

/* Frames. */

static void
put_frame(struct ds *flow, const struct lport *from, struct eth_addr src,
          struct eth_addr dst)
{
    ds_put_format(flow, "in_port=%"PRIu16",dl_src="ETH_ADDR_FMT
                  ",dl_dst="ETH_ADDR_FMT",", ofp_to_u16(from->ofport),
                  ETH_ADDR_ARGS(src), ETH_ADDR_ARGS(dst));
}

static void
put_arp(struct trace_packet *packet, const struct lport *from,
        struct eth_addr src, const char *src_ip, const char *ip,
        struct ds *flow)
{
    packet->dst = eth_addr_broadcast;
    put_frame(flow, from, src, packet->dst);
    ds_put_format(flow, "arp,arp_op=1,arp_sha="ETH_ADDR_FMT",arp_spa=%s,"
                  "arp_tpa=%s", ETH_ADDR_ARGS(src), src_ip, ip);
}

static void
put_solicitation(struct trace_packet *packet, const struct lport *from,
                 struct eth_addr src, const char *src_ip, const char *ip,
                 struct ds *flow)
{
    struct in6_addr group;
    char *group_ip;

    in6_addr_solicited_node(&group, &packet->ip);
    ipv6_multicast_to_ethernet(&packet->dst, &group);
    group_ip = encap_ip_to_string(&group);
    put_frame(flow, from, src, packet->dst);
    ds_put_format(flow, "icmp6,ipv6_src=%s,ipv6_dst=%s,nw_ttl=255,"
                  "icmpv6_type=%d,icmpv6_code=0,nd_target=%s,nd_sll="
                  ETH_ADDR_FMT, src_ip, group_ip, ND_NEIGHBOR_SOLICIT, ip,
                  ETH_ADDR_ARGS(src));
    free(group_ip);
}

static void
put_ip(const struct trace_packet *packet, const struct lport *from,
       struct eth_addr src, const char *src_ip, const char *ip,
       struct ds *flow)
{
    put_frame(flow, from, src, packet->dst);
    ds_put_format(flow, (encap_ip_is_ipv4(&packet->ip)
                         ? "ip,nw_src=%s,nw_dst=%s,nw_ttl=64"
                         : "ipv6,ipv6_src=%s,ipv6_dst=%s,nw_ttl=64"),
                  src_ip, ip);
}

void
trace_packet_format(struct trace_packet *packet, const struct lport *from,
                    struct ds *flow)
{
    struct in6_addr src_addr;
    struct eth_addr src;
    char *src_ip, *ip;

    get_mac(from, &src);
    if (packet->kind == TRACE_FRAME) {
        put_frame(flow, from, src, packet->dst);
        ds_put_format(flow, "dl_type=0x%x", ANY_ETHERTYPE);
        return;
    }
    src_addr = get_source(from, src, &packet->ip);
    src_ip = encap_ip_to_string(&src_addr);
    ip = encap_ip_to_string(&packet->ip);
    if (packet->kind == TRACE_PACKET) {
        put_ip(packet, from, src, src_ip, ip, flow);
    } else if (encap_ip_is_ipv4(&packet->ip)) {
        put_arp(packet, from, src, src_ip, ip, flow);
    } else {
        put_solicitation(packet, from, src, src_ip, ip, flow);
    }
    free(src_ip);
    free(ip);
}

void
trace_packet_describe(const struct trace_packet *packet, struct ds *out)
{
    char *ip = encap_ip_to_string(&packet->ip);

    if (packet->kind == TRACE_FRAME) {
        ds_put_cstr(out, "a frame to ");
    } else {
        ds_put_format(out, "%s %s, to ", (packet->kind == TRACE_PACKET
                                          ? "a packet to"
                                          : "the question who has"), ip);
    }
    ds_put_format(out, ETH_ADDR_FMT, ETH_ADDR_ARGS(packet->dst));
    free(ip);
}
