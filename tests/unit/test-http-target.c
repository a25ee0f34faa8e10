/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Targets of requests, taken apart. */

#include <config.h>

#include "unit.h"

#include "http/request.h"
#include "http/target.h"
#include "openvswitch/dynamic-string.h"

/* Fails unless 'raw' comes to 'expected': "path: <segment><segment>?a=b&c=d",
 * or to an error that contains it. */
static void
assert_target(const char *raw, const char *expected)
{
    struct http_target t;
    struct ds s = DS_EMPTY_INITIALIZER;
    char *error = http_target_parse(raw, &t);

    if (error) {
        ds_put_cstr(&s, error);
        free(error);
        if (!strstr(ds_cstr(&s), expected)) {
            assert_string_equal(ds_cstr(&s), expected);
        }
        ds_destroy(&s);
        return;
    }
    ds_put_format(&s, "%s:", t.path);
    for (size_t i = 0; i < t.n_segments; i++) {
        ds_put_format(&s, " <%s>", t.segments[i]);
    }
    for (size_t i = 0; i < t.n_query; i++) {
        ds_put_format(&s, "%s%s=%s", i ? "&" : "?", t.query[i].name,
                      t.query[i].value);
    }
    http_target_uninit(&t);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
}

static void
paths(void **state OVS_UNUSED)
{
    assert_target("/", "/:");
    assert_target("/v2.0", "/v2.0: <v2.0>");
    assert_target("/v2.0/", "/v2.0/: <v2.0>");
    assert_target("/v2.0/ports/x", "/v2.0/ports/x: <v2.0> <ports> <x>");
    assert_target("/a%2Fb%2fc", "/a%2Fb%2fc: <a/b/c>");
    assert_target("/a%20b+c", "/a%20b+c: <a b+c>");
    assert_target("/%c3%a9\xc3\xa9", "/%c3%a9\xc3\xa9: <\xc3\xa9\xc3\xa9>");
    assert_target("*", "*:");
}

/* They name no file, so they are what they are: things nobody knows. */
static void
path_tricks(void **state OVS_UNUSED)
{
    assert_target("//", "//: <>");
    assert_target("///", "///: <> <>");
    assert_target("//v2.0", "//v2.0: <> <v2.0>");
    assert_target("/v2.0//ports", "/v2.0//ports: <v2.0> <> <ports>");
    assert_target("/v2.0/../x", "/v2.0/../x: <v2.0> <..> <x>");
    assert_target("/v2.0/%2e%2E/.", "/v2.0/%2e%2E/.: <v2.0> <..> <.>");
    assert_target("/%252e", "/%252e: <%2e>");
    assert_target("/a;b=c", "/a;b=c: <a;b=c>");
    assert_target("/a%3Fb?c=d", "/a%3Fb: <a?b>?c=d");
}

static void
queries(void **state OVS_UNUSED)
{
    assert_target("/p?", "/p: <p>");
    assert_target("/p?a=b", "/p: <p>?a=b");
    assert_target("/p?a=b&a=c&b=", "/p: <p>?a=b&a=c&b=");
    assert_target("/p?flag", "/p: <p>?flag=");
    assert_target("/p?&&a=b&", "/p: <p>?a=b");
    assert_target("/p?a=b=c", "/p: <p>?a=b=c");
    assert_target("/p?a+b=c+d%2B", "/p: <p>?a b=c d+");
    assert_target("/p?a%3db=c%26d", "/p: <p>?a=b=c&d");
    assert_target("/p?=v", "/p: <p>?=v");
    assert_target("/p?a=/b?c", "/p: <p>?a=/b?c");
    assert_target("/?a=b", "/:?a=b");
    assert_target("/p?a=%0a", "/p: <p>?a=\n");
}

static void
absolute(void **state OVS_UNUSED)
{
    assert_target("http://host/p?a=b", "/p: <p>?a=b");
    assert_target("HTTPS://[::1]:9/p", "/p: <p>");
    assert_target("http://host", "/:");
    assert_target("http://host?a=b", "/:?a=b");
    assert_target("http://", "/:");
    assert_target("ftp://host/p", "does not begin with");
}

static void
malformed(void **state OVS_UNUSED)
{
    assert_target("", "does not begin with");
    assert_target("?a=b", "does not begin with");
    assert_target("v2.0", "does not begin with");
    assert_target("*x", "does not begin with");
    assert_target("/%", "\"%\" is not");
    assert_target("/%4", "\"%4\" is not");
    assert_target("/%4g/x", "\"%4g\" is not");
    assert_target("/%-1", "\"%-1\" is not");
    assert_target("/%+1", "\"%+1\" is not");
    assert_target("/p?a=%", "\"%\" is not");
    assert_target("/p?%zz", "\"%zz\" is not");
    assert_target("/%00", "\"%00\" is not allowed");
    assert_target("/p?a=b%00", "\"%00\" is not allowed");
    assert_target("/a b", "byte 0x20");
    assert_target("/a\tb", "byte 0x09");
    assert_target("/a\x7f", "byte 0x7f");
    assert_target("/p?a=\x01", "byte 0x01");
    assert_target("/p#f", "byte 0x23");
}

static void
not_utf8(void **state OVS_UNUSED)
{
    assert_target("/%ff", "not UTF-8");
    assert_target("/\xff", "not UTF-8");
    assert_target("/%c3", "not UTF-8");
    assert_target("/%c3/%a9", "not UTF-8"); /* In two segments. */
    assert_target("/%c0%af", "not UTF-8"); /* "/", overlong. */
    assert_target("/%ed%a0%80", "not UTF-8"); /* A surrogate. */
    assert_target("/p?%80=x", "not UTF-8");
    assert_target("/p?x=%f5%80%80%80", "not UTF-8");
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(path_tricks),
        cmocka_unit_test(queries),
        cmocka_unit_test(absolute),
        cmocka_unit_test(malformed),
        cmocka_unit_test(not_utf8),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("http-target", tests, NULL, NULL);
}
