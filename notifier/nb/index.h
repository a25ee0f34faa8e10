/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* From a value of an indexed column to the rows that have it.
 *
 * A column is indexed from when it is added: those that columns.h marks
 * INDEXED at the start or when they are first asked for (see replica.h),
 * others when a client of the OVSDB door asks for rows by them.  A set's rows
 * are found by each of its elements, a map's by each key.
 *
 * A lookup, and a row's coming, going or changing, cost O(1) for each indexed
 * column of the row, however many rows share a value.  Empty strings and
 * zero UUIDs are not indexed: most rows may have them.
 *
 * For nb/, monitor/ and door/; others call replica_find(). */

#ifndef NB_INDEX_H
#define NB_INDEX_H 1

#include "nb/replica.h"
#include "openvswitch/hmap.h"

struct ovsdb_column;
struct ovsdb_row;
struct ovsdb_table;
union ovsdb_atom;

struct nb_index {
    struct hmap tables;         /* "struct indexed_table"s. */
    struct hmap groups;         /* "struct group"s by column and value. */
    struct hmap members;        /* "struct member"s by group and row. */
};

void nb_index_init(struct nb_index *);
void nb_index_destroy(struct nb_index *);

/* Indexes 'column' of 'table' from now on, with the rows there are: O(rows).
 * No effect if it is indexed already.  Both must outlive the index. */
void nb_index_add(struct nb_index *, const struct ovsdb_table *table,
                  const struct ovsdb_column *column);

/* Adds every column that columns.h marks INDEXED. */
void nb_index_add_listed(struct nb_index *);

/* Takes note of a change of a row; 'old' or 'new' may be NULL. */
void nb_index_change(struct nb_index *, const struct ovsdb_row *old,
                     const struct ovsdb_row *new);

/* Whether rows can be found by 'value' of 'column': the column is indexed, and
 * the value is one that is. */
bool nb_index_can_find(const struct nb_index *, const struct ovsdb_table *,
                       const struct ovsdb_column *column,
                       const union ovsdb_atom *value);

/* The rows that have 'value' in 'column', of those that were found while it
 * was indexed.  The array is good until the next change. */
struct nb_rows nb_index_find(const struct nb_index *,
                             const struct ovsdb_column *column,
                             const union ovsdb_atom *value);
struct nb_rows nb_index_find_string(const struct nb_index *, enum nb_column,
                                    const char *);
struct nb_rows nb_index_find_uuid(const struct nb_index *, enum nb_column,
                                  const struct uuid *);
struct nb_rows nb_index_find_integer(const struct nb_index *, enum nb_column,
                                     int64_t);

#endif /* nb/index.h */
