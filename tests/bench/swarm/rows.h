/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SWARM_ROWS_H
#define SWARM_ROWS_H 1

/* Rows of a replica, small: of each value only a hash is kept, which is enough
 * to know whether two replicas are the same.
 *
 * A value that is its type's default has hash 0, so that it is the same
 * whether a server sends it or leaves it out.  The hash of a set or map is the
 * sum of its elements', which are kept beside, because a server sends what
 * differs. */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cursor.h"
#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"

#define ROW_MAX_COLUMNS 10
#define ROW_NO_HOST UINT_MAX

struct row_column {
    const char *name;
    bool composite;             /* A set or a map of many. */
};

struct row_table {
    const char *name;
    size_t n_columns;
    struct row_column columns[ROW_MAX_COLUMNS];
};

/* The tables and columns that sluice-agent asks for. */
enum row_table_id {
    ROW_AGENT,
    ROW_HOST,
    ROW_NETWORK,
    ROW_NETWORK_BINDING,
    ROW_PORT,
    ROW_PORT_BINDING,
    ROW_SEGMENT,
    ROW_N_TABLES
};
extern const struct row_table row_tables[ROW_N_TABLES];

struct row {
    struct hmap_node hmap_node; /* By 'uuid'. */
    struct uuid uuid;
    unsigned int host;          /* I if column "host" is "hvI"; else none. */
    uint8_t table;              /* enum row_table_id. */
    uint8_t seen;               /* For the caller. */
    struct row_elements *elements; /* Of sets and maps; NULL if none. */
    uint32_t values[];          /* A hash for each column of the table. */
};

/* Returns the number of the table called 'name', ROW_N_TABLES if it is
 * none. */
enum row_table_id row_table_by_name(struct span name);

struct row *row_create(enum row_table_id, const struct uuid *);
void row_destroy(struct row *);

/* Finds the row in 'rows'; NULL if it is not there. */
struct row *row_find(const struct hmap *rows, const struct uuid *);

/* Empties 'rows'. */
void row_clear(struct hmap *rows);

/* Takes the columns at 'c', a JSON object, into the row.  With 'diff' sets and
 * maps are the differences that "modify" of "update2" carries.  'c' goes bad
 * if there is a column that the table does not have. */
void row_read(struct row *, struct cursor *c, bool diff);

/* Returns the name of a column in which two rows of one table differ, NULL if
 * there is none. */
const char *row_differs(const struct row *, const struct row *);

#endif /* rows.h */
