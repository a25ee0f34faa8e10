/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What a subnet may be, and what it is where its user left it open: the rules
 * of the Networking API, as OpenStack's Neutron has them.
 *
 * Pure functions of their arguments.  Refusals are as ipam/error.h says. */

#ifndef IPAM_SUBNET_RULES_H
#define IPAM_SUBNET_RULES_H 1

#include <stdbool.h>
#include <stddef.h>

#include "ipam/address.h"
#include "ipam/error.h"
#include "ipam/subnet-pools.h"

/* Neutron's defaults for what it lets one subnet have. */
#define SUBNET_MAX_DNS_NAMESERVERS 5
#define SUBNET_MAX_HOST_ROUTES 20

/* What a user gave of a subnet, as he wrote it.  Everything is borrowed. */
struct subnet_pool_text {
    const char *start, *end;
};

struct subnet_route_text {
    const char *destination, *nexthop;
};

struct subnet_request {
    const char *cidr;           /* At creation alone, and needed there. */
    int ip_version;             /* At creation alone; 4, 6, or 0 if not given:
                                 * then the version of 'cidr'. */
    const char *ipv6_ra_mode;   /* At creation alone; NULL or "": none. */
    const char *ipv6_address_mode;

    bool gateway_given;
    const char *gateway_ip;     /* NULL (or "") when given: no gateway. */

    bool enable_dhcp_given;     /* At creation the default is true. */
    bool enable_dhcp;

    bool pools_given;
    const struct subnet_pool_text *pools;
    size_t n_pools;

    bool dns_nameservers_given;
    const char *const *dns_nameservers;
    size_t n_dns_nameservers;

    bool host_routes_given;
    const struct subnet_route_text *host_routes;
    size_t n_host_routes;
};

/* A subnet that keeps the rules. */
struct subnet_route {
    struct ip_prefix destination;
    struct ip_addr nexthop;
};

enum subnet_ipv6_mode {         /* ipv6_ra_mode, ipv6_address_mode. */
    SUBNET_MODE_NONE,           /* "" */
    SUBNET_SLAAC,               /* "slaac" */
    SUBNET_DHCPV6_STATEFUL,     /* "dhcpv6-stateful" */
    SUBNET_DHCPV6_STATELESS     /* "dhcpv6-stateless" */
};

struct subnet {
    struct ip_prefix cidr;      /* Its version is the subnet's. */
    enum subnet_ipv6_mode ra_mode, address_mode;
    bool has_gateway;
    struct ip_addr gateway;
    bool enable_dhcp;
    struct ip_range *pools;
    size_t n_pools;
    struct ip_addr *dns_nameservers;
    size_t n_dns_nameservers;
    struct subnet_route *host_routes;
    size_t n_host_routes;
};

/* Fills '*subnet', for the caller to destroy, with the subnet that 'request'
 * creates; an empty one if it is refused. */
struct ipam_error *subnet_create(const struct subnet_request *request,
                                 struct subnet *subnet)
    OVS_WARN_UNUSED_RESULT;

/* Fills '*subnet', for the caller to destroy, with what 'request' makes of
 * 'old', which keeps the rules; an empty one if it is refused.  What is not
 * given stays; the pools, too, when the gateway is moved. */
struct ipam_error *subnet_update(const struct subnet *old,
                                 const struct subnet_request *request,
                                 struct subnet *subnet)
    OVS_WARN_UNUSED_RESULT;

/* Frees what 'subnet' points to, not 'subnet', which becomes empty. */
void subnet_destroy(struct subnet *subnet);

/* Refuses a 'cidr' that overlaps one of 'others', the cidrs of the other
 * subnets of the network whose id is 'network_id'. */
struct ipam_error *subnet_check_overlap(struct ip_prefix cidr,
                                        const struct ip_prefix *others,
                                        size_t n_others,
                                        const char *network_id)
    OVS_WARN_UNUSED_RESULT;

/* "" and its kin to a mode.  False if 's' is none. */
bool subnet_mode_from_string(const char *s, enum subnet_ipv6_mode *);
const char *subnet_mode_to_string(enum subnet_ipv6_mode);

/* Whether ports' addresses in such a subnet are made by themselves, of their
 * MAC addresses. */
bool subnet_mode_is_auto(enum subnet_ipv6_mode ra_mode,
                         enum subnet_ipv6_mode address_mode);

#endif /* ipam/subnet-rules.h */
