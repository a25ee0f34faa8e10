/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Reads last known states and notes.  See journal.h. */

#include <config.h>

#include "journal/journal-private.h"

#include "util.h"

static void finish(struct journal *, sqlite3_stmt *, const char *what);

bool
journal_state_get(struct journal *journal, const char *resource,
                  const char *id, char **object, char **internal)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_STATE_GET];

    journal_sql_bind_text(stmt, 1, resource);
    journal_sql_bind_text(stmt, 2, id);
    bool found = sqlite3_step(stmt) == SQLITE_ROW;
    if (object) {
        *object = found ? xstrdup(journal_sql_column(stmt, 0)) : NULL;
    }
    if (internal) {
        *internal = found ? xstrdup(journal_sql_column(stmt, 1)) : NULL;
    }
    finish(journal, stmt, "read an object's state");
    return found;
}

size_t
journal_state_each(struct journal *journal, const char *resource,
                   const char *after, size_t max,
                   void (*cb)(const struct journal_state *, void *aux),
                   void *aux)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_STATE_EACH];
    size_t n = 0;

    journal_sql_bind_text(stmt, 1, resource);
    journal_sql_bind_text(stmt, 2, after);
    sqlite3_bind_int64(stmt, 3, max);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        struct journal_state state = {
            .resource = journal_sql_column(stmt, 0),
            .id = journal_sql_column(stmt, 1),
            .object = journal_sql_column(stmt, 2),
            .internal = journal_sql_column(stmt, 3),
        };

        cb(&state, aux);
        n++;
    }
    finish(journal, stmt, "read objects' states");
    return n;
}

char *
journal_note_get(struct journal *journal, const char *key)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_NOTE_GET];

    journal_sql_bind_text(stmt, 1, key);
    char *value = (sqlite3_step(stmt) == SQLITE_ROW
                   ? xstrdup(journal_sql_column(stmt, 0)) : NULL);
    finish(journal, stmt, "read a note");
    return value;
}

/* Resets 'stmt'; if it failed, so does the pass. */
static void
finish(struct journal *journal, sqlite3_stmt *stmt, const char *what)
{
    if (sqlite3_reset(stmt)) {
        journal_pass_fail(journal, what);
    }
    sqlite3_clear_bindings(stmt);
}
