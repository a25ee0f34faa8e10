/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Which handler a request is for. */

#include <config.h>

#include "unit.h"

#include <string.h>

#include "api/resource.h"
#include "api/route.h"
#include "openvswitch/dynamic-string.h"

/* Routes are told apart by their patterns alone. */
static const struct api_route routes[] = {
    { "GET", "v2.0/{collection}/{id}", NULL, 0 },
    { "PUT", "v2.0/{collection}/{id}", NULL, 0 },
    { "GET", "v2.0/{collection}", NULL, 0 },
    { "POST", "v2.0/{creatable}", NULL, 0 },
    { "GET", "v2.0/{creatable}/{id}/tags", NULL, 0 },
    { "GET", "v2.0/{creatable}/{id}/tags/{word}", NULL, 0 },
    { "GET", "", NULL, 0 },
    { "GET", "v2.0", NULL, 0 },
    { "GET", "v2.0/quotas/default", NULL, 0 },
    { "GET", "v2.0/quotas/{id}", NULL, 0 },
    { "*", "projects/{rest}", NULL, 0 },
};

/* What 'method' and 'path' come to: "PATTERN RESOURCE WORD...", or the methods
 * that are allowed in brackets. */
static void
check(const char *method, const char *path, const char *expected)
{
    struct ds allow = DS_EMPTY_INITIALIZER;
    struct ds got = DS_EMPTY_INITIALIZER;
    char *copy = xstrdup(path);
    struct api_match match;
    char *segments[16];
    char *rest = copy;
    size_t n = 0;

    while (*path && n < ARRAY_SIZE(segments)) {
        segments[n] = strsep(&rest, "/");
        if (!segments[n]) {
            break;
        }
        n++;
    }
    api_route_find(routes, ARRAY_SIZE(routes), method, segments, n, &match,
                   &allow);
    if (match.route) {
        ds_put_format(&got, "%s", match.route->pattern);
        ds_put_format(&got, " %s",
                      match.resource ? match.resource->name : "-");
        for (size_t i = 0; i < match.n_words; i++) {
            ds_put_format(&got, " %s", match.words[i]);
        }
        assert_int_equal(allow.length, 0);
    } else {
        ds_put_format(&got, "[%s]", ds_cstr(&allow));
    }
    assert_string_equal(ds_cstr(&got), expected);
    api_match_destroy(&match);
    ds_destroy(&allow);
    ds_destroy(&got);
    free(copy);
}

static void
test_paths(void **state OVS_UNUSED)
{
    check("GET", "", " -");
    check("GET", "v2.0", "v2.0 -");
    check("GET", "v2.0/ports", "v2.0/{collection} port");
    check("GET", "v2.0/agents", "v2.0/{collection} agent");
    check("GET", "v2.0/ports/x", "v2.0/{collection}/{id} port x");
    check("GET", "v2.0/ports/x/tags",
          "v2.0/{creatable}/{id}/tags port x");
    check("GET", "v2.0/ports/x/tags/a b",
          "v2.0/{creatable}/{id}/tags/{word} port x a b");
    check("POST", "v2.0/ports", "v2.0/{creatable} port");
    check("GET", "v2.0/quotas/default", "v2.0/quotas/default -");
    check("GET", "v2.0/quotas/x", "v2.0/quotas/{id} - x");
}

static void
test_suffix(void **state OVS_UNUSED)
{
    check("GET", "v2.0.json", "v2.0 -");
    check("GET", "v2.0/ports.json", "v2.0/{collection} port");
    check("GET", "v2.0/ports/x.json", "v2.0/{collection}/{id} port x");
    check("GET", "v2.0/ports/x/tags.json",
          "v2.0/{creatable}/{id}/tags port x");

    /* Only the last has one, and a word, which may be any, has none. */
    check("GET", "v2.0/ports/x/tags/a.json",
          "v2.0/{creatable}/{id}/tags/{word} port x a.json");
    check("GET", "v2.0/ports.json/x", "[]");
    check("GET", "v2.0/ports/.json", "v2.0/{collection}/{id} port .json");
}

static void
test_not_found(void **state OVS_UNUSED)
{
    check("GET", "v2", "[]");
    check("GET", "v2.0/routers", "[]");
    check("GET", "v2.0/routers/x", "[]");
    check("GET", "v2.0/ports/", "v2.0/{collection}/{id} port ");
    check("GET", "v2.0//x", "[]");
    check("GET", "v2.0/ports/x/y", "[]");
    check("GET", "v2.0/agents/x/tags", "[]");
    check("GET", "v2.0/Ports", "[]");
    check("GET", "v2.0/port", "[]");
    check("GET", "v2.0/{collection}", "[]");
}

static void
test_methods(void **state OVS_UNUSED)
{
    check("HEAD", "v2.0/ports", "v2.0/{collection} port");
    check("DELETE", "v2.0/ports", "[GET, HEAD, POST]");
    check("POST", "v2.0/agents", "[GET, HEAD]");
    check("get", "v2.0/ports/x", "[GET, HEAD, PUT]");
    check("PUT", "v2.0/quotas/default", "[GET, HEAD]");
    check("BREW", "v2.0/nothing", "[]");
}

static void
test_rest(void **state OVS_UNUSED)
{
    check("GET", "projects", "projects/{rest} -");
    check("PATCH", "projects/a/b/c", "projects/{rest} -");
    check("GET", "project", "[]");
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_suffix),
        cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_rest),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
