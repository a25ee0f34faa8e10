/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See status.h. */

#include <config.h>

#include "status.h"

#include <string.h>

#include "agent-config.h"
#include "coverage.h"
#include "db-writer.h"
#include "interest.h"
#include "latency.h"
#include "nb.h"
#include "openvswitch/poll-loop.h"
#include "ovs-local.h"
#include "ovsdb-idl.h"
#include "place-writer.h"
#include "random.h"
#include "sluice-nb-idl.h"
#include "sluice-version.h"
#include "timeval.h"
#include "topology.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

COVERAGE_DEFINE(agent_binding_written);

/* What this agent does for its ports, as in Agent.roles. */
#define ROLE "l2"

struct status {
    struct nb *nb;
    struct db_writer writer;
    struct ovsdb_idl_index *by_port;    /* Of Port_Binding. */
    struct ovsdb_idl_index *by_network; /* Of Network_Binding. */

    struct place_writer places;
    struct uuidset ports_due;
    struct uuidset networks_due;
    bool all_due;               /* Every row of ours, and every object. */
    bool agent_due;
    long long int heartbeat_at; /* In ms of time_msec(). */
    char *datapath_type;        /* As last seen; NULL at first. */

    long long int sent;         /* The transaction in flight, in us. */
    struct latency committing;
};

struct status *
status_create(struct nb *nb)
{
    struct status *status = xzalloc(sizeof *status);
    struct ovsdb_idl *idl = nb_idl(nb);

    status->nb = nb;
    db_writer_init(&status->writer, idl, "Sluice_Northbound");
    status->by_port
        = ovsdb_idl_index_create1(idl, &nbrec_port_binding_col_port);
    status->by_network
        = ovsdb_idl_index_create1(idl, &nbrec_network_binding_col_network);
    place_writer_init(&status->places, idl);
    uuidset_init(&status->ports_due);
    uuidset_init(&status->networks_due);
    return status;
}

void
status_destroy(struct status *status)
{
    if (status) {
        db_writer_destroy(&status->writer);
        uuidset_destroy(&status->ports_due);
        uuidset_destroy(&status->networks_due);
        free(status->datapath_type);
        free(status);
    }
}

void
status_recheck_agent(struct status *status)
{
    status->agent_due = true;
}

struct latency *
status_latency(struct status *status)
{
    return &status->committing;
}

const char *
status_refusal(const struct status *status)
{
    return status->writer.refusal;
}

/* Bindings. */

static const struct nbrec_port_binding *
find_port_binding(const struct status *status, const struct uuid *port)
{
    struct nbrec_port_binding *key
        = nbrec_port_binding_index_init_row(status->by_port);
    const struct nbrec_port_binding *row;

    nbrec_port_binding_index_set_port(key, *port);
    row = nbrec_port_binding_index_find(status->by_port, key);
    nbrec_port_binding_index_destroy_row(key);
    return row;
}

static const struct nbrec_network_binding *
find_network_binding(const struct status *status, const struct uuid *network)
{
    struct nbrec_network_binding *key
        = nbrec_network_binding_index_init_row(status->by_network);
    const struct nbrec_network_binding *row;

    nbrec_network_binding_index_set_network(key, *network);
    row = nbrec_network_binding_index_find(status->by_network, key);
    nbrec_network_binding_index_destroy_row(key);
    return row;
}

