/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef DB_WRITER_H
#define DB_WRITER_H 1

/* One transaction at a time on an IDL, without blocking.
 *
 * Who has something to write calls db_writer_begin(), fills the transaction
 * and calls db_writer_commit(); what is due meanwhile waits for the next.  A
 * transaction that failed says so in db_writer_run(), and its owner, who knows
 * what it wanted, compares again and writes again: state, not events.
 *
 * Not thread-safe. */

#include <stdbool.h>

struct ovsdb_idl;
struct ovsdb_idl_txn;

enum db_writer_result {
    DB_WRITER_NONE,             /* No transaction ended. */
    DB_WRITER_DONE,             /* One was committed. */
    DB_WRITER_FAILED,           /* One was not: everything is due again. */
};

struct db_writer {
    struct ovsdb_idl *idl;
    const char *name;           /* For the log. */
    struct ovsdb_idl_txn *txn;  /* In flight, or NULL. */
    unsigned int retry_seqno;   /* After a failure: of the IDL then. */
    bool failed;
    long long int retry_at;     /* Hard errors: not before, in ms. */
    char *refusal;              /* The hard error of the last transaction, as
                                 * the database put it, or NULL. */
};

void db_writer_init(struct db_writer *, struct ovsdb_idl *, const char *name);
void db_writer_destroy(struct db_writer *);

/* A new transaction to fill, or NULL while one is in flight or the database
 * has not changed since the last one failed. */
struct ovsdb_idl_txn *db_writer_begin(struct db_writer *);

/* Would db_writer_begin() return a transaction now? */
bool db_writer_is_free(const struct db_writer *);

/* Sends what db_writer_begin() returned. */
void db_writer_commit(struct db_writer *, struct ovsdb_idl_txn *);

/* To be called after every ovsdb_idl_run(). */
enum db_writer_result db_writer_run(struct db_writer *);
void db_writer_wait(const struct db_writer *);

#endif /* db-writer.h */
