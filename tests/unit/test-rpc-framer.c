/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Where messages end, however the stream is cut up. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "ipam-seed.h"
#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "rpc/framer.h"

#define MESSAGE_MAX 4096

/* Random streams. */
#define ROUNDS 3000

/* Feeds 'n' bytes in pieces whose ends are in 'cuts' ('n_cuts' offsets, in
 * order), and appends each message to 'out', with a line's end behind it.
 * Returns the error, or NULL, for the caller to free. */
static char *
feed(struct rpc_framer *f, const char *data, size_t n, const size_t *cuts,
     size_t n_cuts, struct ds *out)
{
    size_t ofs = 0;

    for (size_t i = 0; i <= n_cuts; i++) {
        size_t end = i < n_cuts ? cuts[i] : n;
        while (ofs < end) {
            size_t used, len;
            char *message;

            switch (rpc_framer_feed(f, data + ofs, end - ofs, &used, &message,
                                    &len)) {
            case RPC_FRAMER_ERROR:
                return xstrdup(f->error);
            case RPC_FRAMER_MESSAGE:
                assert_int_equal(strlen(message), len);
                ds_put_format(out, "%s\n", message);
                free(message);
                /* Between messages there is no memory. */
                assert_null(f->buf);
                break;
            case RPC_FRAMER_MORE:
                assert_int_equal(used, end - ofs);
                break;
            }
            assert_true(used > 0);
            ofs += used;
        }
    }
    return NULL;
}

/* Fails unless 'stream' comes to the messages 'expected', a line each, and
 * then to 'error', or to none: in one piece, cut in two at every byte, and
 * byte by byte. */
static void
check_n(const char *stream, size_t n, const char *expected, const char *error)
{
    size_t *all = xmalloc((n + 1) * sizeof *all);

    for (size_t i = 0; i <= n; i++) {
        all[i] = i;
    }
    for (size_t i = 0; i <= n + 1; i++) {
        struct ds out = DS_EMPTY_INITIALIZER;
        struct rpc_framer f;

        rpc_framer_init(&f, MESSAGE_MAX);
        char *found = i <= n ? feed(&f, stream, n, &all[i], 1, &out)
                             : feed(&f, stream, n, all, n, &out);
        assert_string_equal(ds_cstr(&out), expected);
        if (!error) {
            assert_null(found);
        } else {
            assert_non_null(found);
            assert_non_null(strstr(found, error));
            assert_null(f.buf);
            free(found);

            /* There is no way on. */
            size_t used, len;
            char *message;
            assert_int_equal(rpc_framer_feed(&f, "{}", 2, &used, &message,
                                             &len), RPC_FRAMER_ERROR);
        }
        rpc_framer_destroy(&f);
        ds_destroy(&out);
    }
    free(all);
}

static void
check(const char *stream, const char *expected, const char *error)
{
    check_n(stream, strlen(stream), expected, error);
}

static void
messages(void **state OVS_UNUSED)
{
    check("", "", NULL);
    check(" \t\r\n", "", NULL);
    check("{}", "{}\n", NULL);
    check("[]", "[]\n", NULL);
    check("{}[]{}", "{}\n[]\n{}\n", NULL);
    check(" {\"a\" : [1, {}]}\n\n[ ] ", "{\"a\" : [1, {}]}\n[ ]\n", NULL);
    check("[[[]]]{\"x\":{}}", "[[[]]]\n{\"x\":{}}\n", NULL);
    check("{\"unfinished\": [", "", NULL);
}

static void
strings(void **state OVS_UNUSED)
{
    check("[\"}]{[\"]{}", "[\"}]{[\"]\n{}\n", NULL);
    check("[\"\\\"]\"][]", "[\"\\\"]\"]\n[]\n", NULL);
    check("[\"\\\\\"][]", "[\"\\\\\"]\n[]\n", NULL);
    check("[\"\\\\\\\"]\"]", "[\"\\\\\\\"]\"]\n", NULL);
    check("[\"\\u005d\"]", "[\"\\u005d\"]\n", NULL);
    /* A backslash outside of a string is the parser's to refuse. */
    check("[\\\"]\"]", "[\\\"]\"]\n", NULL);
    /* So is what is between. */
    check("{]{a b c}", "{]\n{a b c}\n", NULL);
}

static void
utf8(void **state OVS_UNUSED)
{
    check("[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"] []",
          "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]\n[]\n", NULL);
    check("[\"\xff\xfe\"]", "[\"\xff\xfe\"]\n", NULL);
    check("\xef\xbb\xbf{}", "", "byte 0xef");
}

static void
garbage(void **state OVS_UNUSED)
{
    check("x", "", "byte 0x78");
    check("{} true", "{}\n", "byte 0x74");
    check("{}\n\"a\"", "{}\n", "byte 0x22");
    check("{},{}", "{}\n", "byte 0x2c");
    check("}", "", "byte 0x7d");
    check("GET / HTTP/1.1\r\n", "", "byte 0x47");
    check("\x16\x03\x01", "", "byte 0x16");
    check("{}\f", "{}\n", "byte 0x0c");
    check_n("\0", 1, "", "null byte");
    check_n("{}\0{}", 5, "{}\n", "null byte");
    check_n("[\0]", 3, "", "null byte");
    check_n("[\"\0\"]", 5, "", "null byte");
    check_n("[\"\\\0\"]", 6, "", "null byte");
}

