/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What the parts of the journal share.
 *
 *     journal.c             opening, closing, numbers
 *       journal-schema.c    the tables, made or checked
 *       journal-session.c   was the last session closed, killed, or cut off?
 *     journal-write.c       the pass: entries, states, commit
 *     journal-state.c       last known state and notes, read
 *     journal-read.c        events to resume with
 *     journal-history.c     history for people
 *     journal-retention.c   what is past retention goes
 *     journal-checkpoint.c  the thread that empties the WAL
 *     journal-entry.c       an entry to and from a row
 *     journal-id.c          ids of events
 *     journal-sql.c         the statements, and errors of SQLite in words
 */

#ifndef JOURNAL_PRIVATE_H
#define JOURNAL_PRIVATE_H 1

#include <sqlite3.h>

#include "journal/journal.h"
#include "journal/journal-sql.h"
#include "latency.h"

struct checkpointer;
struct lockfile;

struct journal {
    char *path;
    struct journal_limits limits;
    struct lockfile *lock;
    sqlite3 *db;
    sqlite3_stmt *stmts[N_SQL];
    struct checkpointer *checkpointer;
    uint32_t uuid;

    /* What is committed.  Every entry from 'tail' to 'head' is there, but for
     * the numbers of the gaps (journal-session.c). */
    uint64_t head, tail;
    uint64_t n_entries;

    /* The pass under way. */
    bool in_pass;
    char *pass_error;           /* The first; the rest of the pass is void. */
    uint64_t next_seq;
    uint64_t pass_entries;

    long long int next_retention; /* time_msec() of the next look. */
    char *problem;
    uint64_t n_commits, n_failures, n_expired;
    struct latency commit;
};

/* journal-schema.c.  Makes the tables in an empty file, or refuses one that is
 * not a journal or one from the future. */
char *journal_schema_init(struct journal *) OVS_WARN_UNUSED_RESULT;

/* journal-session.c.  See there. */
char *journal_session_begin(struct journal *) OVS_WARN_UNUSED_RESULT;
void journal_session_end(struct journal *);

/* Whether 'seq' may have been given to an entry that was lost. */
bool journal_session_is_lost(const struct journal *, uint64_t seq);

/* How many sequence numbers are skipped when some may have been lost.  A WAL
 * that was not synchronized would need as many entries to reach beyond. */
#define JOURNAL_GAP (UINT64_C(1) << 32)

/* journal-write.c.  Begins the pass if it is not under way; false if it has
 * failed already. */
bool journal_pass_begin(struct journal *);

/* Makes the pass fail, with the last error of SQLite, for 'what'. */
void journal_pass_fail(struct journal *, const char *what);

/* Takes 'problem', which may be NULL. */
void journal_set_problem(struct journal *, char *problem);

/* journal-entry.c.  Binds all columns of an entry to SQL_ENTRY_INSERT, and
 * reads one from a statement that selects SQL_ENTRY_COLUMNS.  Strings belong
 * to the one or the other. */
void journal_entry_bind(sqlite3_stmt *, const struct journal_entry *);
void journal_entry_read(sqlite3_stmt *, struct journal_entry *);

/* journal-retention.c. */

/* Entries deleted in one pass: a few milliseconds. */
#define JOURNAL_RETENTION_BATCH 500

/* Entries that stay however small the limits are, for streams to resume. */
#define JOURNAL_MIN_ENTRIES 1000

/* journal-checkpoint.c. */

/* Starts the thread for the file 'path' and has 'db' tell it of commits. */
char *checkpointer_start(const char *path, sqlite3 *db,
                         struct checkpointer **) OVS_WARN_UNUSED_RESULT;
void checkpointer_stop(struct checkpointer *);
uint64_t checkpointer_count(struct checkpointer *);

/* Every transaction of the main thread is between these two.  The first may
 * wait for a checkpoint. */
void checkpointer_begin_write(struct checkpointer *);
void checkpointer_end_write(struct checkpointer *);

/* The WAL is written back each time it has grown by this, 4 MiB, which is some
 * hundred commits. */
#define CHECKPOINT_PAGES 1000

/* Beyond this, 64 MiB, the main thread is held for a moment so that the WAL
 * can start again; before, it is when commits pause. */
#define CHECKPOINT_HOLD_PAGES 16384

#endif /* journal/journal-private.h */
