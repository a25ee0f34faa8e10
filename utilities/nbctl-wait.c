/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Waits for hypervisors.  See nbctl-wait.h.
 *
 * State, not events: each turn goes through the bindings that are there and
 * lists who is late.  When nobody is, that is the end. */

#include <config.h>

#include "nbctl-wait.h"

#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-alive.h"
#include "nbctl-fetch.h"
#include "nbctl-intent.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb-idl.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

struct waiter {
    struct nbctl *nbctl;
    const struct intent *intent;
    struct sset down;           /* Hypervisors said to be down. */
    struct sset noted;          /* Faults said that are not waited for. */

    /* Of the present turn. */
    struct svec late;           /* A line on each that has not applied it. */
    size_t n_waiting;           /* Those of them that are worth a wait. */
};

/* What a hypervisor says of an object: a row of a binding table. */
struct binding {
    const char *host;
    int64_t revision;
    const char *fault;
};

static void ask_bindings(const struct waiter *);
static void look(struct waiter *);
static void look_at_object(struct waiter *, const struct intent_object *);
static void note_fault(struct waiter *, const struct intent_object *,
                       const struct binding *);
static void look_at_binding(struct waiter *, const struct intent_object *,
                            const struct binding *);
static enum alive_state get_state(struct waiter *, const char *host);
static char *describe(const struct intent_object *, const struct binding *);
static int report(const struct waiter *, bool timed_out);

void
nbctl_wait_fetch_columns(struct fetch *fetch)
{
    fetch_column(fetch, &nbrec_port_binding_col_port);
    fetch_column(fetch, &nbrec_port_binding_col_host);
    fetch_column(fetch, &nbrec_port_binding_col_revision_number);
    fetch_column(fetch, &nbrec_port_binding_col_fault);
    fetch_column(fetch, &nbrec_network_binding_col_network);
    fetch_column(fetch, &nbrec_network_binding_col_host);
    fetch_column(fetch, &nbrec_network_binding_col_revision_number);
    fetch_column(fetch, &nbrec_network_binding_col_fault);
    fetch_column(fetch, &nbrec_agent_col_host);
    fetch_column(fetch, &nbrec_agent_col_host_revision_number);
    alive_fetch_columns(fetch);
}

int
nbctl_wait(struct nbctl *nbctl, const struct intent *intent)
{
    struct waiter waiter = {
        .nbctl = nbctl,
        .intent = intent,
        .down = SSET_INITIALIZER(&waiter.down),
        .noted = SSET_INITIALIZER(&waiter.noted),
        .late = SVEC_EMPTY_INITIALIZER,
    };
    bool timed_out = false;

    /* From here on the deadline is ours to keep, in words and with an exit
     * status that tells that the change itself is done. */
    time_alarm(UINT_MAX);
    ovsdb_idl_enable_reconnect(nbctl->idl);
    ask_bindings(&waiter);
    for (;;) {
        ovsdb_idl_run(nbctl->idl);
        if (nbctl->alive) {
            alive_run(nbctl->alive);
        }
        if (fetch_arrived(nbctl->fetch)) {
            look(&waiter);
            if (!waiter.n_waiting) {
                break;
            }
        }
        if (time_msec() >= nbctl->deadline) {
            timed_out = true;
            break;
        }

        ovsdb_idl_wait(nbctl->idl);
        if (nbctl->alive) {
            alive_wait(nbctl->alive);
        }
        if (nbctl->deadline != LLONG_MAX) {
            poll_timer_wait_until(nbctl->deadline);
        }
        poll_block();
    }

    int status = report(&waiter, timed_out);
    svec_destroy(&waiter.late);
    sset_destroy(&waiter.down);
    sset_destroy(&waiter.noted);
    return status;
}

static void
ask_bindings(const struct waiter *waiter)
{
    struct fetch *fetch = waiter->nbctl->fetch;

    for (size_t i = 0; i < waiter->intent->n; i++) {
        const struct intent_object *object = &waiter->intent->objects[i];

        switch (object->kind) {
        case INTENT_PORT:
            fetch_uuid_eq(fetch, &nbrec_port_binding_col_port, &object->uuid);
            break;
        case INTENT_NETWORK:
            fetch_uuid_eq(fetch, &nbrec_network_binding_col_network,
                          &object->uuid);
            break;
        case INTENT_HOST:
            fetch_string_eq(fetch, &nbrec_agent_col_host, object->name);
            break;
        case INTENT_SUBNET:     /* Nothing of it is on hypervisors. */
        case N_INTENT_KINDS:
        default:
            break;
        }
    }
}

