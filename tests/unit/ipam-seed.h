/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Tests that a seed repeats: SLUICE_SEED in the environment, or else a random
 * one.  A test that is to be repeated ends with seeded_passed(); one that
 * fails before it prints its seed. */

#ifndef TESTS_UNIT_IPAM_SEED_H
#define TESTS_UNIT_IPAM_SEED_H 1

#include "unit.h"

#include "random.h"

#define seeded_unit_test(TEST) \
    cmocka_unit_test_setup_teardown(TEST, seeded_setup, seeded_teardown)

static unsigned int seeded_seed;
static bool seeded_has_passed;

static int
seeded_setup(void **state OVS_UNUSED)
{
    seeded_has_passed = false;
    random_init();
    seeded_seed = unit_env("SLUICE_SEED", random_uint32());
    random_set_seed(seeded_seed ? seeded_seed : 1);
    return 0;
}

static void
seeded_passed(void)
{
    seeded_has_passed = true;
}

static int
seeded_teardown(void **state OVS_UNUSED)
{
    if (!seeded_has_passed) {
        print_error("repeat with SLUICE_SEED=%u\n", seeded_seed);
    }
    return 0;
}

#endif /* tests/unit/ipam-seed.h */