static void
write_port_binding(struct status *status, struct ovsdb_idl_txn *txn,
                   const char *host, const struct uuid *uuid,
                   const struct lport *port)
{
    const struct nbrec_port_binding *row = find_port_binding(status, uuid);

    if (port && lobject_is_pending(&port->obj)) {
        return;
    } else if (!port || !port->obj.known || !port->plugged) {
        if (row) {
            COVERAGE_INC(agent_binding_written);
            nbrec_port_binding_delete(row);
        }
        return;
    }

    const char *fault = port->obj.fault ? port->obj.fault : "";
    if (row && !uuid_equals(&row->network, &port->intent.network)) {
        /* Our role has no right to change what a row is of. */
        nbrec_port_binding_delete(row);
        row = NULL;
    }
    if (!row) {
        row = nbrec_port_binding_insert(txn);
        nbrec_port_binding_set_port(row, *uuid);
        nbrec_port_binding_set_host(row, host);
        nbrec_port_binding_set_network(row, port->intent.network);
    } else if (row->up == port->wired
               && row->revision_number == port->obj.applied_revision
               && !strcmp(row->fault, fault)) {
        return;
    }
    COVERAGE_INC(agent_binding_written);
    nbrec_port_binding_set_up(row, port->wired);
    nbrec_port_binding_set_revision_number(row, port->obj.applied_revision);
    nbrec_port_binding_set_fault(row, fault);
}

static void
write_network_binding(struct status *status, struct ovsdb_idl_txn *txn,
                      const char *host, const struct uuid *uuid,
                      const struct lnet *net)
{
    const struct nbrec_network_binding *row
        = find_network_binding(status, uuid);

    if (net && lobject_is_pending(&net->obj)
        && !(net->obj.applied && net->n_wired)) {
        /* A network that is here and changes all the time is acknowledged as
         * far as it has come. */
        return;
    } else if (!net || !net->obj.known || !net->n_wired) {
        if (row) {
            COVERAGE_INC(agent_binding_written);
            nbrec_network_binding_delete(row);
        }
        return;
    }

    const char *fault = net->obj.fault ? net->obj.fault : "";
    const char *encap = net->encap ? net->encap : "";
    if (!row) {
        row = nbrec_network_binding_insert(txn);
        nbrec_network_binding_set_network(row, *uuid);
        nbrec_network_binding_set_host(row, host);
    } else if (row->revision_number == net->obj.applied_revision
               && !strcmp(row->fault, fault) && !strcmp(row->encap, encap)) {
        return;
    }
    COVERAGE_INC(agent_binding_written);
    nbrec_network_binding_set_revision_number(row,
                                              net->obj.applied_revision);
    nbrec_network_binding_set_fault(row, fault);
    if (strcmp(row->encap, encap)) {
        nbrec_network_binding_set_encap(row, encap);
    }
}

/* The Agent row. */

static void
write_encaps(const struct nbrec_agent *row, const struct agent_config *config)
{
    struct smap encaps = SMAP_INITIALIZER(&encaps);
    const char *type;

    if (config->encap_ip) {
        SSET_FOR_EACH (type, &config->encap_types) {
            smap_add(&encaps, type, config->encap_ip);
        }
    }
    if (!smap_equal(&row->encaps, &encaps)) {
        nbrec_agent_set_encaps(row, &encaps);
    }
    smap_destroy(&encaps);
}

static void
write_subscriptions(const struct nbrec_agent *row,
                    const struct topology *topology, const char *host)
{
    struct smap subscriptions = SMAP_INITIALIZER(&subscriptions);
    struct interest interest;

    interest_init(&interest);
    topology_get_interest(topology, &interest);
    interest_summarize(&interest, host, &subscriptions);
    interest_destroy(&interest);
    if (!smap_equal(&row->subscriptions, &subscriptions)) {
        nbrec_agent_set_subscriptions(row, &subscriptions);
    }
    smap_destroy(&subscriptions);
}

/* A server with the schema before 1.1 does not have these. */
static void
write_bridge(const struct ovsdb_idl *idl, const struct nbrec_agent *row,
             const struct ovs_local *local, const struct agent_config *config)
{
    const char *datapath_type = ovs_local_datapath_type(local);

    if (ovsdb_idl_server_has_column(idl, &nbrec_agent_col_bridge)
        && strcmp(row->bridge, config->bridge)) {
        nbrec_agent_set_bridge(row, config->bridge);
    }
    if (ovsdb_idl_server_has_column(idl, &nbrec_agent_col_datapath_type)
        && strcmp(row->datapath_type, datapath_type)) {
        nbrec_agent_set_datapath_type(row, datapath_type);
    }
}

