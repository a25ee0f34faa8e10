/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Bytes to a connection: one buffer that grows at its end, goes out at its
 * beginning and is given back when all is out.  An error of the socket ends
 * the connection. */

#include <config.h>

#include "rpc/internal.h"

#include <errno.h>
#include <string.h>

#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rpc_output);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

static void
free_buffer(struct rpc_conn *conn)
{
    free(conn->out);
    conn->out = NULL;
    conn->out_len = conn->out_ofs = conn->out_allocated = 0;
}

void
rpc_output_destroy(struct rpc_conn *conn)
{
    conn->server->stats.output -= rpc_conn_backlog(conn);
    free_buffer(conn);
}

size_t
rpc_conn_backlog(const struct rpc_conn *conn)
{
    return conn->out_len - conn->out_ofs;
}

/* Makes room for 'len' bytes more.  What has gone out is dropped first, when
 * it is at least as much as what would have to be moved for that: so a byte
 * is moved a bounded number of times. */
static void
make_room(struct rpc_conn *conn, size_t len)
{
    if (conn->out_ofs && conn->out_ofs >= rpc_conn_backlog(conn)) {
        conn->out_len -= conn->out_ofs;
        memmove(conn->out, conn->out + conn->out_ofs, conn->out_len);
        conn->out_ofs = 0;
    }
    if (conn->out_allocated - conn->out_len < len) {
        conn->out_allocated = MAX(conn->out_len + len,
                                  2 * conn->out_allocated);
        conn->out = xrealloc(conn->out, conn->out_allocated);
    }
}

void
rpc_conn_send(struct rpc_conn *conn, const void *data, size_t len)
{
    if (conn->state != RPC_OPEN || !len) {
        return;
    }
    if (!rpc_conn_backlog(conn)) {
        conn->progress = time_msec();
    }
    make_room(conn, len);
    memcpy(conn->out + conn->out_len, data, len);
    conn->out_len += len;
    conn->server->stats.output += len;
}

static void
sent(struct rpc_conn *conn, size_t n)
{
    struct rpc_stats *stats = &conn->server->stats;

    conn->out_ofs += n;
    conn->bytes_sent += n;
    conn->progress = time_msec();
    stats->output -= n;
    stats->n_bytes_out += n;
}

void
rpc_conn_flush(struct rpc_conn *conn)
{
    while (conn->state == RPC_OPEN && rpc_conn_backlog(conn)) {
        ssize_t n = rpc_wire_send(&conn->wire, conn->out + conn->out_ofs,
                                  rpc_conn_backlog(conn));
        if (n > 0) {
            sent(conn, n);
        } else if (n == -EAGAIN) {
            conn->blocked = true;
            return;
        } else {
            VLOG_DBG_RL(&rl, "%s: write: %s", conn->peer, ovs_strerror(-n));
            rpc_conn_fail(conn, "write: %s", ovs_strerror(-n));
            return;
        }
    }
    free_buffer(conn);
}

long long int
rpc_conn_stalled_msec(const struct rpc_conn *conn)
{
    return rpc_conn_backlog(conn) ? time_msec() - conn->progress : 0;
}

uint64_t
rpc_conn_bytes_sent(const struct rpc_conn *conn)
{
    return conn->bytes_sent;
}
