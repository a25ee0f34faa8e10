/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Requests that write: what they are, and what build() needs.  See operation.h
 * and operation-run.c. */

#include <config.h>

#include "api/operation.h"

#include <string.h>

#include "api/api-private.h"
#include "api/operation-parse.h"
#include "api/segment.h"
#include "http/request.h"
#include "nb/row.h"
#include "util.h"

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
    ovs_list_init(&op->delayed);
    claimant_init(&op->claimant, op->api->claims, operation_retry_claim);
    svec_init(&op->tags);
    sset_init(&op->unique);
    shash_init(&op->segment_pools);
    svec_init(&op->deleted);
    op->api->n_operations++;
    op->request->owner = op;

    error = (call->read_only
             ? api_forbidden("A change by a token of role \"reader\"")
             : operation_parse(op));
    *opp = op;
    return error;
}

void
operation_forget_try(struct operation *op)
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
    segment_pools_clear(&op->segment_pools);
    svec_clear(&op->deleted);
    nb_txn_destroy(op->txn);
    op->txn = NULL;
}

void
operation_destroy(struct operation *op)
{
    op->api->n_operations--;
    ovs_list_remove(&op->delayed);
    operation_forget_try(op);
    claimant_release(&op->claimant);
    free(op->stamped);
    free(op->objects);
    free(op->addresses);
    free(op->cidrs);
    sset_destroy(&op->unique);
    shash_destroy(&op->segment_pools);
    svec_destroy(&op->deleted);
    svec_destroy(&op->tags);
    api_body_destroy(&op->body);
    free(CONST_CAST(char *, op->viewer.project_id));
    free(CONST_CAST(char *, op->viewer.name));
    free(op->who);
    free(op->id);
    free(op);
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
