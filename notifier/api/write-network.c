/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What a POST, PUT or DELETE of a network does. */

#include <config.h>

#include <string.h>

#include "api/api-private.h"
#include "api/global.h"
#include "api/operation.h"
#include "api/record.h"
#include "api/segment.h"
#include "api/write.h"
#include "lib/nb-rules.h"
#include "nb/replica.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Ports that the refusal of a deletion names. */
#define MAX_PORTS_NAMED 100

/* Puts into '*mtu' what a network of that type, NULL for a local one, has:
 * what 'values' say, if it fits, otherwise the most that does. */
static struct api_error *
choose_mtu(const struct operation *op, const json_t *values,
           const char *network_type, int *mtu)
{
    struct nb_options options = global_options(op->api->config.replica);
    const json_t *given = json_object_get(values, "mtu");
    char *reason = nb_options_max_mtu(&options, network_type, mtu);

    if (reason) {
        return global_error(reason);
    }
    if (json_is_integer(given)) {
        if (json_integer_value(given) > *mtu) {
            return api_error(400, "InvalidInput", "Invalid input for "
                             "operation: Requested MTU is too big, maximum "
                             "is %d.", *mtu);
        }
        *mtu = json_integer_value(given);
    }
    return NULL;
}

static void
insert_network(struct operation *op, const json_t *values,
               const struct nb_segment *segment, int mtu)
{
    struct wait_target target = {
        .table = NB_NETWORK,
        .revision = RECORD_FIRST_REVISION,
    };
    struct nb_op *nb_op = record_insert(op, NB_NETWORK, &target.id);

    api_store(op->resource, values, NB_NETWORK, nb_op);
    nb_op_integer(nb_op, NB_NETWORK_MTU, mtu);
    segment_insert(op, segment, nb_op);
    operation_add_object(op, &target.id, &target);
}

struct api_error *
network_create(struct operation *op, const json_t *values)
{
    struct nb_segment segment;
    struct api_error *error = segment_choose(op, values, &segment);
    int mtu;

    if (!error) {
        error = choose_mtu(op, values, segment.network_type, &mtu);
    }
    if (!error) {
        insert_network(op, values, &segment, mtu);
    }
    return error;
}

/* Refuses an MTU in 'values' that does not fit the network of 'row'. */
static struct api_error *
check_mtu(const struct operation *op, const struct nb_row *row,
          const json_t *values)
{
    struct uuid id = nb_row_uuid(row, NB_NETWORK_SEGMENT);
    const struct nb_row *segment = replica_get(op->api->config.replica,
                                               NB_SEGMENT, &id);
    const char *type = (segment
                        ? nb_row_string(segment, NB_SEGMENT_NETWORK_TYPE)
                        : NULL);
    int mtu;

    return (json_object_get(values, "mtu")
            ? choose_mtu(op, values, type, &mtu) : NULL);
}

/* A network that others have ports on must remain shared. */
static struct api_error *
check_unshare(const struct operation *op, const struct nb_row *row)
{
    const char *project = nb_row_string(row, NB_NETWORK_PROJECT_ID);
    struct nb_rows ports = replica_find_uuid(op->api->config.replica,
                                             NB_PORT_NETWORK, nb_row_id(row));

    for (size_t i = 0; i < ports.n; i++) {
        if (strcmp(nb_row_string(ports.rows[i], NB_PORT_PROJECT_ID),
                   project)) {
            return api_error(409, "InvalidSharedSetting", "Unable to "
                             "reconfigure sharing settings for network "
                             UUID_FMT". Multiple tenants are using it.",
                             UUID_ARGS(nb_row_id(row)));
        }
    }
    return NULL;
}

struct api_error *
network_update(struct operation *op, const struct nb_row *row,
               const json_t *values)
{
    struct wait_target target = {
        .table = NB_NETWORK,
        .id = *nb_row_id(row),
        .revision = record_revision(row) + 1,
    };
    struct api_error *error = check_mtu(op, row, values);

    if (!error && json_is_false(json_object_get(values, "shared"))
        && nb_row_bool(row, NB_NETWORK_SHARED)) {
        error = check_unshare(op, row);
    }
    if (error) {
        return error;
    }
    api_store(op->resource, values, NB_NETWORK, record_update(op, row));
    operation_add_object(op, &target.id, &target);
    return NULL;
}

static struct api_error *
network_in_use(const struct nb_row *row, struct nb_rows ports)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct api_error *error;

    for (size_t i = 0; i < ports.n && i < MAX_PORTS_NAMED; i++) {
        ds_put_format(&s, "%s"UUID_FMT, i ? "," : "",
                      UUID_ARGS(nb_row_id(ports.rows[i])));
    }
    if (ports.n > MAX_PORTS_NAMED) {
        ds_put_format(&s, " and %"PRIuSIZE" more", ports.n - MAX_PORTS_NAMED);
    }
    error = api_error(409, "NetworkInUse", "Unable to complete operation on "
                      "network "UUID_FMT". There are one or more ports still "
                      "in use on the network, id for these ports is: %s.",
                      UUID_ARGS(nb_row_id(row)), ds_cstr(&s));
    ds_destroy(&s);
    return error;
}

struct api_error *
network_delete(struct operation *op, const struct nb_row *row)
{
    const struct replica *replica = op->api->config.replica;
    struct wait_target target = {
        .table = NB_NETWORK,
        .id = *nb_row_id(row),
        .deleted = true,
    };
    struct nb_rows ports = replica_find_uuid(replica, NB_PORT_NETWORK,
                                             &target.id);
    struct nb_rows subnets = replica_find_uuid(replica, NB_SUBNET_NETWORK,
                                               &target.id);

    if (ports.n) {
        return network_in_use(row, ports);
    }
    for (size_t i = 0; i < subnets.n; i++) {
        record_delete(op, subnets.rows[i]);
    }
    record_delete(op, row);
    operation_add_object(op, &target.id, &target);
    return NULL;
}
