/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See table.h. */

#include <config.h>

#include "monitor/table.h"

#include <stdlib.h>

#include "coverage.h"
#include "hash.h"
#include "monitor/condition.h"
#include "monitor/view.h"
#include "ovsdb/column.h"
#include "ovsdb/row.h"
#include "util.h"

COVERAGE_DEFINE(mon_general_evaluated);

/* A column that clauses ask by. */
struct mon_asked_column {
    const struct ovsdb_column *column;
    size_t n_clauses;
};

/* A value that clauses ask for.  Thousands may: agents all ask for the zero
 * UUID.  They are in a list, for the chains of a hash table are searched. */
struct mon_asked_value {
    struct hmap_node node;
    struct ovs_list clauses;    /* "struct mon_clause"s; never empty. */
};

struct mon_table *
mon_table_create(const struct ovsdb_table *ovsdb_table)
{
    struct mon_table *table = xzalloc(sizeof *table);

    table->table = ovsdb_table;
    hmap_init(&table->values);
    ovs_list_init(&table->whole);
    ovs_list_init(&table->general);
    return table;
}

/* No view is registered any more. */
void
mon_table_destroy(struct mon_table *table)
{
    if (table) {
        ovs_assert(hmap_is_empty(&table->values));
        hmap_destroy(&table->values);
        free(table->columns);
        free(table);
    }
}

static struct mon_asked_column *
find_column(struct mon_table *table, const struct ovsdb_column *column)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (table->columns[i].column == column) {
            return &table->columns[i];
        }
    }
    return NULL;
}

static struct mon_asked_value *
find_value(const struct mon_table *table, const struct ovsdb_column *column,
           const struct ovsdb_datum *value)
{
    struct mon_asked_value *asked;

    HMAP_FOR_EACH_WITH_HASH (asked, node, mon_clause_hash(column, value),
                             &table->values) {
        const struct mon_clause *clause = CONTAINER_OF(
            ovs_list_front(&asked->clauses), struct mon_clause, asked_node);

        if (clause->column == column
            && ovsdb_datum_equals(&clause->value, value, &column->type)) {
            return asked;
        }
    }
    return NULL;
}

static void
list_clause(struct mon_table *table, struct mon_clause *clause)
{
    struct mon_asked_value *asked = find_value(table, clause->column,
                                               &clause->value);

    if (!asked) {
        asked = xmalloc(sizeof *asked);
        ovs_list_init(&asked->clauses);
        hmap_insert(&table->values, &asked->node, clause->node.hash);
    }
    clause->asked = asked;
    ovs_list_push_back(&asked->clauses, &clause->asked_node);
}

static void
unlist_clause(struct mon_table *table, struct mon_clause *clause)
{
    ovs_list_remove(&clause->asked_node);
    if (ovs_list_is_empty(&clause->asked->clauses)) {
        hmap_remove(&table->values, &clause->asked->node);
        free(clause->asked);
    }
    clause->asked = NULL;
}

static void
add_clause(struct mon_table *table, struct mon_view *view,
           struct mon_clause *clause)
{
    struct mon_asked_column *asked = find_column(table, clause->column);

    if (!asked) {
        table->columns = xrealloc(table->columns,
                                  ((table->n_columns + 1)
                                   * sizeof *table->columns));
        asked = &table->columns[table->n_columns++];
        *asked = (struct mon_asked_column) { .column = clause->column };
    }
    asked->n_clauses++;
    clause->view = view;
    list_clause(table, clause);
}

static void
remove_clause(struct mon_table *table, struct mon_clause *clause)
{
    struct mon_asked_column *asked = find_column(table, clause->column);

    unlist_clause(table, clause);
    if (!--asked->n_clauses) {
        *asked = table->columns[--table->n_columns];
    }
}

void
mon_table_register(struct mon_table *table, struct mon_view *view,
                   struct mon_condition *condition)
{
    struct mon_clause *clause;

    switch (condition->kind) {
    case MON_COND_ALL:
        ovs_list_push_back(&table->whole, &view->table_node);
        break;
    case MON_COND_GENERAL:
        ovs_list_push_back(&table->general, &view->table_node);
        break;
    case MON_COND_EQUALS:
        HMAP_FOR_EACH (clause, node, &condition->clauses) {
            add_clause(table, view, clause);
        }
        break;
    }
}

void
mon_table_unregister(struct mon_table *table, struct mon_view *view,
                     struct mon_condition *condition)
{
    struct mon_clause *clause;

    switch (condition->kind) {
    case MON_COND_ALL:
    case MON_COND_GENERAL:
        ovs_list_remove(&view->table_node);
        break;
    case MON_COND_EQUALS:
        HMAP_FOR_EACH (clause, node, &condition->clauses) {
            remove_clause(table, clause);
        }
        break;
    }
}

/* A walk over those concerned. */
struct walk {
    uint64_t serial;
    void (*cb)(struct mon_view *, void *aux);
    void *aux;
};

static void
visit(const struct walk *walk, struct mon_view *view)
{
    if (view->visited != walk->serial) {
        view->visited = walk->serial;
        walk->cb(view, walk->aux);
    }
}

static void
visit_value(struct mon_table *table, const struct ovsdb_column *column,
            const struct ovsdb_datum *value, const struct walk *walk)
{
    const struct mon_asked_value *asked = find_value(table, column, value);
    struct mon_clause *clause;

    if (asked) {
        LIST_FOR_EACH (clause, asked_node, &asked->clauses) {
            visit(walk, clause->view);
        }
    }
}

static void
visit_column(struct mon_table *table, const struct ovsdb_column *column,
             const struct ovsdb_row *old, const struct ovsdb_row *new,
             const struct walk *walk)
{
    const struct ovsdb_datum *was = old ? &old->fields[column->index] : NULL;
    const struct ovsdb_datum *is = new ? &new->fields[column->index] : NULL;

    if (was) {
        visit_value(table, column, was, walk);
    }
    if (is && !(was && ovsdb_datum_equals(was, is, &column->type))) {
        visit_value(table, column, is, walk);
    }
}

void
mon_table_for_each_concerned(struct mon_table *table,
                             const struct ovsdb_row *old,
                             const struct ovsdb_row *new, uint64_t serial,
                             void (*cb)(struct mon_view *, void *aux),
                             void *aux)
{
    const struct walk walk = { serial, cb, aux };
    struct mon_view *view;

    for (size_t i = 0; i < table->n_columns; i++) {
        visit_column(table, table->columns[i].column, old, new, &walk);
    }
    LIST_FOR_EACH (view, table_node, &table->whole) {
        visit(&walk, view);
    }
    LIST_FOR_EACH (view, table_node, &table->general) {
        COVERAGE_INC(mon_general_evaluated);
        if ((old && mon_condition_match(&view->condition, old))
            || (new && mon_condition_match(&view->condition, new))) {
            visit(&walk, view);
        }
    }
}
