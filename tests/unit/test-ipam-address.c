/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Addresses, prefixes and ranges: their texts and their arithmetic. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "ipam.h"

/* Fails unless 'error', which it frees, is there and says 'reason' of 's'. */
static void
assert_refused(char *error, const char *s, const char *reason)
{
    assert_non_null(error);
    assert_non_null(strstr(error, s));
    assert_non_null(strstr(error, reason));
    free(error);
}

static void
test_addresses(void **state OVS_UNUSED)
{
    static const char *const good[][2] = {
        { "10.1.0.1", "10.1.0.1" },
        { "0.0.0.0", "0.0.0.0" },
        { "255.255.255.255", "255.255.255.255" },
        { "::", "::" },
        { "2001:DB8::0:1", "2001:db8::1" },
        { "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
        { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
        { "::ffff:10.0.0.1", "::ffff:10.0.0.1" },
    };
    static const char *const bad[] = {
        "", " ", "10.1.0", "10.1.0.256", "10.1.0.1 ", " 10.1.0.1", "010.1.0.1",
        "10.1.0.1/24", "0x0a010001", "167837697", "1::2::3", ":::",
        "fe80::1%eth0", "12345::", "host",
    };

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        assert_addr(addr(good[i][0]), good[i][1]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct ip_addr a;

        assert_refused(ip_addr_parse(bad[i], &a), bad[i],
                       "is not a valid IP address");
    }
}

/* A message repeats what is wrong, but not all of what is long, and does not
 * cut a character in two. */
static void
test_long_values(void **state OVS_UNUSED)
{
    char *s = xmalloc(10001);
    struct ip_addr a;
    char *error;

    for (int shift = 0; shift < 2; shift++) {
        memset(s, 'x', 10000);
        for (int i = shift; i + 1 < 10000; i += 2) {
            memcpy(&s[i], "\xc3\xbc", 2);
        }
        s[10000] = '\0';
        error = ip_addr_parse(s, &a);
        assert_non_null(error);
        assert_true(strlen(error) < 120);
        assert_non_null(strstr(error, "\xc3\xbc...'"));
        free(error);
    }
    free(s);
}

static void
test_compare(void **state OVS_UNUSED)
{
    static const char *const sorted[] = {
        "0.0.0.0", "9.255.255.255", "10.0.0.0", "127.255.255.255",
        "128.0.0.0", "255.255.255.255", "::", "::9.255.255.255", "::1:0:0:0",
        "7fff::", "8000::", "ffff::",
    };

    for (size_t i = 0; i < ARRAY_SIZE(sorted); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(sorted); j++) {
            int cmp = ip_addr_compare(addr(sorted[i]), addr(sorted[j]));

            assert_int_equal((cmp > 0) - (cmp < 0), (i > j) - (i < j));
            assert_int_equal(ip_addr_equals(addr(sorted[i]), addr(sorted[j])),
                             i == j);
        }
    }
}

static void
test_add(void **state OVS_UNUSED)
{
    static const struct {
        const char *low;
        uint64_t hi, lo;
        const char *high;       /* NULL: there is none. */
    } cases[] = {
        { "10.0.0.255", 0, 1, "10.0.1.0" },
        { "0.0.0.0", 0, UINT32_MAX, "255.255.255.255" },
        { "0.0.0.1", 0, UINT32_MAX, NULL },
        { "255.255.255.255", 0, 1, NULL },
        { "10.0.0.0", 1, 0, NULL },
        { "::ffff:ffff:ffff:ffff", 0, 1, "0:0:0:1::" },
        { "::", UINT64_MAX, UINT64_MAX,
          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
        { "::1", UINT64_MAX, UINT64_MAX, NULL },
        { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0, 1, NULL },
        { "2001:db8::", 1, 1, "2001:db8:0:1::1" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        ovs_u128 n = u128_from(cases[i].hi, cases[i].lo);
        struct ip_addr a;

        if (!cases[i].high) {
            assert_false(ip_addr_add(addr(cases[i].low), n, &a));
            continue;
        }
        assert_true(ip_addr_add(addr(cases[i].low), n, &a));
        assert_addr(a, cases[i].high);
        assert_true(ip_addr_sub(a, n, &a));
        assert_addr(a, cases[i].low);
    }
    struct ip_addr a = addr("1.2.3.4");
    assert_false(ip_addr_prev(addr("0.0.0.0"), &a));
    assert_false(ip_addr_prev(addr("::"), &a));
    assert_addr(a, "1.2.3.4");
    assert_true(ip_addr_prev(addr("0:0:0:1::"), &a));
    assert_addr(a, "::ffff:ffff:ffff:ffff");
}

static void
test_prefixes(void **state OVS_UNUSED)
{
    static const char *const good[][4] = {
        { "10.1.0.0/24", "10.1.0.0/24", "10.1.0.0", "10.1.0.255" },
        { "10.1.0.77/24", "10.1.0.0/24", "10.1.0.0", "10.1.0.255" },
        { "10.1.0.77/32", "10.1.0.77/32", "10.1.0.77", "10.1.0.77" },
        { "10.1.0.77/31", "10.1.0.76/31", "10.1.0.76", "10.1.0.77" },
        { "200.1.2.3/0", "0.0.0.0/0", "0.0.0.0", "255.255.255.255" },
        { "200.1.2.3/1", "128.0.0.0/1", "128.0.0.0", "255.255.255.255" },
        { "2001:db8::1/64", "2001:db8::/64", "2001:db8::",
          "2001:db8::ffff:ffff:ffff:ffff" },
        { "2001:db8::1/63", "2001:db8::/63", "2001:db8::",
          "2001:db8:0:1:ffff:ffff:ffff:ffff" },
        { "2001:db8::1/65", "2001:db8::/65", "2001:db8::",
          "2001:db8::7fff:ffff:ffff:ffff" },
        { "ffff::1/0", "::/0", "::",
          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
        { "::5/128", "::5/128", "::5", "::5" },
    };
    static const char *const bad[][2] = {
        { "10.1.0.0", "a prefix length has to follow" },
        { "10.1.0.0/33", "from 0 to 32" },
        { "10.1.0.0/-1", "from 0 to 32" },
        { "10.1.0.0/", "from 0 to 32" },
        { "10.1.0.0/+8", "from 0 to 32" },
        { "10.1.0.0/24 ", "from 0 to 32" },
        { "10.1.0.0/0024", "from 0 to 32" },
        { "10.1.0.0/24/24", "from 0 to 32" },
        { "10.1.0.0/255.255.255.0", "from 0 to 32" },
        { "10.1.0.0/4294967320", "from 0 to 32" },
        { "2001:db8::/129", "from 0 to 128" },
        { "10.1.0/24", "does not begin with an address" },
        { "/24", "does not begin with an address" },
        { "", "has to follow" },
        { "1111111111111111111111111111111111111111111111/8", "not a valid" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        struct ip_prefix p = prefix(good[i][0]);
        char s[IP_PREFIX_SIZE];

        assert_string_equal(ip_prefix_format(p, s), good[i][1]);
        assert_addr(ip_prefix_first(p), good[i][2]);
        assert_addr(ip_prefix_last(p), good[i][3]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct ip_prefix p;

        assert_refused(ip_prefix_parse(bad[i][0], &p), bad[i][0], bad[i][1]);
    }
}

static void
test_contains(void **state OVS_UNUSED)
{
    struct ip_prefix p = prefix("10.1.0.0/24");

    assert_true(ip_prefix_contains(p, addr("10.1.0.0")));
    assert_true(ip_prefix_contains(p, addr("10.1.0.255")));
    assert_false(ip_prefix_contains(p, addr("10.0.255.255")));
    assert_false(ip_prefix_contains(p, addr("10.1.1.0")));
    assert_false(ip_prefix_contains(p, addr("::10.1.0.1")));
    assert_false(ip_prefix_contains(prefix("::/0"), addr("10.1.0.1")));

    assert_true(ip_prefix_overlaps(p, prefix("10.0.0.0/8")));
    assert_true(ip_prefix_overlaps(prefix("10.0.0.0/8"), p));
    assert_true(ip_prefix_overlaps(p, p));
    assert_false(ip_prefix_overlaps(p, prefix("10.1.1.0/24")));
    assert_false(ip_prefix_overlaps(p, prefix("::/1")));
}

static void
test_ranges(void **state OVS_UNUSED)
{
    static const char *const bad[][2] = {
        { "10.0.0.1", "not FIRST-LAST" },
        { "10.0.0.1-", "not two addresses" },
        { "-10.0.0.1", "not two addresses" },
        { "10.0.0.1-10.0.0.2-10.0.0.3", "not two addresses" },
        { "10.0.0.2-10.0.0.1", "before its start" },
        { "10.0.0.2-::1", "different IP versions" },
    };
    struct ip_range all[] = {
        range("10.0.0.1-10.0.0.254"),
        range("2001:db8::-2001:db8::ffff:ffff:ffff:ffff"),
        range("::5-::5"),
    };
    char s[IP_RANGE_SIZE], n[U128_DECIMAL_SIZE];

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct ip_range r;

        assert_refused(ip_range_parse(bad[i][0], &r), bad[i][0], bad[i][1]);
    }
    assert_string_equal(ip_range_format(all[0], s), "10.0.0.1-10.0.0.254");
    assert_string_equal(u128_to_string(ip_range_size(all[0]), n), "254");
    assert_string_equal(u128_to_string(ip_ranges_size(all, 3), n),
                        "18446744073709551871");
    assert_string_equal(
        u128_to_string(ip_range_size(ip_prefix_range(prefix("::/1"))), n),
        "170141183460469231731687303715884105728");
    assert_string_equal(
        u128_to_string(ip_range_size(ip_prefix_range(prefix("::/0"))), n),
        "340282366920938463463374607431768211455");
    assert_true(ip_range_overlaps(range("::1-::5"), range("::5-::9")));
    assert_false(ip_range_overlaps(range("::1-::5"), range("::6-::9")));
    assert_false(ip_range_overlaps(range("0.0.0.1-0.0.0.5"),
                                   range("::1-::5")));
}

/* RFC 4291 appendix A has 34-56-78-9A-BC-DE. */
static void
test_eui64(void **state OVS_UNUSED)
{
    struct eth_addr global = ETH_ADDR_C(34,56,78,9a,bc,de);
    struct eth_addr local = ETH_ADDR_C(fa,16,3e,00,00,01);

    assert_addr(ip_addr_from_eui64(prefix("2001:db8:1::/64"), global),
                "2001:db8:1:0:3656:78ff:fe9a:bcde");
    assert_addr(ip_addr_from_eui64(prefix("fd00::/64"), local),
                "fd00::f816:3eff:fe00:1");
}

static void
test_decimal(void **state OVS_UNUSED)
{
    static const struct {
        uint64_t hi, lo;
        const char *text;
    } cases[] = {
        { 0, 0, "0" },
        { 0, 9, "9" },
        { 0, 10, "10" },
        { 0, UINT64_MAX, "18446744073709551615" },
        { 1, 0, "18446744073709551616" },
        { UINT64_C(0x4b3b4ca85a86c47a), UINT64_C(0x098a224000000000),
          "100000000000000000000000000000000000000" },
        { UINT64_MAX, UINT64_MAX, "340282366920938463463374607431768211455" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char s[U128_DECIMAL_SIZE];

        assert_string_equal(u128_to_string(u128_from(cases[i].hi,
                                                     cases[i].lo), s),
                            cases[i].text);
    }
}

/* A number scaled to n is below n, all are reached, and in order. */
static void
test_scale(void **state OVS_UNUSED)
{
    static const struct {
        ovs_u128 x, n, expected;
    } cases[] = {
#define U(HI, LO) { .u64 = { .hi = HI, .lo = LO } }
        { U(0, 0), U(0, 7), U(0, 0) },
        { U(UINT64_MAX, UINT64_MAX), U(0, 7), U(0, 6) },
        { U(UINT64_MAX, UINT64_MAX), U(0, 1), U(0, 0) },
        { U(UINT64_MAX, UINT64_MAX), U(0, 0), U(0, 0) },
        { U(UINT64_C(1) << 63, 0), U(0, 1000), U(0, 500) },
        { U((UINT64_C(1) << 63) - 1, UINT64_MAX), U(0, 1000), U(0, 499) },
        { U(UINT64_C(1) << 63, 0), U(3, 8), U(1, (UINT64_C(1) << 63) + 4) },
        { U(UINT64_MAX, UINT64_MAX), U(UINT64_MAX, UINT64_MAX),
          U(UINT64_MAX, UINT64_MAX - 1) },
        { U(UINT64_C(0x123456789abcdef0), UINT64_C(0xfedcba9876543210)),
          U(UINT64_C(0x0fedcba987654321), UINT64_C(0x123456789abcdef0)),
          U(UINT64_C(0x0121fa00ad77d742), UINT64_C(0x335deb7595e5ff79)) },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        ovs_u128 y = u128_scale(cases[i].x, cases[i].n);

        assert_int_equal(y.u64.hi, cases[i].expected.u64.hi);
        assert_int_equal(y.u64.lo, cases[i].expected.u64.lo);
    }
    for (unsigned int i = 0; i < 256; i++) {
        assert_int_equal(u128_scale(u128_from((uint64_t) i << 56, 0),
                                    u128_from(0, 256)).u64.lo, i);
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_long_values),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_contains),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_eui64),
        cmocka_unit_test(test_decimal),
        cmocka_unit_test(test_scale),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
