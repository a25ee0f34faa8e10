/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Parts of a subnet: for subnet-rules.c alone.
 *
 * Refusals are as ipam/error.h says. */

#ifndef IPAM_SUBNET_PARTS_H
#define IPAM_SUBNET_PARTS_H 1

#include "ipam/subnet-rules.h"

/* The refusal of the value of 'attribute' for 'reason', which it takes; NULL
 * if 'reason' is. */
struct ipam_error *subnet_attribute_error(const char *attribute, char *reason)
    OVS_WARN_UNUSED_RESULT;

/* Refuses 's', the address or prefix that is the value of 'name', if its
 * 'version' is not that of 'subnet'. */
struct ipam_error *subnet_check_version(const struct subnet *, int version,
                                        const char *name, const char *s)
    OVS_WARN_UNUSED_RESULT;

/* Puts into '*addr' the address 's', NULL or not, the value of 'name', which
 * 'attribute' is or has in it. */
struct ipam_error *subnet_parse_addr(const struct subnet *,
                                     const char *attribute, const char *name,
                                     const char *s, struct ip_addr *addr)
    OVS_WARN_UNUSED_RESULT;

/* Refuses a subnet that DHCP cannot serve. */
struct ipam_error *subnet_check_dhcp(struct ip_prefix cidr)
    OVS_WARN_UNUSED_RESULT;

/* Each sets one part of 'subnet', whose 'cidr' is set, from 'request'. */
struct ipam_error *subnet_set_dns_nameservers(const struct subnet_request *,
                                              struct subnet *)
    OVS_WARN_UNUSED_RESULT;
struct ipam_error *subnet_set_host_routes(const struct subnet_request *,
                                          struct subnet *)
    OVS_WARN_UNUSED_RESULT;

#endif /* ipam/subnet-parts.h */
