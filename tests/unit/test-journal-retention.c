/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Retention: by age, by size, in batches, and the file shrinks; the log is
 * written back meanwhile. */

#include <config.h>

#include "unit.h"

#include <string.h>

#include "journal-fixture.h"
#include "journal/journal-private.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"

/* Appends 'n' entries of that time with an object of that size. */
static void
append(int n, long long int at_msec, size_t size)
{
    char *object = xzalloc(size + 1);

    memset(object, 'x', size);
    for (int i = 0; i < n; i++) {
        struct journal_entry entry = fixture_entry(i % 100);

        entry.at_msec = at_msec;
        entry.object = object;
        journal_append(fixture_journal, &entry);
    }
    fixture_commit();
    free(object);
}

/* Runs the loop until retention has nothing to do.  Returns how many entries
 * it has deleted; fails if in one pass more than a batch. */
static uint64_t
run(void)
{
    struct journal_status before, after;
    uint64_t n = 0;

    do {
        fixture_journal->next_retention = 0;
        journal_get_status(fixture_journal, &before);
        journal_run(fixture_journal);
        journal_get_status(fixture_journal, &after);
        assert_in_range(before.n_entries - after.n_entries, 0,
                        JOURNAL_RETENTION_BATCH);
        assert_int_equal(after.n_expired - before.n_expired,
                         before.n_entries - after.n_entries);
        n += before.n_entries - after.n_entries;
        assert_null(after.problem);
    } while (fixture_journal->next_retention <= time_msec());
    return n;
}

static struct journal_status
status(void)
{
    struct journal_status s;

    journal_get_status(fixture_journal, &s);
    return s;
}

static void
reopen_with(long long int max_age_sec, uint64_t max_bytes)
{
    fixture_limits.max_age_sec = max_age_sec;
    fixture_limits.max_bytes = max_bytes;
    fixture_reopen();
}

static const char *
resume(uint64_t seq)
{
    char id[JOURNAL_ID_SIZE];
    uint64_t from;

    journal_id_format(fixture_journal, seq, id);
    return journal_resume(fixture_journal, id, &from);
}

/* Exactly those that are too old, but for the last JOURNAL_MIN_ENTRIES. */
static void
age(void **state OVS_UNUSED)
{
    long long int now = time_wall_msec();

    reopen_with(60, UINT64_MAX);
    append(2000, now - 3600 * 1000, 10);
    append(JOURNAL_MIN_ENTRIES + 500, now, 10);
    assert_int_equal(run(), 2000);
    assert_int_equal(journal_tail(fixture_journal), 2001);
    assert_int_equal(status().oldest_msec, now);
    assert_int_equal(run(), 0);

    /* The event before the oldest can be resumed after, and none before. */
    assert_null(resume(2000));
    assert_non_null(strstr(resume(1999), "not kept"));

    /* States stay. */
    assert_int_equal(status().n_states, 100);
    fixture_reopen();
    assert_int_equal(journal_tail(fixture_journal), 2001);
    assert_int_equal(status().n_entries, JOURNAL_MIN_ENTRIES + 500);

    /* Nor do hypervisors' lists of entries keep what is gone. */
    fixture_close();
    fixture_sql("CREATE TABLE t(x CHECK(x = 0)); INSERT INTO t"
                " SELECT count(*) FROM entry_host WHERE seq <= 2000;"
                "DROP TABLE t");
    fixture_open();
}

static void
last_ones_stay(void **state OVS_UNUSED)
{
    reopen_with(60, 1);
    append(JOURNAL_MIN_ENTRIES, 0, 10);
    assert_int_equal(run(), 0);
    append(1, 0, 10);
    assert_int_equal(run(), 1);
    assert_int_equal(journal_tail(fixture_journal), 2);
    assert_int_equal(journal_head(fixture_journal), JOURNAL_MIN_ENTRIES + 1);
}

/* A clock that was wrong: what is not too old keeps what comes after it. */
static void
clock_set_back(void **state OVS_UNUSED)
{
    long long int now = time_wall_msec();

    reopen_with(60, UINT64_MAX);
    append(10, 0, 10);
    append(1, now + 1000000, 10);
    append(10, 0, 10);
    append(JOURNAL_MIN_ENTRIES, now, 10);
    assert_int_equal(run(), 10);
    assert_int_equal(journal_tail(fixture_journal), 11);
}

