/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See operations.h.  An operation that is not as it should be is passed on:
 * the server has the right words for it. */

#include <config.h>

#include "door/operations.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "door/private.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "ovsdb-parser.h"
#include "util.h"

COVERAGE_DEFINE(door_transact_refused);

void
operations_init(struct operations *operations, const struct json *params)
{
    *operations = (struct operations) { .request = json_clone(params) };
}

static void
forget_prepared(struct operations *operations)
{
    json_destroy(operations->params);
    ovsdb_error_destroy(operations->refusal);
    free(operations->timeouts);
    operations->params = NULL;
    operations->refused = SIZE_MAX;
    operations->refusal = NULL;
    operations->timeouts = NULL;
}

void
operations_destroy(struct operations *operations)
{
    forget_prepared(operations);
    json_destroy(operations->request);
}

/* The member 'name' of an operation, or NULL. */
static struct json *
member(const struct json *operation, const char *name)
{
    return (operation->type == JSON_OBJECT
            ? shash_find_data(json_object(operation), name) : NULL);
}

static bool
is_op(const struct json *operation, const char *name)
{
    const struct json *op = member(operation, "op");

    return op && op->type == JSON_STRING && !strcmp(json_string(op), name);
}

/* Puts operation {"op": 'op'} in the place of another. */
static void
replace_operation(struct json *params, size_t i, const char *op)
{
    struct json *operation = json_object_create();

    json_object_put_string(operation, "op", op);
    if (!strcmp(op, "comment")) {
        json_object_put_string(operation, "comment", "");
    }
    json_destroy(params->array.elems[i]);
    params->array.elems[i] = operation;
}

static void
refuse(struct operations *operations, size_t i, struct ovsdb_error *error)
{
    COVERAGE_INC(door_transact_refused);
    replace_operation(operations->params, i, "abort");
    operations->refused = i;
    operations->refusal = error;
}

/* Decides "assert"s, up to the first that does not hold.  An operation that is
 * not as it should be is the server's to refuse. */
static void
decide_asserts(struct operations *operations, const struct session *session)
{
    struct json *params = operations->params;

    for (size_t i = 1; i < json_array(params)->n; i++) {
        const struct json *operation = json_array(params)->elems[i];
        const struct json *lock = member(operation, "lock");

        if (!is_op(operation, "assert") || !lock
            || lock->type != JSON_STRING
            || !ovsdb_parser_is_id(json_string(lock))
            || shash_count(json_object(operation)) != 2) {
            continue;
        }
        if (!locks_holds(&session->locks, json_string(lock))) {
            refuse(operations, i,
                   ovsdb_error("not owner", "Asserted lock %s not held.",
                               json_string(lock)));
            return;
        }
        /* It has the same result. */
        replace_operation(params, i, "comment");
    }
}

/* Those that are refused by role come before those after a failed "assert",
 * and reverse. */
static void
check_access(struct operations *operations, const struct session *session)
{
    struct replica *replica = session->door->replica;
    struct ovsdb_error *error;
    size_t i;

    error = access_check(replica_db(replica), replica_index(replica),
                         &session->access, operations->params, &i);
    if (error && i < operations->refused) {
        ovsdb_error_destroy(operations->refusal);
        refuse(operations, i, error);
    } else {
        ovsdb_error_destroy(error);
    }
}

/* Takes the timeouts of "wait"s: at the server there are none. */
static void
take_timeouts(struct operations *operations)
{
    const struct json_array *params = json_array(operations->params);

    for (size_t i = 1; i < params->n; i++) {
        struct json *operation = params->elems[i];
        const struct json *timeout = member(operation, "timeout");

        if (!is_op(operation, "wait")
            || (timeout && (timeout->type != JSON_INTEGER
                            || json_integer(timeout) <= 0))) {
            continue;
        }
        if (!operations->timeouts) {
            operations->timeouts = xmalloc(params->n
                                        * sizeof *operations->timeouts);
            for (size_t j = 0; j < params->n; j++) {
                operations->timeouts[j] = -1;
            }
        }
        operations->timeouts[i] = timeout ? json_integer(timeout) : LLONG_MAX;
        json_object_put(operation, "timeout", json_integer_create(0));
    }
}

void
operations_prepare(struct operations *operations,
                   const struct session *session)
{
    forget_prepared(operations);
    /* Some are replaced and changed: they must be nobody else's. */
    operations->params = json_deep_clone(operations->request);
    decide_asserts(operations, session);
    check_access(operations, session);
    take_timeouts(operations);
}

size_t
operations_count_selects(const struct operations *operations)
{
    const struct json_array *params = json_array(operations->request);
    size_t n = 0;

    for (size_t i = 1; i < params->n; i++) {
        n += is_op(params->elems[i], "select");
    }
    return n;
}

/* The error in the result of the operation at 'i' in 'params', or NULL. */
static const char *
error_of(const struct json *results, size_t i)
{
    const struct json *result, *error;

    if (results->type != JSON_ARRAY || i > json_array(results)->n) {
        return NULL;
    }
    result = json_array(results)->elems[i - 1];
    error = member(result, "error");
    return error && error->type == JSON_STRING ? json_string(error) : NULL;
}

static void
replace_result(struct json *results, size_t i, struct ovsdb_error *error)
{
    json_destroy(results->array.elems[i - 1]);
    results->array.elems[i - 1] = ovsdb_error_to_json(error);
}

size_t
operations_unfulfilled(const struct operations *operations,
                       const struct json *results)
{
    size_t n = operations->timeouts ? json_array(operations->params)->n : 0;

    for (size_t i = 1; i < n; i++) {
        const char *error = error_of(results, i);

        if (error) {
            return (operations->timeouts[i] >= 0 && !strcmp(error, "timed out")
                    ? i : 0);
        }
    }
    return 0;
}

const char *
operations_table(const struct operations *operations, size_t i)
{
    const struct json *table
        = member(json_array(operations->request)->elems[i], "table");

    return table && table->type == JSON_STRING ? json_string(table) : NULL;
}

struct json *
operations_results(const struct operations *operations,
                   const struct json *server_results, long long int elapsed)
{
    struct json *results;
    const char *error;
    size_t i;

    if (!operations->timeouts && !operations->refusal) {
        return json_clone(server_results); /* They can be large. */
    }
    results = json_deep_clone(server_results);
    i = operations_unfulfilled(operations, results);
    if (i) {
        struct ovsdb_error *timed_out = ovsdb_error(
            "timed out", "\"wait\" timed out after %lld ms", elapsed);

        replace_result(results, i, timed_out);
        ovsdb_error_destroy(timed_out);
    }
    error = (operations->refusal
             ? error_of(results, operations->refused) : NULL);
    if (error && !strcmp(error, "aborted")) {
        replace_result(results, operations->refused, operations->refusal);
    }
    return results;
}
