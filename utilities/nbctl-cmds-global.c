/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The command init: what an empty database needs before it can be used.
 *
 * That is the NB_Global row and the role that agents have when they connect
 * with a certificate.  An agent may insert, change and delete the status rows
 * whose "host" is its certificate's common name, and nothing else.  The
 * columns that say whose row it is, and of what, may not be changed: else an
 * agent could turn a row of its own into one of another's.
 *
 * All of it is brought to what it should be, so that "init" is harmless when
 * it is run again and does an upgrade after the schema has got new columns. */

#include <config.h>

#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-fetch.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "svec.h"
#include "util.h"

#define AGENT_ROLE "sluice-agent"

/* The column that has the common name of the agent's certificate. */
#define OWNER_COLUMN "host"

static const struct ovsdb_idl_table_class *const status_tables[] = {
    &nbrec_table_agent,
    &nbrec_table_port_binding,
    &nbrec_table_network_binding,
    &nbrec_table_port_location,
    &nbrec_table_network_location,
};

/* What identifies a status row, in whichever of the tables. */
static const char *const fixed_columns[] = { OWNER_COLUMN, "port", "network" };

static const struct nbrec_rbac_permission *set_permission(
    struct ctl_context *, const struct ovsdb_idl_table_class *);
static const struct nbrec_rbac_role *find_role(const struct ovsdb_idl *);
static bool is_fixed(const char *column);

static void
pre_init(struct ctl_context *ctx)
{
    struct fetch *fetch = nbctl_fetch(ctx);

    fetch_column(fetch, &nbrec_nb_global_col_options);
    fetch_column(fetch, &nbrec_rbac_role_col_name);
    fetch_column(fetch, &nbrec_rbac_role_col_permissions);
    fetch_column(fetch, &nbrec_rbac_permission_col_table);
    fetch_column(fetch, &nbrec_rbac_permission_col_authorization);
    fetch_column(fetch, &nbrec_rbac_permission_col_insert_delete);
    fetch_column(fetch, &nbrec_rbac_permission_col_update);
    fetch_all(fetch, &nbrec_table_nb_global);
    fetch_all(fetch, &nbrec_table_rbac_role);
    fetch_all(fetch, &nbrec_table_rbac_permission);
}

static void
cmd_init(struct ctl_context *ctx)
{
    const char *names[ARRAY_SIZE(status_tables)];
    struct nbrec_rbac_permission *permissions[ARRAY_SIZE(status_tables)];
    const struct nbrec_rbac_role *role = find_role(ctx->idl);

    if (!nbrec_nb_global_first(ctx->idl)) {
        nbrec_nb_global_insert(ctx->txn);
    }
    if (!role) {
        role = nbrec_rbac_role_insert(ctx->txn);
        nbrec_rbac_role_set_name(role, AGENT_ROLE);
    }
    for (size_t i = 0; i < ARRAY_SIZE(status_tables); i++) {
        names[i] = status_tables[i]->name;
        permissions[i] = CONST_CAST(struct nbrec_rbac_permission *,
                                    set_permission(ctx, status_tables[i]));
    }
    nbrec_rbac_role_verify_permissions(role);
    nbrec_rbac_role_set_permissions(role, names, permissions,
                                    ARRAY_SIZE(status_tables));
}

/* Returns the permission for agents in table 'class', made or corrected. */
static const struct nbrec_rbac_permission *
set_permission(struct ctl_context *ctx,
               const struct ovsdb_idl_table_class *class)
{
    const struct nbrec_rbac_permission *permission;
    const char *owner = OWNER_COLUMN;
    struct svec columns = SVEC_EMPTY_INITIALIZER;

    NBREC_RBAC_PERMISSION_FOR_EACH (permission, ctx->idl) {
        if (!strcmp(permission->table, class->name)) {
            break;
        }
    }
    if (!permission) {
        permission = nbrec_rbac_permission_insert(ctx->txn);
        nbrec_rbac_permission_set_table(permission, class->name);
    }

    for (size_t i = 0; i < class->n_columns; i++) {
        if (!is_fixed(class->columns[i].name)) {
            svec_add(&columns, class->columns[i].name);
        }
    }
    nbrec_rbac_permission_set_authorization(permission, &owner, 1);
    nbrec_rbac_permission_set_insert_delete(permission, true);
    nbrec_rbac_permission_set_update(
        permission, (const char **) columns.names, columns.n);
    svec_destroy(&columns);
    return permission;
}

static const struct nbrec_rbac_role *
find_role(const struct ovsdb_idl *idl)
{
    const struct nbrec_rbac_role *role;

    NBREC_RBAC_ROLE_FOR_EACH (role, idl) {
        if (!strcmp(role->name, AGENT_ROLE)) {
            return role;
        }
    }
    return NULL;
}

static bool
is_fixed(const char *column)
{
    for (size_t i = 0; i < ARRAY_SIZE(fixed_columns); i++) {
        if (!strcmp(fixed_columns[i], column)) {
            return true;
        }
    }
    return false;
}

const struct ctl_command_syntax nbctl_global_commands[] = {
    {"init", 0, 0, "", pre_init, cmd_init, NULL, "", RW},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