/* The file does not grow beyond the limit, and shrinks with it. */
static void
size(void **state OVS_UNUSED)
{
    const uint64_t limit = 8 << 20;

    reopen_with(INT32_MAX, limit);
    for (int i = 0; i < 100; i++) {
        append(100, time_wall_msec(), 4000);
        run();
        assert_in_range(status().bytes, 0, limit + (limit / 2));
    }
    assert_in_range(status().n_entries, JOURNAL_MIN_ENTRIES, 2000);
    assert_int_equal(journal_head(fixture_journal), 10000);
    assert_int_equal(journal_head(fixture_journal)
                     - journal_tail(fixture_journal) + 1,
                     status().n_entries);

    reopen_with(INT32_MAX, UINT64_MAX);
    append(10000, time_wall_msec(), 4000);
    fixture_reopen();
    uint64_t large = status().bytes;
    assert_true(large > 40000000);
    reopen_with(INT32_MAX, limit);
    run();
    fixture_reopen();
    assert_in_range(status().bytes, 0, limit + (limit / 2));
    assert_in_range(status().n_entries, JOURNAL_MIN_ENTRIES, 2000);
}

/* A gap goes with the entries around it. */
static void
gaps(void **state OVS_UNUSED)
{
    reopen_with(60, UINT64_MAX);
    append(10, 0, 10);
    fixture_close();
    fixture_sql("INSERT INTO gap VALUES (11, 20)");
    fixture_open();
    append(10, 0, 10);
    assert_int_equal(journal_head(fixture_journal), 30);
    assert_non_null(strstr(resume(15), "lost"));
    append(JOURNAL_MIN_ENTRIES, time_wall_msec(), 10);
    run();
    assert_non_null(strstr(resume(15), "not kept"));
    fixture_close();
    fixture_sql("CREATE TABLE t(x CHECK(x = 0)); INSERT INTO t"
                " SELECT count(*) FROM gap; DROP TABLE t");
    fixture_open();
}

/* In the loop it sleeps when there is nothing to do, and not when there is. */
static void
loop(void **state OVS_UNUSED)
{
    reopen_with(60, UINT64_MAX);
    append(JOURNAL_MIN_ENTRIES + 5 * JOURNAL_RETENTION_BATCH, 0, 10);
    fixture_journal->next_retention = 0;
    for (int i = 0; i < 5; i++) {
        assert_true(fixture_journal->next_retention <= time_msec());
        journal_run(fixture_journal);
        journal_wait(fixture_journal);
        poll_block();
    }
    assert_int_equal(status().n_entries, JOURNAL_MIN_ENTRIES);
    journal_run(fixture_journal);
    assert_true(fixture_journal->next_retention > time_msec());
}

/* Not in the middle of a pass. */
static void
during_a_pass(void **state OVS_UNUSED)
{
    struct journal_entry entry = fixture_entry(1);

    reopen_with(60, UINT64_MAX);
    append(JOURNAL_MIN_ENTRIES + 10, 0, 10);
    journal_append(fixture_journal, &entry);
    fixture_journal->next_retention = 0;
    journal_run(fixture_journal);
    assert_int_equal(status().n_expired, 0);
    fixture_commit();
    assert_int_equal(run(), 11);
}

/* The thread writes the log back while the main thread commits on and on, and
 * the log stays bounded though it never pauses. */
static void
checkpoints(void **state OVS_UNUSED)
{
    const uint64_t bound = 3LL * CHECKPOINT_HOLD_PAGES * 4096;
    uint64_t written = 0, largest = 0;

    while (written < 2 * bound) {
        append(1000, 1, 4000);
        written += 1000 * 4000;
        largest = MAX(largest, status().wal_bytes);
    }
    assert_true(status().n_checkpoints > 0);
    assert_in_range(largest, 1, bound);
    assert_null(status().problem);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, fixture_setup, fixture_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(age),
        TEST(last_ones_stay),
        TEST(clock_set_back),
        TEST(size),
        TEST(gaps),
        TEST(loop),
        TEST(during_a_pass),
        TEST(checkpoints),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
