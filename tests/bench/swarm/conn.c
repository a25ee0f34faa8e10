/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See conn.h. */

#include <config.h>

#include "conn.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "packets.h"
#include "socket-util.h"
#include "util.h"

/* What is read at once.  A server writes as much as the socket takes. */
#define READ_SIZE (256 * 1024)

/* Events taken from the kernel at once. */
#define N_EVENTS 256

/* Files that are not agents' connections. */
#define OTHER_FILES 64

static int
epoll_fd(void)
{
    static int fd = -1;

    if (fd < 0) {
        fd = epoll_create1(EPOLL_CLOEXEC);
        if (fd < 0) {
            ovs_fatal(errno, "epoll_create1");
        }
    }
    return fd;
}

long long int
conn_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void
conn_allow(unsigned int n)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < n + OTHER_FILES) {
        limit.rlim_cur = n + OTHER_FILES;
        limit.rlim_max = MAX(limit.rlim_max, limit.rlim_cur);
        if (setrlimit(RLIMIT_NOFILE, &limit)) {
            ovs_fatal(errno, "cannot have %u files open", n + OTHER_FILES);
        }
    }
}

void
conn_init(struct conn *conn, const struct conn_ops *ops)
{
    *conn = (struct conn) {
        .ops = ops,
        .fd = -1,
        .in = DS_EMPTY_INITIALIZER,
        .out = DS_EMPTY_INITIALIZER,
    };
}

void
conn_destroy(struct conn *conn)
{
    if (conn) {
        conn_close(conn);
    }
}

bool
conn_is_open(const struct conn *conn)
{
    return conn->fd >= 0 && !conn->opening;
}

/* Tells epoll what to wait for.  A stalled connection is not in the set at
 * all, so that its end is not noticed either. */
static void
update_events(struct conn *conn)
{
    uint32_t events = (conn->opening || conn->out.length ? EPOLLOUT : 0)
                      | (conn->stalled ? 0 : EPOLLIN);
    struct epoll_event event = { .events = events, .data.ptr = conn };

    if (events != conn->events) {
        epoll_ctl(epoll_fd(), (!conn->events ? EPOLL_CTL_ADD
                               : !events ? EPOLL_CTL_DEL
                               : EPOLL_CTL_MOD), conn->fd, &event);
        conn->events = events;
    }
}

static int
connect_unix(struct conn *conn, const char *path)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };

    if (strlen(path) >= sizeof sun.sun_path) {
        ovs_fatal(0, "%s: too long", path);
    }
    strcpy(sun.sun_path, path);
    conn->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return (conn->fd < 0 || connect(conn->fd, (struct sockaddr *) &sun,
                                    sizeof sun) ? errno : 0);
}

