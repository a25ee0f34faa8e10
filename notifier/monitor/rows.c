/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See rows.h. */

#include <config.h>

#include "monitor/rows.h"

#include "coverage.h"
#include "monitor/condition.h"
#include "monitor/table.h"
#include "nb/index.h"
#include "nb/layout.h"
#include "ovsdb/column.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"
#include "util.h"

COVERAGE_DEFINE(mon_table_scan);

struct search {
    const struct mon_condition *condition, *except;
    void (*cb)(const struct ovsdb_row *, void *aux);
    void *aux;
};

static void
found(const struct search *search, const struct ovsdb_row *row)
{
    if (!search->except || !mon_condition_match(search->except, row)) {
        search->cb(row, search->aux);
    }
}

/* Several clauses may ask for a row: it is found by that whose column comes
 * first. */
static bool
is_first_clause(const struct mon_condition *condition,
                const struct mon_clause *clause, const struct ovsdb_row *row)
{
    for (size_t i = 0; condition->columns[i] != clause->column; i++) {
        const struct ovsdb_column *column = condition->columns[i];

        if (mon_condition_has(condition, column,
                              &row->fields[column->index])) {
            return false;
        }
    }
    return true;
}

static void
consider(const struct search *search, const struct mon_clause *clause,
         const struct ovsdb_row *row)
{
    if (ovsdb_datum_equals(&row->fields[clause->column->index],
                           &clause->value, &clause->column->type)
        && is_first_clause(search->condition, clause, row)) {
        found(search, row);
    }
}

static void
scan(const struct ovsdb_table *table, const struct search *search,
     const struct mon_clause *clause)
{
    const struct ovsdb_row *row;

    COVERAGE_INC(mon_table_scan);
    HMAP_FOR_EACH (row, hmap_node, &table->rows) {
        if (clause) {
            consider(search, clause, row);
        } else if (mon_condition_match(search->condition, row)) {
            found(search, row);
        }
    }
}

static void
look_up(struct nb_index *index, const struct ovsdb_table *table,
        const struct mon_clause *clause, const struct search *search)
{
    const struct ovsdb_column *column = clause->column;
    const struct ovsdb_datum *value = &clause->value;

    if (column->index == OVSDB_COL_UUID) {
        const struct ovsdb_row *row
            = ovsdb_table_get_row(table, &value->keys[0].uuid);

        if (row) {
            consider(search, clause, row);
        }
        return;
    }
    /* _version is another in every notifier: it is not worth an index. */
    if (column->index != OVSDB_COL_VERSION) {
        nb_index_add(index, table, column);
    }
    if (!value->n || !nb_index_can_find(index, table, column,
                                        &value->keys[0])) {
        scan(table, search, clause);
        return;
    }
    struct nb_rows rows = nb_index_find(index, column, &value->keys[0]);
    for (size_t i = 0; i < rows.n; i++) {
        consider(search, clause, nb_row_to_ovsdb(rows.rows[i]));
    }
}

void
mon_rows_for_each(struct nb_index *index, const struct mon_table *table,
                  const struct mon_condition *condition,
                  const struct mon_condition *except,
                  void (*cb)(const struct ovsdb_row *, void *aux), void *aux)
{
    const struct search search = { condition, except, cb, aux };
    const struct mon_clause *clause;

    if (condition->kind != MON_COND_EQUALS) {
        scan(table->table, &search, NULL);
        return;
    }
    HMAP_FOR_EACH (clause, node, &condition->clauses) {
        /* What the other has asked for too is known. */
        if (!except || except->kind != MON_COND_EQUALS
            || !mon_condition_has(except, clause->column, &clause->value)) {
            look_up(index, table->table, clause, &search);
        }
    }
}
