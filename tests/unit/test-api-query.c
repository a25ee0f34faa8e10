/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Queries of collections, parsed.  What they find is in
 * system-api-lists.py. */

#include <config.h>

#include "unit.h"

#include <string.h>

#include "api/attr.h"
#include "api/error.h"
#include "api/query.h"
#include "api/resource.h"
#include "http/request.h"

#define ID "0f64e3b9-3e01-4bb8-bf55-a1d7ffc65788"

static const struct api_viewer member = {
    .project_id = "blue", .name = "bob"
};

/* Parses pairs "NAME", "VALUE", ..., NULL. */
static struct api_error *
parse(enum api_kind kind, const struct api_viewer *viewer,
      const char *const *strings, struct api_query *query)
{
    static struct http_pair pairs[16];
    size_t n = 0;

    for (; strings[2 * n]; n++) {
        assert_true(n < ARRAY_SIZE(pairs));
        pairs[n] = (struct http_pair) { strings[2 * n], strings[2 * n + 1] };
    }
    return api_query_parse(api_resources[kind], pairs, n, viewer, query);
}

#define STRINGS(...) (const char *const[]) { __VA_ARGS__, NULL }

static void
parse_good(enum api_kind kind, const char *const *strings,
       struct api_query *query)
{
    struct api_error *error = parse(kind, NULL, strings, query);

    if (error) {
        fail_msg("%s=%s: %s", strings[0], strings[1], error->message);
    }
}

static void
refuse(enum api_kind kind, const struct api_viewer *viewer, int status,
       const char *name, const char *value)
{
    struct api_query query;
    struct api_error *error = parse(kind, viewer, STRINGS(name, value),
                                    &query);

    if (!error) {
        fail_msg("%s=%s is not refused", name, value);
    }
    assert_int_equal(error->status, status);
    api_error_destroy(error);
}

static void
test_filters(void **state OVS_UNUSED)
{
    struct api_query query;

    parse_good(API_PORT, STRINGS("name", "a", "admin_state_up", "TRUE",
                                 "name", "b", "name", "c"), &query);
    assert_int_equal(query.n_filters, 2);
    assert_string_equal(query.filters[0].attr->name, "name");
    assert_int_equal(query.filters[0].n, 3);
    assert_string_equal(query.filters[0].values[2], "c");
    assert_int_equal(query.filters[1].n, 1);
    assert_string_equal(query.filters[1].values[0], "true");
    api_query_destroy(&query);

    refuse(API_PORT, NULL, 400, "nosuch", "1");
    refuse(API_PORT, NULL, 400, "", "");
    refuse(API_PORT, NULL, 400, "external_ids", "{}");
    refuse(API_PORT, NULL, 400, "binding:vif_details", "");
    refuse(API_PORT, NULL, 400, "admin_state_up", "maybe");
    refuse(API_NETWORK, NULL, 400, "mtu", "large");
    refuse(API_PORT, NULL, 400, "fixed_ips", "10.0.0.1");
    refuse(API_AGENT, NULL, 400, "tags", "a");
    refuse(API_AGENT, NULL, 400, "changed_since", "2026-11-22T12:47:00Z");

    /* A member is not told of hosts by guessing them. */
    refuse(API_PORT, &member, 403, "binding:host_id", "hv1");
    refuse(API_PORT, &member, 403, "sort_key", "binding:host_id");
}

static void
test_fields(void **state OVS_UNUSED)
{
    struct api_query query;

    parse_good(API_PORT, STRINGS("fields", "id", "fields", "nosuch",
                                 "fields", "id", "fields", "",
                                 "fields", "other", "fields", "name"), &query);
    assert_int_equal(query.n_fields, 3);
    assert_string_equal(query.fields[0], "id");
    assert_string_equal(query.fields[1], "nosuch");
    assert_string_equal(query.fields[2], "name");
    api_query_destroy(&query);
}