static void
write_agent(struct status *status, struct ovsdb_idl_txn *txn,
            const struct topology *topology, const struct ovs_local *local,
            const struct agent_config *config)
{
    const char *role = ROLE;
    const struct nbrec_agent *row = NULL;
    const struct nbrec_agent *r;

    NBREC_AGENT_FOR_EACH (r, nb_idl(status->nb)) {
        if (!strcmp(r->host, config->host)) {
            row = r;
        }
    }
    if (!row) {
        row = nbrec_agent_insert(txn);
        nbrec_agent_set_host(row, config->host);
        status->heartbeat_at = 0;
    }
    if (strcmp(row->version, SLUICE_VERSION)) {
        nbrec_agent_set_version(row, SLUICE_VERSION);
    }
    if (row->n_roles != 1 || strcmp(row->roles[0], role)) {
        nbrec_agent_set_roles(row, &role, 1);
    }
    if (!smap_equal(&row->bridge_mappings, &config->bridge_mappings)) {
        nbrec_agent_set_bridge_mappings(row, &config->bridge_mappings);
    }
    write_bridge(nb_idl(status->nb), row, local, config);
    write_encaps(row, config);
    write_subscriptions(row, topology, config->host);
    if (!lobject_is_pending(&topology->host)
        && row->host_revision_number != topology->host.applied_revision) {
        nbrec_agent_set_host_revision_number(row,
                                             topology->host.applied_revision);
    }
    if (time_msec() >= status->heartbeat_at) {
        int interval = config->heartbeat_interval * 1000;

        /* A tenth of jitter, or a datacenter's heartbeats would keep the
         * step they fell into when the power came back. */
        status->heartbeat_at = (time_msec() + interval
                                - random_range(interval / 10 + 1));
        nbrec_agent_set_heartbeat(row, time_wall_msec());
    }
}

/* Collecting and writing. */

static void
insert(struct uuidset *set, const struct uuid *uuid)
{
    if (!uuidset_contains(set, uuid)) {
        uuidset_insert(set, uuid);
    }
}

/* Is 'port' of this hypervisor, or was it and has rows to be removed? */
static bool
is_reported(const struct status *status, const struct lport *port,
            const char *host)
{
    return (lport_is_local(port) || lport_find_place(port, host)
            || find_port_binding(status, &port->obj.uuid));
}

static void
collect(struct status *status, struct topology *topology,
        struct ovs_local *local)
{
    struct lobject *obj;

    while ((obj = topology_next_status(topology)) != NULL) {
        switch (obj->kind) {
        case LKIND_HOST:
            status->agent_due = true;
            break;
        case LKIND_NETWORK:
            insert(&status->networks_due, &obj->uuid);
            break;
        case LKIND_PEER:
            break;
        case LKIND_PORT:
            if (is_reported(status, lport_cast(obj), topology->vtep.host)) {
                insert(&status->ports_due, &obj->uuid);
                ovs_local_recheck_status(local, &obj->uuid);
            }
            break;
        }
        topology_status_taken(topology, obj);
    }
}

/* Our own rows' objects. */
static void
collect_places(struct status *status, const char *host)
{
    const struct nbrec_network_location *net;
    const struct nbrec_port_location *port;

    NBREC_PORT_LOCATION_FOR_EACH (port, nb_idl(status->nb)) {
        if (!strcmp(port->host, host)) {
            insert(&status->ports_due, &port->port);
        }
    }
    NBREC_NETWORK_LOCATION_FOR_EACH (net, nb_idl(status->nb)) {
        if (!strcmp(net->host, host)) {
            insert(&status->networks_due, &net->network);
        }
    }
}

