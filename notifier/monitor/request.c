/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See request.h. */

#include <config.h>

#include "monitor/request.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/condition.h"
#include "monitor/db.h"
#include "monitor/shape.h"
#include "monitor/table.h"
#include "monitor/view.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb-error.h"
#include "ovsdb-parser.h"
#include "ovsdb/column.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"
#include "util.h"

/* What is asked of one table, while it is put together. */
struct asked {
    const struct ovsdb_table_schema *schema;
    unsigned int select;        /* enum mon_kind. */
    struct mon_shape_column *columns;
    size_t n_columns, allocated_columns;
    struct mon_condition *condition; /* NULL: none are taken. */
};

static struct ovsdb_error *
parse_select(const struct ovsdb_table_schema *schema, const struct json *json,
             unsigned int *select)
{
    static const struct {
        const char *name;
        enum mon_kind kind;
    } kinds[] = {
        { "initial", MON_INITIAL },
        { "insert", MON_INSERT },
        { "delete", MON_DELETE },
        { "modify", MON_MODIFY },
    };
    struct ovsdb_parser parser;

    *select = MON_ALL_KINDS;
    if (!json) {
        return NULL;
    }
    ovsdb_parser_init(&parser, json, "table %s select", schema->name);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const struct json *value = ovsdb_parser_member(
            &parser, kinds[i].name, OP_BOOLEAN | OP_OPTIONAL);

        if (value && !json_boolean(value)) {
            *select &= ~kinds[i].kind;
        }
    }
    return ovsdb_parser_finish(&parser);
}

static bool
is_asked(const struct asked *asked, const struct ovsdb_column *column)
{
    for (size_t i = 0; i < asked->n_columns; i++) {
        if (asked->columns[i].column == column) {
            return true;
        }
    }
    return false;
}

static struct ovsdb_error *
add_column(struct asked *asked, const struct ovsdb_column *column,
           unsigned int select, const struct json *json)
{
    if (is_asked(asked, column)) {
        return ovsdb_syntax_error(json, NULL,
                                  "column %s mentioned more than once",
                                  column->name);
    }
    if (asked->n_columns == asked->allocated_columns) {
        asked->columns = x2nrealloc(asked->columns,
                                    &asked->allocated_columns,
                                    sizeof *asked->columns);
    }
    asked->columns[asked->n_columns++]
        = (struct mon_shape_column) { column, select };
    return NULL;
}

/* All but _uuid, which names the row anyway. */
static struct ovsdb_error *
add_every_column(struct asked *asked, unsigned int select)
{
    struct ovsdb_error *error = NULL;
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &asked->schema->columns) {
        const struct ovsdb_column *column = node->data;

        if (!error && column->index != OVSDB_COL_UUID) {
            error = add_column(asked, column, select, NULL);
        }
    }
    return error;
}

static struct ovsdb_error *
add_columns(struct asked *asked, const struct json *json, unsigned int select)
{
    struct ovsdb_error *error = NULL;

    if (!json) {
        return add_every_column(asked, select);
    }
    for (size_t i = 0; i < json_array(json)->n && !error; i++) {
        const struct json *name = json_array(json)->elems[i];
        const struct ovsdb_column *column;

        if (name->type != JSON_STRING) {
            return ovsdb_syntax_error(json, NULL,
                                      "array of column names expected");
        }
        column = shash_find_data(&asked->schema->columns, json_string(name));
        error = (column
                 ? add_column(asked, column, select, json)
                 : ovsdb_syntax_error(json, NULL,
                                      "%s is not a valid column name",
                                      json_string(name)));
    }
    return error;
}

/* Replaces '*condition'. */
static struct ovsdb_error *
parse_condition(struct mon_condition *condition,
                const struct ovsdb_table_schema *schema,
                const struct json *where)
{
    struct mon_condition new;
    struct ovsdb_error *error = mon_condition_from_json(&new, schema, where);

    if (!error) {
        mon_condition_swap(condition, &new);
        mon_condition_destroy(&new);
    }
    return error;
}

/* Adds one <monitor-request>. */
static struct ovsdb_error *
parse_request(struct asked *asked, const struct json *json)
{
    const struct json *columns, *select_json, *where = NULL;
    struct ovsdb_parser parser;
    struct ovsdb_error *error;
    unsigned int select;

    ovsdb_parser_init(&parser, json, "table %s", asked->schema->name);
    if (asked->condition) {
        where = ovsdb_parser_member(&parser, "where", OP_ARRAY | OP_OPTIONAL);
    }
    columns = ovsdb_parser_member(&parser, "columns", OP_ARRAY | OP_OPTIONAL);
    select_json = ovsdb_parser_member(&parser, "select",
                                      OP_OBJECT | OP_OPTIONAL);
    error = ovsdb_parser_finish(&parser);
    if (!error) {
        error = parse_select(asked->schema, select_json, &select);
    }
    if (!error) {
        asked->select |= select;
        error = add_columns(asked, columns, select);
    }
    if (!error && where) {
        error = parse_condition(asked->condition, asked->schema, where);
    }
    return error;
}

