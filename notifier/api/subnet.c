/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The attributes of a subnet, and how its columns hold them: a pool as
 * "FIRST-LAST", a route as "DESTINATION NEXTHOP", name servers with commas
 * between them.  A text in the database that is not of its form is shown as
 * far as it can be taken apart. */

#include <config.h>

#include "api/tables.h"

#include <stdlib.h>
#include <string.h>

#include "ipam/address.h"
#include "nb/row.h"
#include "nb/write.h"
#include "openvswitch/dynamic-string.h"
#include "svec.h"
#include "util.h"

static const char *const ip_versions[] = { "4", "6", NULL };
static const char *const ipv6_modes[] = {
    "slaac", "dhcpv6-stateful", "dhcpv6-stateless", NULL
};

/* An object of the two parts of 's' around 'separator'. */
static json_t *
split(const char *s, char separator, const char *first, const char *second)
{
    size_t len = strcspn(s, (char[]) { separator, '\0' });

    return json_pack("{s:s%,s:s}", first, s, len,
                     second, s + len + (s[len] != '\0'));
}

/* Sets 'column' to strings "FIRST SEPARATOR SECOND", one an element. */
static void
store_joined(struct nb_op *op, enum nb_column column, const json_t *value,
             char separator, const char *first, const char *second)
{
    struct svec strings = SVEC_EMPTY_INITIALIZER;
    const json_t *element;
    size_t i;

    json_array_foreach (value, i, element) {
        svec_add_nocopy(
            &strings,
            xasprintf("%s%c%s",
                      json_string_value(json_object_get(element, first)),
                      separator,
                      json_string_value(json_object_get(element, second))));
    }
    nb_op_strings(op, column, &strings);
    svec_destroy(&strings);
}

struct shown_pool {
    struct ip_range range;
    bool parsed;
    const char *text;
};

static int
compare_pools(const void *a_, const void *b_)
{
    const struct shown_pool *a = a_;
    const struct shown_pool *b = b_;

    return (a->parsed && b->parsed
            ? ip_addr_compare(a->range.first, b->range.first)
            : a->parsed != b->parsed ? b->parsed - a->parsed
            : strcmp(a->text, b->text));
}

/* In the order of addresses; the column is in that of text. */
static json_t *
show_pools(const struct api_view *view OVS_UNUSED, const struct nb_row *row)
{
    size_t n = nb_row_n(row, NB_SUBNET_ALLOCATION_POOLS);
    struct shown_pool *pools = xmalloc(n * sizeof *pools);
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++) {
        pools[i].text = nb_row_key(row, NB_SUBNET_ALLOCATION_POOLS, i);
        char *error = ip_range_parse(pools[i].text, &pools[i].range);
        pools[i].parsed = !error;
        free(error);
    }
    qsort(pools, n, sizeof *pools, compare_pools);
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(array, split(pools[i].text, '-', "start",
                                           "end"));
    }
    free(pools);
    return array;
}

static void
store_pools(struct nb_op *op, enum nb_column column, const json_t *value)
{
    store_joined(op, column, value, '-', "start", "end");
}

static json_t *
show_routes(const struct api_view *view OVS_UNUSED, const struct nb_row *row)
{
    size_t n = nb_row_n(row, NB_SUBNET_HOST_ROUTES);
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++) {
        json_array_append_new(
            array, split(nb_row_key(row, NB_SUBNET_HOST_ROUTES, i), ' ',
                         "destination", "nexthop"));
    }
    return array;
}

static void
store_routes(struct nb_op *op, enum nb_column column, const json_t *value)
{
    store_joined(op, column, value, ' ', "destination", "nexthop");
}

static json_t *
show_nameservers(const struct api_view *view OVS_UNUSED,
                 const struct nb_row *row)
{
    const char *s = nb_row_string(row, NB_SUBNET_DNS_NAMESERVERS);
    json_t *array = json_array();

    while (*s) {
        size_t len = strcspn(s, ",");

        if (len) {
            json_array_append_new(array, json_stringn_nocheck(s, len));
        }
        s += len + (s[len] != '\0');
    }
    return array;
}

