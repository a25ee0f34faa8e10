/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "ipam-model.h"

#include <string.h>

#include "ipam/subnet-pools.h"
#include "random.h"
#include "uuid.h"

struct subnet subnets[N_SUBNETS];

void
model_init_subnet(int i)
{
    static const char *const cidrs[N_SUBNETS][3] = {
        { "10.1.0.0/27", "10.1.0.0/28", "10.1.0.0/29" },
        { "10.2.0.0/30", "10.2.0.0/31", "10.2.0.0/32" },
        { "2001:db8:1::/123", "2001:db8:1::/125", "2001:db8:1::/126" },
        { "2001:db8:2::/126", "2001:db8:2::/127", "2001:db8:2::/128" },
    };
    struct subnet *s = &subnets[i];
    struct ip_addr gateway;

    memset(s, 0, sizeof *s);
    s->id = unit_uuid(UNIT_NETWORK, 100 + i);
    s->cidr = prefix(cidrs[i][random_range(3)]);
    s->n = ip_range_size(ip_prefix_range(s->cidr)).u64.lo;
    gateway = nth(s->cidr.addr, random_range(s->n));
    s->n_pools = subnet_default_pools(s->cidr,
                                      random_range(3) ? &gateway : NULL,
                                      s->pools);
    if (s->n_pools && !random_range(2)) {
        /* A piece of the first one. */
        unsigned int size = ip_range_size(s->pools[0]).u64.lo;

        s->pools[0].first = nth(s->pools[0].first, random_range(size));
    }
    for (int j = 0; j < MAX_ADDRS; j++) {
        s->owner[j] = -1;
    }
}

struct subnet *
model_find(struct uuid id)
{
    for (int i = 0; i < N_SUBNETS; i++) {
        if (uuid_equals(&subnets[i].id, &id)) {
            return &subnets[i];
        }
    }
    fail_msg("unknown subnet");
    return NULL;
}

int *
model_owner(const struct port_address *a)
{
    struct subnet *s = model_find(a->subnet);

    return &s->owner[offset(s->cidr.addr, a->address)];
}

bool
model_in_pool(const struct subnet *s, struct ip_addr a)
{
    for (size_t i = 0; i < s->n_pools; i++) {
        if (ip_range_contains(s->pools[i], a)) {
            return true;
        }
    }
    return false;
}

unsigned int
model_n_free(const struct subnet *s)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < s->n; i++) {
        n += s->owner[i] < 0 && model_in_pool(s, nth(s->cidr.addr, i));
    }
    return n;
}

bool
model_is_host(const struct subnet *s, unsigned int i)
{
    return (s->n == 1 || (s->cidr.addr.version == 6 ? i != 0
                          : s->n == 2 || (i != 0 && i != s->n - 1)));
}
