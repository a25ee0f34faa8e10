/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The command port-show: what is wanted of a port, beside what every
 * hypervisor that has it says.
 *
 * What that comes to, whether the port carries traffic there, is in no row of
 * the database (it would have to be written for each port whenever a network
 * changes).  It is derived here. */

#include <config.h>

#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-alive.h"
#include "nbctl-cells.h"
#include "nbctl-fetch.h"
#include "nbctl-find.h"
#include "nbctl-places.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "util.h"

/* A port on a hypervisor, from all sides. */
struct status {
    const char *hypervisor;
    enum alive_state alive;
    const struct nbrec_port *port;
    const struct nbrec_network *network;
    const struct nbrec_host *host;      /* NULL: nothing is wanted of it. */
    const struct nbrec_port_binding *pb;
    const struct nbrec_network_binding *nb; /* NULL: not reported. */
    const struct nbrec_agent *agent;    /* NULL: not reported. */
    const char *place;                  /* Where it is; NULL: not reported. */
};

static bool fetch_around(struct ctl_context *, const struct nbrec_port *);
static bool fetch_hypervisors(struct ctl_context *,
                              const struct nbrec_port *);
static void get_status(struct ctl_context *, const struct nbrec_port *,
                       const struct nbrec_port_binding *,
                       const struct places *, struct status *);
static bool is_standby(const struct status *);
static char *why_no_traffic(const struct status *);
static int64_t host_wanted(const struct status *);
static int64_t host_applied(const struct status *);
static int64_t network_applied(const struct status *);
static void show_intent(struct ds *, const struct nbrec_port *);
static void show_status(struct ds *, const struct status *);
static struct table *make_status_table(struct ctl_context *);
static void list_status(struct table *, const struct status *);

static void
pre_port_show(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_port_col_name, &nbrec_port_col_network,
        &nbrec_port_col_admin_state_up, &nbrec_port_col_mac_address,
        &nbrec_port_col_host, &nbrec_port_col_revision_number,
        &nbrec_network_col_name, &nbrec_network_col_admin_state_up,
        &nbrec_network_col_revision_number, &nbrec_network_col_segment,
        &nbrec_segment_col_network_type, &nbrec_segment_col_physical_network,
        &nbrec_segment_col_segmentation_id,
        &nbrec_host_col_host, &nbrec_host_col_admin_state_up,
        &nbrec_host_col_revision_number,
        &nbrec_agent_col_host_revision_number,
        &nbrec_port_binding_col_port, &nbrec_port_binding_col_host,
        &nbrec_port_binding_col_up, &nbrec_port_binding_col_revision_number,
        &nbrec_port_binding_col_fault,
        &nbrec_network_binding_col_network, &nbrec_network_binding_col_host,
        &nbrec_network_binding_col_revision_number,
        &nbrec_network_binding_col_fault,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        fetch_column(nbctl_fetch(ctx), columns[i]);
    }
    alive_fetch_columns(nbctl_fetch(ctx));
    places_fetch_columns(nbctl_fetch(ctx));
    find_ask_port(ctx, ctx->argv[1]);
}

static void
cmd_port_show(struct ctl_context *ctx)
{
    const struct nbrec_port *port;

    if (!find_port_must(ctx, ctx->argv[1], &port)) {
        return;
    }
    if (!find_is_new(&port->header_)
        && (!fetch_around(ctx, port) || !fetch_hypervisors(ctx, port))) {
        ctx->try_again = true;
        return;
    }

    struct table *table = make_status_table(ctx);
    const struct ovsdb_idl_row **rows;
    struct places places;
    size_t n, n_shown = 0;

    places_init(&places, ctx->idl);
    show_intent(&ctx->output, port);
    rows = cells_sort_rows(ctx, &nbrec_port_binding_col_host, &n);
    for (size_t i = 0; i < n; i++) {
        const struct nbrec_port_binding *pb
            = CONTAINER_OF(rows[i], struct nbrec_port_binding, header_);
        struct status status;

        if (uuid_equals(&pb->port, &port->header_.uuid)) {
            get_status(ctx, port, pb, &places, &status);
            show_status(&ctx->output, &status);
            list_status(table, &status);
            n_shown++;
        }
    }
    if (!n_shown) {
        ds_put_cstr(&ctx->output, "plugged into no hypervisor\n");
    }
    free(rows);
    places_destroy(&places);
}

