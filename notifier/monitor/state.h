/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_STATE_H
#define MONITOR_STATE_H 1

/* The name of a database's state, the "transaction id" of
 * monitor_cond_since.
 *
 * It is the sum, modulo 2**128, of a hash of each row: two databases that have
 * the same rows have the same name for them, whatever way they came there.  So
 * a client that comes back is known by any notifier that has seen the state it
 * saw, and by one that was just started if nothing has changed since; a
 * standalone ovsdb-server, which gives transactions no ids, is no obstacle.
 * A state that comes back, after a change and its reverse, has its old name,
 * and rightly so: what a client lacks is the difference, not the way.
 *
 * A row's hash is SHA-256 over table, UUID and those columns that have not
 * their default value, by name: a column that a newer schema adds changes no
 * name.  It is not a quick hash because project users choose names and
 * descriptions: two states of one name would hide a change from a client that
 * was away meanwhile.  (A sum of hashes is not as strong as the hash: whoever
 * chose the contents of a thousand rows, and knew all others', could make two
 * states of one name.)
 *
 * Pure; there are no errors. */

#include <stdint.h>

#include "uuid.h"

struct ovsdb_row;

struct mon_state {
    uint64_t high, low;
};

#define MON_STATE_EMPTY ((struct mon_state) { 0, 0 })

/* Adds, takes away a row. */
void mon_state_add(struct mon_state *, const struct ovsdb_row *);
void mon_state_remove(struct mon_state *, const struct ovsdb_row *);

/* Never the zero UUID, which in monitor_cond_since means "none". */
struct uuid mon_state_id(const struct mon_state *);

#endif /* monitor/state.h */
