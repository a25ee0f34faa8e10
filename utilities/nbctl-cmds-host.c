/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The commands agent-list, host-enable and host-disable.
 *
 * What is wanted of a hypervisor (Host) and what it says of itself (Agent) are
 * two tables, and either may know one that the other does not.  agent-list
 * shows both. */

#include <config.h>

#include "lib/nb-rules.h"
#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-alive.h"
#include "nbctl-cells.h"
#include "nbctl-fetch.h"
#include "nbctl-find.h"
#include "nbctl-intent.h"
#include "openvswitch/shash.h"
#include "ovsdb-idl.h"
#include "util.h"

static void list_host(struct ctl_context *, struct table *, const char *name,
                      const struct nbrec_agent *, const struct nbrec_host *);
static void ask_all_alive(struct ctl_context *);
static void cells_heartbeat(struct table *, const struct nbrec_agent *);
static void set_admin_state(struct ctl_context *, bool up);

/* What is known of a hypervisor; one of the two may be NULL. */
struct known_host {
    const struct nbrec_agent *agent;
    const struct nbrec_host *host;
};

static void
pre_agent_list(struct ctl_context *ctx)
{
    struct fetch *fetch = nbctl_fetch(ctx);

    fetch_column(fetch, &nbrec_host_col_host);
    fetch_column(fetch, &nbrec_host_col_admin_state_up);
    fetch_column(fetch, &nbrec_host_col_revision_number);
    fetch_column(fetch, &nbrec_agent_col_host_revision_number);
    fetch_column(fetch, &nbrec_agent_col_version);
    fetch_column(fetch, &nbrec_agent_col_encaps);
    fetch_column(fetch, &nbrec_agent_col_bridge_mappings);
    alive_fetch_columns(fetch);
    fetch_all(fetch, &nbrec_table_agent);
    fetch_all(fetch, &nbrec_table_host);
}

/* Returns what is known of 'name', which is nothing at first. */
static struct known_host *
known_host(struct shash *known, const char *name)
{
    struct known_host *k = shash_find_data(known, name);

    if (!k) {
        k = xzalloc(sizeof *k);
        shash_add(known, name, k);
    }
    return k;
}

static void
cmd_agent_list(struct ctl_context *ctx)
{
    static const char *const headings[] = {
        "host", "alive", "admin_state_up", "revision_number", "applied",
        "version", "encaps", "bridge_mappings", "heartbeat"
    };
    struct shash known = SHASH_INITIALIZER(&known);
    const struct shash_node **nodes;
    const struct nbrec_agent *agent;
    const struct nbrec_host *host;

    NBREC_AGENT_FOR_EACH (agent, ctx->idl) {
        known_host(&known, agent->host)->agent = agent;
    }
    NBREC_HOST_FOR_EACH (host, ctx->idl) {
        known_host(&known, host->host)->host = host;
    }

    struct table *table = cells_make_table(ctx, headings,
                                           ARRAY_SIZE(headings));
    ask_all_alive(ctx);
    nodes = shash_sort(&known);
    for (size_t i = 0; i < shash_count(&known); i++) {
        const struct known_host *k = nodes[i]->data;
        list_host(ctx, table, nodes[i]->name, k->agent, k->host);
    }
    free(nodes);
    shash_destroy_free_data(&known);
}

static void
list_host(struct ctl_context *ctx, struct table *table, const char *name,
          const struct nbrec_agent *agent, const struct nbrec_host *host)
{
    struct alive *alive = nbctl_alive(nbctl_from_ctx(ctx));

    table_add_row(table);
    cells_string(table, name);
    cells_boolean(table, agent && alive_get(alive, name) == ALIVE_UP);
    cells_boolean(table, !host || host->admin_state_up);
    cells_integer(table, host ? host->revision_number : 0);
    cells_integer(table, agent ? agent->host_revision_number : 0);
    cells_string(table, agent ? agent->version : "");
    if (agent) {
        cells_column(table, &agent->header_, &nbrec_agent_col_encaps);
        cells_column(table, &agent->header_, &nbrec_agent_col_bridge_mappings);
    } else {
        table_add_cell(table);
        table_add_cell(table);
    }
    cells_heartbeat(table, agent);
}

/* Asks about every agent at once and waits for the answers. */
static void
ask_all_alive(struct ctl_context *ctx)
{
    struct alive *alive = nbctl_alive(nbctl_from_ctx(ctx));
    const struct nbrec_agent *agent;

    NBREC_AGENT_FOR_EACH (agent, ctx->idl) {
        alive_get(alive, agent->host);
    }
    alive_block(alive);
}

static void
cells_heartbeat(struct table *table, const struct nbrec_agent *agent)
{
    char when[NB_TIME_SIZE] = "";

    if (agent && agent->heartbeat) {
        nb_time_to_string(agent->heartbeat / 1000, when);
    }
    cells_string(table, when);
}

static void
pre_host_admin(struct ctl_context *ctx)
{
    intent_fetch_columns(nbctl_fetch(ctx), &nbrec_table_host);
    fetch_column(nbctl_fetch(ctx), &nbrec_host_col_admin_state_up);
    find_ask_host(ctx, ctx->argv[1]);
}

static void
cmd_host_enable(struct ctl_context *ctx)
{
    set_admin_state(ctx, true);
}

static void
cmd_host_disable(struct ctl_context *ctx)
{
    set_admin_state(ctx, false);
}

/* Writes the state in any case: nbctl-intent.c tells a change from what is so
 * already, and --wait=hv waits for either. */
static void
set_admin_state(struct ctl_context *ctx, bool up)
{
    const char *name = ctx->argv[1];
    const struct nbrec_host *host;

    if (!name[0]) {
        ctl_error(ctx, "the name of a hypervisor must not be empty");
        return;
    }
    if (!find_host(ctx, name, &host)) {
        return;
    }
    if (!host) {
        host = nbrec_host_insert(ctx->txn);
        nbrec_host_set_host(host, name);
    }
    nbrec_host_set_admin_state_up(host, up);
}

const struct ctl_command_syntax nbctl_host_commands[] = {
    {"agent-list", 0, 0, "", pre_agent_list, cmd_agent_list, NULL, "", RO},
    {"host-enable", 1, 1, "HOST", pre_host_admin, cmd_host_enable, NULL, "",
     RW},
    {"host-disable", 1, 1, "HOST", pre_host_admin, cmd_host_disable, NULL, "",
     RW},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
