/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The tally of a packet stream: the tests of lost packets are as good as
 * it. */

#include <config.h>

#include "unit/unit.h"

#include "tally.h"

static struct tally tally;

static int
setup(void **state OVS_UNUSED)
{
    tally_init(&tally);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    tally_destroy(&tally);
    return 0;
}

static void
nothing_came(void **state OVS_UNUSED)
{
    assert_int_equal(tally.received, 0);
    assert_int_equal(tally.first_seq, -1);
    assert_int_equal(tally.last_seq, -1);
    assert_int_equal(tally_lost(&tally), 0);
}

static void
holes_are_lost(void **state OVS_UNUSED)
{
    tally_add(&tally, 2, 100);
    tally_add(&tally, 3, 101);
    tally_add(&tally, 6, 102);

    assert_int_equal(tally.received, 3);
    assert_int_equal(tally.first_seq, 2);
    assert_int_equal(tally.last_seq, 6);
    assert_int_equal(tally_lost(&tally), 4);
}

static void
a_late_packet_is_not_lost(void **state OVS_UNUSED)
{
    tally_add(&tally, 1, 100);
    tally_add(&tally, 0, 101);

    assert_int_equal(tally.last_seq, 1);
    assert_int_equal(tally.last_ns, 101);
    assert_int_equal(tally_lost(&tally), 0);
}

static void
twice_is_duplicated(void **state OVS_UNUSED)
{
    tally_add(&tally, 0, 100);
    tally_add(&tally, 0, 101);
    tally_add(&tally, 0, 102);

    assert_int_equal(tally.received, 1);
    assert_int_equal(tally.duplicated, 2);
    assert_int_equal(tally_lost(&tally), 0);
}

static void
the_longest_silence(void **state OVS_UNUSED)
{
    tally_add(&tally, 0, 100);
    tally_add(&tally, 1, 150);
    tally_add(&tally, 2, 450);
    tally_add(&tally, 3, 460);

    assert_int_equal(tally.first_ns, 100);
    assert_int_equal(tally.longest_gap_ns, 300);
}

static void
far_numbers(void **state OVS_UNUSED)
{
    tally_add(&tally, 0, 100);
    tally_add(&tally, 1000000, 101);
    tally_add(&tally, 4095, 102);
    tally_add(&tally, 4096, 103);
    tally_add(&tally, TALLY_MAX_SEQ, 104);

    assert_int_equal(tally.received, 4);
    assert_int_equal(tally.duplicated, 0);
    assert_int_equal(tally.last_seq, 1000000);
    assert_int_equal(tally.last_ns, 103);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_came, setup, teardown),
        cmocka_unit_test_setup_teardown(holes_are_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(a_late_packet_is_not_lost, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(twice_is_duplicated, setup, teardown),
        cmocka_unit_test_setup_teardown(the_longest_silence, setup, teardown),
        cmocka_unit_test_setup_teardown(far_numbers, setup, teardown),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
