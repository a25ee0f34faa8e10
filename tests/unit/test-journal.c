/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The journal: entries, last known states, what is there after it was closed
 * and opened. */

#include <config.h>

#include "unit.h"

#include <string.h>
#include <sys/stat.h>

#include "journal-fixture.h"
#include "journal/journal-private.h"
#include "openvswitch/dynamic-string.h"
#include "svec.h"

/* Appends each entry's sequence number and id to the ds. */
static bool
note_entry(const struct journal_entry *entry, void *ds_)
{
    struct ds *ds = ds_;

    ds_put_format(ds, "%d:%s ", (int) entry->seq, entry->id);
    return true;
}

static void
assert_entries(uint64_t after, const char *expected)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    uint64_t reached;

    char *error = journal_read(fixture_journal, after, NULL, 100, note_entry,
                               &ds, &reached);
    assert_null(error);
    assert_int_equal(reached, MAX(after, journal_head(fixture_journal)));
    assert_string_equal(ds_cstr(&ds), expected);
    ds_destroy(&ds);
}

static void
assert_state(const char *id, const char *expected)
{
    char *object, *internal;

    bool found = journal_state_get(fixture_journal, "port", id, &object,
                                   &internal);
    if (expected) {
        assert_true(found);
        assert_string_equal(object, expected);
        free(object);
        free(internal);
    } else {
        assert_false(found);
        assert_null(object);
        assert_null(internal);
    }
}

static void
empty(void **state OVS_UNUSED)
{
    uint64_t reached;
    bool more;

    assert_int_equal(journal_head(fixture_journal), 0);
    assert_int_equal(journal_tail(fixture_journal), 1);
    assert_null(journal_problem(fixture_journal));
    assert_null(journal_commit(fixture_journal));
    assert_entries(0, "");
    assert_null(journal_read(fixture_journal, 7, NULL, 1, NULL, NULL,
                             &reached));
    assert_int_equal(reached, 7);
    assert_null(journal_history(fixture_journal, &(struct journal_query) {0},
                                NULL, NULL, &more));
    assert_false(more);
    assert_state("port-1", NULL);
    assert_null(journal_note_get(fixture_journal, "x"));
}

static bool
compare_entry(const struct journal_entry *entry, void *expected)
{
    fixture_assert_entry(entry, expected);
    return true;
}

/* What is written comes back, byte for byte. */
static void
every_member(void **state OVS_UNUSED)
{
    uint64_t reached;

    for (int i = 0; i < JOURNAL_N_VERBS; i++) {
        struct journal_entry entry = fixture_entry(i + 1);

        entry.verb = i;
        entry.recovered = i % 2;
        entry.old_host = "hv0";
        entry.revision = INT64_MAX - i;
        entry.comment = "\"'\\\n%s\t\x01 \xf0\x9f\x98\x80";
        fixture_append(&entry);
        assert_int_equal(entry.seq, i + 1);
        assert_null(journal_read(fixture_journal, i, NULL, 10, compare_entry,
                                 &entry, &reached));
        fixture_reopen();
        assert_null(journal_read(fixture_journal, i, NULL, 10, compare_entry,
                                 &entry, &reached));
        assert_int_equal(reached, i + 1);
    }
}

static void
null_is_empty(void **state OVS_UNUSED)
{
    struct journal_entry entry = { .visible = true };
    struct journal_entry expected = {
        .seq = 1, .visible = true, .resource = "", .id = "", .name = "",
        .network_id = "", .project_id = "", .host = "", .old_host = "",
        .object = "", .changes = "", .by = "", .comment = "" };
    uint64_t reached;

    fixture_append(&entry);
    assert_null(journal_read(fixture_journal, 0, NULL, 10, compare_entry,
                             &expected, &reached));
}

static void
passes(void **state OVS_UNUSED)
{
    for (int i = 1; i <= 3; i++) {
        struct journal_entry entry = fixture_entry(i);
        journal_append(fixture_journal, &entry);
        assert_int_equal(entry.seq, i);
    }

    /* Not before it is committed. */
    assert_int_equal(journal_head(fixture_journal), 0);
    assert_entries(0, "");
    fixture_commit();
    assert_int_equal(journal_head(fixture_journal), 3);
    assert_entries(0, "1:port-1 2:port-2 3:port-3 ");
    assert_entries(2, "3:port-3 ");
    assert_entries(3, "");

    struct journal_entry entry = fixture_entry(9);
    assert_int_equal(fixture_append(&entry), 4);
    assert_entries(2, "3:port-3 4:port-9 ");
}

static void
closing_rolls_back(void **state OVS_UNUSED)
{
    struct journal_entry first = fixture_entry(1), lost = fixture_entry(2);

    fixture_append(&first);
    journal_append(fixture_journal, &lost);
    fixture_reopen();
    assert_int_equal(journal_head(fixture_journal), 1);
    assert_state("port-2", NULL);
    assert_int_equal(fixture_append(&lost), 2);
}

