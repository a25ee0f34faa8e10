/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See trace-tell.h. */

#include <config.h>

#include "trace-tell.h"

#include <inttypes.h>
#include <string.h>

#include "commands-objects.h"
#include "flow.h"
#include "oflow.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "pipeline.h"
#include "topology.h"
#include "trace-verdict.h"
#include "trace.h"
#include "util.h"
#include "uuid.h"

struct teller {
    const struct topology *topology;
    const struct lport *from;
    const char *dst;
    struct ds *out;

    const struct trace_step *table; /* Where the packet is. */
    struct in6_addr peer;       /* Where a tunnel would take it. */
    struct trace_verdict verdict;
};

/* Lines. */

static void tell(struct teller *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

/* Tells a line about the present table. */
static void
tell(struct teller *teller, const char *format, ...)
{
    const char *table = pipeline_table_name(teller->table->table);
    va_list args;

    ds_put_format(teller->out, "%s: ", table ? table : "?");
    va_start(args, format);
    ds_put_format_valist(teller->out, format, args);
    va_end(args);
    ds_put_char(teller->out, '\n');
}

static char *
port_text(const struct lport *port)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    commands_format_port(port, &s);
    return ds_steal_cstr(&s);
}

static char *
network_text(const struct teller *teller)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    commands_format_network(teller->from->net, &s);
    return ds_steal_cstr(&s);
}

/* The packet ends here, because of 'who', which 'why'. */
static void
drop(struct teller *teller, const char *who, const char *why)
{
    tell(teller, "%s %s: dropped here", who, why);
    trace_verdict_drop(&teller->verdict, who, why);
}

/* Objects. */

/* The port of the network that has 'cookie', or NULL. */
static const struct lport *
find_port(const struct teller *teller, uint64_t cookie)
{
    const struct lport *port;

    LIST_FOR_EACH (port, net_node, &teller->from->net->ports) {
        if (oflow_cookie(&port->obj.uuid) == cookie) {
            return port;
        }
    }
    return NULL;
}

/* The physical network that 'ofport' leads to, or NULL. */
static const char *
find_physnet(const struct topology *topology, ofp_port_t ofport)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &topology->physnets) {
        const struct physnet *physnet = node->data;

        if (physnet->ofport == ofport) {
            return node->name;
        }
    }
    return NULL;
}

static bool
find_tunnel(const struct topology *topology, ofp_port_t ofport,
            enum encap_type *type)
{
    for (int i = 0; i < ENCAP_N_TYPES; i++) {
        if (topology->vtep.tunnels[i].ofport == ofport) {
            *type = i;
            return true;
        }
    }
    return false;
}

/* Tables. */

/* A frame to a group that is kept from every bridge. */
static void
drop_reserved(struct teller *teller)
{
    char *why = xasprintf("forwards nothing to %s", teller->dst);

    drop(teller, "the bridge", why);
    free(why);
}

static void
tell_admit(struct teller *teller)
{
    const struct trace_step *step = teller->table;
    char *port = port_text(teller->from);
    char *network = network_text(teller);

    if (!step->matched) {
        drop(teller, port, "has no flow that admits it");
    } else if (step->priority == PRI_HOST_GATE) {
        char *host = xasprintf("hypervisor %s", teller->topology->vtep.host);

        drop(teller, host, "is disabled");
        free(host);
    } else if (step->priority == PRI_PROTOCOL) {
        drop_reserved(teller);
    } else if (step->drops) {
        drop(teller, port, "is disabled");
    } else {
        tell(teller, "%s is up, in %s", port, network);
    }
    free(port);
    free(network);
}

static void
tell_gate(struct teller *teller)
{
    const struct trace_step *step = teller->table;
    char *network = network_text(teller);

    if (!step->matched) {
        drop(teller, network, "has no flow");
    } else if (step->drops) {
        drop(teller, network, "is disabled");
    } else {
        tell(teller, "%s is up", network);
    }
    free(network);
}

