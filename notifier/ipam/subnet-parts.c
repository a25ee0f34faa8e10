/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "ipam/subnet-parts.h"

#include <stdlib.h>

#include "util.h"

/* Networks that DHCP cannot serve. */
static const struct {
    const char *cidr;
    const char *what;
} no_dhcp[] = {
    { "224.0.0.0/4", "Multicast" },
    { "ff00::/8", "Multicast" },
    { "127.0.0.0/8", "Loopback" },
    { "::1/128", "Loopback" },
};

struct ipam_error *
subnet_attribute_error(const char *attribute, char *reason)
{
    struct ipam_error *error = NULL;

    if (reason) {
        error = ipam_error_attribute(attribute, "%s", reason);
        free(reason);
    }
    return error;
}

struct ipam_error *
subnet_check_version(const struct subnet *subnet, int version,
                     const char *name, const char *s)
{
    int wanted = subnet->cidr.addr.version;

    return (version == wanted ? NULL
            : ipam_error_input("%s '%s' does not match the ip_version '%d'",
                               name, s, wanted));
}

struct ipam_error *
subnet_parse_addr(const struct subnet *subnet, const char *attribute,
                  const char *name, const char *s, struct ip_addr *addr)
{
    char *reason = ip_addr_parse(s ? s : "", addr);

    return (reason ? subnet_attribute_error(attribute, reason)
            : subnet_check_version(subnet, addr->version, name, s));
}

struct ipam_error *
subnet_check_dhcp(struct ip_prefix cidr)
{
    char text[IP_PREFIX_SIZE];

    ip_prefix_format(cidr, text);
    if (cidr.len > (cidr.addr.version == 4 ? 30 : 126)) {
        return ipam_error_input("cidr '%s': Subnet has a prefix length that "
                                "is incompatible with DHCP service enabled",
                                text);
    }
    for (size_t i = 0; i < ARRAY_SIZE(no_dhcp); i++) {
        struct ip_prefix other;
        char *reason = ip_prefix_parse(no_dhcp[i].cidr, &other);

        ovs_assert(!reason);
        if (cidr.len >= other.len
            && ip_prefix_contains(other, ip_prefix_first(cidr))) {
            return ipam_error_input("cidr '%s': %s IP subnet is not supported "
                                    "if enable_dhcp is True",
                                    text, no_dhcp[i].what);
        }
    }
    if (cidr.addr.version == 4 && ovs_u128_is_zero(cidr.addr.value)) {
        return ipam_error_input("cidr '%s': First IP '0.0.0.0' of network is "
                                "not supported if enable_dhcp is True", text);
    }
    return NULL;
}

struct ipam_error *
subnet_set_dns_nameservers(const struct subnet_request *request,
                           struct subnet *subnet)
{
    size_t n = request->n_dns_nameservers;
    struct ipam_error *error;

    if (n > SUBNET_MAX_DNS_NAMESERVERS) {
        return ipam_error(400, "DNSNameServersExhausted",
                          "Unable to complete operation for the subnet. The "
                          "number of DNS nameservers exceeds the limit %d.",
                          SUBNET_MAX_DNS_NAMESERVERS);
    }
    subnet->dns_nameservers = xcalloc(n, sizeof *subnet->dns_nameservers);
    subnet->n_dns_nameservers = n;
    for (size_t i = 0; i < n; i++) {
        struct ip_addr *addr = &subnet->dns_nameservers[i];
        const char *s = request->dns_nameservers[i];

        error = subnet_parse_addr(subnet, "dns_nameservers", "dns_nameserver",
                                  s, addr);
        for (size_t j = 0; j < i && !error; j++) {
            if (ip_addr_equals(*addr, subnet->dns_nameservers[j])) {
                error = ipam_error_attribute("dns_nameservers",
                                             "Duplicate nameserver '%s'", s);
            }
        }
        if (error) {
            return error;
        }
    }
    return NULL;
}

static struct ipam_error *
parse_route(const struct subnet *subnet, const struct subnet_route_text *text,
            struct subnet_route *route)
{
    const char *destination = text->destination ? text->destination : "";
    struct ipam_error *error;

    error = subnet_parse_addr(subnet, "host_routes", "nexthop", text->nexthop,
                       &route->nexthop);
    if (!error) {
        error = subnet_attribute_error("host_routes",
                                ip_prefix_parse(destination,
                                                &route->destination));
    }
    return (error ? error
            : subnet_check_version(subnet, route->destination.addr.version,
                            "destination", destination));
}

struct ipam_error *
subnet_set_host_routes(const struct subnet_request *request,
                       struct subnet *subnet)
{
    size_t n = request->n_host_routes;

    if (n > SUBNET_MAX_HOST_ROUTES) {
        return ipam_error(400, "HostRoutesExhausted",
                          "Unable to complete operation for the subnet. The "
                          "number of host routes exceeds the limit %d.",
                          SUBNET_MAX_HOST_ROUTES);
    }
    subnet->host_routes = xcalloc(n, sizeof *subnet->host_routes);
    subnet->n_host_routes = n;
    for (size_t i = 0; i < n; i++) {
        const struct subnet_route_text *text = &request->host_routes[i];
        struct subnet_route *a = &subnet->host_routes[i];
        struct ipam_error *error = parse_route(subnet, text, a);

        for (size_t j = 0; j < i && !error; j++) {
            const struct subnet_route *b = &subnet->host_routes[j];

            if (a->destination.len == b->destination.len
                && ip_addr_equals(a->destination.addr, b->destination.addr)
                && ip_addr_equals(a->nexthop, b->nexthop)) {
                error = ipam_error_attribute("host_routes",
                                             "Duplicate hostroute '%s %s'",
                                             text->destination,
                                             text->nexthop);
            }
        }
        if (error) {
            return error;
        }
    }
    return NULL;
}
