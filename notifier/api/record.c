/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Records of rows.  See record.h. */

#include <config.h>

#include "api/record.h"

#include <inttypes.h>
#include <string.h>

#include "api/api-private.h"
#include "api/operation.h"
#include "http/request.h"
#include "lib/nb-rules.h"
#include "nb/replica.h"
#include "openvswitch/dynamic-string.h"
#include "timeval.h"
#include "util.h"

/* Where the tables of intent have it. */
static const struct record_columns {
    enum nb_table table;
    enum nb_column revision, created_at, updated_at, updated_by;
} tables[] = {
#define COLUMNS(TABLE)                                              \
    { NB_##TABLE, NB_##TABLE##_REVISION_NUMBER,                     \
      NB_##TABLE##_CREATED_AT, NB_##TABLE##_UPDATED_AT,             \
      NB_##TABLE##_UPDATED_BY }
    COLUMNS(NETWORK),
    COLUMNS(SUBNET),
    COLUMNS(PORT),
    COLUMNS(HOST),
#undef COLUMNS
};

static const struct record_columns *
find_columns(enum nb_table table)
{
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        if (tables[i].table == table) {
            return &tables[i];
        }
    }
    OVS_NOT_REACHED();
}

int64_t
record_revision(const struct nb_row *row)
{
    return nb_row_integer(row, find_columns(nb_row_table(row))->revision);
}

static void
put_update(struct operation *op, struct nb_op *nb_op,
           const struct record_columns *columns, int64_t revision,
           const char *now)
{
    nb_op_integer(nb_op, columns->revision, revision);
    nb_op_string(nb_op, columns->updated_at, now);
    nb_op_string(nb_op, columns->updated_by, op->who);
    op->writes = true;
}

struct nb_op *
record_insert(struct operation *op, enum nb_table table, struct uuid *id)
{
    const struct record_columns *columns = find_columns(table);
    char now[NB_TIME_SIZE];
    struct nb_op *nb_op;

    uuid_generate(id);
    nb_op = nb_txn_insert(op->txn, table, id);
    nb_time_to_string(time_wall(), now);
    nb_op_string(nb_op, columns->created_at, now);
    put_update(op, nb_op, columns, RECORD_FIRST_REVISION, now);
    return nb_op;
}

static bool
is_stamped(const struct operation *op, const struct uuid *id)
{
    for (size_t i = 0; i < op->n_stamped; i++) {
        if (uuid_equals(&op->stamped[i], id)) {
            return true;
        }
    }
    return false;
}

struct nb_op *
record_update(struct operation *op, const struct nb_row *row)
{
    const struct record_columns *columns = find_columns(nb_row_table(row));
    char now[NB_TIME_SIZE];
    struct nb_op *nb_op;

    if (is_stamped(op, nb_row_id(row))) {
        return NULL;
    }
    if (op->n_stamped >= op->allocated_stamped) {
        op->stamped = x2nrealloc(op->stamped, &op->allocated_stamped,
                                 sizeof *op->stamped);
    }
    op->stamped[op->n_stamped++] = *nb_row_id(row);

    operation_require(op, row, columns->revision);
    nb_op = nb_txn_update(op->txn, columns->table, nb_row_id(row));
    nb_time_to_string(time_wall(), now);
    put_update(op, nb_op, columns, record_revision(row) + 1, now);
    return nb_op;
}

void
record_delete(struct operation *op, const struct nb_row *row)
{
    const struct record_columns *columns = find_columns(nb_row_table(row));

    operation_require(op, row, columns->revision);
    nb_txn_delete(op->txn, columns->table, nb_row_id(row));
    svec_add_nocopy(&op->deleted,
                    xasprintf(UUID_FMT, UUID_ARGS(nb_row_id(row))));
    op->writes = true;
}

void
record_deletions(struct operation *op)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!op->deleted.n) {
        return;
    }
    for (size_t i = 0; i < op->deleted.n; i++) {
        ds_put_format(&s, "%s%s", i ? "," : "", op->deleted.names[i]);
    }
    ds_put_format(&s, " by %s: ", op->who);
    /* A path has no character that takes more than one byte. */
    ds_put_format(&s, "%s %.*s", op->request->method, RECORD_MAX_COMMENT,
                  op->request->path);
    nb_op_string(nb_txn_update_all(op->txn, NB_GLOBAL),
                 NB_GLOBAL_LAST_DELETION, ds_cstr(&s));
    ds_destroy(&s);
}

struct api_error *
record_check_if_match(const struct operation *op, const struct nb_row *row)
{
    int64_t revision = row ? record_revision(row) : 0;

    return (!op->has_if_match || op->if_match == revision ? NULL
            : api_error(412, "RevisionNumberConstraintFailed",
                        "Constrained to %"PRId64", but current revision is "
                        "%"PRId64, op->if_match, revision));
}
