/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* tunnel/list; see commands.h.  The switch is asked twice: what each peer has
 * sent us was counted where it came in, what went to each of its ports where
 * that was found. */

#include <config.h>

#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>

#include "agent.h"
#include "answer.h"
#include "commands-objects.h"
#include "flow-dump.h"
#include "flow-tally.h"
#include "flow.h"
#include "hmapx.h"
#include "oflow.h"
#include "ofswitch.h"
#include "openvswitch/dynamic-string.h"
#include "pipeline.h"
#include "topology.h"
#include "topology-facts.h"
#include "unixctl.h"
#include "util.h"

static const char *const columns[] = {
    "host", "type", "address", "networks", "remote_ports", "rx_packets",
    "rx_bytes", "last_packet", "tx_packets", "tx_bytes", "fault",
};

struct list_request {
    struct agent *agent;
    struct answer *answer;
    struct flow_tally rx;       /* By peer; from others, by tunnel's port. */
    struct flow_tally tx;       /* By port elsewhere. */
    bool told;                  /* Did the switch tell? */
};

static size_t
count_networks(const struct lpeer *peer)
{
    struct hmapx nets = HMAPX_INITIALIZER(&nets);
    const struct net_place *place;
    size_t n;

    LIST_FOR_EACH (place, peer_node, &peer->places) {
        hmapx_add(&nets, place->net);
    }
    n = hmapx_count(&nets);
    hmapx_destroy(&nets);
    return n;
}

/* Sums into 'peers', by peer, what went to each port that is elsewhere. */
static void
sum_sent(const struct list_request *request, struct flow_tally *peers)
{
    const struct topology *topology = request->agent->topology;
    const struct lobject *obj;

    HMAP_FOR_EACH (obj, node, &topology->objects) {
        const struct lpeer *peer
            = (obj->kind == LKIND_PORT
               ? commands_port_peer(topology, lport_cast(obj)) : NULL);

        if (peer) {
            flow_tally_merge(peers, oflow_cookie(&peer->obj.uuid),
                             flow_tally_find(&request->tx,
                                             oflow_cookie(&obj->uuid)));
        }
    }
}

/* Packets and bytes. */
static void
answer_traffic(struct list_request *request, const struct flow_count *count)
{
    if (request->told) {
        answer_count(request->answer, count ? count->n_packets : 0);
        answer_count(request->answer, count ? count->n_bytes : 0);
    } else {
        answer_text(request->answer, "unknown");
        answer_text(request->answer, "unknown");
    }
}

static void
answer_received(struct list_request *request, uint64_t key)
{
    const struct flow_count *count = flow_tally_find(&request->rx, key);

    answer_traffic(request, count);
    if (count && count->last >= 0) {
        answer_count(request->answer, count->last);
    } else {
        answer_text(request->answer, request->told ? "-" : "unknown");
    }
}

static void
answer_peer(struct list_request *request, const struct lpeer *peer,
            const struct flow_count *sent)
{
    char *address = encap_ip_to_string(&peer->encap.ip);
    char *fault = topology_peer_fault(request->agent->topology, peer);
    struct ds hosts = DS_EMPTY_INITIALIZER;

    commands_format_hosts(peer, &hosts);
    answer_row(request->answer);
    answer_text(request->answer, ds_cstr(&hosts));
    answer_text(request->answer, encap_type_name(peer->encap.type));
    answer_text(request->answer, address);
    answer_count(request->answer, count_networks(peer));
    answer_count(request->answer, sent ? sent->n : 0);
    answer_received(request, oflow_cookie(&peer->obj.uuid));
    answer_traffic(request, sent);
    answer_text(request->answer, fault);
    ds_destroy(&hosts);
    free(address);
    free(fault);
}

/* What came by the tunnels of 'type' from hypervisors that nobody told us
 * of. */
static void
answer_others(struct list_request *request, enum encap_type type)
{
    const struct vtep *vtep = &request->agent->topology->vtep;
    ofp_port_t ofport = vtep->tunnels[type].ofport;

    if (ofport == OFPP_NONE) {
        return;
    }
    answer_row(request->answer);
    answer_text(request->answer, "(others)");
    answer_text(request->answer, encap_type_name(type));
    answer_text(request->answer, "");
    answer_count(request->answer, 0);
    answer_count(request->answer, 0);
    answer_received(request, ofp_to_u16(ofport));
    answer_traffic(request, NULL);
    answer_text(request->answer, "");
}

static void
finish_list(struct list_request *request)
{
    struct lobject **objects;
    struct flow_tally sent;
    size_t n;

    flow_tally_init(&sent);
    sum_sent(request, &sent);
    answer_columns(request->answer, columns, ARRAY_SIZE(columns));
    objects = commands_objects(request->agent->topology, LKIND_PEER, &n);
    for (size_t i = 0; i < n; i++) {
        const struct lpeer *peer = lpeer_cast(objects[i]);

        if (!ovs_list_is_empty(&peer->places)) {
            answer_peer(request, peer,
                        flow_tally_find(&sent, oflow_cookie(&peer->obj.uuid)));
        }
    }
    for (int type = 0; type < ENCAP_N_TYPES; type++) {
        answer_others(request, type);
    }
    free(objects);
    flow_tally_destroy(&sent);
    answer_reply(request->answer, NULL);
    flow_tally_destroy(&request->rx);
    flow_tally_destroy(&request->tx);
    free(request);
}

static void
have_l2(const struct flow_dump *dump, void *request_)
{
    struct list_request *request = request_;

    request->told = dump != NULL;
    if (dump) {
        flow_tally_add_dump(&request->tx, dump, PRI_OBJECT);
    }
    finish_list(request);
}

static void
have_admit(const struct flow_dump *dump, void *request_)
{
    struct list_request *request = request_;
    const struct oflow *flow;

    if (!dump) {
        finish_list(request);
        return;
    }
    flow_tally_add_dump(&request->rx, dump, PRI_OBJECT);
    HMAP_FOR_EACH (flow, hmap_node, &dump->flows) {
        if (flow->priority == PRI_ANY_PEER) {
            struct match match;

            minimatch_expand(&flow->match, &match);
            flow_tally_add(&request->rx,
                           ofp_to_u16(match.flow.in_port.ofp_port), flow);
        }
    }
    ofswitch_read_table(request->agent->ofswitch, PIPELINE_L2, have_l2,
                        request);
}

static void
cmd_tunnel_list(struct unixctl_conn *conn, int argc, const char *argv[],
                void *agent_)
{
    struct agent *agent = agent_;
    struct answer *answer = answer_create(conn, &argc, argv, ANSWER_TABLE);
    struct list_request *request;

    if (!answer) {
        return;
    }
    request = xzalloc(sizeof *request);
    request->agent = agent;
    request->answer = answer;
    flow_tally_init(&request->rx);
    flow_tally_init(&request->tx);
    ofswitch_read_table(agent->ofswitch, PIPELINE_ADMIT, have_admit, request);
}

void
commands_tunnel_register(struct agent *agent)
{
    unixctl_command_register("tunnel/list", "[-f FORMAT]", 0, 2,
                             cmd_tunnel_list, agent);
}
