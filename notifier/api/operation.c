/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Requests that write.  See operation.h. */

#include <config.h>

#include "api/operation.h"

#include <string.h>

#include "api/api-private.h"
#include "api/operation-parse.h"
#include "api/record.h"
#include "api/reply.h"
#include "coverage.h"
#include "http/request.h"
#include "metrics.h"
#include "nb/replica.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(api_operation);

COVERAGE_DEFINE(api_operation_retry);
COVERAGE_DEFINE(api_operation_blocked);

static void run(struct operation *);
static void retry_claim(struct claimant *);
static void committed(const struct nb_outcome *, void *op);

struct api_error *
operation_create(const struct api_call *call,
                 const struct operation_class *class,
                 struct operation **opp)
{
    struct operation *op = xzalloc(sizeof *op);
    struct api_error *error;

    op->api = call->api;
    op->class = class;
    op->request = call->request;
    op->resource = call->match.resource;
    op->viewer.admin = call->viewer.admin;
    op->viewer.project_id = xstrdup(call->viewer.project_id);
    op->viewer.name = xstrdup(call->viewer.name);
    op->who = (op->viewer.name[0] ? xasprintf("api:%s", op->viewer.name)
               : xstrdup("api"));
    op->id = nullable_xstrdup(call->match.words[0]);
    op->duplicate = NB_N_TABLES;
    claimant_init(&op->claimant, op->api->claims, retry_claim);
    svec_init(&op->tags);
    sset_init(&op->unique);
    svec_init(&op->deleted);
    op->api->n_operations++;
    op->request->owner = op;

    error = (call->read_only
             ? api_forbidden("A change by a token of role \"reader\"")
             : operation_parse(op));
    *opp = op;
    return error;
}

/* Undoes what build() did. */
static void
forget_try(struct operation *op)
{
    for (size_t i = 0; i < op->n_addresses; i++) {
        addresses_release(op->api->addresses, &op->addresses[i].subnet,
                          op->addresses[i].address);
    }
    op->n_addresses = 0;
    op->n_objects = 0;
    op->n_stamped = 0;
    op->writes = op->blocked = false;
    op->n_cidrs = 0;
    sset_clear(&op->unique);
    svec_clear(&op->deleted);
    nb_txn_destroy(op->txn);
    op->txn = NULL;
}

static void
operation_destroy(struct operation *op)
{
    op->api->n_operations--;
    forget_try(op);
    claimant_release(&op->claimant);
    free(op->stamped);
    free(op->objects);
    free(op->addresses);
    free(op->cidrs);
    sset_destroy(&op->unique);
    svec_destroy(&op->deleted);
    svec_destroy(&op->tags);
    api_body_destroy(&op->body);
    free(CONST_CAST(char *, op->viewer.project_id));
    free(CONST_CAST(char *, op->viewer.name));
    free(op->who);
    free(op->id);
    free(op);
}

static void
refuse(struct operation *op, struct api_error *error)
{
    reply_error(op->request, error);
    operation_destroy(op);
}

void
operation_start(struct operation *op, struct api_error *error)
{
    if (error) {
        refuse(op, error);
    } else {
        run(op);
    }
}

static void
hypervisors_done(const struct svec *late, void *op_)
{
    struct operation *op = op_;

    op->wait = NULL;
    op->class->answer(op, late->n ? late : NULL);
    operation_destroy(op);
}

/* What was asked for is in the replica. */
static void
succeed(struct operation *op)
{
    if (op->wait_applied && !op->cancelled) {
        struct wait_target *targets = xcalloc(op->n_objects, sizeof *targets);

        for (size_t i = 0; i < op->n_objects; i++) {
            targets[i] = op->objects[i].target;
        }
        op->wait = wait_start(op->api->waits, targets, op->n_objects,
                              time_msec() + op->wait_seconds * 1000LL,
                              hypervisors_done, op);
        free(targets);
        claimant_release(&op->claimant);
    } else {
        op->class->answer(op, NULL);
        operation_destroy(op);
    }
}

static struct api_error *
unavailable(const struct operation *op)
{
    const char *problem = replica_problem(op->api->config.replica);

    return api_error(503, NULL, "The northbound database cannot be reached%s"
                     "%s; nothing was changed.", problem ? ": " : "",
                     problem ? problem : "");
}

/* Builds a transaction.  Returns false if the request was answered, or waits
 * for another. */
static bool
build(struct operation *op)
{
    for (;;) {
        struct api_error *error;

        forget_try(op);
        op->txn = nb_txn_create();
        error = op->class->build(op);
        if (error) {
            refuse(op, error);
            return false;
        }
        if (!op->blocked) {
            return true;
        }

        const struct uuid row = op->blocked_on;
        COVERAGE_INC(api_operation_blocked);
        forget_try(op);
        claimant_release(&op->claimant);
        if (claimant_wait(&op->claimant, &row)) {
            return false;
        }
    }
}

