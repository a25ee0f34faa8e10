/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Queues of clients; see locks-private.h.  Errors are told to clients, in the
 * words of ovsdb-server. */

#include <config.h>

#include "door/locks-private.h"

#include "coverage.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "ovsdb-parser.h"
#include "util.h"

COVERAGE_DEFINE(door_lock_request);
COVERAGE_DEFINE(door_lock_stolen);

struct lock *
locks_find(const struct locks *locks, const char *name)
{
    struct lock *lock;

    HMAP_FOR_EACH_WITH_HASH (lock, name_node, hash_string(name, 0),
                             &locks->by_name) {
        if (!strcmp(lock->name, name)) {
            return lock;
        }
    }
    return NULL;
}

void
locks_answer(struct locks *locks, struct lock_request *request, bool locked)
{
    if (request->id) {
        struct json *id = request->id;

        request->id = NULL;
        locks->callbacks->answered(request->client, id, locked,
                                   locks_word(locks));
        json_destroy(id);
    }
}

/* The first has the lock from now on. */
static void
give(struct locks *locks, struct lock *lock)
{
    struct lock_request *request = lock_first(lock);

    lock->given = true;
    if (request->id) {
        locks_answer(locks, request, true);
    } else {
        locks->callbacks->notify(request->client, "locked", lock->name);
    }
}

static void
leave_queue(struct lock_request *request)
{
    if (lock_request_holds(request)) {
        request->lock->given = false;
    }
    ovs_list_remove(&request->queued);
    request->lock = NULL;
}

/* Who has stolen it itself has no place in the queue to fall back to. */
void
locks_take_away(struct locks *locks, struct lock *lock)
{
    struct lock_request *request = lock_first(lock);

    if (!lock->given) {
        return;
    }
    COVERAGE_INC(door_lock_stolen);
    lock->given = false;
    locks->callbacks->notify(request->client, "stolen", lock->name);
    if (request->steal) {
        leave_queue(request);
    }
}

static void
lock_destroy(struct locks *locks, struct lock *lock)
{
    hmap_remove(&locks->by_name, &lock->name_node);
    free(lock->name);
    free(lock);
}

void
locks_settle(struct locks *locks, struct lock *lock)
{
    if (ovs_list_is_empty(&lock->queue)) {
        locks_give_back(locks, lock);
        lock_destroy(locks, lock);
    } else if (lock->state == LOCK_UNASKED && locks->connected) {
        locks_ask(locks, lock);
    } else if (lock->state == LOCK_HELD && !lock->given) {
        give(locks, lock);
    }
}

void
lock_client_init(struct lock_client *client)
{
    hmap_init(&client->requests);
}

static struct lock_request *
find_request(const struct lock_client *client, const char *name)
{
    struct lock_request *request;

    HMAP_FOR_EACH_WITH_HASH (request, node, hash_string(name, 0),
                             &client->requests) {
        if (!strcmp(request->name, name)) {
            return request;
        }
    }
    return NULL;
}

static struct ovsdb_error *
parse_params(const char *method, const struct json *params,
             const char **namep)
{
    if (params->type != JSON_ARRAY || params->array.n != 1
        || params->array.elems[0]->type != JSON_STRING
        || !ovsdb_parser_is_id(json_string(params->array.elems[0]))) {
        return ovsdb_syntax_error(params, NULL,
                                  "%s request params must be <id>", method);
    }
    *namep = json_string(params->array.elems[0]);
    return NULL;
}

static struct lock_request *
request_create(struct lock_client *client, const char *name, bool steal,
               const struct json *id)
{
    struct lock_request *request = xmalloc(sizeof *request);

    *request = (struct lock_request) {
        .client = client,
        .name = xstrdup(name),
        .steal = steal,
        .id = json_clone(id),
    };
    hmap_insert(&client->requests, &request->node, hash_string(name, 0));
    return request;
}

static void
request_destroy(struct lock_request *request)
{
    hmap_remove(&request->client->requests, &request->node);
    json_destroy(request->id);
    free(request->name);
    free(request);
}

