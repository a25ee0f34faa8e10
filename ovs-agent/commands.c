/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See commands.h. */

#include <config.h>

#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "agent-config.h"
#include "agent.h"
#include "answer.h"
#include "flow-dump.h"
#include "interest.h"
#include "latency.h"
#include "nb.h"
#include "oflow.h"
#include "ofswitch.h"
#include "openvswitch/dynamic-string.h"
#include "ovs-local.h"
#include "simap.h"
#include "sluice-version.h"
#include "status.h"
#include "topology-compute.h"
#include "topology.h"
#include "unixctl.h"
#include "util.h"
#include "vif.h"

static void
cmd_exit(struct unixctl_conn *conn, int argc OVS_UNUSED,
         const char *argv[] OVS_UNUSED, void *exiting_)
{
    bool *exiting = exiting_;

    *exiting = true;
    unixctl_command_reply(conn, NULL);
}

/* How much there is of everything. */
struct census {
    size_t ports;               /* Local ones. */
    size_t wired;
    size_t faults;
    size_t networks;
    size_t remote_ports;        /* Ports of overlays, elsewhere. */
    size_t peers;
};

static void
count_object(struct census *census, const struct lobject *obj)
{
    const struct lport *port;

    census->faults += obj->fault != NULL;
    switch (obj->kind) {
    case LKIND_PORT:
        port = lport_cast(obj);
        census->ports += lport_is_local(port);
        census->wired += port->wired;
        census->remote_ports += port->elsewhere != NULL;
        break;
    case LKIND_NETWORK:
        census->networks++;
        break;
    case LKIND_PEER:
        census->peers++;
        break;
    case LKIND_HOST:
        break;
    }
}

static struct census
take_census(const struct topology *topology)
{
    struct census census = { .ports = 0 };
    const struct lobject *obj;

    HMAP_FOR_EACH (obj, node, &topology->objects) {
        count_object(&census, obj);
    }
    return census;
}

static char *
join_faults(const struct agent_config *config)
{
    return (config ? sset_join(&config->faults, "; ", "")
            : xstrdup("configuration not read yet"));
}

static char *
openflow_status(const struct agent *agent, const struct agent_config *config)
{
    char *status = ofswitch_status(agent->ofswitch);
    char *text = xasprintf("%s: %s", config ? config->bridge : "-", status);

    free(status);
    return text;
}

static char *
refusal_text(const struct status *status)
{
    const char *refusal = status_refusal(status);

    return (refusal ? xasprintf("it refuses what we write: %s", refusal)
            : xstrdup(""));
}

static void
cmd_status(struct unixctl_conn *conn, int argc, const char *argv[],
           void *agent_)
{
    const struct agent *agent = agent_;
    const struct topology *topology = agent->topology;
    const struct agent_config *config = ovs_local_config(agent->local);
    struct census census = take_census(topology);
    struct answer *answer = answer_create(conn, &argc, argv, ANSWER_LIST);

    if (!answer) {
        return;
    }
    answer_field(answer, "version", xstrdup(SLUICE_VERSION));
    answer_field(answer, "host", xstrdup(config ? config->host : ""));
    answer_field(answer, "host_admin_state_up",
                 xstrdup(topology->host_intent.admin_state_up
                         ? "true" : "false"));
    answer_field(answer, "northbound",
                 xasprintf("%s: %s", config && config->remote
                           ? config->remote : "-", nb_status(agent->nb)));
    answer_field(answer, "northbound_fault", refusal_text(agent->status));
    answer_field(answer, "open_vswitch", ovs_local_status(agent->local));
    answer_field(answer, "openflow", openflow_status(agent, config));
    answer_field(answer, "datapath",
                 xstrdup(ofswitch_proof_status(agent->ofswitch)));
    answer_field(answer, "everything_known",
                 xstrdup(topology->ready ? "true" : "false"));
    answer_field(answer, "ports", xasprintf("%"PRIuSIZE, census.ports));
    answer_field(answer, "ports_wired", xasprintf("%"PRIuSIZE, census.wired));
    answer_field(answer, "networks", xasprintf("%"PRIuSIZE, census.networks));
    answer_field(answer, "remote_ports",
                 xasprintf("%"PRIuSIZE, census.remote_ports));
    answer_field(answer, "peers", xasprintf("%"PRIuSIZE, census.peers));
    answer_field(answer, "faults", xasprintf("%"PRIuSIZE, census.faults));
    answer_field(answer, "flows",
                 xasprintf("%"PRIuSIZE, hmap_count(&topology->flows.flows)));
    answer_field(answer, "config_faults", join_faults(config));
    answer_reply(answer, NULL);
}

static void
cmd_connection_status(struct unixctl_conn *conn, int argc OVS_UNUSED,
                      const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;

    unixctl_command_reply(conn, (nb_is_connected(agent->nb)
                                 ? "connected" : "not connected"));
}

static void
cmd_interest_show(struct unixctl_conn *conn, int argc OVS_UNUSED,
                  const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;
    const struct agent_config *config = ovs_local_config(agent->local);
    struct ds out = DS_EMPTY_INITIALIZER;
    struct interest interest;

    interest_init(&interest);
    topology_get_interest(agent->topology, &interest);
    interest_format(&interest, config ? config->host : "", &out);
    interest_destroy(&interest);
    unixctl_command_reply(conn, ds_cstr(&out));
    ds_destroy(&out);
}

/* Flows. */

