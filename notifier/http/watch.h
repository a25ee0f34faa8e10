/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef HTTP_WATCH_H
#define HTTP_WATCH_H 1

/* Many descriptors behind one: an edge-triggered epoll set whose descriptor is
 * in the poll loop.  Adding, removing and an event are O(1) each, whatever the
 * number of descriptors.
 *
 * A watch that is removed gets no call any more, even if its event has been
 * fetched already: so a callback may remove, and free, any watch.
 *
 * One thread. */

#include <stdint.h>

/* Events fetched in one go. */
#define HTTP_WATCH_BATCH 256

struct http_watch {
    int fd;                     /* -1: not watched. */
    void (*cb)(struct http_watch *, uint32_t events);
};

struct http_watches {
    int epoll_fd;
    struct http_watch *batch[HTTP_WATCH_BATCH]; /* Fetched, not yet called. */
    int n_batch;
};

/* Returns 0 or a positive errno value. */
int http_watches_init(struct http_watches *);
void http_watches_uninit(struct http_watches *);

void http_watches_run(struct http_watches *);
void http_watches_wait(struct http_watches *);

/* Watches 'fd' for 'events' (EPOLLOUT, EPOLLRDHUP...; EPOLLET, EPOLLERR and
 * EPOLLHUP are implied).  Returns 0 or a positive errno value. */
int http_watch_add(struct http_watches *, struct http_watch *, int fd,
                   uint32_t events,
                   void (*cb)(struct http_watch *, uint32_t events));

/* To be called before the descriptor is closed: a set forgets a descriptor by
 * itself only when its last duplicate is closed.  No effect if not watched. */
void http_watch_remove(struct http_watches *, struct http_watch *);

#endif /* http/watch.h */
