/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Segments of new networks.  See segment.h. */

#include <config.h>

#include "api/segment.h"

#include <inttypes.h>
#include <string.h>

#include "api/api-private.h"
#include "api/global.h"
#include "api/operation.h"
#include "lib/nb-options.h"
#include "lib/nb-rules.h"
#include "lib/nb-vni.h"
#include "nb/replica.h"
#include "openvswitch/shash.h"
#include "random.h"
#include "util.h"

/* The VNIs of a network_type, for all networks that an operation makes. */
struct segment_pool {
    struct nb_vni_pool *vnis;
    bool exact;                 /* What the replica has was taken out. */
};

static const char *
get_string(const json_t *values, const char *name)
{
    return json_string_value(json_object_get(values, name));
}

static struct api_error *
parse(const struct operation *op, const json_t *values,
      struct nb_segment *segment)
{
    struct nb_options options = global_options(op->api->config.replica);
    const char *type = get_string(values, "provider:network_type");
    const char *physnet = get_string(values, "provider:physical_network");
    const json_t *id = json_object_get(values, "provider:segmentation_id");
    char *text = (json_is_integer(id)
                  ? xasprintf("%"PRId64, (int64_t) json_integer_value(id))
                  : NULL);
    char *reason = nb_options_segment(&options, type, physnet, text, segment);
    bool asked = type || physnet || text;
    struct api_error *error
        = (!reason ? NULL
           : !asked ? global_error(xstrdup(reason))
           : api_error(400, "InvalidInput", "Invalid input for operation: "
                       "%s.", reason));

    free(text);
    free(reason);
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
is_in_use(const struct operation *op, const struct nb_segment *segment)
{
    struct nb_rows found = replica_find_integer(op->api->config.replica,
                                                NB_SEGMENT_SEGMENTATION_ID,
                                                segment->segmentation_id);

    for (size_t i = 0; i < found.n; i++) {
        if (is_segment(found.rows[i], segment)) {
            return true;
        }
    }
    return false;
}

/* Notes that the operation makes 'segment'; false if it does already. */
static bool
claim(struct operation *op, const struct nb_segment *segment)
{
    return operation_add_unique(
        op, xasprintf("segment %s %"PRId64" %s", segment->network_type,
                      segment->segmentation_id, segment->physical_network));
}

static struct api_error *
in_use(const struct nb_segment *segment)
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
check_free(struct operation *op, const struct nb_segment *segment)
{
    return (!claim(op, segment)
            || (op->duplicate == NB_SEGMENT && is_in_use(op, segment))
            ? in_use(segment) : NULL);
}

static struct api_error *
get_pool(struct operation *op, const char *network_type,
         struct segment_pool **poolp)
{
    struct segment_pool *pool = shash_find_data(&op->segment_pools,
                                                network_type);

    if (!pool) {
        struct nb_options options = global_options(op->api->config.replica);
        struct nb_vni_pool *vnis;
        char *reason = nb_options_vni_pool(&options, network_type, &vnis);

        if (reason) {
            return global_error(reason);
        }
        pool = xzalloc(sizeof *pool);
        pool->vnis = vnis;
        shash_add(&op->segment_pools, network_type, pool);
    }
    *poolp = pool;
    return NULL;
}

void
segment_pools_clear(struct shash *pools)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, pools) {
        struct segment_pool *pool = node->data;
        nb_vni_pool_destroy(pool->vnis);
    }
    shash_clear_free_data(pools);
}

/* Takes out of 'pool' what networks of that type have. */
static void
make_exact(const struct operation *op, struct segment_pool *pool,
           const char *network_type)
{
    const struct replica *replica = op->api->config.replica;
    const struct nb_row **rows = replica_rows(replica, NB_SEGMENT);
    size_t n = replica_count(replica, NB_SEGMENT);

    for (size_t i = 0; i < n; i++) {
        if (!strcmp(nb_row_string(rows[i], NB_SEGMENT_NETWORK_TYPE),
                    network_type)) {
            nb_vni_pool_remove(pool->vnis, nb_row_integer(
                                   rows[i], NB_SEGMENT_SEGMENTATION_ID));
        }
    }
    free(rows);
    pool->exact = true;
}

static bool
guess_vni(struct operation *op, const struct segment_pool *pool,
          struct nb_segment *segment)
{
    uint32_t seed = random_uint32();

    for (unsigned int i = 0; i < NB_VNI_GUESSES; i++) {
        segment->segmentation_id = nb_vni_pool_guess(pool->vnis, seed, i);
        if (!is_in_use(op, segment) && claim(op, segment)) {
            return true;
        }
    }
    return false;
}

static struct api_error *
choose_vni(struct operation *op, struct nb_segment *segment)
{
    struct segment_pool *pool = NULL;
    struct api_error *error = get_pool(op, segment->network_type, &pool);

    if (error) {
        return error;
    }
    if (!pool->exact) {
        if (guess_vni(op, pool, segment)) {
            return NULL;
        }
        make_exact(op, pool, segment->network_type);
    }
    do {
        segment->segmentation_id = nb_vni_pool_take(pool->vnis,
                                                    random_uint32());
        if (!segment->segmentation_id) {
            return api_error(503, "NoNetworkAvailable", "Unable to create the "
                             "network. No tenant network is available for "
                             "allocation.");
        }
    } while (!claim(op, segment));
    return NULL;
}

struct api_error *
segment_choose(struct operation *op, const json_t *values,
               struct nb_segment *segment)
{
    struct api_error *error = parse(op, values, segment);

    if (error || !segment->network_type) {
        return error;
    }
    return (segment->segmentation_id
            || !nb_network_type_is_overlay(segment->network_type)
            ? check_free(op, segment)
            : choose_vni(op, segment));
}

void
segment_insert(struct operation *op, const struct nb_segment *segment,
               struct nb_op *network)
{
    struct uuid id;
    struct nb_op *nb_op;

    if (!segment->network_type) {
        return;
    }
    uuid_generate(&id);
    nb_op = nb_txn_insert(op->txn, NB_SEGMENT, &id);
    nb_op_string(nb_op, NB_SEGMENT_NETWORK_TYPE, segment->network_type);
    nb_op_string(nb_op, NB_SEGMENT_PHYSICAL_NETWORK,
                 segment->physical_network);
    nb_op_integer(nb_op, NB_SEGMENT_SEGMENTATION_ID,
                  segment->segmentation_id);
    nb_op_uuid(network, NB_NETWORK_SEGMENT, &id);
}
