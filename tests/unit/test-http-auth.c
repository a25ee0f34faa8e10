/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Files of tokens, and what happens when they change. */

#include <config.h>

#include "unit.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/auth.h"
#include "http/request.h"
#include "http/tokens.h"

/* SHA-256 of "secret", "other" and "". */
#define SECRET \
    "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
#define OTHER \
    "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
#define EMPTY \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct http_tokens *
parse(const char *text)
{
    struct http_tokens *tokens;
    char *error = http_tokens_parse(text, &tokens);
    if (error) {
        fail_msg("%s", error);
    }
    return tokens;
}

static void
tokens_of_a_file(void **state OVS_UNUSED)
{
    struct http_tokens *tokens = parse(
        "# who may do what\n"
        "\n"
        "sha256:" SECRET " blue member # a comment\n"
        "  \tsha256:" OTHER "\t-  admin \xc3\xa9lise\r\n"
        "#sha256:" EMPTY " x reader");

    assert_int_equal(http_tokens_count(tokens), 2);
    const struct http_identity *who = http_tokens_find(tokens, "secret");
    assert_non_null(who);
    assert_int_equal(who->role, HTTP_MEMBER);
    assert_string_equal(who->project_id, "blue");
    assert_string_equal(who->name, "2bb80d53");

    who = http_tokens_find(tokens, "other");
    assert_non_null(who);
    assert_int_equal(who->role, HTTP_ADMIN);
    assert_string_equal(who->project_id, "");
    assert_string_equal(who->name, "\xc3\xa9lise");

    assert_null(http_tokens_find(tokens, ""));
    assert_null(http_tokens_find(tokens, "Secret"));
    assert_null(http_tokens_find(tokens, SECRET));
    http_tokens_destroy(tokens);
}

static void
upper_case(void **state OVS_UNUSED)
{
    char *text = xasprintf("sha256:%s p reader\n", SECRET);
    for (char *p = text + 7; p < text + 7 + 64; p++) {
        *p = toupper((unsigned char) *p);
    }
    struct http_tokens *tokens = parse(text);
    assert_non_null(http_tokens_find(tokens, "secret"));
    http_tokens_destroy(tokens);
    free(text);
}

static void
empty_file(void **state OVS_UNUSED)
{
    struct http_tokens *tokens = parse("");
    assert_int_equal(http_tokens_count(tokens), 0);
    http_tokens_destroy(tokens);
}

static void
assert_refused(const char *text, const char *expected)
{
    struct http_tokens *tokens = NULL;
    char *error = http_tokens_parse(text, &tokens);

    assert_null(tokens);
    assert_non_null(error);
    if (!strstr(error, expected)) {
        assert_string_equal(error, expected);
    }
    free(error);
}

static void
malformed(void **state OVS_UNUSED)
{
    assert_refused("sha256:" SECRET " blue\n", "line 1: not \"sha256:");
    assert_refused("sha256:" SECRET " blue member a b\n", "line 1: not");
    assert_refused("sha256:" SECRET " - member\n",
                   "line 1: a member needs a project");
    assert_refused("sha256:" SECRET " - reader\n",
                   "line 1: a reader needs a project");
    assert_refused("\n\nsecret blue member\n", "line 3: \"secret\" is not");
    assert_refused("sha256:abc blue member\n", "line 1: \"sha256:abc\"");
    assert_refused("sha256:" SECRET "0 blue member\n", "line 1: \"sha256:");
    assert_refused("sha256:g" SECRET " blue member\n", "line 1: \"sha256:");
    assert_refused("sha256:" SECRET " blue root\n", "\"root\" is not a role");
    assert_refused("sha256:" SECRET " blue member\n"
                   "sha256:" SECRET " red admin\n", "line 2: this token is");
    assert_refused("sha256:" SECRET " \xff member\n", "line 1: ");
}

/* A file of our own. */
static char file[] = "/tmp/test-http-auth.XXXXXX";

static void
write_file(const char *text)
{
    FILE *stream = fopen(file, "w");
    assert_non_null(stream);
    fputs(text, stream);
    assert_int_equal(fclose(stream), 0);
}

