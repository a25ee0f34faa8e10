/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SWARM_NB_H
#define SWARM_NB_H 1

/* A connection straight to the northbound database, for changes and for
 * reading it whole.  One request at a time.  An error while something is
 * wanted of it ends the program; at other times the connection may be lost. */

#include <stdbool.h>

#include "conn.h"

struct nb {
    struct conn conn;
    const char *remote;
    bool open;
    bool busy;                  /* Is a reply due? */
    long long int replied_at;   /* conn_now(); 0: not yet. */

    /* Called with the result of a request. */
    void (*take_result)(struct nb *, struct span result, void *aux);
    void *aux;
};

/* Makes a closed connection to 'remote'. */
void nb_init(struct nb *, const char *remote);

/* Connects, if it is closed, and returns when that is done.  Agents go on. */
void nb_open(struct nb *);
void nb_close(struct nb *);

/* Sends a request of id 1, whose text is 's'. */
void nb_request(struct nb *, const struct ds *s);

/* Waits for the reply until conn_now() is 'deadline'. */
void nb_wait(struct nb *, long long int deadline);

#endif /* nb.h */
