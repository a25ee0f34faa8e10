/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Reads and writes columns of an IDL's rows while a transaction is under way,
 * by the column and not by name of table and column as the generated functions
 * do: for what is the same in several tables.
 *
 * The columns have exactly one value each, unless a function returns all of
 * them.  Nothing fails; a column of another
 * table than the row's is a bug. */

#ifndef NBCTL_ROW_H
#define NBCTL_ROW_H 1

#include <stdbool.h>
#include <stdint.h>

union ovsdb_atom;
struct ovsdb_datum;
struct ovsdb_idl_column;
struct ovsdb_idl_row;

/* Returns true if the transaction writes the column. */
bool row_is_written(const struct ovsdb_idl_row *,
                    const struct ovsdb_idl_column *);

/* Returns true if what is written to the row, which existed before, differs
 * from what was there. */
bool row_is_changed(const struct ovsdb_idl_row *);

/* Returns the value, also of a row that was just deleted. */
const union ovsdb_atom *row_read_atom(const struct ovsdb_idl_row *,
                                      const struct ovsdb_idl_column *);

/* Returns what the column had before the transaction, or NULL if the row is
 * new. */
const struct ovsdb_datum *row_read_old(const struct ovsdb_idl_row *,
                                       const struct ovsdb_idl_column *);

/* Writes a value.  row_write_atom() takes what the atom points to;
 * row_write_now() writes the present as nb_time_to_string() has it. */
void row_write_atom(const struct ovsdb_idl_row *,
                    const struct ovsdb_idl_column *, union ovsdb_atom *);
void row_write_integer(const struct ovsdb_idl_row *,
                       const struct ovsdb_idl_column *, int64_t);
void row_write_string(const struct ovsdb_idl_row *,
                      const struct ovsdb_idl_column *, const char *);
void row_write_now(const struct ovsdb_idl_row *,
                   const struct ovsdb_idl_column *);

#endif /* nbctl-row.h */
