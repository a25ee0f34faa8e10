/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See trace-tell.h. */

#include <config.h>

#include "trace-tell.h"

#include <string.h>

#include "commands-objects.h"
#include "flow.h"
#include "oflow.h"
#include "openvswitch/dynamic-string.h"
#include "pipeline.h"
#include "topology-objects.h"
#include "trace-teller.h"
#include "trace.h"
#include "util.h"

void
teller_say(struct teller *teller, const char *format, ...)
{
    const char *table = pipeline_table_name(teller->table->table);
    va_list args;

    ds_put_format(teller->out, "%s: ", table ? table : "?");
    va_start(args, format);
    ds_put_format_valist(teller->out, format, args);
    va_end(args);
    ds_put_char(teller->out, '\n');
}

char *
teller_port_text(const struct lport *port)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    commands_format_port(port, &s);
    return ds_steal_cstr(&s);
}

char *
teller_network_text(const struct teller *teller)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    commands_format_network(teller->from->net, &s);
    return ds_steal_cstr(&s);
}

void
teller_drop(struct teller *teller, const char *who, const char *why)
{
    teller_say(teller, "%s %s: dropped here", who, why);
    trace_verdict_drop(&teller->verdict, who, why);
}

const struct lport *
teller_find_port(const struct teller *teller, uint64_t cookie)
{
    const struct lport *port;

    LIST_FOR_EACH (port, net_node, &teller->from->net->ports) {
        if (oflow_cookie(&port->obj.uuid) == cookie) {
            return port;
        }
    }
    return NULL;
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
        teller_output(teller, ofport);
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
            teller_table(teller);
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
