/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Requests that write: their way to an answer.  See operation.h. */

#include <config.h>

#include "api/operation.h"

#include "api/api-private.h"
#include "api/record.h"
#include "api/reply.h"
#include "coverage.h"
#include "http/request.h"
#include "metrics.h"
#include "nb/replica.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "random.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(api_operation);

COVERAGE_DEFINE(api_operation_retry);
COVERAGE_DEFINE(api_operation_blocked);

static void run(struct operation *);
static void committed(const struct nb_outcome *, void *op);

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

        operation_forget_try(op);
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
        operation_forget_try(op);
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

void
operation_retry_claim(struct claimant *claimant)
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
retry(struct operation *op)
{
    if (op->tries < OPERATION_EAGER_TRIES) {
        run(op);
    } else {
        op->retry_at = time_msec() + random_range(OPERATION_DELAY_MS) + 1;
        ovs_list_push_back(&op->api->delayed, &op->delayed);
    }
}

void
operations_run(struct api *api)
{
    struct ovs_list delayed = OVS_LIST_INITIALIZER(&delayed);
    long long int now = time_msec();

    /* Those that go on may delay, or end, any of them. */
    ovs_list_push_back_all(&delayed, &api->delayed);
    while (!ovs_list_is_empty(&delayed)) {
        struct operation *op = CONTAINER_OF(ovs_list_pop_front(&delayed),
                                            struct operation, delayed);

        ovs_list_init(&op->delayed);
        if (op->retry_at > now) {
            ovs_list_push_back(&api->delayed, &op->delayed);
        } else {
            run(op);
        }
    }
}

void
operations_wait(const struct api *api)
{
    const struct operation *op;

    LIST_FOR_EACH (op, delayed, &api->delayed) {
        poll_timer_wait_until(op->retry_at);
    }
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
        retry(op);
    } else {
        refuse(op, outcome_to_error(op, outcome));
    }
}

void
operation_cancel(struct operation *op)
{
    op->cancelled = true;
    if (op->wait || !ovs_list_is_empty(&op->claimant.waiting)
        || !ovs_list_is_empty(&op->delayed)) {
        if (op->wait) {
            wait_cancel(op->wait);
        }
        http_request_abandon(op->request);
        operation_destroy(op);
    }
}
