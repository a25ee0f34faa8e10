/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TRACE_PACKET_H
#define TRACE_PACKET_H 1

/* What a port is imagined to send, so that it can be traced: a frame to an
 * Ethernet address; or, to an IP address, the question who has it, by ARP or
 * Neighbor Discovery, and a packet.
 *
 * Looks at the topology and changes nothing.  Not thread-safe. */

#include <netinet/in.h>
#include <stdbool.h>

#include "openvswitch/types.h"

struct ds;
struct lnet;
struct lport;

enum trace_packet_kind {
    TRACE_FRAME,                /* To 'dst'. */
    TRACE_QUESTION,             /* Who has 'ip'? */
    TRACE_PACKET,               /* To 'ip', at 'dst'. */
};

struct trace_packet {
    enum trace_packet_kind kind;
    struct in6_addr ip;         /* IPv4 as ::ffff:a.b.c.d. */
    struct eth_addr dst;
};

/* Parses an Ethernet address, for a frame, or an IP address, for a question;
 * returns false if 's' is neither. */
bool trace_packet_parse(struct trace_packet *, const char *s);

/* The port of 'net', wherever it is, that is known to have 'ip', and its
 * Ethernet address; NULL if there is none. */
const struct lport *trace_packet_find_ip(const struct lnet *net,
                                         const struct in6_addr *ip,
                                         struct eth_addr *);

/* Appends to 'flow' what it is when 'from', a wired port, sends it, as
 * ovs-ofctl(8) writes flows.  For a question sets 'dst'. */
void trace_packet_format(struct trace_packet *, const struct lport *from,
                         struct ds *flow);

/* Appends what it is in words, after trace_packet_format(). */
void trace_packet_describe(const struct trace_packet *, struct ds *);

#endif /* trace-packet.h */
