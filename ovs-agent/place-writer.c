/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See place-writer.h. */

#include <config.h>

#include "place-writer.h"

#include <string.h>

#include "coverage.h"
#include "ovsdb-idl.h"
#include "sluice-nb-idl.h"
#include "topology.h"
#include "util.h"
#include "uuid.h"

COVERAGE_DEFINE(agent_location_written);

void
place_writer_init(struct place_writer *writer, struct ovsdb_idl *idl)
{
    writer->idl = idl;
    writer->ports
        = ovsdb_idl_index_create2(idl, &nbrec_port_location_col_port,
                                  &nbrec_port_location_col_host);
    writer->networks
        = ovsdb_idl_index_create2(idl, &nbrec_network_location_col_network,
                                  &nbrec_network_location_col_host);
}

/* Ports. */

static const struct nbrec_port_location *
find_port(const struct place_writer *writer, const struct uuid *port,
          const char *host)
{
    struct nbrec_port_location *key
        = nbrec_port_location_index_init_row(writer->ports);
    const struct nbrec_port_location *row;

    nbrec_port_location_index_set_port(key, *port);
    nbrec_port_location_index_set_host(key, host);
    row = nbrec_port_location_index_find(writer->ports, key);
    nbrec_port_location_index_destroy_row(key);
    return row;
}

static bool
same_addresses(const struct nbrec_port_location *row,
               const struct intent_port *intent)
{
    if (row->n_ip_addresses != intent->n_ip_addresses) {
        return false;
    }
    /* The row's are sorted by value, the port's by the rows they are in. */
    for (size_t i = 0; i < intent->n_ip_addresses; i++) {
        size_t j = 0;

        while (j < row->n_ip_addresses
               && strcmp(row->ip_addresses[j], intent->ip_addresses[i])) {
            j++;
        }
        if (j == row->n_ip_addresses) {
            return false;
        }
    }
    return true;
}

static void
set_port(const struct nbrec_port_location *row, const struct lport *port)
{
    const struct intent_port *intent = &port->intent;

    if (row->claim != port->claim) {
        nbrec_port_location_set_claim(row, port->claim);
    }
    if (strcmp(row->mac_address, intent->mac_address)) {
        nbrec_port_location_set_mac_address(row, intent->mac_address);
    }
    if (!same_addresses(row, intent)) {
        nbrec_port_location_set_ip_addresses(
            row, (const char **) intent->ip_addresses,
            intent->n_ip_addresses);
    }
}

void
place_writer_port(const struct place_writer *writer,
                  struct ovsdb_idl_txn *txn, const char *host,
                  const struct uuid *uuid, const struct lport *port)
{
    const struct nbrec_port_location *row;

    if (!ovsdb_idl_server_has_table(writer->idl, &nbrec_table_port_location)
        || (port && lobject_is_pending(&port->obj))) {
        return;
    }
    row = find_port(writer, uuid, host);
    if (row && (!port || !port->claimed
                || !uuid_equals(&row->network, &port->intent.network))) {
        /* Our role has no right to change what a row is of. */
        COVERAGE_INC(agent_location_written);
        nbrec_port_location_delete(row);
        row = NULL;
    }
    if (!port || !port->claimed) {
        return;
    }
    if (!row) {
        COVERAGE_INC(agent_location_written);
        row = nbrec_port_location_insert(txn);
        nbrec_port_location_set_port(row, *uuid);
        nbrec_port_location_set_host(row, host);
        nbrec_port_location_set_network(row, port->intent.network);
    }
    set_port(row, port);
}

/* Networks. */

static const struct nbrec_network_location *
find_network(const struct place_writer *writer, const struct uuid *network,
             const char *host)
{
    struct nbrec_network_location *key
        = nbrec_network_location_index_init_row(writer->networks);
    const struct nbrec_network_location *row;

    nbrec_network_location_index_set_network(key, *network);
    nbrec_network_location_index_set_host(key, host);
    row = nbrec_network_location_index_find(writer->networks, key);
    nbrec_network_location_index_destroy_row(key);
    return row;
}

void
place_writer_network(const struct place_writer *writer,
                     struct ovsdb_idl_txn *txn, const char *host,
                     const struct uuid *uuid, const struct lnet *net)
{
    const struct nbrec_network_location *row;

    if (!ovsdb_idl_server_has_table(writer->idl,
                                    &nbrec_table_network_location)
        || (net && lobject_is_pending(&net->obj)
            && !(net->obj.applied && net->encap))) {
        return;
    }
    row = find_network(writer, uuid, host);
    if (!net || !net->encap) {
        if (row) {
            COVERAGE_INC(agent_location_written);
            nbrec_network_location_delete(row);
        }
        return;
    }
    if (!row) {
        COVERAGE_INC(agent_location_written);
        row = nbrec_network_location_insert(txn);
        nbrec_network_location_set_network(row, *uuid);
        nbrec_network_location_set_host(row, host);
    }
    if (strcmp(row->encap, net->encap)) {
        nbrec_network_location_set_encap(row, net->encap);
    }
    if (row->unknown_addresses != net->takes_unknown) {
        nbrec_network_location_set_unknown_addresses(row,
                                                     net->takes_unknown);
    }
}
