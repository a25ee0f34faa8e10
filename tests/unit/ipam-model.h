/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A network of two small subnets of each IP version, in the given order, as
 * arrays of all their addresses: the model that address management is compared
 * with. */

#ifndef TESTS_UNIT_IPAM_MODEL_H
#define TESTS_UNIT_IPAM_MODEL_H 1

#include "ipam.h"
#include "ipam/choose.h"

#define N_SUBNETS 4
#define MAX_ADDRS 32

struct subnet {
    struct uuid id;
    struct ip_prefix cidr;
    unsigned int n;             /* How many addresses it has. */
    struct ip_range pools[3];
    size_t n_pools;
    int owner[MAX_ADDRS];       /* The database: a port, or -1. */
};

extern struct subnet subnets[N_SUBNETS];

/* Makes the 'i'th subnet, of a random size with random pools, with all of it
 * free. */
void model_init_subnet(int i);

struct subnet *model_find(struct uuid id);

/* Whose an address is. */
int *model_owner(const struct port_address *);

bool model_in_pool(const struct subnet *, struct ip_addr);

/* How many addresses of the pools are free. */
unsigned int model_n_free(const struct subnet *);

/* Whether a port of an instance may have the 'i'th address. */
bool model_is_host(const struct subnet *, unsigned int i);

#endif /* tests/unit/ipam-model.h */
