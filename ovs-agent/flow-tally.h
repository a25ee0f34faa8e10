/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef FLOW_TALLY_H
#define FLOW_TALLY_H 1

/* Sums of what flows have counted, by a 64-bit key: a flow's cookie, or that
 * of an object the flow is counted for.
 *
 * Not thread-safe. */

#include <stddef.h>
#include <stdint.h>

#include "openvswitch/hmap.h"

struct flow_dump;
struct oflow;

struct flow_count {
    struct hmap_node node;      /* In flow_tally's 'counts'. */
    uint64_t key;
    size_t n;                   /* How often something was added. */
    uint64_t n_packets;
    uint64_t n_bytes;
    int last;                   /* Seconds since the last packet; -1: there
                                 * was none, or that is not known. */
};

struct flow_tally {
    struct hmap counts;         /* "struct flow_count"s by 'key'. */
};

void flow_tally_init(struct flow_tally *);
void flow_tally_destroy(struct flow_tally *);

/* Adds what 'flow', read from a switch, has counted, to 'key'. */
void flow_tally_add(struct flow_tally *, uint64_t key, const struct oflow *);

/* Likewise, to their cookies, all flows of 'priority' in 'dump'. */
void flow_tally_add_dump(struct flow_tally *, const struct flow_dump *dump,
                         uint16_t priority);

/* Adds 'count', NULL for one of nothing, to 'key'. */
void flow_tally_merge(struct flow_tally *, uint64_t key,
                      const struct flow_count *count);

/* The sum for 'key', NULL if nothing was added to it. */
const struct flow_count *flow_tally_find(const struct flow_tally *,
                                         uint64_t key);

#endif /* flow-tally.h */
