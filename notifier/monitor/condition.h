/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_CONDITION_H
#define MONITOR_CONDITION_H 1

/* Which rows of a table a client asks for (ovsdb-server(7), section 4.1.12):
 * those for which any of a list of clauses is true.
 *
 * There are three kinds.  MON_COND_EQUALS, clauses that a column's value is
 * this or that and nothing else, is the one that thousands of clients have,
 * and the one that is fast: its clauses are looked up by value, from a row
 * (table.h) and to rows (rows.h).  What has another operator in it is
 * MON_COND_GENERAL and has to be evaluated row by row.
 *
 * One thread. */

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "ovsdb-data.h"
#include "ovsdb/condition.h"

struct ds;
struct json;
struct mon_view;
struct ovsdb_column;
struct ovsdb_row;
struct ovsdb_table_schema;

/* Clauses of a MON_COND_GENERAL: each is evaluated for every row. */
#define MON_MAX_GENERAL_CLAUSES 256

enum mon_condition_kind {
    MON_COND_ALL,
    MON_COND_EQUALS,            /* None of them: no row. */
    MON_COND_GENERAL,
};

/* "column == value". */
struct mon_clause {
    struct hmap_node node;      /* In struct mon_condition. */
    struct mon_asked_value *asked; /* Of struct mon_table, if registered. */
    struct ovs_list asked_node; /* In 'asked'. */
    struct mon_view *view;      /* Likewise. */
    const struct ovsdb_column *column;
    struct ovsdb_datum value;
};

struct mon_condition {
    enum mon_condition_kind kind;

    /* MON_COND_EQUALS: no two clauses are the same; the columns that are in
     * one, by index. */
    struct hmap clauses;
    const struct ovsdb_column **columns;
    size_t n_columns;

    struct ovsdb_condition general; /* MON_COND_GENERAL. */
};

/* Fills 'condition' from JSON; NULL: all rows.  If it fails, returns an error
 * as ovsdb-server would give it, and there is nothing to destroy. */
struct ovsdb_error *mon_condition_from_json(
    struct mon_condition *condition, const struct ovsdb_table_schema *,
    const struct json *) OVS_WARN_UNUSED_RESULT;
void mon_condition_destroy(struct mon_condition *);
void mon_condition_swap(struct mon_condition *, struct mon_condition *);

bool mon_condition_match(const struct mon_condition *,
                         const struct ovsdb_row *);

/* Whether one of the clauses is 'column' == 'value'. */
bool mon_condition_has(const struct mon_condition *,
                       const struct ovsdb_column *column,
                       const struct ovsdb_datum *value);

/* Whether two conditions, of one table, are the same. */
bool mon_condition_equals(const struct mon_condition *,
                          const struct mon_condition *);

/* What clauses with a column and a value are found by. */
uint32_t mon_clause_hash(const struct ovsdb_column *,
                         const struct ovsdb_datum *);

/* Appends why 'row' matches, or, if it is NULL, the condition, for people. */
void mon_condition_format(const struct mon_condition *,
                          const struct ovsdb_row *, struct ds *);

#endif /* monitor/condition.h */
