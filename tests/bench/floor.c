/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The floor: the least that any program can do between the northbound
 * database and the switch, which the agent is measured against.
 *
 * It watches one cell, admin_state_up of one Port, and for each change sends
 * one flow_mod that drops or forwards what comes in at one OpenFlow port.  It
 * keeps no state, asks for no acknowledgement, reports nothing back and knows
 * nothing of networks.  Nothing that does the work could do less.
 *
 * It owns table 0 of its bridge.  Any error ends it with a message. */

#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "fatal-signal.h"
#include "flow.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vconn.h"
#include "stream.h"
#include "util.h"

#define CONNECT_TIMEOUT_MSEC 5000
#define FLOW_PRIORITY 100

struct floor {
    struct jsonrpc *nb;
    struct vconn *bridge;
    const char *port;           /* UUID of the Port row. */
    ofp_port_t ofport;
};

static void floor_connect(struct floor *, const char *nb, const char *bridge);
static void floor_run_nb(struct floor *);
static void floor_run_bridge(struct floor *);

int
main(int argc, char *argv[])
{
    struct floor fl = { .nb = NULL };

    ovs_set_program_name(argv[0], "1.0");
    fatal_ignore_sigpipe();
    if (argc != 5) {
        ovs_fatal(0, "usage: %s NB BRIDGE PORT OFPORT\n"
                  "NB is an OVSDB remote, BRIDGE a bridge's management "
                  "socket (unix:FILE),\n"
                  "PORT the UUID of a Port and OFPORT the number of the "
                  "OpenFlow port to gate.", argv[0]);
    }
    fl.port = argv[3];
    fl.ofport = u16_to_ofp(atoi(argv[4]));

    for (floor_connect(&fl, argv[1], argv[2]); ; poll_block()) {
        floor_run_nb(&fl);
        floor_run_bridge(&fl);
    }
}

static void
floor_connect(struct floor *fl, const char *nb, const char *bridge)
{
    struct stream *stream;
    int error;

    error = vconn_open_block(bridge, 1u << OFP15_VERSION, 0,
                             CONNECT_TIMEOUT_MSEC, &fl->bridge);
    if (error) {
        ovs_fatal(error, "%s: cannot connect", bridge);
    }
    error = stream_open_block(jsonrpc_stream_open(nb, &stream, 0),
                              CONNECT_TIMEOUT_MSEC, &stream);
    if (error) {
        ovs_fatal(error, "%s: cannot connect", nb);
    }
    fl->nb = jsonrpc_open(stream);

    char *params = xasprintf(
        "[\"Sluice_Northbound\", null, {\"Port\": [{"
        "\"columns\": [\"admin_state_up\"], "
        "\"where\": [[\"_uuid\", \"==\", [\"uuid\", \"%s\"]]]}]}]", fl->port);
    jsonrpc_send_block(fl->nb, jsonrpc_create_request(
                           "monitor_cond", json_from_string(params), NULL));
    free(params);
}

/* Sends the flow_mod for a port that is 'up' or down. */
static void
floor_send_flow(struct floor *fl, bool up)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    struct ofputil_flow_mod fm = {
        .priority = FLOW_PRIORITY,
        .command = OFPFC_ADD,
        .buffer_id = UINT32_MAX,
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
    };
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 64);
    if (up) {
        ofpact_put_OUTPUT(&ofpacts)->port = OFPP_NORMAL;
    }
    fm.ofpacts = ofpacts.data;
    fm.ofpacts_len = ofpacts.size;
    match_set_in_port(&match, fl->ofport);
    minimatch_init(&fm.match, &match);
    vconn_send_block(fl->bridge,
                     ofputil_encode_flow_mod(&fm, OFPUTIL_P_OF15_OXM));
    minimatch_destroy(&fm.match);
    ofpbuf_uninit(&ofpacts);
}

/* Finds admin_state_up in {"Port": {UUID: {"initial" or "modify": {...}}}} and
 * acts on it. */
static void
floor_apply(struct floor *fl, const struct json *updates)
{
    const struct json *node = updates;
    static const char *const path[] = { "Port", "", "", "admin_state_up" };

    for (size_t i = 0; i < ARRAY_SIZE(path); i++) {
        if (!node || node->type != JSON_OBJECT
            || shash_is_empty(json_object(node))) {
            return;
        }
        node = (path[i][0]
                ? shash_find_data(json_object(node), path[i])
                : shash_first(json_object(node))->data);
    }
    if (node) {
        floor_send_flow(fl, json_boolean(node));
    }
}

static void
floor_run_nb(struct floor *fl)
{
    struct jsonrpc_msg *msg;
    int error;

    jsonrpc_run(fl->nb);
    while (!(error = jsonrpc_recv(fl->nb, &msg))) {
        if (msg->type == JSONRPC_NOTIFY) {
            floor_apply(fl, json_array(msg->params)->elems[1]);
        } else if (msg->type == JSONRPC_REPLY) {
            floor_apply(fl, msg->result);
        } else if (msg->type == JSONRPC_REQUEST) {
            jsonrpc_send(fl->nb, jsonrpc_create_reply(
                             json_clone(msg->params), msg->id));
        } else {
            ovs_fatal(0, "monitor refused");
        }
        jsonrpc_msg_destroy(msg);
    }
    if (error != EAGAIN) {
        ovs_fatal(error, "northbound database: connection lost");
    }
    jsonrpc_wait(fl->nb);
    jsonrpc_recv_wait(fl->nb);
}

/* The switch says nothing but "are you there?", unless it refuses a flow. */
static void
floor_run_bridge(struct floor *fl)
{
    struct ofpbuf *msg;
    enum ofptype type;
    int error;

    while (!(error = vconn_recv(fl->bridge, &msg))) {
        if (!ofptype_decode(&type, msg->data)) {
            if (type == OFPTYPE_ERROR) {
                ovs_fatal(0, "flow refused");
            } else if (type == OFPTYPE_ECHO_REQUEST) {
                vconn_send_block(fl->bridge,
                                 ofputil_encode_echo_reply(msg->data));
            }
        }
        ofpbuf_delete(msg);
    }
    if (error != EAGAIN) {
        ovs_fatal(error, "bridge: connection lost");
    }
    vconn_run(fl->bridge);
    vconn_run_wait(fl->bridge);
    vconn_recv_wait(fl->bridge);
}
