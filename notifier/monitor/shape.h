/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_SHAPE_H
#define MONITOR_SHAPE_H 1

/* What a client wants to see of a table's rows: which columns, and of which
 * kinds of changes (RFC 7047 section 4.1.5, <monitor-request>).
 *
 * Clients of one kind ask for the same, so a shape is shared by all who do:
 * what is sent of a row can then be put together once for all of them.
 *
 * One thread.  No errors: a shape is made of what request.c has checked. */

#include <stddef.h>
#include <stdint.h>

#include "openvswitch/hmap.h"

struct ovsdb_column;
struct ovsdb_table;

/* Kinds of changes, as a set. */
enum mon_kind {
    MON_INITIAL = 1 << 0,       /* In the reply to a monitor request. */
    MON_INSERT = 1 << 1,
    MON_DELETE = 1 << 2,
    MON_MODIFY = 1 << 3,
    MON_ALL_KINDS = MON_INITIAL | MON_INSERT | MON_DELETE | MON_MODIFY,
};

struct mon_shape_column {
    const struct ovsdb_column *column;
    unsigned int select;        /* enum mon_kind. */
};

struct mon_shape {
    struct hmap_node node;      /* In struct mon_shapes. */
    unsigned int n_refs;
    uint64_t serial;            /* No other, before or after, has it. */
    const struct ovsdb_table *table;
    unsigned int select;        /* enum mon_kind, of any request. */
    struct mon_shape_column *columns; /* By index. */
    size_t n_columns;
};

struct mon_shapes {
    struct hmap shapes;
    uint64_t next_serial;
};

void mon_shapes_init(struct mon_shapes *);
void mon_shapes_destroy(struct mon_shapes *);

/* Returns a reference to the shape of these; 'columns' is sorted and
 * consumed. */
struct mon_shape *mon_shape_get(struct mon_shapes *,
                                const struct ovsdb_table *,
                                unsigned int select,
                                struct mon_shape_column *columns,
                                size_t n_columns);
void mon_shape_unref(struct mon_shapes *, struct mon_shape *);

#endif /* monitor/shape.h */
