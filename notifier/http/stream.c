/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Replies without end.  See stream.h. */

#include <config.h>

#include "http/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/internal.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_stream);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* How often a silent peer is probed, in seconds, and how many probes it may
 * leave unanswered. */
#define PROBE_INTERVAL_S (HTTP_STREAM_DEAD_S / 4)
#define PROBES 3

struct http_stream {
    struct watch watch;         /* Its descriptor is the stream's. */
    struct http_server *server; /* NULL: destroyed. */
    struct ovs_list node;       /* In server's 'streams', or 'failed'. */
    const struct http_stream_class *class;
    void *aux;

    int fd;                     /* Ours on plain TCP. */
    struct http_conn *conn;     /* TLS: suspended, until closed; or NULL. */
    gnutls_session_t tls;
    size_t in_record;           /* TLS: bytes that the session has taken over
                                 * and not sent; 0: none. */
    bool wants;                 /* The owner is told when there is room. */
    bool dead;                  /* No more bytes. */
    char *peer;
    struct ds head;             /* What is still to be sent of the head. */
    unsigned long long int sent;
};

/* Marks 'stream' as dead; its owner is told by http_streams_run(). */
static void
stream_fail(struct http_stream *stream)
{
    if (!stream->dead) {
        stream->dead = true;
        watch_remove(&stream->server->watches, &stream->watch);
        ovs_list_remove(&stream->node);
        ovs_list_push_back(&stream->server->failed, &stream->node);
    }
}

/* Gives what can be given at once to the socket; returns how much was taken.
 */
static size_t
stream_push(struct http_stream *stream, const char *data, size_t len)
{
    size_t taken = 0;

    while (stream->in_record || taken < len) {
        bool resuming = stream->in_record > 0;
        ssize_t n = http_wire_send(stream->fd, stream->tls, data + taken,
                                   resuming ? 0 : len - taken);
        if (n >= 0) {
            taken += resuming ? 0 : n;
            stream->in_record = 0;
        } else if (n == -EINPROGRESS) {
            if (!resuming) {
                stream->in_record = MIN(
                    len - taken, gnutls_record_get_max_size(stream->tls));
                taken += stream->in_record;
            }
            break;
        } else if (n == -EAGAIN) {
            break;
        } else if (n != -EINTR) {
            stream_fail(stream);
            break;
        }
    }
    return taken;
}

/* Sends what was taken before: a record, and the head.  True if all is out. */
static bool
stream_push_rest(struct http_stream *stream)
{
    if (stream->in_record) {
        stream_push(stream, NULL, 0);
    }
    if (stream->head.length && !stream->in_record) {
        size_t n = stream_push(stream, stream->head.string,
                               stream->head.length);
        stream->head.length -= n;
        memmove(stream->head.string, stream->head.string + n,
                stream->head.length);
    }
    return !stream->head.length && !stream->in_record;
}

size_t
http_stream_send(struct http_stream *stream, const void *data, size_t len)
{
    if (stream->dead) {
        return 0;
    } else if (!stream_push_rest(stream)) {
        stream->wants = true;
        return 0;
    }
    size_t n = stream_push(stream, data, len);
    stream->wants = n < len;
    stream->sent += n;
    return n;
}

static void
stream_event(struct watch *watch, uint32_t events)
{
    struct http_stream *stream = CONTAINER_OF(watch, struct http_stream,
                                              watch);

    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        stream_fail(stream);
    } else if (events & EPOLLOUT && stream_push_rest(stream)
               && stream->wants) {
        stream->wants = false;
        stream->class->writable(stream, stream->aux);
    }
}

/* Bounds what the kernel keeps, and has it look after the peer. */
static void
set_socket_options(int fd)
{
    const struct { int level, name, value; } options[] = {
        { SOL_SOCKET, SO_SNDBUF, HTTP_STREAM_SNDBUF },
        { SOL_SOCKET, SO_KEEPALIVE, 1 },
        { IPPROTO_TCP, TCP_NODELAY, 1 },
        { IPPROTO_TCP, TCP_KEEPIDLE, PROBE_INTERVAL_S },
        { IPPROTO_TCP, TCP_KEEPINTVL, PROBE_INTERVAL_S },
        { IPPROTO_TCP, TCP_KEEPCNT, PROBES },
    };

    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        if (setsockopt(fd, options[i].level, options[i].name,
                       &options[i].value, sizeof options[i].value)) {
            VLOG_WARN_RL(&rl, "setsockopt(%d, %d): %s", options[i].level,
                         options[i].name, ovs_strerror(errno));
        }
    }
}

static void
format_head(struct ds *out, const struct http_pair *headers, size_t n)
{
    const struct http_pair ours[] = {
        { "Content-Type", "text/event-stream" },
        { "Cache-Control", "no-store" },
        { "X-Accel-Buffering", "no" },
        { "Connection", "close" },
    };
    size_t n_ours = ARRAY_SIZE(ours);
    struct http_pair *all = xmalloc((n_ours + n) * sizeof *all);

    memcpy(all, ours, sizeof ours);
    if (n) {
        memcpy(all + n_ours, headers, n * sizeof *all);
    }
    http_wire_head(out, 200, all, n_ours + n);
    free(all);
}

