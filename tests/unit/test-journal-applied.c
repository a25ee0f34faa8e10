/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* History: which hypervisors applied a change, and how long after. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "journal-fixture.h"

/* An applied entry. */
static void
apply(const char *host, int64_t revision, long long int at_msec)
{
    struct journal_entry entry = fixture_entry(1);

    entry.verb = JOURNAL_APPLIED;
    entry.host = host;
    entry.revision = revision;
    entry.at_msec = at_msec;
    fixture_append(&entry);
}

static void
change(int64_t revision, long long int at_msec)
{
    struct journal_entry entry = fixture_entry(1);

    entry.revision = revision;
    entry.at_msec = at_msec;
    entry.verb = revision == 1 ? JOURNAL_CREATED : JOURNAL_UPDATED;
    entry.changes = revision == 1 ? "" : "{\"revision_number\":[0,1]}";
    fixture_append(&entry);
}

static struct journal_row rows[8];
static char *row_hosts[8][JOURNAL_MAX_APPLIED];
static size_t n_rows;

static void
keep_row(const struct journal_row *row, void *aux OVS_UNUSED)
{
    rows[n_rows] = *row;
    for (size_t i = 0; i < row->n_applied; i++) {
        row_hosts[n_rows][i] = xstrdup(row->applied[i].host);
    }
    n_rows++;
}

static void
get_rows(void)
{
    struct journal_query query = { .id = "port-1", .oldest_first = true };
    bool more;

    n_rows = 0;
    assert_null(journal_history(fixture_journal, &query, keep_row, NULL,
                                &more));
    assert_false(more);
}

static void
free_rows(void)
{
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t j = 0; j < rows[i].n_applied; j++) {
            free(row_hosts[i][j]);
        }
    }
}

static void
assert_applied(size_t row, size_t i, const char *host, int64_t revision,
               long long int after_msec)
{
    const struct journal_applied *applied = &rows[row].applied[i];

    assert_in_range(i, 0, rows[row].n_applied - 1);
    assert_string_equal(row_hosts[row][i], host);
    assert_int_equal(applied->revision, revision);
    assert_int_equal(applied->after_msec, after_msec);
    assert_int_equal(applied->at_msec - after_msec, rows[row].entry.at_msec);
}

static void
applied(void **state OVS_UNUSED)
{
    change(1, 1000);
    apply("hv1", 1, 1012);
    apply("hv2", 1, 1020);
    change(2, 2000);
    apply("hv1", 2, 2003);
    apply("hv1", 2, 2500);      /* Unplugged, plugged. */
    change(3, 3000);
    change(4, 4000);
    apply("hv2", 4, 4001);
    apply("hv1", 4, 4002);

    get_rows();
    assert_int_equal(n_rows, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(rows[i].n_applied, 2);
        assert_false(rows[i].more_applied);
    }
    assert_applied(0, 0, "hv1", 1, 12);
    assert_applied(0, 1, "hv2", 1, 20);

    /* Who came to a later revision at once has applied this one too. */
    assert_applied(1, 0, "hv1", 2, 3);
    assert_applied(1, 1, "hv2", 4, 2001);
    assert_applied(2, 0, "hv2", 4, 1001);
    assert_applied(2, 1, "hv1", 4, 1002);
    assert_applied(3, 0, "hv2", 4, 1);
    free_rows();
}

/* What did not raise the revision is not applied by anybody. */
static void
not_to_be_applied(void **state OVS_UNUSED)
{
    static const char *const changes[] = {
        "", "{}", "{\"status\":[\"DOWN\",\"ACTIVE\"]}", "[]", "{",
        "{\"name\":[\"\",\"\\\"revision_number\\\":\"]}",
    };

    change(1, 1000);
    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        struct journal_entry entry = fixture_entry(1);

        entry.revision = 1;
        entry.changes = changes[i];
        fixture_append(&entry);
    }
    apply("hv1", 1, 1012);
    get_rows();
    assert_int_equal(n_rows, 1 + ARRAY_SIZE(changes));
    assert_int_equal(rows[0].n_applied, 1);
    for (size_t i = 1; i < n_rows; i++) {
        assert_int_equal(rows[i].n_applied, 0);
    }
    free_rows();
}

/* An object that is made again under its id has revisions from the start. */
static void
applied_before(void **state OVS_UNUSED)
{
    apply("hv1", 5, 500);
    change(1, 1000);
    get_rows();
    assert_int_equal(n_rows, 1);
    assert_int_equal(rows[0].n_applied, 0);
    free_rows();
}

static void
many_applied(void **state OVS_UNUSED)
{
    change(1, 1000);
    for (int i = 0; i < JOURNAL_MAX_APPLIED + 1; i++) {
        char *host = xasprintf("hv%d", i);

        get_rows();
        assert_int_equal(rows[0].n_applied, i);
        assert_false(rows[0].more_applied);
        free_rows();
        apply(host, 1, 1000 + i);
        free(host);
    }
    get_rows();
    assert_int_equal(rows[0].n_applied, JOURNAL_MAX_APPLIED);
    assert_true(rows[0].more_applied);
    free_rows();
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, fixture_setup, fixture_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(applied),
        TEST(not_to_be_applied),
        TEST(applied_before),
        TEST(many_applied),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
