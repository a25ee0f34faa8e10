/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See rpc-fixture.h. */

#include <config.h>

#include "unit.h"

#include "rpc-fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fatal-signal.h"
#include "openvswitch/poll-loop.h"
#include "socket-util.h"

/* Seconds until a test that waits in vain is ended: a multiple of what the
 * slowest machine needs. */
#define PATIENCE 300

/* How long a pass waits at most, in ms: what clients see is no event of the
 * server's. */
#define PASS_MS 5

void
rpc_fixture_ask(struct rpc_session *s)
{
    char *message;
    size_t len;

    while (s->conn && (message = rpc_conn_next(s->conn, &len))) {
        assert_int_equal(strlen(message), len);
        s->n_got++;
        s->longest = MAX(s->longest, len);
        ds_put_format(&s->got, "%.100s\n", message);
        free(message);
    }
}

static void *
opened(struct rpc_conn *conn, void *f_)
{
    struct rpc_fixture *f = f_;
    struct rpc_session *s = &f->sessions[f->n_sessions++];

    assert_true(f->n_sessions <= RPC_MAX_SESSIONS);
    ds_init(&s->got);
    s->conn = conn;
    if (f->on_opened) {
        f->on_opened(f, s);
    }
    return s;
}

static void
readable(struct rpc_conn *conn, void *f_)
{
    struct rpc_fixture *f = f_;
    struct rpc_session *s = rpc_conn_aux(conn);

    assert_ptr_equal(s->conn, conn);
    s->n_readable++;
    if (f->on_readable) {
        f->on_readable(f, s);
    }
    if (!s->hold) {
        rpc_fixture_ask(s);
    }
}

static void
drained(struct rpc_conn *conn, void *f_ OVS_UNUSED)
{
    struct rpc_session *s = rpc_conn_aux(conn);

    assert_ptr_equal(s->conn, conn);
    assert_int_equal(rpc_conn_backlog(conn), 0);
    s->n_drained++;
}

static void
closed(struct rpc_conn *conn, const char *reason, void *f_)
{
    struct rpc_fixture *f = f_;
    struct rpc_session *s = rpc_conn_aux(conn);

    assert_ptr_equal(s->conn, conn);
    s->conn = NULL;
    s->reason = xstrdup(reason);
    if (f->on_closed) {
        f->on_closed(f, s);
    }
}

struct rpc_fixture *
rpc_fixture_create(const struct rpc_limits *limits)
{
    static const struct rpc_handler handler = {
        opened, readable, drained, closed,
    };
    struct rpc_fixture *f = xzalloc(sizeof *f);

    fatal_ignore_sigpipe();
    alarm(PATIENCE);
    f->dir = xstrdup("/tmp/test-rpc.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->server = rpc_server_create(limits, &handler, f);
    return f;
}

void
rpc_fixture_destroy(struct rpc_fixture *f)
{
    rpc_server_destroy(f->server);
    for (size_t i = 0; i < f->n_sessions; i++) {
        free(f->sessions[i].reason);
        ds_destroy(&f->sessions[i].got);
    }
    /* The server has left nothing in it. */
    assert_int_equal(rmdir(f->dir), 0);
    free(f->dir);
    free(f);
    alarm(0);
}

void
rpc_fixture_listen(struct rpc_fixture *f, const char *remote)
{
    char *full = !strcmp(remote, "punix:") ? xasprintf("punix:%s/s", f->dir)
                                           : xstrdup(remote);
    char *error = rpc_server_listen(f->server, full);

    if (error) {
        fail_msg("%s", error);
    }
    free(full);
}

/* The port of the last listener that begins with 'prefix'. */
static int
port_of(const struct rpc_fixture *f, const char *prefix)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    int port = -1;

    rpc_server_format(f->server, &s);
    char *save_ptr = NULL;
    for (char *line = strtok_r(ds_cstr(&s), "\n", &save_ptr); line;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        if (!strncmp(line, prefix, strlen(prefix))) {
            port = atoi(line + strlen(prefix));
        }
    }
    ds_destroy(&s);
    assert_true(port > 0);
    return port;
}

int
rpc_fixture_connect(struct rpc_fixture *f, const char *kind)
{
    char *prefix = xasprintf("p%s:", kind);
    int fd;

    if (!strcmp(kind, "unix")) {
        char *path = xasprintf("%s/s", f->dir);
        fd = make_unix_socket(SOCK_STREAM, true, NULL, path);
        free(path);
        assert_true(fd >= 0);
    } else {
        char *target = xasprintf("127.0.0.1:%d", port_of(f, prefix));
        int error = inet_open_active(SOCK_STREAM, target, -1, NULL, &fd, 0);
        assert_true(!error || error == EAGAIN);
        free(target);
        while (check_connection_completion(fd) == EAGAIN) {
            rpc_fixture_pass(f);
        }
    }
    free(prefix);
    return fd;
}

int
rpc_fixture_open(struct rpc_fixture *f, const char *kind,
                 struct rpc_session **sp)
{
    size_t n = f->n_sessions;
    int fd = rpc_fixture_connect(f, kind);

    AWAIT(f, f->n_sessions > n);
    *sp = &f->sessions[n];
    return fd;
}

void
rpc_fixture_close(struct rpc_session *s)
{
    rpc_conn_close(s->conn);
    s->conn = NULL;
}

void
rpc_fixture_write(struct rpc_fixture *f, int fd, const void *data_, size_t len)
{
    const char *data = data_;

    while (len) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            data += n;
            len -= n;
        } else {
            assert_int_equal(errno, EAGAIN);
            rpc_fixture_pass(f);
        }
    }
}

void
rpc_fixture_puts(struct rpc_fixture *f, int fd, const char *s)
{
    rpc_fixture_write(f, fd, s, strlen(s));
}

bool
rpc_fixture_read(int fd, struct ds *out)
{
    char buf[65536];
    ssize_t n;

    while ((n = recv(fd, buf, sizeof buf, MSG_DONTWAIT)) > 0) {
        ds_put_buffer(out, buf, n);
    }
    return n < 0 && errno == EAGAIN;
}

void
rpc_fixture_pass(struct rpc_fixture *f)
{
    rpc_server_run(f->server);
    rpc_server_wait(f->server);
    poll_timer_wait(PASS_MS);
    poll_block();
}

struct rpc_stats
rpc_fixture_stats(const struct rpc_fixture *f)
{
    struct rpc_stats stats;

    rpc_server_get_stats(f->server, &stats);
    return stats;
}
