/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The allocation pools of a subnet: which addresses it may give out unasked.
 *
 * Pure functions of their arguments.  Refusals are as ipam/error.h says. */

#ifndef IPAM_SUBNET_POOLS_H
#define IPAM_SUBNET_POOLS_H 1

#include <stddef.h>

#include "ipam/address.h"
#include "ipam/error.h"

/* The addresses of 'cidr' that pools may have.  An IPv4 prefix shorter than
 * /31 has a network and a broadcast address, which no host has; the first
 * address of an IPv6 prefix shorter than /128 is that of any router. */
struct ip_range subnet_host_range(struct ip_prefix cidr);

/* The pools of a subnet whose user gave none: every address that a host can
 * have but the gateway's.  Puts up to SUBNET_MAX_DEFAULT_POOLS into 'pools'
 * and returns how many.  'gateway' is NULL if there is none. */
#define SUBNET_MAX_DEFAULT_POOLS 2
size_t subnet_default_pools(struct ip_prefix cidr,
                            const struct ip_addr *gateway,
                            struct ip_range pools[SUBNET_MAX_DEFAULT_POOLS]);

/* Puts into '*pool' the pool from 'start' to 'end', as a user wrote them, of a
 * subnet of IP version 'version'. */
struct ipam_error *subnet_parse_pool(const char *start, const char *end,
                                     int version, struct ip_range *pool)
    OVS_WARN_UNUSED_RESULT;

/* Refuses pools that are not inside subnet_host_range(cidr), or that
 * overlap. */
struct ipam_error *subnet_check_pools(struct ip_prefix cidr,
                                      const struct ip_range *pools,
                                      size_t n_pools)
    OVS_WARN_UNUSED_RESULT;

/* Refuses a gateway that is in a pool. */
struct ipam_error *subnet_check_gateway_off_pools(struct ip_addr gateway,
                                                  const struct ip_range *pools,
                                                  size_t n_pools)
    OVS_WARN_UNUSED_RESULT;

/* "total_ips" of network-ip-availability: the size of its pools, that of
 * 'cidr' if it has none. */
ovs_u128 subnet_total_ips(struct ip_prefix cidr, const struct ip_range *pools,
                          size_t n_pools);

#endif /* ipam/subnet-pools.h */
