/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See nb-rows.h. */

#include <config.h>

#include "nb-rows.h"

#include "coverage.h"
#include "intent.h"
#include "sluice-nb-idl.h"
#include "topology.h"
#include "uuid.h"

COVERAGE_DEFINE(agent_nb_update);
COVERAGE_DEFINE(agent_nb_resync);

static void
hand_over_port(const struct nbrec_port *row, struct topology *topology)
{
    const struct ovsdb_datum *network
        = nbrec_port_get_network(row, OVSDB_TYPE_UUID);
    const struct ovsdb_datum *allocations
        = nbrec_port_get_ip_allocations(row, OVSDB_TYPE_UUID);
    struct intent_port port = {
        .uuid = row->header_.uuid,
        /* The row it refers to may not have come yet. */
        .network = network->n ? network->keys[0].uuid : UUID_ZERO,
        .name = row->name,
        .mac_address = row->mac_address,
        .host = row->host,
        .admin_state_up = row->admin_state_up,
        .port_security_enabled = row->port_security_enabled,
        .revision_number = row->revision_number,
        .allocations = xmalloc(allocations->n * sizeof(struct uuid) + 1),
        .n_allocations = allocations->n,
        .ip_addresses = xmalloc(row->n_ip_allocations * sizeof(char *) + 1),
        .n_ip_addresses = row->n_ip_allocations,
    };

    for (size_t i = 0; i < allocations->n; i++) {
        port.allocations[i] = allocations->keys[i].uuid;
    }
    for (size_t i = 0; i < row->n_ip_allocations; i++) {
        port.ip_addresses[i] = row->ip_allocations[i]->ip_address;
    }
    topology_update_port(topology, &port);
    free(port.allocations);
    free(port.ip_addresses);
}

static void
hand_over_network(const struct nbrec_network *row, struct topology *topology)
{
    const struct ovsdb_datum *segment
        = nbrec_network_get_segment(row, OVSDB_TYPE_UUID);
    struct intent_network network = {
        .uuid = row->header_.uuid,
        .name = row->name,
        .admin_state_up = row->admin_state_up,
        .revision_number = row->revision_number,
        .mtu = row->mtu,
        .segment = segment->n ? segment->keys[0].uuid : UUID_ZERO,
    };

    if (row->segment) {
        network.network_type = row->segment->network_type;
        network.physical_network = row->segment->physical_network;
        network.segmentation_id = row->segment->segmentation_id;
    }
    topology_update_network(topology, &network);
}

static void
hand_over_port_place(const struct nbrec_port_location *row,
                     struct topology *topology)
{
    const struct intent_port_place place = {
        .row = row->header_.uuid,
        .port = row->port,
        .network = row->network,
        .host = row->host,
        .claim = row->claim,
        .mac_address = row->mac_address,
        .ip_addresses = row->ip_addresses,
        .n_ip_addresses = row->n_ip_addresses,
    };

    topology_update_port_place(topology, &place);
}

static void
hand_over_net_place(const struct nbrec_network_location *row,
                    struct topology *topology)
{
    const struct intent_net_place place = {
        .row = row->header_.uuid,
        .network = row->network,
        .host = row->host,
        .encap = row->encap,
        .unknown_addresses = row->unknown_addresses,
    };

    topology_update_net_place(topology, &place);
}

static void
hand_over_host(const struct ovsdb_idl *idl,
               struct topology *topology)
{
    struct intent_host host = { .admin_state_up = true };
    const struct nbrec_host *row;

    NBREC_HOST_FOR_EACH (row, idl) {
        host.admin_state_up = row->admin_state_up;
        host.revision_number = row->revision_number;
    }
    topology_update_host(topology, &host);
}

/* Everything, after the view came anew. */
void
nb_rows_hand_over_all(const struct ovsdb_idl *idl,
                      struct topology *topology)
{
    const struct nbrec_network_location *net_place;
    const struct nbrec_port_location *port_place;
    const struct nbrec_network *network;
    const struct nbrec_port *port;

    COVERAGE_INC(agent_nb_resync);
    topology_sync_begin(topology);
    NBREC_NETWORK_FOR_EACH (network, idl) {
        hand_over_network(network, topology);
    }
    NBREC_PORT_FOR_EACH (port, idl) {
        hand_over_port(port, topology);
    }
    NBREC_NETWORK_LOCATION_FOR_EACH (net_place, idl) {
        hand_over_net_place(net_place, topology);
    }
    NBREC_PORT_LOCATION_FOR_EACH (port_place, idl) {
        hand_over_port_place(port_place, topology);
    }
    hand_over_host(idl, topology);
    topology_sync_end(topology);
}

