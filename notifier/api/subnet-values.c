/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Subnets in and out of JSON.  See subnet-values.h. */

#include <config.h>

#include "api/subnet-values.h"

#include <string.h>

#include "util.h"

static const char *
get_string(const json_t *values, const char *name)
{
    return json_string_value(json_object_get(values, name));
}

static void
get_pools(const json_t *values, struct subnet_request *request)
{
    const json_t *pools = json_object_get(values, "allocation_pools");
    struct subnet_pool_text *texts;
    const json_t *pool;
    size_t i;

    request->pools_given = json_is_array(pools);
    request->n_pools = json_array_size(pools);
    request->pools = texts = xcalloc(request->n_pools, sizeof *texts);
    json_array_foreach (pools, i, pool) {
        texts[i].start = get_string(pool, "start");
        texts[i].end = get_string(pool, "end");
    }
}

static void
get_nameservers(const json_t *values, struct subnet_request *request)
{
    const json_t *servers = json_object_get(values, "dns_nameservers");
    const json_t *server;
    const char **texts;
    size_t i;

    request->dns_nameservers_given = json_is_array(servers);
    request->n_dns_nameservers = json_array_size(servers);
    texts = xcalloc(request->n_dns_nameservers, sizeof *texts);
    request->dns_nameservers = texts;
    json_array_foreach (servers, i, server) {
        texts[i] = json_string_value(server);
    }
}

static void
get_routes(const json_t *values, struct subnet_request *request)
{
    const json_t *routes = json_object_get(values, "host_routes");
    struct subnet_route_text *texts;
    const json_t *route;
    size_t i;

    request->host_routes_given = json_is_array(routes);
    request->n_host_routes = json_array_size(routes);
    texts = xcalloc(request->n_host_routes, sizeof *texts);
    request->host_routes = texts;
    json_array_foreach (routes, i, route) {
        texts[i].destination = get_string(route, "destination");
        texts[i].nexthop = get_string(route, "nexthop");
    }
}

void
subnet_request_from_values(const json_t *values,
                           struct subnet_request *request)
{
    const json_t *enable_dhcp = json_object_get(values, "enable_dhcp");

    *request = (struct subnet_request) {
        .cidr = get_string(values, "cidr"),
        .ip_version = json_integer_value(json_object_get(values,
                                                         "ip_version")),
        .ipv6_ra_mode = get_string(values, "ipv6_ra_mode"),
        .ipv6_address_mode = get_string(values, "ipv6_address_mode"),
        .gateway_given = json_object_get(values, "gateway_ip") != NULL,
        .gateway_ip = get_string(values, "gateway_ip"),
        .enable_dhcp_given = enable_dhcp != NULL,
        .enable_dhcp = json_is_true(enable_dhcp),
    };
    get_pools(values, request);
    get_nameservers(values, request);
    get_routes(values, request);
}

void
subnet_request_destroy(struct subnet_request *request)
{
    free(CONST_CAST(struct subnet_pool_text *, request->pools));
    free(CONST_CAST(const char **, request->dns_nameservers));
    free(CONST_CAST(struct subnet_route_text *, request->host_routes));
}

static json_t *
address_to_json(struct ip_addr address)
{
    char s[IP_ADDR_SIZE];

    return json_string(ip_addr_format(address, s));
}

void
subnet_to_values(const struct subnet *subnet, json_t *values)
{
    json_t *pools = json_array();
    char cidr[IP_PREFIX_SIZE];

    for (size_t i = 0; i < subnet->n_pools; i++) {
        json_array_append_new(
            pools, json_pack("{s:o,s:o}",
                             "start", address_to_json(subnet->pools[i].first),
                             "end", address_to_json(subnet->pools[i].last)));
    }
    json_object_set_new(values, "allocation_pools", pools);
    json_object_set_new(values, "cidr",
                        json_string(ip_prefix_format(subnet->cidr, cidr)));
    json_object_set_new(values, "gateway_ip",
                        subnet->has_gateway ? address_to_json(subnet->gateway)
                        : json_null());
}
