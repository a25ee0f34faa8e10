/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The journal's statements.  See journal-sql.h. */

#include <config.h>

#include "journal/journal-sql.h"

#include <string.h>

#include "journal/journal-private.h"
#include "util.h"

/* As journal_entry_read() has them. */
#define ENTRY_COLUMNS                                                   \
    "e.seq, e.at, e.verb, e.flags, e.resource, e.id, e.name, "          \
    "e.network_id, e.project_id, e.host, e.old_host, e.revision, "      \
    "e.object, e.changes, e.author, e.comment"

#define STRINGS(PARAMETER) "(SELECT value FROM json_each(" PARAMETER "))"

/* Parameters: 1 after, 2 last, 3 most, 4 verbs, and JSON arrays of strings, or
 * null for any: 5 resources, 6 projects, 7 ids, 8 networks, 9 hosts.
 *
 * Unindexed terms are "(?5 IS NULL OR ...)".  The index is named, because
 * without it SQLite would rather go through all entries in order than sort. */
#define READ(FROM, ID, NETWORK, HOST)                                   \
    "SELECT " ENTRY_COLUMNS " FROM " FROM                               \
    " WHERE e.seq > ?1 AND e.seq <= ?2 AND (e.flags & 1)"               \
    " AND (?4 & (1 << e.verb))"                                         \
    " AND (?5 IS NULL OR e.resource IN " STRINGS("?5") ")"              \
    " AND (?6 IS NULL OR e.project_id IN " STRINGS("?6") ")"            \
    " AND " ID " AND " NETWORK " AND " HOST                             \
    " ORDER BY e.seq LIMIT ?3"
#define ID_IS "e.id IN " STRINGS("?7")
#define ID_MAY_BE "(?7 IS NULL OR " ID_IS ")"
#define NETWORK_IS "e.network_id IN " STRINGS("?8")
#define NETWORK_MAY_BE "(?8 IS NULL OR " NETWORK_IS ")"
#define HOST_MAY_BE                                                     \
    "(?9 IS NULL OR e.host IN " STRINGS("?9")                           \
    " OR e.old_host IN " STRINGS("?9") ")"
#define HOST_ENTRIES                                                    \
    "(SELECT DISTINCT seq FROM entry_host WHERE host IN " STRINGS("?9") \
    " AND seq > ?1 AND seq <= ?2) h CROSS JOIN entry e"

/* Parameters: 1 head, 2 most, 3 verbs, 4 since, 5 until, 6 and 7 where to
 * begin (sequence number, time; exclusive), and strings, or null for any:
 * 8 resource, 9 id, 10 name, 11 author, 12 project, 13 host.
 *
 * Of one object, name, author or host the order is that of the sequence
 * numbers; else it is that of time, by which it is looked for.  SQLite uses
 * one bound at each end, so that the tighter has to be in 6 and 7, and the
 * others are kept from it by a "+". */
#define HISTORY(FROM, TERMS, ORDER)                                     \
    "SELECT " ENTRY_COLUMNS " FROM " FROM                               \
    " WHERE (?3 & (1 << e.verb))"                                       \
    " AND (?12 IS NULL OR e.project_id = ?12)"                          \
    TERMS ORDER " LIMIT ?2"
#define IN_TIME " AND e.at >= ?4 AND e.at < ?5"
#define NEWEST_SEQ(SEQ) \
    IN_TIME " AND " SEQ " < ?6 ORDER BY " SEQ " DESC"
#define OLDEST_SEQ(SEQ) \
    IN_TIME " AND " SEQ " > ?6 AND " SEQ " <= ?1 ORDER BY " SEQ
#define NEWEST_TIME                                                     \
    " AND +e.seq <= ?1 AND e.at >= ?4 AND (e.at, e.seq) < (?7, ?6)"     \
    " ORDER BY e.at DESC, e.seq DESC"
#define OLDEST_TIME                                                     \
    " AND +e.seq <= ?1 AND e.at < ?5 AND (e.at, e.seq) > (?7, ?6)"      \
    " ORDER BY e.at, e.seq"
#define RESOURCE_MAY_BE " AND (?8 IS NULL OR e.resource = ?8)"
#define NAME_MAY_BE " AND (?10 IS NULL OR e.name = ?10)"
#define AUTHOR_MAY_BE " AND (?11 IS NULL OR e.author = ?11)"
#define HOST_MAY_BE_ONE \
    " AND (?13 IS NULL OR e.host = ?13 OR e.old_host = ?13)"
