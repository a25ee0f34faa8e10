/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Addresses of ports.  See port-addresses.h. */

#include <config.h>

#include "api/port-addresses.h"

#include <stdlib.h>
#include <string.h>

#include "api/api-private.h"
#include "api/operation.h"
#include "api/subnet-row.h"
#include "ipam/choose.h"
#include "nb/replica.h"
#include "packets.h"
#include "random.h"
#include "util.h"

/* A subnet of the network, and where what it borrows is. */
struct read_subnet {
    const struct nb_row *row;
    struct subnet subnet;
    const char **service_types;
};

/* An address that the port has. */
struct current {
    struct uuid row;
    struct port_address address;
};

struct chooser {
    struct operation *op;
    struct choose_request request;
    struct read_subnet *read;
    struct choose_subnet *subnets;
    struct fixed_ip_ask *asks;
    struct current *current;
    struct port_address *current_addresses; /* Those of 'current'. */
};

/* Subnets are tried in the order in which they were made. */
static int
compare_age(const void *a_, const void *b_)
{
    const struct nb_row *a = ((const struct read_subnet *) a_)->row;
    const struct nb_row *b = ((const struct read_subnet *) b_)->row;
    int cmp = strcmp(nb_row_string(a, NB_SUBNET_CREATED_AT),
                     nb_row_string(b, NB_SUBNET_CREATED_AT));

    return cmp ? cmp : uuid_compare_3way(nb_row_id(a), nb_row_id(b));
}

static void
fill_subnet(struct chooser *chooser, struct read_subnet *read,
            struct choose_subnet *choose)
{
    size_t n = nb_row_n(read->row, NB_SUBNET_SERVICE_TYPES);

    read->service_types = xcalloc(n, sizeof *read->service_types);
    for (size_t i = 0; i < n; i++) {
        read->service_types[i] = nb_row_key(read->row,
                                            NB_SUBNET_SERVICE_TYPES, i);
    }
    *choose = (struct choose_subnet) {
        .id = *nb_row_id(read->row),
        .cidr = read->subnet.cidr,
        .pools = read->subnet.pools,
        .n_pools = read->subnet.n_pools,
        .auto_address = subnet_mode_is_auto(read->subnet.ra_mode,
                                            read->subnet.address_mode),
        .enable_dhcp = read->subnet.enable_dhcp,
        .service_types = read->service_types,
        .n_service_types = n,
        .used = addresses_get(chooser->op->api->addresses,
                              nb_row_id(read->row)),
    };
}

static void
read_subnets(struct chooser *chooser, const struct nb_row *network)
{
    struct nb_rows rows = replica_find_uuid(chooser->op->api->config.replica,
                                            NB_SUBNET_NETWORK,
                                            nb_row_id(network));
    size_t n = 0;

    chooser->read = xcalloc(rows.n, sizeof *chooser->read);
    for (size_t i = 0; i < rows.n; i++) {
        chooser->read[n].row = rows.rows[i];
        if (subnet_row_read(rows.rows[i], &chooser->read[n].subnet)) {
            n++;
        } else {
            subnet_destroy(&chooser->read[n].subnet);
        }
    }
    qsort(chooser->read, n, sizeof *chooser->read, compare_age);

    chooser->subnets = xcalloc(n, sizeof *chooser->subnets);
    for (size_t i = 0; i < n; i++) {
        fill_subnet(chooser, &chooser->read[i], &chooser->subnets[i]);
    }
    chooser->request.subnets = chooser->subnets;
    chooser->request.n_subnets = n;
}

/* A subnet that does not exist, or that the viewer must not know of, is not
 * found; one of another network is for ipam/choose.h to refuse. */
static struct api_error *
read_ask(struct chooser *chooser, const json_t *fixed_ip,
         struct fixed_ip_ask *ask)
{
    const char *subnet = json_string_value(json_object_get(fixed_ip,
                                                           "subnet_id"));
    const char *address = json_string_value(json_object_get(fixed_ip,
                                                            "ip_address"));
    if (subnet) {
        struct api_view view = operation_view(chooser->op);
        const struct nb_row *row;
        struct api_error *error = api_find_object(api_resources[API_SUBNET],
                                                  &view, subnet, &row);
        if (error) {
            return error;
        }
        ask->has_subnet = true;
        ask->subnet = *nb_row_id(row);
    }
    if (address) {
        char *reason = ip_addr_parse(address, &ask->address);

        if (reason) {
            return api_error_input_steal("fixed_ips", reason);
        }
        ask->has_address = true;
    }
    return NULL;
}

