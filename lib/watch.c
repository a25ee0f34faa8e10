/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Many descriptors behind one.  See watch.h. */

#include <config.h>

#include "watch.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(watch);

int
watches_init(struct watches *watches)
{
    watches->n_batch = 0;
    watches->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return watches->epoll_fd < 0 ? errno : 0;
}

void
watches_uninit(struct watches *watches)
{
    close(watches->epoll_fd);
}

void
watches_run(struct watches *watches)
{
    struct epoll_event events[WATCH_BATCH];
    int n;

    do {
        n = epoll_wait(watches->epoll_fd, events, WATCH_BATCH, 0);
    } while (n < 0 && errno == EINTR);

    for (int i = 0; i < n; i++) {
        watches->batch[i] = events[i].data.ptr;
    }
    watches->n_batch = MAX(n, 0);
    for (int i = 0; i < watches->n_batch; i++) {
        struct watch *watch = watches->batch[i];
        watches->batch[i] = NULL;
        if (watch) {
            watch->cb(watch, events[i].events);
        }
    }
    watches->n_batch = 0;
}

void
watches_wait(struct watches *watches)
{
    poll_fd_wait(watches->epoll_fd, POLLIN);
}

int
watch_add(struct watches *watches, struct watch *watch, int fd,
          uint32_t events, void (*cb)(struct watch *, uint32_t events))
{
    struct epoll_event event = {
        .events = events | EPOLLET,
        .data = { .ptr = watch },
    };

    watch->fd = -1;
    watch->cb = cb;
    if (epoll_ctl(watches->epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
        return errno;
    }
    watch->fd = fd;
    return 0;
}

void
watch_remove(struct watches *watches, struct watch *watch)
{
    if (watch->fd < 0) {
        return;
    }
    if (epoll_ctl(watches->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL)) {
        VLOG_ERR("descriptor %d cannot be removed from its epoll set: %s",
                 watch->fd, ovs_strerror(errno));
    }
    watch->fd = -1;
    for (int i = 0; i < watches->n_batch; i++) {
        if (watches->batch[i] == watch) {
            watches->batch[i] = NULL;
        }
    }
}
