/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_TABLE_H
#define MONITOR_TABLE_H 1

/* Who asks for which rows of a table: from a row to the views it is in.
 *
 * A clause "column == value" is found by its value, so a row costs a lookup
 * for each column that anybody asks by, and those it concerns.  Views of
 * everything, and those whose conditions have other operators, are lists.
 *
 * One thread; no errors. */

#include <stdint.h>

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"

struct mon_condition;
struct mon_view;
struct ovsdb_column;
struct ovsdb_row;
struct ovsdb_table;

struct mon_table {
    struct hmap_node node;      /* In struct mon_db. */
    const struct ovsdb_table *table;
    uint64_t n_changes;         /* Of rows, since somebody asked for it. */
    struct hmap values;         /* "struct mon_asked_value"s. */
    struct mon_asked_column *columns; /* That are in a clause. */
    size_t n_columns;
    struct ovs_list whole;      /* Views of every row. */
    struct ovs_list general;    /* Views with other conditions. */
};

struct mon_table *mon_table_create(const struct ovsdb_table *);
void mon_table_destroy(struct mon_table *);

/* Lets the view whose condition this is be found, no longer be found. */
void mon_table_register(struct mon_table *, struct mon_view *,
                        struct mon_condition *);
void mon_table_unregister(struct mon_table *, struct mon_view *,
                          struct mon_condition *);

/* Calls 'cb' with each view that a change of a row from 'old' to 'new', one of
 * which may be NULL, concerns: it was in the view or is now.  Each is called
 * once, if 'serial' is another in each call. */
void mon_table_for_each_concerned(struct mon_table *,
                                  const struct ovsdb_row *old,
                                  const struct ovsdb_row *new,
                                  uint64_t serial,
                                  void (*cb)(struct mon_view *, void *aux),
                                  void *aux);

#endif /* monitor/table.h */
