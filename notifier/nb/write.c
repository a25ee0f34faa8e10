/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A transaction is the JSON of its operations; an operation is that of the row
 * it writes.  What the server refuses is told apart by the "error" member of
 * its answer (RFC 7047 section 4.1.3 and ovsdb-server(7)). */

#include <config.h>

#include "nb/write.h"

#include "coverage.h"
#include "jsonrpc.h"
#include "nb/feed.h"
#include "nb/layout.h"
#include "nb/replica-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "ovsdb-data.h"
#include "smap.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

COVERAGE_DEFINE(nb_txn_failed);

struct nb_op {
    struct ovs_list node;       /* In struct nb_txn. */
    enum nb_table table;
    struct json *row;           /* Belongs to the transaction's JSON. */
};

struct nb_txn {
    struct json *operations;    /* Array: database, then operations. */
    struct ovs_list ops;        /* "struct nb_op"s that were given out. */
    struct ds comment;
};

/* A transaction whose answer is awaited. */
struct sent_txn {
    long long int usec;         /* Monotonic, when it was sent. */
    void (*done)(const struct nb_outcome *, void *aux);
    void *aux;
};

struct nb_txn *
nb_txn_create(void)
{
    struct nb_txn *txn = xmalloc(sizeof *txn);

    txn->operations = json_array_create_1(json_string_create(NB_DATABASE));
    ovs_list_init(&txn->ops);
    ds_init(&txn->comment);
    return txn;
}

void
nb_txn_destroy(struct nb_txn *txn)
{
    struct nb_op *op;

    if (!txn) {
        return;
    }
    LIST_FOR_EACH_POP (op, node, &txn->ops) {
        free(op);
    }
    json_destroy(txn->operations);
    ds_destroy(&txn->comment);
    free(txn);
}

static struct json *
uuid_json(const struct uuid *uuid)
{
    return json_array_create_2(
        json_string_create("uuid"),
        json_string_create_nocopy(xasprintf(UUID_FMT, UUID_ARGS(uuid))));
}

/* Adds operation 'name' on 'table'. */
static struct json *
add_operation(struct nb_txn *txn, const char *name, enum nb_table table)
{
    struct json *operation = json_object_create();

    json_object_put_string(operation, "op", name);
    json_object_put_string(operation, "table", nb_table_names[table]);
    json_array_add(txn->operations, operation);
    return operation;
}

/* Lets 'operation' be on rows whose 'column' is 'value'. */
static void
put_where(struct json *operation, const char *column, struct json *value)
{
    json_object_put(operation, "where",
                    json_array_create_1(
                        json_array_create_3(json_string_create(column),
                                            json_string_create("=="),
                                            value)));
}

/* Gives 'operation' a row, and the caller what writes it. */
static struct nb_op *
add_op(struct nb_txn *txn, struct json *operation, enum nb_table table)
{
    struct nb_op *op = xmalloc(sizeof *op);

    op->table = table;
    op->row = json_object_create();
    json_object_put(operation, "row", op->row);
    ovs_list_push_back(&txn->ops, &op->node);
    return op;
}

struct nb_op *
nb_txn_insert(struct nb_txn *txn, enum nb_table table, const struct uuid *id)
{
    struct json *operation = add_operation(txn, "insert", table);

    json_object_put_format(operation, "uuid", UUID_FMT, UUID_ARGS(id));
    return add_op(txn, operation, table);
}

struct nb_op *
nb_txn_update(struct nb_txn *txn, enum nb_table table, const struct uuid *id)
{
    struct json *operation = add_operation(txn, "update", table);

    put_where(operation, "_uuid", uuid_json(id));
    return add_op(txn, operation, table);
}

struct nb_op *
nb_txn_update_all(struct nb_txn *txn, enum nb_table table)
{
    struct json *operation = add_operation(txn, "update", table);

    json_object_put(operation, "where", json_array_create_empty());
    return add_op(txn, operation, table);
}

void
nb_txn_delete(struct nb_txn *txn, enum nb_table table, const struct uuid *id)
{
    put_where(add_operation(txn, "delete", table), "_uuid", uuid_json(id));
}

