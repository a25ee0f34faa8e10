/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Connections of JSON-RPC clients, on real sockets. */

#include <config.h>

#include "unit.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rpc-fixture.h"

#define ECHO "{\"method\":\"echo\",\"params\":[],\"id\":\"echo\"}"

static const struct rpc_limits defaults;

/* Of tests in which silence matters. */
static const struct rpc_limits impatient = { .probe_interval = 50 };

static struct rpc_fixture *
start(const struct rpc_limits *limits)
{
    struct rpc_fixture *f = rpc_fixture_create(limits);

    rpc_fixture_listen(f, "punix:");
    rpc_fixture_listen(f, "ptcp:0:127.0.0.1");
    return f;
}

/* Fails unless 's' still takes a message from 'fd', and that one alone. */
static void
assert_alive(struct rpc_fixture *f, struct rpc_session *s, int fd)
{
    unsigned int n = s->n_got;

    rpc_fixture_puts(f, fd, "{\"alive\":1}");
    AWAIT(f, s->n_got > n || s->reason);
    assert_null(s->reason);
    assert_int_equal(s->n_got, n + 1);
}

static void
assert_closed(const struct rpc_session *s, const char *reason)
{
    assert_null(s->conn);
    assert_non_null(s->reason);
    if (!strstr(s->reason, reason)) {
        fail_msg("\"%s\" is not in \"%s\"", reason, s->reason);
    }
}

static void
peers(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start(&defaults);
    struct rpc_session *unix1, *unix2, *tcp;
    int fds[] = {
        rpc_fixture_open(f, "unix", &unix1),
        rpc_fixture_open(f, "unix", &unix2),
        rpc_fixture_open(f, "tcp", &tcp),
    };

    assert_memory_equal(rpc_conn_peer(unix1->conn), "unix#", 5);
    assert_string_not_equal(rpc_conn_peer(unix1->conn),
                            rpc_conn_peer(unix2->conn));
    assert_memory_equal(rpc_conn_peer(tcp->conn), "tcp:127.0.0.1:", 14);
    assert_null(rpc_conn_identity(tcp->conn));

    assert_ptr_equal(rpc_server_first(f->server), unix1->conn);
    assert_ptr_equal(rpc_conn_following(unix1->conn), unix2->conn);
    assert_ptr_equal(rpc_conn_following(unix2->conn), tcp->conn);
    assert_null(rpc_conn_following(tcp->conn));
    assert_int_equal(rpc_fixture_stats(f).connections, 3);
    assert_int_equal(rpc_fixture_stats(f).n_accepted, 3);
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
        close(fds[i]);
    }
    AWAIT(f, !rpc_fixture_stats(f).connections);
    assert_null(rpc_server_first(f->server));
    assert_closed(tcp, "closed by the client");
    rpc_fixture_destroy(f);
}

static void
listeners(void **state OVS_UNUSED)
{
    static const char *const bad[] = {
        "", "unix:/tmp/x", "punix:", "punix:/nonexistent/dir/s", "tcp:1",
        "ptcp:x", "ptcp:1:not an address", "ptcp:99999", "pssl:0:127.0.0.1",
    };
    struct rpc_fixture *f = start(&defaults);
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        char *error = rpc_server_listen(f->server, bad[i]);
        if (!error) {
            fail_msg("\"%s\" is listened at", bad[i]);
        }
        free(error);
    }
    rpc_server_format(f->server, &s);
    char *path = xasprintf("punix:%s/s\nptcp:", f->dir);
    assert_memory_equal(ds_cstr(&s), path, strlen(path));
    free(path);
    ds_destroy(&s);
    rpc_fixture_destroy(f);
}

/* A file that a killed server has left behind is no obstacle. */
static void
stale_file(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = rpc_fixture_create(&defaults);
    char *path = xasprintf("%s/s", f->dir);
    FILE *stream = fopen(path, "w");
    struct rpc_session *s;

    assert_non_null(stream);
    fclose(stream);
    free(path);
    rpc_fixture_listen(f, "punix:");
    int fd = rpc_fixture_open(f, "unix", &s);
    assert_alive(f, s, fd);
    close(fd);
    rpc_fixture_destroy(f);
}