/* Makes a stream of 'conn'.  Returns NULL if that is not possible. */
static struct http_stream *
stream_create(struct http_conn *conn)
{
    struct http_server *server = conn->server;
    int fd = conn->tls ? conn->fd : fcntl(conn->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        VLOG_WARN_RL(&rl, "no stream for %s: %s", conn->peer,
                     ovs_strerror(errno));
        return NULL;
    }

    struct http_stream *stream = xzalloc(sizeof *stream);
    int error = watch_add(&server->watches, &stream->watch, fd,
                          EPOLLOUT | EPOLLRDHUP, stream_event);
    if (error) {
        VLOG_WARN_RL(&rl, "no stream for %s: %s", conn->peer,
                     ovs_strerror(error));
        if (!conn->tls) {
            close(fd);
        }
        free(stream);
        return NULL;
    }
    stream->server = server;
    stream->fd = fd;
    stream->tls = conn->tls;
    stream->peer = xstrdup(conn->peer);
    ds_init(&stream->head);
    ovs_list_push_back(&server->streams, &stream->node);
    server->stats.streams++;
    return stream;
}

/* Parts 'conn' from its request, and from libmicrohttpd unless it has a TLS
 * session, which only that can end. */
static void
leave_mhd(struct http_conn *conn, struct http_stream *stream)
{
    if (conn->tls) {
        conn->stream = stream;
        stream->conn = conn;
        http_conn_set_phase(conn, HTTP_STREAMING);
    } else {
        http_conn_resume(conn, HTTP_STEP_DROP);
    }
}

struct http_stream *
http_request_detach(struct http_request *request,
                    const struct http_stream_class *class, void *aux,
                    const struct http_pair *headers, size_t n_headers)
{
    struct http_exchange *x = http_exchange_cast(request);
    struct http_conn *conn = x->conn;
    if (!conn) {
        http_exchange_destroy(x);
        return NULL;
    }

    struct http_server *server = conn->server;
    bool full = server->stats.streams >= server->limits.streams;
    if (conn->tls) {
        /* One watch at a time for a descriptor, and with TLS it is the same.
         */
        watch_remove(&server->watches, &conn->watch);
    }
    struct http_stream *stream = full ? NULL : stream_create(conn);
    if (!stream) {
        http_request_refuse(request, 503, "too many streams");
        return NULL;
    }
    http_counts_request(&server->counts, request->method, 200, -1);
    stream->class = class;
    stream->aux = aux;
    set_socket_options(stream->fd);
    format_head(&stream->head, headers, n_headers);
    stream_push_rest(stream);
    http_exchange_destroy(x);
    leave_mhd(conn, stream);
    return stream;
}

/* Takes 'stream' out of its server. */
static void
stream_leave(struct http_stream *stream)
{
    struct http_server *server = stream->server;

    watch_remove(&server->watches, &stream->watch);
    ovs_list_remove(&stream->node);
    server->stats.streams--;
    stream->server = NULL;
    if (stream->conn) {
        if (!stream->dead) {
            gnutls_bye(stream->tls, GNUTLS_SHUT_WR);
        }
        stream->conn->linger = !stream->dead;
        stream->conn->stream = NULL;
        http_conn_resume(stream->conn, HTTP_STEP_DROP);
        stream->conn = NULL;
    } else if (stream->dead) {
        close(stream->fd);
    } else {
        http_linger(server, stream->fd);
    }
}

void
http_stream_close(struct http_stream *stream)
{
    if (stream->server) {
        stream_leave(stream);
    }
    ds_destroy(&stream->head);
    free(stream->peer);
    free(stream);
}

const char *
http_stream_peer(const struct http_stream *stream)
{
    return stream->peer;
}

unsigned long long int
http_stream_sent(const struct http_stream *stream)
{
    return stream->sent;
}

/* Tells the owners of streams that have failed. */
void
http_streams_run(struct http_server *server)
{
    while (!ovs_list_is_empty(&server->failed)) {
        struct http_stream *stream = CONTAINER_OF(
            ovs_list_front(&server->failed), struct http_stream, node);
        stream_leave(stream);
        stream->class->closed(stream, stream->aux);
    }
}

void
http_streams_wait(struct http_server *server)
{
    if (!ovs_list_is_empty(&server->failed)) {
        poll_immediate_wake();
    }
}

/* Closes every stream, as if its client had gone. */
void
http_streams_orphan(struct http_server *server)
{
    while (!ovs_list_is_empty(&server->streams)) {
        struct http_stream *stream = CONTAINER_OF(
            ovs_list_front(&server->streams), struct http_stream, node);
        stream_leave(stream);
        stream->dead = true;
        stream->class->closed(stream, stream->aux);
    }
    http_streams_run(server);
}
