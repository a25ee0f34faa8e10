/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TRACE_H
#define TRACE_H 1

/* What "ofproto/trace" of ovs-vswitchd (3.1 and its neighbours) answers, taken
 * apart: the tables that a packet passes and what is done with it there, in
 * the order in which it happens.
 *
 * Nothing is an error: a line that is not understood is left out, and of one
 * half understood, the rest.
 *
 * Pure.  Thread-safe. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/types.h"

struct in6_addr;

enum trace_kind {
    TRACE_TABLE,                /* It is looked up in a table. */
    TRACE_ACTION,               /* An action of the flow found there. */
    TRACE_NOTE,                 /* What the switch has to say of it, */
    TRACE_WARNING,              /* and what keeps it from doing it. */
};

struct trace_step {
    enum trace_kind kind;
    char *text;                 /* The line, without what marks its kind. */

    /* Of a table. */
    uint8_t table;
    bool matched;               /* Was there a flow?  If so, its */
    uint16_t priority;
    uint64_t cookie;            /* 0 if it has none. */
    bool drops;                 /* Does nothing happen to the packet? */
};

struct trace {
    struct trace_step *steps;
    size_t n;
    size_t allocated;
    bool nothing_done;          /* Does the datapath drop the packet? */
};

/* Parses 'text', leaving out what happens on other bridges than 'bridge'.  The
 * caller destroys the trace. */
void trace_parse(struct trace *, const char *text, const char *bridge);
void trace_destroy(struct trace *);

/* Is the action 'text' one that sends the packet out?  Then also says by
 * which port, OFPP_IN_PORT for the one that it came by. */
bool trace_output(const char *text, ofp_port_t *);

/* Does the action 'text' set where a tunnel takes the packet?  Then also says
 * where, IPv4 as ::ffff:a.b.c.d. */
bool trace_tunnel_dst(const char *text, struct in6_addr *);

#endif /* trace.h */
