/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The flows of a port; see pipeline.h. */

#include <config.h>

#include "pipeline-private.h"

#include "flow.h"
#include "oflow.h"

void
pipeline_port_flows(const struct pipeline_port *port, struct ovs_list *flows)
{
    uint64_t cookie = oflow_cookie(&port->uuid);
    uint64_t stub[256 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);
    struct match match;

    match_untagged_from(&match, port->ofport);
    if (port->admin_up) {
        put_network(&actions, &port->network);
        put_goto(&actions, PIPELINE_GATE);
    }
    add_flow(flows, PIPELINE_ADMIT, PRI_OBJECT, cookie, &match, &actions);

    if (port->unknown) {
        match_init_catchall(&match);
        match_set_in_port(&match, port->ofport);
        put_learn(&actions, cookie, FROM_PORT);
        put_goto(&actions, PIPELINE_ANSWER);
        add_flow(flows, PIPELINE_LEARN, PRI_OBJECT, cookie, &match, &actions);
    }

    match_in_network(&match, &port->network);
    match_set_default_packet_type(&match);
    match_set_dl_dst(&match, port->mac);
    put_load(&actions, REG_OUTPUT, ofp_to_u16(port->ofport));
    put_goto(&actions, PIPELINE_EGRESS);
    add_flow(flows, PIPELINE_L2, PRI_OBJECT, cookie, &match, &actions);

    match_in_network(&match, &port->network);
    match_set_reg(&match, REG_OUTPUT, ofp_to_u16(port->ofport));
    if (port->admin_up) {
        put_output(&actions, port->ofport);
    }
    add_flow(flows, PIPELINE_EGRESS, PRI_OBJECT, cookie, &match, &actions);

    pipeline_answer_flows(&port->uuid, &port->network, port->mac, port->ips,
                          port->n_ips, port->ofport, flows);
    ofpbuf_uninit(&actions);
}

void
pipeline_remote_port_flows(const struct pipeline_remote_port *port,
                           struct ovs_list *flows)
{
    uint64_t stub[128 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);
    struct match match;

    match_in_network(&match, &port->network);
    match_set_default_packet_type(&match);
    match_set_dl_dst(&match, port->mac);
    put_peer(&actions, &port->peer);
    put_load(&actions, REG_OUTPUT, ofp_to_u16(port->tunnel));
    put_goto(&actions, PIPELINE_EGRESS);
    add_flow(flows, PIPELINE_L2, PRI_OBJECT, oflow_cookie(&port->uuid),
             &match, &actions);

    pipeline_answer_flows(&port->uuid, &port->network, port->mac, port->ips,
                          port->n_ips, OFPP_NONE, flows);
    ofpbuf_uninit(&actions);
}