static void
test_sorting(void **state OVS_UNUSED)
{
    struct api_query query;

    parse_good(API_PORT, STRINGS("sort_key", "name", "sort_key", "status",
                                 "sort_dir", "asc", "sort_dir", "desc"),
               &query);
    assert_int_equal(query.n_sort, 2);
    assert_string_equal(query.sort[1].attr->name, "status");
    assert_false(query.sort[0].descending);
    assert_true(query.sort[1].descending);
    api_query_destroy(&query);

    parse_good(API_PORT, STRINGS("sort_key", "name"), &query);
    assert_int_equal(query.n_sort, 1);
    assert_false(query.sort[0].descending);
    api_query_destroy(&query);

    struct api_error *error = parse(
        API_PORT, NULL, STRINGS("sort_key", "name", "sort_dir", "asc",
                                "sort_dir", "asc"), &query);
    assert_non_null(error);
    api_error_destroy(error);
    refuse(API_PORT, NULL, 400, "sort_dir", "asc");
    refuse(API_PORT, NULL, 400, "sort_key", "nosuch");
    refuse(API_PORT, NULL, 400, "sort_key", "fixed_ips");

    /* More keys than there is room for. */
    const char *many[2 * (API_MAX_SORT_KEYS + 1) + 1];
    for (size_t i = 0; i <= API_MAX_SORT_KEYS; i++) {
        many[2 * i] = "sort_key";
        many[2 * i + 1] = "name";
    }
    many[2 * (API_MAX_SORT_KEYS + 1)] = NULL;
    error = parse(API_PORT, NULL, many, &query);
    assert_non_null(error);
    api_error_destroy(error);
    for (size_t i = 0; i <= API_MAX_SORT_KEYS; i++) {
        many[2 * i] = "sort_dir";
        many[2 * i + 1] = "desc";
    }
    error = parse(API_PORT, NULL, many, &query);
    assert_non_null(error);
    api_error_destroy(error);
}

static void
test_paging(void **state OVS_UNUSED)
{
    struct api_query query;

    parse_good(API_PORT, STRINGS("limit", "10", "marker", ID,
                                 "page_reverse", "True"), &query);
    assert_int_equal(query.limit, 10);
    assert_true(query.has_marker);
    assert_true(query.page_reverse);
    api_query_destroy(&query);
    parse_good(API_PORT, STRINGS("limit", "9223372036854775807"), &query);
    assert_true(query.limit >= UINT32_MAX);
    api_query_destroy(&query);

    refuse(API_PORT, NULL, 400, "limit", "-1");
    refuse(API_PORT, NULL, 400, "limit", "");
    refuse(API_PORT, NULL, 400, "limit", "ten");
    refuse(API_PORT, NULL, 400, "limit", "99999999999999999999");
    refuse(API_PORT, NULL, 400, "marker", "port1");
    refuse(API_PORT, NULL, 400, "page_reverse", "back");
}

static void
test_tags(void **state OVS_UNUSED)
{
    struct api_query query;

    parse_good(API_PORT, STRINGS("tags", "a,b", "not-tags-any", "c",
                                 "tags", ",d,"), &query);
    assert_int_equal(query.n_tag_filters, 2);
    assert_int_equal(query.tag_filters[0].test, API_TAGS);
    assert_int_equal(query.tag_filters[0].n, 3);
    assert_string_equal(query.tag_filters[0].tags[2], "d");
    assert_int_equal(query.tag_filters[1].test, API_NOT_TAGS_ANY);
    api_query_destroy(&query);

    parse_good(API_PORT, STRINGS("tags-any", "a", "not-tags", "b"), &query);
    assert_int_equal(query.tag_filters[0].test, API_TAGS_ANY);
    assert_int_equal(query.tag_filters[1].test, API_NOT_TAGS);
    api_query_destroy(&query);
}

static void
test_changed_since(void **state OVS_UNUSED)
{
    struct api_query query;

    parse_good(API_PORT, STRINGS("changed_since", "2026-11-22T12:47:00",
                                 "changed_since", "2026-11-23T12:47:00Z"),
               &query);
    assert_string_equal(query.changed_since, "2026-11-23T12:47:00Z");
    api_query_destroy(&query);
    refuse(API_PORT, NULL, 400, "changed_since", "2026-11-22");
    refuse(API_PORT, NULL, 400, "changed_since", "2026-11-22T12:47:00ZZ");
    refuse(API_PORT, NULL, 400, "changed_since", "");
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_sorting),
        cmocka_unit_test(test_paging),
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_changed_since),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
