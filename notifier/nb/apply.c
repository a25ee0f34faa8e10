/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Errors are the server's: a row or a column that its own schema does not
 * have, a row that should be there and is not.  The caller asks for
 * everything anew. */

#include <config.h>

#include "nb/apply.h"

#include "openvswitch/hmap.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb-cs.h"
#include "ovsdb-error.h"
#include "ovsdb/column.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"
#include "ovsdb/transaction.h"
#include "util.h"
#include "uuid.h"

/* ovsdb-cs parses a row into its columns; ovsdb/table.h takes JSON.  Borrows
 * 'columns'. */
static struct json
row_as_json(const struct shash *columns)
{
    return (struct json) {
        .type = JSON_OBJECT,
        .count = 1,
        .object = CONST_CAST(struct shash *, columns),
    };
}

/* Makes the row that is in 'table' into what 'json' says in full: a column it
 * does not name has its default value. */
static struct ovsdb_error *
replace_row(struct ovsdb_txn *txn, struct ovsdb_table *table,
            const struct ovsdb_row *row, const struct json *json)
{
    struct ovsdb_row *whole = ovsdb_row_create(table);
    struct ovsdb_row *modified = NULL;
    const struct shash_node *node;
    struct ovsdb_error *error;

    error = ovsdb_row_from_json(whole, json, NULL, NULL);
    SHASH_FOR_EACH (node, &table->schema->columns) {
        const struct ovsdb_column *column = node->data;
        unsigned int i = column->index;

        if (error) {
            break;
        }
        if (i == OVSDB_COL_UUID || i == OVSDB_COL_VERSION
            || ovsdb_datum_equals(&row->fields[i], &whole->fields[i],
                                  &column->type)) {
            continue;
        }
        if (!modified) {
            modified = ovsdb_txn_row_modify(txn, row);
        }
        ovsdb_datum_swap(&modified->fields[i], &whole->fields[i]);
    }
    ovsdb_row_destroy(whole);
    return error;
}

static struct ovsdb_error *
apply_row(struct ovsdb_txn *txn, struct ovsdb_table *table,
          const struct ovsdb_cs_row_update *update)
{
    const struct uuid *id = &update->row_uuid;
    const struct ovsdb_row *row = ovsdb_table_get_row(table, id);
    struct json json = row_as_json(update->columns);

    switch (update->type) {
    case OVSDB_CS_ROW_DELETE:
        return ovsdb_table_execute_delete(txn, id, table);
    case OVSDB_CS_ROW_INSERT:
        return (row
                ? replace_row(txn, table, row, &json)
                : ovsdb_table_execute_insert(txn, id, table, &json));
    case OVSDB_CS_ROW_UPDATE:
        return ovsdb_table_execute_update(txn, id, table, &json, false);
    case OVSDB_CS_ROW_XOR:
        return ovsdb_table_execute_update(txn, id, table, &json, true);
    }
    OVS_NOT_REACHED();
}

static struct ovsdb_error *
apply_rows(struct ovsdb_txn *txn, const struct ovsdb *db,
           const struct ovsdb_cs_db_update *update)
{
    for (size_t i = 0; i < update->n; i++) {
        const struct ovsdb_cs_table_update *tu = &update->table_updates[i];
        struct ovsdb_table *table = ovsdb_get_table(db, tu->table_name);

        if (!table) {
            return ovsdb_error("unknown table", "no table named %s",
                               tu->table_name);
        }
        for (size_t j = 0; j < tu->n; j++) {
            struct ovsdb_error *error = apply_row(txn, table,
                                                  &tu->row_updates[j]);
            if (error) {
                return error;
            }
        }
    }
    return NULL;
}

/* The rows that 'update' names, by UUID alone: no two rows of a database have
 * the same. */
struct named_row {
    struct hmap_node node;
    struct uuid id;
};

