/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The life of a connection, and its events.  See internal.h for its states.
 *
 * Whatever goes wrong with a connection comes to rpc_conn_fail(), which gives
 * back at once what it holds, and leaves it to the end of the pass to tell the
 * owner. */

#include <config.h>

#include "rpc/internal.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>

#include "openvswitch/vlog.h"
#include "rpc/tls.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rpc_conn);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Makes the owner see that 'conn' may have something for it. */
static void
conn_readable(struct rpc_conn *conn)
{
    struct rpc_server *server = conn->server;

    if (conn->state == RPC_OPEN) {
        server->handler->readable(conn, server->aux);
    }
}

static void
conn_writable(struct rpc_conn *conn)
{
    struct rpc_server *server = conn->server;

    if (conn->state != RPC_OPEN || !conn->blocked) {
        return;
    }
    rpc_conn_flush(conn);
    if (conn->state == RPC_OPEN && !rpc_conn_backlog(conn)) {
        conn->blocked = false;
        server->handler->drained(conn, server->aux);
    }
}

/* Makes 'conn', of no list, one that the owner knows. */
static void
conn_open(struct rpc_conn *conn)
{
    struct rpc_server *server = conn->server;

    conn->state = RPC_OPEN;
    ovs_list_push_back(&server->conns, &conn->node);
    server->stats.connections++;
    rpc_silence_begin(conn);
    VLOG_DBG("%s: connected%s%s", conn->peer, conn->identity ? " as " : "",
             conn->identity ? conn->identity : "");
    conn->aux = server->handler->opened(conn, server->aux);
}

/* Goes on with the handshake, unless there have been enough steps of such in
 * this pass. */
static void
conn_handshake(struct rpc_conn *conn)
{
    struct rpc_server *server = conn->server;
    char *error = NULL;

    if (server->handshake_steps++ >= RPC_HANDSHAKE_BATCH) {
        rpc_conn_want_turn(conn);
        return;
    }
    int retval = rpc_wire_handshake(&conn->wire, &error);

    if (retval == -EAGAIN) {
        return;
    } else if (retval) {
        VLOG_INFO_RL(&rl, "%s: TLS handshake failed: %s", conn->peer, error);
        free(error);
        rpc_conn_bury(conn, false);
        return;
    }
    ovs_list_remove(&conn->node);
    server->stats.handshakes--;
    conn->identity = rpc_tls_peer_name(conn->wire.ssl);
    conn_open(conn);

    /* It may have come with the end of the handshake, without an event. */
    conn->readable = true;
    conn_readable(conn);
}

static void
conn_event(struct watch *watch, uint32_t events)
{
    struct rpc_conn *conn = CONTAINER_OF(watch, struct rpc_conn, watch);

    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        conn->hung_up = true;
    }
    if (conn->state == RPC_HANDSHAKE) {
        conn_handshake(conn);
        return;
    }

    /* TLS may have waited for the one to do the other. */
    bool both = conn->wire.ssl != NULL;
    if (both || events & ~EPOLLIN) {
        conn_writable(conn);
    }
    if (both || events & ~EPOLLOUT) {
        conn->readable = true;
        conn_readable(conn);
    }
}

/* Has 'conn' called in the next pass though there may be no event. */
void
rpc_conn_want_turn(struct rpc_conn *conn)
{
    if (ovs_list_is_empty(&conn->turn_node)) {
        ovs_list_push_back(&conn->server->turns, &conn->turn_node);
    }
}

/* Gives a turn to those that wanted one before this. */
void
rpc_conns_take_turns(struct rpc_server *server)
{
    size_t n = ovs_list_size(&server->turns);

    while (n-- > 0 && !ovs_list_is_empty(&server->turns)) {
        struct rpc_conn *conn = CONTAINER_OF(
            ovs_list_pop_front(&server->turns), struct rpc_conn, turn_node);

        ovs_list_init(&conn->turn_node);
        if (conn->state == RPC_OPEN) {
            conn_readable(conn);
        } else {
            conn_handshake(conn);
        }
    }
}

/* Takes over 'fd', 'peer' and 'ssl'. */
void
rpc_conn_create(struct rpc_server *server, int fd, char *peer,
                struct ssl_st *ssl)
{
    struct rpc_conn *conn = xzalloc(sizeof *conn);

