/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The journal's tables.  See journal-private.h.
 *
 * PRAGMA application_id says that a file is a journal, PRAGMA user_version in
 * which format.  A later format adds a step to upgrades[]; a file in a format
 * from the future is refused, never guessed at. */

#include <config.h>

#include "journal/journal-private.h"

#include "openvswitch/uuid.h"
#include "util.h"
#include "uuid.h"

/* "SluJ". */
#define APPLICATION_ID 0x536c754a

/* Format 1.
 *
 * An entry's number is its place in the file, so that new ones are appended
 * and old ones are taken off the other end; each index ends in it by itself.
 * The states are a table with row ids, because rows of a kilobyte make poor
 * index entries. */
static const char format_1[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE note(key TEXT PRIMARY KEY, value TEXT NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE gap(first INTEGER PRIMARY KEY, last INTEGER NOT NULL);"
    "CREATE TABLE state("
    " resource TEXT NOT NULL, id TEXT NOT NULL, object TEXT NOT NULL,"
    " internal TEXT NOT NULL, UNIQUE(resource, id));"
    "CREATE TABLE entry("
    " seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, verb INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, resource TEXT NOT NULL, id TEXT NOT NULL,"
    " name TEXT NOT NULL, network_id TEXT NOT NULL, project_id TEXT NOT NULL,"
    " host TEXT NOT NULL, old_host TEXT NOT NULL, revision INTEGER NOT NULL,"
    " object TEXT NOT NULL, changes TEXT NOT NULL, author TEXT NOT NULL,"
    " comment TEXT NOT NULL);"
    "CREATE INDEX entry_by_id ON entry(id);"
    "CREATE INDEX entry_by_name ON entry(name) WHERE name != '';"
    "CREATE INDEX entry_by_network ON entry(network_id)"
    " WHERE network_id != '';"
    "CREATE INDEX entry_by_author ON entry(author) WHERE author != '';"
    "CREATE INDEX entry_by_time ON entry(at);"
    "CREATE INDEX entry_by_resource ON entry(resource, at);"
    "CREATE INDEX entry_applied ON entry(id, revision) WHERE verb = 3;"

    /* An entry can concern two hypervisors. */
    "CREATE TABLE entry_host(host TEXT NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY(host, seq)) WITHOUT ROWID;"
    "CREATE TRIGGER entry_host_insert AFTER INSERT ON entry"
    " WHEN new.host != '' BEGIN"
    " INSERT INTO entry_host(host, seq) VALUES (new.host, new.seq); END;"
    "CREATE TRIGGER entry_old_host_insert AFTER INSERT ON entry"
    " WHEN new.old_host NOT IN ('', new.host) BEGIN"
    " INSERT INTO entry_host(host, seq) VALUES (new.old_host, new.seq); END;"
    "CREATE TRIGGER entry_host_delete AFTER DELETE ON entry BEGIN"
    " DELETE FROM entry_host"
    " WHERE host IN (old.host, old.old_host) AND seq = old.seq; END;";

/* upgrades[i] makes format i + 1 of format i. */
static const char *const upgrades[] = { format_1 };
static const int last_format = ARRAY_SIZE(upgrades);

static char *get_pragma(struct journal *, const char *pragma,
                        long long int *value);
static char *check(struct journal *, long long int *format);
static char *upgrade(struct journal *, long long int format);
static char *make_uuid(struct journal *);
static char *execute(struct journal *, const char *sql, const char *what);

char *
journal_schema_init(struct journal *journal)
{
    long long int format;

    char *error = check(journal, &format);
    if (error) {
        return error;
    }

    /* The first is heeded by a file without tables alone.  The WAL is written
     * back by journal-checkpoint.c, not in a commit, and cut off when it
     * starts again, should it have become larger than usual (64 MiB).  Old
     * entries need not be overwritten with zeros, which would double the cost
     * of retention. */
    error = execute(journal,
                    "PRAGMA auto_vacuum = INCREMENTAL;"
                    "PRAGMA journal_mode = WAL;"
                    "PRAGMA wal_autocheckpoint = 0;"
                    "PRAGMA journal_size_limit = 67108864;"
                    "PRAGMA secure_delete = OFF;"
                    "PRAGMA synchronous = NORMAL;", "set up");
    if (!error && format < last_format) {
        error = upgrade(journal, format);
    }
    return error;
}

/* Sets '*format' to the file's, 0 if it is empty. */
static char *
check(struct journal *journal, long long int *format)
{
    long long int application_id, n_pages;

    char *error = get_pragma(journal, "application_id", &application_id);
    if (!error) {
        error = get_pragma(journal, "user_version", format);
    }
    if (!error) {
        error = get_pragma(journal, "page_count", &n_pages);
    }
    if (error) {
        return error;
    }

    if (application_id != APPLICATION_ID
        && (application_id || *format || n_pages > 1)) {
        return xasprintf("%s: is an SQLite database, but not a journal of "
                         "sluice-notifier", journal->path);
    }
    if (*format < 0 || *format > last_format) {
        return xasprintf("%s: is a journal in format %lld, and this "
                         "sluice-notifier knows those up to %d only",
                         journal->path, *format, last_format);
    }
    return NULL;
}

static char *
get_pragma(struct journal *journal, const char *pragma, long long int *value)
{
    char *sql = xasprintf("PRAGMA %s", pragma);
    sqlite3_stmt *stmt = NULL;
    char *error = NULL;

    if (sqlite3_prepare_v2(journal->db, sql, -1, &stmt, NULL)
        || sqlite3_step(stmt) != SQLITE_ROW) {
        error = journal_sql_error(journal, "read the file");
    } else {
        *value = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    free(sql);
    return error;
}

static char *
upgrade(struct journal *journal, long long int format)
{
    static const char what[] = "make the tables";

    char *error = execute(journal, "BEGIN IMMEDIATE", what);
    for (int i = format; !error && i < last_format; i++) {
        error = execute(journal, upgrades[i], what);
    }
    if (!error && !format) {
        error = make_uuid(journal);
    }
    if (!error) {
        char *sql = xasprintf("PRAGMA application_id = %d;"
                              "PRAGMA user_version = %d; COMMIT",
                              APPLICATION_ID, last_format);
        error = execute(journal, sql, what);
        free(sql);
    }
    return error;               /* With one, the file is closed. */
}

static char *
make_uuid(struct journal *journal)
{
    struct uuid uuid;

    uuid_generate(&uuid);
    char *sql = xasprintf("INSERT INTO meta VALUES ('uuid', '%08x')",
                          (unsigned int) uuid.parts[0]);
    char *error = execute(journal, sql, "make the tables");
    free(sql);
    return error;
}

static char *
execute(struct journal *journal, const char *sql, const char *what)
{
    return (sqlite3_exec(journal->db, sql, NULL, NULL, NULL)
            ? journal_sql_error(journal, what) : NULL);
}
