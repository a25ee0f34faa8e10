/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Addresses in use.  See addresses.h.
 *
 * An address can be claimed twice for a moment: by a reservation and the row
 * that comes of it, or by two rows of which one is about to be reported as
 * gone.  So a set counts: it holds what is claimed at all, and beside it is
 * what is claimed more than once. */

#include <config.h>

#include "api/addresses.h"

#include "hash.h"
#include "ipam/addr-set.h"
#include "nb/replica.h"
#include "openvswitch/hmap.h"
#include "simap.h"
#include "util.h"
#include "uuid.h"

struct addresses {
    const struct replica *replica;
    struct hmap subnets;        /* "struct subnet_addresses" by id. */
};

struct subnet_addresses {
    struct hmap_node node;      /* In struct addresses's 'subnets'. */
    struct uuid id;
    struct addr_set *used;
    struct hmap extras;         /* "struct extra" by address. */
};

/* Claims of one address beyond the first. */
struct extra {
    struct hmap_node node;      /* In struct subnet_addresses's 'extras'. */
    struct ip_addr address;
    unsigned int n;             /* At least 1. */
};

struct addresses *
addresses_create(const struct replica *replica)
{
    struct addresses *addresses = xzalloc(sizeof *addresses);

    addresses->replica = replica;
    hmap_init(&addresses->subnets);
    return addresses;
}

static struct subnet_addresses *
find_subnet(const struct addresses *addresses, const struct uuid *id)
{
    struct subnet_addresses *subnet;

    HMAP_FOR_EACH_WITH_HASH (subnet, node, uuid_hash(id),
                             &addresses->subnets) {
        if (uuid_equals(&subnet->id, id)) {
            return subnet;
        }
    }
    return NULL;
}

static void
subnet_addresses_destroy(struct subnet_addresses *subnet)
{
    struct extra *extra;

    HMAP_FOR_EACH_POP (extra, node, &subnet->extras) {
        free(extra);
    }
    hmap_destroy(&subnet->extras);
    addr_set_destroy(subnet->used);
    free(subnet);
}

void
addresses_destroy(struct addresses *addresses)
{
    struct subnet_addresses *subnet;

    if (addresses) {
        HMAP_FOR_EACH_POP (subnet, node, &addresses->subnets) {
            subnet_addresses_destroy(subnet);
        }
        hmap_destroy(&addresses->subnets);
        free(addresses);
    }
}

static uint32_t
address_hash(struct ip_addr address)
{
    return hash_bytes(&address.value, sizeof address.value, 0);
}

static struct extra *
find_extra(const struct subnet_addresses *subnet, struct ip_addr address)
{
    struct extra *extra;

    HMAP_FOR_EACH_WITH_HASH (extra, node, address_hash(address),
                             &subnet->extras) {
        if (ip_addr_equals(extra->address, address)) {
            return extra;
        }
    }
    return NULL;
}

static void
claim(struct subnet_addresses *subnet, struct ip_addr address)
{
    struct extra *extra;

    if (addr_set_insert(subnet->used, address)) {
        return;
    }
    extra = find_extra(subnet, address);
    if (!extra) {
        extra = xzalloc(sizeof *extra);
        extra->address = address;
        hmap_insert(&subnet->extras, &extra->node, address_hash(address));
    }
    extra->n++;
}

static void
unclaim(struct subnet_addresses *subnet, struct ip_addr address)
{
    struct extra *extra = find_extra(subnet, address);

    if (!extra) {
        addr_set_remove(subnet->used, address);
    } else if (!--extra->n) {
        hmap_remove(&subnet->extras, &extra->node);
        free(extra);
    }
}

/* Claims or gives up what 'row' has. */
static void
change_row(struct subnet_addresses *subnet, const struct nb_row *row,
           void (*change)(struct subnet_addresses *, struct ip_addr))
{
    struct ip_addr address;
    char *error = ip_addr_parse(nb_row_string(row, NB_ALLOCATION_IP_ADDRESS),
                                &address);

    if (!error) {
        change(subnet, address);
    }
    free(error);
}

/* The set that 'row' is of, if there is one yet. */
static struct subnet_addresses *
find_row_subnet(const struct addresses *addresses, const struct nb_row *row)
{
    struct uuid id = nb_row_uuid(row, NB_ALLOCATION_SUBNET);

    return find_subnet(addresses, &id);
}

static void
allocation_changed(struct addresses *addresses,
                   const struct nb_change *change)
{
    struct subnet_addresses *subnet;

    subnet = (change->old ? find_row_subnet(addresses, change->old) : NULL);
    if (subnet) {
        change_row(subnet, change->old, unclaim);
    }
    subnet = (change->new ? find_row_subnet(addresses, change->new) : NULL);
    if (subnet) {
        change_row(subnet, change->new, claim);
    }
}

void
addresses_change(struct addresses *addresses, const struct nb_change *change)
{
    if (change->table == NB_ALLOCATION) {
        allocation_changed(addresses, change);
    } else if (change->table == NB_SUBNET && !change->new) {
        struct subnet_addresses *subnet
            = find_subnet(addresses, nb_row_id(change->old));

        if (subnet) {
            hmap_remove(&addresses->subnets, &subnet->node);
            subnet_addresses_destroy(subnet);
        }
    }
}

static struct subnet_addresses *
make_subnet(struct addresses *addresses, const struct uuid *id)
{
    struct subnet_addresses *subnet = xzalloc(sizeof *subnet);
    struct nb_rows rows = replica_find_uuid(addresses->replica,
                                            NB_ALLOCATION_SUBNET, id);

    subnet->id = *id;
    subnet->used = addr_set_create();
    hmap_init(&subnet->extras);
    hmap_insert(&addresses->subnets, &subnet->node, uuid_hash(id));
    for (size_t i = 0; i < rows.n; i++) {
        change_row(subnet, rows.rows[i], claim);
    }
    return subnet;
}

static struct subnet_addresses *
get_subnet(struct addresses *addresses, const struct uuid *id)
{
    struct subnet_addresses *subnet = find_subnet(addresses, id);

    return subnet ? subnet : make_subnet(addresses, id);
}

struct addr_set *
addresses_get(struct addresses *addresses, const struct uuid *id)
{
    return get_subnet(addresses, id)->used;
}

void
addresses_reserve(struct addresses *addresses, const struct uuid *id,
                  struct ip_addr address)
{
    claim(get_subnet(addresses, id), address);
}

void
addresses_release(struct addresses *addresses, const struct uuid *id,
                  struct ip_addr address)
{
    struct subnet_addresses *subnet = find_subnet(addresses, id);

    /* It may have been deleted. */
    if (subnet) {
        unclaim(subnet, address);
    }
}

void
addresses_memory_usage(const struct addresses *addresses,
                       struct simap *usage)
{
    const struct subnet_addresses *subnet;

    HMAP_FOR_EACH (subnet, node, &addresses->subnets) {
        simap_increase(usage, "api-address-runs",
                       addr_set_n_runs(subnet->used));
    }
}
