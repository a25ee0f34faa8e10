/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Connections: their phases, and what happens at the end of each. */

#include <config.h>

#include "http/internal.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_conn);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* "192.0.2.1:4711", for the caller to free. */
static char *
format_peer(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info
        = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *sa = info->client_addr;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct sockaddr_storage ss;

    memcpy(&ss, sa, (sa->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                     : sizeof(struct sockaddr_in)));
    ss_format_address(&ss, &s);
    ds_put_format(&s, ":%"PRIu16, ss_get_port(&ss));
    return ds_steal_cstr(&s);
}

/* The client of 'watch''s connection has closed its end. */
static void
client_gone(struct watch *watch, uint32_t events OVS_UNUSED)
{
    struct http_conn *conn = CONTAINER_OF(watch, struct http_conn, watch);

    conn->client_gone = true;
    if (conn->suspended && conn->exchange) {
        http_request_cancel(conn);
        http_conn_resume(conn, HTTP_STEP_DROP);
    } else if (!conn->suspended) {
        ovs_list_remove(&conn->gone_node);
        ovs_list_push_back(&conn->server->gone, &conn->gone_node);
    }
}

/* Shows the ends of clients' sides to libmicrohttpd, after it has read what
 * came before.  What it has still not read it gets all the same. */
void
http_conns_show_ends(struct http_server *server)
{
    while (!ovs_list_is_empty(&server->gone)) {
        struct http_conn *conn = CONTAINER_OF(
            ovs_list_pop_front(&server->gone), struct http_conn, gone_node);
        ovs_list_init(&conn->gone_node);
        shutdown(conn->fd, SHUT_RD);
    }
}

static struct http_conn *
conn_create(struct http_server *server, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *tls
        = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    struct http_conn *conn = xzalloc(sizeof *conn);

    conn->server = server;
    conn->mhd = mhd;
    conn->tls = tls ? (gnutls_session_t) tls->tls_session : NULL;
    conn->fd = MHD_get_connection_info(
        mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    conn->peer = format_peer(mhd);
    ovs_list_init(&conn->node);
    ovs_list_init(&conn->gone_node);
    /* If it fails, the deadlines see to the connection. */
    watch_add(&server->watches, &conn->watch, conn->fd, EPOLLRDHUP,
              client_gone);
    http_conn_set_phase(conn, HTTP_FIRST);
    server->stats.connections++;
    return conn;
}

/* libmicrohttpd closes the socket after this. */
static void
conn_destroy(struct http_conn *conn)
{
    struct http_server *server = conn->server;
    int unread = 0;

    watch_remove(&server->watches, &conn->watch);
    if (conn->linger || (!ioctl(conn->fd, FIONREAD, &unread) && unread)) {
        int fd = fcntl(conn->fd, F_DUPFD_CLOEXEC, 0);
        if (fd >= 0) {
            http_linger(server, fd);
        }
    }
    ovs_list_remove(&conn->node);
    ovs_list_remove(&conn->gone_node);
    server->stats.connections--;
    free(conn->peer);
    free(conn);
}

/* libmicrohttpd's word that a connection has come or goes. */
void
http_conn_notify(void *server, struct MHD_Connection *mhd, void **conn,
                 enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *conn = conn_create(server, mhd);
    } else if (*conn) {
        conn_destroy(*conn);
        *conn = NULL;
    }
}

struct http_conn *
http_conn_from_mhd(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(
        mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* Milliseconds that a phase may last; 0: for ever. */
static int
phase_ms(const struct http_limits *limits, enum http_phase phase)
{
    switch (phase) {
    case HTTP_FIRST:
    case HTTP_RECEIVING:
        return limits->request_ms;
    case HTTP_IDLE:
        return limits->idle_ms;
    case HTTP_REPLYING:
        return limits->reply_ms;
    case HTTP_CLOSING:
        return HTTP_LINGER_MS;
    case HTTP_WAITING:
    case HTTP_STREAMING:
    case HTTP_OVER:
    case HTTP_N_PHASES:
    default:
        return 0;
    }
}

void
http_conn_set_phase(struct http_conn *conn, enum http_phase phase)
{
    struct http_server *server = conn->server;

    conn->phase = phase;
    conn->deadline = time_msec() + phase_ms(&server->limits, phase);
    ovs_list_remove(&conn->node);
    ovs_list_push_back(&server->phases[phase], &conn->node);
}

/* Has a suspended connection's access handler called again, for 'step'. */
void
http_conn_resume(struct http_conn *conn, enum http_step step)
{
    conn->step = step;
    if (conn->suspended) {
        conn->suspended = false;
        MHD_resume_connection(conn->mhd);
        conn->server->resumed = true;
    }
}

/* The deadline of 'conn' has passed. */
static void
conn_expire(struct http_conn *conn)
{
    struct http_server *server = conn->server;

    VLOG_DBG_RL(&rl, "%s: closed, %s", conn->peer,
                conn->phase == HTTP_IDLE ? "idle" : "too slow");
    if (conn->phase != HTTP_IDLE && conn->phase != HTTP_CLOSING) {
        http_counts_timeout(&server->counts);
    }
    if (conn->exchange && conn->phase != HTTP_REPLYING) {
        /* Only our end, for now: the client may be reading.  libmicrohttpd
         * sees the end of the client's, or HTTP_CLOSING's. */
        http_wire_send_error(conn, 408, "the request took too long");
        shutdown(conn->fd, SHUT_WR);
        conn->step = HTTP_STEP_DROP;
        http_conn_set_phase(conn, HTTP_CLOSING);
    } else {
        conn->linger = false;
        shutdown(conn->fd, SHUT_RDWR);
        http_conn_set_phase(conn, HTTP_OVER);
    }
}

void
http_conns_init(struct http_server *server)
{
    for (int i = 0; i < HTTP_N_PHASES; i++) {
        ovs_list_init(&server->phases[i]);
    }
}

/* The connection of 'phase' that ends first; NULL if none does. */
static struct http_conn *
first_of_phase(const struct http_server *server, enum http_phase phase)
{
    const struct ovs_list *list = &server->phases[phase];

    return ovs_list_is_empty(list) || !phase_ms(&server->limits, phase)
           ? NULL
           : CONTAINER_OF(ovs_list_front(list), struct http_conn, node);
}

void
http_conns_run(struct http_server *server)
{
    long long int now = time_msec();

    for (int i = 0; i < HTTP_N_PHASES; i++) {
        struct http_conn *conn;
        while ((conn = first_of_phase(server, i)) && conn->deadline <= now) {
            conn_expire(conn);
        }
    }
}

void
http_conns_wait(struct http_server *server)
{
    for (int i = 0; i < HTTP_N_PHASES; i++) {
        struct http_conn *conn = first_of_phase(server, i);
        if (conn) {
            poll_timer_wait_until(conn->deadline);
        }
    }
}
