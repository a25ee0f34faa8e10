/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Where a port is: each rule of place.h, and what follows when machines are
 * plugged and moved.  That it comes to the same whoever sees what when is in
 * test-place-random.c. */

#include <config.h>

#include "unit.h"

#include <string.h>

#include "ovs-agent/place.h"

/* The winner. */

static void
assert_found(const struct place_claim *claims, size_t n, const char *host)
{
    const struct place_claim *best = place_find(claims, n);

    assert_non_null(best);
    assert_string_equal(best->host, host);
}

static void
nobody(void **state OVS_UNUSED)
{
    assert_null(place_find(NULL, 0));
}

static void
greatest_claim_wins(void **state OVS_UNUSED)
{
    const struct place_claim claims[] = {
        { "hv1", 1 }, { "hv2", 7 }, { "hv3", -3 }, { "hv1", 7 },
    };

    assert_found(claims, 1, "hv1");
    assert_found(claims, 3, "hv2");
    assert_found(&claims[2], 1, "hv3");
    assert_found(&claims[2], 2, "hv1");
}

static void
last_host_wins_of_equals(void **state OVS_UNUSED)
{
    const struct place_claim claims[] = {
        { "hv2", 1 }, { "hv10", 1 }, { "hv3", 1 }, { "hv1", 1 },
        { "hv2", 1 },
    };

    assert_found(claims, 3, "hv3");
    assert_found(&claims[1], 3, "hv3");
    assert_found(&claims[3], 2, "hv2");
    assert_found(claims, 2, "hv2");
}

static void
claims_have_no_end(void **state OVS_UNUSED)
{
    const struct place_claim claims[] = {
        { "hv1", INT64_MIN }, { "hv2", INT64_MAX }, { "hv3", 0 },
    };

    assert_found(claims, 3, "hv2");
    assert_found(claims, 1, "hv1");
}

/* What to claim. */

/* We are hv5. */
#define SELF "hv5"

/* Fails unless we, with a row that says 'own' or without one, claim
 * 'expected'. */
static void
assert_claim_with_row(int64_t own, const struct place_claim *others, size_t n,
                      const char *wanted, int64_t expected)
{
    assert_true(place_claim(SELF, &own, others, n, wanted) == expected);
}

static void
assert_claim_anew(const struct place_claim *others, size_t n,
                  const char *wanted, int64_t expected)
{
    assert_true(place_claim(SELF, NULL, others, n, wanted) == expected);
}

static void
alone(void **state OVS_UNUSED)
{
    assert_claim_anew(NULL, 0, "", 1);
    assert_claim_anew(NULL, 0, SELF, 1);
    assert_claim_anew(NULL, 0, "hv1", 1);
}

/* A restart changes nothing, nor does what is wanted as long as nobody else is
 * there. */
static void
alone_again(void **state OVS_UNUSED)
{
    assert_claim_with_row(7, NULL, 0, "", 7);
    assert_claim_with_row(-7, NULL, 0, SELF, -7);
    assert_claim_with_row(0, NULL, 0, "hv1", 0);
}

static const struct place_claim two[] = { { "hv1", 3 }, { "hv8", 6 } };

static void
newcomer_takes_over(void **state OVS_UNUSED)
{
    assert_claim_anew(two, 2, "", 7);
    assert_claim_anew(two, 1, "", 4);
}

/* Whoever is wanted there holds no interface. */
static void
newcomer_takes_over_from_unwanted(void **state OVS_UNUSED)
{
    assert_claim_anew(two, 2, "hv9", 7);
    assert_claim_anew(two, 1, "hv8", 4);
}

static void
newcomer_waits(void **state OVS_UNUSED)
{
    assert_claim_anew(two, 2, "hv1", 2);
    assert_claim_anew(two, 2, "hv8", 2);
}

static void
newcomer_is_wanted(void **state OVS_UNUSED)
{
    assert_claim_anew(two, 2, SELF, 7);
}

static void
holder_keeps_his(void **state OVS_UNUSED)
{
    static const char *wanted[] = { "", "hv1", "hv8", "hv9" };

    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
        assert_claim_with_row(1, two, 2, wanted[i], 1);
        assert_claim_with_row(9, two, 2, wanted[i], 9);
    }
}

static void
holder_is_wanted(void **state OVS_UNUSED)
{
    assert_claim_with_row(1, two, 2, SELF, 7);
    assert_claim_with_row(7, two, 2, SELF, 7);
    assert_claim_with_row(100, two, 2, SELF, 100);
    /* Of equals, hv8 comes after hv5, and hv1 does not. */
    assert_claim_with_row(6, two, 2, SELF, 7);
    assert_claim_with_row(3, two, 1, SELF, 3);
}

/* A row that somebody wrote by hand: no number overflows. */
static void
claims_end(void **state OVS_UNUSED)
{
    const struct place_claim ends[] = {
        { "hv1", INT64_MAX }, { "hv8", INT64_MIN },
    };

    assert_claim_anew(ends, 1, "", INT64_MAX);
    assert_claim_anew(ends, 1, SELF, INT64_MAX);
    assert_claim_with_row(1, ends, 1, SELF, INT64_MAX);
    assert_claim_anew(ends, 2, "hv1", INT64_MIN);
    assert_claim_anew(&ends[1], 1, "hv8", INT64_MIN);
}

/* A live migration, as it is meant to go. */

static int64_t
claim_of_hv2(const int64_t *own, int64_t hv1, const char *wanted)
{
    const struct place_claim other = { "hv1", hv1 };

    return place_claim("hv2", own, &other, 1, wanted);
}

/* hv2 waits while the database says hv1, and takes over when it says hv2;
 * when hv1 lets go nothing changes. */
static void
migration(void **state OVS_UNUSED)
{
    int64_t waiting = claim_of_hv2(NULL, 1, "hv1");
    int64_t moved = claim_of_hv2(&waiting, 1, "hv2");

    assert_true(waiting == 0);
    assert_true(claim_of_hv2(&waiting, 1, "hv1") == waiting);
    assert_true(moved == 2);
    assert_true(claim_of_hv2(&moved, 1, "hv2") == moved);
    assert_true(place_claim("hv2", &moved, NULL, 0, "hv2") == moved);
}

/* It is given up: hv1 was never disturbed. */
static void
migration_fails(void **state OVS_UNUSED)
{
    const struct place_claim both[] = { { "hv1", 1 }, { "hv2", 0 } };
    const int64_t own = 1;

    assert_found(both, 2, "hv1");
    assert_true(place_claim("hv1", &own, &both[1], 1, "hv1") == own);
    assert_true(place_claim("hv1", &own, NULL, 0, "hv1") == own);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody),
        cmocka_unit_test(greatest_claim_wins),
        cmocka_unit_test(last_host_wins_of_equals),
        cmocka_unit_test(claims_have_no_end),
        cmocka_unit_test(alone),
        cmocka_unit_test(alone_again),
        cmocka_unit_test(newcomer_takes_over),
        cmocka_unit_test(newcomer_takes_over_from_unwanted),
        cmocka_unit_test(newcomer_waits),
        cmocka_unit_test(newcomer_is_wanted),
        cmocka_unit_test(holder_keeps_his),
        cmocka_unit_test(holder_is_wanted),
        cmocka_unit_test(claims_end),
        cmocka_unit_test(migration),
        cmocka_unit_test(migration_fails),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
