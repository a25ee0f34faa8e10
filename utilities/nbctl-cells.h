/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Fills the tables that commands answer with.
 *
 * Cells keep their OVSDB type, so that "-f json" and "-d json" come out as
 * they do for "list".  Each cells_*() call appends one cell to the last
 * row. */

#ifndef NBCTL_CELLS_H
#define NBCTL_CELLS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ctl_context;
struct ds;
struct nbrec_segment;
struct ovsdb_idl_column;
struct ovsdb_idl_row;
struct table;
struct uuid;

/* Makes the table that is the answer of the command with 'ctx'. */
struct table *cells_make_table(struct ctl_context *,
                               const char *const headings[],
                               size_t n_headings);

void cells_column(struct table *, const struct ovsdb_idl_row *,
                  const struct ovsdb_idl_column *);
void cells_uuid(struct table *, const struct uuid *);
void cells_string(struct table *, const char *);
void cells_integer(struct table *, int64_t);
void cells_boolean(struct table *, bool);

/* Returns, for the caller to free, the rows of a table in the order in which
 * people read them: by 'name', a string column, and rows of the same name by
 * UUID.  '*n' is their number. */
const struct ovsdb_idl_row **cells_sort_rows(
    struct ctl_context *, const struct ovsdb_idl_column *name, size_t *n);

/* Appends to 'out' a line like "    type: vlan 100 on physnet1".  'segment' is
 * that of a network, NULL if it is local. */
void cells_put_segment(struct ds *out, const struct nbrec_segment *segment);

#endif /* nbctl-cells.h */
