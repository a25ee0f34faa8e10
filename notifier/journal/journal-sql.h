/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Every SQL statement that the journal makes, all prepared when it is opened,
 * so that a file whose tables are not as expected is found out then.
 *
 * Parameters are bound by place; texts and blobs that are bound must live
 * until the statement is reset. */

#ifndef JOURNAL_SQL_H
#define JOURNAL_SQL_H 1

#include <sqlite3.h>
#include <stdbool.h>

#include "compiler.h"

struct journal;

enum sql {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,

    /* Writing. */
    SQL_ENTRY_INSERT,           /* As journal_entry_bind(). */
    SQL_STATE_PUT,              /* Resource, id, object, internal. */
    SQL_STATE_DELETE,           /* Resource, id. */
    SQL_NOTE_PUT,               /* Key, value. */
    SQL_META_PUT,               /* Key, value. */
    SQL_META_DELETE,            /* Key. */
    SQL_GAP_PUT,                /* First, last. */

    /* Numbers. */
    SQL_STATE_GET,              /* Resource, id. */
    SQL_STATE_EACH,             /* Resource, after, max. */
    SQL_STATE_COUNT,
    SQL_NOTE_GET,               /* Key. */
    SQL_META_GET,               /* Key. */
    SQL_GAP_HAS,                /* Sequence number. */
    SQL_ENTRY_BOUNDS,           /* -> first, last. */
    SQL_ENTRY_COUNT,
    SQL_ENTRY_FIRST_AFTER,      /* Sequence number. */
    SQL_ENTRY_TIME,             /* Sequence number -> at, or of the next. */
    SQL_PAGES,                  /* -> pages, free ones, bytes of a page. */

    /* Retention. */
    SQL_ENTRY_OLDEST,           /* Max -> seq, at. */
    SQL_ENTRY_DELETE,           /* Last. */
    SQL_GAP_DELETE,             /* Last. */

    /* Reading.  All take what journal-read.c binds. */
    SQL_READ,
    SQL_READ_BY_ID,
    SQL_READ_BY_NETWORK,
    SQL_READ_BY_HOST,

    /* History.  All take what journal-history.c binds; each is followed by
     * the one for the oldest first. */
    SQL_HISTORY,
    SQL_HISTORY_OLDEST,
    SQL_HISTORY_BY_RESOURCE,
    SQL_HISTORY_BY_RESOURCE_OLDEST,
    SQL_HISTORY_BY_ID,
    SQL_HISTORY_BY_ID_OLDEST,
    SQL_HISTORY_BY_NAME,
    SQL_HISTORY_BY_NAME_OLDEST,
    SQL_HISTORY_BY_AUTHOR,
    SQL_HISTORY_BY_AUTHOR_OLDEST,
    SQL_HISTORY_BY_HOST,
    SQL_HISTORY_BY_HOST_OLDEST,
    SQL_APPLIED,                /* Resource, id, revision, seq, head, max. */

    N_SQL
};

/* The text of a statement, for tests of how it is carried out. */
const char *journal_sql_text(enum sql);

/* Prepares all, and finalizes all. */
char *journal_sql_prepare(struct journal *) OVS_WARN_UNUSED_RESULT;
void journal_sql_finalize(struct journal *);

/* Binds a text, which may be NULL for "". */
void journal_sql_bind_text(sqlite3_stmt *, int i, const char *);

/* Runs a statement without rows, whose parameters are bound; false if it
 * failed. */
bool journal_sql_run(struct journal *, enum sql);

/* What went wrong last, in words: "FILE: cannot WHAT: REASON". */
char *journal_sql_error(const struct journal *, const char *what);

/* The text of column 'i', never NULL, good until the next step. */
const char *journal_sql_column(sqlite3_stmt *, int i);

#endif /* journal/journal-sql.h */
