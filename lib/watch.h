/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SLUICE_WATCH_H
#define SLUICE_WATCH_H 1

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
#define WATCH_BATCH 256

struct watch {
    int fd;                     /* -1: not watched. */
    void (*cb)(struct watch *, uint32_t events);
};

struct watches {
    int epoll_fd;
    struct watch *batch[WATCH_BATCH]; /* Fetched, not yet called. */
    int n_batch;
};

/* Returns 0 or a positive errno value. */
int watches_init(struct watches *);
void watches_uninit(struct watches *);

void watches_run(struct watches *);
void watches_wait(struct watches *);

/* Watches 'fd' for 'events' (EPOLLOUT, EPOLLRDHUP...; EPOLLET, EPOLLERR and
 * EPOLLHUP are implied).  Returns 0 or a positive errno value. */
int watch_add(struct watches *, struct watch *, int fd, uint32_t events,
              void (*cb)(struct watch *, uint32_t events));

/* To be called before the descriptor is closed: a set forgets a descriptor by
 * itself only when its last duplicate is closed.  No effect if not watched. */
void watch_remove(struct watches *, struct watch *);

#endif /* watch.h */
