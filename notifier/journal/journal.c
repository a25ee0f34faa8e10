/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Opens and closes the journal.  See journal.h, and journal-private.h for the
 * other parts.
 *
 * Stands between the recorder, which writes, the events and the API, which
 * read, and SQLite.  A file that cannot be used is refused with its name and
 * the reason, and is not touched. */

#include <config.h>

#include "journal/journal-private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lockfile.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(journal);

/* How long a statement waits, in milliseconds, for the checkpoint thread or an
 * operator's sqlite3(1) to let go of the file. */
#define BUSY_TIMEOUT 5000

static char *open_file(struct journal *);
static char *create_file(const char *path);
static char *lock(struct journal *);
static char *load_numbers(struct journal *);
static uint64_t file_size(const char *path, const char *suffix);
static int64_t single_value(struct journal *, enum sql, int column);

char *
journal_open(const char *path, const struct journal_limits *limits,
             struct journal **journalp)
{
    struct journal *journal = xzalloc(sizeof *journal);

    /* Absolute, because SQLite gives a meaning to ":memory:" and "file:". */
    journal->path = abs_file_name(NULL, path);
    journal->limits = *limits;

    char *error = create_file(journal->path);
    if (!error) {
        error = lock(journal);
    }
    if (!error) {
        error = open_file(journal);
    }
    if (!error) {
        error = journal_session_begin(journal);
    }
    if (!error) {
        error = load_numbers(journal);
    }
    if (!error) {
        error = checkpointer_start(journal->path, journal->db,
                                   &journal->checkpointer);
    }
    if (error) {
        /* The session is not ended, so that what it found is found again. */
        journal_sql_finalize(journal);
        sqlite3_close(journal->db);
        lockfile_unlock(journal->lock);
        free(journal->path);
        free(journal);
        *journalp = NULL;
        return error;
    }
    VLOG_INFO("%s: journal %08"PRIx32", entries %"PRIu64" to %"PRIu64,
              journal->path, journal->uuid, journal->tail, journal->head);
    *journalp = journal;
    return NULL;
}

void
journal_close(struct journal *journal)
{
    if (!journal) {
        return;
    }
    if (journal->in_pass) {
        if (!sqlite3_get_autocommit(journal->db)) {
            journal_sql_run(journal, SQL_ROLLBACK);
        }
        checkpointer_end_write(journal->checkpointer);
    }
    checkpointer_stop(journal->checkpointer);
    journal_session_end(journal);
    journal_sql_finalize(journal);
    sqlite3_close(journal->db);
    lockfile_unlock(journal->lock);
    free(journal->pass_error);
    free(journal->problem);
    free(journal->path);
    free(journal);
}

static char *
lock(struct journal *journal)
{
    int error = lockfile_lock(journal->path, &journal->lock);

    if (!error) {
        return NULL;
    }

    /* lockfile_lock() takes a file that it may not open for one in use. */
    char *name = lockfile_name(journal->path);
    if (error == EAGAIN && access(name, R_OK | W_OK)) {
        error = EACCES;
    }
    char *message
        = (error == EAGAIN || error == EDEADLK
           ? xasprintf("%s: is in use by another sluice-notifier; each needs "
                       "a journal of its own", journal->path)
           : xasprintf("%s: cannot open the lock file beside it, %s: %s",
                       journal->path, name, ovs_strerror(error)));
    free(name);
    return message;
}

static char *
open_file(struct journal *journal)
{
    if (sqlite3_open_v2(journal->path, &journal->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)) {
        return journal_sql_error(journal, "open it");
    }
    sqlite3_busy_timeout(journal->db, BUSY_TIMEOUT);
    if (sqlite3_db_readonly(journal->db, "main")) {
        return xasprintf("%s: is not writable", journal->path);
    }
    char *error = journal_schema_init(journal);
    return error ? error : journal_sql_prepare(journal);
}

/* Makes the file if it is not there: SQLite would say less about why it cannot
 * be, and let everybody read it. */
static char *
create_file(const char *path)
{
    struct stat s;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);

    if (fd < 0) {
        return xasprintf("%s: cannot open it: %s", path, ovs_strerror(errno));
    }
    bool regular = !fstat(fd, &s) && S_ISREG(s.st_mode);
    close(fd);
    return regular ? NULL : xasprintf("%s: is not a file", path);
}

static char *
load_numbers(struct journal *journal)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_META_GET];

    journal_sql_bind_text(stmt, 1, "uuid");
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        journal->uuid = strtoul(journal_sql_column(stmt, 0), NULL, 16);
    }
    if (sqlite3_reset(stmt)) {
        return journal_sql_error(journal, "read its number");
    }

    stmt = journal->stmts[SQL_ENTRY_BOUNDS];
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        journal->tail = sqlite3_column_int64(stmt, 0);
        journal->head = sqlite3_column_int64(stmt, 1);
    }
    if (!journal->tail) {
        journal->tail = journal->head + 1;
    }
    if (sqlite3_reset(stmt)) {
        return journal_sql_error(journal, "read its entries");
    }
    journal->n_entries = single_value(journal, SQL_ENTRY_COUNT, 0);
    return NULL;
}

uint32_t
journal_uuid(const struct journal *journal)
{
    return journal->uuid;
}

uint64_t
journal_head(const struct journal *journal)
{
    return journal->head;
}

uint64_t
journal_tail(const struct journal *journal)
{
    return journal->tail;
}

const char *
journal_problem(const struct journal *journal)
{
    return journal->problem;
}

void
journal_set_problem(struct journal *journal, char *problem)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);

    if (problem) {
        VLOG_WARN_RL(&rl, "%s", problem);
    } else if (journal->problem) {
        VLOG_INFO("%s: can be written again", journal->path);
    }
    free(journal->problem);
    journal->problem = problem;
}

void
journal_get_status(struct journal *journal, struct journal_status *status)
{
    sqlite3_stmt *stmt = journal->stmts[SQL_ENTRY_TIME];

    *status = (struct journal_status) {
        .path = journal->path,
        .n_entries = journal->n_entries,
        .n_states = single_value(journal, SQL_STATE_COUNT, 0),
        .head = journal->head,
        .tail = journal->tail,
        .bytes = file_size(journal->path, ""),
        .wal_bytes = file_size(journal->path, "-wal"),
        .n_commits = journal->n_commits,
        .n_failures = journal->n_failures,
        .n_checkpoints = checkpointer_count(journal->checkpointer),
        .n_expired = journal->n_expired,
        .problem = journal->problem,
        .commit = &journal->commit,
    };
    if (journal->n_entries) {
        sqlite3_bind_int64(stmt, 1, journal->tail);
        status->oldest_msec = single_value(journal, SQL_ENTRY_TIME, 0);
    }
}

static uint64_t
file_size(const char *path, const char *suffix)
{
    char *name = xasprintf("%s%s", path, suffix);
    struct stat s;
    uint64_t size = stat(name, &s) ? 0 : s.st_size;

    free(name);
    return size;
}

/* Runs a statement, whose parameters are bound, for one number; 0 if it has
 * no row. */
static int64_t
single_value(struct journal *journal, enum sql sql, int column)
{
    sqlite3_stmt *stmt = journal->stmts[sql];
    int64_t value = (sqlite3_step(stmt) == SQLITE_ROW
                     ? sqlite3_column_int64(stmt, column) : 0);

    sqlite3_reset(stmt);
    return value;
}
