/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Tables for people and programs.  See nbctl-cells.h. */

#include <config.h>

#include "nbctl-cells.h"

#include <stdlib.h>

#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "table.h"
#include "util.h"

static void add_atom(struct table *, union ovsdb_atom *,
                     const struct ovsdb_type *);

struct table *
cells_make_table(struct ctl_context *ctx, const char *const headings[],
                 size_t n_headings)
{
    ctx->table = xmalloc(sizeof *ctx->table);
    table_init(ctx->table);
    for (size_t i = 0; i < n_headings; i++) {
        table_add_column(ctx->table, "%s", headings[i]);
    }
    return ctx->table;
}

void
cells_column(struct table *table, const struct ovsdb_idl_row *row,
             const struct ovsdb_idl_column *column)
{
    struct cell *cell = table_add_cell(table);

    cell->json = ovsdb_datum_to_json(ovsdb_idl_read(row, column),
                                     &column->type);
    cell->type = &column->type;
}

void
cells_uuid(struct table *table, const struct uuid *uuid)
{
    add_atom(table, &(union ovsdb_atom) { .uuid = *uuid }, &ovsdb_type_uuid);
}

void
cells_string(struct table *table, const char *s)
{
    add_atom(table, &(union ovsdb_atom) { .s = ovsdb_atom_string_create(s) },
             &ovsdb_type_string);
}

void
cells_integer(struct table *table, int64_t integer)
{
    add_atom(table, &(union ovsdb_atom) { .integer = integer },
             &ovsdb_type_integer);
}

void
cells_boolean(struct table *table, bool boolean)
{
    add_atom(table, &(union ovsdb_atom) { .boolean = boolean },
             &ovsdb_type_boolean);
}

/* Appends a cell with 'atom' and takes what that points to. */
static void
add_atom(struct table *table, union ovsdb_atom *atom,
         const struct ovsdb_type *type)
{
    struct cell *cell = table_add_cell(table);

    cell->json = ovsdb_atom_to_json(atom, type->key.type);
    cell->type = type;
    ovsdb_atom_destroy(atom, type->key.type);
}

/* A row and what it is sorted by. */
struct sort_key {
    const char *name;
    const struct ovsdb_idl_row *row;
};

static int
compare_keys(const void *a_, const void *b_)
{
    const struct sort_key *a = a_;
    const struct sort_key *b = b_;
    int cmp = strcmp(a->name, b->name);

    return cmp ? cmp : uuid_compare_3way(&a->row->uuid, &b->row->uuid);
}

const struct ovsdb_idl_row **
cells_sort_rows(struct ctl_context *ctx, const struct ovsdb_idl_column *name,
                size_t *n)
{
    const struct ovsdb_idl_table_class *class
        = ovsdb_idl_table_class_from_column(&nbrec_idl_class, name);
    const struct ovsdb_idl_row **rows;
    const struct ovsdb_idl_row *row;
    struct sort_key *keys = NULL;
    size_t allocated = 0;

    *n = 0;
    for (row = ovsdb_idl_first_row(ctx->idl, class); row;
         row = ovsdb_idl_next_row(row)) {
        if (*n >= allocated) {
            keys = x2nrealloc(keys, &allocated, sizeof *keys);
        }
        keys[(*n)++] = (struct sort_key) {
            json_string(ovsdb_idl_read(row, name)->keys[0].s), row };
    }
    if (*n) {
        qsort(keys, *n, sizeof *keys, compare_keys);
    }

    rows = xmalloc(MAX(*n, 1) * sizeof *rows);
    for (size_t i = 0; i < *n; i++) {
        rows[i] = keys[i].row;
    }
    free(keys);
    return rows;
}

void
cells_put_segment(struct ds *out, const struct nbrec_segment *segment)
{
    ds_put_format(out, "    type: %s",
                  segment ? segment->network_type : "local");
    if (segment && segment->segmentation_id) {
        ds_put_format(out, " %"PRId64, segment->segmentation_id);
    }
    if (segment && segment->physical_network[0]) {
        ds_put_format(out, " on %s", segment->physical_network);
    }
    ds_put_char(out, '\n');
}