static void
tell_learn(struct teller *teller)
{
    if (teller->table->matched && teller->table->priority == PRI_OBJECT) {
        char *port = port_text(teller->from);

        tell(teller, "%s is open to unknown addresses: its source is "
             "remembered", port);
        free(port);
    }
}

static void
tell_answer(struct teller *teller)
{
    const struct trace_step *step = teller->table;
    const struct lport *port;
    char *text;

    if (!step->matched || step->priority == PRI_DEFAULT) {
        return;
    } else if (step->priority == PRI_SELF) {
        tell(teller, "a port that asks about its own address is not answered: "
             "it tells everybody");
    } else if (step->priority == PRI_OBJECT) {
        port = find_port(teller, step->cookie);
        text = port ? port_text(port) : xstrdup("a port");
        tell(teller, "it is answered here, in the name of %s", text);
        free(text);
        teller->verdict.answered = true;
    }
}

/* Nothing is known of the destination. */
static void
tell_nobody(struct teller *teller, const char *network)
{
    char *why = xasprintf("has nobody with %s", teller->dst);

    if (!teller->table->matched) {
        drop(teller, network, why);
    } else {
        tell(teller, "%s %s, as far as is known", network, why);
    }
    free(why);
}

static void
tell_l2(struct teller *teller)
{
    const struct trace_step *step = teller->table;
    const struct lport *port = find_port(teller, step->cookie);
    char *network = network_text(teller);

    if (port) {
        char *text = port_text(port);

        tell(teller, "%s is %s", teller->dst, text);
        free(text);
    } else if (step->matched && step->priority == PRI_MULTICAST) {
        tell(teller, "%s is a group: to everybody in %s", teller->dst,
             network);
    } else {
        tell_nobody(teller, network);
    }
    free(network);
}

static void
tell_learned(struct teller *teller)
{
    const struct lport *port;

    if (teller->table->matched) {
        port = find_port(teller, teller->table->cookie);
        if (port) {
            char *text = port_text(port);

            tell(teller, "%s was last seen behind %s", teller->dst, text);
            free(text);
        } else {
            tell(teller, "%s was last seen beyond this hypervisor",
                 teller->dst);
        }
    }
}

static void
tell_unknown(struct teller *teller)
{
    if (teller->table->matched && teller->table->priority == PRI_OBJECT) {
        tell(teller, "to whoever takes unknown addresses");
    }
}

static void
tell_egress(struct teller *teller)
{
    const struct lport *port = find_port(teller, teller->table->cookie);

    if (!teller->table->matched) {
        drop(teller, "the bridge", "has no such port any more");
    } else if (teller->table->drops) {
        char *text = port ? port_text(port) : xstrdup("a port");

        drop(teller, text, "is disabled");
        free(text);
    }
}

static void
tell_table(struct teller *teller)
{
    switch ((enum pipeline_table) teller->table->table) {
    case PIPELINE_ADMIT: tell_admit(teller); break;
    case PIPELINE_GATE: tell_gate(teller); break;
    case PIPELINE_LEARN: tell_learn(teller); break;
    case PIPELINE_ANSWER: tell_answer(teller); break;
    case PIPELINE_L2: tell_l2(teller); break;
    case PIPELINE_LEARNED: tell_learned(teller); break;
    case PIPELINE_UNKNOWN: tell_unknown(teller); break;
    case PIPELINE_EGRESS: tell_egress(teller); break;
    case PIPELINE_TUNNEL:
    case PIPELINE_ND:
    case PIPELINE_FLOOD:
    case PIPELINE_REMOTE:
        break;
    }
}

/* Outputs. */

