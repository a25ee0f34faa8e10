/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* port-trace; see commands.h.  ovs-vswitchd is asked what it would do with a
 * frame, which changes and counts nothing; for an IP address first with the
 * question who has it, then, if that is known, with a packet to it. */

#include <config.h>

#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "agent-config.h"
#include "agent.h"
#include "commands-objects.h"
#include "encap.h"
#include "ofswitch.h"
#include "openvswitch/dynamic-string.h"
#include "ovs-local.h"
#include "packets.h"
#include "topology.h"
#include "trace-packet.h"
#include "trace-tell.h"
#include "trace.h"
#include "unixctl.h"
#include "util.h"
#include "uuid.h"

struct trace_request {
    struct agent *agent;
    struct unixctl_conn *conn;
    struct uuid port;
    bool raw;                   /* With what ovs-vswitchd says? */

    struct trace_packet packet; /* What is traced now. */
    bool has_mac;               /* Is it known where a packet is to go? */
    struct eth_addr mac;        /* If so. */

    struct ds out;
};

static void trace(struct trace_request *);

static void
finish(struct trace_request *request, const char *error)
{
    if (error) {
        unixctl_command_reply_error(request->conn, error);
    } else {
        unixctl_command_reply(request->conn, ds_cstr(&request->out));
    }
    ds_destroy(&request->out);
    free(request);
}

/* Says who has the IP address that is traced to, if that is known. */
static void
resolve(struct trace_request *request, const struct lport *from)
{
    const struct lport *port
        = trace_packet_find_ip(from->net, &request->packet.ip, &request->mac);
    char *ip = encap_ip_to_string(&request->packet.ip);

    request->has_mac = port != NULL;
    if (port) {
        ds_put_format(&request->out, "%s is of ", ip);
        commands_format_port(port, &request->out);
        ds_put_format(&request->out, ", "ETH_ADDR_FMT"\n",
                      ETH_ADDR_ARGS(request->mac));
    } else {
        ds_put_format(&request->out, "%s is of no port that is known in ",
                      ip);
        commands_format_network(from->net, &request->out);
        ds_put_cstr(&request->out, ", so who has it is asked\n");
    }
    free(ip);
}

/* The port. */

/* Why nothing can be traced from 'port', in words, for the caller to free;
 * NULL if it can. */
static char *
why_not(const struct lport *port)
{
    if (!port->obj.known) {
        return xstrdup("the northbound database does not have it");
    } else if (!port->plugged && port->elsewhere) {
        return xasprintf("it is at %s: ask its agent", port->elsewhere);
    } else if (!port->plugged) {
        return xasprintf("it is not plugged: no interface has "
                         "external_ids:iface-id="UUID_FMT,
                         UUID_ARGS(&port->obj.uuid));
    } else if (port->obj.fault) {
        return xasprintf("it has a fault: %s", port->obj.fault);
    } else if (port->elsewhere) {
        return xasprintf("its interface here is on standby, the port is at "
                         "%s: ask its agent", port->elsewhere);
    } else if (!port->wired || !port->net) {
        return xstrdup("its flows are not computed yet");
    }
    return NULL;
}

/* Ends the request if 'port', NULL allowed, can send nothing.  Returns true if
 * so. */
static bool
finish_if_not(struct trace_request *request, const struct lport *port)
{
    char *why = port ? why_not(port) : xstrdup("it was removed meanwhile");

    if (!why) {
        return false;
    }
    ds_put_format(&request->out, "verdict: dropped: nothing that the port "
                  "sends is admitted here: %s\n", why);
    free(why);
    finish(request, NULL);
    return true;
}

static void
note_pending(struct trace_request *request, const struct lport *port)
{
    const struct agent *agent = request->agent;

    if (lobject_is_pending(&port->obj) || lobject_is_pending(&port->net->obj)
        || lobject_is_pending(&agent->topology->host)
        || !ofswitch_is_synced(agent->ofswitch)) {
        ds_put_cstr(&request->out, "note: the latest changes are not in force "
                    "yet; this is what the switch does now\n");
    }
}

/* A fault of the network is not in the switch: whom it keeps from being
 * reached, nobody has there. */
static void
note_fault(struct trace_request *request, const struct lport *port)
{
    if (port->net->obj.fault) {
        ds_put_cstr(&request->out, "note: ");
        commands_format_network(port->net, &request->out);
        ds_put_format(&request->out, " has a fault here: %s\n",
                      port->net->obj.fault);
    }
}

