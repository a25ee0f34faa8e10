/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Where the tables and columns of columns.h are in the server's schema.
 *
 * There is one layout in the process, that of the database the replica holds
 * now; it changes when the server's schema does.  This header, like the rest
 * of nb/ that is not columns.h, row.h, replica.h or write.h, is for nb/, and
 * for monitor/ and door/, which are on the same side of JSON.
 *
 * Single-threaded. */

#ifndef NB_LAYOUT_H
#define NB_LAYOUT_H 1

#include <stdbool.h>

#include "nb/columns.h"
#include "ovsdb/row.h"

struct nb_row;
struct ovsdb;
struct ovsdb_schema;

enum nb_type {
    NB_TYPE_BOOLEAN,
    NB_TYPE_INTEGER,
    NB_TYPE_STRING,
    NB_TYPE_UUID,
    NB_TYPE_REF,
    NB_TYPE_STRINGS,
    NB_TYPE_REFS,
    NB_TYPE_MAP,
};

struct nb_column_info {
    enum nb_table table;
    const char *name;
    enum nb_type type;
    bool indexed;
};

extern const struct nb_column_info nb_columns[NB_N_COLUMNS];
extern const char *const nb_table_names[NB_N_TABLES];

/* Returns NULL if 'schema' has all of columns.h, and otherwise what it lacks,
 * in words, for the caller to free. */
char *nb_layout_check(const struct ovsdb_schema *schema);

/* Takes out of 'schema' what is the server's to enforce: what values there may
 * be (a standalone ovsdb-server 3.1 tells an old schema after its database was
 * converted, and new values would not fit), references, and that rows live
 * only as long as others refer to them.  The server tells of every row that
 * goes; and a row that is only referred to must remain the struct it is, where
 * Open vSwitch's transactions would make it another to count its
 * references. */
void nb_layout_relax(struct ovsdb_schema *schema);

/* Makes the layout that of 'db', whose schema nb_layout_check() accepted. */
void nb_layout_set(const struct ovsdb *db);

struct ovsdb_table *nb_layout_table(enum nb_table);
const struct ovsdb_column *nb_layout_column(enum nb_column);

/* Puts into 'tablep' which of the tables 'row' is in; returns false if in
 * none that columns.h lists. */
bool nb_layout_row_table(const struct ovsdb_row *row, enum nb_table *tablep);

/* The datum of a row in a column. */
const struct ovsdb_datum *nb_datum(const struct ovsdb_row *, enum nb_column);

static inline const struct nb_row *
nb_row_from_ovsdb(const struct ovsdb_row *row)
{
    return (const struct nb_row *) row;
}

static inline const struct ovsdb_row *
nb_row_to_ovsdb(const struct nb_row *row)
{
    return (const struct ovsdb_row *) row;
}

#endif /* nb/layout.h */
