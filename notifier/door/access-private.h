/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What access.c, on operations, and access-rows.c, on whose rows they touch,
 * share. */

#ifndef DOOR_ACCESS_PRIVATE_H
#define DOOR_ACCESS_PRIVATE_H 1

#include "door/access.h"

struct ovsdb_row;
struct ovsdb_symbol_table;
struct ovsdb_table;

/* The check of one request. */
struct access_check {
    const struct ovsdb *db;
    const struct nb_index *index;
    const struct access_session *session;
    const struct ovsdb_row *role; /* Of RBAC_Role; NULL: no such role. */
    struct ovsdb_symbol_table *symtab; /* Names of rows to insert. */
};

/* An operation that writes. */
struct access_operation {
    struct json *json;          /* An object. */
    struct ovsdb_table *table;  /* NULL: none that the replica has. */
    const struct ovsdb_row *permission; /* Of RBAC_Permission. */
};

/* Whether the row to insert, of columns and values 'row', is the client's. */
bool access_owns_new_row(const struct access_check *,
                         const struct access_operation *,
                         const struct json *row);

/* Whether all rows that 'where' matches are the client's.  Adds to 'where',
 * if it can, what keeps it from matching others at the server. */
bool access_owns_rows(const struct access_check *,
                      const struct access_operation *, struct json *where);

#endif /* door/access-private.h */
