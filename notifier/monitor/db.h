/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_DB_H
#define MONITOR_DB_H 1

/* A database as its monitors see it: changes come in, and the monitors that
 * they concern, and no others, have something due.
 *
 *     a change --> state, history
 *              \-> table (who asks?) --> view (what is due) --> monitor
 *
 * It holds no rows of its own: they are in the tables of a "struct ovsdb",
 * which whoever changes it reports here.
 *
 * One thread; no errors. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/history.h"
#include "monitor/shape.h"
#include "monitor/state.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "uuid.h"

struct mon_table;
struct monitor;
struct nb_index;
struct ovsdb;
struct ovsdb_row;
struct ovsdb_table;
struct simap;

struct mon_db {
    struct ovsdb *ovsdb;
    struct nb_index *index;
    struct hmap tables;         /* "struct mon_table"s. */
    struct mon_shapes shapes;

    bool has_states;            /* Are states named and remembered? */
    struct mon_state state;
    struct uuid state_id;       /* Zero without. */
    struct mon_history history;
    bool loaded;                /* Has there been a commit? */

    uint64_t n_commits, n_changes;
    struct ovs_list due;        /* "struct monitor"s, in 'due_node'. */
};

/* 'ovsdb' and 'index' must outlive it.  'history' is how many changes of rows
 * are remembered; without 'states' a client that comes back gets everything
 * anew. */
struct mon_db *mon_db_create(struct ovsdb *ovsdb, struct nb_index *index,
                             bool states, size_t history);

/* Its monitors are destroyed before. */
void mon_db_destroy(struct mon_db *);

/* A row of 'ovsdb' has changed, and is in its new state; 'old' or 'new' may be
 * NULL.  The index is right already. */
void mon_db_change(struct mon_db *, const struct ovsdb_row *old,
                   const struct ovsdb_row *new);

/* What has been reported belongs together and is complete.  Then the monitors
 * in 'due' have rows to tell of. */
void mon_db_commit(struct mon_db *);

/* The table of that name, to be asked for; NULL if there is none. */
struct mon_table *mon_db_table(struct mon_db *, const char *name);

/* Changes that are remembered. */
size_t mon_db_n_history(const struct mon_db *);

#endif /* monitor/db.h */
