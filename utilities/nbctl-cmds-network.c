/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The commands net-del, net-list, net-enable and net-disable. */

#include <config.h>

#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-cells.h"
#include "nbctl-fetch.h"
#include "nbctl-find.h"
#include "nbctl-intent.h"
#include "ovsdb-idl.h"
#include "util.h"

static bool fetch_dependents(struct ctl_context *,
                             const struct nbrec_network *);
static size_t count_ports(const struct ovsdb_idl *,
                          const struct nbrec_network *);
static void set_admin_state(struct ctl_context *, bool up);

static void
pre_net_del(struct ctl_context *ctx)
{
    struct fetch *fetch = nbctl_fetch(ctx);

    intent_fetch_columns(fetch, &nbrec_table_network);
    intent_fetch_columns(fetch, &nbrec_table_subnet);
    fetch_column(fetch, &nbrec_subnet_col_network);
    fetch_column(fetch, &nbrec_port_col_network);
    find_ask_network(ctx, ctx->argv[1]);
}

static void
cmd_net_del(struct ctl_context *ctx)
{
    bool must_exist = !shash_find(&ctx->options, "--if-exists");
    const struct nbrec_network *network;
    const struct nbrec_subnet *subnet;

    if (must_exist ? !find_network_must(ctx, ctx->argv[1], &network)
        : !find_network(ctx, ctx->argv[1], &network) || !network) {
        return;
    }
    if (!fetch_dependents(ctx, network)) {
        ctx->try_again = true;
        return;
    }

    size_t n_ports = count_ports(ctx->idl, network);
    if (n_ports) {
        ctl_error(ctx, "network \"%s\" ("UUID_FMT") has %"PRIuSIZE" port%s: "
                  "delete %s first", network->name,
                  UUID_ARGS(&network->header_.uuid), n_ports,
                  n_ports == 1 ? "" : "s", n_ports == 1 ? "it" : "them");
        return;
    }

    NBREC_SUBNET_FOR_EACH_SAFE (subnet, ctx->idl) {
        if (subnet->network == network) {
            nbrec_subnet_delete(subnet);
        }
    }
    nbrec_network_delete(network);
}

static void
pre_net_list(struct ctl_context *ctx)
{
    struct fetch *fetch = nbctl_fetch(ctx);

    fetch_column(fetch, &nbrec_network_col_name);
    fetch_column(fetch, &nbrec_network_col_admin_state_up);
    fetch_column(fetch, &nbrec_network_col_mtu);
    fetch_column(fetch, &nbrec_network_col_revision_number);
    fetch_column(fetch, &nbrec_network_col_segment);
    fetch_column(fetch, &nbrec_segment_col_network_type);
    fetch_column(fetch, &nbrec_segment_col_physical_network);
    fetch_column(fetch, &nbrec_segment_col_segmentation_id);
    fetch_all(fetch, &nbrec_table_network);
    fetch_all(fetch, &nbrec_table_segment);
}

static void
cmd_net_list(struct ctl_context *ctx)
{
    static const char *const headings[] = {
        "_uuid", "name", "admin_state_up", "network_type",
        "physical_network", "segmentation_id", "mtu", "revision_number"
    };
    struct table *table = cells_make_table(ctx, headings,
                                           ARRAY_SIZE(headings));
    const struct ovsdb_idl_row **rows;
    size_t n;

    rows = cells_sort_rows(ctx, &nbrec_network_col_name, &n);
    for (size_t i = 0; i < n; i++) {
        const struct nbrec_network *network
            = CONTAINER_OF(rows[i], struct nbrec_network, header_);
        const struct nbrec_segment *segment = network->segment;

        table_add_row(table);
        cells_uuid(table, &rows[i]->uuid);
        cells_string(table, network->name);
        cells_boolean(table, network->admin_state_up);
        cells_string(table, segment ? segment->network_type : "local");
        cells_string(table, segment ? segment->physical_network : "");
        cells_integer(table, segment ? segment->segmentation_id : 0);
        cells_integer(table, network->mtu);
        cells_integer(table, network->revision_number);
    }
    free(rows);
}

static void
pre_net_admin(struct ctl_context *ctx)
{
    intent_fetch_columns(nbctl_fetch(ctx), &nbrec_table_network);
    fetch_column(nbctl_fetch(ctx), &nbrec_network_col_admin_state_up);
    find_ask_network(ctx, ctx->argv[1]);
}

static void
cmd_net_enable(struct ctl_context *ctx)
{
    set_admin_state(ctx, true);
}

static void
cmd_net_disable(struct ctl_context *ctx)
{
    set_admin_state(ctx, false);
}

/* Writes the state in any case: nbctl-intent.c tells a change from what is so
 * already, and --wait=hv waits for either. */
static void
set_admin_state(struct ctl_context *ctx, bool up)
{
    const struct nbrec_network *network;

    if (find_network_must(ctx, ctx->argv[1], &network)) {
        nbrec_network_set_admin_state_up(network, up);
    }
}

/* Fetches what refers to 'network'. */
static bool
fetch_dependents(struct ctl_context *ctx, const struct nbrec_network *network)
{
    struct fetch *fetch = nbctl_fetch(ctx);
    const struct uuid *uuid = &network->header_.uuid;

    if (find_is_new(&network->header_)) {
        return true;
    }
    bool asked = fetch_uuid_eq(fetch, &nbrec_port_col_network, uuid);
    return fetch_uuid_eq(fetch, &nbrec_subnet_col_network, uuid) && asked;
}

static size_t
count_ports(const struct ovsdb_idl *idl, const struct nbrec_network *network)
{
    const struct nbrec_port *port;
    size_t n = 0;

    NBREC_PORT_FOR_EACH (port, idl) {
        n += port->network == network;
    }
    return n;
}

const struct ctl_command_syntax nbctl_network_commands[] = {
    {"net-del", 1, 1, "NET", pre_net_del, cmd_net_del, NULL, "--if-exists",
     RW},
    {"net-list", 0, 0, "", pre_net_list, cmd_net_list, NULL, "", RO},
    {"net-enable", 1, 1, "NET", pre_net_admin, cmd_net_enable, NULL, "", RW},
    {"net-disable", 1, 1, "NET", pre_net_admin, cmd_net_disable, NULL, "",
     RW},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
