/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See flow-batch.h. */

#include <config.h>

#include "flow-batch.h"

#include "coverage.h"
#include "flow-table.h"
#include "oflow.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

COVERAGE_DEFINE(agent_bundle);
COVERAGE_DEFINE(agent_flow_mod);

#define BUNDLE_FLAGS (OFPBF_ATOMIC | OFPBF_ORDERED)

static ovs_be32
append(struct ovs_list *msgs, struct ofpbuf *msg)
{
    const struct ofp_header *oh = msg->data;

    ovs_list_push_back(msgs, &msg->list_node);
    return oh->xid;
}

static ovs_be32
append_control(struct ovs_list *msgs, uint32_t bundle_id, uint16_t type)
{
    struct ofputil_bundle_ctrl_msg ctrl = {
        .bundle_id = bundle_id,
        .type = type,
        .flags = BUNDLE_FLAGS,
    };

    return append(msgs, ofputil_encode_bundle_ctrl_request(OFLOW_VERSION,
                                                           &ctrl));
}

/* Appends the flow_mod of 'change', inside a bundle unless 'bundle_id' is
 * 0. */
static ovs_be32
append_change(struct ovs_list *msgs, const struct flow_change *change,
              uint32_t bundle_id)
{
    struct ofpbuf *msg = (change->add ? oflow_encode_add(change->flow)
                          : oflow_encode_delete(change->flow));

    COVERAGE_INC(agent_flow_mod);
    if (bundle_id) {
        struct ofputil_bundle_add_msg add = {
            .bundle_id = bundle_id,
            .flags = BUNDLE_FLAGS,
            .msg = msg->data,
        };
        struct ofpbuf *wrapped = ofputil_encode_bundle_add(OFLOW_VERSION,
                                                           &add);

        ofpbuf_delete(msg);
        msg = wrapped;
    }
    return append(msgs, msg);
}

struct flow_batch *
flow_batch_create(uint64_t seq, const struct ovs_list *changes,
                  struct ovs_list *msgs)
{
    struct flow_batch *batch = xzalloc(sizeof *batch);
    size_t n = ovs_list_size(changes);
    /* Any number but 0 will do, as long as no two are open at once. */
    uint32_t bundle_id = n > 1 ? (uint32_t) seq | 1u << 31 : 0;
    const struct flow_change *change;

    batch->seq = seq;
    batch->xids = xmalloc(n * sizeof *batch->xids);
    if (bundle_id) {
        COVERAGE_INC(agent_bundle);
        batch->control_xids[0] = append_control(msgs, bundle_id,
                                                OFPBCT_OPEN_REQUEST);
    }
    LIST_FOR_EACH (change, node, changes) {
        struct flow_batch_xid *xid = &batch->xids[batch->n_xids++];

        xid->xid = append_change(msgs, change, bundle_id);
        xid->owner = change->owner;
        batch->closing |= change->closing;
    }
    if (bundle_id) {
        batch->control_xids[1] = append_control(msgs, bundle_id,
                                                OFPBCT_COMMIT_REQUEST);
    }
    batch->barrier_xid = append(msgs,
                                ofputil_encode_barrier_request(OFLOW_VERSION));
    return batch;
}

void
flow_batch_destroy(struct flow_batch *batch)
{
    if (batch) {
        free(batch->xids);
        free(batch);
    }
}

const struct uuid *
flow_batch_owner(const struct flow_batch *batch, ovs_be32 xid)
{
    for (size_t i = 0; i < batch->n_xids; i++) {
        if (batch->xids[i].xid == xid) {
            return &batch->xids[i].owner;
        }
    }
    return NULL;
}

bool
flow_batch_is_control(const struct flow_batch *batch, ovs_be32 xid)
{
    return (batch->control_xids[1]
            && (batch->control_xids[0] == xid
                || batch->control_xids[1] == xid));
}
