/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See condition.h.  Parsing and all operators but "==" are Open vSwitch's
 * ovsdb/condition.h. */

#include <config.h>

#include "monitor/condition.h"

#include <string.h>

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "ovsdb/column.h"
#include "ovsdb/row.h"
#include "random.h"
#include "util.h"

/* So many clauses are shown to people. */
#define MAX_SHOWN 5

/* Open vSwitch's own hashes look at 32 bits of an integer and of a UUID. */
static uint32_t
hash_atom(const union ovsdb_atom *atom, enum ovsdb_atomic_type type,
          uint32_t basis)
{
    switch (type) {
    case OVSDB_TYPE_INTEGER:
        return hash_bytes(&atom->integer, sizeof atom->integer, basis);
    case OVSDB_TYPE_UUID:
        return hash_bytes(&atom->uuid, sizeof atom->uuid, basis);
    case OVSDB_TYPE_VOID:
    case OVSDB_TYPE_REAL:
    case OVSDB_TYPE_BOOLEAN:
    case OVSDB_TYPE_STRING:
    case OVSDB_N_TYPES:
    default:
        return ovsdb_atom_hash(atom, type, basis);
    }
}

/* With a basis that nobody knows: a client that could choose values of one
 * hash could have us search long lists. */
uint32_t
mon_clause_hash(const struct ovsdb_column *column,
                const struct ovsdb_datum *value)
{
    bool map = ovsdb_type_is_map(&column->type);
    static uint32_t secret;
    uint32_t hash;

    if (!secret) {
        secret = random_uint32() | 1;
    }
    hash = hash_2words(secret, column->index);
    for (size_t i = 0; i < value->n; i++) {
        hash = hash_atom(&value->keys[i], column->type.key.type, hash);
        if (map) {
            hash = hash_atom(&value->values[i], column->type.value.type,
                             hash);
        }
    }
    return hash;
}

static const struct mon_clause *
find(const struct mon_condition *condition, const struct ovsdb_column *column,
     const struct ovsdb_datum *value)
{
    const struct mon_clause *clause;

    HMAP_FOR_EACH_WITH_HASH (clause, node, mon_clause_hash(column, value),
                             &condition->clauses) {
        if (clause->column == column
            && ovsdb_datum_equals(&clause->value, value, &column->type)) {
            return clause;
        }
    }
    return NULL;
}

bool
mon_condition_has(const struct mon_condition *condition,
                  const struct ovsdb_column *column,
                  const struct ovsdb_datum *value)
{
    return find(condition, column, value) != NULL;
}

static void
init(struct mon_condition *condition, enum mon_condition_kind kind)
{
    *condition = (struct mon_condition) { .kind = kind };
    hmap_init(&condition->clauses);
    ovsdb_condition_init(&condition->general);
}

/* "includes" is "==" where there is always one value. */
static bool
is_equals(const struct ovsdb_clause *clause)
{
    return (clause->function == OVSDB_F_EQ
            || (clause->function == OVSDB_F_INCLUDES
                && ovsdb_type_is_scalar(&clause->column->type)
                && clause->arg.n == 1));
}

static enum mon_condition_kind
kind_of(const struct ovsdb_condition *condition)
{
    enum mon_condition_kind kind = MON_COND_EQUALS;

    if (!condition->n_clauses) {
        return MON_COND_ALL;
    }
    for (size_t i = 0; i < condition->n_clauses; i++) {
        const struct ovsdb_clause *clause = &condition->clauses[i];

        if (clause->function == OVSDB_F_TRUE) {
            return MON_COND_ALL;
        } else if (clause->function != OVSDB_F_FALSE && !is_equals(clause)) {
            kind = MON_COND_GENERAL;
        }
    }
    return kind;
}

/* Keeps 'columns' sorted by index. */
static void
add_column(struct mon_condition *condition, const struct ovsdb_column *column)
{
    size_t i;

    for (i = 0; i < condition->n_columns; i++) {
        if (condition->columns[i] == column) {
            return;
        } else if (condition->columns[i]->index > column->index) {
            break;
        }
    }
    condition->columns = xrealloc(condition->columns,
                                  ((condition->n_columns + 1)
                                   * sizeof *condition->columns));
    memmove(&condition->columns[i + 1], &condition->columns[i],
            (condition->n_columns - i) * sizeof *condition->columns);
    condition->columns[i] = column;
    condition->n_columns++;
}

static void
add_clause(struct mon_condition *condition, const struct ovsdb_clause *from)
{
    struct mon_clause *clause;

    if (mon_condition_has(condition, from->column, &from->arg)) {
        return;
    }
    clause = xzalloc(sizeof *clause);
    clause->column = from->column;
    ovsdb_datum_clone(&clause->value, &from->arg);
    hmap_insert(&condition->clauses, &clause->node,
                mon_clause_hash(clause->column, &clause->value));
    add_column(condition, clause->column);
}