/* An array of requests, or one. */
static struct ovsdb_error *
parse_table(struct asked *asked, const struct json *json)
{
    struct ovsdb_error *error = NULL;

    if (json->type != JSON_ARRAY) {
        return parse_request(asked, json);
    }
    for (size_t i = 0; i < json_array(json)->n && !error; i++) {
        error = parse_request(asked, json_array(json)->elems[i]);
    }
    return error;
}

static struct ovsdb_error *
parse_view(struct mon_db *db, const char *name, const struct json *json,
           bool conditions, struct mon_view *view)
{
    struct asked asked = { .condition = NULL };
    struct ovsdb_error *error;

    view->table = mon_db_table(db, name);
    hmap_init(&view->due);
    error = mon_condition_from_json(&view->condition,
                                    view->table->table->schema, NULL);
    ovs_assert(!error);
    asked.schema = view->table->table->schema;
    asked.condition = conditions ? &view->condition : NULL;
    error = parse_table(&asked, json);
    view->shape = mon_shape_get(&db->shapes, view->table->table, asked.select,
                                asked.columns, asked.n_columns);
    return error;
}

struct ovsdb_error *
mon_request_parse(struct mon_db *db, const struct json *requests,
                  bool conditions, struct mon_view **views, size_t *n_views)
{
    struct ovsdb_error *error = NULL;
    const struct shash_node *node;

    *views = NULL;
    *n_views = 0;
    if (requests->type != JSON_OBJECT) {
        return ovsdb_syntax_error(requests, NULL,
                                  "monitor-requests must be object");
    }
    *views = xcalloc(MAX(1, shash_count(json_object(requests))),
                     sizeof **views);
    SHASH_FOR_EACH (node, json_object(requests)) {
        if (!ovsdb_get_table(db->ovsdb, node->name)) {
            return ovsdb_syntax_error(NULL, NULL, "no table named %s",
                                      node->name);
        }
        error = parse_view(db, node->name, node->data, conditions,
                           &(*views)[(*n_views)++]);
        if (error) {
            break;
        }
    }
    return error;
}

/* Changes of conditions. */

static struct ovsdb_error *
parse_change(const struct ovsdb_table_schema *schema, const struct json *json,
             struct mon_condition *condition)
{
    const struct json *columns, *where;
    struct ovsdb_parser parser;
    struct ovsdb_error *error;

    ovsdb_parser_init(&parser, json, "table %s", schema->name);
    columns = ovsdb_parser_member(&parser, "columns", OP_ARRAY | OP_OPTIONAL);
    where = ovsdb_parser_member(&parser, "where", OP_ARRAY | OP_OPTIONAL);
    error = ovsdb_parser_finish(&parser);
    if (error) {
        return error;
    }
    if (columns) {
        return ovsdb_syntax_error(json, NULL,
                                  "changing columns is unsupported");
    }
    return parse_condition(condition, schema, where);
}

static struct ovsdb_error *
find_view(struct mon_db *db, const char *name, const struct mon_view *views,
          size_t n_views, size_t *index)
{
    const struct ovsdb_table *table = ovsdb_get_table(db->ovsdb, name);

    if (!table) {
        return ovsdb_syntax_error(NULL, NULL, "no table named %s", name);
    }
    for (size_t i = 0; i < n_views; i++) {
        if (views[i].table->table == table) {
            *index = i;
            return NULL;
        }
    }
    return ovsdb_syntax_error(NULL, NULL,
                              "no table named %s in monitor session", name);
}

static struct ovsdb_error *
parse_changes(const struct ovsdb_table_schema *schema,
              const struct json *json, struct mon_condition **conditionp)
{
    struct ovsdb_error *error = NULL;

    if (json->type != JSON_ARRAY) {
        return ovsdb_syntax_error(NULL, NULL,
                                  "table %s no monitor-cond-change JSON array",
                                  schema->name);
    }
    for (size_t i = 0; i < json_array(json)->n && !error; i++) {
        if (!*conditionp) {
            *conditionp = xmalloc(sizeof **conditionp);
            error = mon_condition_from_json(*conditionp, schema, NULL);
            ovs_assert(!error);
        }
        error = parse_change(schema, json_array(json)->elems[i],
                             *conditionp);
    }
    return error;
}

struct ovsdb_error *
mon_request_parse_change(const struct json *requests,
                         const struct mon_view *views, size_t n_views,
                         struct mon_db *db,
                         struct mon_condition ***conditionsp)
{
    struct mon_condition **conditions;
    struct ovsdb_error *error = NULL;
    const struct shash_node *node;
    size_t i = 0;

    if (requests->type != JSON_OBJECT) {
        return ovsdb_syntax_error(
            NULL, NULL, "monitor-cond-change-requests must be object");
    }
    conditions = xcalloc(MAX(1, n_views), sizeof *conditions);
    SHASH_FOR_EACH (node, json_object(requests)) {
        error = find_view(db, node->name, views, n_views, &i);
        if (!error) {
            error = parse_changes(views[i].table->table->schema, node->data,
                                  &conditions[i]);
        }
        if (error) {
            mon_request_free_change(conditions, n_views);
            return error;
        }
    }
    *conditionsp = conditions;
    return NULL;
}

void
mon_request_free_change(struct mon_condition **conditions, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (conditions[i]) {
            mon_condition_destroy(conditions[i]);
            free(conditions[i]);
        }
    }
    free(conditions);
}
