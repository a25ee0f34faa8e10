/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Arithmetic on ovs_u128, in host byte order: an IPv6 subnet holds more
 * addresses than 64 bits can count.
 *
 * Pure functions of their arguments, without errors: where a result has no
 * place in 128 bits its comment says what comes instead. */

#ifndef IPAM_U128_H
#define IPAM_U128_H 1

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/types.h"

/* Room for 2**128 - 1 in decimal and a null. */
#define U128_DECIMAL_SIZE sizeof "340282366920938463463374607431768211455"

static inline ovs_u128
u128_from(uint64_t hi, uint64_t lo)
{
    ovs_u128 x;

    x.u64.hi = hi;
    x.u64.lo = lo;
    return x;
}

/* Negative, 0 or positive as 'a' is less than, equal to or greater than
 * 'b'. */
int u128_compare(ovs_u128 a, ovs_u128 b);

/* Modulo 2**128. */
ovs_u128 u128_add(ovs_u128 a, ovs_u128 b);
ovs_u128 u128_sub(ovs_u128 a, ovs_u128 b);

/* 'a' + 'b', or 2**128 - 1 if that is less. */
ovs_u128 u128_add_saturate(ovs_u128 a, ovs_u128 b);

/* 1 in bit 'n', counted from the lowest; 'n' < 128. */
ovs_u128 u128_bit(unsigned int n);

/* The part of 'n' that 'x' is of 2**128, rounded down: for an 'x' taken evenly
 * from all values, a value taken evenly from 0 to 'n' - 1, or 0 if 'n' is
 * 0. */
ovs_u128 u128_scale(ovs_u128 x, ovs_u128 n);

/* Puts the exact decimal digits of 'x' into 's'; returns 's'. */
char *u128_to_string(ovs_u128 x, char s[U128_DECIMAL_SIZE]);

#endif /* ipam/u128.h */
