/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What requests say in headers and queries: If-Match, times and filters of
 * history. */

#include <config.h>

#include "unit.h"

#include <string.h>

#include "api/error.h"
#include "api/history-query.h"
#include "api/operation-parse.h"
#include "http/request.h"

static void
check_if_match(const char *s, int64_t expected)
{
    int64_t revision = -1;
    struct api_error *error = operation_parse_if_match(s, &revision);

    if (expected < 0) {
        assert_non_null(error);
        assert_int_equal(error->status, 400);
        assert_non_null(strstr(error->message, "If-Match"));
        api_error_destroy(error);
    } else {
        assert_null(error);
        assert_int_equal(revision, expected);
    }
}

static void
test_if_match(void **state OVS_UNUSED)
{
    check_if_match("revision_number=0", 0);
    check_if_match("revision_number=17", 17);
    check_if_match("revision_number=9223372036854775807", INT64_MAX);
    check_if_match("revision_number=9223372036854775808", -1);
    check_if_match("revision_number=-1", -1);
    check_if_match("revision_number=", -1);
    check_if_match("revision_number=1x", -1);
    check_if_match("revision_number = 1", -1);
    check_if_match("1", -1);
    check_if_match("", -1);
}

/* 'expected' is what it is written as; NULL: it is none. */
static void
check_time(const char *s, const char *expected)
{
    char text[HISTORY_TIME_SIZE];
    long long int msec;

    assert_int_equal(history_parse_time(s, &msec), expected != NULL);
    if (expected) {
        history_format_time(msec, text);
        assert_string_equal(text, expected);
    }
}

static void
test_times(void **state OVS_UNUSED)
{
    check_time("2026-11-22T14:44:44Z", "2026-11-22T14:44:44.000Z");
    check_time("2026-11-22T14:44:44", "2026-11-22T14:44:44.000Z");
    check_time("2026-11-22T14:44:44.123Z", "2026-11-22T14:44:44.123Z");
    check_time("2026-11-22T14:44:44.5", "2026-11-22T14:44:44.500Z");
    check_time("2026-11-22T14:44:44.007", "2026-11-22T14:44:44.007Z");
    check_time("2026-11-22", "2026-11-22T00:00:00.000Z");
    check_time("1970-01-01", "1970-01-01T00:00:00.000Z");
    check_time("2024-02-29", "2024-02-29T00:00:00.000Z");
    check_time("", NULL);
    check_time("now", NULL);
    check_time("2026", NULL);
    check_time("2026-11-22T", NULL);
    check_time("2026-11-22T14", NULL);
    check_time("2026-11-22 14:44:44", NULL);
    check_time("2026-11-22T14:44:44.", NULL);
    check_time("2026-11-22T14:44:44.1234", NULL);
    check_time("2026-11-22T14:44:44+01:00", NULL);
    check_time("2026-13-01", NULL);
}

#define QUERY(...)                                                      \
    (const struct http_pair[]) { __VA_ARGS__ },                         \
    ARRAY_SIZE(((const struct http_pair[]) { __VA_ARGS__ }))

static void
test_query(void **state OVS_UNUSED)
{
    struct journal_query query;

    assert_null(history_query_parse(NULL, 0, &query));
    assert_null(query.resource);
    assert_int_equal(query.limit, 0);

    assert_null(history_query_parse(
                    QUERY({ "resource", "port" }, { "verb", "updated" },
                          { "since", "1970-01-01T00:00:01Z" },
                          { "verb", "applied" }, { "limit", "7" },
                          { "marker", "5" }, { "sort_dir", "asc" },
                          { "host", "hv1" }), &query));
    assert_string_equal(query.resource, "port");
    assert_string_equal(query.host, "hv1");
    assert_int_equal(query.verbs,
                     1u << JOURNAL_UPDATED | 1u << JOURNAL_APPLIED);
    assert_int_equal(query.since_msec, 1000);
    assert_int_equal(query.limit, 7);
    assert_int_equal(query.marker, 5);
    assert_true(query.oldest_first);

    assert_null(history_query_parse(QUERY({ "limit", "1000000" }), &query));
    assert_int_equal(query.limit, JOURNAL_MAX_HISTORY);
}

static void
refused(const struct http_pair *pairs, size_t n, const char *word)
{
    struct journal_query query;
    struct api_error *error = history_query_parse(pairs, n, &query);

    assert_non_null(error);
    assert_int_equal(error->status, 400);
    assert_non_null(strstr(error->message, word));
    api_error_destroy(error);
}

static void
test_bad_query(void **state OVS_UNUSED)
{
    refused(QUERY({ "color", "blue" }), "color");
    refused(QUERY({ "verb", "eaten" }), "verb");
    refused(QUERY({ "since", "yesterday" }), "since");
    refused(QUERY({ "until", "" }), "until");
    refused(QUERY({ "limit", "-1" }), "limit");
    refused(QUERY({ "marker", "x" }), "marker");
    refused(QUERY({ "sort_dir", "up" }), "sort_dir");
    refused(QUERY({ "id", "a" }, { "id", "b" }), "id");
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_if_match),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_bad_query),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
