/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The commands port-del, port-list, port-enable and port-disable. */

#include <config.h>

#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-cells.h"
#include "nbctl-fetch.h"
#include "nbctl-find.h"
#include "nbctl-intent.h"
#include "ovsdb-idl.h"
#include "util.h"

static void set_admin_state(struct ctl_context *, bool up);
static void list_port(struct table *, const struct nbrec_port *);

static void
pre_port_del(struct ctl_context *ctx)
{
    intent_fetch_columns(nbctl_fetch(ctx), &nbrec_table_port);
    find_ask_port(ctx, ctx->argv[1]);
}

static void
cmd_port_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const struct nbrec_port *port;

    if (must_exist ? find_port_must(ctx, ctx->argv[1], &port)
        : find_port(ctx, ctx->argv[1], &port) && port) {
        nbrec_port_delete(port);
    }
}

static void
pre_port_list(struct ctl_context *ctx)
{
    struct fetch *fetch = nbctl_fetch(ctx);

    fetch_column(fetch, &nbrec_network_col_name);
    fetch_column(fetch, &nbrec_port_col_name);
    fetch_column(fetch, &nbrec_port_col_network);
    fetch_column(fetch, &nbrec_port_col_admin_state_up);
    fetch_column(fetch, &nbrec_port_col_mac_address);
    fetch_column(fetch, &nbrec_port_col_host);
    fetch_column(fetch, &nbrec_port_col_revision_number);
    if (ctx->argc > 1) {
        find_ask_network(ctx, ctx->argv[1]);
    } else {
        fetch_all(fetch, &nbrec_table_network);
        fetch_all(fetch, &nbrec_table_port);
    }
}

static void
cmd_port_list(struct ctl_context *ctx)
{
    static const char *const headings[] = {
        "_uuid", "name", "network", "admin_state_up", "mac_address", "host",
        "revision_number"
    };
    const struct nbrec_network *network = NULL;
    const struct ovsdb_idl_row **rows;
    struct table *table;
    size_t n;

    if (ctx->argc > 1) {
        if (!find_network_must(ctx, ctx->argv[1], &network)) {
            return;
        }
        if (!find_is_new(&network->header_)
            && !fetch_uuid_eq(nbctl_fetch(ctx), &nbrec_port_col_network,
                              &network->header_.uuid)) {
            ctx->try_again = true;
            return;
        }
    }

    table = cells_make_table(ctx, headings, ARRAY_SIZE(headings));
    rows = cells_sort_rows(ctx, &nbrec_port_col_name, &n);
    for (size_t i = 0; i < n; i++) {
        const struct nbrec_port *port
            = CONTAINER_OF(rows[i], struct nbrec_port, header_);
        if (!network || port->network == network) {
            list_port(table, port);
        }
    }
    free(rows);
}

static void
list_port(struct table *table, const struct nbrec_port *port)
{
    table_add_row(table);
    cells_uuid(table, &port->header_.uuid);
    cells_string(table, port->name);
    cells_string(table, port->network ? port->network->name : "");
    cells_boolean(table, port->admin_state_up);
    cells_string(table, port->mac_address);
    cells_string(table, port->host);
    cells_integer(table, port->revision_number);
}

static void
pre_port_admin(struct ctl_context *ctx)
{
    intent_fetch_columns(nbctl_fetch(ctx), &nbrec_table_port);
    fetch_column(nbctl_fetch(ctx), &nbrec_port_col_admin_state_up);
    find_ask_port(ctx, ctx->argv[1]);
}

static void
cmd_port_enable(struct ctl_context *ctx)
{
    set_admin_state(ctx, true);
}

static void
cmd_port_disable(struct ctl_context *ctx)
{
    set_admin_state(ctx, false);
}

/* Writes the state in any case: nbctl-intent.c tells a change from what is so
 * already, and --wait=hv waits for either. */
static void
set_admin_state(struct ctl_context *ctx, bool up)
{
    const struct nbrec_port *port;

    if (find_port_must(ctx, ctx->argv[1], &port)) {
        nbrec_port_set_admin_state_up(port, up);
    }
}

const struct ctl_command_syntax nbctl_port_commands[] = {
    {"port-del", 1, 1, "PORT", pre_port_del, cmd_port_del, NULL,
     "--if-exists", RW},
    {"port-list", 0, 1, "[NET]", pre_port_list, cmd_port_list, NULL, "", RO},
    {"port-enable", 1, 1, "PORT", pre_port_admin, cmd_port_enable, NULL, "",
     RW},
    {"port-disable", 1, 1, "PORT", pre_port_admin, cmd_port_disable, NULL, "",
     RW},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
