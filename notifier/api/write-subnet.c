/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What a POST, PUT or DELETE of a subnet does.
 *
 * That no two subnets of a network overlap is no index of the database: so
 * whoever makes or deletes one raises the revision of its network, and of two
 * that are made at once the second is computed anew. */

#include <config.h>

#include "api/api-private.h"
#include "api/operation.h"
#include "api/record.h"
#include "api/subnet-row.h"
#include "api/subnet-values.h"
#include "api/write.h"
#include "nb/replica.h"
#include "util.h"

static struct api_error *
find_network(const struct operation *op, const json_t *values,
             const struct nb_row **network)
{
    const char *id = json_string_value(json_object_get(values, "network_id"));
    struct api_view view = operation_view(op);
    struct api_error *error = api_find_object(api_resources[API_NETWORK],
                                              &view, id, network);

    return (error ? error
            : write_owns_network(op, *network) ? NULL
            : api_forbidden("A subnet of another project's network"));
}

/* The cidrs of the other subnets of 'network', this transaction's too. */
static struct api_error *
check_overlap(const struct operation *op, const struct nb_row *network,
              struct ip_prefix cidr)
{
    const struct uuid *id = nb_row_id(network);
    struct nb_rows rows = replica_find_uuid(op->api->config.replica,
                                            NB_SUBNET_NETWORK, id);
    struct ip_prefix *cidrs = xcalloc(rows.n + op->n_cidrs, sizeof *cidrs);
    size_t n = 0;

    for (size_t i = 0; i < rows.n; i++) {
        n += subnet_row_cidr(rows.rows[i], &cidrs[n]);
    }
    for (size_t i = 0; i < op->n_cidrs; i++) {
        if (uuid_equals(&op->cidrs[i].network, id)) {
            cidrs[n++] = op->cidrs[i].cidr;
        }
    }

    char *id_text = xasprintf(UUID_FMT, UUID_ARGS(id));
    struct ipam_error *error = subnet_check_overlap(cidr, cidrs, n, id_text);
    free(id_text);
    free(cidrs);
    return api_error_from_ipam(error);
}

static void
insert_row(struct operation *op, const struct nb_row *network,
           const struct subnet *subnet, const json_t *values_)
{
    struct wait_target target = {
        .table = NB_SUBNET,
        .revision = RECORD_FIRST_REVISION,
    };
    struct nb_op *nb_op = record_insert(op, NB_SUBNET, &target.id);
    json_t *values = json_copy(CONST_CAST(json_t *, values_));

    subnet_to_values(subnet, values);
    api_store(op->resource, values, NB_SUBNET, nb_op);
    json_decref(values);
    nb_op_integer(nb_op, NB_SUBNET_IP_VERSION, subnet->cidr.addr.version);
    record_update(op, network);
    operation_add_cidr(op, nb_row_id(network), subnet->cidr);
    operation_add_object(op, &target.id, &target);
}

struct api_error *
subnet_create_row(struct operation *op, const json_t *values)
{
    const struct nb_row *network;
    struct api_error *error = find_network(op, values, &network);
    struct subnet_request request;
    struct subnet subnet;

    if (error) {
        return error;
    }
    subnet_request_from_values(values, &request);
    error = api_error_from_ipam(subnet_create(&request, &subnet));
    if (!error) {
        error = check_overlap(op, network, subnet.cidr);
    }
    if (!error) {
        insert_row(op, network, &subnet, values);
    }
    subnet_request_destroy(&request);
    subnet_destroy(&subnet);
    return error;
}

static void
update_row(struct operation *op, const struct nb_row *row,
           const struct subnet *subnet, const json_t *values_)
{
    struct wait_target target = {
        .table = NB_SUBNET,
        .id = *nb_row_id(row),
        .revision = record_revision(row) + 1,
    };
    json_t *values = json_copy(CONST_CAST(json_t *, values_));

    subnet_to_values(subnet, values);
    api_store(op->resource, values, NB_SUBNET, record_update(op, row));
    json_decref(values);
    operation_add_object(op, &target.id, &target);
}

struct api_error *
subnet_update_row(struct operation *op, const struct nb_row *row,
                  const json_t *values)
{
    struct subnet_request request;
    struct api_error *error;
    struct subnet old, new;

    if (!subnet_row_read(row, &old)) {
        return api_error(500, NULL, "The cidr of subnet "UUID_FMT" cannot be "
                         "read: \"%s\".", UUID_ARGS(nb_row_id(row)),
                         nb_row_string(row, NB_SUBNET_CIDR));
    }
    subnet_request_from_values(values, &request);
    error = api_error_from_ipam(subnet_update(&old, &request, &new));
    if (!error) {
        update_row(op, row, &new, values);
    }
    subnet_request_destroy(&request);
    subnet_destroy(&old);
    subnet_destroy(&new);
    return error;
}

struct api_error *
subnet_delete(struct operation *op, const struct nb_row *row)
{
    const struct replica *replica = op->api->config.replica;
    struct wait_target target = {
        .table = NB_SUBNET,
        .id = *nb_row_id(row),
        .deleted = true,
    };
    struct uuid network_id = nb_row_uuid(row, NB_SUBNET_NETWORK);
    const struct nb_row *network = replica_get(replica, NB_NETWORK,
                                               &network_id);

    if (replica_find_uuid(replica, NB_ALLOCATION_SUBNET, &target.id).n) {
        return api_error(409, "SubnetInUse", "Unable to complete operation on "
                         "subnet "UUID_FMT": One or more ports have an IP "
                         "allocation from this subnet.",
                         UUID_ARGS(&target.id));
    }
    record_delete(op, row);
    if (network) {
        record_update(op, network);
    }
    operation_add_object(op, &target.id, &target);
    return NULL;
}
