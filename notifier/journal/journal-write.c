/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The journal's pass: entries and last known states, in one transaction.  See
 * journal.h for what a failure means.
 *
 * The first error makes the pass void: whatever else is written in it is not
 * even tried, and journal_commit() rolls everything back. */

#include <config.h>

#include "journal/journal-private.h"

#include "timeval.h"
#include "util.h"

static void run_in_pass(struct journal *, enum sql, const char *what);
static char *fail_pass(struct journal *);
static void end_pass(struct journal *);

bool
journal_pass_begin(struct journal *journal)
{
    if (!journal->in_pass) {
        journal->in_pass = true;
        journal->next_seq = journal->head + 1;
        journal->pass_entries = 0;
        checkpointer_begin_write(journal->checkpointer);
        if (!journal_sql_run(journal, SQL_BEGIN)) {
            journal_pass_fail(journal, "begin a transaction");
        }
    }
    return !journal->pass_error;
}

void
journal_pass_fail(struct journal *journal, const char *what)
{
    if (!journal->pass_error) {
        journal->pass_error = journal_sql_error(journal, what);
    }
    if (!journal->in_pass) {
        journal->in_pass = true;
        checkpointer_begin_write(journal->checkpointer);
    }
}

void
journal_append(struct journal *journal, struct journal_entry *entry)
{
    if (!journal_pass_begin(journal)) {
        return;
    }
    entry->seq = journal->next_seq++;
    journal->pass_entries++;
    journal_entry_bind(journal->stmts[SQL_ENTRY_INSERT], entry);
    run_in_pass(journal, SQL_ENTRY_INSERT, "write an entry");

    switch (entry->verb) {
    case JOURNAL_CREATED:
    case JOURNAL_UPDATED:
        journal_state_put(journal, entry->resource, entry->id, entry->object,
                          entry->internal);
        break;

    case JOURNAL_DELETED:
        journal_state_delete(journal, entry->resource, entry->id);
        break;

    case JOURNAL_APPLIED:
    case JOURNAL_N_VERBS:
    default:
        break;
    }
}

void
journal_state_put(struct journal *journal, const char *resource,
                  const char *id, const char *object, const char *internal)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_STATE_PUT];

    if (journal_pass_begin(journal)) {
        journal_sql_bind_text(stmt, 1, resource);
        journal_sql_bind_text(stmt, 2, id);
        journal_sql_bind_text(stmt, 3, object);
        journal_sql_bind_text(stmt, 4, internal);
        run_in_pass(journal, SQL_STATE_PUT, "write an object's state");
    }
}

void
journal_state_delete(struct journal *journal, const char *resource,
                     const char *id)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_STATE_DELETE];

    if (journal_pass_begin(journal)) {
        journal_sql_bind_text(stmt, 1, resource);
        journal_sql_bind_text(stmt, 2, id);
        run_in_pass(journal, SQL_STATE_DELETE, "delete an object's state");
    }
}

void
journal_note_put(struct journal *journal, const char *key, const char *value)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_NOTE_PUT];

    if (journal_pass_begin(journal)) {
        journal_sql_bind_text(stmt, 1, key);
        journal_sql_bind_text(stmt, 2, value);
        run_in_pass(journal, SQL_NOTE_PUT, "write a note");
    }
}

char *
journal_commit(struct journal *journal)
{
    if (!journal->in_pass) {
        return NULL;
    }

    long long int start = time_usec();
    if (!journal->pass_error && !journal_sql_run(journal, SQL_COMMIT)) {
        journal_pass_fail(journal, "commit");
    }
    if (journal->pass_error) {
        return fail_pass(journal);
    }

    latency_add(&journal->commit, time_usec() - start);
    journal->n_commits++;
    journal->n_entries += journal->pass_entries;
    journal->head = journal->next_seq - 1;
    end_pass(journal);
    journal_set_problem(journal, NULL);
    return NULL;
}

/* Rolls the pass back and returns why. */
static char *
fail_pass(struct journal *journal)
{
    char *error = journal->pass_error;

    /* Some errors have rolled it back already. */
    if (!sqlite3_get_autocommit(journal->db)) {
        journal_sql_run(journal, SQL_ROLLBACK);
    }
    journal->n_failures++;
    journal->pass_error = NULL;
    end_pass(journal);
    journal_set_problem(journal, xstrdup(error));
    return error;
}

static void
end_pass(struct journal *journal)
{
    journal->in_pass = false;
    checkpointer_end_write(journal->checkpointer);
}

/* Runs a statement whose parameters are bound, and forgets them. */
static void
run_in_pass(struct journal *journal, enum sql sql, const char *what)
{
    if (!journal_sql_run(journal, sql)) {
        journal_pass_fail(journal, what);
    }
    sqlite3_clear_bindings(journal->stmts[sql]);
}
