/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* port/list and port/show; see commands.h. */

#include <config.h>

#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "answer.h"
#include "commands-objects.h"
#include "flow-dump.h"
#include "flow.h"
#include "oflow.h"
#include "ofswitch.h"
#include "openvswitch/dynamic-string.h"
#include "pipeline.h"
#include "timeval.h"
#include "topology.h"
#include "unixctl.h"
#include "util.h"
#include "uuid.h"

static void
answer_ofport(struct answer *answer, ofp_port_t ofport)
{
    if (ofport == OFPP_NONE) {
        answer_text(answer, "");
    } else {
        answer_count(answer, ofp_to_u16(ofport));
    }
}

static void
cmd_port_list(struct unixctl_conn *conn, int argc, const char *argv[],
              void *agent_)
{
    static const char *const columns[] = {
        "port", "name", "network", "interface", "ofport", "state", "revision",
        "applied", "fault",
    };
    const struct agent *agent = agent_;
    struct lobject **objects;
    struct answer *answer = answer_create(conn, &argc, argv, ANSWER_TABLE);
    size_t n;

    if (!answer) {
        return;
    }
    answer_columns(answer, columns, ARRAY_SIZE(columns));
    objects = commands_objects(agent->topology, LKIND_PORT, &n);
    for (size_t i = 0; i < n; i++) {
        const struct lport *port = lport_cast(objects[i]);

        answer_row(answer);
        answer_printf(answer, UUID_FMT, UUID_ARGS(&port->obj.uuid));
        answer_text(answer, port->intent.name);
        answer_text(answer, port->net ? port->net->intent.name : "");
        answer_text(answer, port->vif_name);
        answer_ofport(answer, port->ofport);
        answer_text(answer, commands_port_state(agent->topology, port));
        answer_printf(answer, "%"PRId64, port->intent.revision_number);
        answer_printf(answer, "%"PRId64, port->obj.applied_revision);
        answer_text(answer, port->obj.fault);
    }
    free(objects);
    answer_reply(answer, NULL);
}

/* port/show: what the agent knows, then what the switch has counted, which has
 * to be asked for: first the port's flows, then its network's gate. */

struct show_request {
    struct agent *agent;
    struct uuid port;
    struct answer *answer;
    struct ds flows;            /* The port's flows as text. */
    bool told;                  /* Did the switch tell? */
    uint64_t dropped_from;      /* Packets from the port, while it is down. */
    uint64_t dropped_to;        /* Packets to it. */
    uint64_t dropped_gate;      /* Of its network, while that is down. */
    uint64_t answered;          /* Questions about it. */
};

static void
show_field(struct show_request *request, const char *name, char *text)
{
    answer_field(request->answer, name, text);
}

static char *
bool_text(bool value)
{
    return xstrdup(value ? "true" : "false");
}

static void
show_intent(struct show_request *request, const struct lport *port)
{
    const struct topology *topology = request->agent->topology;
    const struct intent_port *intent = &port->intent;

    show_field(request, "port",
               xasprintf(UUID_FMT, UUID_ARGS(&port->obj.uuid)));
    show_field(request, "name", xstrdup(intent->name ? intent->name : ""));
    show_field(request, "network",
               port->net ? xasprintf(UUID_FMT" (%s)",
                                     UUID_ARGS(&intent->network),
                                     port->net->obj.known
                                     ? port->net->intent.name : "?")
               : xstrdup(""));
    show_field(request, "mac_address",
               xstrdup(intent->mac_address ? intent->mac_address : ""));
    show_field(request, "admin_state_up", bool_text(intent->admin_state_up));
    show_field(request, "network_admin_state_up",
               bool_text(port->net && port->net->intent.admin_state_up));
    show_field(request, "host_admin_state_up",
               bool_text(topology->host_intent.admin_state_up));
    show_field(request, "interface",
               xstrdup(port->vif_name ? port->vif_name : ""));
    show_field(request, "ofport",
               port->plugged ? xasprintf("%"PRIu16, ofp_to_u16(port->ofport))
               : xstrdup(""));
    show_field(request, "state", xstrdup(commands_port_state(topology, port)));
    show_field(request, "elsewhere",
               xstrdup(port->elsewhere ? port->elsewhere : ""));
    show_field(request, "fault",
               xstrdup(port->obj.fault ? port->obj.fault : ""));
    show_field(request, "revision_number",
               xasprintf("%"PRId64, intent->revision_number));
    show_field(request, "applied_revision_number",
               xasprintf("%"PRId64, port->obj.applied_revision));
}

