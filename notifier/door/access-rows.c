/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Whose rows an operation touches: a row is the client's if a column that the
 * permission's "authorization" lists is its identity.  An element of that is
 * "COLUMN", or "COLUMN:KEY" in a map, or "", which makes every row
 * everybody's.
 *
 * Errors: what cannot be told is not the client's. */

#include <config.h>

#include "door/access-private.h"

#include "coverage.h"
#include "nb/index.h"
#include "nb/layout.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb-data.h"
#include "ovsdb-error.h"
#include "ovsdb/column.h"
#include "ovsdb/condition.h"
#include "ovsdb/ovsdb-util.h"
#include "ovsdb/query.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"
#include "util.h"
#include "uuid.h"

COVERAGE_DEFINE(door_access_scan);

/* The permission's "authorization". */
static const struct ovsdb_datum *
get_authorization(const struct access_operation *op)
{
    return ovsdb_util_get_datum(CONST_CAST(struct ovsdb_row *, op->permission),
                                "authorization", OVSDB_TYPE_STRING,
                                OVSDB_TYPE_VOID, UINT_MAX);
}

/* Elements are sorted, so that "" is the first. */
static bool
is_everybodys(const struct ovsdb_datum *authorization)
{
    return (authorization->n
            && !json_string(authorization->keys[0].s)[0]);
}

/* The column, a string or an optional string, that authorizes by itself, or
 * NULL if there is no such or it is not alone. */
static const struct ovsdb_column *
get_only_column(const struct access_operation *op,
                const struct ovsdb_datum *authorization)
{
    const struct ovsdb_column *column;

    if (authorization->n != 1) {
        return NULL;
    }
    column = ovsdb_table_schema_get_column(
        op->table->schema, json_string(authorization->keys[0].s));
    return (column && column->type.key.type == OVSDB_TYPE_STRING
            && column->type.value.type == OVSDB_TYPE_VOID
            && column->type.n_max == 1 ? column : NULL);
}

/* Whether 'datum', of 'column', is 'identity', or has it under 'key' if that
 * is not NULL. */
static bool
datum_is(const struct ovsdb_datum *datum, const struct ovsdb_column *column,
         const char *key, const char *identity)
{
    const struct ovsdb_type *type = &column->type;

    if (type->key.type != OVSDB_TYPE_STRING
        || type->value.type != (key ? OVSDB_TYPE_STRING : OVSDB_TYPE_VOID)
        || (!key && type->n_max != 1)) {
        return false;
    }
    for (size_t i = 0; i < datum->n; i++) {
        const union ovsdb_atom *atom = key ? &datum->values[i]
                                           : &datum->keys[i];

        if ((!key || !strcmp(json_string(datum->keys[i].s), key))
            && !strcmp(json_string(atom->s), identity)) {
            return true;
        }
    }
    return false;
}

/* Likewise, of a value in an operation. */
static bool
json_is(const struct json *json, const struct ovsdb_column *column,
        const char *key, const char *identity)
{
    struct ovsdb_datum datum;
    struct ovsdb_error *error;
    bool is;

    error = ovsdb_datum_from_json(&datum, &column->type, json, NULL);
    if (error) {
        ovsdb_error_destroy(error);
        return false;
    }
    is = datum_is(&datum, column, key, identity);
    ovsdb_datum_destroy(&datum, &column->type);
    return is;
}

/* Whether a row of the replica or, if that is NULL, of an operation has the
 * identity where 'element' of "authorization" says. */
static bool
element_is(const struct access_check *check, const struct access_operation *op,
           const char *element, const struct ovsdb_row *row,
           const struct json *new)
{
    const char *identity = check->session->identity;
    const char *colon = strchr(element, ':');
    const char *key = colon ? colon + 1 : NULL;
    const struct ovsdb_column *column;
    char *name;

    name = colon ? xmemdup0(element, colon - element) : xstrdup(element);
    column = ovsdb_table_schema_get_column(op->table->schema, name);
    free(name);
    if (!column) {
        return false;
    } else if (row) {
        return datum_is(&row->fields[column->index], column, key, identity);
    } else {
        const struct json *value = shash_find_data(json_object(new),
                                                   column->name);
        return value && json_is(value, column, key, identity);
    }
}

static bool
is_own(const struct access_check *check, const struct access_operation *op,
       const struct ovsdb_row *row, const struct json *new)
{
    const struct ovsdb_datum *authorization = get_authorization(op);

    for (size_t i = 0; i < authorization->n; i++) {
        if (element_is(check, op, json_string(authorization->keys[i].s),
                       row, new)) {
            return true;
        }
    }
    return false;
}

/* Whether the client can have rows of the operation's table at all. */
static bool
can_own(const struct access_check *check, const struct access_operation *op,
        const struct ovsdb_datum *authorization)
{
    return (authorization && op->table && check->session->identity
            && check->session->identity[0]);
}

