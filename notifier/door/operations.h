/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef DOOR_OPERATIONS_H
#define DOOR_OPERATIONS_H 1

/* The operations of a transaction, as the northbound server gets them, and its
 * results, as the client gets them.
 *
 * Some of it is ours to decide.  Whether an "assert" holds is known here, where
 * the client's locks are.  What the client's role forbids is refused here, for
 * the server takes us for one who may do anything.  In both cases the server
 * gets an "abort" in that place, so that the operations before it have their
 * results and their own errors, and the client gets the reason in place of
 * "aborted".  And a "wait" is sent without a timeout: it waits here. */

#include <stddef.h>

struct json;
struct ovsdb_error;
struct session;

struct operations {
    struct json *request;       /* The client's database and operations. */
    struct json *params;        /* As the server is to get them. */

    size_t refused;             /* The operation that is refused here, by its
                                 * place in 'params'; SIZE_MAX: none. */
    struct ovsdb_error *refusal;

    long long int *timeouts;    /* Of each "wait", in milliseconds, by its
                                 * place; -1: is none; NULL: there is no
                                 * "wait" that may take time. */
};

/* Takes 'params', those of a "transact" request, by reference. */
void operations_init(struct operations *, const struct json *params);
void operations_destroy(struct operations *);

/* Makes of them what the server is to get from the client of 'session' now:
 * locks, roles and rows can be others by the next time that it is asked. */
void operations_prepare(struct operations *, const struct session *);

/* How many "select"s there are, whose results can be large. */
size_t operations_count_selects(const struct operations *);

/* The place of the "wait" that was not fulfilled, if that is why the
 * transaction failed with 'results', and it has a timeout; otherwise 0. */
size_t operations_unfulfilled(const struct operations *,
                              const struct json *results);

/* The table that the "wait" at 'i' waits for; NULL if it does not say. */
const char *operations_table(const struct operations *, size_t i);

/* Returns the results for the client, of those of the server, 'elapsed'
 * milliseconds after the request came. */
struct json *operations_results(const struct operations *,
                                const struct json *server_results,
                                long long int elapsed);

#endif /* door/operations.h */