static struct api_error *
read_asks(struct chooser *chooser, const json_t *fixed_ips)
{
    const json_t *fixed_ip;
    size_t i;

    chooser->asks = xcalloc(json_array_size(fixed_ips),
                            sizeof *chooser->asks);
    chooser->request.fixed_ips_given = json_is_array(fixed_ips);
    chooser->request.fixed_ips = chooser->asks;
    chooser->request.n_fixed_ips = json_array_size(fixed_ips);
    json_array_foreach (fixed_ips, i, fixed_ip) {
        struct api_error *error = read_ask(chooser, fixed_ip,
                                           &chooser->asks[i]);

        if (error) {
            return error;
        }
    }
    return NULL;
}

static void
read_current(struct chooser *chooser, const struct nb_row *port)
{
    const struct replica *replica = chooser->op->api->config.replica;
    size_t n_refs = port ? nb_row_n(port, NB_PORT_IP_ALLOCATIONS) : 0;
    size_t n = 0;

    chooser->current = xcalloc(n_refs, sizeof *chooser->current);
    chooser->current_addresses
        = xcalloc(n_refs, sizeof *chooser->current_addresses);
    for (size_t i = 0; i < n_refs; i++) {
        const struct uuid *id = nb_row_ref(port, NB_PORT_IP_ALLOCATIONS, i);
        const struct nb_row *row = replica_get(replica, NB_ALLOCATION, id);
        struct current *current = &chooser->current[n];
        char *error;

        if (!row) {
            continue;
        }
        error = ip_addr_parse(nb_row_string(row, NB_ALLOCATION_IP_ADDRESS),
                              &current->address.address);
        if (!error) {
            current->row = *id;
            current->address.subnet = nb_row_uuid(row, NB_ALLOCATION_SUBNET);
            chooser->current_addresses[n++] = current->address;
        }
        free(error);
    }
    chooser->request.current = chooser->current_addresses;
    chooser->request.n_current = n;
    chooser->request.update = port != NULL;
}

static void
chooser_destroy(struct chooser *chooser)
{
    for (size_t i = 0; i < chooser->request.n_subnets; i++) {
        subnet_destroy(&chooser->read[i].subnet);
        free(chooser->read[i].service_types);
    }
    free(chooser->read);
    free(chooser->subnets);
    free(chooser->asks);
    free(chooser->current);
    free(chooser->current_addresses);
}

/* The id of the row of an address that is kept. */
static struct uuid
find_row(const struct chooser *chooser, const struct port_address *address)
{
    for (size_t i = 0; i < chooser->request.n_current; i++) {
        const struct current *current = &chooser->current[i];

        if (uuid_equals(&current->address.subnet, &address->subnet)
            && ip_addr_equals(current->address.address, address->address)) {
            return current->row;
        }
    }
    OVS_NOT_REACHED();
}

static struct uuid
insert_row(struct operation *op, const struct port_address *address)
{
    char text[IP_ADDR_SIZE];
    struct nb_op *nb_op;
    struct uuid id;

    uuid_generate(&id);
    nb_op = nb_txn_insert(op->txn, NB_ALLOCATION, &id);
    nb_op_uuid(nb_op, NB_ALLOCATION_SUBNET, &address->subnet);
    nb_op_string(nb_op, NB_ALLOCATION_IP_ADDRESS,
                 ip_addr_format(address->address, text));
    operation_reserve(op, &address->subnet, address->address);
    return id;
}

static struct uuid *
write_choice(const struct chooser *chooser, const struct choice *choice)
{
    struct uuid *refs = xcalloc(choice->n_addresses, sizeof *refs);

    for (size_t i = 0; i < choice->n_addresses; i++) {
        const struct port_address *address = &choice->addresses[i];

        refs[i] = (i < choice->n_kept ? find_row(chooser, address)
                   : insert_row(chooser->op, address));
    }
    return refs;
}

struct api_error *
port_addresses_choose(struct operation *op,
                      const struct port_addresses_request *request,
                      struct uuid **refs, size_t *n_refs)
{
    struct chooser chooser = {
        .op = op,
        .request.network = *nb_row_id(request->network),
        .request.device_owner = request->device_owner,
    };
    struct api_error *error;
    struct choice choice;

    *refs = NULL;
    *n_refs = 0;
    if (!eth_addr_from_string(request->mac, &chooser.request.mac)) {
        chooser.request.mac = eth_addr_zero;
    }
    random_bytes(&chooser.request.random, sizeof chooser.request.random);
    read_subnets(&chooser, request->network);
    read_current(&chooser, request->port);
    error = read_asks(&chooser, request->fixed_ips);
    if (!error) {
        error = api_error_from_ipam(choose_addresses(&chooser.request,
                                                     &choice));
        if (!error) {
            *refs = write_choice(&chooser, &choice);
            *n_refs = choice.n_addresses;
        }
        choice_destroy(&choice);
    }
    chooser_destroy(&chooser);
    return error;
}