static char *
usec_text(long long int from, long long int to)
{
    return from && to ? xasprintf("%lld", to - from) : xstrdup("");
}

static void
show_times(struct show_request *request, const struct lport *port)
{
    const struct stage_times *times = &port->obj.times;

    show_field(request, "last_change",
               (times->changed_wall
                ? xastrftime_msec("%Y-%m-%dT%H:%M:%S.###Z",
                                  times->changed_wall, true)
                : xstrdup("")));
    show_field(request, "computed_after_us",
               usec_text(times->received, times->computed));
    show_field(request, "in_force_after_us",
               usec_text(times->received, times->acked));
}

static char *
count_text(const struct show_request *request, uint64_t count)
{
    return (request->told ? xasprintf("%"PRIu64, count)
            : xstrdup("unknown: the switch did not answer"));
}

static void
finish_show(struct show_request *request)
{
    const struct lport *port = topology_find_port(request->agent->topology,
                                                  &request->port);

    if (port) {
        show_intent(request, port);
        show_field(request, "dropped_port_down_from_vm",
                   count_text(request, request->dropped_from));
        show_field(request, "dropped_port_down_to_vm",
                   count_text(request, request->dropped_to));
        show_field(request, "dropped_network_down",
                   count_text(request, request->dropped_gate));
        show_field(request, "questions_answered",
                   count_text(request, request->answered));
        show_times(request, port);
        answer_reply(request->answer, ds_cstr(&request->flows));
    } else {
        answer_reply_error(request->answer, "the port was removed meanwhile");
    }
    ds_destroy(&request->flows);
    free(request);
}

static void
have_gate(const struct flow_dump *dump, void *request_)
{
    struct show_request *request = request_;
    const struct oflow *flow;

    request->told = dump != NULL;
    if (dump) {
        HMAP_FOR_EACH (flow, hmap_node, &dump->flows) {
            if (flow->table == PIPELINE_GATE && !flow->ofpacts_len) {
                request->dropped_gate += flow->n_packets;
            }
        }
    }
    finish_show(request);
}

static void
have_port_flows(const struct flow_dump *dump, void *request_)
{
    struct show_request *request = request_;
    const struct lport *port = topology_find_port(request->agent->topology,
                                                  &request->port);
    const struct oflow *flow;

    if (!dump || !port || !port->net) {
        finish_show(request);
        return;
    }
    ds_put_cstr(&request->flows, "\nflows:\n");
    HMAP_FOR_EACH (flow, hmap_node, &dump->flows) {
        ds_put_format(&request->flows, "  n_packets=%"PRIu64",",
                      flow->n_packets);
        oflow_format(flow, &request->flows);
        ds_put_char(&request->flows, '\n');
        if (flow->table == PIPELINE_ANSWER && flow->priority == PRI_OBJECT) {
            request->answered += flow->n_packets;
        } else if (flow->ofpacts_len) {
            continue;
        } else if (flow->table == PIPELINE_ADMIT) {
            request->dropped_from += flow->n_packets;
        } else if (flow->table == PIPELINE_EGRESS) {
            request->dropped_to += flow->n_packets;
        }
    }
    ofswitch_read_flows(request->agent->ofswitch,
                        oflow_cookie(&port->intent.network), UINT64_MAX,
                        have_gate, request);
}

static void
cmd_port_show(struct unixctl_conn *conn, int argc, const char *argv[],
              void *agent_)
{
    struct agent *agent = agent_;
    struct show_request *request;
    struct answer *answer = answer_create(conn, &argc, argv, ANSWER_LIST);
    struct lport *port;
    char *error = NULL;

    if (!answer) {
        return;
    }
    port = (argc == 2
            ? commands_find_port(agent->topology, argv[1], &error) : NULL);
    if (!port) {
        answer_reply_error(answer, error ? error : "port/show takes one port");
        free(error);
        return;
    }
    request = xzalloc(sizeof *request);
    request->agent = agent;
    request->port = port->obj.uuid;
    request->answer = answer;
    ds_init(&request->flows);
    ofswitch_read_flows(agent->ofswitch, oflow_cookie(&request->port),
                        UINT64_MAX, have_port_flows, request);
}

void
commands_show_register(struct agent *agent)
{
    unixctl_command_register("port/list", "[-f FORMAT]", 0, 2, cmd_port_list,
                             agent);
    unixctl_command_register("port/show", "[-f FORMAT] PORT", 1, 3,
                             cmd_port_show, agent);
}
