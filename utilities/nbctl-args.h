/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The arguments COLUMN=VALUE of "net-add" and "port-add".
 *
 * Most name a column of the row and are set as "set" would.  Some, the
 * pseudo-columns, are no columns of that table: what they mean is the
 * command's matter. */

#ifndef NBCTL_ARGS_H
#define NBCTL_ARGS_H 1

#include <stdbool.h>

struct ctl_context;
struct ovsdb_idl_row;
struct uuid;

/* Returns the value of the pseudo-column 'name', borrowed from the command
 * line, among the arguments from argv[first] on, or NULL if it is not there.
 * The last one counts. */
const char *args_get(const struct ctl_context *, int first, const char *name);

/* The pseudo-column "id": the UUID that the user has chosen for the new row.
 * Returns true if there is one or none ('*chosen' says which), false with
 * ctx->error if it is no UUID. */
bool args_get_id(struct ctl_context *, int first, struct uuid *id,
                 bool *chosen);

/* Sets the columns of 'row' from the arguments from argv[first] on, other than
 * those in 'pseudo_columns', a NULL-terminated array.  Returns false with
 * ctx->error if one cannot be set. */
bool args_set_columns(struct ctl_context *, int first,
                      const char *const pseudo_columns[],
                      const struct ovsdb_idl_row *row);

#endif /* nbctl-args.h */
