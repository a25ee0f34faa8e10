/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef FUZZ_DATABASE_H
#define FUZZ_DATABASE_H 1

/* A small database with the real schema, in memory, for what clients of the
 * OVSDB door ask of it; and a client that asks for nothing strange, which must
 * not be harmed by any other. */

struct mon_db;
struct nb_index;
struct ovsdb;
struct replica_feed;

struct fuzz_database {
    struct ovsdb *ovsdb;
    struct nb_index *index;
    struct mon_db *monitors;
};

/* The one there is, made at the first call; before that it can be given an
 * index of its owner's to use. */
const struct fuzz_database *fuzz_database(void);
void fuzz_database_set_index(struct nb_index *);

/* Reports changes to another, too; what is there is not reported. */
void fuzz_database_set_feed(const struct replica_feed *);

/* Changes some of its rows: in one call, and back in the next.  Aborts unless
 * the well-behaved client is told exactly that. */
void fuzz_database_change(void);

#endif /* tests/fuzz/fuzz-database.h */
