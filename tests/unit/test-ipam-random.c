/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Two allocators on one database, against a model.
 *
 * Random small subnets of both versions, with random gateways and pools, are
 * filled and emptied by chance: ports are created with addresses by chance, by
 * value and by subnet, changed and deleted, now and then until nothing is
 * left.  The database is an array that says whose each address is, and refuses
 * one that is taken.  Each allocator sees its changes late, so that the two
 * choose the same now and then; the one refused looks again and chooses anew.
 * What each gets or is told is compared with what the array has.
 *
 * A failure prints the seed that repeats it; SLUICE_SEED in the environment
 * sets it, and SLUICE_OPERATIONS how many operations there are. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "ipam-model.h"
#include "ipam-seed.h"
#include "ipam/choose.h"

#define N_OPERATIONS 20000
#define N_NETWORKS 40           /* Of which each has its part of them. */
#define N_PORTS 60
#define MAX_ASKS 3

/* What an allocator sees of the database. */
struct allocator {
    struct addr_set *used[N_SUBNETS];
    bool seen[N_SUBNETS][MAX_ADDRS];
};

struct port {
    struct port_address addresses[2 + 2 * MAX_ASKS];
    size_t n;
    bool exists;
};

static struct allocator allocators[2];
static struct port ports[N_PORTS];
static unsigned int n_conflicts, n_exhausted, n_given;

static bool
one_in(unsigned int n)
{
    return !random_range(n);
}

/* Shows the allocator all that is in the database. */
static void
look(struct allocator *al)
{
    for (int i = 0; i < N_SUBNETS; i++) {
        for (unsigned int j = 0; j < subnets[i].n; j++) {
            struct ip_addr a = nth(subnets[i].cidr.addr, j);
            bool used = subnets[i].owner[j] >= 0;

            if (used != al->seen[i][j]) {
                assert_true(used ? addr_set_insert(al->used[i], a)
                            : addr_set_remove(al->used[i], a));
                al->seen[i][j] = used;
            }
            assert_int_equal(addr_set_contains(al->used[i], a), used);
        }
    }
}

/* Makes addresses 'choice' those of 'p' in the database, or does nothing and
 * returns false if one is another's. */
static bool
commit(int p, const struct choice *choice)
{
    for (size_t i = 0; i < choice->n_addresses; i++) {
        int other = *model_owner(&choice->addresses[i]);

        if (other >= 0 && other != p) {
            return false;
        }
        assert_int_equal(other == p, i < choice->n_kept);
    }
    for (size_t i = 0; i < ports[p].n; i++) {
        *model_owner(&ports[p].addresses[i]) = -1;
    }
    assert_true(choice->n_addresses <= ARRAY_SIZE(ports[p].addresses));
    ports[p].n = choice->n_addresses;
    for (size_t i = 0; i < choice->n_addresses; i++) {
        assert_int_equal(*model_owner(&choice->addresses[i]), -1);
        *model_owner(&choice->addresses[i]) = p;
        ports[p].addresses[i] = choice->addresses[i];
    }
    return true;
}

/* What the model says of a request. */
struct verdict {
    const char *type;           /* Of the error; NULL if there is none. */
    size_t n, n_kept;
};

static struct verdict
judge_default(void)
{
    unsigned int free4 = model_n_free(&subnets[0]) + model_n_free(&subnets[1]);
    unsigned int free6 = model_n_free(&subnets[2]) + model_n_free(&subnets[3]);

    return (struct verdict) {
        .type = free4 && free6 ? NULL : "IpAddressGenerationFailure",
        .n = 2,
    };
}

