/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What sluice-nbctl asks the database for.
 *
 * A database may have 100,000 ports, and most commands are about one.  So no
 * table is downloaded whole unless a command needs it whole: a command says
 * which rows it wants, by the value of a column, and the server sends these.
 *
 * Asking is a matter of rounds.  A command that finds that it wants more (the
 * network of the port it has just read) asks, and is run again when that is
 * there.  Asking again for what was asked for before costs nothing, so a
 * command simply asks for all it needs each time it runs:
 *
 *     if (!fetch_uuid(fetch, &nbrec_table_network, &uuid)) {
 *         ctx->try_again = true;
 *         return;
 *     }
 *
 * The functions fetch_*() return true if that was asked for before (and so is
 * in the replica, since commands are run only when all has arrived), false if
 * it is new.  Before the first connection, in a command's prerequisites, the
 * answer does not matter. */

#ifndef NBCTL_FETCH_H
#define NBCTL_FETCH_H 1

#include <stdbool.h>
#include <stdint.h>

struct ovsdb_idl;
struct ovsdb_idl_column;
struct ovsdb_idl_table_class;
struct uuid;

/* Makes a fetch for 'idl', which must not have connected yet and must outlive
 * it. */
struct fetch *fetch_create(struct ovsdb_idl *idl);
void fetch_destroy(struct fetch *);

/* Names the columns of rows to be fetched.  Before the first connection
 * only.  Of a table with columns no row is fetched until one of the functions
 * below asks for it. */
void fetch_column(struct fetch *, const struct ovsdb_idl_column *);

/* Asks for every row of a table. */
bool fetch_all(struct fetch *, const struct ovsdb_idl_table_class *);

/* Asks for every row of every table, for a command of which it is not known
 * what it reads. */
void fetch_everything(struct fetch *);

/* Asks for the row with the given UUID, or for those in which 'column', of
 * the table's columns, has the given value. */
bool fetch_uuid(struct fetch *, const struct ovsdb_idl_table_class *,
                const struct uuid *);
bool fetch_uuid_eq(struct fetch *, const struct ovsdb_idl_column *,
                   const struct uuid *);
bool fetch_string_eq(struct fetch *, const struct ovsdb_idl_column *,
                     const char *);
bool fetch_integer_eq(struct fetch *, const struct ovsdb_idl_column *,
                      int64_t);

/* Sends to the server what was asked for since the last call, and returns
 * true if the replica has all that was ever asked for.  To be called after
 * each ovsdb_idl_run(); there is something to run when it has been false and
 * is true. */
bool fetch_arrived(struct fetch *);

/* Returns the name of a table of which rows were asked for and which the
 * server, one with an older schema, does not have; NULL if there is none or
 * that is not known yet.  Of the others nothing comes then either. */
const char *fetch_missing_table(const struct fetch *);

#endif /* nbctl-fetch.h */