static void
tell_tunnel(struct teller *teller, enum encap_type type)
{
    const struct encap encap = { .type = type, .ip = teller->peer };
    const struct lpeer *peer = commands_find_peer(teller->topology, &encap);
    char *address = encap_ip_to_string(&teller->peer);
    struct ds hosts = DS_EMPTY_INITIALIZER;
    char *way;

    if (peer) {
        commands_format_hosts(peer, &hosts);
    } else {
        ds_put_cstr(&hosts, "an unknown hypervisor");
    }
    way = xasprintf("%s to %s (%s)", encap_type_name(type), address,
                    ds_cstr(&hosts));
    ds_put_format(teller->out, "remote: by %s, VNI %"PRId64"\n", way,
                  teller->from->net->intent.segmentation_id);
    trace_verdict_leave(&teller->verdict, way, peer ? ds_cstr(&hosts) : NULL);
    ds_destroy(&hosts);
    free(address);
    free(way);
}

static void
tell_wire(struct teller *teller, const char *physnet)
{
    const struct intent_network *net = &teller->from->net->intent;
    char *way = (net->segmentation_id
                 ? xasprintf("physical network %s, VLAN %"PRId64, physnet,
                             net->segmentation_id)
                 : xasprintf("physical network %s, untagged", physnet));

    tell(teller, "by %s", way);
    trace_verdict_leave(&teller->verdict, way, NULL);
    free(way);
}

static void
tell_delivery(struct teller *teller, const struct lport *port)
{
    char *text = port_text(port);

    if (port == teller->from) {
        tell(teller, "not back to %s", text);
    } else {
        tell(teller, "to %s, interface %s", text,
             port->vif_name ? port->vif_name : "?");
        trace_verdict_deliver(&teller->verdict, text);
    }
    free(text);
}

static void
tell_output(struct teller *teller, ofp_port_t ofport)
{
    const struct lport *port = find_port(teller, teller->table->cookie);
    const char *physnet = find_physnet(teller->topology, ofport);
    enum encap_type type;

    if (teller->verdict.answered || ofport == OFPP_IN_PORT) {
        return;                 /* The answer goes back. */
    } else if (port) {
        tell_delivery(teller, port);
    } else if (find_tunnel(teller->topology, ofport, &type)) {
        tell_tunnel(teller, type);
    } else if (physnet) {
        tell_wire(teller, physnet);
    }
}

/* The switch has something to say of what it was to do. */
static void
tell_objection(struct teller *teller, const struct trace_step *step)
{
    /* It says this as a note: the peer's Ethernet address is not known yet. */
    if (step->kind != TRACE_WARNING
        && !strstr(step->text, "neighbor cache miss")) {
        return;
    }
    if (trace_verdict_take_back(&teller->verdict, step->text)) {
        ds_put_format(teller->out, "switch: %s: dropped here\n", step->text);
    }
}

static void
tell_action(struct teller *teller, const char *text)
{
    ofp_port_t ofport;

    if (trace_output(text, &ofport)) {
        tell_output(teller, ofport);
    } else {
        trace_tunnel_dst(text, &teller->peer);
    }
}

static void
walk(struct teller *teller, const struct trace *trace)
{
    for (size_t i = 0; i < trace->n; i++) {
        const struct trace_step *step = &trace->steps[i];

        if (step->kind == TRACE_TABLE) {
            trace_verdict_settle(&teller->verdict);
            teller->table = step;
            tell_table(teller);
        } else if (step->kind != TRACE_ACTION) {
            tell_objection(teller, step);
        } else if (teller->table) {
            trace_verdict_settle(&teller->verdict);
            tell_action(teller, step->text);
        }
    }
}

void
trace_tell(const struct trace *trace, const struct topology *topology,
           const struct lport *from, const char *dst, struct ds *out)
{
    struct teller teller = {
        .topology = topology,
        .from = from,
        .dst = dst,
        .out = out,
    };

    trace_verdict_init(&teller.verdict);
    walk(&teller, trace);
    ds_put_cstr(out, "verdict: ");
    trace_verdict_format(&teller.verdict, trace->nothing_done, out);
    ds_put_char(out, '\n');
    trace_verdict_destroy(&teller.verdict);
}
