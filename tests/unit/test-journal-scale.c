/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The journal with 100,000 entries: what a statement costs is counted in steps
 * of SQLite's virtual machine, not timed, and no statement goes through a
 * whole table. */

#include <config.h>

#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "journal-fixture.h"
#include "journal/journal-private.h"

#define N_ENTRIES 100000
#define N_OBJECTS 10000

/* Most steps for an answer of 20 entries, each with its hypervisors: 20,000
 * entries' worth would be ten times that. */
#define MAX_STEPS 40000

static int
setup(void **state)
{
    fixture_setup(state);
    for (int i = 0; i < N_ENTRIES; i++) {
        struct journal_entry entry = fixture_entry(i % N_OBJECTS);
        char host[16], old_host[16], by[16];

        snprintf(host, sizeof host, "hv%d", i % 1000);
        snprintf(old_host, sizeof old_host, "hv%d", (i + 1) % 1000);
        snprintf(by, sizeof by, "api:user%d", i % 100);
        entry.at_msec = i + 1;
        entry.host = host;
        entry.old_host = i % 10 ? "" : old_host;
        entry.by = by;
        entry.verb = i % 2 ? JOURNAL_APPLIED : JOURNAL_UPDATED;
        entry.resource = i % 5000 ? "port" : "network";
        journal_append(fixture_journal, &entry);
        if (i % 1000 == 999) {
            fixture_commit();
        }
    }
    return 0;
}