/* Fetches what refers to 'port' or is referred to. */
static bool
fetch_around(struct ctl_context *ctx, const struct nbrec_port *port)
{
    struct fetch *fetch = nbctl_fetch(ctx);

    /* From the column itself: the pointer is NULL until the row is here. */
    const struct uuid *network
        = &nbrec_port_get_network(port, OVSDB_TYPE_UUID)->keys[0].uuid;
    bool asked = fetch_uuid(fetch, &nbrec_table_network, network);

    asked &= fetch_uuid_eq(fetch, &nbrec_port_binding_col_port,
                           &port->header_.uuid);
    asked &= fetch_uuid_eq(fetch, &nbrec_port_location_col_port,
                           &port->header_.uuid);
    asked &= fetch_uuid_eq(fetch, &nbrec_network_binding_col_network, network);
    return asked;
}

/* Fetches what there is on each hypervisor that has 'port', and the network's
 * wire. */
static bool
fetch_hypervisors(struct ctl_context *ctx, const struct nbrec_port *port)
{
    struct fetch *fetch = nbctl_fetch(ctx);
    const struct nbrec_port_binding *pb;
    bool asked = true;

    if (port->network) {
        const struct ovsdb_datum *segment
            = nbrec_network_get_segment(port->network, OVSDB_TYPE_UUID);
        if (segment->n) {
            asked &= fetch_uuid(fetch, &nbrec_table_segment,
                                &segment->keys[0].uuid);
        }
    }
    NBREC_PORT_BINDING_FOR_EACH (pb, ctx->idl) {
        if (uuid_equals(&pb->port, &port->header_.uuid)) {
            asked &= fetch_string_eq(fetch, &nbrec_agent_col_host, pb->host);
            asked &= fetch_string_eq(fetch, &nbrec_host_col_host, pb->host);
        }
    }
    return asked;
}

/* Fills 'status' with what is known of 'port' on the hypervisor of 'pb', and
 * waits until that is known to be there or not. */
static void
get_status(struct ctl_context *ctx, const struct nbrec_port *port,
           const struct nbrec_port_binding *pb, const struct places *places,
           struct status *status)
{
    struct alive *alive = nbctl_alive(nbctl_from_ctx(ctx));
    const struct nbrec_network_binding *nb;
    const struct nbrec_agent *agent;
    const struct nbrec_host *host;

    *status = (struct status) {
        .hypervisor = pb->host, .port = port, .network = port->network,
        .pb = pb, .place = places_find_port(places, &port->header_.uuid),
    };
    NBREC_NETWORK_BINDING_FOR_EACH (nb, ctx->idl) {
        if (!strcmp(nb->host, pb->host)
            && uuid_equals(&nb->network, &port->network->header_.uuid)) {
            status->nb = nb;
        }
    }
    NBREC_AGENT_FOR_EACH (agent, ctx->idl) {
        if (!strcmp(agent->host, pb->host)) {
            status->agent = agent;
        }
    }
    NBREC_HOST_FOR_EACH (host, ctx->idl) {
        if (!strcmp(host->host, pb->host)) {
            status->host = host;
        }
    }
    alive_get(alive, pb->host);
    alive_block(alive);
    status->alive = alive_get(alive, pb->host);
}

/* Does another hypervisor have the port, which is plugged here, too? */
static bool
is_standby(const struct status *s)
{
    return !s->pb->up && s->place && strcmp(s->place, s->hypervisor);
}

/* Returns NULL if the port carries traffic there, otherwise the first reason
 * why it is not known to, for the caller to free.  A fault of the network is
 * none: it is about the way to other hypervisors, or to one of them. */
static char *
why_no_traffic(const struct status *s)
{
    int64_t wanted, applied;

    if (s->pb->fault[0]) {
        return xstrdup(s->pb->fault);
    } else if (is_standby(s)) {
        return xasprintf("standby: the port is at %s", s->place);
    } else if (s->pb->revision_number < s->port->revision_number) {
        wanted = s->port->revision_number, applied = s->pb->revision_number;
        return xasprintf("port: revision %"PRId64" is not applied yet "
                         "(%"PRId64" is)", wanted, applied);
    } else if (network_applied(s) < s->network->revision_number) {
        wanted = s->network->revision_number, applied = network_applied(s);
        return xasprintf("network: revision %"PRId64" is not applied yet "
                         "(%"PRId64" is)", wanted, applied);
    } else if (host_applied(s) < host_wanted(s)) {
        return xasprintf("hypervisor: revision %"PRId64" is not applied yet "
                         "(%"PRId64" is)", host_wanted(s), host_applied(s));
    }
    return (!s->port->admin_state_up ? xstrdup("the port is disabled")
            : !s->network->admin_state_up ? xstrdup("the network is disabled")
            : s->host && !s->host->admin_state_up
            ? xstrdup("the hypervisor is disabled")
            : !s->pb->up ? xstrdup("the port is not up there")
            : NULL);
}