struct ovsdb_error *
mon_condition_from_json(struct mon_condition *condition,
                        const struct ovsdb_table_schema *schema,
                        const struct json *json)
{
    struct ovsdb_condition parsed;

    init(condition, MON_COND_ALL);
    if (!json) {
        return NULL;
    }
    struct ovsdb_error *error = ovsdb_condition_from_json(schema, json, NULL,
                                                          &parsed);
    if (error) {
        return error;
    }
    condition->kind = kind_of(&parsed);
    if (condition->kind == MON_COND_GENERAL
        && parsed.n_clauses > MON_MAX_GENERAL_CLAUSES) {
        ovsdb_condition_destroy(&parsed);
        return ovsdb_error("resources exhausted",
                           "a condition with operators other than \"==\" "
                           "can have %d clauses", MON_MAX_GENERAL_CLAUSES);
    }
    if (condition->kind == MON_COND_GENERAL) {
        condition->general = parsed;
        shash_moved(&condition->general.o_columns);
        return NULL;
    }
    for (size_t i = 0; (condition->kind == MON_COND_EQUALS
                        && i < parsed.n_clauses); i++) {
        if (parsed.clauses[i].function != OVSDB_F_FALSE) {
            add_clause(condition, &parsed.clauses[i]);
        }
    }
    ovsdb_condition_destroy(&parsed);
    return NULL;
}

void
mon_condition_destroy(struct mon_condition *condition)
{
    struct mon_clause *clause;

    HMAP_FOR_EACH_POP (clause, node, &condition->clauses) {
        ovsdb_datum_destroy(&clause->value, &clause->column->type);
        free(clause);
    }
    hmap_destroy(&condition->clauses);
    free(condition->columns);
    ovsdb_condition_destroy(&condition->general);
}

void
mon_condition_swap(struct mon_condition *a, struct mon_condition *b)
{
    struct mon_condition tmp = *a;

    *a = *b;
    *b = tmp;
    /* What has pointers into itself. */
    hmap_moved(&a->clauses);
    hmap_moved(&b->clauses);
    shash_moved(&a->general.o_columns);
    shash_moved(&b->general.o_columns);
}

bool
mon_condition_match(const struct mon_condition *condition,
                    const struct ovsdb_row *row)
{
    switch (condition->kind) {
    case MON_COND_ALL:
        return true;
    case MON_COND_GENERAL:
        return ovsdb_condition_match_any_clause(row->fields,
                                                &condition->general, NULL);
    case MON_COND_EQUALS:
        for (size_t i = 0; i < condition->n_columns; i++) {
            const struct ovsdb_column *column = condition->columns[i];

            if (mon_condition_has(condition, column,
                                  &row->fields[column->index])) {
                return true;
            }
        }
        return false;
    }
    OVS_NOT_REACHED();
}

bool
mon_condition_equals(const struct mon_condition *a,
                     const struct mon_condition *b)
{
    const struct mon_clause *clause;

    if (a->kind != b->kind
        || hmap_count(&a->clauses) != hmap_count(&b->clauses)) {
        return false;
    }
    HMAP_FOR_EACH (clause, node, &a->clauses) {
        if (!mon_condition_has(b, clause->column, &clause->value)) {
            return false;
        }
    }
    return (a->kind != MON_COND_GENERAL
            || !ovsdb_condition_cmp_3way(&a->general, &b->general));
}

static void
format_clause(const struct mon_clause *clause, bool *first, struct ds *out)
{
    ds_put_format(out, "%s%s==", *first ? "" : ", ", clause->column->name);
    ovsdb_datum_to_string(&clause->value, &clause->column->type, out);
    *first = false;
}

static void
format_general(const struct mon_condition *condition, struct ds *out)
{
    struct json *json = ovsdb_condition_to_json(&condition->general);

    json_to_ds(json, 0, out);
    json_destroy(json);
}

/* Some of the clauses, and how many there are. */
static void
format_clauses(const struct mon_condition *condition, struct ds *out)
{
    size_t n = hmap_count(&condition->clauses), shown = 0;
    const struct mon_clause *clause;
    bool first = true;

    HMAP_FOR_EACH (clause, node, &condition->clauses) {
        if (shown++ == MAX_SHOWN) {
            ds_put_format(out, ", ... (%"PRIuSIZE" clauses)", n);
            break;
        }
        format_clause(clause, &first, out);
    }
    if (!n) {
        ds_put_cstr(out, "nothing");
    }
}

void
mon_condition_format(const struct mon_condition *condition,
                     const struct ovsdb_row *row, struct ds *out)
{
    bool first = true;

    if (condition->kind == MON_COND_ALL) {
        ds_put_cstr(out, "everything");
    } else if (condition->kind == MON_COND_GENERAL) {
        format_general(condition, out);
    } else if (!row) {
        format_clauses(condition, out);
    } else {
        for (size_t i = 0; i < condition->n_columns; i++) {
            const struct ovsdb_column *column = condition->columns[i];
            const struct mon_clause *clause
                = find(condition, column, &row->fields[column->index]);

            if (clause) {
                format_clause(clause, &first, out);
            }
        }
    }
}