static struct lock *
find_or_create(struct locks *locks, const char *name)
{
    struct lock *lock = locks_find(locks, name);

    if (!lock) {
        lock = xzalloc(sizeof *lock);
        lock->name = xstrdup(name);
        ovs_list_init(&lock->queue);
        hmap_insert(&locks->by_name, &lock->name_node, hash_string(name, 0));
    }
    return lock;
}

/* Makes the queue such that a thief can be its first, and the server one that
 * can be asked by "steal" if it has the lock elsewhere. */
static void
rob(struct locks *locks, struct lock *lock)
{
    if (!ovs_list_is_empty(&lock->queue)) {
        struct lock_request *robbed = lock_first(lock);

        locks_answer(locks, robbed, false);
        if (lock->given) {
            locks_take_away(locks, lock);
        } else {
            robbed->steal = false;  /* It came too late and waits. */
        }
    }
    if (lock->state == LOCK_WAITING
        || (lock->state == LOCK_ASKED && !lock->by_steal)) {
        locks_give_back(locks, lock);
    }
}

struct ovsdb_error *
locks_request(struct locks *locks, struct lock_client *client,
              const char *method, const struct json *params,
              const struct json *id)
{
    bool steal = !strcmp(method, "steal");
    struct lock_request *request;
    struct ovsdb_error *error;
    const char *name;
    struct lock *lock;

    error = parse_params(method, params, &name);
    if (error) {
        return error;
    }
    if (find_request(client, name)) {
        return ovsdb_syntax_error(params, NULL,
                                  "must issue \"unlock\" before new \"%s\"",
                                  method);
    }

    COVERAGE_INC(door_lock_request);
    request = request_create(client, name, steal, id);
    lock = request->lock = find_or_create(locks, name);
    if (steal) {
        rob(locks, lock);
        ovs_list_push_front(&lock->queue, &request->queued);
    } else {
        ovs_list_push_back(&lock->queue, &request->queued);
    }
    locks_settle(locks, lock);
    if (lock->state != LOCK_ASKED || lock_first(lock) != request) {
        locks_answer(locks, request, false);
    }
    return NULL;
}

static void
release(struct locks *locks, struct lock_request *request)
{
    struct lock *lock = request->lock;

    if (lock) {
        leave_queue(request);
        locks_settle(locks, lock);
    }
    request_destroy(request);
}

struct ovsdb_error *
locks_release(struct locks *locks, struct lock_client *client,
              const struct json *params)
{
    struct lock_request *request;
    struct ovsdb_error *error;
    const char *name;

    error = parse_params("unlock", params, &name);
    if (error) {
        return error;
    }
    request = find_request(client, name);
    if (!request) {
        return ovsdb_syntax_error(
            params, NULL,
            "unlock: \"unlock\" without \"lock\" or \"steal\"");
    }
    locks_answer(locks, request, false);
    release(locks, request);
    return NULL;
}

void
locks_forget(struct locks *locks, struct lock_client *client)
{
    struct lock_request *request;

    HMAP_FOR_EACH_SAFE (request, node, &client->requests) {
        release(locks, request);
    }
    hmap_destroy(&client->requests);
}

bool
locks_holds(const struct lock_client *client, const char *name)
{
    const struct lock_request *request = find_request(client, name);

    return (request && lock_request_holds(request)
            && request->lock->state == LOCK_HELD);
}

size_t
locks_count(const struct lock_client *client)
{
    return hmap_count(&client->requests);
}

void
lock_client_format(const struct lock_client *client, struct ds *out)
{
    const struct lock_request *request;
    const char *separator = "";

    HMAP_FOR_EACH (request, node, &client->requests) {
        ds_put_format(out, "%s%s %s", separator, request->name,
                      !request->lock ? "lost"
                      : !lock_request_holds(request) ? "waiting"
                      : request->lock->state == LOCK_HELD ? "held"
                      : "held, uncertain");
        separator = ", ";
    }
}
