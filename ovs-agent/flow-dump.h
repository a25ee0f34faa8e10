/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef FLOW_DUMP_H
#define FLOW_DUMP_H 1

/* Reads flows back from a switch, and tells what differs from a flow table.
 *
 * A dump is a request, whose message the caller sends, and its replies, which
 * the caller hands over.  Not thread-safe. */

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/types.h"

struct ds;
struct flow_table;
struct ofp_header;
struct ofpbuf;

struct flow_dump {
    ovs_be32 xid;               /* Of the request. */
    struct hmap flows;          /* "struct oflow"s that came, by key. */
};

/* Starts reading every flow with 'cookie' in the bits of 'cookie_mask', 0 for
 * all.  Returns the request, for the caller to send. */
struct ofpbuf *flow_dump_init(struct flow_dump *, uint64_t cookie,
                              uint64_t cookie_mask);

/* Likewise, every flow of 'table'. */
struct ofpbuf *flow_dump_init_table(struct flow_dump *, uint8_t table);
void flow_dump_destroy(struct flow_dump *);

/* Takes in one reply.  Returns true when it was the last.  A reply that cannot
 * be decoded is logged, and what it held taken as not installed. */
bool flow_dump_reply(struct flow_dump *, const struct ofp_header *);

/* Appends to 'changes' the "struct flow_change"s that make a switch with the
 * flows of 'dump', all of them, have those of 'ft' and no others, but for the
 * table of learned flows. */
void flow_dump_diff(const struct flow_dump *, const struct flow_table *ft,
                    struct ovs_list *changes);

#endif /* flow-dump.h */
