/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Looks at operations as JSON: the replica's schema can be another than the
 * server's, so what does not fit it proves nothing.  Whose a row is, is in
 * access-rows.c. */

#include <config.h>

#include "door/access.h"

#include "coverage.h"
#include "door/access-private.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "ovsdb-error.h"
#include "ovsdb/ovsdb-util.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(door_access);

COVERAGE_DEFINE(door_access_refused);

/* The longest refusal that is logged as it is. */
#define MAX_LOGGED 300

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* The row of a role; there is a handful of them. */
static const struct ovsdb_row *
find_role(const struct ovsdb *db, const char *role)
{
    const struct ovsdb_table *table
        = shash_find_data(&db->tables, "RBAC_Role");
    const struct ovsdb_row *row;
    const char *name;

    if (table) {
        HMAP_FOR_EACH (row, hmap_node, &table->rows) {
            if (ovsdb_util_read_string_column(row, "name", &name)
                && !strcmp(name, role)) {
                return row;
            }
        }
    }
    return NULL;
}

/* The row of RBAC_Permission that 'check''s role has for 'table', or NULL. */
static const struct ovsdb_row *
find_permission(const struct access_check *check, const char *table)
{
    const struct ovsdb_table *permissions
        = shash_find_data(&check->db->tables, "RBAC_Permission");
    const struct ovsdb_datum *map
        = (check->role && permissions
           ? ovsdb_util_get_datum(CONST_CAST(struct ovsdb_row *, check->role),
                                  "permissions", OVSDB_TYPE_STRING,
                                  OVSDB_TYPE_UUID, UINT_MAX)
           : NULL);

    for (size_t i = 0; map && i < map->n; i++) {
        if (!strcmp(json_string(map->keys[i].s), table)) {
            return ovsdb_table_get_row(permissions, &map->values[i].uuid);
        }
    }
    return NULL;
}

static bool
may_insert_delete(const struct ovsdb_row *permission)
{
    bool may;

    return (ovsdb_util_read_bool_column(permission, "insert_delete", &may)
            && may);
}

static bool
may_change_column(const struct ovsdb_row *permission, const char *column)
{
    const struct ovsdb_datum *columns = ovsdb_util_get_datum(
        CONST_CAST(struct ovsdb_row *, permission), "update",
        OVSDB_TYPE_STRING, OVSDB_TYPE_VOID, UINT_MAX);

    for (size_t i = 0; columns && i < columns->n; i++) {
        if (!strcmp(json_string(columns->keys[i].s), column)) {
            return true;
        }
    }
    return false;
}

/* A member of an operation, NULL if it is not there or not of 'type': no
 * server takes that. */
static struct json *
member(const struct json *operation, const char *name, enum json_type type)
{
    struct json *json = shash_find_data(json_object(operation), name);

    return json && json->type == type ? json : NULL;
}

/* The UUID that the name of a row to insert stands for in later operations is
 * the one that the client chose for it, if it did. */
static void
note_named_uuid(struct access_check *check, const struct json *operation)
{
    const struct json *name = member(operation, "uuid-name", JSON_STRING);
    const struct json *uuid = member(operation, "uuid", JSON_STRING);

    if (name) {
        struct ovsdb_symbol *symbol = ovsdb_symbol_table_insert(
            check->symtab, json_string(name));

        if (uuid) {
            struct uuid chosen;

            if (uuid_from_string(&chosen, json_string(uuid))) {
                symbol->uuid = chosen;
            }
        }
    }
}

static bool
may_insert(struct access_check *check, const struct access_operation *op)
{
    const struct json *row = member(op->json, "row", JSON_OBJECT);

    note_named_uuid(check, op->json);
    return (!row
            || (may_insert_delete(op->permission)
                && access_owns_new_row(check, op, row)));
}

static bool
may_delete(struct access_check *check, const struct access_operation *op)
{
    struct json *where = member(op->json, "where", JSON_ARRAY);

    return (!where
            || (may_insert_delete(op->permission)
                && access_owns_rows(check, op, where)));
}