static struct http_auth *
create(void)
{
    struct http_auth *auth;
    char *method = xasprintf("tokens:%s", file);
    char *error = http_auth_create(method, &auth);
    free(method);
    if (error) {
        fail_msg("%s", error);
    }
    return auth;
}

/* How long to wait, in ms, for a change to be seen: a multiple of
 * HTTP_AUTH_CHECK_MS that no busy machine needs. */
#define PATIENCE (60 * HTTP_AUTH_CHECK_MS)

/* Waits until 'token' is known. */
static void
await_token(struct http_auth *auth, const char *token)
{
    for (int ms = 0; !http_auth_lookup(auth, token); ms += 10) {
        assert_true(ms < PATIENCE);
        usleep(10000);
    }
}

/* Waits until the file is found to be bad, 'token' being known all the
 * while. */
static void
await_fault(struct http_auth *auth, const char *token, const char *fault)
{
    for (int ms = 0; ; ms += 10) {
        assert_non_null(http_auth_lookup(auth, token));
        const char *now = http_auth_fault(auth);
        if (now && strstr(now, fault)) {
            return;
        }
        assert_true(ms < PATIENCE);
        usleep(10000);
    }
}

static void
changes(void **state OVS_UNUSED)
{
    write_file("sha256:" SECRET " blue member\n");
    struct http_auth *auth = create();
    assert_non_null(http_auth_lookup(auth, "secret"));
    assert_null(http_auth_lookup(auth, "other"));

    write_file("sha256:" OTHER " blue member\n");
    await_token(auth, "other");
    assert_null(http_auth_lookup(auth, "secret"));
    assert_null(http_auth_fault(auth));

    write_file("rubbish\n");
    await_fault(auth, "other", "line 1: ");
    assert_int_equal(unlink(file), 0);
    await_fault(auth, "other", "No such file");
    write_file("sha256:" SECRET " red admin\n");
    await_token(auth, "secret");
    assert_null(http_auth_fault(auth));
    assert_null(http_auth_lookup(auth, "other"));
    http_auth_destroy(auth);
}

static void
headers(void **state OVS_UNUSED)
{
    write_file("sha256:" SECRET " blue member\nsha256:" EMPTY " x reader\n");
    struct http_auth *auth = create();
    static const struct {
        const char *name, *value;
        bool known;
    } cases[] = {
        { "X-Auth-Token", "secret", true },
        { "x-auth-token", "secret", true },
        { "X-Auth-Token", "secret ", false },
        { "X-Auth-Token", "", true }, /* Whoever wants that. */
        { "Authorization", "Bearer secret", true },
        { "Authorization", "bearer  secret", true },
        { "Authorization", "Basic secret", false },
        { "Authorization", "secret", false },
        { "Cookie", "secret", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct http_pair header = { cases[i].name, cases[i].value };
        struct http_request r = { .headers = &header, .n_headers = 1 };
        assert_int_equal(http_auth_identify(auth, &r) != NULL,
                         cases[i].known);
    }
    http_auth_destroy(auth);
}

static void
no_file(void **state OVS_UNUSED)
{
    static const char *const bad[] = {
        "tokens:/nonexistent/file", "tokens:", "tokens:/", "basic:x", "",
        "tokens:/dev/zero",
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct http_auth *auth = NULL;
        char *error = http_auth_create(bad[i], &auth);
        assert_non_null(error);
        assert_null(auth);
        free(error);
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_of_a_file),
        cmocka_unit_test(upper_case),
        cmocka_unit_test(empty_file),
        cmocka_unit_test(malformed),
        cmocka_unit_test(changes),
        cmocka_unit_test(headers),
        cmocka_unit_test(no_file),
    };

    unit_init(argv[0]);
    int fd = mkstemp(file);
    if (fd < 0) {
        ovs_fatal(errno, "%s", file);
    }
    close(fd);
    int failed = cmocka_run_group_tests_name("http-auth", tests, NULL, NULL);
    unlink(file);
    return failed;
}
