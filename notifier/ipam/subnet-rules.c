/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "ipam/subnet-rules.h"

#include <stdlib.h>
#include <string.h>

#include "ipam/subnet-parts.h"
#include "util.h"

/* What IPv6 modes are called. */
static const char *const modes[] = {
    [SUBNET_MODE_NONE] = "",
    [SUBNET_SLAAC] = "slaac",
    [SUBNET_DHCPV6_STATEFUL] = "dhcpv6-stateful",
    [SUBNET_DHCPV6_STATELESS] = "dhcpv6-stateless",
};

bool
subnet_mode_from_string(const char *s, enum subnet_ipv6_mode *mode)
{
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        if (!strcmp(s, modes[i])) {
            *mode = i;
            return true;
        }
    }
    return false;
}

const char *
subnet_mode_to_string(enum subnet_ipv6_mode mode)
{
    return modes[mode];
}

static bool
mode_is_auto(enum subnet_ipv6_mode mode)
{
    return mode == SUBNET_SLAAC || mode == SUBNET_DHCPV6_STATELESS;
}

bool
subnet_mode_is_auto(enum subnet_ipv6_mode ra_mode,
                    enum subnet_ipv6_mode address_mode)
{
    return mode_is_auto(ra_mode) || mode_is_auto(address_mode);
}

void
subnet_destroy(struct subnet *subnet)
{
    free(subnet->pools);
    free(subnet->dns_nameservers);
    free(subnet->host_routes);
    memset(subnet, 0, sizeof *subnet);
}

/* Of the parts of a subnet, each function sets one from 'request' in
 * 'subnet'. */

static struct ipam_error *
set_cidr(const struct subnet_request *request, struct subnet *subnet)
{
    const char *s = request->cidr ? request->cidr : "";
    char *reason = ip_prefix_parse(s, &subnet->cidr);
    struct ip_prefix cidr = subnet->cidr;
    char text[IP_PREFIX_SIZE];

    if (reason) {
        return subnet_attribute_error("cidr", reason);
    }
    ip_prefix_format(cidr, text);
    if (request->ip_version && request->ip_version != 4
        && request->ip_version != 6) {
        return ipam_error_attribute("ip_version", "'%d' is not in [4, 6]",
                                    request->ip_version);
    }
    if (request->ip_version && request->ip_version != cidr.addr.version) {
        return ipam_error_input("cidr '%s' does not match the ip_version '%d'",
                                text, request->ip_version);
    }
    if (!cidr.len) {
        return ipam_error_input("cidr '%s': 0 is not allowed as CIDR prefix "
                                "length", text);
    }
    if (cidr.addr.version == 6 && ovs_u128_is_zero(cidr.addr.value)) {
        return ipam_error_input("cidr '%s': IPv6 subnet '::' is not supported",
                                text);
    }
    return NULL;
}

static struct ipam_error *
set_mode(const struct subnet *subnet, const char *attribute, const char *s,
         enum subnet_ipv6_mode *mode)
{
    *mode = SUBNET_MODE_NONE;
    if (!s || !*s) {
        return NULL;
    }
    if (!subnet_mode_from_string(s, mode)) {
        char *quoted = ipam_quote(s);
        struct ipam_error *error;

        error = ipam_error_attribute(attribute, "%s is not one of slaac, "
                                     "dhcpv6-stateful, dhcpv6-stateless",
                                     quoted);
        free(quoted);
        return error;
    }
    if (subnet->cidr.addr.version == 4) {
        return ipam_error_input("%s is not valid when ip_version is 4",
                                attribute);
    }
    return NULL;
}

static struct ipam_error *
set_modes(const struct subnet_request *request, struct subnet *subnet)
{
    char text[IP_PREFIX_SIZE];
    struct ipam_error *error;

    error = set_mode(subnet, "ipv6_ra_mode", request->ipv6_ra_mode,
                     &subnet->ra_mode);
    if (!error) {
        error = set_mode(subnet, "ipv6_address_mode",
                         request->ipv6_address_mode, &subnet->address_mode);
    }
    if (error || (!subnet->ra_mode && !subnet->address_mode)) {
        return error;
    }
    if (!subnet->enable_dhcp) {
        return ipam_error_input("ipv6_ra_mode or ipv6_address_mode cannot be "
                                "set when enable_dhcp is set to False");
    }
    if (subnet->ra_mode && subnet->address_mode
        && subnet->ra_mode != subnet->address_mode) {
        return ipam_error_input("ipv6_ra_mode set to '%s' with "
                                "ipv6_address_mode set to '%s' is not valid. "
                                "If both attributes are set, they must be the "
                                "same value", modes[subnet->ra_mode],
                                modes[subnet->address_mode]);
    }
    if (subnet_mode_is_auto(subnet->ra_mode, subnet->address_mode)
        && subnet->cidr.len != 64) {
        return ipam_error_input("Invalid CIDR %s for IPv6 address mode. "
                                "Addresses have the EUI-64 format, which "
                                "requires the prefix to be /64",
                                ip_prefix_format(subnet->cidr, text));
    }
    return NULL;
}

/* The default is the first host's address.  In IPv6 that is the one which
 * each router of a subnet has (RFC 4291 section 2.6.1). */
static void
set_default_gateway(struct subnet *subnet)
{
    subnet->gateway = ip_prefix_first(subnet->cidr);
    subnet->has_gateway = (subnet->cidr.addr.version == 6
                           || ip_addr_next(subnet->gateway,
                                           &subnet->gateway));
}

