/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The addresses of one subnet that are in use.
 *
 * Kept as runs of adjacent addresses in a skip list, so that a full subnet
 * costs one run and a free address is found without a look at each used one.
 * Insert, remove and contains are O(log n) in the number of runs, and so is
 * finding a free address, plus the number of pools.
 *
 * There are no errors.  All addresses of a set are of one version.  One thread
 * uses a set at a time. */

#ifndef IPAM_ADDR_SET_H
#define IPAM_ADDR_SET_H 1

#include <stdbool.h>
#include <stddef.h>

#include "ipam/address.h"

struct addr_set;

struct addr_set *addr_set_create(void);
void addr_set_destroy(struct addr_set *);     /* Accepts NULL. */

/* False, without a change, if it is there already; if it is not there. */
bool addr_set_insert(struct addr_set *, struct ip_addr);
bool addr_set_remove(struct addr_set *, struct ip_addr);

bool addr_set_contains(const struct addr_set *, struct ip_addr);

/* Puts into '*result' an address of 'pools' that is not in the set: the one
 * that 'random' points to, each address of all pools as likely as another, or
 * if that is used the next free one after it, in the order of the pools and
 * around their end.  False only if every address of every pool is used.
 *
 * 'random' is any 128 random bits.  A random place to start is what keeps two
 * notifiers that give out addresses at once from choosing the same.  The pools
 * do not overlap, in any order. */
bool addr_set_find_free(const struct addr_set *, const struct ip_range *pools,
                        size_t n_pools, ovs_u128 random,
                        struct ip_addr *result) OVS_WARN_UNUSED_RESULT;

/* How many addresses are in the set, which is what a network's "used_ips" adds
 * up; and how many of them are in 'range', in O(runs in it). */
ovs_u128 addr_set_count(const struct addr_set *);
ovs_u128 addr_set_count_in(const struct addr_set *, struct ip_range);

/* How many runs there are; how many comparisons of addresses it has taken to
 * find them since the set was created. */
size_t addr_set_n_runs(const struct addr_set *);
unsigned long long int addr_set_n_compared(const struct addr_set *);

#endif /* ipam/addr-set.h */
