/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Pools against a model: in every small subnet, with every gateway, the
 * default pools have each host's address but the gateway's, and two pools are
 * refused just when they leave the subnet's hosts or share an address.  Beside
 * it, what overlaps, which pairs of IPv6 modes go together, and totals. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "ipam.h"
#include "ipam/subnet-pools.h"
#include "ipam/subnet-rules.h"

/* Small subnets at the edges of what there is. */
static const struct {
    const char *cidr;
    unsigned int n;             /* How many addresses. */
} subnets[] = {
    { "10.1.0.0/27", 32 }, { "10.1.0.0/28", 16 }, { "10.1.0.0/29", 8 },
    { "10.1.0.0/30", 4 }, { "10.1.0.6/31", 2 }, { "10.1.0.7/32", 1 },
    { "0.0.0.0/30", 4 }, { "255.255.255.252/30", 4 },
    { "255.255.255.254/31", 2 }, { "255.255.255.255/32", 1 },
    { "2001:db8::/123", 32 }, { "2001:db8::/126", 4 },
    { "2001:db8::6/127", 2 }, { "2001:db8::7/128", 1 },
    { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffc/126", 4 }, { "::/126", 4 },
    { "2001:db8::ffff:ffff:ffff:fff8/125", 8 },
};

/* Whether a host can have the 'i'th of 'n' addresses. */
static bool
is_host(int version, unsigned int i, unsigned int n)
{
    return (n == 1 || (version == 4 ? n == 2 || (i != 0 && i != n - 1)
                       : i != 0));
}

static void
check_default(struct ip_prefix cidr, unsigned int n,
              const struct ip_addr *gateway)
{
    struct ip_range pools[SUBNET_MAX_DEFAULT_POOLS];
    size_t n_pools = subnet_default_pools(cidr, gateway, pools);
    struct ipam_error *error = subnet_check_pools(cidr, pools, n_pools);
    unsigned int total = 0;

    assert_true(n_pools <= SUBNET_MAX_DEFAULT_POOLS);
    assert_null(error);
    for (unsigned int i = 0; i < n; i++) {
        struct ip_addr a = nth(cidr.addr, i);
        bool expected = (is_host(a.version, i, n)
                         && (n == 1 || !gateway
                             || !ip_addr_equals(a, *gateway)));
        unsigned int in = 0;

        for (size_t j = 0; j < n_pools; j++) {
            in += ip_range_contains(pools[j], a);
        }
        assert_int_equal(in, expected);
        total += expected;
    }
    assert_int_equal(ip_ranges_size(pools, n_pools).u64.lo, total);
    assert_int_equal(subnet_total_ips(cidr, pools, n_pools).u64.lo,
                     total ? total : n);
}

static void
test_default_pools(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(subnets); i++) {
        struct ip_prefix cidr = prefix(subnets[i].cidr);
        struct ip_addr gateway;

        check_default(cidr, subnets[i].n, NULL);
        for (unsigned int j = 0; j < subnets[i].n; j++) {
            gateway = nth(cidr.addr, j);
            check_default(cidr, subnets[i].n, &gateway);
        }
        if (ip_addr_next(ip_prefix_last(cidr), &gateway)) {
            check_default(cidr, subnets[i].n, &gateway);
        }
        if (ip_addr_prev(ip_prefix_first(cidr), &gateway)) {
            check_default(cidr, subnets[i].n, &gateway);
        }
    }
}

/* All pairs of pools [a, b] and [c, d] in a subnet and one address around it:
 * what is refused, and as what. */