static void
run(struct operation *op)
{
    struct nb_txn *txn;

    if (op->cancelled) {
        http_request_abandon(op->request);
        operation_destroy(op);
        return;
    }
    if (!replica_is_current(op->api->config.replica)) {
        refuse(op, unavailable(op));
        return;
    }
    if (!build(op)) {
        return;
    }
    if (!op->writes) {
        succeed(op);
        return;
    }
    record_deletions(op);
    char *comment = xasprintf("sluice-notifier, %s: %s %s", op->who,
                              op->request->method, op->request->path);
    nb_txn_comment(op->txn, comment);
    free(comment);
    txn = op->txn;
    op->txn = NULL;
    nb_txn_commit(op->api->config.replica, txn, committed, op);
}

static void
retry_claim(struct claimant *claimant)
{
    run(CONTAINER_OF(claimant, struct operation, claimant));
}

static struct api_error *
outcome_to_error(const struct operation *op, const struct nb_outcome *outcome)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    switch (outcome->result) {
    case NB_UNSENT:
        return unavailable(op);
    case NB_UNKNOWN:
        return api_error(503, NULL, "It is not known whether this was "
                         "changed: %s.", outcome->details);
    case NB_CONFLICT:
    case NB_DUPLICATE:
    case NB_IN_USE:
        return api_error(503, NULL, "Others changed the same rows each time "
                         "this was tried, %u times; nothing was changed.",
                         op->tries);
    case NB_REFUSED:
    case NB_COMMITTED:
    default:
        VLOG_WARN_RL(&rl, "%s %s: the northbound database refused it: %s",
                     op->request->method, op->request->path,
                     outcome->details);
        return api_error(500, NULL, "The northbound database refused this: "
                         "%s; nothing was changed.", outcome->details);
    }
}

static bool
is_worth_retry(const struct nb_outcome *outcome)
{
    return (outcome->result == NB_CONFLICT || outcome->result == NB_DUPLICATE
            || outcome->result == NB_IN_USE);
}

static void
committed(const struct nb_outcome *outcome, void *op_)
{
    struct operation *op = op_;

    if (op->api->commit_time && outcome->result != NB_UNSENT) {
        metrics_observe_usec(op->api->commit_time, outcome->usec);
    }
    if (outcome->result == NB_COMMITTED) {
        succeed(op);
    } else if (is_worth_retry(outcome)
               && ++op->tries < OPERATION_MAX_TRIES) {
        COVERAGE_INC(api_operation_retry);
        if (op->api->retries) {
            op->api->retries->value++;
        }
        op->duplicate = (outcome->result == NB_DUPLICATE ? outcome->table
                         : NB_N_TABLES);
        VLOG_DBG("%s %s: try again: %s", op->request->method,
                 op->request->path, outcome->details);
        run(op);
    } else {
        refuse(op, outcome_to_error(op, outcome));
    }
}

void
operation_cancel(struct operation *op)
{
    op->cancelled = true;
    if (op->wait || !ovs_list_is_empty(&op->claimant.waiting)) {
        if (op->wait) {
            wait_cancel(op->wait);
        }
        http_request_abandon(op->request);
        operation_destroy(op);
    }
}

struct api_view
operation_view(const struct operation *op)
{
    return (struct api_view) {
        .replica = op->api->config.replica,
        .viewer = &op->viewer,
        .alive = op->api->config.alive,
        .aux = op->api->config.aux,
    };
}

void
operation_add_object(struct operation *op, const struct uuid *id,
                     const struct wait_target *target)
{
    if (op->n_objects >= op->allocated_objects) {
        op->objects = x2nrealloc(op->objects, &op->allocated_objects,
                                 sizeof *op->objects);
    }
    op->objects[op->n_objects++] = (struct operation_object) { *id, *target };
}

bool
operation_add_unique(struct operation *op, char *key)
{
    bool added = sset_add(&op->unique, key) != NULL;

    free(key);
    return added;
}

void
operation_add_cidr(struct operation *op, const struct uuid *network,
                   struct ip_prefix cidr)
{
    if (op->n_cidrs >= op->allocated_cidrs) {
        op->cidrs = x2nrealloc(op->cidrs, &op->allocated_cidrs,
                               sizeof *op->cidrs);
    }
    op->cidrs[op->n_cidrs++] = (struct operation_cidr) { *network, cidr };
}

void
operation_reserve(struct operation *op, const struct uuid *subnet,
                  struct ip_addr address)
{
    addresses_reserve(op->api->addresses, subnet, address);
    if (op->n_addresses >= op->allocated_addresses) {
        op->addresses = x2nrealloc(op->addresses, &op->allocated_addresses,
                                   sizeof *op->addresses);
    }
    op->addresses[op->n_addresses++]
        = (struct operation_address) { *subnet, address };
}

void
operation_require(struct operation *op, const struct nb_row *row,
                  enum nb_column revision)
{
    const struct uuid *id = nb_row_id(row);

    if (!claimant_take(&op->claimant, id) && !op->blocked) {
        op->blocked = true;
        op->blocked_on = *id;
    }
    nb_txn_require(op->txn, revision, id, nb_row_integer(row, revision));
}