static void
two_in_one(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start(&defaults);
    struct rpc_session *s;
    int fd = rpc_fixture_open(f, "unix", &s);

    rpc_fixture_puts(f, fd, "{\"a\":1}\n[2]");
    AWAIT(f, s->n_got);
    assert_string_equal(ds_cstr(&s->got), "{\"a\":1}\n[2]\n");
    assert_int_equal(s->n_readable, 1);
    assert_int_equal(rpc_fixture_stats(f).input, 0);
    close(fd);
    rpc_fixture_destroy(f);
}

/* What was sent before the end is not lost with it. */
static void
last_words(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start(&defaults);

    for (int i = 0; i < 2; i++) {
        struct rpc_session *s;
        int fd = rpc_fixture_open(f, i ? "tcp" : "unix", &s);

        assert_int_equal(send(fd, "{}[]{\"x", 7, 0), 7);
        close(fd);
        AWAIT(f, s->reason);
        assert_string_equal(ds_cstr(&s->got), "{}\n[]\n");
        assert_closed(s, "closed by the client amid a message");
    }
    assert_int_equal(rpc_fixture_stats(f).input, 0);
    rpc_fixture_destroy(f);
}

static void
bytewise(void **state OVS_UNUSED)
{
    static const char message[] = "{\"id\":\"}\\\"\",\"params\":[[]]}";
    struct rpc_fixture *f = start(&defaults);
    struct rpc_session *s;
    int fd = rpc_fixture_open(f, "tcp", &s);

    for (size_t i = 0; message[i]; i++) {
        assert_int_equal(s->n_got, 0);
        assert_int_equal(rpc_fixture_stats(f).input, i);
        rpc_fixture_write(f, fd, &message[i], 1);
        AWAIT(f, rpc_fixture_stats(f).n_bytes_in == i + 1);
    }
    assert_int_equal(s->n_got, 1);
    assert_int_equal(s->longest, strlen(message));
    assert_int_equal(rpc_fixture_stats(f).input, 0);
    close(fd);
    rpc_fixture_destroy(f);
}

/* More than one turn's worth. */
static void
large(void **state OVS_UNUSED)
{
    enum { N = 5 * 1024 * 1024 };
    struct rpc_fixture *f = start(&defaults);
    struct rpc_session *s;
    int fd = rpc_fixture_open(f, "tcp", &s);
    char *message = xmalloc(N);

    memset(message, 'x', N);
    message[0] = '[';
    message[N - 1] = ']';
    rpc_fixture_write(f, fd, message, N);
    AWAIT(f, s->n_got);
    assert_int_equal(s->longest, N);
    assert_alive(f, s, fd);
    free(message);
    close(fd);
    rpc_fixture_destroy(f);
}

/* What one turn leaves in the socket is read in the next, without an event. */
static void
turns(void **state OVS_UNUSED)
{
    enum { TURN = 128 * 1024 };
    struct rpc_fixture *f = start(&defaults);
    struct rpc_session *s;
    int fd = rpc_fixture_open(f, "unix", &s);
    char data[4096];
    size_t sent = 0;
    ssize_t n;

    memset(data, '[', 1);
    memset(data + 1, 'x', sizeof data - 1);
    while ((n = send(fd, data + !!sent, sizeof data - 1, MSG_DONTWAIT)) > 0) {
        sent += n;
    }
    assert_true(sent > TURN);
    rpc_server_run(f->server);
    assert_int_equal(rpc_fixture_stats(f).n_bytes_in, TURN);
    AWAIT(f, rpc_fixture_stats(f).n_bytes_in == sent);
    close(fd);
    rpc_fixture_destroy(f);
}

static void
ask_once(struct rpc_fixture *f OVS_UNUSED, struct rpc_session *s)
{
    size_t len;
    char *message = rpc_conn_next(s->conn, &len);

    assert_non_null(message);
    free(message);
}