/* Tracing. */

/* Tells what ovs-vswitchd has answered of a packet of 'port'. */
static void
tell(struct trace_request *request, const struct lport *port,
     const char *answer)
{
    const struct agent_config *config
        = ovs_local_config(request->agent->local);
    struct trace trace_;
    char *dst;

    if (request->raw) {
        ds_put_format(&request->out, "%s\n", answer);
    }
    dst = xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(request->packet.dst));
    trace_parse(&trace_, answer, config->bridge);
    trace_tell(&trace_, request->agent->topology, port, dst, &request->out);
    trace_destroy(&trace_);
    free(dst);
}

static void
have_trace(const char *answer, const char *error, void *request_)
{
    struct trace_request *request = request_;
    const struct lport *port = topology_find_port(request->agent->topology,
                                                  &request->port);

    if (error) {
        char *text = xasprintf("ovs-vswitchd does not tell: %s", error);

        finish(request, text);
        free(text);
    } else if (!finish_if_not(request, port)) {
        tell(request, port, answer);
        if (request->packet.kind == TRACE_QUESTION && request->has_mac) {
            request->packet.kind = TRACE_PACKET;
            request->packet.dst = request->mac;
            trace(request);
        } else {
            finish(request, NULL);
        }
    }
}

/* Asks ovs-vswitchd for what is next. */
static void
trace(struct trace_request *request)
{
    const struct agent_config *config
        = ovs_local_config(request->agent->local);
    const struct lport *port = topology_find_port(request->agent->topology,
                                                  &request->port);
    struct ds flow = DS_EMPTY_INITIALIZER;

    if (!finish_if_not(request, port)) {
        trace_packet_format(&request->packet, port, &flow);
        ds_put_char(&request->out, '\n');
        trace_packet_describe(&request->packet, &request->out);
        ds_put_cstr(&request->out, ":\n");
        vswitchd_ask(&request->agent->vswitchd,
                     (const char *const []) {
                         "ofproto/trace", config->bridge, ds_cstr(&flow) },
                     3, have_trace, request);
    }
    ds_destroy(&flow);
}

/* Arguments. */

/* Puts "--raw" behind the other arguments, which own their strings, and takes
 * it out of their number.  Returns true if it was there. */
static bool
take_raw(int *argc, const char *argv[])
{
    for (int i = 1; i < *argc; i++) {
        if (!strcmp(argv[i], "--raw")) {
            const char *raw = argv[i];

            --*argc;
            memmove(&argv[i], &argv[i + 1], (*argc - i) * sizeof *argv);
            argv[*argc] = raw;
            return true;
        }
    }
    return false;
}

/* Checks the arguments; returns what is wrong with them, in words, for the
 * caller to free, or NULL. */
static char *
parse_arguments(struct trace_request *request, int argc, const char *argv[],
                const struct lport **portp)
{
    char *error;

    request->raw = take_raw(&argc, argv);
    if (argc != 3) {
        return xstrdup("port-trace takes a port and an Ethernet or IP "
                       "address, and perhaps --raw");
    } else if (!trace_packet_parse(&request->packet, argv[2])) {
        return xasprintf("%s: neither an Ethernet address nor an IP address "
                         "that one machine can have", argv[2]);
    } else if (!ovs_local_config(request->agent->local)) {
        return xstrdup("the configuration is not read yet");
    }
    *portp = commands_find_port(request->agent->topology, argv[1], &error);
    return error;
}

static void
cmd_port_trace(struct unixctl_conn *conn, int argc, const char *argv[],
               void *agent_)
{
    struct trace_request *request = xzalloc(sizeof *request);
    const struct lport *port = NULL;
    char *error;

    request->agent = agent_;
    request->conn = conn;
    ds_init(&request->out);
    error = parse_arguments(request, argc, argv, &port);
    if (error) {
        finish(request, error);
        free(error);
        return;
    }
    request->port = port->obj.uuid;
    ds_put_cstr(&request->out, "from ");
    commands_format_port(port, &request->out);
    ds_put_char(&request->out, '\n');
    if (!finish_if_not(request, port)) {
        note_pending(request, port);
        note_fault(request, port);
        if (request->packet.kind == TRACE_QUESTION) {
            resolve(request, port);
        }
        trace(request);
    }
}

void
commands_trace_register(struct agent *agent)
{
    unixctl_command_register("port-trace", "[--raw] PORT DST-MAC|DST-IP", 0, 3,
                             cmd_port_trace, agent);
}
