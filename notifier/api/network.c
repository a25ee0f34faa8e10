/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The attributes of a network. */

#include <config.h>

#include "api/tables.h"

#include <stdlib.h>

#include "lib/nb-rules.h"
#include "nb/replica.h"
#include "nb/row.h"
#include "util.h"
#include "uuid.h"

static const char *const network_types[] = {
    "local", "flat", "vlan", "vxlan", "geneve", NULL
};

static const struct nb_row *
get_segment(const struct api_view *view, const struct nb_row *row)
{
    struct uuid segment = nb_row_uuid(row, NB_NETWORK_SEGMENT);

    return replica_get(view->replica, NB_SEGMENT, &segment);
}

static json_t *
show_network_type(const struct api_view *view, const struct nb_row *row)
{
    const struct nb_row *segment = get_segment(view, row);

    return json_string_nocheck(segment
                               ? nb_row_string(segment,
                                               NB_SEGMENT_NETWORK_TYPE)
                               : "local");
}

static json_t *
show_physical_network(const struct api_view *view, const struct nb_row *row)
{
    const struct nb_row *segment = get_segment(view, row);
    const char *name = (segment
                        ? nb_row_string(segment, NB_SEGMENT_PHYSICAL_NETWORK)
                        : "");

    return *name ? json_string_nocheck(name) : json_null();
}

static json_t *
show_segmentation_id(const struct api_view *view, const struct nb_row *row)
{
    const struct nb_row *segment = get_segment(view, row);
    int64_t id = (segment
                  ? nb_row_integer(segment, NB_SEGMENT_SEGMENTATION_ID)
                  : 0);

    return id ? json_integer(id) : json_null();
}

static int
compare_ids(const void *a_, const void *b_)
{
    const struct nb_row *const *a = a_;
    const struct nb_row *const *b = b_;

    return uuid_compare_3way(nb_row_id(*a), nb_row_id(*b));
}

/* Sorted: the index has them in no order, and equal objects are to be equal
 * texts. */
static json_t *
show_subnets(const struct api_view *view, const struct nb_row *row)
{
    struct nb_rows found = replica_find_uuid(view->replica,
                                             NB_SUBNET_NETWORK,
                                             nb_row_id(row));
    json_t *subnets = json_array();

    if (found.n) {
        const struct nb_row **sorted = xmemdup(found.rows,
                                               found.n * sizeof *sorted);

        qsort(sorted, found.n, sizeof *sorted, compare_ids);
        for (size_t i = 0; i < found.n; i++) {
            json_array_append_new(subnets,
                                  api_show_uuid(nb_row_id(sorted[i])));
        }
        free(sorted);
    }
    return subnets;
}

static const struct api_attr attrs[] = {
    API_ATTR_ID,
    API_ATTR_NAME(NB_NETWORK_NAME),
    API_ATTR_TENANT_ID(NB_NETWORK_PROJECT_ID),
    API_ATTR_ADMIN_STATE_UP(NB_NETWORK_ADMIN_STATE_UP),

    /* The default, which is also the most, depends on the network's type. */
    { .name = "mtu", .type = API_INTEGER, .column = NB_NETWORK_MTU,
      .flags = API_POST | API_PUT | API_FILTER | API_SORT,
      .alias = "net-mtu", .min = NB_MTU_MIN, .max = NB_MTU_MAX },
    { .name = "status", .type = API_COMPUTED, .column = NB_N_COLUMNS,
      .flags = API_CONSTANT | API_FILTER, .initial = "\"ACTIVE\"" },
    { .name = "subnets", .type = API_COMPUTED, .column = NB_N_COLUMNS,
      .show = show_subnets },
    { .name = "shared", .type = API_BOOLEAN, .column = NB_NETWORK_SHARED,
      .flags = (API_POST | API_PUT | API_FILTER | API_SORT
                | API_ADMIN_SET),
      .initial = "false" },
    API_ATTR_CONSTANT("availability_zone_hints", API_STRINGS, "[]"),
    API_ATTR_CONSTANT("availability_zones", API_STRINGS, "[]"),
    API_ATTR_CONSTANT("ipv4_address_scope", API_COMPUTED, "null"),
    API_ATTR_CONSTANT("ipv6_address_scope", API_COMPUTED, "null"),
    API_ATTR_CONSTANT("router:external", API_BOOLEAN, "false"),
    API_ATTR_DESCRIPTION(NB_NETWORK_DESCRIPTION),
    API_ATTR_TAGS(NB_NETWORK_TAGS),
    API_ATTR_RECORD(NETWORK),
    API_ATTR_PROJECT_ID(NB_NETWORK_PROJECT_ID),

    /* In the Segment row. */
    { .name = "provider:network_type", .type = API_STRING,
      .column = NB_N_COLUMNS, .alias = "provider",
      .flags = (API_POST | API_FILTER | API_SORT | API_NULLABLE
                | API_ADMIN_SET | API_ADMIN_SEE),
      .choices = network_types, .show = show_network_type },
    { .name = "provider:physical_network", .type = API_STRING,
      .column = NB_N_COLUMNS, .alias = "provider",
      .flags = (API_POST | API_FILTER | API_SORT | API_NULLABLE
                | API_ADMIN_SET | API_ADMIN_SEE),
      .show = show_physical_network },
    { .name = "provider:segmentation_id", .type = API_INTEGER,
      .column = NB_N_COLUMNS, .alias = "provider",
      .flags = (API_POST | API_FILTER | API_SORT | API_NULLABLE
                | API_ADMIN_SET | API_ADMIN_SEE),
      .show = show_segmentation_id },
    API_ATTR_EXTERNAL_IDS(NB_NETWORK_EXTERNAL_IDS),
};

const struct api_resource api_network_resource = {
    .kind = API_NETWORK,
    .name = "network",
    .plural = "networks",
    .title = "Network",
    .not_found = "NetworkNotFound",
    .in_use = "NetworkInUse",
    .table = NB_NETWORK,
    .project = NB_NETWORK_PROJECT_ID,
    .attrs = attrs,
    .n_attrs = ARRAY_SIZE(attrs),
};
