/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "ipam/u128.h"

#include <stdio.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

int
u128_compare(ovs_u128 a, ovs_u128 b)
{
    if (a.u64.hi != b.u64.hi) {
        return a.u64.hi < b.u64.hi ? -1 : 1;
    }
    return a.u64.lo < b.u64.lo ? -1 : a.u64.lo > b.u64.lo;
}

ovs_u128
u128_add(ovs_u128 a, ovs_u128 b)
{
    uint64_t lo = a.u64.lo + b.u64.lo;

    return u128_from(a.u64.hi + b.u64.hi + (lo < a.u64.lo), lo);
}

ovs_u128
u128_sub(ovs_u128 a, ovs_u128 b)
{
    return u128_from(a.u64.hi - b.u64.hi - (a.u64.lo < b.u64.lo),
                     a.u64.lo - b.u64.lo);
}

ovs_u128
u128_add_saturate(ovs_u128 a, ovs_u128 b)
{
    ovs_u128 sum = u128_add(a, b);

    return u128_compare(sum, a) < 0 ? OVS_U128_MAX : sum;
}

ovs_u128
u128_bit(unsigned int n)
{
    ovs_assert(n < 128);
    return n < 64 ? u128_from(0, UINT64_C(1) << n)
                  : u128_from(UINT64_C(1) << (n - 64), 0);
}

/* 'a' times 'b', all 128 bits. */
static ovs_u128
multiply(uint64_t a, uint64_t b)
{
    uint64_t a1 = a >> 32, a0 = a & UINT32_MAX;
    uint64_t b1 = b >> 32, b0 = b & UINT32_MAX;
    uint64_t low = a0 * b0;
    uint64_t mid = a1 * b0 + (low >> 32);
    uint64_t mid2 = a0 * b1 + (mid & UINT32_MAX);

    return u128_from(a1 * b1 + (mid >> 32) + (mid2 >> 32),
                     (mid2 << 32) | (low & UINT32_MAX));
}

ovs_u128
u128_scale(ovs_u128 x, ovs_u128 n)
{
    /* The upper half of the 256 bits of x * n. */
    ovs_u128 low = multiply(x.u64.lo, n.u64.lo);
    ovs_u128 a = multiply(x.u64.hi, n.u64.lo);
    ovs_u128 b = multiply(x.u64.lo, n.u64.hi);
    ovs_u128 high = multiply(x.u64.hi, n.u64.hi);
    ovs_u128 mid = u128_from(0, low.u64.hi);

    mid = u128_add(mid, u128_from(0, a.u64.lo));
    mid = u128_add(mid, u128_from(0, b.u64.lo));
    high = u128_add(high, u128_from(0, a.u64.hi));
    high = u128_add(high, u128_from(0, b.u64.hi));
    return u128_add(high, u128_from(0, mid.u64.hi));
}

/* Divides '*x' by 10; returns the remainder. */
static unsigned int
divide_by_10(ovs_u128 *x)
{
    uint32_t digits[] = { x->u64.hi >> 32, x->u64.hi, x->u64.lo >> 32,
                          x->u64.lo };
    uint64_t rest = 0;

    for (size_t i = 0; i < ARRAY_SIZE(digits); i++) {
        rest = (rest << 32) | digits[i];
        digits[i] = rest / 10;
        rest %= 10;
    }
    *x = u128_from(((uint64_t) digits[0] << 32) | digits[1],
                   ((uint64_t) digits[2] << 32) | digits[3]);
    return rest;
}

char *
u128_to_string(ovs_u128 x, char s[U128_DECIMAL_SIZE])
{
    char *p = s + U128_DECIMAL_SIZE;

    *--p = '\0';
    do {
        *--p = '0' + divide_by_10(&x);
    } while (!ovs_u128_is_zero(x));
    return memmove(s, p, s + U128_DECIMAL_SIZE - p);
}
