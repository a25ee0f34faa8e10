/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* network/list; see commands.h.  What the agent knows is asked together with
 * what the switch has counted, which has to be waited for. */

#include <config.h>

#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>

#include "agent.h"
#include "answer.h"
#include "commands-objects.h"
#include "flow-tally.h"
#include "oflow.h"
#include "ofswitch.h"
#include "pipeline.h"
#include "topology.h"
#include "unixctl.h"
#include "util.h"
#include "uuid.h"

struct list_request {
    struct agent *agent;
    struct answer *answer;
};

static const char *const columns[] = {
    "network", "name", "admin_state_up", "type", "physical_network",
    "segmentation_id", "mtu", "encap", "ports", "wired", "hypervisors",
    "remote_ports", "answered", "revision", "applied", "fault",
};

static size_t
count_local_ports(const struct lnet *net)
{
    const struct lport *port;
    size_t n = 0;

    LIST_FOR_EACH (port, net_node, &net->ports) {
        n += lport_is_local(port);
    }
    return n;
}

/* The questions about ports of 'net', wherever they are, that were answered
 * here, by each port's flows in 'answers'. */
static uint64_t
count_answers(const struct lnet *net, const struct flow_tally *answers)
{
    const struct lport *port;
    uint64_t n = 0;

    LIST_FOR_EACH (port, net_node, &net->ports) {
        const struct flow_count *count
            = flow_tally_find(answers, oflow_cookie(&port->obj.uuid));

        n += count ? count->n_packets : 0;
    }
    return n;
}

/* 'answers' NULL: the switch did not tell. */
static void
answer_network(struct answer *answer, const struct topology *topology,
               const struct lnet *net, const struct flow_tally *answers)
{
    const struct intent_network *intent = &net->intent;

    answer_row(answer);
    answer_printf(answer, UUID_FMT, UUID_ARGS(&net->obj.uuid));
    answer_text(answer, intent->name);
    answer_bool(answer, intent->admin_state_up);
    answer_text(answer, intent->network_type ? intent->network_type : "local");
    answer_text(answer, intent->physical_network);
    answer_printf(answer, "%"PRId64, intent->segmentation_id);
    answer_printf(answer, "%"PRId64, intent->mtu);
    answer_text(answer, net->encap);
    answer_count(answer, count_local_ports(net));
    answer_count(answer, net->n_wired);
    answer_count(answer, commands_hypervisors(topology, net));
    answer_count(answer, commands_remote_ports(net));
    if (answers) {
        answer_count(answer, count_answers(net, answers));
    } else {
        answer_text(answer, "unknown");
    }
    answer_printf(answer, "%"PRId64, intent->revision_number);
    answer_printf(answer, "%"PRId64, net->obj.applied_revision);
    answer_text(answer, net->obj.fault);
}

static void
finish_list(const struct flow_dump *dump, void *request_)
{
    struct list_request *request = request_;
    const struct topology *topology = request->agent->topology;
    struct lobject **objects;
    struct flow_tally answers;
    size_t n;

    flow_tally_init(&answers);
    if (dump) {
        flow_tally_add_dump(&answers, dump, PRI_OBJECT);
    }
    answer_columns(request->answer, columns, ARRAY_SIZE(columns));
    objects = commands_objects(topology, LKIND_NETWORK, &n);
    for (size_t i = 0; i < n; i++) {
        answer_network(request->answer, topology, lnet_cast(objects[i]),
                       dump ? &answers : NULL);
    }
    free(objects);
    flow_tally_destroy(&answers);
    answer_reply(request->answer, NULL);
    free(request);
}

static void
cmd_network_list(struct unixctl_conn *conn, int argc, const char *argv[],
                 void *agent_)
{
    struct agent *agent = agent_;
    struct answer *answer = answer_create(conn, &argc, argv, ANSWER_TABLE);
    struct list_request *request;

    if (!answer) {
        return;
    }
    request = xmalloc(sizeof *request);
    request->agent = agent;
    request->answer = answer;
    ofswitch_read_table(agent->ofswitch, PIPELINE_ANSWER, finish_list,
                        request);
}

void
commands_network_register(struct agent *agent)
{
    unixctl_command_register("network/list", "[-f FORMAT]", 0, 2,
                             cmd_network_list, agent);
}
