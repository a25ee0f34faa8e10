/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See flow-dump.h. */

#include <config.h>

#include "flow-dump.h"

#include <stdio.h>

#include "byte-order.h"
#include "coverage.h"
#include "flow-table.h"
#include "oflow.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-monitor.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "pipeline.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(flow_dump);

COVERAGE_DEFINE(agent_flow_read_back);

static struct ofpbuf *
dump_init(struct flow_dump *dump, uint8_t table, uint64_t cookie,
          uint64_t cookie_mask)
{
    struct ofputil_flow_stats_request request = {
        .match = MATCH_CATCHALL_INITIALIZER,
        .cookie = htonll(cookie),
        .cookie_mask = htonll(cookie_mask),
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = table,
    };
    struct ofpbuf *msg = ofputil_encode_flow_stats_request(&request,
                                                           OFLOW_PROTOCOL);
    const struct ofp_header *oh = msg->data;

    dump->xid = oh->xid;
    hmap_init(&dump->flows);
    return msg;
}

struct ofpbuf *
flow_dump_init(struct flow_dump *dump, uint64_t cookie, uint64_t cookie_mask)
{
    return dump_init(dump, OFPTT_ALL, cookie, cookie_mask);
}

struct ofpbuf *
flow_dump_init_table(struct flow_dump *dump, uint8_t table)
{
    return dump_init(dump, table, 0, 0);
}

void
flow_dump_destroy(struct flow_dump *dump)
{
    struct oflow *flow;

    HMAP_FOR_EACH_POP (flow, hmap_node, &dump->flows) {
        oflow_destroy(flow);
    }
    hmap_destroy(&dump->flows);
}

bool
flow_dump_reply(struct flow_dump *dump, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_flow_stats stats;
    struct ofpbuf ofpacts;
    int error;

    ofpbuf_init(&ofpacts, 1024);
    while (!(error = ofputil_decode_flow_stats_reply(&stats, &msg, false,
                                                     &ofpacts))) {
        struct oflow *flow
            = oflow_create(stats.table_id, stats.priority,
                           ntohll(stats.cookie), &stats.match,
                           stats.ofpacts, stats.ofpacts_len);

        COVERAGE_INC(agent_flow_read_back);
        flow->n_packets = stats.packet_count;
        flow->n_bytes = stats.byte_count;
        flow->idle_age = stats.idle_age;
        hmap_insert(&dump->flows, &flow->hmap_node, flow->hash);
    }
    ofpbuf_uninit(&ofpacts);
    if (error != EOF) {
        VLOG_WARN("cannot decode flows of the switch");
    }
    return !ofpmp_more(oh);
}

void
flow_dump_diff(const struct flow_dump *dump, const struct flow_table *ft,
               struct ovs_list *changes)
{
    const struct oflow *flow;
    struct flow_change *change;

    HMAP_FOR_EACH (flow, hmap_node, &dump->flows) {
        if (flow->table != PIPELINE_LEARNED
            && !oflow_lookup(&ft->flows, flow)) {
            change = flow_change_create(false, flow, flow, &UUID_ZERO);
            ovs_list_push_back(changes, &change->node);
        }
    }
    HMAP_FOR_EACH (flow, hmap_node, &ft->flows) {
        const struct oflow *old = oflow_lookup(&dump->flows, flow);

        if (!old || !oflow_same_as_installed(flow, old)) {
            change = flow_change_create(true, flow, old, &flow->owner->uuid);
            ovs_list_push_back(changes, &change->node);
        }
    }
}
