/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Reads rows of the replica, by enum nb_column, without JSON.
 *
 * A row belongs to the replica and lives until the replica_run() that
 * replaces or deletes it; whoever wants to know a row for longer keeps its
 * id.  Strings, too, are the row's.  Reading a column of another table than
 * the row's, or as another type than columns.h gives it, is a bug and aborts.
 *
 * Single-threaded, like the replica. */

#ifndef NB_ROW_H
#define NB_ROW_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nb/columns.h"
#include "uuid.h"

struct nb_row;

enum nb_table nb_row_table(const struct nb_row *);
const struct uuid *nb_row_id(const struct nb_row *);

/* BOOLEAN, INTEGER, STRING columns. */
bool nb_row_bool(const struct nb_row *, enum nb_column);
int64_t nb_row_integer(const struct nb_row *, enum nb_column);
const char *nb_row_string(const struct nb_row *, enum nb_column);

/* A UUID or REF column; an empty REF is the zero UUID. */
struct uuid nb_row_uuid(const struct nb_row *, enum nb_column);

/* STRINGS, REFS and MAP columns: how many elements, in OVSDB's order; the
 * 'i'th string, or key of a map; the 'i'th value of a map; the 'i'th row. */
size_t nb_row_n(const struct nb_row *, enum nb_column);
const char *nb_row_key(const struct nb_row *, enum nb_column, size_t i);
const char *nb_row_value(const struct nb_row *, enum nb_column, size_t i);
const struct uuid *nb_row_ref(const struct nb_row *, enum nb_column,
                              size_t i);

/* The value of 'key' in a MAP column, NULL if it has none. */
const char *nb_row_get(const struct nb_row *, enum nb_column,
                       const char *key);

/* Whether 'a' and 'b', rows of one table, have the same value there. */
bool nb_row_same(const struct nb_row *a, const struct nb_row *b,
                 enum nb_column);

/* Whether 'a' and 'b', rows of one table, differ in any column of the
 * table, listed in columns.h or not, but for 'except'. */
bool nb_row_differs(const struct nb_row *a, const struct nb_row *b,
                    enum nb_column except);

#endif /* nb/row.h */
