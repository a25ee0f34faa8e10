/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See db.h. */

#include <config.h>

#include "monitor/db.h"

#include <stdlib.h>

#include "coverage.h"
#include "hash.h"
#include "monitor/monitor.h"
#include "monitor/table.h"
#include "monitor/version.h"
#include "monitor/view.h"
#include "openvswitch/shash.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"
#include "util.h"

COVERAGE_DEFINE(mon_change);
COVERAGE_DEFINE(mon_concerned);

/* The rows that are there, for example those of the same database before it
 * got a newer schema. */
static void
add_present(struct mon_db *db)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &db->ovsdb->tables) {
        const struct ovsdb_table *table = node->data;
        const struct ovsdb_row *row;

        HMAP_FOR_EACH (row, hmap_node, &table->rows) {
            mon_state_add(&db->state, row);
        }
    }
}

struct mon_db *
mon_db_create(struct ovsdb *ovsdb, struct nb_index *index, bool states,
              size_t history)
{
    struct mon_db *db = xzalloc(sizeof *db);

    db->ovsdb = ovsdb;
    db->index = index;
    hmap_init(&db->tables);
    mon_shapes_init(&db->shapes);
    db->has_states = states;
    mon_history_init(&db->history, states ? history : 0);
    ovs_list_init(&db->due);
    if (states) {
        add_present(db);
    }
    return db;
}

void
mon_db_destroy(struct mon_db *db)
{
    struct mon_table *table;

    if (db) {
        HMAP_FOR_EACH_POP (table, node, &db->tables) {
            mon_table_destroy(table);
        }
        hmap_destroy(&db->tables);
        mon_shapes_destroy(&db->shapes);
        mon_history_destroy(&db->history);
        free(db);
    }
}

static struct mon_table *
find_table(const struct mon_db *db, const struct ovsdb_table *ovsdb_table)
{
    struct mon_table *table;

    HMAP_FOR_EACH_WITH_HASH (table, node, hash_pointer(ovsdb_table, 0),
                             &db->tables) {
        if (table->table == ovsdb_table) {
            return table;
        }
    }
    return NULL;
}

struct mon_table *
mon_db_table(struct mon_db *db, const char *name)
{
    const struct ovsdb_table *ovsdb_table = ovsdb_get_table(db->ovsdb, name);
    struct mon_table *table;

    if (!ovsdb_table) {
        return NULL;
    }
    table = find_table(db, ovsdb_table);
    if (!table) {
        table = mon_table_create(ovsdb_table);
        hmap_insert(&db->tables, &table->node, hash_pointer(ovsdb_table, 0));
    }
    return table;
}

struct change {
    struct mon_version *old;
    const struct ovsdb_row *new;
};

static void
concerned(struct mon_view *view, void *change_)
{
    const struct change *change = change_;
    struct monitor *monitor = view->monitor;

    COVERAGE_INC(mon_concerned);
    if (!mon_view_changed(view, change->old, change->new)) {
        if (!monitor_n_due(monitor)) {
            ovs_list_remove(&monitor->due_node);
            ovs_list_init(&monitor->due_node);
        }
    } else if (ovs_list_is_empty(&monitor->due_node)) {
        ovs_list_push_back(&monitor->db->due, &monitor->due_node);
    }
}

void
mon_db_change(struct mon_db *db, const struct ovsdb_row *old,
              const struct ovsdb_row *new)
{
    const struct ovsdb_row *row = new ? new : old;
    struct mon_version *version;
    struct mon_table *table;

    COVERAGE_INC(mon_change);
    if (db->has_states) {
        if (old) {
            mon_state_remove(&db->state, old);
        }
        if (new) {
            mon_state_add(&db->state, new);
        }
    }
    if (!db->loaded) {
        return;                 /* Nobody can have seen it. */
    }
    version = mon_version_create(row->table, ovsdb_row_get_uuid(row), old);
    mon_history_add(&db->history, version, new);
    table = find_table(db, row->table);
    db->n_changes++;
    if (table) {
        struct change change = { version, new };

        table->n_changes++;
        mon_table_for_each_concerned(table, old, new, db->n_changes,
                                     concerned, &change);
    }
    mon_version_unref(version);
}

void
mon_db_commit(struct mon_db *db)
{
    db->n_commits++;
    db->loaded = true;
    if (db->has_states) {
        db->state_id = mon_state_id(&db->state);
        mon_history_commit(&db->history, &db->state_id);
    }
}

size_t
mon_db_n_history(const struct mon_db *db)
{
    return db->history.head - db->history.tail;
}
