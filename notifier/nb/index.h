/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* From a value of an INDEXED column to the rows that have it.
 *
 * A lookup, and a row's coming, going or changing, cost O(1) for each indexed
 * column of the row, however many rows share a value.  Empty strings and
 * empty references are not indexed: nobody looks for them, and most rows may
 * have them.
 *
 * For nb/ alone; others call replica_find(). */

#ifndef NB_INDEX_H
#define NB_INDEX_H 1

#include "nb/replica.h"
#include "openvswitch/hmap.h"

struct json;
struct ovsdb_row;

struct nb_index {
    struct hmap groups;         /* "struct group"s by column and value. */
    struct hmap members;        /* "struct member"s by group and row. */
};

void nb_index_init(struct nb_index *);
void nb_index_destroy(struct nb_index *);

/* Takes note of a change of a row of 'table'; 'old' or 'new' may be NULL. */
void nb_index_change(struct nb_index *, enum nb_table table,
                     const struct ovsdb_row *old,
                     const struct ovsdb_row *new);

struct nb_rows nb_index_find_string(const struct nb_index *, enum nb_column,
                                    const char *);
struct nb_rows nb_index_find_uuid(const struct nb_index *, enum nb_column,
                                  const struct uuid *);

#endif /* nb/index.h */
