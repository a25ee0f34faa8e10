/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The notifier's replica of the northbound database.
 *
 * It holds every row of every table as the server has it, whatever the
 * server's schema is beyond what columns.h lists, in the table and row
 * structures of Open vSwitch's own ovsdb-server.  It is read through row.h
 * and index.h and changed by nobody but the server: what is to be changed
 * goes to the server as a transaction (write.h) and comes back as an update.
 *
 * After a disconnect a standalone server sends everything anew, without word
 * of what was deleted meanwhile.  The replica compares it with what it has, so
 * that those who watch it see the changes that did happen, and no others.
 *
 * Errors: while the database is away, or lacks what columns.h lists, what was
 * known stays readable; the replica tries again for ever and says in
 * replica_status() what is wrong.
 *
 * Single-threaded. */

#ifndef NB_REPLICA_H
#define NB_REPLICA_H 1

#include <stdbool.h>
#include <stddef.h>

#include "nb/columns.h"
#include "nb/row.h"

struct ds;
struct replica;
struct simap;

/* A row that came ('old' is NULL), went ('new' is NULL) or changed. */
struct nb_change {
    enum nb_table table;
    const struct nb_row *old;
    const struct nb_row *new;
};

struct replica_observer {
    /* Called for each row that a transaction of the server changed, once all
     * rows of that transaction are readable in their new state; 'old' can be
     * read during the call alone. */
    void (*change)(const struct nb_change *, void *aux);

    /* Called when all that the server sent together has been reported by
     * change(): one transaction, or several if we are slow. */
    void (*committed)(void *aux);
    void *aux;
};

/* Connects to 'remotes', in the syntax of ovsdb-client, comma-separated.
 * 'observer' must live as long as the replica. */
struct replica *replica_create(const char *remotes,
                               const struct replica_observer *observer);
void replica_destroy(struct replica *);

/* Has every INDEXED column indexed from the start on; otherwise each is when
 * it is first asked for, which then costs a look at every row.  To be called
 * before anything comes. */
void replica_index_all(struct replica *);

/* Returns whether anything came. */
bool replica_run(struct replica *);
void replica_wait(struct replica *);

/* Whether everything has come at least once, so that rows can be read. */
bool replica_has_data(const struct replica *);

/* Whether the session is up and what is read is the present. */
bool replica_is_current(const struct replica *);

/* When it ceased to be the present, in msec of time_wall_msec(); 0 if it is
 * the present. */
long long int replica_stale_since(const struct replica *);

/* What is wrong with the connection, in words; NULL if nothing is. */
const char *replica_problem(const struct replica *);

/* Appends remotes, state, tables with their number of rows to 'out'. */
void replica_status(const struct replica *, struct ds *out);
void replica_memory_usage(const struct replica *, struct simap *);

/* The row of 'table' with 'id', or NULL. */
const struct nb_row *replica_get(const struct replica *, enum nb_table,
                                 const struct uuid *id);

/* How many rows 'table' has. */
size_t replica_count(const struct replica *, enum nb_table);

/* All rows of 'table' in no particular order, an array of replica_count()
 * for the caller to free. */
const struct nb_row **replica_rows(const struct replica *, enum nb_table);

/* The rows that have a value in an INDEXED column.  The array belongs to the
 * replica and is good until the next replica_run().  O(1). */
struct nb_rows {
    const struct nb_row *const *rows;
    size_t n;
};
struct nb_rows replica_find(const struct replica *, enum nb_column,
                            const char *value);
struct nb_rows replica_find_uuid(const struct replica *, enum nb_column,
                                 const struct uuid *value);
struct nb_rows replica_find_integer(const struct replica *, enum nb_column,
                                    int64_t value);

/* Such a row, if there is just one by the database's own index or otherwise
 * any; NULL if there is none. */
const struct nb_row *replica_find_one(const struct replica *, enum nb_column,
                                      const char *value);

#endif /* nb/replica.h */