/* After the view came anew, or a transaction failed: every object of this
 * hypervisor's, and every row of ours, whose object may be gone. */
static void
collect_all(struct status *status, struct topology *topology)
{
    const struct nbrec_port_binding *pb;
    const struct nbrec_network_binding *nwb;
    const struct lobject *obj;

    HMAP_FOR_EACH (obj, node, &topology->objects) {
        /* We say nothing of others' ports, unless we have rows of them. */
        if (obj->kind == LKIND_PORT && lport_is_local(lport_cast(obj))) {
            insert(&status->ports_due, &obj->uuid);
        } else if (obj->kind == LKIND_NETWORK) {
            insert(&status->networks_due, &obj->uuid);
        }
    }
    NBREC_PORT_BINDING_FOR_EACH (pb, nb_idl(status->nb)) {
        insert(&status->ports_due, &pb->port);
    }
    NBREC_NETWORK_BINDING_FOR_EACH (nwb, nb_idl(status->nb)) {
        insert(&status->networks_due, &nwb->network);
    }
    collect_places(status, topology->vtep.host);
    status->agent_due = true;
    status->all_due = false;
}

static void
write_due(struct status *status, struct topology *topology,
          const struct ovs_local *local, const struct agent_config *config)
{
    struct ovsdb_idl_txn *txn = db_writer_begin(&status->writer);
    const struct uuidset_node *node;

    if (!txn) {
        return;
    }
    ovsdb_idl_txn_add_comment(txn, "sluice-agent: %s", config->host);
    UUIDSET_FOR_EACH (node, &status->ports_due) {
        const struct lport *port = topology_find_port(topology, &node->uuid);

        write_port_binding(status, txn, config->host, &node->uuid, port);
        place_writer_port(&status->places, txn, config->host, &node->uuid,
                          port);
    }
    UUIDSET_FOR_EACH (node, &status->networks_due) {
        const struct lnet *net = topology_find_network(topology, &node->uuid);

        write_network_binding(status, txn, config->host, &node->uuid, net);
        place_writer_network(&status->places, txn, config->host, &node->uuid,
                             net);
    }
    if (status->agent_due || time_msec() >= status->heartbeat_at) {
        write_agent(status, txn, topology, local, config);
    }
    uuidset_clear(&status->ports_due);
    uuidset_clear(&status->networks_due);
    status->agent_due = false;
    status->sent = time_usec();
    db_writer_commit(&status->writer, txn);
}

void
status_run(struct status *status, struct topology *topology,
           struct ovs_local *local, const struct agent_config *config)
{
    switch (db_writer_run(&status->writer)) {
    case DB_WRITER_DONE:
        latency_add(&status->committing, time_usec() - status->sent);
        break;
    case DB_WRITER_FAILED:
        status->all_due = true;
        break;
    case DB_WRITER_NONE:
        break;
    }
    status->all_due |= nb_take_resynced(status->nb);
    collect(status, topology, local);
    if (!nullable_string_is_equal(status->datapath_type,
                                  ovs_local_datapath_type(local))) {
        free(status->datapath_type);
        status->datapath_type = xstrdup(ovs_local_datapath_type(local));
        status->agent_due = true;
    }

    /* Nothing is said before everything is known: a row whose object has not
     * come yet is not a row whose object is gone. */
    if (!topology->ready || !nb_is_settled(status->nb)) {
        return;
    }
    if (status->all_due) {
        collect_all(status, topology);
    }
    if (status->agent_due || !uuidset_is_empty(&status->ports_due)
        || !uuidset_is_empty(&status->networks_due)
        || time_msec() >= status->heartbeat_at) {
        write_due(status, topology, local, config);
    }
}

void
status_wait(struct status *status)
{
    db_writer_wait(&status->writer);
    if (nb_is_settled(status->nb) && db_writer_is_free(&status->writer)) {
        poll_timer_wait_until(status->heartbeat_at);
    }
}
