/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The set of used addresses, against an array of all addresses: random
 * insertions and removals, random pools, in subnets of both versions; that
 * each free address is as likely as another; and that to find one takes no
 * more comparisons than a search in an ordered structure does.
 *
 * A failure prints the seed that repeats it; SLUICE_SEED in the environment
 * sets it, and SLUICE_OPERATIONS how many operations there are. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "ipam.h"
#include "ipam-seed.h"
#include "ipam/addr-set.h"
#include "random.h"

#define N_OPERATIONS 20000
#define MAX_ADDRS 300

/* A subnet and which of its addresses are used. */
struct model {
    struct ip_addr first;
    unsigned int n;             /* Addresses in all. */
    bool used[MAX_ADDRS];
    struct ip_range pools[4];
    size_t n_pools;
    struct addr_set *set;
};

static ovs_u128
random_u128(void)
{
    return u128_from(random_uint64(), random_uint64());
}

/* Makes random pools out of pieces of the subnet, in any order. */
static void
random_pools(struct model *m)
{
    unsigned int at = random_range(3);

    m->n_pools = 0;
    while (m->n_pools < ARRAY_SIZE(m->pools)) {
        unsigned int size = 1 + random_range(m->n / 3 + 1);

        if (at + size > m->n) {
            break;
        }
        m->pools[m->n_pools].first = nth(m->first, at);
        m->pools[m->n_pools++].last = nth(m->first, at + size - 1);
        at += size + random_range(3); /* Pools may touch. */
    }
    for (size_t i = 1; i < m->n_pools; i++) {
        size_t j = random_range(i + 1);
        struct ip_range tmp = m->pools[i];

        m->pools[i] = m->pools[j];
        m->pools[j] = tmp;
    }
}

static bool
in_pools(const struct model *m, unsigned int i)
{
    for (size_t j = 0; j < m->n_pools; j++) {
        if (ip_range_contains(m->pools[j], nth(m->first, i))) {
            return true;
        }
    }
    return false;
}

/* Compares all that the set answers with the model. */
static void
check(const struct model *m)
{
    struct ip_addr found;
    unsigned int n_used = 0, n_runs = 0, n_free = 0;

    for (unsigned int i = 0; i < m->n; i++) {
        assert_int_equal(addr_set_contains(m->set, nth(m->first, i)),
                         m->used[i]);
        n_used += m->used[i];
        n_runs += m->used[i] && (!i || !m->used[i - 1]);
        n_free += !m->used[i] && in_pools(m, i);
    }
    assert_int_equal(addr_set_count(m->set).u64.lo, n_used);
    assert_int_equal(addr_set_n_runs(m->set), n_runs);

    for (size_t j = 0; j < m->n_pools; j++) {
        unsigned int first = offset(m->first, m->pools[j].first);
        unsigned int last = offset(m->first, m->pools[j].last);
        unsigned int n = 0;

        for (unsigned int i = first; i <= last; i++) {
            n += m->used[i];
        }
        assert_int_equal(addr_set_count_in(m->set, m->pools[j]).u64.lo, n);
    }

    assert_int_equal(addr_set_find_free(m->set, m->pools, m->n_pools,
                                        random_u128(), &found), n_free > 0);
    if (n_free) {
        assert_false(m->used[offset(m->first, found)]);
        assert_true(in_pools(m, offset(m->first, found)));
    }
}

static void
operate(struct model *m, int inclination)
{
    unsigned int i = random_range(m->n);
    struct ip_addr a = nth(m->first, i);

    if (!random_range(3)) {
        if (addr_set_find_free(m->set, m->pools, m->n_pools, random_u128(),
                               &a)) {
            i = offset(m->first, a);
            assert_true(addr_set_insert(m->set, a));
            m->used[i] = true;
        }
    } else if (random_range(10) < inclination) {
        assert_int_equal(addr_set_insert(m->set, a), !m->used[i]);
        m->used[i] = true;
    } else {
        assert_int_equal(addr_set_remove(m->set, a), m->used[i]);
        m->used[i] = false;
    }
}

