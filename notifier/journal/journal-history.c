/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* History for people.  See journal_history() in journal.h.
 *
 * A change leads to a revision of its object, and a hypervisor that applies
 * that revision, or a later one, makes an entry: the two are joined here.
 *
 * Every query goes through an index, so that it usually costs what it answers.
 * A filter that hardly anything matches would go on for long: such a query is
 * given up. */

#include <config.h>

#include "journal/journal-private.h"

#include <jansson.h>
#include <string.h>

#include "sset.h"
#include "util.h"

/* What changes are shown with, unless asked for. */
#define CHANGES ((1u << JOURNAL_CREATED) | (1u << JOURNAL_UPDATED) \
                 | (1u << JOURNAL_DELETED))

/* A query is given up after this many steps of SQLite's virtual machine, a
 * tenth of a second or so.  Looking at an entry takes some 30. */
#define MAX_STEPS 10000000
#define STEPS_PER_CALL 10000

/* Most entries looked at for one change's hypervisors, which can apply one
 * revision several times (an interface that is unplugged and plugged). */
#define MAX_APPLIED_SCANNED (4 * JOURNAL_MAX_APPLIED)

static enum sql choose(const struct journal_query *);
static void bind_query(struct journal *, sqlite3_stmt *,
                       const struct journal_query *, size_t limit);
static void bind_start(struct journal *, sqlite3_stmt *,
                       const struct journal_query *, int64_t until);
static void bind_or_null(sqlite3_stmt *, int i, const char *);
static int64_t marker_time(struct journal *, int64_t seq);
static int count_steps(void *budget);
static bool is_to_be_applied(const struct journal_entry *);
static void report(struct journal *, struct journal_row *, struct sset *hosts,
                   void (*cb)(const struct journal_row *, void *aux),
                   void *aux);
static bool read_applied(struct journal *, struct journal_row *,
                         struct sset *hosts);

char *
journal_history(struct journal *journal, const struct journal_query *query,
                void (*cb)(const struct journal_row *, void *aux), void *aux,
                bool *more)
{
    size_t limit = (query->limit && query->limit < JOURNAL_MAX_HISTORY
                    ? query->limit : JOURNAL_MAX_HISTORY);
    sqlite3_stmt *stmt = journal->stmts[choose(query)];
    struct sset hosts = SSET_INITIALIZER(&hosts);
    int budget = MAX_STEPS / STEPS_PER_CALL;
    char *error = NULL;
    size_t n = 0;

    *more = false;
    bind_query(journal, stmt, query, limit);
    sqlite3_progress_handler(journal->db, STEPS_PER_CALL, count_steps,
                             &budget);
    while (!*more && sqlite3_step(stmt) == SQLITE_ROW) {
        if (n++ < limit) {
            struct journal_row row;

            journal_entry_read(stmt, &row.entry);
            report(journal, &row, &hosts, cb, aux);
        } else {
            *more = true;
        }
    }
    sqlite3_progress_handler(journal->db, 0, NULL, NULL);

    int result = sqlite3_reset(stmt);
    if (result == SQLITE_INTERRUPT) {
        error = xstrdup("too many changes would have to be looked at: ask for "
                        "one object, host or author, or a shorter time");
    } else if (result) {
        error = journal_sql_error(journal, "read its entries");
    }
    sqlite3_clear_bindings(stmt);
    sset_destroy(&hosts);
    return error;
}

/* The most selective index first. */
static enum sql
choose(const struct journal_query *query)
{
    enum sql newest = (query->id ? SQL_HISTORY_BY_ID
                       : query->name ? SQL_HISTORY_BY_NAME
                       : query->host ? SQL_HISTORY_BY_HOST
                       : query->by ? SQL_HISTORY_BY_AUTHOR
                       : query->resource ? SQL_HISTORY_BY_RESOURCE
                       : SQL_HISTORY);

    return query->oldest_first ? newest + 1 : newest;
}

static void
bind_query(struct journal *journal, sqlite3_stmt *stmt,
           const struct journal_query *query, size_t limit)
{
    int64_t until = query->until_msec ? query->until_msec : INT64_MAX;

    sqlite3_bind_int64(stmt, 1, journal->head);
    sqlite3_bind_int64(stmt, 2, limit + 1);
    sqlite3_bind_int64(stmt, 3, query->verbs ? query->verbs : CHANGES);
    sqlite3_bind_int64(stmt, 4, query->since_msec);
    sqlite3_bind_int64(stmt, 5, until);
    bind_start(journal, stmt, query, until);
    bind_or_null(stmt, 8, query->resource);
    bind_or_null(stmt, 9, query->id);
    bind_or_null(stmt, 10, query->name);
    bind_or_null(stmt, 11, query->by);
    bind_or_null(stmt, 12, query->project_id);
    bind_or_null(stmt, 13, query->host);
}

