/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_HISTORY_H
#define MONITOR_HISTORY_H 1

/* The latest changes of a database, so that a client that comes back is told
 * of what it missed and of nothing else.
 *
 * A client says which state it saw last.  Of the changes since, those that may
 * concern it are found by the values it asks for: each change is listed under
 * the value that its row had, and the one it has now, in every column that
 * clients ask by.  So a client that asks for a hundred rows costs the changes
 * of these, however many others there were.
 *
 * Of the changes of a row since, the first one found so for a client has the
 * row as that client knows it, or as one that was not in its view: if the row
 * was in its view then, it had a value that the client asks for, and its first
 * change after that is listed under it.
 *
 * It keeps at most so many changes, and, if rows are large, fewer: as many as
 * have MON_HISTORY_ROW_BYTES each on average.  It knows a state as long as every
 * change since is there.  One thread; no errors. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "uuid.h"

struct mon_version;
struct ovsdb_column;
struct ovsdb_datum;
struct ovsdb_row;
struct ovsdb_table;

/* What a row takes that is no larger than most. */
#define MON_HISTORY_ROW_BYTES 2048

struct mon_history {
    size_t max;                 /* Changes; 0: none are kept. */
    size_t bytes;               /* Of the rows that are kept, estimated. */
    struct mon_past_change *changes; /* A ring; [seq % allocated]. */
    size_t allocated;
    uint64_t tail, head;        /* Changes tail <= seq < head are there. */

    struct ovs_list states;     /* "struct mon_past_state"s, oldest first. */
    struct hmap states_by_id;
    struct hmap postings;       /* By column and value. */
    struct hmap tables;         /* What columns changes are listed by. */
};

void mon_history_init(struct mon_history *, size_t max);
void mon_history_destroy(struct mon_history *);

/* Forgets everything: columns too, unless 'keep_columns'. */
void mon_history_clear(struct mon_history *, bool keep_columns);

/* Lists changes by 'column' of 'table' too, also those that are there. */
void mon_history_add_column(struct mon_history *, const struct ovsdb_table *,
                            const struct ovsdb_column *);

/* Adds the change of a row from 'old', of which it takes a reference, to
 * 'new', NULL if it is gone. */
void mon_history_add(struct mon_history *, struct mon_version *old,
                     const struct ovsdb_row *new);

/* All changes so far led to a state of this name. */
void mon_history_commit(struct mon_history *, const struct uuid *state);

/* Whether every change since the latest state of that name is there; if so,
 * '*seqp' is the first of them, mon_history_head() if there is none. */
bool mon_history_find(const struct mon_history *, const struct uuid *state,
                      uint64_t *seqp);
static inline uint64_t
mon_history_head(const struct mon_history *history)
{
    return history->head;
}

/* The change 'seq': the row before it. */
struct mon_version *mon_history_get(const struct mon_history *, uint64_t seq);

/* The changes from 'seq' on that are listed under 'value' of 'column': calls
 * 'cb' with each, in order. */
void mon_history_for_each(const struct mon_history *,
                          const struct ovsdb_column *,
                          const struct ovsdb_datum *value, uint64_t seq,
                          void (*cb)(uint64_t seq, void *aux), void *aux);

#endif /* monitor/history.h */