void
nb_txn_delete_where(struct nb_txn *txn, enum nb_column column,
                    const char *value)
{
    const struct nb_column_info *info = &nb_columns[column];

    ovs_assert(info->type == NB_TYPE_STRING);
    put_where(add_operation(txn, "delete", info->table), info->name,
              json_string_create(value));
}

void
nb_txn_delete_where_uuid(struct nb_txn *txn, enum nb_column column,
                         const struct uuid *value)
{
    const struct nb_column_info *info = &nb_columns[column];

    ovs_assert(info->type == NB_TYPE_UUID || info->type == NB_TYPE_REF);
    put_where(add_operation(txn, "delete", info->table), info->name,
              uuid_json(value));
}

void
nb_txn_require(struct nb_txn *txn, enum nb_column column,
               const struct uuid *id, int64_t value)
{
    const struct nb_column_info *info = &nb_columns[column];
    struct json *operation = add_operation(txn, "wait", info->table);
    struct json *row = json_object_create();

    ovs_assert(info->type == NB_TYPE_INTEGER);
    json_object_put(operation, "timeout", json_integer_create(0));
    put_where(operation, "_uuid", uuid_json(id));
    json_object_put(operation, "columns",
                    json_array_create_1(json_string_create(info->name)));
    json_object_put_string(operation, "until", "==");
    json_object_put(row, info->name, json_integer_create(value));
    json_object_put(operation, "rows", json_array_create_1(row));
}

void
nb_txn_comment(struct nb_txn *txn, const char *comment)
{
    if (txn->comment.length) {
        ds_put_char(&txn->comment, '\n');
    }
    ds_put_cstr(&txn->comment, comment);
}

static void
put(struct nb_op *op, enum nb_column column, enum nb_type type,
    struct json *value)
{
    const struct nb_column_info *info = &nb_columns[column];

    ovs_assert(info->table == op->table && info->type == type);
    json_object_put(op->row, info->name, value);
}

void
nb_op_bool(struct nb_op *op, enum nb_column column, bool value)
{
    put(op, column, NB_TYPE_BOOLEAN, json_boolean_create(value));
}

void
nb_op_integer(struct nb_op *op, enum nb_column column, int64_t value)
{
    put(op, column, NB_TYPE_INTEGER, json_integer_create(value));
}

void
nb_op_string(struct nb_op *op, enum nb_column column, const char *value)
{
    put(op, column, NB_TYPE_STRING, json_string_create(value));
}

static struct json *
set_json(const char *kind, struct json *elements)
{
    return json_array_create_2(json_string_create(kind), elements);
}

void
nb_op_strings(struct nb_op *op, enum nb_column column,
              const struct svec *strings)
{
    struct json *elements = json_array_create_empty();

    for (size_t i = 0; i < strings->n; i++) {
        json_array_add(elements, json_string_create(strings->names[i]));
    }
    put(op, column, NB_TYPE_STRINGS, set_json("set", elements));
}

void
nb_op_map(struct nb_op *op, enum nb_column column, const struct smap *map)
{
    struct json *elements = json_array_create_empty();
    const struct smap_node *node;

    SMAP_FOR_EACH (node, map) {
        json_array_add(elements,
                       json_array_create_2(json_string_create(node->key),
                                           json_string_create(node->value)));
    }
    put(op, column, NB_TYPE_MAP, set_json("map", elements));
}

void
nb_op_uuid(struct nb_op *op, enum nb_column column, const struct uuid *uuid)
{
    if (nb_columns[column].type == NB_TYPE_REF) {
        put(op, column, NB_TYPE_REF,
            uuid_is_zero(uuid) ? set_json("set", json_array_create_empty())
                               : uuid_json(uuid));
    } else {
        put(op, column, NB_TYPE_UUID, uuid_json(uuid));
    }
}

void
nb_op_refs(struct nb_op *op, enum nb_column column, const struct uuid *uuids,
           size_t n)
{
    struct json *elements = json_array_create_empty();

    for (size_t i = 0; i < n; i++) {
        json_array_add(elements, uuid_json(&uuids[i]));
    }
    put(op, column, NB_TYPE_REFS, set_json("set", elements));
}

