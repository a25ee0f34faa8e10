/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What each table of the pipeline decides, in words; see trace-tell.h. */

#include <config.h>

#include "trace-teller.h"

#include <stdlib.h>

#include "pipeline.h"
#include "topology-objects.h"
#include "trace.h"
#include "util.h"

/* A frame to a group that is kept from every bridge. */
static void
drop_reserved(struct teller *teller)
{
    char *why = xasprintf("forwards nothing to %s", teller->dst);

    teller_drop(teller, "the bridge", why);
    free(why);
}

static void
tell_admit(struct teller *teller)
{
    const struct trace_step *step = teller->table;
    char *port = teller_port_text(teller->from);
    char *network = teller_network_text(teller);

    if (!step->matched) {
        teller_drop(teller, port, "has no flow that admits it");
    } else if (step->priority == PRI_HOST_GATE) {
        char *host = xasprintf("hypervisor %s", teller->topology->vtep.host);

        teller_drop(teller, host, "is disabled");
        free(host);
    } else if (step->priority == PRI_PROTOCOL) {
        drop_reserved(teller);
    } else if (step->drops) {
        teller_drop(teller, port, "is disabled");
    } else {
        teller_say(teller, "%s is up, in %s", port, network);
    }
    free(port);
    free(network);
}

static void
tell_gate(struct teller *teller)
{
    const struct trace_step *step = teller->table;
    char *network = teller_network_text(teller);

    if (!step->matched) {
        teller_drop(teller, network, "has no flow");
    } else if (step->drops) {
        teller_drop(teller, network, "is disabled");
    } else {
        teller_say(teller, "%s is up", network);
    }
    free(network);
}

static void
tell_learn(struct teller *teller)
{
    if (teller->table->matched && teller->table->priority == PRI_OBJECT) {
        char *port = teller_port_text(teller->from);

        teller_say(teller, "%s is open to unknown addresses: its source is "
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
        teller_say(teller, "a port that asks about its own address is not "
                   "answered: it tells everybody");
    } else if (step->priority == PRI_OBJECT) {
        port = teller_find_port(teller, step->cookie);
        text = port ? teller_port_text(port) : xstrdup("a port");
        teller_say(teller, "it is answered here, in the name of %s", text);
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
        teller_drop(teller, network, why);
    } else {
        teller_say(teller, "%s %s, as far as is known", network, why);
    }
    free(why);
}

static void
tell_l2(struct teller *teller)
{
    const struct trace_step *step = teller->table;
    const struct lport *port = teller_find_port(teller, step->cookie);
    char *network = teller_network_text(teller);

    if (port) {
        char *text = teller_port_text(port);

        teller_say(teller, "%s is %s", teller->dst, text);
        free(text);
    } else if (step->matched && step->priority == PRI_MULTICAST) {
        teller_say(teller, "%s is a group: to everybody in %s", teller->dst,
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
        port = teller_find_port(teller, teller->table->cookie);
        if (port) {
            char *text = teller_port_text(port);

            teller_say(teller, "%s was last seen behind %s", teller->dst,
                       text);
            free(text);
        } else {
            teller_say(teller, "%s was last seen beyond this hypervisor",
                       teller->dst);
        }
    }
}

static void
tell_unknown(struct teller *teller)
{
    if (teller->table->matched && teller->table->priority == PRI_OBJECT) {
        teller_say(teller, "to whoever takes unknown addresses");
    }
}

static void
tell_egress(struct teller *teller)
{
    const struct lport *port = teller_find_port(teller, teller->table->cookie);

    if (!teller->table->matched) {
        teller_drop(teller, "the bridge", "has no such port any more");
    } else if (teller->table->drops) {
        char *text = port ? teller_port_text(port) : xstrdup("a port");

        teller_drop(teller, text, "is disabled");
        free(text);
    }
}

void
teller_table(struct teller *teller)
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