static struct ipam_error *
set_gateway(const struct subnet_request *request, struct subnet *subnet)
{
    struct ip_prefix cidr = subnet->cidr;
    char text[IP_PREFIX_SIZE];
    struct ipam_error *error;

    subnet->has_gateway = request->gateway_ip && *request->gateway_ip;
    if (!subnet->has_gateway) {
        return NULL;
    }
    error = subnet_parse_addr(subnet, "gateway_ip", "gateway_ip",
                       request->gateway_ip, &subnet->gateway);
    if (!error && cidr.addr.version == 4
        && ip_prefix_contains(cidr, subnet->gateway)
        && !ip_range_contains(subnet_host_range(cidr), subnet->gateway)) {
        error = ipam_error_input("Gateway %s is not valid on subnet %s: it is "
                                 "the network or the broadcast address",
                                 request->gateway_ip,
                                 ip_prefix_format(cidr, text));
    }
    return error;
}

static struct ipam_error *
set_pools(const struct subnet_request *request, struct subnet *subnet)
{
    struct ipam_error *error = NULL;

    subnet->n_pools = request->n_pools;
    subnet->pools = xcalloc(request->n_pools, sizeof *subnet->pools);
    for (size_t i = 0; i < request->n_pools && !error; i++) {
        error = subnet_parse_pool(request->pools[i].start,
                                  request->pools[i].end,
                                  subnet->cidr.addr.version,
                                  &subnet->pools[i]);
    }
    return (error ? error
            : subnet_check_pools(subnet->cidr, subnet->pools,
                                 subnet->n_pools));
}

/* Sets what may change of a subnet. */
static struct ipam_error *
set_mutable(const struct subnet_request *request, struct subnet *subnet)
{
    struct ipam_error *error = NULL;

    if (request->gateway_given) {
        error = set_gateway(request, subnet);
    }
    if (!error && request->dns_nameservers_given) {
        error = subnet_set_dns_nameservers(request, subnet);
    }
    if (!error && request->host_routes_given) {
        error = subnet_set_host_routes(request, subnet);
    }
    if (!error && request->pools_given) {
        error = set_pools(request, subnet);
    }
    if (!error && subnet->has_gateway
        && (request->gateway_given || request->pools_given)) {
        error = subnet_check_gateway_off_pools(subnet->gateway, subnet->pools,
                                               subnet->n_pools);
    }
    return error;
}

static struct ipam_error *
create(const struct subnet_request *request, struct subnet *subnet)
{
    struct ipam_error *error = set_cidr(request, subnet);

    if (error) {
        return error;
    }
    subnet->enable_dhcp = !request->enable_dhcp_given || request->enable_dhcp;
    if (subnet->enable_dhcp) {
        error = subnet_check_dhcp(subnet->cidr);
    }
    if (!error) {
        error = set_modes(request, subnet);
    }
    if (error) {
        return error;
    }

    if (!request->gateway_given) {
        set_default_gateway(subnet);
    }
    error = set_mutable(request, subnet);
    if (!error && !request->pools_given) {
        subnet->pools = xcalloc(SUBNET_MAX_DEFAULT_POOLS,
                                sizeof *subnet->pools);
        subnet->n_pools = subnet_default_pools(subnet->cidr,
                                               subnet->has_gateway
                                               ? &subnet->gateway : NULL,
                                               subnet->pools);
    }
    return error;
}

struct ipam_error *
subnet_create(const struct subnet_request *request, struct subnet *subnet)
{
    struct ipam_error *error;

    memset(subnet, 0, sizeof *subnet);
    error = create(request, subnet);
    if (error) {
        subnet_destroy(subnet);
    }
    return error;
}

/* A copy of the 'n' elements of 'size' bytes at 'p'. */
static void *
copy(const void *p, size_t n, size_t size)
{
    return n ? xmemdup(p, n * size) : NULL;
}

static struct ipam_error *
update(const struct subnet *old, const struct subnet_request *request,
       struct subnet *subnet)
{
    if (request->enable_dhcp_given) {
        subnet->enable_dhcp = request->enable_dhcp;
    }
    if (subnet->enable_dhcp && !old->enable_dhcp) {
        struct ipam_error *error = subnet_check_dhcp(subnet->cidr);

        if (error) {
            return error;
        }
    }
    if (request->enable_dhcp_given && !request->enable_dhcp
        && (subnet->ra_mode || subnet->address_mode)) {
        return ipam_error_input("Cannot disable enable_dhcp with ipv6 "
                                "attributes set");
    }
    return set_mutable(request, subnet);
}

struct ipam_error *
subnet_update(const struct subnet *old, const struct subnet_request *request,
              struct subnet *subnet)
{
    struct ipam_error *error;

    *subnet = *old;
    subnet->pools = NULL;
    subnet->dns_nameservers = NULL;
    subnet->host_routes = NULL;
    if (!request->pools_given) {
        subnet->pools = copy(old->pools, old->n_pools, sizeof *old->pools);
    }
    if (!request->dns_nameservers_given) {
        subnet->dns_nameservers = copy(old->dns_nameservers,
                                       old->n_dns_nameservers,
                                       sizeof *old->dns_nameservers);
    }
    if (!request->host_routes_given) {
        subnet->host_routes = copy(old->host_routes, old->n_host_routes,
                                   sizeof *old->host_routes);
    }
    error = update(old, request, subnet);
    if (error) {
        subnet_destroy(subnet);
    }
    return error;
}

struct ipam_error *
subnet_check_overlap(struct ip_prefix cidr, const struct ip_prefix *others,
                     size_t n_others, const char *network_id)
{
    char text[IP_PREFIX_SIZE];

    for (size_t i = 0; i < n_others; i++) {
        if (ip_prefix_overlaps(cidr, others[i])) {
            return ipam_error_input("Requested subnet with cidr: %s for "
                                    "network: %s overlaps with another subnet",
                                    ip_prefix_format(cidr, text), network_id);
        }
    }
    return NULL;
}