/* An owner that does not ask any more finds it all when it asks later. */
static void
asked_later(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start(&defaults);
    struct rpc_session *s;
    int fd = rpc_fixture_open(f, "unix", &s);

    s->hold = true;
    f->on_readable = ask_once;
    rpc_fixture_puts(f, fd, "[1][2][3][4");
    AWAIT(f, s->n_readable);
    assert_int_equal(rpc_fixture_stats(f).input, 8);

    /* Nor is the socket read meanwhile. */
    f->on_readable = NULL;
    rpc_fixture_puts(f, fd, "4][5]");
    AWAIT(f, s->n_readable > 1);
    assert_int_equal(rpc_fixture_stats(f).n_bytes_in, 11);
    assert_int_equal(rpc_fixture_stats(f).input, 8);

    rpc_fixture_ask(s);
    assert_string_equal(ds_cstr(&s->got), "[2]\n[3]\n[44]\n[5]\n");
    assert_int_equal(rpc_fixture_stats(f).input, 0);
    close(fd);
    rpc_fixture_destroy(f);
}

/* A client that reads late. */
static void
backlog(void **state OVS_UNUSED)
{
    enum { N = 16 * 1024 * 1024 };

    for (int i = 0; i < 2; i++) {
        struct rpc_fixture *f = start(&defaults);
        struct ds got = DS_EMPTY_INITIALIZER;
        char *data = xmalloc(N);
        struct rpc_session *s;
        int fd = rpc_fixture_open(f, i ? "tcp" : "unix", &s);

        for (size_t j = 0; j < N; j++) {
            data[j] = "abcdefghijklmnopqrstuvwxyz0123456789\n"[j % 37];
        }
        assert_int_equal(rpc_conn_stalled_msec(s->conn), 0);
        rpc_conn_send(s->conn, data, N - 5);
        assert_int_equal(rpc_conn_backlog(s->conn), N - 5);
        rpc_conn_flush(s->conn);
        size_t left = rpc_conn_backlog(s->conn);
        assert_true(left && left < N - 5);
        assert_int_equal(rpc_fixture_stats(f).output, left);
        AWAIT(f, rpc_conn_stalled_msec(s->conn) > 0);

        rpc_conn_send(s->conn, data + N - 5, 5);
        rpc_conn_flush(s->conn);
        assert_int_equal(s->n_drained, 0);
        AWAIT(f, rpc_fixture_read(fd, &got) && got.length >= N
                 && s->n_drained);
        assert_int_equal(got.length, N);
        assert_memory_equal(got.string, data, N);
        assert_int_equal(s->n_drained, 1);
        assert_int_equal(rpc_conn_stalled_msec(s->conn), 0);
        assert_int_equal(rpc_conn_bytes_sent(s->conn), N);
        assert_int_equal(rpc_fixture_stats(f).output, 0);
        assert_int_equal(rpc_fixture_stats(f).n_bytes_out, N);

        /* What goes at once is not told of. */
        rpc_conn_send(s->conn, "{}", 2);
        rpc_conn_flush(s->conn);
        assert_int_equal(rpc_conn_backlog(s->conn), 0);
        assert_alive(f, s, fd);
        assert_int_equal(s->n_drained, 1);
        ds_destroy(&got);
        free(data);
        close(fd);
        rpc_fixture_destroy(f);
    }
}

/* What was queued goes out before the owner's end of a connection. */
static void
farewell(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start(&defaults);
    struct ds got = DS_EMPTY_INITIALIZER;
    struct rpc_session *s;
    int fd = rpc_fixture_open(f, "tcp", &s);

    rpc_conn_send(s->conn, "{\"bye\":1}", 9);
    rpc_fixture_close(s);
    AWAIT(f, !rpc_fixture_read(fd, &got));
    assert_string_equal(ds_cstr(&got), "{\"bye\":1}");
    assert_null(s->reason);
    assert_int_equal(rpc_fixture_stats(f).connections, 0);
    assert_int_equal(rpc_fixture_stats(f).output, 0);
    ds_destroy(&got);
    close(fd);
    rpc_fixture_destroy(f);
}

