/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Deletes entries that are past retention.  See journal.h.
 *
 * From the oldest on, a batch in each pass, so that what is there has no holes
 * and the loop is not held up.  The pages of deleted entries are used for new
 * ones; only when there are many (the limits were lowered, or much has grown
 * old at once) are they given back to the file system, some in each pass.
 *
 * The last known states are not subject to retention: they are as many as
 * there are objects. */

#include <config.h>

#include "journal/journal-private.h"

#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

/* How often to look, in milliseconds, when there was nothing to do. */
#define INTERVAL 1000

/* Free pages are given back when there are more than this, 4 MiB, and more
 * than one in four; so many in a pass. */
#define FREE_PAGES_MIN 1000
#define FREE_PAGES_STEP 500

static char *delete_batch(struct journal *, size_t *n);
static bool is_oversized(struct journal *);
static char *delete_up_to(struct journal *, uint64_t last, size_t n);
static uint64_t find_expired(struct journal *, size_t *n);
static bool has_free_pages(struct journal *);
static char *give_back_pages(struct journal *);
static void get_pages(struct journal *, int64_t *n_pages, int64_t *n_free,
                      int64_t *page_size);

void
journal_run(struct journal *journal)
{
    size_t n = 0;

    if (journal->in_pass || time_msec() < journal->next_retention) {
        return;
    }

    checkpointer_begin_write(journal->checkpointer);
    bool vacuum = has_free_pages(journal);
    char *error = delete_batch(journal, &n);
    if (!error && vacuum) {
        error = give_back_pages(journal);
    }
    checkpointer_end_write(journal->checkpointer);
    if (error || n) {
        journal_set_problem(journal, error);
    }
    journal->next_retention = time_msec();
    if (error || (!n && !vacuum)) {
        journal->next_retention += INTERVAL;
    }
}

void
journal_wait(struct journal *journal)
{
    poll_timer_wait_until(journal->next_retention);
}

/* Deletes what is past retention, of that what is allowed in a pass, and sets
 * '*n' to how many entries that were. */
static char *
delete_batch(struct journal *journal, size_t *n)
{
    uint64_t last = find_expired(journal, n);

    return *n ? delete_up_to(journal, last, *n) : NULL;
}

/* Returns the last entry of the next batch and sets '*n' to how many there
 * are, 0 if none is due. */
static uint64_t
find_expired(struct journal *journal, size_t *n)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_ENTRY_OLDEST];
    long long int oldest = (time_wall_msec()
                            - journal->limits.max_age_sec * 1000);
    bool oversized = is_oversized(journal);
    uint64_t last = 0;

    *n = 0;
    if (journal->n_entries > JOURNAL_MIN_ENTRIES) {
        sqlite3_bind_int64(stmt, 1, MIN(journal->n_entries
                                        - JOURNAL_MIN_ENTRIES,
                                        JOURNAL_RETENTION_BATCH));
        while (sqlite3_step(stmt) == SQLITE_ROW
               && (oversized || sqlite3_column_int64(stmt, 1) < oldest)) {
            last = sqlite3_column_int64(stmt, 0);
            ++*n;
        }
        sqlite3_reset(stmt);
    }
    return last;
}

/* Deletes the 'n' entries up to 'last'. */
static char *
delete_up_to(struct journal *journal, uint64_t last, size_t n)
{
    sqlite3_bind_int64(journal->stmts[SQL_ENTRY_DELETE], 1, last);
    sqlite3_bind_int64(journal->stmts[SQL_GAP_DELETE], 1, last);
    if (!journal_sql_run(journal, SQL_BEGIN)
        || !journal_sql_run(journal, SQL_ENTRY_DELETE)
        || !journal_sql_run(journal, SQL_GAP_DELETE)
        || !journal_sql_run(journal, SQL_COMMIT)) {
        char *error = journal_sql_error(journal, "delete old entries");

        if (!sqlite3_get_autocommit(journal->db)) {
            journal_sql_run(journal, SQL_ROLLBACK);
        }
        return error;
    }

    journal->n_entries -= n;
    journal->n_expired += n;

    sqlite3_stmt *stmt = journal->stmts[SQL_ENTRY_BOUNDS];
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        journal->tail = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_reset(stmt);
    return NULL;
}

static bool
is_oversized(struct journal *journal)
{
    int64_t n_pages, n_free, page_size;

    get_pages(journal, &n_pages, &n_free, &page_size);
    uint64_t used = (n_pages - n_free) * page_size;
    return used > journal->limits.max_bytes;
}

static bool
has_free_pages(struct journal *journal)
{
    int64_t n_pages, n_free, page_size;

    get_pages(journal, &n_pages, &n_free, &page_size);
    return n_free > FREE_PAGES_MIN && n_free > n_pages / 4;
}

static char *
give_back_pages(struct journal *journal)
{
    return (sqlite3_exec(journal->db, "PRAGMA incremental_vacuum("
                         OVS_STRINGIZE(FREE_PAGES_STEP)")", NULL, NULL, NULL)
            ? journal_sql_error(journal, "shrink the file") : NULL);
}

static void
get_pages(struct journal *journal, int64_t *n_pages, int64_t *n_free,
          int64_t *page_size)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_PAGES];

    *n_pages = *n_free = *page_size = 0;
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        *n_pages = sqlite3_column_int64(stmt, 0);
        *n_free = sqlite3_column_int64(stmt, 1);
        *page_size = sqlite3_column_int64(stmt, 2);
    }
    sqlite3_reset(stmt);
}
