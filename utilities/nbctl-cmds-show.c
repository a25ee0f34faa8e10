/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The command show: networks with their ports, and where they are.
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
#include "nbctl-places.h"
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

static bool fetch_around(struct ctl_context *, const struct nbrec_network *);
static void collect_ports(struct ctl_context *, struct hmap *);
static struct net_ports *find_net_ports(struct hmap *,
                                        const struct nbrec_network *);
static void show_network(struct ds *, const struct nbrec_network *,
                         const struct net_ports *, const struct places *);

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
    places_fetch_columns(fetch);
    if (ctx->argc > 1) {
        find_ask_network(ctx, ctx->argv[1]);
    } else {
        fetch_all(fetch, &nbrec_table_segment);
        fetch_all(fetch, &nbrec_table_network);
        fetch_all(fetch, &nbrec_table_port);
        places_fetch(fetch, NULL);
    }
}

static void
cmd_show(struct ctl_context *ctx)
{
    struct hmap by_network = HMAP_INITIALIZER(&by_network);
    const struct nbrec_network *only = NULL;
    const struct ovsdb_idl_row **rows;
    struct places places;
    struct net_ports *np;
    size_t n;

    if (ctx->argc > 1) {
        if (!find_network_must(ctx, ctx->argv[1], &only)) {
            return;
        }
        if (!find_is_new(&only->header_) && !fetch_around(ctx, only)) {
            ctx->try_again = true;
            return;
        }
    }

    places_init(&places, ctx->idl);
    collect_ports(ctx, &by_network);
    rows = cells_sort_rows(ctx, &nbrec_network_col_name, &n);
    for (size_t i = 0; i < n; i++) {
        const struct nbrec_network *network
            = CONTAINER_OF(rows[i], struct nbrec_network, header_);
        if (!only || network == only) {
            show_network(&ctx->output, network,
                         find_net_ports(&by_network, network), &places);
        }
    }
    free(rows);
    HMAP_FOR_EACH_POP (np, hmap_node, &by_network) {
        free(np->ports);
        free(np);
    }
    hmap_destroy(&by_network);
    places_destroy(&places);
}

/* Fetches what belongs to 'network'. */
static bool
fetch_around(struct ctl_context *ctx, const struct nbrec_network *network)
{
    struct fetch *fetch = nbctl_fetch(ctx);
    const struct ovsdb_datum *segment
        = nbrec_network_get_segment(network, OVSDB_TYPE_UUID);
    bool asked = fetch_uuid_eq(fetch, &nbrec_port_col_network,
                               &network->header_.uuid);

    /* The pointer is NULL until the row is here. */
    if (segment->n && !network->segment) {
        asked &= fetch_uuid(fetch, &nbrec_table_segment,
                            &segment->keys[0].uuid);
    }
    return places_fetch(fetch, network) && asked;
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
             const struct net_ports *np, const struct places *places)
{
    ds_put_format(out, "network \"%s\" ("UUID_FMT")\n", network->name,
                  UUID_ARGS(&network->header_.uuid));
    ds_put_format(out, "    admin state: %s\n",
                  network->admin_state_up ? "up" : "down");
    cells_put_segment(out, network->segment);
    places_put_network(places, &network->header_.uuid, out);
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
        places_put_port(places, &port->header_.uuid, out);
    }
}

const struct ctl_command_syntax nbctl_show_commands[] = {
    {"show", 0, 1, "[NET]", pre_show, cmd_show, NULL, "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
