/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* How the last session of the journal ended.  See journal-private.h.
 *
 * With PRAGMA synchronous = NORMAL a commit is handed to the operating system
 * and not waited for, which makes it cost microseconds.  So:
 *
 *   - closed: everything is on the disk.
 *
 *   - killed, even with SIGKILL: everything committed is with the operating
 *     system, and is there.
 *
 *   - the machine went down: the file is as it was after some commit, but
 *     later ones may be lost, and with them sequence numbers whose events were
 *     sent.  Those numbers must not be given to other events: a client that
 *     resumes would be told nothing of them.  So JOURNAL_GAP numbers are
 *     skipped, and a client that comes with one of them has to start anew.
 *     The changes themselves are in the database, and differ from the last
 *     known state, which was lost along with the entries: they become entries
 *     again.
 *
 * The three are told apart by the machine's boot id, which is in the file
 * while it is open.  That and the gap are synchronized to the disk before
 * anything builds on them. */

#include <config.h>

#include "journal/journal-private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(journal_session);

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

/* The key of the boot id among the meta data. */
#define BOOT_KEY "boot"

static char *read_boot_id(void);
static char *get_last_boot_id(struct journal *);
static bool put_boot_id(struct journal *, const char *);
static bool put_gap(struct journal *);
static bool set_synchronous(struct journal *, const char *value);

char *
journal_session_begin(struct journal *journal)
{
    char *last = get_last_boot_id(journal);
    char *now = read_boot_id();

    /* An unknown one is not equal to itself. */
    bool cut_off = last && (!now[0] || strcmp(last, now));
    bool ok = (set_synchronous(journal, "FULL")
               && journal_sql_run(journal, SQL_BEGIN)
               && (!cut_off || put_gap(journal))
               && put_boot_id(journal, now)
               && journal_sql_run(journal, SQL_COMMIT)
               && set_synchronous(journal, "NORMAL"));
    char *error = ok ? NULL : journal_sql_error(journal, "write it");
    if (cut_off && ok) {
        VLOG_WARN("%s: the machine went down while it was open; its last "
                  "entries may be lost, clients will be told of the present "
                  "state", journal->path);
    }
    free(last);
    free(now);
    return error;
}

void
journal_session_end(struct journal *journal)
{
    journal_sql_bind_text(journal->stmts[SQL_META_DELETE], 1, BOOT_KEY);
    if (!set_synchronous(journal, "FULL")
        || !journal_sql_run(journal, SQL_META_DELETE)) {
        char *error = journal_sql_error(journal, "close it");
        VLOG_WARN("%s", error);
        free(error);
    }
}

bool
journal_session_is_lost(const struct journal *journal, uint64_t seq)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_GAP_HAS];

    sqlite3_bind_int64(stmt, 1, seq);
    bool lost = sqlite3_step(stmt) == SQLITE_ROW;
    sqlite3_reset(stmt);
    return lost;
}

/* Returns the boot id for the caller to free, "" if there is none. */
static char *
read_boot_id(void)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    FILE *stream = fopen(BOOT_ID_FILE, "r");

    if (!stream || ds_get_line(&s, stream)) {
        VLOG_WARN(BOOT_ID_FILE": cannot be read (%s); should this process be "
                  "killed, that is taken for a power failure",
                  ovs_strerror(errno));
        ds_clear(&s);
    }
    if (stream) {
        fclose(stream);
    }
    return ds_steal_cstr(&s);
}

/* Returns the boot id of a session that was not closed, or NULL.  An error is
 * found again by what follows. */
static char *
get_last_boot_id(struct journal *journal)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_META_GET];

    journal_sql_bind_text(stmt, 1, BOOT_KEY);
    char *id = (sqlite3_step(stmt) == SQLITE_ROW
                ? xstrdup(journal_sql_column(stmt, 0)) : NULL);
    sqlite3_reset(stmt);
    return id;
}

static bool
put_boot_id(struct journal *journal, const char *id)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_META_PUT];

    journal_sql_bind_text(stmt, 1, BOOT_KEY);
    journal_sql_bind_text(stmt, 2, id);
    bool ok = journal_sql_run(journal, SQL_META_PUT);
    sqlite3_clear_bindings(stmt);
    return ok;
}

/* Skips the numbers that may have been given out after the last entry. */
static bool
put_gap(struct journal *journal)
{
    sqlite3_stmt *bounds = journal->stmts[SQL_ENTRY_BOUNDS];
    sqlite3_stmt *stmt = journal->stmts[SQL_GAP_PUT];

    if (sqlite3_step(bounds) == SQLITE_ROW) {
        int64_t head = sqlite3_column_int64(bounds, 1);

        sqlite3_bind_int64(stmt, 1, head + 1);
        sqlite3_bind_int64(stmt, 2, head + (int64_t) JOURNAL_GAP);
    }
    return !sqlite3_reset(bounds) && journal_sql_run(journal, SQL_GAP_PUT);
}

static bool
set_synchronous(struct journal *journal, const char *value)
{
    char *sql = xasprintf("PRAGMA synchronous = %s", value);
    bool ok = !sqlite3_exec(journal->db, sql, NULL, NULL, NULL);

    free(sql);
    return ok;
}
