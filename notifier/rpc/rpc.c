/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The server: where it listens, and what one pass does.  See rpc.h, and
 * internal.h for the other files.
 *
 * When there are no descriptors left, new clients wait in the kernel for a
 * second; those that are there notice nothing. */

#include <config.h>

#include "rpc/internal.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "coverage.h"
#include "descriptors.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "rpc/tls.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rpc);

COVERAGE_DEFINE(rpc_accepted);
COVERAGE_DEFINE(rpc_refused);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Clients taken at one door in one pass. */
#define ACCEPT_BATCH 64

/* How long, in ms, to leave new clients alone when no descriptor is left. */
#define ACCEPT_PAUSE_MS 1000

#define DEFAULT_MAX_MESSAGE (8 * 1024 * 1024)
#define DEFAULT_MAX_INPUT (128 * 1024 * 1024)
#define DEFAULT_MAX_CONNECTIONS 16384
#define DEFAULT_PROBE_INTERVAL 30000
#define DEFAULT_HANDSHAKE_TIME 10000

static struct rpc_limits
complete_limits(const struct rpc_limits *given)
{
    struct rpc_limits limits = *given;

#define DEFAULT(MEMBER, VALUE) \
    if (!limits.MEMBER) { \
        limits.MEMBER = VALUE; \
    }
    DEFAULT(max_message, DEFAULT_MAX_MESSAGE);
    DEFAULT(max_input, DEFAULT_MAX_INPUT);
    DEFAULT(max_connections, DEFAULT_MAX_CONNECTIONS);
    DEFAULT(probe_interval, DEFAULT_PROBE_INTERVAL);
    DEFAULT(handshake_time, DEFAULT_HANDSHAKE_TIME);
#undef DEFAULT
    return limits;
}

/* Has room for all connections made, or allows fewer. */
static void
fit_descriptors(struct rpc_server *server)
{
    unsigned int n = descriptors_ask(server->limits.max_connections);

    if (n < server->limits.max_connections) {
        VLOG_INFO("few descriptors are allowed (RLIMIT_NOFILE): at most %u "
                  "connections", n);
        server->limits.max_connections = n;
    }
}

struct rpc_server *
rpc_server_create(const struct rpc_limits *limits,
                  const struct rpc_handler *handler, void *aux)
{
    struct rpc_server *server = xzalloc(sizeof *server);

    server->limits = complete_limits(limits);
    fit_descriptors(server);
    server->handler = handler;
    server->aux = aux;
    ovs_list_init(&server->doors);
    ovs_list_init(&server->handshakes);
    ovs_list_init(&server->conns);
    ovs_list_init(&server->quiet);
    ovs_list_init(&server->probed);
    ovs_list_init(&server->inputs);
    ovs_list_init(&server->turns);
    ovs_list_init(&server->failed);
    ovs_list_init(&server->gone);

    int error = watches_init(&server->watches);
    if (error) {
        ovs_fatal(error, "epoll");
    }
    return server;
}

static void
door_destroy(struct rpc_door *door)
{
    watch_remove(&door->server->watches, &door->watch);
    rpc_listener_close(&door->listener);
    ovs_list_remove(&door->node);
    free(door);
}

void
rpc_server_destroy(struct rpc_server *server)
{
    if (!server) {
        return;
    }

    struct rpc_conn *conn;
    LIST_FOR_EACH_SAFE (conn, node, &server->handshakes) {
        rpc_conn_bury(conn, false);
    }
    LIST_FOR_EACH_SAFE (conn, node, &server->conns) {
        rpc_conn_close(conn);
    }
    rpc_conns_free_gone(server);

    struct rpc_door *door;
    LIST_FOR_EACH_SAFE (door, node, &server->doors) {
        door_destroy(door);
    }
    watches_uninit(&server->watches);
    rpc_tls_destroy(server->tls);
    descriptors_give_back(server->limits.max_connections);
    free(server);
}

char *
rpc_server_set_tls(struct rpc_server *server,
                   const struct rpc_tls_config *config)
{
    struct rpc_tls *tls = NULL;

    if (config->private_key || config->certificate || config->ca_cert) {
        char *error = rpc_tls_create(config, &tls);
        if (error) {
            return error;
        }
    }
    rpc_tls_destroy(server->tls);
    server->tls = tls;
    return NULL;
}

