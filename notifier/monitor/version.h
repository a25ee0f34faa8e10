/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_VERSION_H
#define MONITOR_VERSION_H 1

/* A row as it was before a change, kept for as long as somebody needs it:
 * clients that have not been told of the change, the history.  All of them
 * share it.
 *
 * With it is kept what clients are told who know the row as it was then, for
 * others who are to be told the same in the same pass.
 *
 * One thread. */

#include <stdbool.h>

#include "monitor/compose.h"
#include "uuid.h"

struct ovsdb_row;
struct ovsdb_table;

struct mon_version {
    unsigned int n_refs;
    struct uuid id;
    const struct ovsdb_table *table;
    struct ovsdb_row *row;      /* NULL: there was none.  A copy. */

    unsigned int n_due;         /* How many are to be told of the change. */
    uint64_t serial;            /* When 'texts' were made. */
    struct mon_text *texts;
};

/* A reference to a new version, of 'id' in 'table', of 'row', NULL for none,
 * which is copied (by reference to its values: this is cheap). */
struct mon_version *mon_version_create(const struct ovsdb_table *table,
                                       const struct uuid *id,
                                       const struct ovsdb_row *row);
struct mon_version *mon_version_ref(struct mon_version *);
void mon_version_unref(struct mon_version *);

/* Takes, gives back a reference for somebody who is to be told. */
struct mon_version *mon_version_add_due(struct mon_version *);
void mon_version_remove_due(struct mon_version *);

/* As mon_compose_row(), for a change from 'old' to 'new'; what is composed for
 * one is kept for others who are to be told, until 'serial', the number of
 * transactions so far, is another. */
bool mon_version_compose(struct mon_version *old, struct ds *,
                         const struct mon_shape *, enum mon_protocol,
                         enum mon_kind, const struct ovsdb_row *new,
                         uint64_t serial);

#endif /* monitor/version.h */
