/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Sockets that are closing: our end is closed, and what the client still sends
 * is read and thrown away until it has closed its own, within bounds. */

#include <config.h>

#include "http/internal.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

struct lingerer {
    struct watch watch;
    struct http_server *server;
    struct ovs_list node;       /* In server's 'lingering'. */
    long long int deadline;
    size_t left;                /* Bytes still to be read. */
};

static void
lingerer_destroy(struct lingerer *l)
{
    int fd = l->watch.fd;
    watch_remove(&l->server->watches, &l->watch);
    close(fd);
    ovs_list_remove(&l->node);
    l->server->n_lingering--;
    free(l);
}

/* Throws away what there is. */
static void
lingerer_event(struct watch *watch, uint32_t events OVS_UNUSED)
{
    struct lingerer *l = CONTAINER_OF(watch, struct lingerer, watch);

    while (l->left) {
        /* With MSG_TRUNC, TCP does not copy. */
        ssize_t n = recv(watch->fd, NULL, l->left, MSG_TRUNC | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) {
            return;
        } else if (n <= 0) {
            break;
        }
        l->left -= n;
    }
    lingerer_destroy(l);
}

/* Closes 'fd', now or when the client has seen what was sent. */
void
http_linger(struct http_server *server, int fd)
{
    struct lingerer *l = xmalloc(sizeof *l);

    *l = (struct lingerer) {
        .server = server,
        .deadline = time_msec() + HTTP_LINGER_MS,
        .left = HTTP_LINGER_BYTES,
    };
    if (server->n_lingering >= HTTP_MAX_LINGERING
        || shutdown(fd, SHUT_WR)
        || watch_add(&server->watches, &l->watch, fd,
                     EPOLLIN | EPOLLRDHUP, lingerer_event)) {
        free(l);
        close(fd);
        return;
    }
    ovs_list_push_back(&server->lingering, &l->node);
    server->n_lingering++;
}

void
http_linger_run(struct http_server *server)
{
    long long int now = time_msec();
    struct lingerer *l;

    LIST_FOR_EACH_SAFE (l, node, &server->lingering) {
        if (l->deadline > now) {
            break;
        }
        lingerer_destroy(l);
    }
}

void
http_linger_wait(struct http_server *server)
{
    if (!ovs_list_is_empty(&server->lingering)) {
        struct lingerer *first = CONTAINER_OF(
            ovs_list_front(&server->lingering), struct lingerer, node);
        poll_timer_wait_until(first->deadline);
    }
}

void
http_linger_uninit(struct http_server *server)
{
    struct lingerer *l;

    LIST_FOR_EACH_SAFE (l, node, &server->lingering) {
        lingerer_destroy(l);
    }
}