static struct verdict
judge_asks(int p, const struct fixed_ip_ask *asks, size_t n)
{
    struct verdict v = { .n = n };
    unsigned int wanted[N_SUBNETS] = { 0 }, left[N_SUBNETS];
    unsigned int had[N_SUBNETS] = { 0 };

    for (int i = 0; i < N_SUBNETS; i++) {
        left[i] = model_n_free(&subnets[i]);
    }
    for (size_t i = 0; i < ports[p].n; i++) {
        had[model_find(ports[p].addresses[i].subnet) - subnets]++;
    }
    for (size_t i = 0; i < n; i++) {
        struct subnet *s = model_find(asks[i].subnet);

        if (!asks[i].has_address) {
            wanted[s - subnets]++;
            continue;
        }
        unsigned int j = offset(s->cidr.addr, asks[i].address);
        if (s->owner[j] == p) {
            v.n_kept++;
            had[s - subnets]--;
        } else if (!model_is_host(s, j)) {
            v.type = (asks[i].has_subnet ? "InvalidIpForSubnet"
                      : "InvalidIpForNetwork");
            return v;
        } else if (s->owner[j] >= 0) {
            v.type = "IpAddressAlreadyAllocated";
            return v;
        } else {
            left[s - subnets] -= model_in_pool(s, asks[i].address);
        }
    }
    for (int i = 0; i < N_SUBNETS; i++) {
        v.n_kept += MIN(wanted[i], had[i]);
        if (wanted[i] > had[i] + left[i]) {
            v.type = "IpAddressGenerationFailure";
        }
    }
    return v;
}

/* Fills 'asks' at random, no address twice; those without 'has_subnet' have
 * their subnet all the same, for the model.  Returns how many. */
static size_t
random_asks(struct fixed_ip_ask asks[MAX_ASKS])
{
    size_t n = random_range(MAX_ASKS + 1);

    for (size_t i = 0; i < n; i++) {
        struct subnet *s = &subnets[random_range(N_SUBNETS)];

        asks[i] = (struct fixed_ip_ask) {
            .subnet = s->id,
            .has_subnet = one_in(2),
            .address = nth(s->cidr.addr, random_range(s->n)),
            .has_address = one_in(2),
        };
        asks[i].has_subnet |= !asks[i].has_address;
        for (size_t j = 0; j < i; j++) {
            if (ip_addr_equals(asks[i].address, asks[j].address)) {
                asks[i].has_address = false;
                asks[i].has_subnet = true;
            }
        }
    }
    return n;
}

/* Fails unless each new address is where it has to be: named, or of a pool;
 * and without asks, one of each version, of the first subnet that has any. */
static void
check_choice(const struct choose_request *request, const struct choice *choice)
{
    for (size_t i = choice->n_kept; i < choice->n_addresses; i++) {
        const struct port_address *a = &choice->addresses[i];
        struct subnet *s = model_find(a->subnet);
        bool named = false;

        for (size_t j = 0; j < request->n_fixed_ips; j++) {
            named |= (request->fixed_ips[j].has_address
                      && ip_addr_equals(a->address,
                                        request->fixed_ips[j].address));
        }
        assert_int_equal(*model_owner(a), -1);
        assert_true(named || model_in_pool(s, a->address));
        if (!request->fixed_ips_given) {
            assert_int_equal(a->address.version, i == 0 ? 4 : 6);
            assert_true(s == &subnets[0] || s == &subnets[2]
                        || !model_n_free(s - 1));
        }
    }
}

static void
make_request(const struct allocator *al, int p, struct choose_subnet *views,
             struct choose_request *request)
{
    for (int i = 0; i < N_SUBNETS; i++) {
        views[i] = (struct choose_subnet) {
            .id = subnets[i].id,
            .cidr = subnets[i].cidr,
            .pools = subnets[i].pools,
            .n_pools = subnets[i].n_pools,
            .used = al->used[i],
        };
    }
    *request = (struct choose_request) {
        .network = unit_uuid(UNIT_NETWORK, 1),
        .device_owner = "compute:nova",
        .subnets = views,
        .n_subnets = N_SUBNETS,
        .current = ports[p].addresses,
        .n_current = ports[p].n,
        .update = ports[p].exists,
    };
}