static void
test_random(void **state OVS_UNUSED)
{
    static const struct {
        const char *first;
        unsigned int n;
    } subnets[] = {
        { "10.0.0.0", 256 },
        { "0.0.0.0", 16 },
        { "255.255.255.0", 256 },
        { "2001:db8::ffff:ffff:ffff:ff80", 256 }, /* Across 64 bits. */
        { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00", 256 },
        { "::", 3 },
        { "10.0.0.7", 1 },
    };
    unsigned int n = unit_env("SLUICE_OPERATIONS", N_OPERATIONS);

    for (size_t i = 0; i < ARRAY_SIZE(subnets); i++) {
        struct model m = { .first = addr(subnets[i].first),
                           .n = subnets[i].n, .set = addr_set_create() };

        for (unsigned int j = 0; j < n / ARRAY_SIZE(subnets); j++) {
            if (j % 100 == 0) {
                random_pools(&m);
            }
            /* Now fuller, now emptier. */
            operate(&m, j / 500 % 2 ? 2 : 8);
            if (!random_range(10)) {
                check(&m);
            }
        }
        addr_set_destroy(m.set);
    }
    seeded_passed();
}

/* A full pool is full at its last address, not before. */
static void
test_exhaustion(void **state OVS_UNUSED)
{
    struct ip_range pools[] = { range("10.0.0.20-10.0.0.29"),
                                range("10.0.0.5-10.0.0.5"),
                                range("10.0.0.6-10.0.0.9") };
    struct addr_set *set = addr_set_create();
    struct ip_addr a;

    for (int i = 0; i < 15; i++) {
        assert_true(addr_set_find_free(set, pools, 3, random_u128(), &a));
        assert_true(addr_set_insert(set, a));
    }
    assert_false(addr_set_find_free(set, pools, 3, random_u128(), &a));
    assert_int_equal(addr_set_n_runs(set), 2);
    assert_false(addr_set_find_free(set, pools, 0, random_u128(), &a));

    /* Whatever the place to start, the one that is free is found. */
    assert_true(addr_set_remove(set, addr("10.0.0.7")));
    for (int i = 0; i < 100; i++) {
        assert_true(addr_set_find_free(set, pools, 3, random_u128(), &a));
        assert_addr(a, "10.0.0.7");
    }
    addr_set_destroy(set);
    seeded_passed();
}

/* Each address of an empty subnet is found, by just its part of all random
 * numbers. */
static void
test_evenness(void **state OVS_UNUSED)
{
    struct ip_range pools[] = { range("10.0.0.1-10.0.0.100"),
                                range("10.0.0.128-10.0.0.128"),
                                range("10.0.0.200-10.0.0.226") };
    struct addr_set *set = addr_set_create();
    unsigned int hits[256] = { 0 };

    for (unsigned int i = 0; i < 1024; i++) {
        struct ip_addr a;

        assert_true(addr_set_find_free(set, pools, 3,
                                       u128_from((uint64_t) i << 54, 0), &a));
        hits[offset(addr("10.0.0.0"), a)]++;
    }
    for (unsigned int i = 0; i < 256; i++) {
        bool in = ((i >= 1 && i <= 100) || i == 128
                   || (i >= 200 && i <= 226));

        assert_int_equal(hits[i], in ? 8 : 0);
    }
    addr_set_destroy(set);
}

/* Comparisons, on average, of finding a free address and taking it, with
 * every other one of 'n_used' addresses used of a /16: as many runs as there
 * can be. */
static double
cost(unsigned int n_used)
{
    struct ip_addr first = addr("10.0.0.0");
    struct ip_range pool = { first, nth(first, 65535) };
    struct addr_set *set = addr_set_create();
    unsigned long long int before;
    const unsigned int n = 2000;

    for (unsigned int i = 0; i < n_used; i++) {
        addr_set_insert(set, nth(first, i < 32768 ? 2 * i
                                 : 2 * (i - 32768) + 1));
    }
    before = addr_set_n_compared(set);
    for (unsigned int i = 0; i < n; i++) {
        struct ip_addr a;

        assert_true(addr_set_find_free(set, &pool, 1, random_u128(), &a));
        assert_true(addr_set_insert(set, a));
        assert_true(addr_set_remove(set, a));
    }
    double average = (double) (addr_set_n_compared(set) - before) / n;
    addr_set_destroy(set);
    return average;
}

/* A search among n in a skip list takes about 2 * log2(n) comparisons, and
 * there are about five in a round of find, insert and remove; a walk along the
 * runs, or the addresses, would take thousands. */
static void
test_scaling(void **state OVS_UNUSED)
{
    const double per_level = 5 * 2 * 2;

    assert_true(cost(1000) < per_level * 10);
    assert_true(cost(30000) < per_level * 15);
    assert_true(cost(60000) < per_level * 15);

    /* Sixty times as many may cost six levels more, and luck as much. */
    assert_true(cost(30000) - cost(500) < 2 * per_level * 6);
    seeded_passed();
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        seeded_unit_test(test_random),
        seeded_unit_test(test_exhaustion),
        cmocka_unit_test(test_evenness),
        seeded_unit_test(test_scaling),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