/* Whoever goes while it is written to. */
static void
gone(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start(&defaults);
    char *data = xzalloc(1024 * 1024);
    struct rpc_session *s;
    int fd = rpc_fixture_open(f, "unix", &s);

    rpc_conn_send(s->conn, data, 1024 * 1024);
    rpc_conn_flush(s->conn);
    close(fd);
    /* The owner does not see it before rpc_server_run(), whatever it does. */
    rpc_conn_send(s->conn, data, 1024 * 1024);
    rpc_conn_flush(s->conn);
    assert_null(s->reason);
    assert_non_null(s->conn);
    rpc_conn_send(s->conn, data, 1024);
    rpc_conn_flush(s->conn);
    size_t len;
    assert_null(rpc_conn_next(s->conn, &len));
    assert_int_equal(rpc_conn_backlog(s->conn), 0);
    assert_int_equal(rpc_fixture_stats(f).connections, 1);
    AWAIT(f, s->reason);
    assert_closed(s, "write: Broken pipe");
    assert_int_equal(rpc_fixture_stats(f).connections, 0);
    assert_int_equal(rpc_fixture_stats(f).output, 0);
    free(data);
    rpc_fixture_destroy(f);
}

static void
bad_messages(void **state OVS_UNUSED)
{
    static const struct {
        const char *text, *reason;
    } cases[] = {
        { "{}[\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
          "more than 32 bytes" },
        { "{}GET / HTTP/1.1\r\n\r\n", "neither an object nor an array" },
        { "{}\xff", "byte 0xff" },
    };
    const struct rpc_limits limits = { .max_message = 32 };
    struct rpc_fixture *f = start(&limits);
    struct rpc_session *other;
    int other_fd = rpc_fixture_open(f, "unix", &other);

    rpc_fixture_puts(f, other_fd, "{\"al");
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct rpc_session *s;
        int fd = rpc_fixture_open(f, "tcp", &s);

        rpc_fixture_puts(f, fd, cases[i].text);
        AWAIT(f, s->reason);
        assert_closed(s, cases[i].reason);
        assert_string_equal(ds_cstr(&s->got), "{}\n");
        assert_int_equal(rpc_fixture_stats(f).connections, 1);
        close(fd);
    }
    rpc_fixture_puts(f, other_fd, "ive\":1}");
    AWAIT(f, other->n_got);
    assert_alive(f, other, other_fd);
    assert_int_equal(rpc_fixture_stats(f).input, 0);
    close(other_fd);
    rpc_fixture_destroy(f);
}

static void
max_connections(void **state OVS_UNUSED)
{
    const struct rpc_limits limits = { .max_connections = 2 };
    struct rpc_fixture *f = start(&limits);
    struct ds got = DS_EMPTY_INITIALIZER;
    struct rpc_session *s1, *s2, *s3;
    int fd1 = rpc_fixture_open(f, "unix", &s1);
    int fd2 = rpc_fixture_open(f, "tcp", &s2);
    int fd3 = rpc_fixture_connect(f, "tcp");

    AWAIT(f, !rpc_fixture_read(fd3, &got));
    assert_int_equal(rpc_fixture_stats(f).n_refused, 1);
    assert_int_equal(rpc_fixture_stats(f).n_accepted, 2);
    assert_int_equal(f->n_sessions, 2);
    close(fd3);
    assert_alive(f, s1, fd1);
    assert_alive(f, s2, fd2);

    /* There is room again when one has gone. */
    close(fd1);
    AWAIT(f, s1->reason);
    fd3 = rpc_fixture_open(f, "tcp", &s3);
    assert_alive(f, s3, fd3);
    ds_destroy(&got);
    close(fd2);
    close(fd3);
    rpc_fixture_destroy(f);
}

