/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_ADDRESSES_H
#define API_ADDRESSES_H 1

/* Which addresses of each subnet are in use: those of the replica's
 * IP_Allocation rows, and those that transactions on their way to the database
 * ask for, so that ports created at once are not given the same.
 *
 * A subnet's set is made when it is first asked for and then follows the
 * replica.  A row whose address cannot be read has none.
 *
 * There are no errors.  Single-threaded. */

#include "ipam/address.h"

struct addr_set;
struct addresses;
struct nb_change;
struct replica;
struct simap;
struct uuid;

struct addresses *addresses_create(const struct replica *);
void addresses_destroy(struct addresses *);

/* To be told of every change of the replica. */
void addresses_change(struct addresses *, const struct nb_change *);

/* The addresses of 'subnet' that are in use.  To be read, and good until the
 * next addresses_change(). */
struct addr_set *addresses_get(struct addresses *, const struct uuid *subnet);

/* Puts an address into the set of 'subnet', where it stays until
 * addresses_release(), and after that as long as a row has it. */
void addresses_reserve(struct addresses *, const struct uuid *subnet,
                       struct ip_addr);
void addresses_release(struct addresses *, const struct uuid *subnet,
                       struct ip_addr);

void addresses_memory_usage(const struct addresses *, struct simap *);

#endif /* api/addresses.h */
