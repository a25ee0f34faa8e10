/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See sim.h. */

#include <config.h>

#include "sim.h"

#include "flow.h"
#include "openvswitch/meta-flow.h"
#include "openvswitch/ofp-actions.h"
#include "ovs-agent/flow-table.h"
#include "ovs-agent/oflow.h"
#include "ovs-agent/pipeline.h"

/* Open vSwitch's own limit is 4,096. */
#define MAX_LOOKUPS 1000

struct sim {
    const struct flow_table *ft;
    struct flow frame;
    int n_lookups;
    sim_output *output;
    void *aux;
};

static const struct oflow *
look_up(const struct sim *sim, uint8_t table)
{
    const struct oflow *flow, *best = NULL;

    HMAP_FOR_EACH (flow, hmap_node, &sim->ft->flows) {
        if (flow->table == table
            && (!best || flow->priority > best->priority)
            && minimatch_matches_flow(&flow->match, &sim->frame)) {
            best = flow;
        }
    }
    return best;
}

/* Not back by where it came in, unless that is what the action says. */
static void
output(struct sim *sim, ofp_port_t port)
{
    ofp_port_t in_port = sim->frame.in_port.ofp_port;

    if (port == OFPP_IN_PORT) {
        sim->output(in_port, &sim->frame, sim->aux);
    } else if (port != in_port) {
        sim->output(port, &sim->frame, sim->aux);
    }
}

static void enter(struct sim *, uint8_t table);

static void
act(struct sim *sim, const struct ofpact *a)
{
    const struct ofpact_set_field *sf;
    const struct ofpact_reg_move *move;
    struct flow_wildcards wc;

    switch (a->type) {
    case OFPACT_SET_FIELD:
        sf = ofpact_get_SET_FIELD(a);
        mf_set_flow_value(sf->field, sf->value, &sim->frame);
        break;
    case OFPACT_REG_MOVE:
        move = ofpact_get_REG_MOVE(a);
        flow_wildcards_init_catchall(&wc);
        mf_subfield_copy(&move->src, &move->dst, &sim->frame, &wc);
        break;
    case OFPACT_RESUBMIT:
        enter(sim, ofpact_get_RESUBMIT(a)->table_id);
        break;
    case OFPACT_GOTO_TABLE:
        enter(sim, ofpact_get_GOTO_TABLE(a)->table_id);
        break;
    case OFPACT_OUTPUT:
        output(sim, ofpact_get_OUTPUT(a)->port);
        break;
    case OFPACT_LEARN:
        break;
    default:
        fail_msg("unexpected action %s", ofpact_name(a->type));
    }
}

/* Recursion ends with MAX_LOOKUPS. */
static void
enter(struct sim *sim, uint8_t table)
{
    const struct oflow *flow = look_up(sim, table);
    const struct ofpact *a;

    assert_true(++sim->n_lookups <= MAX_LOOKUPS);
    if (flow) {
        OFPACT_FOR_EACH (a, flow->ofpacts, flow->ofpacts_len) {
            act(sim, a);
        }
    }
}

void
sim_frame(const struct flow_table *ft, const struct flow *frame,
          sim_output *output_cb, void *aux)
{
    struct sim sim = {
        .ft = ft,
        .frame = *frame,
        .output = output_cb,
        .aux = aux,
    };

    enter(&sim, PIPELINE_ADMIT);
}
