/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Arguments COLUMN=VALUE.  See nbctl-args.h. */

#include <config.h>

#include "nbctl-args.h"

#include <string.h>

#include "db-ctl-base.h"
#include "openvswitch/uuid.h"
#include "ovsdb-idl-provider.h"

static const char *value_of(const char *arg, const char *name);
static bool is_pseudo(const char *arg, const char *const pseudo_columns[]);

const char *
args_get(const struct ctl_context *ctx, int first, const char *name)
{
    const char *value = NULL;

    for (int i = first; i < ctx->argc; i++) {
        const char *v = value_of(ctx->argv[i], name);
        value = v ? v : value;
    }
    return value;
}

bool
args_get_id(struct ctl_context *ctx, int first, struct uuid *id, bool *chosen)
{
    const char *s = args_get(ctx, first, "id");

    *chosen = s != NULL;
    if (s && !uuid_from_string(id, s)) {
        ctl_error(ctx, "id \"%s\" is not a UUID", s);
        return false;
    }
    return true;
}

bool
args_set_columns(struct ctl_context *ctx, int first,
                 const char *const pseudo_columns[],
                 const struct ovsdb_idl_row *row)
{
    for (int i = first; i < ctx->argc && !ctx->error; i++) {
        if (!is_pseudo(ctx->argv[i], pseudo_columns)) {
            ctx->error = ctl_set_column(row->table->class_->name, row,
                                        ctx->argv[i], ctx->symtab);
        }
    }
    return !ctx->error;
}

static const char *
value_of(const char *arg, const char *name)
{
    size_t n = strlen(name);

    return !strncmp(arg, name, n) && arg[n] == '=' ? &arg[n + 1] : NULL;
}

static bool
is_pseudo(const char *arg, const char *const pseudo_columns[])
{
    for (; *pseudo_columns; pseudo_columns++) {
        if (value_of(arg, *pseudo_columns)) {
            return true;
        }
    }
    return false;
}