static void
add_comment(struct nb_txn *txn)
{
    if (txn->comment.length) {
        struct json *operation = json_object_create();

        json_object_put_string(operation, "op", "comment");
        json_object_put_string(operation, "comment", ds_cstr(&txn->comment));
        json_array_add(txn->operations, operation);
    }
}

static void
finish(struct sent_txn *sent, struct nb_outcome *outcome)
{
    if (outcome->result != NB_COMMITTED) {
        COVERAGE_INC(nb_txn_failed);
    }
    outcome->usec = time_usec() - sent->usec;
    sent->done(outcome, sent->aux);
    free(sent);
}

/* Which table's index 'details' speaks of: "Transaction causes multiple rows
 * in \"Port\" table to have identical values ...". */
static enum nb_table
duplicate_table(const char *details)
{
    for (enum nb_table i = 0; i < NB_N_TABLES; i++) {
        char *words = xasprintf("rows in \"%s\" table", nb_table_names[i]);
        bool found = strstr(details, words) != NULL;

        free(words);
        if (found) {
            return i;
        }
    }
    return NB_N_TABLES;
}

static void
outcome_from_error(const char *error, struct nb_outcome *outcome)
{
    if (!strcmp(error, "timed out")) {
        outcome->result = NB_CONFLICT;
    } else if (!strcmp(error, "constraint violation")) {
        outcome->table = duplicate_table(outcome->details);
        outcome->result = (outcome->table < NB_N_TABLES
                           ? NB_DUPLICATE : NB_REFUSED);
    } else if (!strcmp(error, "referential integrity violation")) {
        outcome->result = NB_IN_USE;
    } else {
        outcome->result = NB_REFUSED;
    }
}

/* The string member 'name' of 'object', or NULL. */
static const char *
string_member(const struct json *object, const char *name)
{
    const struct json *member = shash_find_data(object->object, name);

    return (member && member->type == JSON_STRING
            ? json_string(member) : NULL);
}

/* The first operation that failed says why; those after it are null. */
static void
outcome_from_results(const struct json *results, struct nb_outcome *outcome)
{
    outcome->result = NB_COMMITTED;
    outcome->details = "";
    if (results->type != JSON_ARRAY) {
        outcome->result = NB_REFUSED;
        outcome->details = "the server's answer is not a list of results";
        return;
    }
    for (size_t i = 0; i < results->array.n; i++) {
        const struct json *result = results->array.elems[i];
        const char *error, *details;

        if (result->type != JSON_OBJECT) {
            continue;
        }
        error = string_member(result, "error");
        if (error) {
            details = string_member(result, "details");
            outcome->details = details ? details : error;
            outcome_from_error(error, outcome);
            return;
        }
    }
}

/* 'msg' is the server's answer, NULL if there will be none. */
static void
answered(const struct jsonrpc_msg *msg, void *sent)
{
    struct nb_outcome outcome = { .table = NB_N_TABLES };
    char *text = NULL;

    if (!msg) {
        outcome.result = NB_UNKNOWN;
        outcome.details = "the connection to the northbound database was "
                          "lost before it answered";
    } else if (msg->type == JSONRPC_REPLY) {
        outcome_from_results(msg->result, &outcome);
    } else {
        text = json_to_string(msg->error, 0);
        outcome.result = NB_REFUSED;
        outcome.details = text;
    }
    finish(sent, &outcome);
    free(text);
}

void
nb_txn_commit(struct replica *replica, struct nb_txn *txn,
              void (*done)(const struct nb_outcome *, void *aux), void *aux)
{
    struct sent_txn *sent = xmalloc(sizeof *sent);
    bool is_sent;

    add_comment(txn);
    sent->done = done;
    sent->aux = aux;
    sent->usec = time_usec();
    is_sent = nb_send(replica, json_clone(txn->operations), answered, sent);
    nb_txn_destroy(txn);
    if (!is_sent) {
        struct nb_outcome outcome = {
            .result = NB_UNSENT,
            .details = "not connected to the northbound database",
        };
        finish(sent, &outcome);
    }
}