    conn->server = server;
    conn->peer = peer;
    conn->local = !strncmp(peer, "unix", 4);
    conn->since = time_msec();
    rpc_wire_init(&conn->wire, fd, ssl);
    rpc_input_init(conn);
    ovs_list_init(&conn->turn_node);
    ovs_list_init(&conn->failed_node);
    ovs_list_init(&conn->silence_node);

    int error = watch_add(&server->watches, &conn->watch, fd,
                          EPOLLIN | EPOLLOUT | EPOLLRDHUP, conn_event);
    if (ssl || error) {
        conn->state = RPC_HANDSHAKE;
        ovs_list_push_back(&server->handshakes, &conn->node);
        server->stats.handshakes++;
        if (error) {
            VLOG_WARN_RL(&rl, "%s: cannot be served: %s", peer,
                         ovs_strerror(error));
            rpc_conn_bury(conn, false);
        }
    } else {
        conn_open(conn);
    }
}

/* Gives back all that 'conn' holds, but for what can still be asked of it. */
static void
conn_release(struct rpc_conn *conn, bool politely)
{
    watch_remove(&conn->server->watches, &conn->watch);
    rpc_wire_close(&conn->wire, politely);
    rpc_input_destroy(conn);
    rpc_output_destroy(conn);
    rpc_silence_end(conn);
    ovs_list_remove(&conn->turn_node);
    ovs_list_init(&conn->turn_node);
}

/* Ends an open connection, for the reason given; no effect on another. */
void
rpc_conn_fail(struct rpc_conn *conn, const char *format, ...)
{
    if (conn->state != RPC_OPEN) {
        return;
    }

    va_list args;
    va_start(args, format);
    conn->reason = xvasprintf(format, args);
    va_end(args);

    conn_release(conn, false);
    conn->state = RPC_FAILED;
    ovs_list_push_back(&conn->server->failed, &conn->failed_node);
}

/* Tells the owner of those that have failed. */
void
rpc_conns_tell_failed(struct rpc_server *server)
{
    while (!ovs_list_is_empty(&server->failed)) {
        struct rpc_conn *conn = CONTAINER_OF(
            ovs_list_front(&server->failed), struct rpc_conn, failed_node);

        rpc_conn_bury(conn, false);
        server->handler->closed(conn, conn->reason, server->aux);
    }
}

/* Makes 'conn' one that nobody knows; no effect if it is. */
void
rpc_conn_bury(struct rpc_conn *conn, bool politely)
{
    struct rpc_server *server = conn->server;

    if (conn->state == RPC_GONE) {
        return;
    } else if (conn->state == RPC_HANDSHAKE) {
        server->stats.handshakes--;
    } else {
        server->stats.connections--;
    }
    if (conn->state != RPC_FAILED) {
        conn_release(conn, politely);
    }
    conn->state = RPC_GONE;
    ovs_list_remove(&conn->failed_node);
    ovs_list_init(&conn->failed_node);
    ovs_list_remove(&conn->node);
    ovs_list_push_back(&server->gone, &conn->node);
}

void
rpc_conns_free_gone(struct rpc_server *server)
{
    struct rpc_conn *conn;

    LIST_FOR_EACH_POP (conn, node, &server->gone) {
        free(conn->peer);
        free(conn->identity);
        free(conn->reason);
        free(conn);
    }
}

void
rpc_conn_close(struct rpc_conn *conn)
{
    if (conn->state == RPC_OPEN) {
        rpc_conn_flush(conn);
    }
    rpc_conn_bury(conn, conn->state == RPC_OPEN);
}

struct rpc_conn *
rpc_server_first(const struct rpc_server *server)
{
    return ovs_list_is_empty(&server->conns) ? NULL
           : CONTAINER_OF(ovs_list_front(&server->conns), struct rpc_conn,
                          node);
}

struct rpc_conn *
rpc_conn_following(const struct rpc_conn *conn)
{
    return conn->node.next == &conn->server->conns ? NULL
           : CONTAINER_OF(conn->node.next, struct rpc_conn, node);
}

void *
rpc_conn_aux(const struct rpc_conn *conn)
{
    return conn->aux;
}

const char *
rpc_conn_peer(const struct rpc_conn *conn)
{
    return conn->peer;
}

bool
rpc_conn_is_tls(const struct rpc_conn *conn)
{
    return conn->wire.ssl != NULL;
}

bool
rpc_conn_is_hung_up(const struct rpc_conn *conn)
{
    return conn->hung_up;
}

const char *
rpc_conn_identity(const struct rpc_conn *conn)
{
    return conn->identity;
}