static void
check_pairs(struct ip_prefix cidr, unsigned int n)
{
    struct ip_addr before;

    assert_true(ip_addr_prev(cidr.addr, &before));
    for (unsigned int abcd = 0; abcd < (n + 2) * (n + 2) * (n + 2) * (n + 2);
         abcd++) {
        unsigned int ends[4], rest = abcd;
        struct ip_range pools[2];
        struct ipam_error *error;
        bool out = false;
        const char *type;

        for (int i = 0; i < 4; i++) {
            ends[i] = rest % (n + 2);
            rest /= n + 2;
            out |= !ends[i] || ends[i] > n || !is_host(cidr.addr.version,
                                                       ends[i] - 1, n);
        }
        if (ends[0] > ends[1] || ends[2] > ends[3]) {
            continue;
        }
        for (int i = 0; i < 2; i++) {
            pools[i].first = nth(before, ends[2 * i]);
            pools[i].last = nth(before, ends[2 * i + 1]);
        }
        type = (out ? "OutOfBoundsAllocationPool"
                : ends[0] <= ends[3] && ends[2] <= ends[1]
                ? "OverlappingAllocationPools" : NULL);
        error = subnet_check_pools(cidr, pools, 2);
        assert_int_equal(!error, !type);
        if (error) {
            assert_string_equal(error->type, type);
            assert_int_equal(error->status, out ? 400 : 409);
        }
        ipam_error_destroy(error);
    }
}

static void
test_pairs_of_pools(void **state OVS_UNUSED)
{
    check_pairs(prefix("10.1.0.0/29"), 8);
    check_pairs(prefix("10.1.0.6/31"), 2);
    check_pairs(prefix("10.1.0.7/32"), 1);
    check_pairs(prefix("2001:db8::/125"), 8);
    check_pairs(prefix("2001:db8::6/127"), 2);
    check_pairs(prefix("2001:db8::7/128"), 1);
}

static void
test_overlap(void **state OVS_UNUSED)
{
    struct ip_prefix others[] = { prefix("10.1.0.0/24"),
                                  prefix("2001:db8::/64") };
    static const char *const bad[] = { "10.1.0.0/24", "10.0.0.0/8",
                                       "10.1.0.128/25", "2001:db8::/48" };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct ipam_error *error = subnet_check_overlap(prefix(bad[i]),
                                                        others, 2, "NET");

        assert_non_null(error);
        assert_int_equal(error->status, 400);
        assert_string_equal(error->type, "InvalidInput");
        assert_non_null(strstr(error->message, bad[i]));
        assert_non_null(strstr(error->message, "NET"));
        ipam_error_destroy(error);
    }
    assert_null(subnet_check_overlap(prefix("10.1.1.0/24"), others, 2, "NET"));
    assert_null(subnet_check_overlap(prefix("2001:db9::/64"), others, 2,
                                     "NET"));
    assert_null(subnet_check_overlap(prefix("10.1.0.0/24"), NULL, 0, "NET"));
}

/* Each pair of IPv6 modes. */
static void
test_modes(void **state OVS_UNUSED)
{
    static const char *const modes[] = { "", "slaac", "dhcpv6-stateful",
                                         "dhcpv6-stateless" };

    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(modes); j++) {
            struct subnet s;
            struct ipam_error *error;

            struct subnet_request request = {
                .cidr = "2001:db8::/64",
                .ipv6_ra_mode = modes[i],
                .ipv6_address_mode = modes[j],
            };
            error = subnet_create(&request, &s);
            assert_int_equal(!error, !i || !j || i == j);
            if (!error) {
                assert_string_equal(subnet_mode_to_string(s.ra_mode),
                                    modes[i]);
                assert_string_equal(subnet_mode_to_string(s.address_mode),
                                    modes[j]);
                assert_int_equal(subnet_mode_is_auto(s.ra_mode,
                                                     s.address_mode),
                                 i == 1 || i == 3 || j == 1 || j == 3);
                subnet_destroy(&s);
            }
            ipam_error_destroy(error);
        }
    }
}

/* Totals that 64 bits cannot hold. */
static void
test_totals(void **state OVS_UNUSED)
{
    struct ip_range pools[] = { range("2001:db8::1-2001:db8::ffff:ffff:ffff:"
                                      "ffff"),
                                range("2001:db8:1::-2001:db8:1::f") };
    char s[U128_DECIMAL_SIZE];

    assert_string_equal(
        u128_to_string(subnet_total_ips(prefix("2001:db8::/32"), pools, 2), s),
        "18446744073709551631");
    assert_string_equal(
        u128_to_string(subnet_total_ips(prefix("2001:db8::/64"), NULL, 0), s),
        "18446744073709551616");
    assert_string_equal(
        u128_to_string(subnet_total_ips(prefix("10.1.0.0/24"), NULL, 0), s),
        "256");
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_pools),
        cmocka_unit_test(test_pairs_of_pools),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_totals),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
