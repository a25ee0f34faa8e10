/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Addresses for tests, from texts that are right. */

#ifndef TESTS_UNIT_IPAM_H
#define TESTS_UNIT_IPAM_H 1

#include "unit.h"

#include "ipam/address.h"

static inline struct ip_addr
addr(const char *s)
{
    struct ip_addr a;
    char *error = ip_addr_parse(s, &a);

    assert_null(error);
    return a;
}

static inline struct ip_prefix
prefix(const char *s)
{
    struct ip_prefix p;
    char *error = ip_prefix_parse(s, &p);

    assert_null(error);
    return p;
}

static inline struct ip_range
range(const char *s)
{
    struct ip_range r;
    char *error = ip_range_parse(s, &r);

    assert_null(error);
    return r;
}

static inline void
assert_addr(struct ip_addr a, const char *expected)
{
    char s[IP_ADDR_SIZE];

    assert_string_equal(ip_addr_format(a, s), expected);
}

/* The address 'n' after 'first', and how far 'a' is from it. */
static inline struct ip_addr
nth(struct ip_addr first, unsigned int n)
{
    struct ip_addr a;

    assert_true(ip_addr_add(first, u128_from(0, n), &a));
    return a;
}

static inline unsigned int
offset(struct ip_addr first, struct ip_addr a)
{
    ovs_u128 n = u128_sub(a.value, first.value);

    assert_int_equal(a.version, first.version);
    assert_true(ip_addr_compare(first, a) <= 0);
    assert_int_equal(n.u64.hi, 0);
    return n.u64.lo;
}

#endif /* tests/unit/ipam.h */
