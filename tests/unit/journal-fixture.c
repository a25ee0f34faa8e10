/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See journal-fixture.h. */

#include <config.h>

#include "unit.h"

#include "journal-fixture.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Entries of fixture_entry() that are good at a time. */
#define N_ENTRIES 8

char *fixture_dir;
char *fixture_path;
struct journal *fixture_journal;
struct journal_limits fixture_limits;

int
fixture_setup(void **state OVS_UNUSED)
{
    fixture_dir = xstrdup("/tmp/sluice-journal-XXXXXX");
    assert_non_null(mkdtemp(fixture_dir));
    fixture_path = fixture_file("journal.db");
    fixture_limits = (struct journal_limits) {
        .max_age_sec = INT32_MAX, .max_bytes = JOURNAL_DEFAULT_MAX_BYTES };
    fixture_open();
    return 0;
}

int
fixture_teardown(void **state OVS_UNUSED)
{
    fixture_close();

    DIR *dir = opendir(fixture_dir);
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        char *name = fixture_file(entry->d_name);

        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")
            && unlink(name)) {
            rmdir(name);
        }
        free(name);
    }
    closedir(dir);
    rmdir(fixture_dir);
    free(fixture_path);
    free(fixture_dir);
    return 0;
}

void
fixture_open(void)
{
    char *error = journal_open(fixture_path, &fixture_limits,
                               &fixture_journal);
    assert_ptr_equal(error, NULL);
}

void
fixture_close(void)
{
    journal_close(fixture_journal);
    fixture_journal = NULL;
}

void
fixture_reopen(void)
{
    fixture_close();
    fixture_open();
}

void
fixture_refused(const char *path, const char *reason)
{
    struct journal *journal;
    char *error = journal_open(path, &fixture_limits, &journal);

    assert_null(journal);
    assert_non_null(error);
    const char *base = strrchr(path, '/');
    if (!strstr(error, base ? base + 1 : path) || !strstr(error, reason)) {
        fail_msg("\"%s\" does not have \"%s\"", error, reason);
    }
    free(error);
}

char *
fixture_file(const char *name)
{
    return xasprintf("%s/%s", fixture_dir, name);
}

struct journal_entry
fixture_entry(unsigned int id)
{
    static struct {
        char id[32], name[32], network[32], project[32], object[64];
    } strings[N_ENTRIES];
    static int next;
    int i = next++ % N_ENTRIES;

    snprintf(strings[i].id, sizeof strings[i].id, "port-%u", id);
    snprintf(strings[i].name, sizeof strings[i].name, "vm%u", id);
    snprintf(strings[i].network, sizeof strings[i].network, "net-%u", id % 5);
    snprintf(strings[i].project, sizeof strings[i].project, "p%u", id % 3);
    snprintf(strings[i].object, sizeof strings[i].object,
             "{\"id\":\"port-%u\"}", id);
    return (struct journal_entry) {
        .at_msec = id * 1000LL,
        .verb = JOURNAL_UPDATED,
        .visible = true,
        .resource = "port",
        .id = strings[i].id,
        .name = strings[i].name,
        .network_id = strings[i].network,
        .project_id = strings[i].project,
        .host = "hv1",
        .old_host = "",
        .revision = id,
        .object = strings[i].object,
        .internal = "{\"up\":true}",
        .changes = "{\"admin_state_up\":[true,false]}",
        .by = "api:alice",
        .comment = "sluice-nbctl port-disable \xe2\x82\xac",
    };
}

uint64_t
fixture_append(struct journal_entry *entry)
{
    journal_append(fixture_journal, entry);
    fixture_commit();
    return entry->seq;
}

void
fixture_commit(void)
{
    char *error = journal_commit(fixture_journal);

    if (error) {
        fail_msg("%s", error);
    }
}

void
fixture_sql(const char *sql)
{
    sqlite3 *db;
    char *message = NULL;

    assert_int_equal(sqlite3_open(fixture_path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message)) {
        fail_msg("%s: %s", sql, message);
    }
    sqlite3_close(db);
}

void
fixture_assert_entry(const struct journal_entry *entry,
                     const struct journal_entry *expected)
{
    assert_int_equal(entry->seq, expected->seq);
    assert_int_equal(entry->at_msec, expected->at_msec);
    assert_int_equal(entry->verb, expected->verb);
    assert_int_equal(entry->visible, expected->visible);
    assert_int_equal(entry->recovered, expected->recovered);
    assert_string_equal(entry->resource, expected->resource);
    assert_string_equal(entry->id, expected->id);
    assert_string_equal(entry->name, expected->name);
    assert_string_equal(entry->network_id, expected->network_id);
    assert_string_equal(entry->project_id, expected->project_id);
    assert_string_equal(entry->host, expected->host);
    assert_string_equal(entry->old_host, expected->old_host);
    assert_int_equal(entry->revision, expected->revision);
    assert_string_equal(entry->object, expected->object);
    assert_string_equal(entry->changes, expected->changes);
    assert_string_equal(entry->by, expected->by);
    assert_string_equal(entry->comment, expected->comment);
}
