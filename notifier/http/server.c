/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The server.  See server.h. */

#include <config.h>

#include "http/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "descriptors.h"
#include "http/internal.h"
#include "http/listen.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_server);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Descriptors that are not connections or streams: those that linger. */
#define OTHER_DESCRIPTORS HTTP_MAX_LINGERING

/* Room in a connection's pool beside the head: libmicrohttpd's lists of
 * headers, and the head of the reply. */
#define POOL_BESIDE_HEAD (8 * 1024)

/* New connections taken in one go, and calls of MHD_run() while it has
 * something to do: others in the poll loop have their turn in between. */
#define ACCEPT_BATCH 64
#define RUN_BATCH 16

/* How long, in ms, to leave new connections alone when no descriptor is left:
 * waiting for the listening socket would be a busy loop. */
#define ACCEPT_PAUSE_MS 100

/* TLS 1.0 and 1.1 are withdrawn (RFC 8996). */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

static void
log_mhd(void *aux OVS_UNUSED, const char *format, va_list args)
{
    /* What it says are the faults of clients. */
    if (!VLOG_DROP_DBG(&rl)) {
        char *message = xvasprintf(format, args);
        VLOG_DBG("libmicrohttpd: %.*s", (int) strcspn(message, "\n"), message);
        free(message);
    }
}

static struct http_limits
complete_limits(const struct http_limits *given)
{
    struct http_limits limits = *given;

#define DEFAULT(MEMBER, VALUE) \
    if (!limits.MEMBER) { \
        limits.MEMBER = VALUE; \
    }
    DEFAULT(body, HTTP_MAX_BODY);
    DEFAULT(bodies, HTTP_MAX_BODIES);
    DEFAULT(head, HTTP_MAX_HEAD);
    DEFAULT(connections, HTTP_MAX_CONNECTIONS);
    DEFAULT(streams, HTTP_MAX_STREAMS);
    DEFAULT(waiting, HTTP_MAX_WAITING);
    DEFAULT(idle_ms, HTTP_IDLE_MS);
    DEFAULT(request_ms, HTTP_REQUEST_MS);
    DEFAULT(reply_ms, HTTP_REPLY_MS);
#undef DEFAULT
    return limits;
}

/* Lowers 'limits' to 'n' descriptors: the larger first. */
static void
share_descriptors(struct http_limits *limits, unsigned int n)
{
    unsigned int half = n / 2;

    if (limits->connections <= half) {
        limits->streams = n - limits->connections;
    } else if (limits->streams <= half) {
        limits->connections = n - limits->streams;
    } else {
        limits->connections = limits->streams = half;
    }
}

/* Raises the process's limit on descriptors to what 'limits' need, or lowers
 * 'limits' to what it may have. */
static void
fit_descriptors(struct http_server *server)
{
    struct http_limits *limits = &server->limits;
    unsigned int need = limits->connections + limits->streams
                        + OTHER_DESCRIPTORS;
    unsigned int room = descriptors_ask(need);

    server->n_descriptors = room;
    if (room == need) {
        return;
    }
    share_descriptors(limits, room > 2 * OTHER_DESCRIPTORS
                              ? room - OTHER_DESCRIPTORS : room / 2);
    VLOG_INFO("few descriptors are allowed (RLIMIT_NOFILE): at most %u HTTP "
              "connections and %u streams", limits->connections,
              limits->streams);
}

static char *
read_pem(const char *name, char **contents)
{
    FILE *stream = fopen(name, "r");
    struct ds s = DS_EMPTY_INITIALIZER;
    char buffer[4096];
    size_t n;

    if (!stream) {
        return xasprintf("%s: %s", name, ovs_strerror(errno));
    }
    while ((n = fread(buffer, 1, sizeof buffer, stream)) > 0) {
        ds_put_buffer(&s, buffer, n);
    }
    bool failed = ferror(stream);
    fclose(stream);
    if (failed) {
        ds_destroy(&s);
        return xasprintf("%s: cannot be read", name);
    }
    *contents = ds_steal_cstr(&s);
    return NULL;
}

static char *
read_pems(struct http_server *server, const struct http_config *config)
{
    if (!config->certificate && !config->private_key) {
        return NULL;
    } else if (!config->certificate || !config->private_key) {
        return xstrdup("TLS needs both a certificate and a private key");
    }
    char *error = read_pem(config->certificate, &server->certificate);
    return error ? error : read_pem(config->private_key, &server->key);
}

static char *
start_mhd(struct http_server *server)
{
    struct MHD_OptionItem tls[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, server->key },
        { MHD_OPTION_HTTPS_PRIORITIES, 0, CONST_CAST(char *,
                                                     TLS_PRIORITIES) },
        { MHD_OPTION_END, 0, NULL },
    };
    if (!server->key) {
        tls[0].option = MHD_OPTION_END;
    }

    server->mhd = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME
        | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG
        | (server->key ? MHD_USE_TLS : 0),
        0, NULL, NULL, http_exchange_access, server,
        MHD_OPTION_EXTERNAL_LOGGER, log_mhd, NULL,
        MHD_OPTION_CONNECTION_LIMIT, server->limits.connections + 1,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        server->limits.head + POOL_BESIDE_HEAD,
        MHD_OPTION_NOTIFY_CONNECTION, http_conn_notify, server,
        MHD_OPTION_URI_LOG_CALLBACK, http_exchange_first_line, server,
        MHD_OPTION_NOTIFY_COMPLETED, http_exchange_completed, server,
        MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (!server->mhd) {
        return xstrdup(server->key
                       ? "TLS cannot be started: the certificate or the "
                         "private key cannot be used, or they do not match"
                       : "libmicrohttpd cannot be started");
    }
    server->mhd_fd = MHD_get_daemon_info(
        server->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    return NULL;
}

