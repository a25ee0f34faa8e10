/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Rows are those of Open vSwitch's ovsdb/row.h; see layout.h for where a
 * column is in one.  There are no errors, only bugs. */

#include <config.h>

#include "nb/row.h"

#include "nb/layout.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb/column.h"
#include "ovsdb/table.h"
#include "util.h"

static const struct ovsdb_datum *
datum(const struct nb_row *row, enum nb_column column)
{
    return nb_datum(nb_row_to_ovsdb(row), column);
}

/* The datum of a column that is one of two types. */
static const struct ovsdb_datum *
typed_datum(const struct nb_row *row, enum nb_column column,
            enum nb_type a, enum nb_type b)
{
    enum nb_type type = nb_columns[column].type;

    ovs_assert(type == a || type == b);
    return datum(row, column);
}

enum nb_table
nb_row_table(const struct nb_row *row)
{
    enum nb_table table;

    if (!nb_layout_row_table(nb_row_to_ovsdb(row), &table)) {
        OVS_NOT_REACHED();
    }
    return table;
}

const struct uuid *
nb_row_id(const struct nb_row *row)
{
    return ovsdb_row_get_uuid(nb_row_to_ovsdb(row));
}

bool
nb_row_bool(const struct nb_row *row, enum nb_column column)
{
    return typed_datum(row, column, NB_TYPE_BOOLEAN,
                       NB_TYPE_BOOLEAN)->keys[0].boolean;
}

int64_t
nb_row_integer(const struct nb_row *row, enum nb_column column)
{
    return typed_datum(row, column, NB_TYPE_INTEGER,
                       NB_TYPE_INTEGER)->keys[0].integer;
}

const char *
nb_row_string(const struct nb_row *row, enum nb_column column)
{
    return json_string(typed_datum(row, column, NB_TYPE_STRING,
                                   NB_TYPE_STRING)->keys[0].s);
}

struct uuid
nb_row_uuid(const struct nb_row *row, enum nb_column column)
{
    const struct ovsdb_datum *d = typed_datum(row, column, NB_TYPE_UUID,
                                              NB_TYPE_REF);
    return d->n ? d->keys[0].uuid : UUID_ZERO;
}

size_t
nb_row_n(const struct nb_row *row, enum nb_column column)
{
    return datum(row, column)->n;
}

const char *
nb_row_key(const struct nb_row *row, enum nb_column column, size_t i)
{
    const struct ovsdb_datum *d = typed_datum(row, column, NB_TYPE_STRINGS,
                                              NB_TYPE_MAP);
    ovs_assert(i < d->n);
    return json_string(d->keys[i].s);
}

const char *
nb_row_value(const struct nb_row *row, enum nb_column column, size_t i)
{
    const struct ovsdb_datum *d = typed_datum(row, column, NB_TYPE_MAP,
                                              NB_TYPE_MAP);
    ovs_assert(i < d->n);
    return json_string(d->values[i].s);
}

const struct uuid *
nb_row_ref(const struct nb_row *row, enum nb_column column, size_t i)
{
    const struct ovsdb_datum *d = typed_datum(row, column, NB_TYPE_REFS,
                                              NB_TYPE_REF);
    ovs_assert(i < d->n);
    return &d->keys[i].uuid;
}

const char *
nb_row_get(const struct nb_row *row, enum nb_column column, const char *key)
{
    size_t n = nb_row_n(row, column);

    for (size_t i = 0; i < n; i++) {
        if (!strcmp(nb_row_key(row, column, i), key)) {
            return nb_row_value(row, column, i);
        }
    }
    return NULL;
}

bool
nb_row_same(const struct nb_row *a, const struct nb_row *b,
            enum nb_column column)
{
    return ovsdb_datum_equals(datum(a, column), datum(b, column),
                              &nb_layout_column(column)->type);
}

bool
nb_row_differs(const struct nb_row *a_, const struct nb_row *b_,
               enum nb_column except)
{
    const struct ovsdb_row *a = nb_row_to_ovsdb(a_);
    const struct ovsdb_row *b = nb_row_to_ovsdb(b_);
    const struct shash_node *node;

    ovs_assert(a->table == b->table);
    SHASH_FOR_EACH (node, &a->table->schema->columns) {
        const struct ovsdb_column *column = node->data;

        if (column->index != OVSDB_COL_VERSION
            && (except >= NB_N_COLUMNS || column != nb_layout_column(except))
            && !ovsdb_datum_equals(&a->fields[column->index],
                                   &b->fields[column->index],
                                   &column->type)) {
            return true;
        }
    }
    return false;
}
