/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Events to resume with.  See journal_read() in journal.h.
 *
 * One call looks at the entries of a window of sequence numbers.  Through an
 * index it is wide, and costs what matches; else it is narrow, since every
 * entry in it is looked at. */

#include <config.h>

#include "journal/journal-private.h"

#include <jansson.h>

#include "util.h"

#define WINDOW_UNINDEXED 4096
#define WINDOW_INDEXED 65536

/* The strings of a filter, as the statements take them; NULL for any. */
struct bound_filter {
    char *resources, *projects, *ids, *networks, *hosts;
};

static void bind_filter(sqlite3_stmt *, const struct journal_filter *,
                        struct bound_filter *);
static char *bind_strings(sqlite3_stmt *, int i,
                          const struct journal_strings *);
static void unbind_filter(sqlite3_stmt *, struct bound_filter *);
static enum sql choose(const struct journal_filter *);
static uint64_t first_after(struct journal *, uint64_t after);

char *
journal_read(struct journal *journal, uint64_t after,
             const struct journal_filter *filter, size_t max,
             bool (*cb)(const struct journal_entry *, void *aux), void *aux,
             uint64_t *reached)
{
    static const struct journal_filter any;
    struct bound_filter bound;
    char *error = NULL;
    size_t n = 0;

    filter = filter ? filter : &any;
    *reached = after;

    /* Numbers can have gaps, much wider than a window. */
    uint64_t first = first_after(journal, after);
    if (!first || first > journal->head) {
        *reached = MAX(after, journal->head);
        return NULL;
    }

    enum sql sql = choose(filter);
    uint64_t width = sql == SQL_READ ? WINDOW_UNINDEXED : WINDOW_INDEXED;
    uint64_t last = MIN(first - 1 + width, journal->head);
    sqlite3_stmt *stmt = journal->stmts[sql];

    sqlite3_bind_int64(stmt, 1, after);
    sqlite3_bind_int64(stmt, 2, last);
    sqlite3_bind_int64(stmt, 3, max);
    bind_filter(stmt, filter, &bound);
    bool more = true;
    while (more && sqlite3_step(stmt) == SQLITE_ROW) {
        struct journal_entry entry;

        journal_entry_read(stmt, &entry);
        *reached = entry.seq;
        more = cb(&entry, aux) && ++n < max;
    }
    if (sqlite3_reset(stmt)) {
        error = journal_sql_error(journal, "read its entries");
    } else if (more) {
        *reached = last;
    }
    unbind_filter(stmt, &bound);
    return error;
}

/* The most selective index first. */
static enum sql
choose(const struct journal_filter *filter)
{
    return (filter->ids.n ? SQL_READ_BY_ID
            : filter->hosts.n ? SQL_READ_BY_HOST
            : filter->network_ids.n ? SQL_READ_BY_NETWORK
            : SQL_READ);
}

/* The number of the first entry after 'after', 0 if there is none. */
static uint64_t
first_after(struct journal *journal, uint64_t after)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_ENTRY_FIRST_AFTER];

    sqlite3_bind_int64(stmt, 1, after);
    uint64_t first = (sqlite3_step(stmt) == SQLITE_ROW
                      ? sqlite3_column_int64(stmt, 0) : 0);
    sqlite3_reset(stmt);
    return first;
}

static void
bind_filter(sqlite3_stmt *stmt, const struct journal_filter *filter,
            struct bound_filter *bound)
{
    sqlite3_bind_int64(stmt, 4, filter->verbs ? filter->verbs : UINT_MAX);
    bound->resources = bind_strings(stmt, 5, &filter->resources);
    bound->projects = bind_strings(stmt, 6, &filter->project_ids);
    bound->ids = bind_strings(stmt, 7, &filter->ids);
    bound->networks = bind_strings(stmt, 8, &filter->network_ids);
    bound->hosts = bind_strings(stmt, 9, &filter->hosts);
}

/* Binds the strings as a JSON array and returns that, for the caller to free
 * once the statement is reset; NULL if any string will do.  One that is no
 * UTF-8 is in no entry, and left out. */
static char *
bind_strings(sqlite3_stmt *stmt, int i, const struct journal_strings *strings)
{
    if (!strings->n) {
        sqlite3_bind_null(stmt, i);
        return NULL;
    }

    json_t *array = json_array();
    for (size_t j = 0; j < strings->n; j++) {
        json_array_append_new(array, json_string(strings->strings[j]));
    }
    char *text = json_dumps(array, JSON_COMPACT);
    json_decref(array);
    sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
    return text;
}

static void
unbind_filter(sqlite3_stmt *stmt, struct bound_filter *bound)
{
    sqlite3_clear_bindings(stmt);
    free(bound->resources);
    free(bound->projects);
    free(bound->ids);
    free(bound->networks);
    free(bound->hosts);
}