#define BY_ID_TERMS \
    " AND e.id = ?9" RESOURCE_MAY_BE NAME_MAY_BE AUTHOR_MAY_BE \
    HOST_MAY_BE_ONE
#define BY_NAME_TERMS \
    " AND e.name = ?10 AND e.name != ''" RESOURCE_MAY_BE AUTHOR_MAY_BE \
    HOST_MAY_BE_ONE
#define BY_AUTHOR_TERMS \
    " AND e.author = ?11 AND e.author != ''" RESOURCE_MAY_BE HOST_MAY_BE_ONE
#define BY_HOST_TERMS " AND h.host = ?13 AND e.seq = h.seq" RESOURCE_MAY_BE \
    AUTHOR_MAY_BE

static const char *const texts[N_SQL] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",

    [SQL_ENTRY_INSERT]
        = "INSERT INTO entry(seq, at, verb, flags, resource, id, name,"
          " network_id, project_id, host, old_host, revision, object, changes,"
          " author, comment)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_STATE_PUT]
        = "INSERT INTO state(resource, id, object, internal)"
          " VALUES (?, ?, ?, ?) ON CONFLICT(resource, id) DO UPDATE"
          " SET object = excluded.object, internal = excluded.internal",
    [SQL_STATE_DELETE] = "DELETE FROM state WHERE resource = ? AND id = ?",
    [SQL_NOTE_PUT] = "REPLACE INTO note(key, value) VALUES (?, ?)",
    [SQL_META_PUT] = "REPLACE INTO meta(key, value) VALUES (?, ?)",
    [SQL_META_DELETE] = "DELETE FROM meta WHERE key = ?",
    [SQL_GAP_PUT] = "INSERT INTO gap(first, last) VALUES (?, ?)",

    [SQL_STATE_GET]
        = "SELECT object, internal FROM state WHERE resource = ? AND id = ?",
    [SQL_STATE_EACH]
        = "SELECT resource, id, object, internal FROM state"
          " WHERE resource = ? AND id > ? ORDER BY id LIMIT ?",
    [SQL_STATE_COUNT] = "SELECT count(*) FROM state",
    [SQL_NOTE_GET] = "SELECT value FROM note WHERE key = ?",
    [SQL_META_GET] = "SELECT value FROM meta WHERE key = ?",
    [SQL_GAP_HAS]
        = "SELECT 1 FROM gap WHERE first <= ?1 AND ?1 < last LIMIT 1",
    [SQL_ENTRY_BOUNDS]
        = "SELECT coalesce((SELECT min(seq) FROM entry), 0),"
          " max(coalesce((SELECT max(seq) FROM entry), 0),"
          "     coalesce((SELECT max(last) FROM gap), 0))",
    [SQL_ENTRY_COUNT] = "SELECT count(*) FROM entry",
    [SQL_ENTRY_FIRST_AFTER] = "SELECT min(seq) FROM entry WHERE seq > ?",
    [SQL_ENTRY_TIME]
        = "SELECT at FROM entry WHERE seq >= ? ORDER BY seq LIMIT 1",
    [SQL_PAGES]
        = "SELECT (SELECT page_count FROM pragma_page_count),"
          " (SELECT freelist_count FROM pragma_freelist_count),"
          " (SELECT page_size FROM pragma_page_size)",

    [SQL_ENTRY_OLDEST]
        = "SELECT seq, at FROM entry ORDER BY seq LIMIT ?",
    [SQL_ENTRY_DELETE] = "DELETE FROM entry WHERE seq <= ?",
    [SQL_GAP_DELETE] = "DELETE FROM gap WHERE last < ?",

    [SQL_READ] = READ("entry e", ID_MAY_BE, NETWORK_MAY_BE, HOST_MAY_BE),
    [SQL_READ_BY_ID]
        = READ("entry e INDEXED BY entry_by_id",
               ID_IS, NETWORK_MAY_BE, HOST_MAY_BE),
    [SQL_READ_BY_NETWORK]
        = READ("entry e INDEXED BY entry_by_network",
               ID_MAY_BE, NETWORK_IS " AND e.network_id != ''", HOST_MAY_BE),
    [SQL_READ_BY_HOST]
        = READ(HOST_ENTRIES, ID_MAY_BE, NETWORK_MAY_BE, "e.seq = h.seq"),

    [SQL_HISTORY]
        = HISTORY("entry e INDEXED BY entry_by_time", "", NEWEST_TIME),
    [SQL_HISTORY_OLDEST]
        = HISTORY("entry e INDEXED BY entry_by_time", "", OLDEST_TIME),
    [SQL_HISTORY_BY_RESOURCE]
        = HISTORY("entry e INDEXED BY entry_by_resource",
                  " AND e.resource = ?8", NEWEST_TIME),
    [SQL_HISTORY_BY_RESOURCE_OLDEST]
        = HISTORY("entry e INDEXED BY entry_by_resource",
                  " AND e.resource = ?8", OLDEST_TIME),
    [SQL_HISTORY_BY_ID]
        = HISTORY("entry e INDEXED BY entry_by_id", BY_ID_TERMS,
                  NEWEST_SEQ("e.seq")),
    [SQL_HISTORY_BY_ID_OLDEST]
        = HISTORY("entry e INDEXED BY entry_by_id", BY_ID_TERMS,
                  OLDEST_SEQ("e.seq")),
    [SQL_HISTORY_BY_NAME]
        = HISTORY("entry e INDEXED BY entry_by_name", BY_NAME_TERMS,
                  NEWEST_SEQ("e.seq")),
    [SQL_HISTORY_BY_NAME_OLDEST]
        = HISTORY("entry e INDEXED BY entry_by_name", BY_NAME_TERMS,
                  OLDEST_SEQ("e.seq")),
    [SQL_HISTORY_BY_AUTHOR]
        = HISTORY("entry e INDEXED BY entry_by_author", BY_AUTHOR_TERMS,
                  NEWEST_SEQ("e.seq")),
    [SQL_HISTORY_BY_AUTHOR_OLDEST]
        = HISTORY("entry e INDEXED BY entry_by_author", BY_AUTHOR_TERMS,
                  OLDEST_SEQ("e.seq")),
    [SQL_HISTORY_BY_HOST]
        = HISTORY("entry_host h CROSS JOIN entry e", BY_HOST_TERMS,
                  NEWEST_SEQ("h.seq")),
    [SQL_HISTORY_BY_HOST_OLDEST]
        = HISTORY("entry_host h CROSS JOIN entry e", BY_HOST_TERMS,
                  OLDEST_SEQ("h.seq")),
    [SQL_APPLIED]
        = "SELECT host, at, revision FROM entry INDEXED BY entry_applied"
          " WHERE resource = ? AND id = ? AND verb = 3 AND revision >= ?"
          " AND seq > ? AND seq <= ? ORDER BY revision, seq LIMIT ?",
};
BUILD_ASSERT_DECL(JOURNAL_APPLIED == 3);