/* Whoever holds most has to go, be it somebody else. */
static void
max_input(void **state OVS_UNUSED)
{
    const struct rpc_limits limits = { .max_input = 100000 };
    struct rpc_fixture *f = start(&limits);
    struct rpc_session *s[3];
    char *data = xmalloc(60000);
    int fds[3];

    memset(data, 'x', 60000);
    data[0] = '[';
    for (int i = 0; i < 3; i++) {
        size_t n[] = { 30000, 60000, 20000 };

        fds[i] = rpc_fixture_open(f, "tcp", &s[i]);
        rpc_fixture_write(f, fds[i], data, n[i]);
        AWAIT(f, i == 2 ? s[1]->reason != NULL
                 : rpc_fixture_stats(f).input == (i ? 90000 : 30000));
    }
    assert_closed(s[1], "too many bytes of unfinished messages");
    for (int i = 0; i < 3; i += 2) {
        rpc_fixture_puts(f, fds[i], "]");
        AWAIT(f, s[i]->n_got);
    }
    assert_int_equal(s[0]->longest, 30001);
    assert_int_equal(s[2]->longest, 20001);
    assert_int_equal(rpc_fixture_stats(f).input, 0);
    for (int i = 0; i < 3; i++) {
        close(fds[i]);
    }
    free(data);
    rpc_fixture_destroy(f);
}

/* Whoever answers stays, whoever does not has to go. */
static void
probes(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start(&impatient);
    struct ds got = DS_EMPTY_INITIALIZER;
    struct ds silent_got = DS_EMPTY_INITIALIZER;
    struct rpc_session *s, *silent;
    int fd = rpc_fixture_open(f, "tcp", &s);
    int silent_fd = rpc_fixture_open(f, "tcp", &silent);
    size_t answered = 0;

    /* Any byte will do, and does not count as a message. */
    while (!silent->reason || answered < 3 * strlen(ECHO)) {
        rpc_fixture_pass(f);
        assert_true(rpc_fixture_read(fd, &got));
        if (got.length > answered) {
            rpc_fixture_puts(f, fd, " ");
            answered = got.length;
        }
    }
    assert_memory_equal(got.string, ECHO ECHO ECHO, 3 * strlen(ECHO));
    assert_null(s->reason);
    assert_int_equal(s->n_got, 0);
    assert_closed(silent,
                  "no response to inactivity probe after 0.05 seconds");
    AWAIT(f, !rpc_fixture_read(silent_fd, &silent_got));
    assert_string_equal(ds_cstr(&silent_got), ECHO);
    ds_destroy(&got);
    ds_destroy(&silent_got);
    close(fd);
    close(silent_fd);
    rpc_fixture_destroy(f);
}

/* A client whose owner does not ask is not silent, though it is not read. */
static void
not_silent(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start(&impatient);
    struct ds got = DS_EMPTY_INITIALIZER;
    struct rpc_session *s, *silent;
    int fd = rpc_fixture_open(f, "tcp", &s);

    s->hold = true;
    rpc_fixture_puts(f, fd, "{}");
    AWAIT(f, s->n_readable);
    /* It has been as it is for longer than somebody who had to go. */
    int silent_fd = rpc_fixture_open(f, "tcp", &silent);
    AWAIT(f, silent->reason);
    assert_null(s->reason);
    assert_true(rpc_fixture_read(fd, &got));
    assert_int_equal(got.length, 0);

    rpc_fixture_ask(s);
    assert_int_equal(s->n_got, 1);
    AWAIT(f, s->reason);
    assert_closed(s, "inactivity");
    ds_destroy(&got);
    close(fd);
    close(silent_fd);
    rpc_fixture_destroy(f);
}

/* A client of this machine need not be asked whether it is there, once it has
 * said something; but in the middle of a message it is. */
static void
local(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start(&impatient);
    struct ds got = DS_EMPTY_INITIALIZER;
    struct rpc_session *s, *silent;
    int fd = rpc_fixture_open(f, "unix", &s);

    rpc_fixture_puts(f, fd, "{}");
    AWAIT(f, s->n_got == 1);
    int silent_fd = rpc_fixture_open(f, "unix", &silent);
    AWAIT(f, silent->reason);
    assert_null(s->reason);
    assert_true(rpc_fixture_read(fd, &got));
    assert_int_equal(got.length, 0);

    rpc_fixture_puts(f, fd, "{");
    AWAIT(f, s->reason);
    assert_closed(s, "inactivity");
    ds_destroy(&got);
    close(fd);
    close(silent_fd);
    rpc_fixture_destroy(f);
}

