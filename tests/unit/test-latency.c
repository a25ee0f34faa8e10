/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Histograms of latency. */

#include <config.h>

#include "unit.h"

#include <limits.h>

#include "latency.h"
#include "openvswitch/dynamic-string.h"

static struct latency latency;

static int
setup(void **state OVS_UNUSED)
{
    latency_clear(&latency);
    return 0;
}

/* Fails unless a sample of 'usec' is counted in bucket 'i'. */
static void
assert_bucket(long long int usec, int i)
{
    latency_clear(&latency);
    latency_add(&latency, usec);
    assert_int_equal(latency.count, 1);
    assert_int_equal(latency.buckets[i], 1);
}

static void
buckets(void **state OVS_UNUSED)
{
    assert_bucket(0, 0);
    assert_bucket(1, 1);
    assert_bucket(2, 2);
    assert_bucket(3, 2);
    assert_bucket(4, 3);
    assert_bucket(1023, 10);
    assert_bucket(1024, 11);
    assert_bucket((1 << 26) - 1, LATENCY_N_BUCKETS - 1);
}

static void
too_long_for_a_bucket(void **state OVS_UNUSED)
{
    assert_bucket(1 << 26, LATENCY_N_BUCKETS - 1);
    assert_bucket(LLONG_MAX, LATENCY_N_BUCKETS - 1);
}

/* A clock that was set back. */
static void
negative(void **state OVS_UNUSED)
{
    assert_bucket(-1, 0);
    assert_int_equal(latency.sum, 0);
    assert_bucket(LLONG_MIN, 0);
    assert_int_equal(latency.max, 0);
}

static void
sums(void **state OVS_UNUSED)
{
    latency_add(&latency, 10);
    latency_add(&latency, 30);
    latency_add(&latency, 20);
    assert_int_equal(latency.count, 3);
    assert_int_equal(latency.sum, 60);
    assert_int_equal(latency.max, 30);
}

static void
no_sample(void **state OVS_UNUSED)
{
    assert_int_equal(latency_percentile(&latency, 50), 0);
    assert_int_equal(latency_percentile(&latency, 100), 0);
}

static void
one_sample(void **state OVS_UNUSED)
{
    latency_add(&latency, 700);
    assert_int_equal(latency_percentile(&latency, 1), 700);
    assert_int_equal(latency_percentile(&latency, 50), 700);
    assert_int_equal(latency_percentile(&latency, 100), 700);
}

/* 90 samples of 100 us, 9 of 1 ms, one of 10 ms. */
static void
percentiles(void **state OVS_UNUSED)
{
    for (int i = 0; i < 100; i++) {
        latency_add(&latency, i < 90 ? 100 : i < 99 ? 1000 : 10000);
    }
    assert_int_equal(latency_percentile(&latency, 50), 128);
    assert_int_equal(latency_percentile(&latency, 90), 128);
    assert_int_equal(latency_percentile(&latency, 91), 1024);
    assert_int_equal(latency_percentile(&latency, 99), 1024);
    assert_int_equal(latency_percentile(&latency, 100), 10000);
}

/* As the header says: never below the truth, and not twice as much. */
static void
percentile_bounds(void **state OVS_UNUSED)
{
    for (int i = 1; i <= 1000; i++) {
        latency_add(&latency, i * 7);
    }
    for (int percent = 1; percent <= 100; percent++) {
        uint64_t truth = percent * 10 * 7;
        uint64_t read = latency_percentile(&latency, percent);

        assert_in_range(read, truth, 2 * truth);
    }
}

/* Nor below it where the last bucket ends. */
static void
percentile_of_the_last_bucket(void **state OVS_UNUSED)
{
    latency_add(&latency, 100 * 1000 * 1000);
    latency_add(&latency, 200 * 1000 * 1000);
    assert_int_equal(latency_percentile(&latency, 100), 200 * 1000 * 1000);
}

static void
clear(void **state OVS_UNUSED)
{
    latency_add(&latency, 5);
    latency_clear(&latency);
    assert_int_equal(latency.count, 0);
    assert_int_equal(latency.sum, 0);
    assert_int_equal(latency.max, 0);
    assert_int_equal(latency_percentile(&latency, 50), 0);
}

static void
format(void **state OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    latency_add(&latency, 100);
    latency_add(&latency, 300);
    latency_format_heading(&s);
    latency_format(&latency, "applying", &s);
    assert_string_equal(
        ds_cstr(&s),
        "stage (us)                        count       mean        p50"
        "        p90        p99        max\n"
        "applying                              2        200        128"
        "        300        300        300\n");
    ds_destroy(&s);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(buckets, setup),
        cmocka_unit_test_setup(too_long_for_a_bucket, setup),
        cmocka_unit_test_setup(negative, setup),
        cmocka_unit_test_setup(sums, setup),
        cmocka_unit_test_setup(no_sample, setup),
        cmocka_unit_test_setup(one_sample, setup),
        cmocka_unit_test_setup(percentiles, setup),
        cmocka_unit_test_setup(percentile_bounds, setup),
        cmocka_unit_test_setup(percentile_of_the_last_bucket, setup),
        cmocka_unit_test_setup(clear, setup),
        cmocka_unit_test_setup(format, setup),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
