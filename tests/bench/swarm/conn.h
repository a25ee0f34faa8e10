/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SWARM_CONN_H
#define SWARM_CONN_H 1

/* Connections that carry JSON, thousands of them, in one epoll set.
 *
 * A connection is owned by its user, and may be opened and closed any number
 * of times, also from within its own callbacks.  All run in the one thread,
 * from conn_run_all(). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cursor.h"
#include "openvswitch/dynamic-string.h"

struct conn;

struct conn_ops {
    /* It is open: what is sent now arrives. */
    void (*opened)(struct conn *);

    /* A whole message, which is the caller's. */
    void (*message)(struct conn *, struct span);

    /* It could not be opened, or the other side closed it; 'error' is an
     * errno value, 0 for an orderly end.  'conn' is closed already. */
    void (*closed)(struct conn *, int error);
};

struct conn {
    const struct conn_ops *ops;
    int fd;                     /* -1: closed. */
    unsigned int n_closed;      /* How often. */
    uint32_t events;            /* What epoll is told; 0: it does not know. */
    bool opening;
    bool stalled;
    struct framer framer;
    struct ds in;               /* The beginning of a message. */
    struct ds out;              /* What is to be sent, from 'out_ofs' on. */
    size_t out_ofs;
    uint64_t n_in, n_out;       /* Bytes, since conn_init(). */
};

/* Makes a closed connection. */
void conn_init(struct conn *, const struct conn_ops *);
void conn_destroy(struct conn *);

/* Begins to open a closed connection to 'remote', unix:PATH or tcp:IP:PORT.
 * 'opened' or 'closed' will be called.  Returns false if that has to be tried
 * again a little later, because too many others are being opened.  A remote of
 * another kind ends the program. */
bool conn_open(struct conn *, const char *remote);

/* Closes it at once, whatever was to be sent or read.  No callback comes. */
void conn_close(struct conn *);

bool conn_is_open(const struct conn *);

/* Sends 'n' bytes, or keeps them until they can be sent. */
void conn_send(struct conn *, const char *p, size_t n);

/* Stops reading, or reads again. */
void conn_stall(struct conn *, bool stall);

/* Waits until something happens, at most 'msec' (-1: for ever), and has the
 * callbacks called.  True if file descriptor 'fd' (-1: none), which is watched
 * beside the connections, has something to read. */
bool conn_run_all(int fd, int msec);

/* Raises the limit of open files to 'n' and some.  Ends the program if that is
 * not allowed. */
void conn_allow(unsigned int n);

/* CLOCK_MONOTONIC, in nanoseconds. */
long long int conn_now(void);

#endif /* conn.h */