const char *
journal_sql_text(enum sql sql)
{
    return texts[sql];
}

char *
journal_sql_prepare(struct journal *journal)
{
    for (int i = 0; i < N_SQL; i++) {
        if (sqlite3_prepare_v3(journal->db, texts[i], -1,
                               SQLITE_PREPARE_PERSISTENT, &journal->stmts[i],
                               NULL)) {
            return journal_sql_error(journal, "use the tables");
        }
    }
    return NULL;
}

void
journal_sql_finalize(struct journal *journal)
{
    for (int i = 0; i < N_SQL; i++) {
        sqlite3_finalize(journal->stmts[i]);
        journal->stmts[i] = NULL;
    }
}

void
journal_sql_bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
    sqlite3_bind_text(stmt, i, text ? text : "", -1, SQLITE_STATIC);
}

bool
journal_sql_run(struct journal *journal, enum sql sql)
{
    sqlite3_stmt *stmt = journal->stmts[sql];

    /* The reset says again what the step said. */
    sqlite3_step(stmt);
    return !sqlite3_reset(stmt);
}

char *
journal_sql_error(const struct journal *journal, const char *what)
{
    int error = sqlite3_errcode(journal->db);
    int os_error = sqlite3_system_errno(journal->db);
    bool has_os_error = (error == SQLITE_IOERR || error == SQLITE_CANTOPEN
                         || error == SQLITE_FULL) && os_error;

    return xasprintf("%s: cannot %s: %s%s%s%s", journal->path, what,
                     sqlite3_errmsg(journal->db),
                     has_os_error ? " (" : "",
                     has_os_error ? ovs_strerror(os_error) : "",
                     has_os_error ? ")" : "");
}

const char *
journal_sql_column(sqlite3_stmt *stmt, int i)
{
    const unsigned char *text = sqlite3_column_text(stmt, i);

    return text ? (const char *) text : "";
}