bool
access_owns_new_row(const struct access_check *check,
                    const struct access_operation *op, const struct json *row)
{
    const struct ovsdb_datum *authorization = get_authorization(op);

    if (check->session->tables_only) {
        return true;
    }
    return (can_own(check, op, authorization)
            && (is_everybodys(authorization)
                || is_own(check, op, NULL, row)));
}

/* Rows that a condition matches. */

struct search {
    const struct access_check *check;
    const struct access_operation *op;
    bool all_own;
};

static bool
look_at_row(const struct ovsdb_row *row, void *search_)
{
    struct search *search = search_;

    search->all_own = is_own(search->check, search->op, row, NULL);
    return search->all_own;
}

/* Puts into '*rows' all rows that a "==" 'clause' matches, and maybe others;
 * returns false if the index does not tell.  It has no empty values. */
static bool
find_by_clause(const struct access_check *check,
               const struct ovsdb_table *table,
               const struct ovsdb_clause *clause, struct nb_rows *rows)
{
    const union ovsdb_atom *atom = clause->arg.keys;

    if (clause->arg.n != 1
        || !nb_index_can_find(check->index, table, clause->column, atom)) {
        return false;
    }
    *rows = nb_index_find(check->index, clause->column, atom);
    return true;
}

static void
look_at_candidates(const struct nb_rows *rows,
                   const struct ovsdb_condition *condition,
                   struct search *search)
{
    for (size_t i = 0; i < rows->n && search->all_own; i++) {
        const struct ovsdb_row *row = nb_row_to_ovsdb(rows->rows[i]);

        if (ovsdb_condition_match_every_clause(row, condition)) {
            look_at_row(row, search);
        }
    }
}

/* Looks at the rows that match 'condition', by way of the first clause that
 * finds them quickly.  ovsdb_query() does so if that is the first of all. */
static bool
owns_matches(const struct access_check *check,
             const struct access_operation *op,
             const struct ovsdb_condition *condition)
{
    struct search search = { check, op, true };

    for (size_t i = 0; i < condition->n_clauses; i++) {
        const struct ovsdb_clause *clause = &condition->clauses[i];
        struct nb_rows rows;

        if (clause->function == OVSDB_F_FALSE) {
            return true;
        } else if (clause->function != OVSDB_F_EQ) {
            continue;
        } else if (clause->column->index == OVSDB_COL_UUID) {
            const struct ovsdb_row *row = ovsdb_table_get_row(
                op->table, &clause->arg.keys[0].uuid);

            return (!row || !ovsdb_condition_match_every_clause(row, condition)
                    || look_at_row(row, &search));
        } else if (check->index && find_by_clause(check, op->table, clause,
                                                 &rows)) {
            look_at_candidates(&rows, condition, &search);
            return search.all_own;
        }
    }
    COVERAGE_INC(door_access_scan);
    ovsdb_query(op->table, condition, look_at_row, &search);
    return search.all_own;
}

/* Whether 'where' says itself that 'column' is the identity. */
static bool
has_clause(const struct json *where, const struct ovsdb_column *column,
           const char *identity)
{
    for (size_t i = 0; i < where->array.n; i++) {
        const struct json *clause = where->array.elems[i];

        if (clause->type == JSON_ARRAY && clause->array.n == 3
            && clause->array.elems[0]->type == JSON_STRING
            && !strcmp(json_string(clause->array.elems[0]), column->name)
            && clause->array.elems[1]->type == JSON_STRING
            && !strcmp(json_string(clause->array.elems[1]), "==")
            && clause->array.elems[2]->type == JSON_STRING
            && !strcmp(json_string(clause->array.elems[2]), identity)) {
            return true;
        }
    }
    return false;
}

/* A 'where' that is wrong in the replica's schema can be right in the
 * server's; then the clause that we add is what protects others' rows. */
bool
access_owns_rows(const struct access_check *check,
                 const struct access_operation *op, struct json *where)
{
    const struct ovsdb_datum *authorization = get_authorization(op);
    const char *identity = check->session->identity;
    const struct ovsdb_column *column;
    struct ovsdb_condition condition;
    struct ovsdb_error *error;
    bool owns;

    if (check->session->tables_only) {
        return true;
    } else if (!can_own(check, op, authorization)) {
        return false;
    } else if (is_everybodys(authorization)) {
        return true;
    }
    column = get_only_column(op, authorization);
    if (column && has_clause(where, column, identity)) {
        return true;
    }
    error = ovsdb_condition_from_json(op->table->schema, where, check->symtab,
                                      &condition);
    if (error) {
        ovsdb_error_destroy(error);
        owns = column != NULL;
    } else {
        owns = owns_matches(check, op, &condition);
        ovsdb_condition_destroy(&condition);
    }
    if (owns && column) {
        json_array_add(where, json_array_create_3(
                                  json_string_create(column->name),
                                  json_string_create("=="),
                                  json_string_create(identity)));
    }
    return owns;
}
