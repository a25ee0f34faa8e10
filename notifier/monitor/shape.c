/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See shape.h. */

#include <config.h>

#include "monitor/shape.h"

#include <stdlib.h>

#include "hash.h"
#include "ovsdb/column.h"
#include "util.h"

void
mon_shapes_init(struct mon_shapes *shapes)
{
    hmap_init(&shapes->shapes);
    shapes->next_serial = 0;
}

/* Views have given back theirs. */
void
mon_shapes_destroy(struct mon_shapes *shapes)
{
    ovs_assert(hmap_is_empty(&shapes->shapes));
    hmap_destroy(&shapes->shapes);
}

static int
compare_columns(const void *a_, const void *b_)
{
    const struct mon_shape_column *a = a_;
    const struct mon_shape_column *b = b_;

    return (a->column->index > b->column->index)
            - (a->column->index < b->column->index);
}

static uint32_t
shape_hash(const struct ovsdb_table *table, unsigned int select,
           const struct mon_shape_column *columns, size_t n_columns)
{
    uint32_t hash = hash_pointer(table, select);

    for (size_t i = 0; i < n_columns; i++) {
        hash = hash_2words(hash, columns[i].column->index);
        hash = hash_2words(hash, columns[i].select);
    }
    return hash;
}

static bool
has_columns(const struct mon_shape *shape,
            const struct mon_shape_column *columns, size_t n_columns)
{
    if (shape->n_columns != n_columns) {
        return false;
    }
    for (size_t i = 0; i < n_columns; i++) {
        if (shape->columns[i].column != columns[i].column
            || shape->columns[i].select != columns[i].select) {
            return false;
        }
    }
    return true;
}

struct mon_shape *
mon_shape_get(struct mon_shapes *shapes, const struct ovsdb_table *table,
              unsigned int select, struct mon_shape_column *columns,
              size_t n_columns)
{
    struct mon_shape *shape;
    uint32_t hash;

    if (n_columns) {
        qsort(columns, n_columns, sizeof *columns, compare_columns);
    }
    hash = shape_hash(table, select, columns, n_columns);
    HMAP_FOR_EACH_WITH_HASH (shape, node, hash, &shapes->shapes) {
        if (shape->table == table && shape->select == select
            && has_columns(shape, columns, n_columns)) {
            free(columns);
            shape->n_refs++;
            return shape;
        }
    }
    shape = xmalloc(sizeof *shape);
    shape->n_refs = 1;
    shape->serial = shapes->next_serial++;
    shape->table = table;
    shape->select = select;
    shape->columns = columns;
    shape->n_columns = n_columns;
    hmap_insert(&shapes->shapes, &shape->node, hash);
    return shape;
}

void
mon_shape_unref(struct mon_shapes *shapes, struct mon_shape *shape)
{
    if (shape && !--shape->n_refs) {
        hmap_remove(&shapes->shapes, &shape->node);
        free(shape->columns);
        free(shape);
    }
}
