/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Transactions on the northbound database (RFC 7047 section 4.1.3).
 *
 * A transaction is put together operation by operation and committed as a
 * whole or not at all.  Nothing is changed here: when the server has committed
 * it, its effect is in the replica before the result is told.
 *
 * Single-threaded. */

#ifndef NB_WRITE_H
#define NB_WRITE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nb/columns.h"
#include "uuid.h"

struct nb_op;
struct nb_txn;
struct replica;
struct smap;
struct svec;

struct nb_txn *nb_txn_create(void);

/* Destroys a transaction that was not committed. */
void nb_txn_destroy(struct nb_txn *);

/* Adds the insertion of a row with 'id', the update of row 'id', its
 * deletion.  The operation returned belongs to the transaction and takes
 * columns; what an insertion is not given has OVSDB's default. */
struct nb_op *nb_txn_insert(struct nb_txn *, enum nb_table,
                            const struct uuid *id);
struct nb_op *nb_txn_update(struct nb_txn *, enum nb_table,
                            const struct uuid *id);
void nb_txn_delete(struct nb_txn *, enum nb_table, const struct uuid *id);

/* The update of every row of the column's table, for NB_Global. */
struct nb_op *nb_txn_update_all(struct nb_txn *, enum nb_table);

/* Deletes the rows whose 'column' is 'value'. */
void nb_txn_delete_where(struct nb_txn *, enum nb_column, const char *value);
void nb_txn_delete_where_uuid(struct nb_txn *, enum nb_column,
                              const struct uuid *value);

/* Makes the transaction fail with NB_CONFLICT unless the row 'id' of
 * 'column's table exists and has 'value' there. */
void nb_txn_require(struct nb_txn *, enum nb_column, const struct uuid *id,
                    int64_t value);

/* Adds a line to the comment that the server's log keeps. */
void nb_txn_comment(struct nb_txn *, const char *);

/* Sets a column. */
void nb_op_bool(struct nb_op *, enum nb_column, bool);
void nb_op_integer(struct nb_op *, enum nb_column, int64_t);
void nb_op_string(struct nb_op *, enum nb_column, const char *);
void nb_op_strings(struct nb_op *, enum nb_column, const struct svec *);
void nb_op_map(struct nb_op *, enum nb_column, const struct smap *);
void nb_op_uuid(struct nb_op *, enum nb_column, const struct uuid *);
void nb_op_refs(struct nb_op *, enum nb_column, const struct uuid *, size_t);

enum nb_result {
    NB_COMMITTED,
    NB_CONFLICT,                /* nb_txn_require() did not hold. */
    NB_DUPLICATE,               /* An index of 'table' has such a row. */
    NB_IN_USE,                  /* A reference to or from a missing row. */
    NB_REFUSED,                 /* Anything else the server said. */
    NB_UNSENT,                  /* There is no session: nothing changed. */
    NB_UNKNOWN,                 /* The session ended before the answer. */
};

struct nb_outcome {
    enum nb_result result;
    enum nb_table table;        /* For NB_DUPLICATE. */
    const char *details;        /* The server's words; never NULL. */
    long long int usec;         /* From the request to the answer. */
};

/* Sends 'txn', which is consumed, and calls 'done' with the outcome, once,
 * from replica_run(), or before this returns for NB_UNSENT.  'done' may commit
 * further transactions. */
void nb_txn_commit(struct replica *, struct nb_txn *txn,
                   void (*done)(const struct nb_outcome *, void *aux),
                   void *aux);

#endif /* nb/write.h */
