/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Who has been silent for too long: is asked for an echo, and has to go if
 * nothing comes of it; and who does not finish a handshake.
 *
 * All wait equally long, so each list is in the order of deadlines by itself,
 * and only those at its front are looked at.  Before somebody is held to be
 * silent the socket is asked: that we have not read is not the client's fault,
 * be it that the owner does not ask or that this process was busy. */

#include <config.h>

#include "rpc/internal.h"

#include <string.h>

#include "coverage.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rpc_silence);

COVERAGE_DEFINE(rpc_probe);
COVERAGE_DEFINE(rpc_silent);
COVERAGE_DEFINE(rpc_handshake_timeout);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

#define ECHO "{\"method\":\"echo\",\"params\":[],\"id\":\"echo\"}"

void
rpc_silence_begin(struct rpc_conn *conn)
{
    conn->since = time_msec();
    conn->probed = false;
    ovs_list_push_back(&conn->server->quiet, &conn->silence_node);
}

void
rpc_silence_end(struct rpc_conn *conn)
{
    ovs_list_remove(&conn->silence_node);
    ovs_list_init(&conn->silence_node);
}

/* Something has come. */
void
rpc_silence_heard(struct rpc_conn *conn)
{
    rpc_silence_end(conn);
    rpc_silence_begin(conn);
}

/* Returns the first in 'list', of silence, if its time is over. */
static struct rpc_conn *
first_due(const struct rpc_server *server, const struct ovs_list *list,
          long long int now)
{
    if (ovs_list_is_empty(list)) {
        return NULL;
    }
    struct rpc_conn *conn = CONTAINER_OF(ovs_list_front(list),
                                         struct rpc_conn, silence_node);
    return now - conn->since >= server->limits.probe_interval ? conn : NULL;
}

static void
probe(struct rpc_conn *conn)
{
    COVERAGE_INC(rpc_probe);
    rpc_silence_end(conn);
    conn->since = time_msec();
    conn->probed = true;
    ovs_list_push_back(&conn->server->probed, &conn->silence_node);

    rpc_conn_send(conn, ECHO, strlen(ECHO));
    rpc_conn_flush(conn);
}

/* The kernel tells of the end of a process on this machine, so that a client
 * here need not be asked, as at ovsdb-server.  One that has never said
 * anything, or is in the middle of a message, is. */
static bool
may_be_silent(const struct rpc_conn *conn)
{
    return conn->local && conn->spoke && !conn->input;
}

static void
run_silent(struct rpc_server *server, long long int now)
{
    struct rpc_conn *conn;

    while ((conn = first_due(server, &server->probed, now))) {
        if (rpc_input_is_unread(conn)) {
            rpc_silence_heard(conn);
        } else {
            double s = server->limits.probe_interval / 1000.0;

            COVERAGE_INC(rpc_silent);
            VLOG_INFO_RL(&rl, "%s: closed: no response to inactivity probe "
                         "after %.4g seconds", conn->peer, s);
            rpc_conn_fail(conn, "no response to inactivity probe after "
                          "%.4g seconds", s);
        }
    }
    while ((conn = first_due(server, &server->quiet, now))) {
        if (rpc_input_is_unread(conn)) {
            rpc_silence_heard(conn);
        } else if (may_be_silent(conn)) {
            rpc_silence_end(conn);
        } else {
            probe(conn);
        }
    }
}

static struct rpc_conn *
oldest_handshake(const struct rpc_server *server)
{
    return ovs_list_is_empty(&server->handshakes) ? NULL
           : CONTAINER_OF(ovs_list_front(&server->handshakes),
                          struct rpc_conn, node);
}

static void
run_handshakes(struct rpc_server *server, long long int now)
{
    struct rpc_conn *conn;

    while ((conn = oldest_handshake(server))
           && now - conn->since >= server->limits.handshake_time) {
        if (!ovs_list_is_empty(&conn->turn_node)
            || rpc_wire_has_unread(&conn->wire)) {
            /* It waits for us. */
            conn->since = now;
            ovs_list_remove(&conn->node);
            ovs_list_push_back(&server->handshakes, &conn->node);
        } else {
            COVERAGE_INC(rpc_handshake_timeout);
            VLOG_INFO_RL(&rl, "%s: closed: TLS handshake not finished after "
                         "%.4g seconds", conn->peer,
                         server->limits.handshake_time / 1000.0);
            rpc_conn_bury(conn, false);
        }
    }
}

void
rpc_silence_run(struct rpc_server *server)
{
    long long int now = time_msec();

    run_silent(server, now);
    run_handshakes(server, now);
}

static void
wait_for_first(const struct rpc_server *server, const struct ovs_list *list)
{
    if (!ovs_list_is_empty(list)) {
        struct rpc_conn *conn = CONTAINER_OF(ovs_list_front(list),
                                             struct rpc_conn, silence_node);
        poll_timer_wait_until(conn->since + server->limits.probe_interval);
    }
}

void
rpc_silence_wait(const struct rpc_server *server)
{
    const struct rpc_conn *conn = oldest_handshake(server);

    wait_for_first(server, &server->quiet);
    wait_for_first(server, &server->probed);
    if (conn) {
        poll_timer_wait_until(conn->since + server->limits.handshake_time);
    }
}
