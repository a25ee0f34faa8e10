/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "ipam/subnet-pools.h"

#include <stdlib.h>

#include "util.h"

struct ip_range
subnet_host_range(struct ip_prefix cidr)
{
    struct ip_range range = ip_prefix_range(cidr);

    if (cidr.addr.version == 4 && cidr.len < 31) {
        ovs_assert(ip_addr_next(range.first, &range.first));
        ovs_assert(ip_addr_prev(range.last, &range.last));
    } else if (cidr.addr.version == 6 && cidr.len < 128) {
        ovs_assert(ip_addr_next(range.first, &range.first));
    }
    return range;
}

size_t
subnet_default_pools(struct ip_prefix cidr, const struct ip_addr *gateway,
                     struct ip_range pools[SUBNET_MAX_DEFAULT_POOLS])
{
    struct ip_range hosts = subnet_host_range(cidr);
    size_t n = 0;

    /* A subnet of one address keeps it: its gateway is elsewhere. */
    if (!gateway || !ip_range_contains(hosts, *gateway)
        || ip_addr_equals(ip_prefix_first(cidr), ip_prefix_last(cidr))) {
        pools[n++] = hosts;
        return n;
    }
    if (ip_addr_compare(hosts.first, *gateway) < 0) {
        pools[n].first = hosts.first;
        ovs_assert(ip_addr_prev(*gateway, &pools[n].last));
        n++;
    }
    if (ip_addr_compare(*gateway, hosts.last) < 0) {
        ovs_assert(ip_addr_next(*gateway, &pools[n].first));
        pools[n].last = hosts.last;
        n++;
    }
    return n;
}

static struct ipam_error *
check_pool_end(const char *s, struct ip_addr *addr)
{
    char *reason = ip_addr_parse(s ? s : "", addr);
    struct ipam_error *error = NULL;

    if (reason) {
        error = ipam_error_attribute("allocation_pools", "%s", reason);
        free(reason);
    }
    return error;
}

struct ipam_error *
subnet_parse_pool(const char *start, const char *end, int version,
                  struct ip_range *pool)
{
    struct ipam_error *error = check_pool_end(start, &pool->first);
    char s[IP_RANGE_SIZE];

    if (!error) {
        error = check_pool_end(end, &pool->last);
    }
    if (error) {
        return error;
    }
    if (pool->first.version != version || pool->last.version != version) {
        return ipam_error(400, "InvalidAllocationPool",
                          "The allocation pool %s is not valid: the subnet is "
                          "of IP version %d.",
                          ip_range_format(*pool, s), version);
    }
    if (ip_addr_compare(pool->first, pool->last) > 0) {
        return ipam_error(400, "InvalidAllocationPool",
                          "The allocation pool %s is not valid: its end is "
                          "before its start.", ip_range_format(*pool, s));
    }
    return NULL;
}

static int
compare_pools(const void *a_, const void *b_)
{
    const struct ip_range *a = a_;
    const struct ip_range *b = b_;

    return ip_addr_compare(a->first, b->first);
}

struct ipam_error *
subnet_check_pools(struct ip_prefix cidr, const struct ip_range *pools,
                   size_t n_pools)
{
    struct ip_range hosts = subnet_host_range(cidr);
    char s[IP_RANGE_SIZE], s2[IP_RANGE_SIZE], prefix[IP_PREFIX_SIZE];
    struct ipam_error *error = NULL;
    struct ip_range *sorted;

    for (size_t i = 0; i < n_pools; i++) {
        if (!ip_range_contains(hosts, pools[i].first)
            || !ip_range_contains(hosts, pools[i].last)) {
            return ipam_error(400, "OutOfBoundsAllocationPool",
                              "The allocation pool %s spans beyond the subnet "
                              "cidr %s.", ip_range_format(pools[i], s),
                              ip_prefix_format(cidr, prefix));
        }
    }

    if (!n_pools) {
        return NULL;
    }
    sorted = xmemdup(pools, n_pools * sizeof *pools);
    qsort(sorted, n_pools, sizeof *sorted, compare_pools);
    for (size_t i = 1; i < n_pools && !error; i++) {
        if (ip_range_overlaps(sorted[i - 1], sorted[i])) {
            error = ipam_error(409, "OverlappingAllocationPools",
                               "Found overlapping allocation pools: %s %s for "
                               "subnet %s.",
                               ip_range_format(sorted[i - 1], s),
                               ip_range_format(sorted[i], s2),
                               ip_prefix_format(cidr, prefix));
        }
    }
    free(sorted);
    return error;
}

struct ipam_error *
subnet_check_gateway_off_pools(struct ip_addr gateway,
                               const struct ip_range *pools, size_t n_pools)
{
    char addr[IP_ADDR_SIZE], s[IP_RANGE_SIZE];

    for (size_t i = 0; i < n_pools; i++) {
        if (ip_range_contains(pools[i], gateway)) {
            return ipam_error(409, "GatewayConflictWithAllocationPools",
                              "Gateway ip %s conflicts with allocation pool "
                              "%s.", ip_addr_format(gateway, addr),
                              ip_range_format(pools[i], s));
        }
    }
    return NULL;
}

ovs_u128
subnet_total_ips(struct ip_prefix cidr, const struct ip_range *pools,
                 size_t n_pools)
{
    return (n_pools ? ip_ranges_size(pools, n_pools)
            : ip_range_size(ip_prefix_range(cidr)));
}
