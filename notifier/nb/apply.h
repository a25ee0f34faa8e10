/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Applies what the server sends to the tables of the replica.
 *
 * An update is applied as a whole or not at all.  One that comes after a
 * disconnect, with every row there is, is turned into the difference from what
 * is there, so that a row that did not change meanwhile is not touched.
 *
 * For nb/ alone. */

#ifndef NB_APPLY_H
#define NB_APPLY_H 1

#include <stddef.h>

#include "compiler.h"

struct ovsdb;
struct ovsdb_cs_update_event;
struct ovsdb_error;
struct ovsdb_row;

/* A row before and after; one of them may be NULL. */
struct nb_row_change {
    struct ovsdb_row *old;      /* A copy. */
    const struct ovsdb_row *new; /* The table's. */
};

struct nb_row_changes {
    struct nb_row_change *changes;
    size_t n, allocated;
};

/* Applies 'update' to 'db' and appends what it changed to 'changes', which
 * must be empty.  On error, 'db' and 'changes' are as they were. */
struct ovsdb_error *nb_apply(struct ovsdb *db,
                             const struct ovsdb_cs_update_event *update,
                             struct nb_row_changes *changes)
    OVS_WARN_UNUSED_RESULT;

void nb_row_changes_destroy(struct nb_row_changes *);

#endif /* nb/apply.h */