static void
states(void **state OVS_UNUSED)
{
    struct journal_entry entry = fixture_entry(1);

    /* A pass sees its own. */
    entry.verb = JOURNAL_CREATED;
    journal_append(fixture_journal, &entry);
    assert_state("port-1", entry.object);
    fixture_commit();

    entry.verb = JOURNAL_UPDATED;
    entry.object = "{\"new\":1}";
    fixture_append(&entry);
    assert_state("port-1", "{\"new\":1}");

    entry.verb = JOURNAL_APPLIED;
    entry.object = "{\"other\":1}";
    fixture_append(&entry);
    fixture_reopen();
    assert_state("port-1", "{\"new\":1}");

    entry.verb = JOURNAL_DELETED;
    fixture_append(&entry);
    assert_state("port-1", NULL);
    assert_entries(0, "1:port-1 2:port-1 3:port-1 4:port-1 ");
}

static void
silent_states(void **state OVS_UNUSED)
{
    char *object, *internal;

    journal_state_put(fixture_journal, "port", "a", "{}", "in");
    journal_state_put(fixture_journal, "network", "a", "net", NULL);
    journal_state_put(fixture_journal, "port", "b", "{}", "");
    journal_state_delete(fixture_journal, "port", "b");
    journal_note_put(fixture_journal, "baseline", "no");
    journal_note_put(fixture_journal, "baseline", "yes");
    fixture_commit();
    fixture_reopen();

    assert_int_equal(journal_head(fixture_journal), 0);
    assert_true(journal_state_get(fixture_journal, "port", "a", &object,
                                  &internal));
    assert_string_equal(object, "{}");
    assert_string_equal(internal, "in");
    free(object);
    free(internal);
    assert_true(journal_state_get(fixture_journal, "network", "a", NULL,
                                  NULL));
    assert_state("b", NULL);
    char *note = journal_note_get(fixture_journal, "baseline");
    assert_string_equal(note, "yes");
    free(note);
}

static void
add_id(const struct journal_state *state, void *ids)
{
    assert_string_equal(state->resource, "port");
    svec_add(ids, state->id);
}

/* All states of a resource, in batches, each once and in order. */
static void
each_state(void **state OVS_UNUSED)
{
    struct svec ids = SVEC_EMPTY_INITIALIZER;
    size_t n;

    for (int i = 0; i < 250; i++) {
        char *id = xasprintf("id%03d", i);
        journal_state_put(fixture_journal, "port", id, "{}", "");
        journal_state_put(fixture_journal, "network", id, "{}", "");
        free(id);
    }
    fixture_commit();

    do {
        char *after = xstrdup(ids.n ? svec_back(&ids) : "");
        n = journal_state_each(fixture_journal, "port", after, 100, add_id,
                               &ids);
        free(after);
    } while (n == 100);
    assert_int_equal(n, 50);
    assert_int_equal(ids.n, 250);
    assert_true(svec_is_sorted(&ids));
    assert_true(svec_is_unique(&ids));
    svec_destroy(&ids);
}

static void
status(void **state OVS_UNUSED)
{
    struct journal_status status;

    journal_get_status(fixture_journal, &status);
    assert_int_equal(status.n_entries, 0);
    assert_int_equal(status.oldest_msec, 0);
    for (int i = 5; i <= 7; i++) {
        struct journal_entry entry = fixture_entry(i);
        fixture_append(&entry);
    }
    for (int i = 0; i < 2; i++) {
        journal_get_status(fixture_journal, &status);
        assert_string_equal(status.path, fixture_path);
        assert_int_equal(status.n_entries, 3);
        assert_int_equal(status.n_states, 3);
        assert_int_equal(status.head, 3);
        assert_int_equal(status.tail, 1);
        assert_int_equal(status.oldest_msec, 5000);
        assert_true(status.bytes > 0);
        assert_null(status.problem);
        if (!i) {
            assert_true(status.wal_bytes > 0);
            assert_int_equal(status.n_commits, 3);
            assert_int_equal(status.commit->count, 3);
        }
        fixture_reopen();
    }
}

/* What is in it is not for everybody. */
static void
mode(void **state OVS_UNUSED)
{
    struct stat s;

    assert_int_equal(stat(fixture_path, &s), 0);
    assert_int_equal(s.st_mode & 0007, 0);
}

/* A closed journal is one file: it can be moved. */
static void
closed_is_one_file(void **state OVS_UNUSED)
{
    struct journal_entry entry = fixture_entry(1);
    char *wal = fixture_file("journal.db-wal");
    struct stat s;

    fixture_append(&entry);
    assert_int_equal(stat(wal, &s), 0);
    fixture_close();
    assert_int_not_equal(stat(wal, &s), 0);
    free(wal);

    char *old = fixture_path;
    fixture_path = fixture_file("moved.db");
    assert_int_equal(rename(old, fixture_path), 0);
    free(old);
    fixture_open();
    assert_entries(0, "1:port-1 ");
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, fixture_setup, fixture_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(empty),
        TEST(every_member),
        TEST(null_is_empty),
        TEST(passes),
        TEST(closing_rolls_back),
        TEST(states),
        TEST(silent_states),
        TEST(each_state),
        TEST(status),
        TEST(mode),
        TEST(closed_is_one_file),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
