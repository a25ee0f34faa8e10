/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef FLOW_INFLIGHT_H
#define FLOW_INFLIGHT_H 1

/* Sets of flow changes from the moment they are sent until they are in force:
 * the switch's answer to each barrier and, for a set that stops traffic, the
 * datapath's following (dp-sync.h).  For ofswitch.c alone.
 *
 * Sets come into force in the order in which they were sent, and are
 * acknowledged in that order by the sequence number they got.
 *
 * Not thread-safe. */

#include <stdbool.h>
#include <stdint.h>

#include "latency.h"
#include "openvswitch/list.h"
#include "openvswitch/types.h"

struct dp_sync;
struct flow_batch;

struct flow_inflight {
    uint64_t seq;               /* Last one given out. */
    uint64_t acked;             /* The highest in force. */
    uint64_t doubted;           /* The highest that may lack what a refused set
                                 * before it was to bring: never in force. */
    struct ovs_list batches;    /* "struct flow_batch"es, in order. */
    struct latency barriers;    /* From sent to the barrier's reply. */

    struct dp_sync *dp_sync;
    uint64_t proving;           /* What it proves to be in force. */
    long long int proof_start;  /* In us. */
    struct latency proofs;      /* From the barrier's reply to the proof. */
};

void flow_inflight_init(struct flow_inflight *);
void flow_inflight_destroy(struct flow_inflight *);

/* Forgets all sets: the connection they went by is gone. */
void flow_inflight_clear(struct flow_inflight *);

/* Makes a set of 'changes' (see flow_batch_create()), whose messages are
 * appended to 'msgs' for the caller to send at once.  With 'prove' it counts
 * as one that stops traffic, whatever is in it: after the switch was read back,
 * what stops traffic may be installed already, but not yet in force. */
void flow_inflight_add(struct flow_inflight *, const struct ovs_list *changes,
                       bool prove, struct ovs_list *msgs);

/* The switch refused something of 'batch'.  Neither it nor any set sent up to
 * now is acknowledged: what it was for comes into force with the comparison of
 * the whole switch, which the caller is to begin. */
void flow_inflight_refused(struct flow_inflight *, struct flow_batch *batch);

/* The switch answered a barrier. */
void flow_inflight_barrier(struct flow_inflight *, ovs_be32 xid);

/* The set that the message 'xid' belongs to, or NULL. */
struct flow_batch *flow_inflight_find(const struct flow_inflight *,
                                      ovs_be32 xid);

/* Moves 'acked' on.  Appends to 'msgs' what is to be sent to the switch for
 * it. */
void flow_inflight_run(struct flow_inflight *, struct ovs_list *msgs);
void flow_inflight_wait(struct flow_inflight *);

#endif /* flow-inflight.h */