static void
close_all(struct rpc_fixture *f, struct rpc_session *s OVS_UNUSED)
{
    for (size_t i = 0; i < f->n_sessions; i++) {
        if (f->sessions[i].conn) {
            rpc_fixture_close(&f->sessions[i]);
        }
    }
}

/* Fails unless all 'n' clients see the end. */
static void
assert_all_closed(struct rpc_fixture *f, const int *fds, size_t n)
{
    struct ds got = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < n; i++) {
        AWAIT(f, !rpc_fixture_read(fds[i], &got));
        close(fds[i]);
    }
    assert_int_equal(rpc_fixture_stats(f).connections, 0);
    ds_destroy(&got);
}

/* In a callback of one, all go, be their events fetched or not. */
static void
close_in_callbacks(void **state OVS_UNUSED)
{
    enum { N = 4 };
    struct rpc_fixture *f = start(&defaults);
    struct rpc_session *s;
    int fds[N];

    for (int i = 0; i < N; i++) {
        fds[i] = rpc_fixture_open(f, i % 2 ? "unix" : "tcp", &s);
    }
    for (int i = 0; i < N; i++) {
        assert_int_equal(send(fds[i], "{}", 2, 0), 2);
    }
    f->on_readable = close_all;
    AWAIT(f, !rpc_server_first(f->server));
    unsigned int n_readable = 0;
    for (int i = 0; i < N; i++) {
        n_readable += f->sessions[i].n_readable;
        assert_null(f->sessions[i].reason);
        assert_int_equal(f->sessions[i].n_got, 0);
    }
    assert_int_equal(n_readable, 1);
    assert_all_closed(f, fds, N);

    f->n_sessions = 0;
    f->on_opened = close_all;
    fds[0] = rpc_fixture_connect(f, "tcp");
    assert_int_equal(send(fds[0], "{}", 2, 0), 2);
    AWAIT(f, f->n_sessions);
    assert_all_closed(f, fds, 1);
    assert_int_equal(f->sessions[0].n_readable, 0);

    f->n_sessions = 0;
    f->on_opened = NULL;
    f->on_readable = NULL;
    f->on_closed = close_all;
    for (int i = 0; i < N; i++) {
        fds[i] = rpc_fixture_open(f, i % 2 ? "unix" : "tcp", &s);
    }
    assert_int_equal(send(fds[1], "x", 1, 0), 1);
    assert_int_equal(send(fds[2], "x", 1, 0), 1);
    AWAIT(f, !rpc_server_first(f->server));
    assert_all_closed(f, fds, N);
    rpc_fixture_destroy(f);
}

/* Without descriptors nobody new comes in, and those who are in notice
 * nothing; the others come in when there are some again. */
static void
no_descriptors(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start(&defaults);
    struct rpc_session *s;
    int fd = rpc_fixture_open(f, "unix", &s);
    int next = rpc_fixture_connect(f, "unix");
    struct rlimit old, none;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = old;
    none.rlim_cur = next + 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_alive(f, s, fd);
    assert_int_equal(f->n_sessions, 1);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    AWAIT(f, f->n_sessions == 2);
    assert_alive(f, &f->sessions[1], next);
    close(fd);
    close(next);
    rpc_fixture_destroy(f);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(peers),
        cmocka_unit_test(listeners),
        cmocka_unit_test(stale_file),
        cmocka_unit_test(two_in_one),
        cmocka_unit_test(last_words),
        cmocka_unit_test(bytewise),
        cmocka_unit_test(large),
        cmocka_unit_test(turns),
        cmocka_unit_test(asked_later),
        cmocka_unit_test(backlog),
        cmocka_unit_test(farewell),
        cmocka_unit_test(gone),
        cmocka_unit_test(bad_messages),
        cmocka_unit_test(max_connections),
        cmocka_unit_test(max_input),
        cmocka_unit_test(probes),
        cmocka_unit_test(not_silent),
        cmocka_unit_test(local),
        cmocka_unit_test(close_in_callbacks),
        cmocka_unit_test(no_descriptors),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("rpc", tests, NULL, NULL);
}