/* Returns 'n' times 'c' and then 'n' times 'd'. */
static char *
repeat(char c, size_t n, char d)
{
    char *s = xmalloc(2 * n + 1);

    memset(s, c, n);
    memset(s + n, d, n);
    s[2 * n] = '\0';
    return s;
}

static void
depth(void **state OVS_UNUSED)
{
    char *most = repeat('[', RPC_FRAMER_MAX_DEPTH, ']');
    char *more = repeat('[', RPC_FRAMER_MAX_DEPTH + 1, ']');
    char *line = xasprintf("%s\n", most);

    check(most, line, NULL);
    check(more, "", "deeper than 1000");
    free(most);
    free(more);
    free(line);
}

static void
length(void **state OVS_UNUSED)
{
    char *message = xmalloc(MESSAGE_MAX + 2);
    char *line;

    memset(message, 'x', MESSAGE_MAX + 1);
    message[0] = '{';
    message[MESSAGE_MAX - 1] = '}';
    message[MESSAGE_MAX] = '\0';
    line = xasprintf("%s\n", message);
    check(message, line, NULL);
    free(line);

    /* It is not waited for the end of one that is too long. */
    message[MESSAGE_MAX - 1] = 'x';
    check(message, "", NULL);
    message[MESSAGE_MAX] = 'x';
    message[MESSAGE_MAX + 1] = '\0';
    check(message, "", "more than 4096 bytes");
    message[MESSAGE_MAX] = '}';
    check(message, "", "more than 4096 bytes");

    /* White space between messages does not count. */
    memset(message, ' ', MESSAGE_MAX + 1);
    memcpy(message + MESSAGE_MAX - 1, "{}", 2);
    check(message, "{}\n", NULL);
    free(message);
}

/* A message made of bytes that matter, of depth 'budget' at most. */
static void
put_random(struct ds *s, int budget)
{
    static const char *const strings[] = {
        "\"\"", "\"a\"", "\"\\\"\"", "\"\\\\\"", "\"]}\"", "\"{[\"",
        "\"\\\\\\\"\"", "\"\xc3\xa9\"",
    };
    bool object = random_range(2);

    ds_put_char(s, object ? '{' : '[');
    for (int n = random_range(4); n > 0; n--) {
        if (budget > 0 && random_range(2)) {
            put_random(s, budget - 1);
        } else {
            ds_put_cstr(s, strings[random_range(ARRAY_SIZE(strings))]);
        }
    }
    ds_put_char(s, object ? '}' : ']');
}

static int
compare_sizes(const void *a_, const void *b_)
{
    const size_t *a = a_, *b = b_;

    return *a < *b ? -1 : *a > *b;
}

/* The model is how the stream was made: messages with white space between. */
static void
random_chunks(void **state OVS_UNUSED)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct ds stream = DS_EMPTY_INITIALIZER;
        struct ds expected = DS_EMPTY_INITIALIZER;
        struct ds out = DS_EMPTY_INITIALIZER;
        struct rpc_framer f;
        size_t cuts[8];

        for (int n = random_range(6); n >= 0; n--) {
            size_t start = stream.length;
            put_random(&stream, 4);
            ds_put_format(&expected, "%s\n", ds_cstr(&stream) + start);
            for (int w = random_range(3); w > 0; w--) {
                ds_put_char(&stream, " \t\r\n"[random_range(4)]);
            }
        }
        for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
            cuts[i] = random_range(stream.length + 1);
        }
        qsort(cuts, ARRAY_SIZE(cuts), sizeof *cuts, compare_sizes);

        rpc_framer_init(&f, 1024 * 1024);
        assert_null(feed(&f, stream.string, stream.length, cuts,
                         ARRAY_SIZE(cuts), &out));
        assert_string_equal(ds_cstr(&out), ds_cstr(&expected));
        assert_int_equal(f.depth, 0);
        rpc_framer_destroy(&f);
        ds_destroy(&stream);
        ds_destroy(&expected);
        ds_destroy(&out);
    }
    seeded_passed();
}

/* What is kept grows with what has come, and leaves with the message. */
static void
memory(void **state OVS_UNUSED)
{
    enum { N = 1024 * 1024 };
    struct rpc_framer f;
    size_t used, len, grown = 0, last = 0;
    char *message;

    rpc_framer_init(&f, 2 * N);
    assert_int_equal(rpc_framer_feed(&f, "[", 1, &used, &message, &len),
                     RPC_FRAMER_MORE);
    for (int i = 0; i < N; i++) {
        assert_int_equal(rpc_framer_feed(&f, "1", 1, &used, &message, &len),
                         RPC_FRAMER_MORE);
        assert_true(f.allocated <= 2 * f.len + 2);
        grown += f.allocated != last;
        last = f.allocated;
    }
    assert_true(grown <= 22);
    assert_int_equal(rpc_framer_feed(&f, "]", 1, &used, &message, &len),
                     RPC_FRAMER_MESSAGE);
    assert_int_equal(len, N + 2);
    free(message);
    assert_null(f.buf);
    assert_int_equal(f.allocated, 0);
    assert_int_equal(f.len, 0);
    rpc_framer_destroy(&f);
    rpc_framer_destroy(NULL);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages),
        cmocka_unit_test(strings),
        cmocka_unit_test(utf8),
        cmocka_unit_test(garbage),
        cmocka_unit_test(depth),
        cmocka_unit_test(length),
        seeded_unit_test(random_chunks),
        cmocka_unit_test(memory),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("rpc-framer", tests, NULL, NULL);
}
