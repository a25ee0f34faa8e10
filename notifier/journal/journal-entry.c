/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* An entry to and from a row.  See journal-private.h. */

#include <config.h>

#include "journal/journal-private.h"

#include <string.h>

#include "util.h"

/* The column "flags". */
#define FLAG_VISIBLE 1          /* Known to the statements by its value. */
#define FLAG_RECOVERED 2

static const char *const verb_names[JOURNAL_N_VERBS] = {
    [JOURNAL_CREATED] = "created",
    [JOURNAL_UPDATED] = "updated",
    [JOURNAL_DELETED] = "deleted",
    [JOURNAL_APPLIED] = "applied",
};

const char *
journal_verb_to_string(enum journal_verb verb)
{
    return verb_names[verb];
}

bool
journal_verb_from_string(const char *s, enum journal_verb *verb)
{
    for (int i = 0; i < JOURNAL_N_VERBS; i++) {
        if (!strcmp(s, verb_names[i])) {
            *verb = i;
            return true;
        }
    }
    return false;
}

void
journal_entry_bind(sqlite3_stmt *stmt, const struct journal_entry *entry)
{
    sqlite3_bind_int64(stmt, 1, entry->seq);
    sqlite3_bind_int64(stmt, 2, entry->at_msec);
    sqlite3_bind_int(stmt, 3, entry->verb);
    sqlite3_bind_int(stmt, 4, ((entry->visible ? FLAG_VISIBLE : 0)
                               | (entry->recovered ? FLAG_RECOVERED : 0)));
    journal_sql_bind_text(stmt, 5, entry->resource);
    journal_sql_bind_text(stmt, 6, entry->id);
    journal_sql_bind_text(stmt, 7, entry->name);
    journal_sql_bind_text(stmt, 8, entry->network_id);
    journal_sql_bind_text(stmt, 9, entry->project_id);
    journal_sql_bind_text(stmt, 10, entry->host);
    journal_sql_bind_text(stmt, 11, entry->old_host);
    sqlite3_bind_int64(stmt, 12, entry->revision);
    journal_sql_bind_text(stmt, 13, entry->object);
    journal_sql_bind_text(stmt, 14, entry->changes);
    journal_sql_bind_text(stmt, 15, entry->by);
    journal_sql_bind_text(stmt, 16, entry->comment);
}

void
journal_entry_read(sqlite3_stmt *stmt, struct journal_entry *entry)
{
    int flags = sqlite3_column_int(stmt, 3);

    *entry = (struct journal_entry) {
        .seq = sqlite3_column_int64(stmt, 0),
        .at_msec = sqlite3_column_int64(stmt, 1),
        .verb = sqlite3_column_int(stmt, 2),
        .visible = flags & FLAG_VISIBLE,
        .recovered = flags & FLAG_RECOVERED,
        .resource = journal_sql_column(stmt, 4),
        .id = journal_sql_column(stmt, 5),
        .name = journal_sql_column(stmt, 6),
        .network_id = journal_sql_column(stmt, 7),
        .project_id = journal_sql_column(stmt, 8),
        .host = journal_sql_column(stmt, 9),
        .old_host = journal_sql_column(stmt, 10),
        .revision = sqlite3_column_int64(stmt, 11),
        .object = journal_sql_column(stmt, 12),
        .internal = "",
        .changes = journal_sql_column(stmt, 13),
        .by = journal_sql_column(stmt, 14),
        .comment = journal_sql_column(stmt, 15),
    };
}
