/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See flow-inflight.h. */

#include <config.h>

#include "flow-inflight.h"

#include "dp-sync.h"
#include "flow-batch.h"
#include "oflow.h"
#include "openvswitch/ofpbuf.h"
#include "pipeline.h"
#include "timeval.h"
#include "util.h"

void
flow_inflight_init(struct flow_inflight *inflight)
{
    inflight->seq = inflight->acked = inflight->doubted = 0;
    ovs_list_init(&inflight->batches);
    latency_clear(&inflight->barriers);
    latency_clear(&inflight->proofs);
    inflight->dp_sync = dp_sync_create();
}

void
flow_inflight_clear(struct flow_inflight *inflight)
{
    struct flow_batch *batch;

    dp_sync_cancel(inflight->dp_sync);
    LIST_FOR_EACH_POP (batch, node, &inflight->batches) {
        flow_batch_destroy(batch);
    }
}

void
flow_inflight_destroy(struct flow_inflight *inflight)
{
    flow_inflight_clear(inflight);
    dp_sync_destroy(inflight->dp_sync);
}

void
flow_inflight_add(struct flow_inflight *inflight,
                  const struct ovs_list *changes, bool prove,
                  struct ovs_list *msgs)
{
    struct flow_batch *batch = flow_batch_create(++inflight->seq, changes,
                                                 msgs);

    batch->closing |= prove;
    batch->sent = time_usec();
    ovs_list_push_back(&inflight->batches, &batch->node);
}

void
flow_inflight_refused(struct flow_inflight *inflight,
                      struct flow_batch *batch)
{
    batch->failed = true;
    inflight->doubted = inflight->seq;
}

void
flow_inflight_barrier(struct flow_inflight *inflight, ovs_be32 xid)
{
    struct flow_batch *batch;

    LIST_FOR_EACH (batch, node, &inflight->batches) {
        if (batch->barrier_xid == xid) {
            batch->barred = true;
            latency_add(&inflight->barriers, time_usec() - batch->sent);
            return;
        }
    }
}

struct flow_batch *
flow_inflight_find(const struct flow_inflight *inflight, ovs_be32 xid)
{
    struct flow_batch *batch;

    LIST_FOR_EACH (batch, node, &inflight->batches) {
        if (flow_batch_owner(batch, xid)
            || flow_batch_is_control(batch, xid)) {
            return batch;
        }
    }
    return NULL;
}

/* Has revalidators begin a pass over what the datapath has cached. */
static void
nudge(struct ovs_list *msgs)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    const struct oflow *flow;

    pipeline_nudge_flow(&flows);
    LIST_FOR_EACH (flow, node, &flows) {
        struct ofpbuf *msg = oflow_encode_delete(flow);

        ovs_list_push_back(msgs, &msg->list_node);
    }
    oflow_list_clear(&flows);
}

/* Starts the proof that all sets up to the last one that the switch has
 * confirmed are in force. */
static void
start_proof(struct flow_inflight *inflight)
{
    const struct flow_batch *batch;

    LIST_FOR_EACH (batch, node, &inflight->batches) {
        if (!batch->barred) {
            break;
        }
        inflight->proving = batch->seq;
    }
    inflight->proof_start = time_usec();
    dp_sync_start(inflight->dp_sync);
}

static void
run_proof(struct flow_inflight *inflight, struct ovs_list *msgs)
{
    enum dp_sync_state state;
    struct flow_batch *batch;

    while ((state = dp_sync_run(inflight->dp_sync)) == DP_SYNC_NUDGE) {
        nudge(msgs);
    }
    if (state == DP_SYNC_DONE) {
        latency_add(&inflight->proofs, time_usec() - inflight->proof_start);
        LIST_FOR_EACH (batch, node, &inflight->batches) {
            batch->proven = batch->seq <= inflight->proving;
        }
    }
}

/* Takes sets that are in force off the front. */
static void
acknowledge(struct flow_inflight *inflight)
{
    struct flow_batch *batch;

    LIST_FOR_EACH_SAFE (batch, node, &inflight->batches) {
        if (!batch->barred
            || (batch->closing && !batch->proven && !batch->failed)) {
            break;
        }
        if (batch->seq > inflight->doubted) {
            inflight->acked = batch->seq;
        }
        ovs_list_remove(&batch->node);
        flow_batch_destroy(batch);
    }
}

/* Does the first set wait for the datapath alone? */
static bool
needs_proof(const struct flow_inflight *inflight)
{
    const struct flow_batch *batch;

    LIST_FOR_EACH (batch, node, &inflight->batches) {
        return batch->barred;
    }
    return false;
}

void
flow_inflight_run(struct flow_inflight *inflight, struct ovs_list *msgs)
{
    run_proof(inflight, msgs);
    acknowledge(inflight);
    if (needs_proof(inflight) && dp_sync_is_idle(inflight->dp_sync)) {
        start_proof(inflight);
        run_proof(inflight, msgs);
    }
}

void
flow_inflight_wait(struct flow_inflight *inflight)
{
    dp_sync_wait(inflight->dp_sync);
}