static int
connect_tcp(struct conn *conn, const char *target)
{
    struct sockaddr_storage ss;
    socklen_t size;
    int one = 1;

    if (!inet_parse_active(target, -1, &ss, false, NULL)) {
        ovs_fatal(0, "tcp:%s: not an address and port", target);
    }
    size = (ss.ss_family == AF_INET ? sizeof(struct sockaddr_in)
            : sizeof(struct sockaddr_in6));
    conn->fd = socket(ss.ss_family,
                      SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (conn->fd < 0) {
        return errno;
    }
    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return connect(conn->fd, (struct sockaddr *) &ss, size) ? errno : 0;
}

bool
conn_open(struct conn *conn, const char *remote)
{
    int error;

    ovs_assert(conn->fd < 0);
    if (!strncmp(remote, "unix:", 5)) {
        error = connect_unix(conn, remote + 5);
    } else if (!strncmp(remote, "tcp:", 4)) {
        error = connect_tcp(conn, remote + 4);
    } else {
        ovs_fatal(0, "%s: neither unix:PATH nor tcp:IP:PORT", remote);
    }

    if (error == EAGAIN) {
        /* The queue of those who wait to be accepted is full. */
        conn_close(conn);
        return false;
    } else if (error && error != EINPROGRESS) {
        conn_close(conn);
        conn->ops->closed(conn, error);
    } else {
        conn->opening = true;
        update_events(conn);
    }
    return true;
}

void
conn_close(struct conn *conn)
{
    if (conn->fd >= 0) {
        close(conn->fd);
    }
    conn->fd = -1;
    conn->n_closed++;
    conn->events = 0;
    conn->opening = conn->stalled = false;
    memset(&conn->framer, 0, sizeof conn->framer);
    ds_destroy(&conn->in);
    ds_destroy(&conn->out);
    ds_init(&conn->in);
    ds_init(&conn->out);
    conn->out_ofs = 0;
}

static void
conn_fail(struct conn *conn, int error)
{
    conn_close(conn);
    conn->ops->closed(conn, error);
}

/* Sending. */

/* Sends what can be sent.  An error is left to be found when reading: there
 * may still be something to read. */
static void
flush_out(struct conn *conn)
{
    while (conn->out.length) {
        ssize_t n = send(conn->fd, conn->out.string + conn->out_ofs,
                         conn->out.length - conn->out_ofs, MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN) {
            return;
        }
        conn->out_ofs += MAX(n, 0);
        conn->n_out += MAX(n, 0);
        if (n < 0 || conn->out_ofs == conn->out.length) {
            ds_destroy(&conn->out);
            ds_init(&conn->out);
            conn->out_ofs = 0;
        }
    }
}

void
conn_send(struct conn *conn, const char *p, size_t n)
{
    if (conn_is_open(conn)) {
        ds_put_buffer(&conn->out, p, n);
        flush_out(conn);
        update_events(conn);
    }
}

void
conn_stall(struct conn *conn, bool stall)
{
    if (conn->fd >= 0) {
        conn->stalled = stall;
        update_events(conn);
    }
}

/* Receiving. */

static void
deliver(struct conn *conn, const char *p, size_t used)
{
    if (conn->in.length) {
        struct ds whole = conn->in;

        ds_init(&conn->in);
        ds_put_buffer(&whole, p, used);
        conn->ops->message(conn, (struct span) { whole.string,
                                                 whole.length });
        ds_destroy(&whole);
    } else {
        conn->ops->message(conn, (struct span) { p, used });
    }
}

static void
consume(struct conn *conn, const char *p, size_t n)
{
    unsigned int n_closed = conn->n_closed;

    while (n && conn->n_closed == n_closed) {
        size_t used = framer_feed(&conn->framer, p, n);

        if (!used) {
            ds_put_buffer(&conn->in, p, n);
            return;
        }
        deliver(conn, p, used);
        p += used;
        n -= used;
    }
}

static void
receive(struct conn *conn)
{
    static char buffer[READ_SIZE];
    ssize_t n = recv(conn->fd, buffer, sizeof buffer, 0);

    if (n > 0) {
        conn->n_in += n;
        consume(conn, buffer, n);
    } else if (!n || errno != EAGAIN) {
        conn_fail(conn, n ? errno : 0);
    }
}

static void
finish_opening(struct conn *conn)
{
    int error = 0;
    socklen_t size = sizeof error;

    getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        conn_fail(conn, error);
    } else {
        conn->opening = false;
        conn->ops->opened(conn);
    }
}

static void
run(struct conn *conn, uint32_t events)
{
    if (conn->fd >= 0 && conn->opening && events & (EPOLLOUT | EPOLLERR)) {
        finish_opening(conn);
    }
    if (conn_is_open(conn) && events & EPOLLOUT) {
        flush_out(conn);
    }
    if (conn_is_open(conn) && !conn->stalled
        && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        receive(conn);
    }
    if (conn->fd >= 0) {
        update_events(conn);
    }
}

bool
conn_run_all(int fd, int msec)
{
    struct epoll_event events[N_EVENTS];
    struct pollfd pfds[] = {
        { .fd = epoll_fd(), .events = POLLIN },
        { .fd = fd, .events = POLLIN },
    };
    int n;

    if (fd >= 0) {
        if (poll(pfds, 2, msec) < 0 && errno != EINTR) {
            ovs_fatal(errno, "poll");
        }
        msec = 0;
    }
    n = epoll_wait(epoll_fd(), events, N_EVENTS, msec);
    for (int i = 0; i < n; i++) {
        run(events[i].data.ptr, events[i].events);
    }
    return fd >= 0 && pfds[1].revents;
}