static bool
may_update(struct access_check *check, const struct access_operation *op)
{
    struct json *where = member(op->json, "where", JSON_ARRAY);
    const struct json *row = member(op->json, "row", JSON_OBJECT);
    const struct shash_node *node;

    if (!where || !row) {
        return true;
    }
    SHASH_FOR_EACH (node, json_object(row)) {
        if (!may_change_column(op->permission, node->name)) {
            return false;
        }
    }
    return access_owns_rows(check, op, where);
}

static bool
may_mutate(struct access_check *check, const struct access_operation *op)
{
    struct json *where = member(op->json, "where", JSON_ARRAY);
    const struct json *mutations = member(op->json, "mutations", JSON_ARRAY);

    if (!where || !mutations) {
        return true;
    }
    for (size_t i = 0; i < mutations->array.n; i++) {
        const struct json *m = mutations->array.elems[i];

        /* No server takes one without a column. */
        if (m->type == JSON_ARRAY && m->array.n
            && m->array.elems[0]->type == JSON_STRING
            && !may_change_column(op->permission,
                                  json_string(m->array.elems[0]))) {
            return false;
        }
    }
    return access_owns_rows(check, op, where);
}

/* The operations that write, and ovsdb-server's words when they must not. */
static const struct writer {
    const char *name;
    bool (*may)(struct access_check *, const struct access_operation *);
    const char *refused;
} writers[] = {
    { "insert", may_insert, "row insertion into" },
    { "update", may_update, "modification of" },
    { "mutate", may_mutate, "mutate operation on" },
    { "delete", may_delete, "row deletion from" },
};

static const struct writer *
find_writer(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(writers); i++) {
        if (!strcmp(writers[i].name, name)) {
            return &writers[i];
        }
    }
    return NULL;
}

static struct ovsdb_error *
check_operation(struct access_check *check, struct json *json)
{
    const struct access_session *session = check->session;
    const struct json *name, *table;
    const struct writer *writer;

    if (json->type != JSON_OBJECT) {
        return NULL;
    }
    name = member(json, "op", JSON_STRING);
    table = member(json, "table", JSON_STRING);
    writer = name ? find_writer(json_string(name)) : NULL;
    if (!writer || !table) {
        return NULL;
    }

    struct access_operation op = {
        .json = json,
        .table = shash_find_data(&check->db->tables, json_string(table)),
        .permission = find_permission(check, json_string(table)),
    };
    if (op.permission && writer->may(check, &op)) {
        return NULL;
    }
    COVERAGE_INC(door_access_refused);
    return ovsdb_perm_error(
        "RBAC rules for client \"%s\" role \"%s\" prohibit %s table \"%s\".",
        session->identity ? session->identity : "", session->role,
        writer->refused, json_string(table));
}

/* The name of the table is the client's own words: the log is not for them. */
static void
log_refusal(const struct ovsdb_error *error)
{
    char *s = ovsdb_error_to_string(error);

    if (strlen(s) < MAX_LOGGED && !strpbrk(s, "\n\r\033")) {
        VLOG_WARN_RL(&rl, "%s", s);
    } else {
        VLOG_WARN_RL(&rl, "RBAC rules prohibit a client's operation on what "
                     "is no table");
    }
    free(s);
}

struct ovsdb_error *
access_check(const struct ovsdb *db, const struct nb_index *index,
             const struct access_session *session, struct json *params,
             size_t *refused)
{
    struct access_check check = { db, index, session, NULL, NULL };
    struct ovsdb_error *error = NULL;

    if (!session->role || !session->role[0] || params->type != JSON_ARRAY) {
        return NULL;
    }
    check.role = find_role(db, session->role);
    check.symtab = ovsdb_symbol_table_create();
    for (size_t i = 1; i < params->array.n && !error; i++) {
        error = check_operation(&check, params->array.elems[i]);
        *refused = i;
    }
    ovsdb_symbol_table_destroy(check.symtab);
    if (error) {
        log_refusal(error);
    }
    return error;
}
