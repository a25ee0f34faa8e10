/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What a PUT or DELETE of an agent does.
 *
 * What an operator wants of a hypervisor is in its Host row, which is made
 * when something is wanted for the first time; what the hypervisor says of
 * itself, in its Agent row, is not touched. */

#include <config.h>

#include "api/api-private.h"
#include "api/operation.h"
#include "api/record.h"
#include "api/write.h"
#include "nb/replica.h"
#include "util.h"

/* Adds the first wish for a hypervisor, which without one is up.  Of two
 * notifiers that do so at once, the index refuses the second, who finds the
 * row then. */
static struct nb_op *
insert_host(struct operation *op, const char *name)
{
    struct uuid id;
    struct nb_op *nb_op = record_insert(op, NB_HOST, &id);

    nb_op_string(nb_op, NB_HOST_HOST, name);
    nb_op_bool(nb_op, NB_HOST_ADMIN_STATE_UP, true);
    return nb_op;
}

struct api_error *
agent_update(struct operation *op, const struct nb_row *row,
             const json_t *values)
{
    const struct nb_row *host = write_intent(op, row);
    struct wait_target target = {
        .table = NB_AGENT,
        .id = *nb_row_id(row),
        .revision = host ? record_revision(host) + 1 : RECORD_FIRST_REVISION,
    };

    api_store(op->resource, values, NB_HOST,
              (host ? record_update(op, host)
               : insert_host(op, nb_row_string(row, NB_AGENT_HOST))));
    operation_add_object(op, &target.id, &target);
    return NULL;
}

/* What the hypervisor said goes; what is wanted of it stays, so that one which
 * is disabled is so if it ever comes back.  An agent that lives writes its
 * rows again. */
struct api_error *
agent_delete(struct operation *op, const struct nb_row *row)
{
    const char *host = nb_row_string(row, NB_AGENT_HOST);
    struct wait_target target = {
        .table = NB_AGENT,
        .id = *nb_row_id(row),
        .deleted = true,
    };

    nb_txn_delete(op->txn, NB_AGENT, &target.id);
    nb_txn_delete_where(op->txn, NB_PORT_BINDING_HOST, host);
    nb_txn_delete_where(op->txn, NB_NETWORK_BINDING_HOST, host);
    nb_txn_delete_where(op->txn, NB_PORT_LOCATION_HOST, host);
    nb_txn_delete_where(op->txn, NB_NETWORK_LOCATION_HOST, host);
    svec_add_nocopy(&op->deleted, xasprintf(UUID_FMT, UUID_ARGS(&target.id)));
    op->writes = true;
    operation_add_object(op, &target.id, &target);
    return NULL;
}
