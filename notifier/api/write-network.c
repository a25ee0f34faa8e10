/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What a POST, PUT or DELETE of a network does.
 *
 * What carries the network is a Segment row of its own, whose columns are
 * unique together: of two networks that ask for one VLAN the database refuses
 * the second, and only then is it looked for which one has it. */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "api/api-private.h"
#include "api/operation.h"
#include "api/record.h"
#include "api/write.h"
#include "lib/nb-rules.h"
#include "nb/replica.h"
#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "util.h"

/* Default MTU: what Ethernet carries, less what a tunnel over IPv4 adds (IP,
 * UDP, its own header, the inner Ethernet header). */
#define MTU_ETHERNET 1500
#define MTU_VXLAN (MTU_ETHERNET - 20 - 8 - 8 - 14)
#define MTU_GENEVE (MTU_VXLAN - 8) /* Room for 8 bytes of options. */

/* Ports that the refusal of a deletion names. */
#define MAX_PORTS_NAMED 100

/* The text of a string or integer in 'values', for the caller to free; NULL if
 * it is not given, or null. */
static char *
get_text(const json_t *values, const char *name)
{
    const json_t *value = json_object_get(values, name);

    return (json_is_string(value) ? xstrdup(json_string_value(value))
            : json_is_integer(value)
            ? xasprintf("%"PRId64, (int64_t) json_integer_value(value))
            : NULL);
}

/* Fills 'segment', whose physical_network is for the caller to free. */
static struct api_error *
parse_segment(const json_t *values, struct nb_segment *segment)
{
    char *type = get_text(values, "provider:network_type");
    char *physnet = get_text(values, "provider:physical_network");
    char *id = get_text(values, "provider:segmentation_id");
    struct api_error *error;

    if (!id && type && (!strcmp(type, "vxlan") || !strcmp(type, "geneve"))) {
        /* Any: where it is taken, the next try has another. */
        id = xasprintf("%"PRIu32, random_uint32() % NB_VNI_MAX + 1);
    }
    char *reason = nb_segment_from_strings(type, physnet, id, segment);
    error = (reason ? api_error(400, "InvalidInput", "Invalid input for "
                                "operation: %s.", reason) : NULL);
    segment->physical_network = xstrdup(error ? ""
                                        : segment->physical_network);
    free(reason);
    free(type);
    free(physnet);
    free(id);
    return error;
}

static bool
is_segment(const struct nb_row *row, const struct nb_segment *segment)
{
    return (nb_row_integer(row, NB_SEGMENT_SEGMENTATION_ID)
            == segment->segmentation_id
            && !strcmp(nb_row_string(row, NB_SEGMENT_NETWORK_TYPE),
                       segment->network_type)
            && !strcmp(nb_row_string(row, NB_SEGMENT_PHYSICAL_NETWORK),
                       segment->physical_network));
}

static bool
is_segment_in_use(const struct operation *op,
                  const struct nb_segment *segment)
{
    const struct replica *replica = op->api->config.replica;
    const struct nb_row **rows = replica_rows(replica, NB_SEGMENT);
    size_t n = replica_count(replica, NB_SEGMENT);
    bool found = false;

    for (size_t i = 0; !found && i < n; i++) {
        found = is_segment(rows[i], segment);
    }
    free(rows);
    return found;
}

static struct api_error *
segment_in_use(const struct nb_segment *segment)
{
    if (!strcmp(segment->network_type, "flat")) {
        return api_error(409, "FlatNetworkInUse", "Unable to create the flat "
                         "network. Physical network %s is in use.",
                         segment->physical_network);
    } else if (!strcmp(segment->network_type, "vlan")) {
        return api_error(409, "VlanIdInUse", "Unable to create the network. "
                         "The VLAN %"PRId64" on physical network %s is in "
                         "use.", segment->segmentation_id,
                         segment->physical_network);
    }
    return api_error(409, "TunnelIdInUse", "Unable to create the network. The "
                     "tunnel ID %"PRId64" is in use.",
                     segment->segmentation_id);
}

static struct api_error *
check_segment(struct operation *op, const struct nb_segment *segment,
              bool chosen_here)
{
    bool unique = operation_add_unique(
        op, xasprintf("segment %s %"PRId64" %s", segment->network_type,
                      segment->segmentation_id, segment->physical_network));

    if (!chosen_here
        && (!unique || (op->duplicate == NB_SEGMENT
                        && is_segment_in_use(op, segment)))) {
        return segment_in_use(segment);
    }
    return NULL;
}

static void
insert_segment(struct operation *op, const struct nb_segment *segment,
               struct nb_op *network)
{
    struct uuid id;
    struct nb_op *nb_op;

    uuid_generate(&id);
    nb_op = nb_txn_insert(op->txn, NB_SEGMENT, &id);
    nb_op_string(nb_op, NB_SEGMENT_NETWORK_TYPE, segment->network_type);
    nb_op_string(nb_op, NB_SEGMENT_PHYSICAL_NETWORK,
                 segment->physical_network);
    nb_op_integer(nb_op, NB_SEGMENT_SEGMENTATION_ID,
                  segment->segmentation_id);
    nb_op_uuid(network, NB_NETWORK_SEGMENT, &id);
}

static int64_t
default_mtu(const struct nb_segment *segment)
{
    const char *type = segment->network_type;

    return (!type ? MTU_ETHERNET
            : !strcmp(type, "vxlan") ? MTU_VXLAN
            : !strcmp(type, "geneve") ? MTU_GENEVE
            : MTU_ETHERNET);
}

static void
insert_network(struct operation *op, const json_t *values,
               const struct nb_segment *segment)
{
    struct wait_target target = {
        .table = NB_NETWORK,
        .revision = RECORD_FIRST_REVISION,
    };
    struct nb_op *nb_op = record_insert(op, NB_NETWORK, &target.id);

    if (!json_is_integer(json_object_get(values, "mtu"))) {
        nb_op_integer(nb_op, NB_NETWORK_MTU, default_mtu(segment));
    }
    api_store(op->resource, values, NB_NETWORK, nb_op);
    if (segment->network_type) {
        insert_segment(op, segment, nb_op);
    }
    operation_add_object(op, &target.id, &target);
}

struct api_error *
network_create(struct operation *op, const json_t *values)
{
    bool chosen_here = !json_is_integer(
        json_object_get(values, "provider:segmentation_id"));
    struct nb_segment segment;
    struct api_error *error = parse_segment(values, &segment);

    if (!error && segment.network_type) {
        chosen_here &= segment.segmentation_id != 0;
        error = check_segment(op, &segment, chosen_here);
    }
    if (!error) {
        insert_network(op, values, &segment);
    }
    free(CONST_CAST(char *, segment.physical_network));
    return error;
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

    if (json_is_false(json_object_get(values, "shared"))
        && nb_row_bool(row, NB_NETWORK_SHARED)) {
        struct api_error *error = check_unshare(op, row);

        if (error) {
            return error;
        }
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
