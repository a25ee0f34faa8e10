/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Who is alive, with a clock of the test's own. */

#include <config.h>

#include "unit.h"

#include <limits.h>

#include "health.h"
#include "uuid.h"

#define T HEALTH_TIMEOUT_MSEC

/* The wall clock when the test's own says 0. */
#define WALL 1700000000000LL

static struct health *health;
static struct uuid last_changed;
static int n_changed;

static void
changed(const struct uuid *id, void *aux OVS_UNUSED)
{
    last_changed = *id;
    n_changed++;
}

static int
setup(void **state OVS_UNUSED)
{
    health = health_create(changed, NULL);
    n_changed = 0;
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    health_destroy(health);
    return 0;
}

/* Agent 'n' beats at 'now'. */
static void
beat(unsigned int n, long long int now)
{
    struct uuid id = unit_uuid(UNIT_PORT, n);

    health_beat(health, &id, WALL + now, now, WALL + now);
}

static bool
alive(unsigned int n)
{
    struct uuid id = unit_uuid(UNIT_PORT, n);

    return health_is_alive(health, &id);
}

static void
assert_count(size_t want_n, size_t want_alive)
{
    size_t n, n_alive;

    health_count(health, &n, &n_alive);
    assert_int_equal(n, want_n);
    assert_int_equal(n_alive, want_alive);
}

static void
heard_and_lost(void **state OVS_UNUSED)
{
    assert_true(health_next(health) == LLONG_MAX);
    beat(1, 0);
    assert_true(alive(1));
    assert_int_equal(n_changed, 1);
    assert_true(health_next(health) == T);
    health_run(health, T - 1);
    assert_true(alive(1));
    health_run(health, T);
    assert_false(alive(1));
    assert_int_equal(n_changed, 2);
    assert_count(1, 0);

    beat(1, T + 5);
    assert_true(alive(1));
    assert_int_equal(n_changed, 3);
}

static void
beats_prolong(void **state OVS_UNUSED)
{
    beat(1, 0);
    beat(2, 10);
    beat(1, 20);
    assert_int_equal(n_changed, 2);
    assert_true(health_next(health) == 10 + T);
    health_run(health, 10 + T);
    assert_false(alive(2));
    assert_true(alive(1));
    assert_true(health_next(health) == 20 + T);
}

/* What was not seen to change is believed if it is recent. */
static void
found_at_start(void **state OVS_UNUSED)
{
    struct uuid recent = unit_uuid(UNIT_PORT, 1);
    struct uuid old = unit_uuid(UNIT_PORT, 2);
    struct uuid never = unit_uuid(UNIT_PORT, 3);

    health_beat(health, &recent, WALL - T + 1, 0, WALL);
    health_beat(health, &old, WALL - T - 1, 0, WALL);
    health_beat(health, &never, 0, 0, WALL);
    assert_true(alive(1));
    assert_false(alive(2));
    assert_false(alive(3));
    assert_count(3, 1);

    /* A clock that is wrong by a year beats all the same. */
    health_beat(health, &old, WALL - 365LL * 86400 * 1000, 5, WALL + 5);
    assert_true(alive(2));
}

/* A server that was restarted has forgotten the heartbeat: no news. */
static void
forgotten(void **state OVS_UNUSED)
{
    struct uuid id = unit_uuid(UNIT_PORT, 1);

    beat(1, 0);
    health_beat(health, &id, 0, 100, WALL + 100);
    assert_true(alive(1));
    assert_true(health_next(health) == T);
}

static void
nobody_dies_unheard(void **state OVS_UNUSED)
{
    beat(1, 0);
    beat(2, 1000);
    health_resume(health, 10 * T);
    health_run(health, 10 * T);
    assert_count(2, 2);
    beat(2, 10 * T + 1);
    health_run(health, 11 * T);
    assert_false(alive(1));
    assert_true(alive(2));
}

static void
gone(void **state OVS_UNUSED)
{
    struct uuid id = unit_uuid(UNIT_PORT, 1);

    beat(1, 0);
    health_gone(health, &id);
    health_gone(health, &id);
    assert_false(alive(1));
    assert_count(0, 0);
    assert_int_equal(n_changed, 1);
    assert_true(health_next(health) == LLONG_MAX);
}

static void
all_at_once(void **state OVS_UNUSED)
{
    for (unsigned int i = 0; i < 10000; i++) {
        beat(i, i);
    }
    health_run(health, 4999 + T);
    assert_count(10000, 5000);
    assert_true(alive(5000));
    assert_false(alive(4999));
    assert_int_equal(n_changed, 15000);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(heard_and_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(beats_prolong, setup, teardown),
        cmocka_unit_test_setup_teardown(found_at_start, setup, teardown),
        cmocka_unit_test_setup_teardown(forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_dies_unheard, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(gone, setup, teardown),
        cmocka_unit_test_setup_teardown(all_at_once, setup, teardown),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
