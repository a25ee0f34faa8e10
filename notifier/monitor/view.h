/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_VIEW_H
#define MONITOR_VIEW_H 1

/* What one client sees of one table: which rows, which columns; and which of
 * its rows have changed since it was told, latest state only.
 *
 * A row that is due is kept as the client knows it; what it is told is the
 * difference from that to what the row is when there is room to tell it.  So a
 * client that is slow is due at most the rows that it knows and those that it
 * asks for, each once, however much happens: that is the bound, and a version
 * of a row is shared by all that it is kept for.
 *
 * One thread; no errors. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/compose.h"
#include "monitor/condition.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"

struct ds;
struct monitor;
struct mon_table;
struct mon_version;

struct mon_view {
    struct monitor *monitor;
    struct mon_table *table;
    struct mon_shape *shape;
    struct mon_condition condition;
    struct ovs_list table_node; /* In 'table', unless found by clauses. */
    struct hmap due;            /* "struct mon_due"s. */
    size_t n_rows;              /* That the client knows. */
    uint64_t visited;           /* See mon_table_for_each_concerned(). */
};

/* A list of rows as they are sent: {"TABLE":{"UUID":ROW,...},...}. */
struct mon_update {
    struct ds *out;
    bool any;                   /* Has any row? */
    const struct mon_view *view; /* Whose table is open; NULL: none. */
};

void mon_update_begin(struct mon_update *, struct ds *out);
void mon_update_end(struct mon_update *);

/* Adds a row: the client knows 'old', NULL or not in its view, and is now to
 * know 'new', likewise.  'serial': see mon_version_compose().  Rows of a view come together. */
void mon_update_add(struct mon_update *, struct mon_view *,
                    struct mon_version *old, const struct ovsdb_row *new,
                    uint64_t serial);
void mon_update_add_row(struct mon_update *, struct mon_view *,
                        enum mon_kind, const struct ovsdb_row *);

/* A row has changed from 'old', of which a reference is taken.  Of a row's
 * changes the earliest comes first. */
void mon_view_add_due(struct mon_view *, struct mon_version *old);

/* The same, and it is 'new' now, NULL if it is gone.  Returns whether it is
 * due: a row that the client never knew and that has gone again is not. */
bool mon_view_changed(struct mon_view *, struct mon_version *old,
                      const struct ovsdb_row *new);

/* Adds all rows that are due to 'update'; then none are. */
void mon_view_tell_due(struct mon_view *, struct mon_update *update,
                       uint64_t serial);
void mon_view_forget_due(struct mon_view *);

#endif /* monitor/view.h */
