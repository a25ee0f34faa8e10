/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The command show: networks with their ports.
 *
 * db-ctl-base can make such a command from a table of columns, but it would
 * look at every port for every network, and print only what is not the
 * default: nothing, where a port is down. */

#include <config.h>

#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-cells.h"
#include "nbctl-fetch.h"
#include "nbctl-find.h"
#include "openvswitch/hmap.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "util.h"

/* The ports of a network, in the order in which they are shown. */
struct net_ports {
    struct hmap_node hmap_node; /* In an hmap, by the network's UUID. */
    const struct nbrec_network *network;
    const struct nbrec_port **ports;
    size_t n, allocated;
};

static void collect_ports(struct ctl_context *, struct hmap *);
static struct net_ports *find_net_ports(struct hmap *,
                                        const struct nbrec_network *);
static void show_network(struct ds *, const struct nbrec_network *,
                         const struct net_ports *);

static void
pre_show(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_network_col_name, &nbrec_network_col_admin_state_up,
        &nbrec_network_col_segment,
        &nbrec_segment_col_network_type, &nbrec_segment_col_physical_network,
        &nbrec_segment_col_segmentation_id,
        &nbrec_port_col_name, &nbrec_port_col_network,
        &nbrec_port_col_admin_state_up, &nbrec_port_col_mac_address,
        &nbrec_port_col_host,
    };
    struct fetch *fetch = nbctl_fetch(ctx);

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        fetch_column(fetch, columns[i]);
    }
    fetch_all(fetch, &nbrec_table_segment);
    if (ctx->argc > 1) {
        find_ask_network(ctx, ctx->argv[1]);
    } else {
        fetch_all(fetch, &nbrec_table_network);
        fetch_all(fetch, &nbrec_table_port);
    }
}

static void
cmd_show(struct ctl_context *ctx)
{
    struct hmap by_network = HMAP_INITIALIZER(&by_network);
    const struct nbrec_network *only = NULL;
    const struct ovsdb_idl_row **rows;
    struct net_ports *np;
    size_t n;

    if (ctx->argc > 1) {
        if (!find_network_must(ctx, ctx->argv[1], &only)) {
            return;
        }
        if (!find_is_new(&only->header_)
            && !fetch_uuid_eq(nbctl_fetch(ctx), &nbrec_port_col_network,
                              &only->header_.uuid)) {
            ctx->try_again = true;
            return;
        }
    }

    collect_ports(ctx, &by_network);
    rows = cells_sort_rows(ctx, &nbrec_network_col_name, &n);
    for (size_t i = 0; i < n; i++) {
        const struct nbrec_network *network
            = CONTAINER_OF(rows[i], struct nbrec_network, header_);
        if (!only || network == only) {
            show_network(&ctx->output, network,
                         find_net_ports(&by_network, network));
        }
    }
    free(rows);
    HMAP_FOR_EACH_POP (np, hmap_node, &by_network) {
        free(np->ports);
        free(np);
    }
    hmap_destroy(&by_network);
}

/* Puts each port into a "struct net_ports" of its network. */
static void
collect_ports(struct ctl_context *ctx, struct hmap *by_network)
{
    const struct ovsdb_idl_row **rows;
    size_t n;

    rows = cells_sort_rows(ctx, &nbrec_port_col_name, &n);
    for (size_t i = 0; i < n; i++) {
        const struct nbrec_port *port
            = CONTAINER_OF(rows[i], struct nbrec_port, header_);
        struct net_ports *np;

        if (!port->network) {
            continue;
        }
        np = find_net_ports(by_network, port->network);
        if (!np) {
            np = xzalloc(sizeof *np);
            np->network = port->network;
            hmap_insert(by_network, &np->hmap_node,
                        uuid_hash(&port->network->header_.uuid));
        }
        if (np->n >= np->allocated) {
            np->ports = x2nrealloc(np->ports, &np->allocated,
                                   sizeof *np->ports);
        }
        np->ports[np->n++] = port;
    }
    free(rows);
}

static struct net_ports *
find_net_ports(struct hmap *by_network, const struct nbrec_network *network)
{
    struct net_ports *np;

    HMAP_FOR_EACH_WITH_HASH (np, hmap_node,
                             uuid_hash(&network->header_.uuid), by_network) {
        if (np->network == network) {
            return np;
        }
    }
    return NULL;
}

/* 'np' is NULL if the network has no ports. */
static void
show_network(struct ds *out, const struct nbrec_network *network,
             const struct net_ports *np)
{
    ds_put_format(out, "network \"%s\" ("UUID_FMT")\n", network->name,
                  UUID_ARGS(&network->header_.uuid));
    ds_put_format(out, "    admin state: %s\n",
                  network->admin_state_up ? "up" : "down");
    cells_put_segment(out, network->segment);
    for (size_t i = 0; np && i < np->n; i++) {
        const struct nbrec_port *port = np->ports[i];

        ds_put_format(out, "    port \"%s\" ("UUID_FMT")\n", port->name,
                      UUID_ARGS(&port->header_.uuid));
        ds_put_format(out, "        admin state: %s\n",
                      port->admin_state_up ? "up" : "down");
        ds_put_format(out, "        MAC address: %s\n", port->mac_address);
        if (port->host[0]) {
            ds_put_format(out, "        expected on: %s\n", port->host);
        }
    }
}

const struct ctl_command_syntax nbctl_show_commands[] = {
    {"show", 0, 1, "[NET]", pre_show, cmd_show, NULL, "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