/* Makes a connection of 'fd', unless there are enough. */
static void
take_client(struct rpc_door *door, int fd, char *peer)
{
    struct rpc_server *server = door->server;
    const struct rpc_stats *stats = &server->stats;
    struct ssl_st *ssl = NULL;

    if (stats->connections + stats->handshakes
        >= server->limits.max_connections) {
        COVERAGE_INC(rpc_refused);
        server->stats.n_refused++;
        VLOG_WARN_RL(&rl, "%s: refused: there are %u connections", peer,
                     server->limits.max_connections);
    } else if (door->listener.kind == RPC_TLS
               && !(ssl = rpc_tls_accept(server->tls, fd))) {
        VLOG_WARN_RL(&rl, "%s: refused: no TLS", peer);
    } else {
        COVERAGE_INC(rpc_accepted);
        server->stats.n_accepted++;
        rpc_conn_create(server, fd, peer, ssl);
        return;
    }
    close(fd);
    free(peer);
}

static void
door_run(struct rpc_door *door)
{
    for (int i = 0; door->pending && i < ACCEPT_BATCH; i++) {
        char *peer;
        int fd = rpc_listener_accept(&door->listener, &peer);

        if (fd >= 0) {
            take_client(door, fd, peer);
        } else if (fd == -EAGAIN) {
            door->pending = false;
        } else if (fd != -EINTR && fd != -ECONNABORTED) {
            VLOG_WARN_RL(&rl, "%s: accept: %s", door->listener.name,
                         ovs_strerror(-fd));
            door->server->accept_after = time_msec() + ACCEPT_PAUSE_MS;
            break;
        }
    }
}

static void
door_event(struct watch *watch, uint32_t events OVS_UNUSED)
{
    struct rpc_door *door = CONTAINER_OF(watch, struct rpc_door, watch);

    door->pending = true;
}

char *
rpc_server_listen(struct rpc_server *server, const char *remote)
{
    if (rpc_remote_is_tls(remote) && !server->tls) {
        return xasprintf("%s: TLS needs a private key, a certificate and the "
                         "certificate of a CA", remote);
    }

    struct rpc_door *door = xzalloc(sizeof *door);
    char *error = rpc_listener_open(&door->listener, remote);
    if (error) {
        free(door);
        return error;
    }
    door->server = server;
    ovs_list_push_back(&server->doors, &door->node);
    int errnum = watch_add(&server->watches, &door->watch, door->listener.fd,
                           EPOLLIN, door_event);
    if (errnum) {
        door_destroy(door);
        return xasprintf("%s: %s", remote, ovs_strerror(errnum));
    }
    return NULL;
}

void
rpc_server_run(struct rpc_server *server)
{
    struct rpc_door *door;

    server->handshake_steps = 0;
    rpc_conns_take_turns(server);
    watches_run(&server->watches);
    if (time_msec() >= server->accept_after) {
        LIST_FOR_EACH (door, node, &server->doors) {
            door_run(door);
        }
    }
    rpc_silence_run(server);
    rpc_conns_tell_failed(server);
    rpc_conns_free_gone(server);
}

void
rpc_server_wait(struct rpc_server *server)
{
    const struct rpc_door *door;

    watches_wait(&server->watches);
    LIST_FOR_EACH (door, node, &server->doors) {
        if (door->pending) {
            poll_timer_wait_until(server->accept_after);
        }
    }
    rpc_silence_wait(server);
    if (!ovs_list_is_empty(&server->turns)
        || !ovs_list_is_empty(&server->failed)) {
        poll_immediate_wake();
    }
}

void
rpc_server_format(const struct rpc_server *server, struct ds *out)
{
    const struct rpc_door *door;

    LIST_FOR_EACH (door, node, &server->doors) {
        ds_put_format(out, "%s\n", door->listener.name);
    }
}

void
rpc_server_get_stats(const struct rpc_server *server, struct rpc_stats *stats)
{
    *stats = server->stats;
}