static bool
is_named(const struct hmap *names, const struct uuid *id)
{
    struct named_row *name;

    HMAP_FOR_EACH_WITH_HASH (name, node, uuid_hash(id), names) {
        if (uuid_equals(&name->id, id)) {
            return true;
        }
    }
    return false;
}

/* Deletes the rows of 'db' that 'update', which has every row, does not
 * have. */
static void
delete_others(struct ovsdb_txn *txn, const struct ovsdb *db,
              const struct ovsdb_cs_db_update *update)
{
    struct hmap names = HMAP_INITIALIZER(&names);
    const struct shash_node *node;
    struct named_row *name;

    for (size_t i = 0; i < update->n; i++) {
        for (size_t j = 0; j < update->table_updates[i].n; j++) {
            name = xmalloc(sizeof *name);
            name->id = update->table_updates[i].row_updates[j].row_uuid;
            hmap_insert(&names, &name->node, uuid_hash(&name->id));
        }
    }
    SHASH_FOR_EACH (node, &db->tables) {
        struct ovsdb_table *table = node->data;
        struct ovsdb_row *row;

        HMAP_FOR_EACH_SAFE (row, hmap_node, &table->rows) {
            if (!is_named(&names, ovsdb_row_get_uuid(row))) {
                ovsdb_txn_row_delete(txn, row);
            }
        }
    }
    HMAP_FOR_EACH_POP (name, node, &names) {
        free(name);
    }
    hmap_destroy(&names);
}

/* Whether a change changes nothing. */
static bool
is_nothing(const struct ovsdb_row *old, const struct ovsdb_row *new)
{
    const struct shash_node *node;

    if (!old || !new) {
        return false;
    }
    SHASH_FOR_EACH (node, &new->table->schema->columns) {
        const struct ovsdb_column *column = node->data;

        if (!ovsdb_datum_equals(&old->fields[column->index],
                                &new->fields[column->index],
                                &column->type)) {
            return false;
        }
    }
    return true;
}

/* A change of nothing is not noted: the commit takes it back, and 'new'
 * goes. */
static bool
note_change(const struct ovsdb_row *old, const struct ovsdb_row *new,
            const unsigned long int *changed OVS_UNUSED, void *changes_)
{
    struct nb_row_changes *changes = changes_;
    struct nb_row_change *change;

    if (is_nothing(old, new)) {
        return true;
    }
    if (changes->n >= changes->allocated) {
        changes->changes = x2nrealloc(changes->changes, &changes->allocated,
                                      sizeof *changes->changes);
    }
    change = &changes->changes[changes->n++];
    change->old = old ? ovsdb_row_datum_clone(old) : NULL;
    change->new = new;
    return true;
}

struct ovsdb_error *
nb_apply(struct ovsdb *db, const struct ovsdb_cs_update_event *update,
         struct nb_row_changes *changes)
{
    struct ovsdb_cs_db_update *db_update;
    struct ovsdb_error *error;
    struct ovsdb_txn *txn;

    error = ovsdb_cs_parse_db_update(update->table_updates, update->version,
                                     &db_update);
    if (error) {
        return error;
    }
    txn = ovsdb_txn_create(db);
    if (update->clear) {
        delete_others(txn, db, db_update);
    }
    error = apply_rows(txn, db, db_update);
    ovsdb_cs_db_update_destroy(db_update);
    if (error) {
        ovsdb_txn_abort(txn);
        return error;
    }

    /* The commit frees the old rows, so they are copied before (a copy shares
     * the values). */
    ovsdb_txn_for_each_change(txn, note_change, changes);
    ovsdb_txn_set_txnid(&update->last_id, txn);
    error = ovsdb_txn_replay_commit(txn);
    if (error) {
        nb_row_changes_destroy(changes);
    }
    return error;
}

void
nb_row_changes_destroy(struct nb_row_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        ovsdb_row_destroy(changes->changes[i].old);
    }
    free(changes->changes);
    *changes = (struct nb_row_changes) { NULL, 0, 0 };
}
