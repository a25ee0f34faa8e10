/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Columns of rows in a transaction.  See nbctl-row.h. */

#include <config.h>

#include "nbctl-row.h"

#include "bitmap.h"
#include "lib/nb-rules.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "timeval.h"

bool
row_is_written(const struct ovsdb_idl_row *row,
               const struct ovsdb_idl_column *column)
{
    return row->written && bitmap_is_set(row->written,
                                         column - row->table->class_->columns);
}

bool
row_is_changed(const struct ovsdb_idl_row *row)
{
    const struct ovsdb_idl_table_class *class = row->table->class_;
    size_t i;

    BITMAP_FOR_EACH_1 (i, class->n_columns, row->written) {
        if (!ovsdb_datum_equals(&row->old_datum[i], &row->new_datum[i],
                                &class->columns[i].type)) {
            return true;
        }
    }
    return false;
}

const union ovsdb_atom *
row_read_atom(const struct ovsdb_idl_row *row,
              const struct ovsdb_idl_column *column)
{
    size_t index = column - row->table->class_->columns;

    return (row->new_datum ? ovsdb_idl_read(row, column)->keys
            : row->old_datum[index].keys);
}

const struct ovsdb_datum *
row_read_old(const struct ovsdb_idl_row *row,
             const struct ovsdb_idl_column *column)
{
    return (row->old_datum
            ? &row->old_datum[column - row->table->class_->columns] : NULL);
}

void
row_write_atom(const struct ovsdb_idl_row *row,
               const struct ovsdb_idl_column *column, union ovsdb_atom *atom)
{
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    ovsdb_datum_add_unsafe(&datum, atom, NULL, &column->type, NULL);
    ovsdb_atom_destroy(atom, column->type.key.type);
    ovsdb_idl_txn_write(row, column, &datum);
}

void
row_write_integer(const struct ovsdb_idl_row *row,
                  const struct ovsdb_idl_column *column, int64_t integer)
{
    row_write_atom(row, column, &(union ovsdb_atom) { .integer = integer });
}

void
row_write_string(const struct ovsdb_idl_row *row,
                 const struct ovsdb_idl_column *column, const char *string)
{
    row_write_atom(row, column, &(union ovsdb_atom) {
        .s = ovsdb_atom_string_create(string) });
}

void
row_write_now(const struct ovsdb_idl_row *row,
              const struct ovsdb_idl_column *column)
{
    char now[NB_TIME_SIZE];

    nb_time_to_string(time_wall(), now);
    row_write_string(row, column, now);
}