/* The statement's plan, a line each, for the caller to free. */
static char *
explain(enum sql sql)
{
    char *text = xasprintf("EXPLAIN QUERY PLAN %s", journal_sql_text(sql));
    char *plan = xstrdup("");
    sqlite3_stmt *stmt;

    assert_int_equal(sqlite3_prepare_v2(fixture_journal->db, text, -1, &stmt,
                                        NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        char *longer = xasprintf("%s%s\n", plan, sqlite3_column_text(stmt, 3));
        free(plan);
        plan = longer;
    }
    sqlite3_finalize(stmt);
    free(text);
    return plan;
}

/* These are for the status, or take from the one end of a table what they are
 * told to. */
static bool
may_scan(enum sql sql)
{
    return (sql == SQL_STATE_COUNT || sql == SQL_ENTRY_COUNT
            || sql == SQL_ENTRY_OLDEST || sql == SQL_ENTRY_BOUNDS);
}

static void
plans(void **state OVS_UNUSED)
{
    static const char *const tables[] = {
        "SCAN entry", "SCAN e\n", "SCAN e ", "SCAN entry_host", "SCAN state",
    };

    for (int i = 0; i < N_SQL; i++) {
        char *plan = explain(i);

        for (size_t j = 0; j < ARRAY_SIZE(tables); j++) {
            if (strstr(plan, tables[j]) && !may_scan(i)) {
                fail_msg("%s:\n%s", journal_sql_text(i), plan);
            }
        }
        if (i >= SQL_HISTORY && strstr(plan, "TEMP B-TREE")) {
            fail_msg("%s:\n%s", journal_sql_text(i), plan);
        }
        free(plan);
    }
}

/* The steps that all statements have made since the last call. */
static int
steps(void)
{
    int n = 0;

    for (int i = 0; i < N_SQL; i++) {
        n += sqlite3_stmt_status(fixture_journal->stmts[i],
                                 SQLITE_STMTSTATUS_VM_STEP, true);
    }
    return n;
}

static size_t n_rows;

static void
count_row(const struct journal_row *row OVS_UNUSED, void *aux OVS_UNUSED)
{
    n_rows++;
}

static void
assert_cheap(struct journal_query query)
{
    bool more;

    query.limit = 20;
    for (int i = 0; i < 2; i++) {
        n_rows = 0;
        query.oldest_first = i;
        steps();
        assert_null(journal_history(fixture_journal, &query, count_row, NULL,
                                    &more));
        assert_true(n_rows > 0);
        assert_in_range(steps(), 1, MAX_STEPS);
    }
}

static void
history(void **state OVS_UNUSED)
{
    struct journal_query all = { .limit = 20 };

    assert_cheap(all);
    assert_cheap((struct journal_query) { .resource = "port" });
    assert_cheap((struct journal_query) { .resource = "network" });
    assert_cheap((struct journal_query) { .id = "port-500" });
    assert_cheap((struct journal_query) { .resource = "port", .name = "vm8" });
    assert_cheap((struct journal_query) { .host = "hv10" });
    assert_cheap((struct journal_query) { .by = "api:user2" });
    assert_cheap((struct journal_query) { .since_msec = 50000 });
    assert_cheap((struct journal_query) { .until_msec = 50000 });
    assert_cheap((struct journal_query) { .since_msec = 50000,
                                          .until_msec = 50100 });
    assert_cheap((struct journal_query) { .marker = 50000 });
    assert_cheap((struct journal_query) { .marker = 50000, .host = "hv10" });
    assert_cheap((struct journal_query) { .marker = 50000,
                                          .resource = "network" });
}

/* One that hardly anything matches is given up, and the journal is none the
 * worse. */
static void
too_much(void **state OVS_UNUSED)
{
    struct journal_query query = { .project_id = "nobody's" };
    bool more;

    fixture_close();
    fixture_sql("WITH RECURSIVE n(i) AS (SELECT 1000000 UNION ALL"
                " SELECT i + 1 FROM n WHERE i < 1600000)"
                " INSERT INTO entry SELECT i, i, 1, 1, 'port', 'x', '', '',"
                " '', '', '', 0, '', '', '', '' FROM n");
    fixture_open();
    char *error = journal_history(fixture_journal, &query, count_row, NULL,
                                  &more);
    assert_non_null(error);
    assert_non_null(strstr(error, "too many"));
    free(error);
    query.project_id = NULL;
    assert_null(journal_history(fixture_journal, &query, count_row, NULL,
                                &more));
    assert_true(more);
}

static bool
count_entry(const struct journal_entry *entry OVS_UNUSED, void *aux OVS_UNUSED)
{
    n_rows++;
    return true;
}

/* A stream that has missed little costs little, and one call is bounded for
 * one that has missed everything. */
static void
resume(void **state OVS_UNUSED)
{
    const char *id = "port-500", *host = "hv10", *none = "none";
    struct journal_filter by_id = { .ids = { &id, 1 } };
    struct journal_filter by_host = { .hosts = { &host, 1 } };
    struct journal_filter by_project = { .project_ids = { &none, 1 } };
    const struct journal_filter *filters[] = { &by_id, &by_host, &by_project };
    uint64_t reached;

    for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
        steps();
        assert_null(journal_read(fixture_journal, N_ENTRIES - 20, filters[i],
                                 1000, count_entry, NULL, &reached));
        assert_int_equal(reached, N_ENTRIES);
        assert_in_range(steps(), 1, 2000);

        assert_null(journal_read(fixture_journal, 0, filters[i], 1000,
                                 count_entry, NULL, &reached));
        assert_in_range(reached, 1, N_ENTRIES - 1);
        assert_in_range(steps(), 1, 200000);
    }
    n_rows = 0;
    for (reached = 0; reached < N_ENTRIES; ) {
        assert_null(journal_read(fixture_journal, reached, &by_id, 1000,
                                 count_entry, NULL, &reached));
    }
    assert_int_equal(n_rows, 10);
    assert_in_range(steps(), 1, 2000);
}

/* An entry more costs the same at the end as at the beginning. */
static void
append(void **state OVS_UNUSED)
{
    struct journal_entry entry = fixture_entry(1);
    char *path = fixture_path;

    fixture_append(&entry);
    steps();
    fixture_append(&entry);
    int late = steps();

    fixture_close();
    fixture_path = fixture_file("empty.db");
    fixture_open();
    fixture_append(&entry);
    steps();
    fixture_append(&entry);
    assert_in_range(late, 1, steps() + 10);
    free(path);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans),
        cmocka_unit_test(history),
        cmocka_unit_test(resume),
        cmocka_unit_test(too_much),
        cmocka_unit_test(append),   /* The last: it is another journal then. */
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
