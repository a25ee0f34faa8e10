/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Nothing here fails but nb_layout_check(). */

#include <config.h>

#include "nb/layout.h"

#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "ovsdb/column.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/table.h"
#include "util.h"

const struct nb_column_info nb_columns[NB_N_COLUMNS] = {
#define NB_COLUMN(TABLE, COLUMN, NAME, TYPE, INDEXED) \
    { NB_##TABLE, NAME, NB_TYPE_##TYPE, INDEXED },
    NB_COLUMNS
#undef NB_COLUMN
};

const char *const nb_table_names[NB_N_TABLES] = {
#define NB_TABLE(TABLE, NAME) NAME,
    NB_TABLES
#undef NB_TABLE
};

static struct ovsdb_table *tables[NB_N_TABLES];
static const struct ovsdb_column *columns[NB_N_COLUMNS];

static bool
type_matches(enum nb_type want, const struct ovsdb_type *type)
{
    enum ovsdb_atomic_type key = type->key.type;
    bool map = ovsdb_type_is_map(type);
    bool one = ovsdb_type_is_scalar(type);

    switch (want) {
    case NB_TYPE_BOOLEAN: return one && key == OVSDB_TYPE_BOOLEAN;
    case NB_TYPE_INTEGER: return one && key == OVSDB_TYPE_INTEGER;
    case NB_TYPE_STRING: return one && key == OVSDB_TYPE_STRING;
    case NB_TYPE_UUID: return one && key == OVSDB_TYPE_UUID;
    case NB_TYPE_REF:
        return !map && type->n_max == 1 && key == OVSDB_TYPE_UUID;
    case NB_TYPE_STRINGS: return !map && key == OVSDB_TYPE_STRING;
    case NB_TYPE_REFS: return !map && key == OVSDB_TYPE_UUID;
    case NB_TYPE_MAP:
        return (map && key == OVSDB_TYPE_STRING
                && type->value.type == OVSDB_TYPE_STRING);
    }
    OVS_NOT_REACHED();
}

char *
nb_layout_check(const struct ovsdb_schema *schema)
{
    struct ds lacks = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < NB_N_COLUMNS; i++) {
        const struct nb_column_info *info = &nb_columns[i];
        const char *table_name = nb_table_names[info->table];
        const struct ovsdb_table_schema *table
            = shash_find_data(&schema->tables, table_name);
        const struct ovsdb_column *column
            = table ? shash_find_data(&table->columns, info->name) : NULL;

        if (!column) {
            ds_put_format(&lacks, "%s%s:%s", lacks.length ? ", " : "",
                          table_name, info->name);
        } else if (!type_matches(info->type, &column->type)) {
            ds_put_format(&lacks, "%s%s:%s (of another type)",
                          lacks.length ? ", " : "", table_name, info->name);
        }
    }
    if (!lacks.length) {
        ds_destroy(&lacks);
        return NULL;
    }
    char *message = xasprintf(
        "the database's schema %s %s lacks %s: bring it up to date with "
        "\"ovsdb-client convert\"", schema->name, schema->version,
        ds_cstr(&lacks));
    ds_destroy(&lacks);
    return message;
}

static void
relax_type(struct ovsdb_base_type *base)
{
    enum ovsdb_atomic_type type = base->type;

    ovsdb_base_type_destroy(base);
    ovsdb_base_type_init(base, type);
}

void
nb_layout_relax(struct ovsdb_schema *schema)
{
    const struct shash_node *i, *j;

    SHASH_FOR_EACH (i, &schema->tables) {
        struct ovsdb_table_schema *table = i->data;

        table->is_root = true;
        SHASH_FOR_EACH (j, &table->columns) {
            struct ovsdb_column *column = j->data;

            relax_type(&column->type.key);
            relax_type(&column->type.value);
        }
    }
}

void
nb_layout_set(const struct ovsdb *db)
{
    for (size_t i = 0; i < NB_N_TABLES; i++) {
        tables[i] = ovsdb_get_table(db, nb_table_names[i]);
    }
    for (size_t i = 0; i < NB_N_COLUMNS; i++) {
        columns[i] = ovsdb_table_schema_get_column(
            tables[nb_columns[i].table]->schema, nb_columns[i].name);
    }
}

struct ovsdb_table *
nb_layout_table(enum nb_table table)
{
    return tables[table];
}

const struct ovsdb_column *
nb_layout_column(enum nb_column column)
{
    return columns[column];
}

bool
nb_layout_row_table(const struct ovsdb_row *row, enum nb_table *tablep)
{
    for (size_t i = 0; i < NB_N_TABLES; i++) {
        if (row->table == tables[i]) {
            *tablep = i;
            return true;
        }
    }
    return false;
}

const struct ovsdb_datum *
nb_datum(const struct ovsdb_row *row, enum nb_column column)
{
    ovs_assert(row->table == tables[nb_columns[column].table]);
    return &row->fields[columns[column]->index];
}