/* Chooses and commits once for port 'p'; returns whether that was it.  If the
 * allocator has looked, what it gets or is told is 'verdict'. */
static bool
attempt(int p, struct choose_request *request, bool looked,
        const struct verdict *verdict)
{
    struct choice choice;
    struct ipam_error *error;
    bool committed = false;

    request->random = u128_from(random_uint64(), random_uint64());
    error = choose_addresses(request, &choice);
    if (!error) {
        if (looked) {
            check_choice(request, &choice);
        }
        committed = commit(p, &choice);
        n_conflicts += !committed;
    }
    if (looked) {
        assert_string_equal(error ? error->type : "",
                            verdict->type ? verdict->type : "");
        assert_int_equal(committed, !verdict->type);
        n_exhausted += error && !strcmp(error->type,
                                        "IpAddressGenerationFailure");
    }
    if (committed) {
        assert_int_equal(choice.n_addresses, verdict->n);
        assert_int_equal(choice.n_kept, verdict->n_kept);
        ports[p].exists = true;
        n_given += choice.n_addresses - choice.n_kept;
    }
    ipam_error_destroy(error);
    choice_destroy(&choice);
    return committed || looked;
}

/* Creates or changes port 'p' through 'al', which may have to look. */
static void
set_port(struct allocator *al, int p)
{
    struct choose_subnet views[N_SUBNETS];
    struct fixed_ip_ask asks[MAX_ASKS];
    struct choose_request request;
    struct verdict verdict;
    bool looked;

    make_request(al, p, views, &request);
    if (request.update || one_in(2)) {
        request.fixed_ips_given = true;
        request.fixed_ips = asks;
        request.n_fixed_ips = random_asks(asks);
    }
    verdict = (request.fixed_ips_given
               ? judge_asks(p, asks, request.n_fixed_ips) : judge_default());

    looked = request.update || one_in(4); /* A port is changed as it is. */
    if (looked) {
        look(al);
    }
    while (!attempt(p, &request, looked, &verdict)) {
        look(al);
        looked = true;
    }
}

static void
delete_port(int p)
{
    for (size_t i = 0; i < ports[p].n; i++) {
        *model_owner(&ports[p].addresses[i]) = -1;
    }
    memset(&ports[p], 0, sizeof ports[p]);
}

/* Fills and empties one network. */
static void
run_network(unsigned int n_operations)
{
    memset(ports, 0, sizeof ports);
    for (int i = 0; i < N_SUBNETS; i++) {
        model_init_subnet(i);
    }
    for (int k = 0; k < 2; k++) {
        memset(&allocators[k], 0, sizeof allocators[k]);
        for (int i = 0; i < N_SUBNETS; i++) {
            allocators[k].used[i] = addr_set_create();
        }
    }
    for (unsigned int op = 0; op < n_operations; op++) {
        int p = random_range(N_PORTS);

        /* Now fuller, now emptier. */
        if (ports[p].exists && random_range(10) < (op / 100 % 2 ? 6 : 2)) {
            delete_port(p);
        } else {
            set_port(&allocators[random_range(2)], p);
        }
        if (one_in(8)) {
            look(&allocators[random_range(2)]);
        }
    }
    for (int k = 0; k < 2; k++) {
        look(&allocators[k]);
        for (int i = 0; i < N_SUBNETS; i++) {
            addr_set_destroy(allocators[k].used[i]);
        }
    }
}

static void
test_random(void **state OVS_UNUSED)
{
    unsigned int n = unit_env("SLUICE_OPERATIONS", N_OPERATIONS);

    for (int i = 0; i < N_NETWORKS; i++) {
        run_network(n / N_NETWORKS);
    }
    if (n >= N_OPERATIONS) {
        /* It has been about what it is to be about. */
        assert_true(n_given > n / 10);
        assert_true(n_conflicts > n / 1000);
        assert_true(n_exhausted > n / 1000);
    }
    seeded_passed();
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        seeded_unit_test(test_random),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
