/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What a session that is held to a role may write.
 *
 * The rules are those of ovsdb-server: table RBAC_Role has, by table, a row of
 * RBAC_Permission, which says whether rows can be inserted and deleted, which
 * columns can be changed, and which column ("authorization") of a row must be
 * the client's identity.  They are read from the replica, as they are at the
 * moment; the server does not apply them to us.
 *
 * The replica can be behind the server.  So a change is not only checked
 * against the rows that the replica has: where the permission names one
 * column, the operation gets one more clause in its "where", that this column
 * is the identity, and the server itself does not touch another's row.  (With
 * several columns in "authorization" there is no such clause, and what is
 * known of a row is what the replica knows.)  For the same reason columns and
 * tables are refused even if no row matches, where ovsdb-server would not
 * mind.
 *
 * An operation that makes no sense (it is no object, its "where" is no array)
 * is allowed, for the server has the right words for it; but only if no
 * server of any schema could take it.  What makes sense and cannot be checked
 * is refused.
 *
 * What an operation costs does not depend on the size of its table if its
 * "where" has a clause "==" on "_uuid", on the authorization column or on one
 * that the replica indexes.  Otherwise the table is read, as the server will
 * have to, up to the first row that is another's.
 *
 * Pure functions of the database and the arguments. */

#ifndef DOOR_ACCESS_H
#define DOOR_ACCESS_H 1

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"

struct json;
struct nb_index;
struct ovsdb;
struct ovsdb_error;

struct access_session {
    const char *role;           /* NULL or "": may write anything. */
    const char *identity;       /* The certificate's common name, or NULL. */

    /* Tables, columns and insert_delete are held to the role, rows are
     * anybody's: for sessions without TLS.  Otherwise one without an identity
     * may write nothing, as at ovsdb-server. */
    bool tables_only;
};

/* Checks 'params', those of a "transact" request: an array of the database's
 * name and operations; operations are changed, so 'params' must not be shared.
 * What is sent to the server must be 'params' as it is afterwards, never the
 * client's own text, in which a member can be there twice.
 *
 * Returns NULL if all is allowed.  Otherwise returns why not, for the caller
 * to free, and stores in '*refused' the index in 'params' of the operation
 * that is refused, the first such.
 *
 * At ovsdb-server the operations before that one are executed, can fail for
 * other reasons, and have their results in the reply.  The same reply comes
 * about when {"op": "abort"} is sent in the place of the refused operation,
 * and the error "aborted" in its result is replaced by this one.
 *
 * 'index' is the replica's, of 'db'; NULL if there is none. */
struct ovsdb_error *access_check(const struct ovsdb *db,
                                 const struct nb_index *index,
                                 const struct access_session *,
                                 struct json *params, size_t *refused)
    OVS_WARN_UNUSED_RESULT;

#endif /* door/access.h */
