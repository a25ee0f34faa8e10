/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Messages from a connection: what the socket has, through the framer.
 *
 * Bytes are read into a buffer of the server's; of what is not asked for yet a
 * connection keeps a copy, at most one read.  All that is held is counted, and
 * when there is too much of it, whoever holds most has to go. */

#include <config.h>

#include "rpc/internal.h"

#include <errno.h>

#include "coverage.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rpc_input);

COVERAGE_DEFINE(rpc_message);
COVERAGE_DEFINE(rpc_input_full);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

void
rpc_input_init(struct rpc_conn *conn)
{
    rpc_framer_init(&conn->framer, conn->server->limits.max_message);
    ovs_list_init(&conn->input_node);
}

/* Counts what 'conn' holds now. */
static void
account(struct rpc_conn *conn)
{
    struct rpc_server *server = conn->server;
    size_t now = conn->framer.len + (conn->rest_len - conn->rest_ofs);

    if (!now != !conn->input) {
        ovs_list_remove(&conn->input_node);
        ovs_list_init(&conn->input_node);
        if (now) {
            ovs_list_push_back(&server->inputs, &conn->input_node);
        }
    }
    server->stats.input += now - conn->input;
    conn->input = now;
}

void
rpc_input_destroy(struct rpc_conn *conn)
{
    rpc_framer_destroy(&conn->framer);
    free(conn->rest);
    conn->rest = NULL;
    conn->rest_len = conn->rest_ofs = 0;
    account(conn);
}

/* Has whoever holds most go, until what is held is within bounds.  Only those
 * that hold something are looked at. */
static void
enforce_max_input(struct rpc_server *server)
{
    while (server->stats.input > server->limits.max_input) {
        struct rpc_conn *conn, *most = NULL;

        LIST_FOR_EACH (conn, input_node, &server->inputs) {
            if (!most || conn->input > most->input) {
                most = conn;
            }
        }
        COVERAGE_INC(rpc_input_full);
        VLOG_WARN_RL(&rl, "%s: closed: %"PRIuSIZE" bytes of unfinished "
                     "messages, it holds most of them (%"PRIuSIZE")",
                     most->peer, server->stats.input, most->input);
        rpc_conn_fail(most, "too many bytes of unfinished messages");
    }
}

/* Frames 'n' bytes of 'data'.  Returns a message, or NULL, in which case all
 * bytes are used or 'conn' has failed; stores in '*used' how many are. */
static char *
frame(struct rpc_conn *conn, const char *data, size_t n, size_t *used,
      size_t *lenp)
{
    char *message = NULL;

    if (rpc_framer_feed(&conn->framer, data, n, used, &message, lenp)
        == RPC_FRAMER_ERROR) {
        VLOG_WARN_RL(&rl, "%s: closed: %s", conn->peer, conn->framer.error);
        char *error = xstrdup(conn->framer.error);
        rpc_conn_fail(conn, "%s", error);
        free(error);
    }
    return message;
}

/* The next message in what has been read and not framed; or NULL. */
static char *
next_of_rest(struct rpc_conn *conn, size_t *lenp)
{
    size_t used;
    char *message = frame(conn, conn->rest + conn->rest_ofs,
                          conn->rest_len - conn->rest_ofs, &used, lenp);

    conn->rest_ofs += used;
    if (conn->rest_ofs >= conn->rest_len) {
        free(conn->rest);
        conn->rest = NULL;
        conn->rest_len = conn->rest_ofs = 0;
    }
    return message;
}

/* The end of what the client sends, or an error. */
static void
input_ended(struct rpc_conn *conn, ssize_t error)
{
    conn->readable = false;
    if (error) {
        VLOG_DBG_RL(&rl, "%s: read: %s", conn->peer, ovs_strerror(-error));
        rpc_conn_fail(conn, "read: %s", ovs_strerror(-error));
    } else if (conn->framer.depth) {
        rpc_conn_fail(conn, "closed by the client amid a message");
    } else {
        rpc_conn_fail(conn, "closed by the client");
    }
}

/* Reads once and frames that.  Returns the message it ends, if any. */
static char *
read_once(struct rpc_conn *conn, size_t *lenp)
{
    struct rpc_server *server = conn->server;
    char *buffer = server->read_buffer;
    ssize_t n = rpc_wire_recv(&conn->wire, buffer, RPC_READ_SIZE);

    if (n == -EAGAIN) {
        conn->readable = false;
        return NULL;
    } else if (n <= 0) {
        input_ended(conn, n);
        return NULL;
    }
    if (n < RPC_READ_SIZE && !conn->wire.ssl && !conn->hung_up) {
        conn->readable = false; /* What comes after this is an event. */
    }
    server->stats.n_bytes_in += n;
    rpc_silence_heard(conn);

    size_t used;
    char *message = frame(conn, buffer, n, &used, lenp);
    if (message && used < (size_t) n) {
        conn->rest_len = n - used;
        conn->rest = xmemdup(buffer + used, conn->rest_len);
    }
    return message;
}

/* Reads until a message ends, there is nothing more, or others are to have
 * their turn. */
static char *
next_of_socket(struct rpc_conn *conn, size_t *lenp)
{
    uint64_t end = conn->server->stats.n_bytes_in + RPC_READ_MAX;
    char *message = NULL;

    while (!message && conn->state == RPC_OPEN && conn->readable) {
        if (conn->server->stats.n_bytes_in >= end) {
            rpc_conn_want_turn(conn);
            break;
        }
        message = read_once(conn, lenp);
    }
    return message;
}

char *
rpc_conn_next(struct rpc_conn *conn, size_t *lenp)
{
    char *message = NULL;

    if (conn->state != RPC_OPEN) {
        return NULL;
    }
    if (conn->rest) {
        message = next_of_rest(conn, lenp);
    }
    if (!message && conn->state == RPC_OPEN) {
        message = next_of_socket(conn, lenp);
    }
    if (conn->state == RPC_OPEN) {
        account(conn);
        enforce_max_input(conn->server);
    }
    if (message) {
        COVERAGE_INC(rpc_message);
        conn->spoke = true;
    }
    return message;
}

/* Whether something has come that the owner has not asked for. */
bool
rpc_input_is_unread(const struct rpc_conn *conn)
{
    return conn->rest || rpc_wire_has_unread(&conn->wire);
}