static int64_t
network_applied(const struct status *s)
{
    return s->nb ? s->nb->revision_number : 0;
}

static int64_t
host_wanted(const struct status *s)
{
    return s->host ? s->host->revision_number : 0;
}

static int64_t
host_applied(const struct status *s)
{
    return s->agent ? s->agent->host_revision_number : 0;
}

static const char *
up_or_down(bool up)
{
    return up ? "up" : "down";
}

static void
show_intent(struct ds *out, const struct nbrec_port *port)
{
    const struct nbrec_network *network = port->network;

    ds_put_format(out, "port \"%s\" ("UUID_FMT")\n", port->name,
                  UUID_ARGS(&port->header_.uuid));
    ds_put_format(out, "    admin state: %s, revision %"PRId64"\n",
                  up_or_down(port->admin_state_up), port->revision_number);
    ds_put_format(out, "    MAC address: %s\n", port->mac_address);
    ds_put_format(out, "    expected on: %s\n",
                  port->host[0] ? port->host : "any hypervisor");
    ds_put_format(out, "network \"%s\" ("UUID_FMT")\n", network->name,
                  UUID_ARGS(&network->header_.uuid));
    ds_put_format(out, "    admin state: %s, revision %"PRId64"\n",
                  up_or_down(network->admin_state_up),
                  network->revision_number);
    cells_put_segment(out, network->segment);
}

static void
show_status(struct ds *out, const struct status *s)
{
    char *reason = why_no_traffic(s);

    ds_put_format(out, "hypervisor \"%s\"\n", s->hypervisor);
    ds_put_format(out, "    carries traffic: %s%s%s\n",
                  reason ? "no, " : "yes", reason ? reason : "",
                  s->alive == ALIVE_UP ? "" : " (when last heard of)");
    ds_put_format(out, "    agent: %s\n", s->alive == ALIVE_UP
                  ? "connected" : "not connected");
    ds_put_format(out, "    admin state: %s, revision %"PRId64" of %"PRId64
                  " applied\n", up_or_down(!s->host
                                           || s->host->admin_state_up),
                  host_applied(s), host_wanted(s));
    ds_put_format(out, "    port: %s, revision %"PRId64" of %"PRId64
                  " applied\n", up_or_down(s->pb->up), s->pb->revision_number,
                  s->port->revision_number);
    ds_put_format(out, "    network: revision %"PRId64" of %"PRId64
                  " applied\n", network_applied(s),
                  s->network->revision_number);
    if (s->nb && s->nb->fault[0]) {
        ds_put_format(out, "    network's fault: %s\n", s->nb->fault);
    }
    free(reason);
}

static struct table *
make_status_table(struct ctl_context *ctx)
{
    static const char *const headings[] = {
        "port", "host", "alive", "carries_traffic", "reason", "up",
        "port_admin_state_up", "port_revision", "port_applied",
        "network_admin_state_up", "network_revision", "network_applied",
        "host_admin_state_up", "host_revision", "host_applied",
        "fault", "network_fault"
    };

    return cells_make_table(ctx, headings, ARRAY_SIZE(headings));
}

static void
list_status(struct table *table, const struct status *s)
{
    char *reason = why_no_traffic(s);

    table_add_row(table);
    cells_uuid(table, &s->port->header_.uuid);
    cells_string(table, s->hypervisor);
    cells_boolean(table, s->alive == ALIVE_UP);
    cells_boolean(table, !reason);
    cells_string(table, reason ? reason : "");
    cells_boolean(table, s->pb->up);
    cells_boolean(table, s->port->admin_state_up);
    cells_integer(table, s->port->revision_number);
    cells_integer(table, s->pb->revision_number);
    cells_boolean(table, s->network->admin_state_up);
    cells_integer(table, s->network->revision_number);
    cells_integer(table, network_applied(s));
    cells_boolean(table, !s->host || s->host->admin_state_up);
    cells_integer(table, host_wanted(s));
    cells_integer(table, host_applied(s));
    cells_string(table, s->pb->fault);
    cells_string(table, s->nb ? s->nb->fault : "");
    free(reason);
}

const struct ctl_command_syntax nbctl_port_show_commands[] = {
    {"port-show", 1, 1, "PORT", pre_port_show, cmd_port_show, NULL, "", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