static void
look(struct waiter *waiter)
{
    svec_clear(&waiter->late);
    waiter->n_waiting = 0;
    for (size_t i = 0; i < waiter->intent->n; i++) {
        look_at_object(waiter, &waiter->intent->objects[i]);
    }
}

static void
look_at_object(struct waiter *waiter, const struct intent_object *object)
{
    const struct ovsdb_idl *idl = waiter->nbctl->idl;
    const struct nbrec_port_binding *pb;
    const struct nbrec_network_binding *nb;
    const struct nbrec_agent *agent;

    switch (object->kind) {
    case INTENT_PORT:
        NBREC_PORT_BINDING_FOR_EACH (pb, idl) {
            if (uuid_equals(&pb->port, &object->uuid)) {
                look_at_binding(waiter, object, &(struct binding) {
                    pb->host, pb->revision_number, pb->fault });
            }
        }
        break;
    case INTENT_NETWORK:
        NBREC_NETWORK_BINDING_FOR_EACH (nb, idl) {
            if (uuid_equals(&nb->network, &object->uuid)) {
                look_at_binding(waiter, object, &(struct binding) {
                    nb->host, nb->revision_number, nb->fault });
            }
        }
        break;
    case INTENT_HOST:
        NBREC_AGENT_FOR_EACH (agent, idl) {
            /* With no Host row there is no revision to confirm. */
            if (!strcmp(agent->host, object->name) && !object->deleted) {
                look_at_binding(waiter, object, &(struct binding) {
                    agent->host, agent->host_revision_number, "" });
            }
        }
        break;
    case INTENT_SUBNET:
    case N_INTENT_KINDS:
    default:
        break;
    }
}

static void
look_at_binding(struct waiter *waiter, const struct intent_object *object,
                const struct binding *binding)
{
    bool reached = (!object->deleted
                    && binding->revision >= object->revision);
    enum alive_state state;

    if (reached && !binding->fault[0]) {
        return;
    }
    if (reached && object->kind == INTENT_NETWORK) {
        /* Its admin state is in force; what is at fault is its way to other
         * hypervisors, which may be one of theirs. */
        note_fault(waiter, object, binding);
        return;
    }
    state = get_state(waiter, binding->host);
    if (state == ALIVE_DOWN) {
        return;
    }
    svec_add_nocopy(&waiter->late, describe(object, binding));
    if (!reached || state == ALIVE_UNKNOWN) {
        waiter->n_waiting++;
    }
}

/* Says once that a network is applied with a fault. */
static void
note_fault(struct waiter *waiter, const struct intent_object *object,
           const struct binding *binding)
{
    char *text = xasprintf("hypervisor %s has applied network \"%s\", which "
                           "has a fault there: %s", binding->host,
                           object->name, binding->fault);

    if (sset_add(&waiter->noted, text)) {
        ovs_error(0, "%s", text);
    }
    free(text);
}

/* Returns whether 'host' is there, and says so once if it is not. */
static enum alive_state
get_state(struct waiter *waiter, const char *host)
{
    enum alive_state state = alive_get(nbctl_alive(waiter->nbctl), host);

    if (state == ALIVE_DOWN && sset_add(&waiter->down, host)) {
        ovs_error(0, "hypervisor %s is down, not waited for", host);
    }
    return state;
}

static char *
describe(const struct intent_object *object, const struct binding *binding)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (object->deleted) {
        ds_put_format(&s, "hypervisor %s still has %s \"%s\", which is "
                      "deleted", binding->host,
                      intent_kind_name(object->kind), object->name);
    } else {
        ds_put_format(&s, "hypervisor %s has not applied %s \"%s\": revision "
                      "%"PRId64" wanted, %"PRId64" applied", binding->host,
                      intent_kind_name(object->kind), object->name,
                      object->revision, binding->revision);
    }
    if (binding->fault[0]) {
        ds_put_format(&s, ", fault: %s", binding->fault);
    }
    return ds_steal_cstr(&s);
}

/* Says who is late and returns the exit status. */
static int
report(const struct waiter *waiter, bool timed_out)
{
    if (timed_out) {
        ovs_error(0, "timeout: the change is committed, but %s",
                  waiter->late.n ? "not applied everywhere"
                  : "the server does not answer who has applied it");
    }
    for (size_t i = 0; i < waiter->late.n; i++) {
        ovs_error(0, "%s", waiter->late.names[i]);
    }
    return (timed_out || waiter->late.n ? NBCTL_EXIT_NOT_APPLIED
            : EXIT_SUCCESS);
}
