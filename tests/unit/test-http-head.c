/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What a request's headers must be like, and where a server may listen. */

#include <config.h>

#include "unit.h"

#include "http/head.h"
#include "http/listen.h"
#include "http/request.h"

#define HOST { "Host", "h" }

/* Fails unless the headers come to 'status' and an error that contains
 * 'expected'; 0 and NULL if they are fine. */
static struct http_framing
check(const struct http_pair *headers, size_t n, const char *version,
      unsigned int expected_status, const char *expected)
{
    struct http_framing framing;
    unsigned int status;
    char *error = http_head_check(headers, n, version, &framing, &status);

    if (!expected) {
        assert_null(error);
    } else {
        assert_non_null(error);
        assert_non_null(strstr(error, expected));
        assert_int_equal(status, expected_status);
        free(error);
    }
    return framing;
}

#define CHECK(STATUS, EXPECTED, ...) \
    check((const struct http_pair[]) { __VA_ARGS__ }, \
          sizeof((const struct http_pair[]) { __VA_ARGS__ }) \
          / sizeof(struct http_pair), "HTTP/1.1", STATUS, EXPECTED)

static void
host(void **state OVS_UNUSED)
{
    CHECK(0, NULL, HOST);
    CHECK(0, NULL, { "hOST", "" });
    CHECK(400, "one Host", HOST, HOST);
    CHECK(400, "one Host", { "Accept", "*/*" });
    check(NULL, 0, "HTTP/1.0", 0, NULL);
    check(NULL, 0, "HTTP/1.1", 400, "one Host");
}

static void
framing(void **state OVS_UNUSED)
{
    struct http_framing f = CHECK(0, NULL, HOST);
    assert_false(f.chunked);
    assert_int_equal(f.content_length, 0);

    f = CHECK(0, NULL, HOST, { "content-length", "12" });
    assert_int_equal(f.content_length, 12);

    f = CHECK(0, NULL, HOST, { "Transfer-Encoding", "Chunked" });
    assert_true(f.chunked);

    f = CHECK(0, NULL, HOST, { "Content-Length", "18446744073709551615" });
    assert_true(f.content_length == UINT64_MAX);
}

/* Whatever two programs in a row could read in two ways. */
static void
smuggling(void **state OVS_UNUSED)
{
    CHECK(400, "exclude", HOST, { "Content-Length", "1" },
          { "Transfer-Encoding", "chunked" });
    CHECK(400, "several Content", HOST, { "Content-Length", "1" },
          { "content-length", "1" });
    CHECK(400, "several Transfer", HOST, { "Transfer-Encoding", "chunked" },
          { "Transfer-Encoding", "chunked" });
    CHECK(501, "not supported", HOST, { "Transfer-Encoding", "gzip" });
    CHECK(501, "not supported", HOST,
          { "Transfer-Encoding", "gzip, chunked" });
    CHECK(400, "not a number", HOST, { "Content-Length", "1, 1" });
    CHECK(400, "not a number", HOST, { "Content-Length", "+1" });
    CHECK(400, "not a number", HOST, { "Content-Length", "-1" });
    CHECK(400, "not a number", HOST, { "Content-Length", "0x1" });
    CHECK(400, "not a number", HOST, { "Content-Length", "" });
    CHECK(400, "not a number", HOST,
          { "Content-Length", "18446744073709551616" });
    CHECK(400, "malformed name", HOST, { "Content-Length ", "1" });
    CHECK(400, "malformed name", HOST, { "", "1" });
    CHECK(400, "control character", HOST, { "X", "a\rb" });
    CHECK(0, NULL, HOST, { "X", "a\tb \xe9" });
}

static void
finding(void **state OVS_UNUSED)
{
    const struct http_pair pairs[] = { { "a", "1" }, { "A", "2" } };

    assert_string_equal(http_pairs_find(pairs, 2, "A"), "2");
    assert_string_equal(http_pairs_find_nocase(pairs, 2, "A"), "1");
    assert_null(http_pairs_find(pairs, 2, "b"));
}

static void
loopback(void **state OVS_UNUSED)
{
    assert_true(http_listen_is_loopback("127.0.0.1:9696"));
    assert_true(http_listen_is_loopback("127.9.9.9:0"));
    assert_true(http_listen_is_loopback("[::1]:9696"));
    assert_true(http_listen_is_loopback("[::ffff:127.0.0.1]:9696"));
    assert_true(http_listen_is_loopback("localhost:9696"));
    assert_false(http_listen_is_loopback("0.0.0.0:9696"));
    assert_false(http_listen_is_loopback("[::]:9696"));
    assert_false(http_listen_is_loopback("192.0.2.1:9696"));
    assert_false(http_listen_is_loopback("[::ffff:192.0.2.1]:9696"));
    assert_false(http_listen_is_loopback("[2001:db8::1]:9696"));
    assert_false(http_listen_is_loopback("127.0.0.1"));
    assert_false(http_listen_is_loopback(""));
}

static void
not_addresses(void **state OVS_UNUSED)
{
    static const char *const bad[] = {
        "", ":", ":9696", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1:http", "::1:9696", "[::1]", "[::1:9696",
        "[]:9696", "[::1]x:9696",
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct sockaddr_storage ss;
        char *error = http_listen_parse(bad[i], &ss);
        if (!error) {
            fail_msg("%s: accepted", bad[i]);
        }
        free(error);
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(host),
        cmocka_unit_test(framing),
        cmocka_unit_test(smuggling),
        cmocka_unit_test(finding),
        cmocka_unit_test(loopback),
        cmocka_unit_test(not_addresses),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("http-head", tests, NULL, NULL);
}
