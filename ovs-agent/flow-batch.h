/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef FLOW_BATCH_H
#define FLOW_BATCH_H 1

/* A set of flow changes on its way to the switch: its messages, and what has
 * to be remembered until the switch has answered.
 *
 * One change is a flow_mod, several are an atomic bundle, so that nothing is
 * ever half in force; a barrier closes both.  For flow-inflight.c and
 * ofswitch.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/list.h"
#include "openvswitch/types.h"
#include "openvswitch/uuid.h"

struct flow_batch {
    struct ovs_list node;       /* In flow_inflight's 'batches'. */
    uint64_t seq;
    long long int sent;         /* When, in us of time_usec(). */
    bool closing;               /* May it stop what passed before? */

    ovs_be32 barrier_xid;
    ovs_be32 control_xids[2];   /* Of the bundle's open and commit. */
    struct flow_batch_xid {
        ovs_be32 xid;
        struct uuid owner;
    } *xids;                    /* Of each flow_mod. */
    size_t n_xids;

    bool barred;                /* The barrier's reply is here. */
    bool proven;                /* And the datapath follows; see dp-sync.h. */
    bool failed;                /* The switch refused it. */
    bool culprit_known;         /* And named the flow. */
};

/* Appends to 'msgs', linked through ofpbuf's 'list_node', what carries out
 * 'changes', a list of "struct flow_change"s that stay the caller's. */
struct flow_batch *flow_batch_create(uint64_t seq,
                                     const struct ovs_list *changes,
                                     struct ovs_list *msgs);
void flow_batch_destroy(struct flow_batch *);

/* Whose flow the message with 'xid' is about; NULL if it is no flow_mod of
 * this batch. */
const struct uuid *flow_batch_owner(const struct flow_batch *, ovs_be32 xid);

/* Is 'xid' the bundle's open or commit? */
bool flow_batch_is_control(const struct flow_batch *, ovs_be32 xid);

#endif /* flow-batch.h */