/* Binds where to begin: at the marker, or where the time begins, or at the end
 * of all, whichever leaves the fewest entries. */
static void
bind_start(struct journal *journal, sqlite3_stmt *stmt,
           const struct journal_query *query, int64_t until)
{
    int64_t seq = MIN(query->marker, INT64_MAX);
    int64_t at = seq ? marker_time(journal, seq) : 0;
    bool by_time = choose(query) < SQL_HISTORY_BY_ID;

    if (!query->oldest_first) {
        if (!seq || (by_time && at >= until)) {
            seq = by_time ? 0 : journal->head + 1;
            at = until;
        }
    } else if (!seq || (by_time && at < query->since_msec)) {
        seq = 0;
        at = query->since_msec;
    }
    sqlite3_bind_int64(stmt, 6, seq);
    sqlite3_bind_int64(stmt, 7, at);
}

static void
bind_or_null(sqlite3_stmt *stmt, int i, const char *s)
{
    if (s) {
        journal_sql_bind_text(stmt, i, s);
    } else {
        sqlite3_bind_null(stmt, i);
    }
}

/* The time of the entry 'seq'.  If retention has taken it, that of the oldest
 * there is: what was before is gone as well. */
static int64_t
marker_time(struct journal *journal, int64_t seq)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_ENTRY_TIME];

    sqlite3_bind_int64(stmt, 1, seq);
    int64_t at = (sqlite3_step(stmt) == SQLITE_ROW
                  ? sqlite3_column_int64(stmt, 0) : INT64_MAX);
    sqlite3_reset(stmt);
    return at;
}

/* Called by SQLite now and then; returns nonzero to stop it. */
static int
count_steps(void *budget_)
{
    int *budget = budget_;

    return --*budget < 0;
}

/* Whether the change raised the object's revision, for hypervisors to apply.
 * One of its status alone, for example, did not. */
static bool
is_to_be_applied(const struct journal_entry *entry)
{
    if (entry->verb == JOURNAL_UPDATED) {
        json_t *changes = json_loads(entry->changes, 0, NULL);
        bool raised = json_object_get(changes, "revision_number");

        json_decref(changes);
        return raised;
    }
    return entry->verb == JOURNAL_CREATED;
}

/* Completes 'row' with who applied it, and calls 'cb'.  An error stops
 * SQLite's next step as well. */
static void
report(struct journal *journal, struct journal_row *row, struct sset *hosts,
       void (*cb)(const struct journal_row *, void *aux), void *aux)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_APPLIED];

    row->n_applied = 0;
    row->more_applied = false;
    if (is_to_be_applied(&row->entry)) {
        journal_sql_bind_text(stmt, 1, row->entry.resource);
        journal_sql_bind_text(stmt, 2, row->entry.id);
        sqlite3_bind_int64(stmt, 3, row->entry.revision);
        sqlite3_bind_int64(stmt, 4, row->entry.seq);
        sqlite3_bind_int64(stmt, 5, journal->head);
        sqlite3_bind_int64(stmt, 6, MAX_APPLIED_SCANNED);
        while (read_applied(journal, row, hosts)) {
            continue;
        }
        sqlite3_reset(stmt);
        sqlite3_clear_bindings(stmt);
    }
    cb(row, aux);
    sset_clear(hosts);
}

/* Adds the next hypervisor that applied 'row'.  The names are kept by 'hosts',
 * which also tells which were there.  Returns false after the last. */
static bool
read_applied(struct journal *journal, struct journal_row *row,
             struct sset *hosts)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_APPLIED];

    if (sqlite3_step(stmt) != SQLITE_ROW) {
        return false;
    }

    const char *host = journal_sql_column(stmt, 0);
    if (sset_contains(hosts, host)) {
        return true;
    }
    if (row->n_applied >= JOURNAL_MAX_APPLIED) {
        row->more_applied = true;
        return false;
    }

    long long int at_msec = sqlite3_column_int64(stmt, 1);
    row->applied[row->n_applied++] = (struct journal_applied) {
        .host = sset_add(hosts, host)->name,
        .at_msec = at_msec,
        .after_msec = at_msec - row->entry.at_msec,
        .revision = sqlite3_column_int64(stmt, 2),
    };
    return true;
}