static uint16_t
local_port(int fd)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;

    return getsockname(fd, (struct sockaddr *) &ss, &len) ? 0
           : ss_get_port(&ss);
}

char *
http_server_create(const struct http_config *config,
                   const struct http_handler *handler, void *aux,
                   struct http_server **serverp)
{
    struct http_server *server = xzalloc(sizeof *server);

    server->limits = complete_limits(&config->limits);
    server->handler = handler;
    server->aux = aux;
    server->listen_fd = -1;
    http_conns_init(server);
    ovs_list_init(&server->gone);
    ovs_list_init(&server->streams);
    ovs_list_init(&server->failed);
    ovs_list_init(&server->lingering);
    http_counts_init(&server->counts, config->metrics);
    fit_descriptors(server);

    int errnum = watches_init(&server->watches);
    char *error = errnum ? xasprintf("epoll: %s", ovs_strerror(errnum)) : NULL;
    if (!error) {
        error = read_pems(server, config);
    }
    if (!error) {
        error = start_mhd(server);
    }
    if (!error) {
        error = http_listen_open(config->listen, &server->listen_fd);
    }
    if (error) {
        http_server_destroy(server);
        return error;
    }
    server->port = local_port(server->listen_fd);
    *serverp = server;
    return NULL;
}

static bool
mhd_has_work(const struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG ms;

    return server->resumed
           || (MHD_get_timeout(server->mhd, &ms) == MHD_YES && !ms);
}

static void
run_mhd(struct http_server *server)
{
    for (int i = 0; i < RUN_BATCH; i++) {
        server->resumed = false;
        MHD_run(server->mhd);
        if (!mhd_has_work(server)) {
            break;
        }
    }
}

/* Cancels every request that waits, and has it answered by 503. */
static void
cancel_all(struct http_server *server)
{
    struct ovs_list *waiting = &server->phases[HTTP_WAITING];

    while (!ovs_list_is_empty(waiting)) {
        struct http_conn *conn = CONTAINER_OF(ovs_list_front(waiting),
                                              struct http_conn, node);
        http_request_cancel(conn);
        conn->response = http_error_response(server, 503,
                                             HTTP_GOING_DOWN);
        conn->status = 503;
        http_conn_set_phase(conn, HTTP_REPLYING);
        http_conn_resume(conn, HTTP_STEP_REPLY);
    }
}

void
http_server_destroy(struct http_server *server)
{
    if (!server) {
        return;
    }
    if (server->listen_fd >= 0) {
        close(server->listen_fd);
    }
    if (server->mhd) {
        server->closing = true;
        cancel_all(server);
        http_streams_orphan(server);
        run_mhd(server);
        MHD_stop_daemon(server->mhd);
    }
    http_linger_uninit(server);
    if (server->watches.epoll_fd >= 0) {
        watches_uninit(&server->watches);
    }
    http_counts_stats(&server->counts, &server->stats);
    descriptors_give_back(server->n_descriptors);
    free(server->certificate);
    free(server->key);
    free(server);
}

/* Takes the next connection.  False if there is none, or none can be taken. */
static bool
accept_one(struct http_server *server)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    int fd = accept4(server->listen_fd, (struct sockaddr *) &ss, &len,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS
            || errno == ENOMEM) {
            VLOG_WARN_RL(&rl, "accept: %s", ovs_strerror(errno));
            server->accept_after = time_msec() + ACCEPT_PAUSE_MS;
        }
        return errno == EINTR || errno == ECONNABORTED;
    }
    if (server->stats.connections >= server->limits.connections) {
        VLOG_WARN_RL(&rl, "refused a connection: there are %u",
                     server->stats.connections);
        http_counts_refused(&server->counts);
        close(fd);
        return true;
    }
    if (MHD_add_connection(server->mhd, fd, (struct sockaddr *) &ss, len)
        != MHD_YES) {
        VLOG_WARN_RL(&rl, "a connection cannot be served: %s",
                     ovs_strerror(errno));
    }
    return true;
}

void
http_server_run(struct http_server *server)
{
    if (time_msec() >= server->accept_after) {
        for (int i = 0; i < ACCEPT_BATCH && accept_one(server); i++) {
            continue;
        }
    }
    watches_run(&server->watches);
    run_mhd(server);
    http_conns_show_ends(server);
    http_conns_run(server);
    http_streams_run(server);
    http_linger_run(server);
    http_counts_stats(&server->counts, &server->stats);
}

void
http_server_wait(struct http_server *server)
{
    if (time_msec() >= server->accept_after) {
        poll_fd_wait(server->listen_fd, POLLIN);
    } else {
        poll_timer_wait_until(server->accept_after);
    }
    poll_fd_wait(server->mhd_fd, POLLIN);
    if (mhd_has_work(server)) {
        poll_immediate_wake();
    }
    watches_wait(&server->watches);
    http_conns_wait(server);
    http_streams_wait(server);
    http_linger_wait(server);
}

uint16_t
http_server_port(const struct http_server *server)
{
    return server->port;
}

void
http_server_get_stats(const struct http_server *server,
                      struct http_stats *stats)
{
    *stats = server->stats;
}
