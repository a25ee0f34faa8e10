/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Finds networks, ports and hosts by name or UUID.  See nbctl-find.h. */

#include <config.h>

#include "nbctl-find.h"

#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-fetch.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "util.h"

static bool ask(struct ctl_context *, const struct ovsdb_idl_column *name,
                const char *id);
static bool find(struct ctl_context *, const struct ovsdb_idl_column *name,
                 const char *id, const struct ovsdb_idl_row **rowp);
static bool find_name(struct ctl_context *,
                      const struct ovsdb_idl_column *name, const char *value,
                      const struct ovsdb_idl_row **rowp);

/* The address of the IDL row that is in a row of ours, or NULL. */
#define ROW_FROM(TYPE, ROW) \
    ((ROW) ? CONTAINER_OF(ROW, struct TYPE, header_) : NULL)

void
find_ask_network(struct ctl_context *ctx, const char *id)
{
    ask(ctx, &nbrec_network_col_name, id);
}

void
find_ask_port(struct ctl_context *ctx, const char *id)
{
    ask(ctx, &nbrec_port_col_name, id);
}

void
find_ask_host(struct ctl_context *ctx, const char *host)
{
    ask(ctx, &nbrec_host_col_host, host);
}

bool
find_network(struct ctl_context *ctx, const char *id,
             const struct nbrec_network **rowp)
{
    const struct ovsdb_idl_row *row;
    bool found = find(ctx, &nbrec_network_col_name, id, &row);

    *rowp = ROW_FROM(nbrec_network, row);
    return found;
}

bool
find_port(struct ctl_context *ctx, const char *id,
          const struct nbrec_port **rowp)
{
    const struct ovsdb_idl_row *row;
    bool found = find(ctx, &nbrec_port_col_name, id, &row);

    *rowp = ROW_FROM(nbrec_port, row);
    return found;
}

bool
find_host(struct ctl_context *ctx, const char *host,
          const struct nbrec_host **rowp)
{
    const struct ovsdb_idl_row *row;
    bool found = find(ctx, &nbrec_host_col_host, host, &row);

    *rowp = ROW_FROM(nbrec_host, row);
    return found;
}

bool
find_network_must(struct ctl_context *ctx, const char *id,
                  const struct nbrec_network **rowp)
{
    if (!find_network(ctx, id, rowp)) {
        return false;
    }
    if (!*rowp) {
        ctl_error(ctx, "no network is named \"%s\" or has it as its UUID", id);
    }
    return *rowp != NULL;
}

bool
find_port_must(struct ctl_context *ctx, const char *id,
               const struct nbrec_port **rowp)
{
    if (!find_port(ctx, id, rowp)) {
        return false;
    }
    if (!*rowp) {
        ctl_error(ctx, "no port is named \"%s\" or has it as its UUID", id);
    }
    return *rowp != NULL;
}

bool
find_check_unique(struct ctl_context *ctx,
                  const struct ovsdb_idl_column *name, const char *value)
{
    const struct ovsdb_idl_row *row;

    return find_name(ctx, name, value, &row);
}

bool
find_is_new(const struct ovsdb_idl_row *row)
{
    return !row->old_datum;
}

static const struct ovsdb_idl_table_class *
class_of(const struct ovsdb_idl_column *column)
{
    return ovsdb_idl_table_class_from_column(&nbrec_idl_class, column);
}

/* Fetches the rows that 'id' can mean.  Returns true if they are there. */
static bool
ask(struct ctl_context *ctx, const struct ovsdb_idl_column *name,
    const char *id)
{
    struct fetch *fetch = nbctl_fetch(ctx);
    bool asked = fetch_string_eq(fetch, name, id);
    struct uuid uuid;

    if (uuid_from_string(&uuid, id)) {
        asked &= fetch_uuid(fetch, class_of(name), &uuid);
    }
    return asked;
}

static bool
find(struct ctl_context *ctx, const struct ovsdb_idl_column *name,
     const char *id, const struct ovsdb_idl_row **rowp)
{
    struct uuid uuid;

    *rowp = NULL;
    if (!ask(ctx, name, id)) {
        ctx->try_again = true;
        return false;
    }
    if (uuid_from_string(&uuid, id)) {
        const struct ovsdb_idl_row *row
            = ovsdb_idl_get_row_for_uuid(ctx->idl, class_of(name), &uuid);

        /* A row that others refer to is known even when it is gone. */
        if (row && row->new_datum) {
            *rowp = row;
            return true;
        }
    }
    return find_name(ctx, name, id, rowp);
}

static bool
find_name(struct ctl_context *ctx, const struct ovsdb_idl_column *name,
          const char *value, const struct ovsdb_idl_row **rowp)
{
    const struct ovsdb_idl_table_class *class = class_of(name);
    const struct ovsdb_idl_row *row;

    *rowp = NULL;
    for (row = ovsdb_idl_first_row(ctx->idl, class); row;
         row = ovsdb_idl_next_row(row)) {
        if (strcmp(json_string(ovsdb_idl_read(row, name)->keys[0].s), value)) {
            continue;
        }
        if (*rowp) {
            ctl_error(ctx, "%s \"%s\" is ambiguous: "UUID_FMT" and "UUID_FMT
                      " both have that %s; give the UUID instead",
                      class->name, value, UUID_ARGS(&(*rowp)->uuid),
                      UUID_ARGS(&row->uuid), name->name);
            *rowp = NULL;
            return false;
        }
        *rowp = row;
    }
    return true;
}
