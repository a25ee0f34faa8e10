/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Counters, gauges and histograms, as Prometheus reads them. */

#include <config.h>

#include "unit.h"

#include <limits.h>

#include "metrics.h"
#include "openvswitch/dynamic-string.h"

static void
assert_format(const struct metrics *metrics, const char *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    metrics_format(metrics, &s);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
}

static void
series(void **state OVS_UNUSED)
{
    struct metrics *m = metrics_create();
    assert_format(m, "");

    metrics_gauge(m, "now", "What is.", "")->value = -5;
    metrics_counter(m, "all_total", "What was.", "x=\"b\"")->value = 2;
    metrics_counter(m, "all_total", "What was.", "x=\"a\"")->value++;
    metrics_counter(m, "all_total", "What was.", "x=\"a\"")->value++;
    assert_format(m,
                  "# HELP all_total What was.\n"
                  "# TYPE all_total counter\n"
                  "all_total{x=\"a\"} 2\n"
                  "all_total{x=\"b\"} 2\n"
                  "# HELP now What is.\n"
                  "# TYPE now gauge\n"
                  "now -5\n");
    metrics_destroy(m);
}

/* How many samples are at or below the edge "le". */
static unsigned long long int
bucket(const struct metrics *m, const char *le)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    char *start = xasprintf("\nh_bucket{a=\"b\",le=\"%s\"} ", le);

    metrics_format(m, &s);
    const char *line = strstr(ds_cstr(&s), start);
    assert_non_null(line);
    unsigned long long int n = strtoull(line + strlen(start), NULL, 10);
    free(start);
    ds_destroy(&s);
    return n;
}

static void
histogram(void **state OVS_UNUSED)
{
    struct metrics *m = metrics_create();
    struct metrics_histogram *h = metrics_histogram(m, "h", "H.", "a=\"b\"");

    metrics_observe_usec(h, -1);
    metrics_observe_usec(h, 500);
    assert_int_equal(bucket(m, "0.0005"), 2);
    metrics_observe_usec(h, 501);
    assert_int_equal(bucket(m, "0.0005"), 2);
    assert_int_equal(bucket(m, "0.001"), 3);
    metrics_observe_usec(h, 10 * 1000 * 1000);
    assert_int_equal(bucket(m, "5"), 3);
    assert_int_equal(bucket(m, "10"), 4);
    metrics_observe_usec(h, 10 * 1000 * 1000 + 1);
    assert_int_equal(bucket(m, "10"), 4);
    assert_int_equal(bucket(m, "+Inf"), 5);

    struct ds s = DS_EMPTY_INITIALIZER;
    metrics_format(m, &s);
    assert_non_null(strstr(ds_cstr(&s), "\nh_sum{a=\"b\"} 20.001002\n"));
    assert_non_null(strstr(ds_cstr(&s), "\nh_count{a=\"b\"} 5\n"));
    ds_destroy(&s);
    metrics_destroy(m);
}

static void
labels(void **state OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    metrics_label(&s, "a", "plain");
    metrics_label(&s, "b", "\"\\\n");
    assert_string_equal(ds_cstr(&s), "a=\"plain\",b=\"\\\"\\\\\\n\"");
    ds_destroy(&s);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(series),
        cmocka_unit_test(histogram),
        cmocka_unit_test(labels),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
