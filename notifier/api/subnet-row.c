/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Reads Subnet rows.  See subnet-row.h. */

#include <config.h>

#include "api/subnet-row.h"

#include <string.h>

#include "nb/row.h"
#include "util.h"

/* Whether a parser was content; frees what it said otherwise. */
static bool
is_ok(char *error)
{
    free(error);
    return !error;
}

bool
subnet_row_cidr(const struct nb_row *row, struct ip_prefix *cidr)
{
    return is_ok(ip_prefix_parse(nb_row_string(row, NB_SUBNET_CIDR), cidr));
}

static void
read_pools(const struct nb_row *row, struct subnet *subnet)
{
    size_t n = nb_row_n(row, NB_SUBNET_ALLOCATION_POOLS);

    subnet->pools = xcalloc(n, sizeof *subnet->pools);
    for (size_t i = 0; i < n; i++) {
        const char *s = nb_row_key(row, NB_SUBNET_ALLOCATION_POOLS, i);

        if (is_ok(ip_range_parse(s, &subnet->pools[subnet->n_pools]))) {
            subnet->n_pools++;
        }
    }
}

static void
read_nameservers(const struct nb_row *row, struct subnet *subnet)
{
    char *list = xstrdup(nb_row_string(row, NB_SUBNET_DNS_NAMESERVERS));
    size_t allocated = 0;
    char *save = NULL;

    for (char *s = strtok_r(list, ",", &save); s;
         s = strtok_r(NULL, ",", &save)) {
        if (subnet->n_dns_nameservers >= allocated) {
            subnet->dns_nameservers
                = x2nrealloc(subnet->dns_nameservers, &allocated,
                             sizeof *subnet->dns_nameservers);
        }
        subnet->n_dns_nameservers
            += is_ok(ip_addr_parse(
                s, &subnet->dns_nameservers[subnet->n_dns_nameservers]));
    }
    free(list);
}

static bool
read_route(const char *s, struct subnet_route *route)
{
    size_t length = strcspn(s, " ");
    char *destination = xmemdup0(s, length);
    bool ok = (s[length]
               && is_ok(ip_prefix_parse(destination, &route->destination))
               && is_ok(ip_addr_parse(s + length + 1, &route->nexthop)));

    free(destination);
    return ok;
}

static void
read_routes(const struct nb_row *row, struct subnet *subnet)
{
    size_t n = nb_row_n(row, NB_SUBNET_HOST_ROUTES);

    subnet->host_routes = xcalloc(n, sizeof *subnet->host_routes);
    for (size_t i = 0; i < n; i++) {
        subnet->n_host_routes
            += read_route(nb_row_key(row, NB_SUBNET_HOST_ROUTES, i),
                          &subnet->host_routes[subnet->n_host_routes]);
    }
}

static enum subnet_ipv6_mode
read_mode(const struct nb_row *row, enum nb_column column)
{
    enum subnet_ipv6_mode mode;

    return (subnet_mode_from_string(nb_row_string(row, column), &mode) ? mode
            : SUBNET_MODE_NONE);
}

bool
subnet_row_read(const struct nb_row *row, struct subnet *subnet)
{
    memset(subnet, 0, sizeof *subnet);
    if (!subnet_row_cidr(row, &subnet->cidr)) {
        return false;
    }
    subnet->ra_mode = read_mode(row, NB_SUBNET_IPV6_RA_MODE);
    subnet->address_mode = read_mode(row, NB_SUBNET_IPV6_ADDRESS_MODE);
    subnet->has_gateway
        = is_ok(ip_addr_parse(nb_row_string(row, NB_SUBNET_GATEWAY_IP),
                              &subnet->gateway));
    subnet->enable_dhcp = nb_row_bool(row, NB_SUBNET_ENABLE_DHCP);
    read_pools(row, subnet);
    read_nameservers(row, subnet);
    read_routes(row, subnet);
    return true;
}