/* A Segment that changed in place says nothing of its Network. */
static void
hand_over_segments(const struct ovsdb_idl *idl,
                   struct topology *topology)
{
    const struct nbrec_segment *segment;
    const struct nbrec_network *network;

    NBREC_SEGMENT_FOR_EACH_TRACKED (segment, idl) {
        COVERAGE_INC(agent_nb_update);
        NBREC_NETWORK_FOR_EACH (network, idl) {
            if (network->segment == segment) {
                hand_over_network(network, topology);
            }
        }
    }
}

/* An IP_Allocation that changed in place says nothing of its Port, either. */
static void
hand_over_allocations(const struct ovsdb_idl *idl, struct topology *topology)
{
    const struct nbrec_ip_allocation *allocation;
    const struct nbrec_port *port;
    bool changed = false;

    NBREC_IP_ALLOCATION_FOR_EACH_TRACKED (allocation, idl) {
        COVERAGE_INC(agent_nb_update);
        changed = changed || (!nbrec_ip_allocation_is_new(allocation)
                              && !nbrec_ip_allocation_is_deleted(allocation));
    }
    if (changed) {
        NBREC_PORT_FOR_EACH (port, idl) {
            hand_over_port(port, topology);
        }
    }
}

/* A row of our own that somebody else removed is due again: topology.c sees
 * to that. */
static void
hand_over_places(const struct ovsdb_idl *idl, struct topology *topology)
{
    const struct nbrec_network_location *net;
    const struct nbrec_port_location *port;

    NBREC_NETWORK_LOCATION_FOR_EACH_TRACKED (net, idl) {
        COVERAGE_INC(agent_nb_update);
        if (nbrec_network_location_is_deleted(net)) {
            topology_delete_net_place(topology, &net->header_.uuid);
        } else {
            hand_over_net_place(net, topology);
        }
    }
    NBREC_PORT_LOCATION_FOR_EACH_TRACKED (port, idl) {
        COVERAGE_INC(agent_nb_update);
        if (nbrec_port_location_is_deleted(port)) {
            topology_delete_port_place(topology, &port->header_.uuid);
        } else {
            hand_over_port_place(port, topology);
        }
    }
}

static void
hand_over_status(const struct ovsdb_idl *idl,
                 struct topology *topology)
{
    const struct nbrec_agent *agent;
    const struct nbrec_port_binding *pb;
    const struct nbrec_network_binding *nwb;

    NBREC_PORT_BINDING_FOR_EACH_TRACKED (pb, idl) {
        topology_recheck_status(topology, &pb->port);
    }
    NBREC_NETWORK_BINDING_FOR_EACH_TRACKED (nwb, idl) {
        topology_recheck_status(topology, &nwb->network);
    }
    NBREC_AGENT_FOR_EACH_TRACKED (agent, idl) {
        topology_recheck_status(topology, &UUID_ZERO);
    }
}

void
nb_rows_hand_over_changes(const struct ovsdb_idl *idl,
                          struct topology *topology)
{
    const struct nbrec_network *network;
    const struct nbrec_port *port;
    const struct nbrec_host *host;

    NBREC_NETWORK_FOR_EACH_TRACKED (network, idl) {
        COVERAGE_INC(agent_nb_update);
        if (nbrec_network_is_deleted(network)) {
            topology_delete_network(topology, &network->header_.uuid);
        } else {
            hand_over_network(network, topology);
        }
    }
    hand_over_segments(idl, topology);
    NBREC_PORT_FOR_EACH_TRACKED (port, idl) {
        COVERAGE_INC(agent_nb_update);
        if (nbrec_port_is_deleted(port)) {
            topology_delete_port(topology, &port->header_.uuid);
        } else {
            hand_over_port(port, topology);
        }
    }
    hand_over_allocations(idl, topology);
    hand_over_places(idl, topology);
    NBREC_HOST_FOR_EACH_TRACKED (host, idl) {
        COVERAGE_INC(agent_nb_update);
        hand_over_host(idl, topology);
        break;
    }
    hand_over_status(idl, topology);
}
