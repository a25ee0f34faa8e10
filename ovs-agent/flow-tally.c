/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See flow-tally.h. */

#include <config.h>

#include "flow-tally.h"

#include "flow-dump.h"
#include "hash.h"
#include "oflow.h"
#include "util.h"

void
flow_tally_init(struct flow_tally *tally)
{
    hmap_init(&tally->counts);
}

void
flow_tally_destroy(struct flow_tally *tally)
{
    struct flow_count *count;

    HMAP_FOR_EACH_POP (count, node, &tally->counts) {
        free(count);
    }
    hmap_destroy(&tally->counts);
}

const struct flow_count *
flow_tally_find(const struct flow_tally *tally, uint64_t key)
{
    const struct flow_count *count;

    HMAP_FOR_EACH_WITH_HASH (count, node, hash_uint64(key), &tally->counts) {
        if (count->key == key) {
            return count;
        }
    }
    return NULL;
}

void
flow_tally_merge(struct flow_tally *tally, uint64_t key,
                 const struct flow_count *more)
{
    struct flow_count *count
        = CONST_CAST(struct flow_count *, flow_tally_find(tally, key));

    if (!count) {
        count = xzalloc(sizeof *count);
        count->key = key;
        count->last = -1;
        hmap_insert(&tally->counts, &count->node, hash_uint64(key));
    }
    count->n++;
    if (more) {
        count->n_packets += more->n_packets;
        count->n_bytes += more->n_bytes;
        if (more->last >= 0 && (count->last < 0 || more->last < count->last)) {
            count->last = more->last;
        }
    }
}

void
flow_tally_add(struct flow_tally *tally, uint64_t key,
               const struct oflow *flow)
{
    const struct flow_count count = {
        .n_packets = flow->n_packets,
        .n_bytes = flow->n_bytes,
        .last = flow->n_packets ? flow->idle_age : -1,
    };

    flow_tally_merge(tally, key, &count);
}

void
flow_tally_add_dump(struct flow_tally *tally, const struct flow_dump *dump,
                    uint16_t priority)
{
    const struct oflow *flow;

    HMAP_FOR_EACH (flow, hmap_node, &dump->flows) {
        if (flow->priority == priority) {
            flow_tally_add(tally, flow->cookie, flow);
        }
    }
}
