/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* JSON with limits, and errors. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "api/error.h"
#include "api/json.h"
#include "openvswitch/dynamic-string.h"

static void
check_parse(const char *text, size_t len, bool good)
{
    json_t *json = NULL;
    struct api_error *error = api_json_parse(text, len, &json);

    if (good && error) {
        fail_msg("%s: %s", text, error->message);
    } else if (!good) {
        if (!error) {
            fail_msg("%s is not refused", text);
        }
        assert_int_equal(error->status, 400);
        assert_string_equal(error->type, "HTTPBadRequest");
        assert_non_null(strstr(error->message, "request body"));

        /* Whatever it quotes, the reply is JSON. */
        char *body = api_error_body(error);
        json_t *reply = json_loads(body, 0, NULL);
        assert_non_null(reply);
        json_decref(reply);
        free(body);
    } else {
        json_decref(json);
    }
    api_error_destroy(error);
}

static void
test_parse(void **state OVS_UNUSED)
{
    static const char *const good[] = {
        "{}", "[]", " {\"a\": [1, 2.5, \"\\u00fc\", null]} ",
        "{\"\\\"{[\": \"]}\\\\\"}", "{\"a\":9223372036854775807}",
    };
    static const char *const bad[] = {
        "", " ", "{", "}", "[", "nul", "null", "1", "\"a\"", "{\"a\"}",
        "{\"a\":1,}", "{\"a\":1}{", "{'a':1}", "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"b\":1}}", "{\"a\":\"\\u0000\"}",
        "{\"\\u0000\":1}", "{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}",
        "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xc0\x80\"}",
        "{\"a\":\"\\ud800\"}", "{\"a\":\"\n\"}", "{\"a\":1e999}",
        "{\"a\":99999999999999999999}", "{\"a\":NaN}", "{\"a\":\"\\",
        "\xef\xbb\xbf{}", "{\"a\":\"\\u0\xd0\x99\xd0\x99\"}",
    };

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        check_parse(good[i], strlen(good[i]), true);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        check_parse(bad[i], strlen(bad[i]), false);
    }
    check_parse("{\"a\":\"\0\"}", 9, false);
    check_parse("{}\0", 3, false);
}

static void
test_depth(void **state OVS_UNUSED)
{
    for (int depth = API_JSON_MAX_DEPTH - 1; depth <= 100000;
         depth = depth <= API_JSON_MAX_DEPTH ? depth + 1 : depth * 2) {
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_char_multiple(&s, '[', depth);
        ds_put_char_multiple(&s, ']', depth);
        check_parse(ds_cstr(&s), s.length, depth <= API_JSON_MAX_DEPTH);
        ds_destroy(&s);
    }
}

static void
test_values(void **state OVS_UNUSED)
{
    for (int more = 0; more <= 1; more++) {
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&s, "[0");
        for (int i = 1; i < API_JSON_MAX_VALUES + more; i++) {
            ds_put_cstr(&s, ",0");
        }
        ds_put_char(&s, ']');
        check_parse(ds_cstr(&s), s.length, !more);
        ds_destroy(&s);
    }
}

/* Both ways to write a string agree, for each character there is. */
static void
test_strings(void **state OVS_UNUSED)
{
    for (int i = 1; i < 0x1000; i++) {
        char s[8] = { 'a', i, 'b', '\0' };

        if (i >= 0x80) {
            s[1] = i < 0x800 ? 0xc0 | i >> 6 : 0xe0 | i >> 12;
            s[2] = 0x80 | (i < 0x800 ? i : i >> 6 & 0x3f) % 64;
            s[3] = i < 0x800 ? 'b' : 0x80 | (i & 0x3f);
        }

        struct ds written = DS_EMPTY_INITIALIZER;
        json_t *json = json_string(s);
        assert_non_null(json);
        char *expected = api_json_to_string(json);
        api_json_put_string(s, &written);
        assert_string_equal(ds_cstr(&written), expected);
        ds_destroy(&written);
        free(expected);
        json_decref(json);
    }
}

static void
check_quote(const char *json, const char *expected)
{
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    char *quoted = api_quote(value);

    assert_string_equal(quoted, expected);
    free(quoted);
    json_decref(value);
}

static void
test_quote(void **state OVS_UNUSED)
{
    check_quote("\"a\"", "'a'");
    check_quote("{\"a\":[1]}", "'{\"a\":[1]}'");

    /* Cut, and never within a character. */
    for (size_t before = 0; before < 4; before++) {
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_char_multiple(&s, 'a', before);
        for (int i = 0; i < API_QUOTE_MAX; i++) {
            ds_put_cstr(&s, "\xe2\x82\xac");
        }
        char *quoted = api_quote_string(ds_cstr(&s));
        assert_in_range(strlen(quoted), API_QUOTE_MAX, API_QUOTE_MAX + 5);
        json_t *valid = json_string(quoted);
        assert_non_null(valid);
        json_decref(valid);
        free(quoted);
        ds_destroy(&s);
    }
}

static void
test_errors(void **state OVS_UNUSED)
{
    struct api_error *error = api_error(404, "PortNotFound",
                                        "Port %s could not be found.", "\"");
    char *body = api_error_body(error);
    assert_string_equal(body, "{\"NeutronError\":{\"type\":\"PortNotFound\","
                        "\"message\":\"Port \\\" could not be found.\","
                        "\"detail\":\"\"}}");
    free(body);
    api_error_destroy(error);

    error = api_error_input("mtu", "it is %d", 7);
    assert_string_equal(error->message,
                        "Invalid input for mtu. Reason: it is 7.");
    assert_string_equal(error->type, "HTTPBadRequest");
    api_error_destroy(error);
    assert_string_equal(api_error_type(405), "HTTPMethodNotAllowed");
    assert_string_equal(api_error_type(418), "HTTPClientError");
    assert_null(api_error_from_ipam(NULL));
    api_error_destroy(NULL);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_quote),
        cmocka_unit_test(test_errors),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