static void
store_nameservers(struct nb_op *op, enum nb_column column,
                  const json_t *value)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const json_t *element;
    size_t i;

    json_array_foreach (value, i, element) {
        ds_put_format(&s, "%s%s", i ? "," : "", json_string_value(element));
    }
    nb_op_string(op, column, ds_cstr(&s));
    ds_destroy(&s);
}

static const struct api_attr attrs[] = {
    API_ATTR_ID,
    API_ATTR_NAME(NB_SUBNET_NAME),
    API_ATTR_TENANT_ID(NB_SUBNET_PROJECT_ID),
    { .name = "network_id", .type = API_UUID, .column = NB_SUBNET_NETWORK,
      .flags = API_POST | API_REQUIRED | API_FILTER | API_SORT },
    { .name = "ip_version", .type = API_INTEGER,
      .column = NB_SUBNET_IP_VERSION,
      .flags = API_POST | API_REQUIRED | API_FILTER | API_SORT,
      .choices = ip_versions },
    API_ATTR_CONSTANT("subnetpool_id", API_COMPUTED, "null"),
    { .name = "enable_dhcp", .type = API_BOOLEAN,
      .column = NB_SUBNET_ENABLE_DHCP,
      .flags = API_POST | API_PUT | API_FILTER | API_SORT,
      .initial = "true" },
    { .name = "ipv6_ra_mode", .type = API_STRING,
      .column = NB_SUBNET_IPV6_RA_MODE,
      .flags = API_POST | API_NULLABLE | API_FILTER | API_SORT,
      .choices = ipv6_modes, .initial = "null" },
    { .name = "ipv6_address_mode", .type = API_STRING,
      .column = NB_SUBNET_IPV6_ADDRESS_MODE,
      .flags = API_POST | API_NULLABLE | API_FILTER | API_SORT,
      .choices = ipv6_modes, .initial = "null" },

    /* Not given: the first address; null: none. */
    { .name = "gateway_ip", .type = API_IP, .column = NB_SUBNET_GATEWAY_IP,
      .flags = (API_POST | API_PUT | API_NULLABLE | API_FILTER
                | API_SORT) },
    { .name = "cidr", .type = API_CIDR, .column = NB_SUBNET_CIDR,
      .flags = API_POST | API_REQUIRED | API_FILTER | API_SORT },

    /* Not given: all but the gateway's. */
    { .name = "allocation_pools", .type = API_POOLS,
      .column = NB_SUBNET_ALLOCATION_POOLS, .flags = API_POST | API_PUT,
      .show = show_pools, .store = store_pools },
    { .name = "host_routes", .type = API_ROUTES,
      .column = NB_SUBNET_HOST_ROUTES,
      .flags = API_POST | API_PUT | API_NULL_IS_EMPTY, .initial = "[]",
      .show = show_routes, .store = store_routes },
    { .name = "dns_nameservers", .type = API_ADDRESSES,
      .column = NB_SUBNET_DNS_NAMESERVERS,
      .flags = API_POST | API_PUT | API_NULL_IS_EMPTY, .initial = "[]",
      .show = show_nameservers, .store = store_nameservers },
    API_ATTR_DESCRIPTION(NB_SUBNET_DESCRIPTION),
    { .name = "service_types", .type = API_STRINGS,
      .column = NB_SUBNET_SERVICE_TYPES, .alias = "subnet-service-types",
      .flags = API_POST | API_PUT | API_NULL_IS_EMPTY, .initial = "[]" },
    API_ATTR_TAGS(NB_SUBNET_TAGS),
    API_ATTR_RECORD(SUBNET),
    API_ATTR_PROJECT_ID(NB_SUBNET_PROJECT_ID),
    API_ATTR_EXTERNAL_IDS(NB_SUBNET_EXTERNAL_IDS),
};

const struct api_resource api_subnet_resource = {
    .kind = API_SUBNET,
    .name = "subnet",
    .plural = "subnets",
    .title = "Subnet",
    .not_found = "SubnetNotFound",
    .in_use = "SubnetInUse",
    .table = NB_SUBNET,
    .project = NB_SUBNET_PROJECT_ID,
    .attrs = attrs,
    .n_attrs = ARRAY_SIZE(attrs),
};
