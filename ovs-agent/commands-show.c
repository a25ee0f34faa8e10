/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* port/list, port/show and network/list; see commands.h. */

#include <config.h>

#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "answer.h"
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

/* In words, whether 'port' carries traffic, and if not, what stops it. */
static const char *
port_state(const struct topology *topology, const struct lport *port)
{
    return (!port->obj.known ? "unknown-port"
            : !port->plugged ? "unplugged"
            : port->obj.fault ? "fault"
            : !port->wired ? "pending"
            : !port->intent.admin_state_up ? "port-down"
            : !port->net->intent.admin_state_up ? "network-down"
            : !topology->host_intent.admin_state_up ? "host-down"
            : !port->obj.applied
              || !ovs_list_is_empty(&port->obj.unacked_node) ? "pending"
            : "active");
}

static int
compare_objects(const void *a_, const void *b_)
{
    const struct lobject *const *a = a_;
    const struct lobject *const *b = b_;

    return uuid_compare_3way(&(*a)->uuid, &(*b)->uuid);
}

/* Returns the objects of 'kind', sorted, for the caller to free. */
static struct lobject **
sorted_objects(const struct topology *topology, enum lkind kind, size_t *np)
{
    struct lobject **objects
        = xmalloc(hmap_count(&topology->objects) * sizeof *objects);
    struct lobject *obj;
    size_t n = 0;

    HMAP_FOR_EACH (obj, node, &topology->objects) {
        if (obj->kind == kind) {
            objects[n++] = obj;
        }
    }
    qsort(objects, n, sizeof *objects, compare_objects);
    *np = n;
    return objects;
}

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
    objects = sorted_objects(agent->topology, LKIND_PORT, &n);
    for (size_t i = 0; i < n; i++) {
        const struct lport *port = lport_cast(objects[i]);

        answer_row(answer);
        answer_printf(answer, UUID_FMT, UUID_ARGS(&port->obj.uuid));
        answer_text(answer, port->intent.name);
        answer_text(answer, port->net ? port->net->intent.name : "");
        answer_text(answer, port->vif_name);
        answer_ofport(answer, port->ofport);
        answer_text(answer, port_state(agent->topology, port));
        answer_printf(answer, "%"PRId64, port->intent.revision_number);
        answer_printf(answer, "%"PRId64, port->obj.applied_revision);
        answer_text(answer, port->obj.fault);
    }
    free(objects);
    answer_reply(answer, NULL);
}

static void
cmd_network_list(struct unixctl_conn *conn, int argc, const char *argv[],
                 void *agent_)
{
    static const char *const columns[] = {
        "network", "name", "admin_state_up", "type", "physical_network",
        "segmentation_id", "ports", "wired", "revision", "applied", "fault",
    };
    const struct agent *agent = agent_;
    struct lobject **objects;
    struct answer *answer = answer_create(conn, &argc, argv, ANSWER_TABLE);
    size_t n;

    if (!answer) {
        return;
    }
    answer_columns(answer, columns, ARRAY_SIZE(columns));
    objects = sorted_objects(agent->topology, LKIND_NETWORK, &n);
    for (size_t i = 0; i < n; i++) {
        const struct lnet *net = lnet_cast(objects[i]);
        const struct intent_network *intent = &net->intent;

        answer_row(answer);
        answer_printf(answer, UUID_FMT, UUID_ARGS(&net->obj.uuid));
        answer_text(answer, intent->name);
        answer_bool(answer, intent->admin_state_up);
        answer_text(answer, intent->network_type
                    ? intent->network_type : "local");
        answer_text(answer, intent->physical_network);
        answer_printf(answer, "%"PRId64, intent->segmentation_id);
        answer_count(answer, ovs_list_size(&net->ports));
        answer_count(answer, net->n_wired);
        answer_printf(answer, "%"PRId64, intent->revision_number);
        answer_printf(answer, "%"PRId64, net->obj.applied_revision);
        answer_text(answer, net->obj.fault);
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
    bool answered;              /* Did the switch answer? */
    uint64_t dropped_from;      /* Packets from the port, while it is down. */
    uint64_t dropped_to;        /* Packets to it. */
    uint64_t dropped_gate;      /* Of its network, while that is down. */
};

/* Returns the port called 'name', or with it as its UUID.  If there is not
 * exactly one, returns NULL and an error to be freed. */
static struct lport *
find_port(const struct topology *topology, const char *name, char **error)
{
    struct lport *found = NULL;
    struct lobject *obj;
    struct uuid uuid;

    *error = NULL;
    if (uuid_from_string(&uuid, name)) {
        found = topology_find_port(topology, &uuid);
    } else {
        HMAP_FOR_EACH (obj, node, &topology->objects) {
            if (obj->kind != LKIND_PORT || !obj->known
                || strcmp(lport_cast(obj)->intent.name, name)) {
                continue;
            } else if (found) {
                *error = xasprintf("%s: two local ports have this name: "
                                   UUID_FMT" and "UUID_FMT, name,
                                   UUID_ARGS(&found->obj.uuid),
                                   UUID_ARGS(&obj->uuid));
                return NULL;
            }
            found = lport_cast(obj);
        }
    }
    if (!found) {
        *error = xasprintf("%s: no such port on this hypervisor", name);
    }
    return found;
}

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
    show_field(request, "state", xstrdup(port_state(topology, port)));
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
    return (request->answered ? xasprintf("%"PRIu64, count)
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

    request->answered = dump != NULL;
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
        if (flow->ofpacts_len) {
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
    port = argc == 2 ? find_port(agent->topology, argv[1], &error) : NULL;
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
    unixctl_command_register("network/list", "[-f FORMAT]", 0, 2,
                             cmd_network_list, agent);
}