static int
compare_flows(const void *a_, const void *b_)
{
    const struct oflow *const *a = a_;
    const struct oflow *const *b = b_;

    if ((*a)->table != (*b)->table) {
        return (*a)->table < (*b)->table ? -1 : 1;
    } else if ((*a)->priority != (*b)->priority) {
        return (*a)->priority > (*b)->priority ? -1 : 1;
    } else if ((*a)->cookie != (*b)->cookie) {
        return (*a)->cookie < (*b)->cookie ? -1 : 1;
    }
    return 0;
}

static void
cmd_flow_dump_desired(struct unixctl_conn *conn, int argc OVS_UNUSED,
                      const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;
    const struct hmap *flows = &agent->topology->flows.flows;
    const struct oflow **sorted = xmalloc(hmap_count(flows) * sizeof *sorted);
    struct ds out = DS_EMPTY_INITIALIZER;
    const struct oflow *flow;
    size_t n = 0;

    HMAP_FOR_EACH (flow, hmap_node, flows) {
        sorted[n++] = flow;
    }
    qsort(sorted, n, sizeof *sorted, compare_flows);
    for (size_t i = 0; i < n; i++) {
        oflow_format(sorted[i], &out);
        ds_put_char(&out, '\n');
    }
    free(sorted);
    unixctl_command_reply(conn, ds_cstr(&out));
    ds_destroy(&out);
}

struct diff_request {
    struct unixctl_conn *conn;
    const struct agent *agent;
};

static void
finish_flow_diff(const struct flow_dump *dump, void *request_)
{
    struct diff_request *request = request_;
    struct ovs_list changes = OVS_LIST_INITIALIZER(&changes);
    struct ds out = DS_EMPTY_INITIALIZER;
    struct flow_change *change;

    if (!dump) {
        unixctl_command_reply_error(request->conn, "the switch did not "
                                    "answer: no OpenFlow connection");
        free(request);
        return;
    }
    flow_dump_diff(dump, &request->agent->topology->flows, &changes);
    LIST_FOR_EACH_POP (change, node, &changes) {
        ds_put_cstr(&out, change->add ? "+" : "-");
        oflow_format(change->flow, &out);
        ds_put_char(&out, '\n');
        flow_change_destroy(change);
    }
    unixctl_command_reply(request->conn, ds_cstr(&out));
    ds_destroy(&out);
    free(request);
}

static void
cmd_flow_diff(struct unixctl_conn *conn, int argc OVS_UNUSED,
              const char *argv[] OVS_UNUSED, void *agent_)
{
    struct agent *agent = agent_;
    struct diff_request *request = xmalloc(sizeof *request);

    request->conn = conn;
    request->agent = agent;
    ofswitch_read_flows(agent->ofswitch, 0, 0, finish_flow_diff, request);
}

static void
cmd_recompute(struct unixctl_conn *conn, int argc OVS_UNUSED,
              const char *argv[] OVS_UNUSED, void *agent_)
{
    struct agent *agent = agent_;
    size_t n_wrong = topology_verify(agent->topology);
    size_t n = topology_recompute(agent->topology);
    char *reply = xasprintf("%"PRIuSIZE" objects are computed anew and the "
                            "switch is compared; %"PRIuSIZE" had wrong flows",
                            n, n_wrong);

    ofswitch_resync(agent->ofswitch);
    unixctl_command_reply(conn, reply);
    free(reply);
}

static void
cmd_latency_show(struct unixctl_conn *conn, int argc OVS_UNUSED,
                 const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;
    struct ds out = DS_EMPTY_INITIALIZER;

    latency_format_heading(&out);
    latency_format(&agent->topology->computing, "received to computed", &out);
    latency_format(ofswitch_barrier_latency(agent->ofswitch),
                   "sent to barrier reply", &out);
    latency_format(ofswitch_proof_latency(agent->ofswitch),
                   "barrier to datapath", &out);
    latency_format(&agent->topology->applying, "computed to in force", &out);
    latency_format(&agent->topology->total, "received to in force", &out);
    latency_format(status_latency(agent->status), "status to its commit",
                   &out);
    unixctl_command_reply(conn, ds_cstr(&out));
    ds_destroy(&out);
}

void
commands_register(struct agent *agent, bool *exiting)
{
    unixctl_command_register("exit", "", 0, 0, cmd_exit, exiting);
    unixctl_command_register("status", "[-f FORMAT]", 0, 2, cmd_status,
                             agent);
    unixctl_command_register("connection-status", "", 0, 0,
                             cmd_connection_status, agent);
    unixctl_command_register("interest/show", "", 0, 0, cmd_interest_show,
                             agent);
    unixctl_command_register("flow/dump-desired", "", 0, 0,
                             cmd_flow_dump_desired, agent);
    unixctl_command_register("flow/diff", "", 0, 0, cmd_flow_diff, agent);
    unixctl_command_register("recompute", "", 0, 0, cmd_recompute, agent);
    unixctl_command_register("latency/show", "", 0, 0, cmd_latency_show,
                             agent);
    commands_show_register(agent);
    commands_network_register(agent);
    commands_tunnel_register(agent);
    commands_trace_register(agent);
}

void
commands_memory_usage(const struct agent *agent, struct simap *usage)
{
    struct census census = take_census(agent->topology);

    simap_increase(usage, "ports", census.ports);
    simap_increase(usage, "networks", census.networks);
    simap_increase(usage, "remote-ports", census.remote_ports);
    simap_increase(usage, "peers", census.peers);
    simap_increase(usage, "flows", hmap_count(&agent->topology->flows.flows));
    simap_increase(usage, "vifs",
                   hmap_count(&ovs_local_vifs(agent->local)->by_iface));
}
