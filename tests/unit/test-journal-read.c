/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Reading events to resume with: every filter against a simple model, in one
 * go and a few at a time. */

#include <config.h>

#include "unit.h"

#include <inttypes.h>
#include <string.h>

#include "journal-fixture.h"
#include "journal/journal-private.h"
#include "random.h"

/* Entries of the model, and filters tried on them. */
#define N_ENTRIES 3000
#define N_FILTERS 300

static uint32_t seed;

static const char *const resources[] = { "port", "network", "subnet" };
static const char *const ids[] = { "id0", "id1", "id2", "id3", "id4", "id5" };
static const char *const networks[] = { "", "net0", "net1", "net2" };
static const char *const hosts[] = { "", "hv0", "hv1", "hv2", "h\"v'3" };
static const char *const projects[] = { "", "p0", "p1" };

/* What a test reads. */
static struct journal_entry model[N_ENTRIES];
static struct seen {
    uint64_t seqs[N_ENTRIES];
    size_t n;
    size_t stop_at;             /* Say stop at this many; 0: never. */
} seen;

#define PICK(ARRAY) ((ARRAY)[random_range(ARRAY_SIZE(ARRAY))])

static void
fill(void)
{
    for (int i = 0; i < N_ENTRIES; i++) {
        struct journal_entry *entry = &model[i];

        *entry = (struct journal_entry) {
            .verb = random_range(JOURNAL_N_VERBS),
            .visible = random_range(10),
            .resource = PICK(resources),
            .id = PICK(ids),
            .name = "",
            .network_id = PICK(networks),
            .project_id = PICK(projects),
            .host = PICK(hosts),
            .old_host = random_range(4) ? "" : PICK(hosts),
            .object = "{}", .changes = "", .by = "", .comment = "",
        };
        journal_append(fixture_journal, entry);
        assert_int_equal(entry->seq, i + 1);
        if (!random_range(5)) {
            fixture_commit();
        }
    }
    fixture_commit();
}

static int
setup(void **state)
{
    random_set_seed(seed ? seed : 1);
    fixture_setup(state);
    fill();
    memset(&seen, 0, sizeof seen);
    return 0;
}

static bool
has(const struct journal_strings *strings, const char *s)
{
    for (size_t i = 0; i < strings->n; i++) {
        if (!strcmp(strings->strings[i], s)) {
            return true;
        }
    }
    return !strings->n;
}

static bool
matches(const struct journal_filter *filter, const struct journal_entry *entry)
{
    return (entry->visible
            && (!filter->verbs || filter->verbs & (1u << entry->verb))
            && has(&filter->resources, entry->resource)
            && has(&filter->ids, entry->id)
            && (!filter->network_ids.n || entry->network_id[0])
            && has(&filter->network_ids, entry->network_id)
            && has(&filter->project_ids, entry->project_id)
            && (has(&filter->hosts, entry->host)
                || has(&filter->hosts, entry->old_host)));
}

static bool
see(const struct journal_entry *entry, void *aux)
{
    assert_ptr_equal(aux, &seen);
    fixture_assert_entry(entry, &model[entry->seq - 1]);
    assert_in_range(seen.n, 0, N_ENTRIES - 1);
    seen.seqs[seen.n++] = entry->seq;
    return seen.n != seen.stop_at;
}

/* Some of the strings, none half of the time; the storage is good until the
 * next. */
static struct journal_strings
pick_strings(const char *const *all, size_t n, const char **storage)
{
    struct journal_strings strings = { storage, 0 };

    if (random_range(2)) {
        for (size_t i = 0; i < n; i++) {
            if (!random_range(3) && all[i][0]) {
                storage[strings.n++] = all[i];
            }
        }
    }
    return strings;
}

/* Reads everything after 'after' in calls for at most 'max', and compares it
 * with the model. */
static void
check(uint64_t after, const struct journal_filter *filter, size_t max)
{
    uint64_t reached = after;
    size_t n = 0;

    seen.n = 0;
    while (reached < N_ENTRIES) {
        uint64_t from = reached;
        size_t before = seen.n;

        assert_null(journal_read(fixture_journal, from, filter, max, see,
                                 &seen, &reached));
        assert_in_range(seen.n - before, 0, max);
        assert_in_range(reached, from + 1, N_ENTRIES);
        if (seen.n > before) {
            assert_in_range(seen.seqs[seen.n - 1], from + 1, reached);
        }
    }

    for (uint64_t seq = after + 1; seq <= N_ENTRIES; seq++) {
        if (matches(filter, &model[seq - 1])) {
            assert_in_range(n, 0, seen.n - 1);
            assert_int_equal(seen.seqs[n], seq);
            n++;
        }
    }
    assert_int_equal(n, seen.n);
}

static void
filters(void **state OVS_UNUSED)
{
    const char *storage[5][8];

    for (int i = 0; i < N_FILTERS; i++) {
        struct journal_filter filter = {
            pick_strings(resources, ARRAY_SIZE(resources), storage[0]),
            pick_strings(ids, ARRAY_SIZE(ids), storage[1]),
            pick_strings(networks, ARRAY_SIZE(networks), storage[2]),
            pick_strings(hosts, ARRAY_SIZE(hosts), storage[3]),
            pick_strings(projects, ARRAY_SIZE(projects), storage[4]),
            random_range(2) ? 0 : random_range(1 << JOURNAL_N_VERBS),
        };

        check(random_range(N_ENTRIES), &filter, 1 + random_range(N_ENTRIES));
        check(random_range(N_ENTRIES), &filter, 1 + random_range(10));
    }
}

static void
no_filter(void **state OVS_UNUSED)
{
    static const struct journal_filter any;
    uint64_t reached;

    check(0, &any, N_ENTRIES);
    seen.n = 0;
    assert_null(journal_read(fixture_journal, 0, NULL, N_ENTRIES, see, &seen,
                             &reached));
    assert_int_equal(reached, N_ENTRIES);
    assert_true(seen.n > N_ENTRIES / 2);
}

/* The one that says stop has been reported. */
static void
stopping(void **state OVS_UNUSED)
{
    uint64_t reached;

    seen.stop_at = 3;
    assert_null(journal_read(fixture_journal, 5, NULL, 10, see, &seen,
                             &reached));
    assert_int_equal(seen.n, 3);
    assert_int_equal(reached, seen.seqs[2]);
}

/* What no entry can have, one that is no UTF-8 included, matches none. */
static void
unknown_strings(void **state OVS_UNUSED)
{
    const char *unknown[] = { "nobody", "\xff\xfe" };
    struct journal_filter filter = { .ids = { unknown, 2 } };

    check(0, &filter, 10);
    assert_int_equal(seen.n, 0);
    filter.ids = (struct journal_strings) { unknown + 1, 1 };
    check(0, &filter, 10);
    assert_int_equal(seen.n, 0);
}

/* What is in a pass is seen by nobody. */
static void
uncommitted(void **state OVS_UNUSED)
{
    struct journal_entry entry = model[0];
    uint64_t reached;

    journal_append(fixture_journal, &entry);
    assert_null(journal_read(fixture_journal, N_ENTRIES, NULL, 10, see, &seen,
                             &reached));
    assert_int_equal(seen.n, 0);
    assert_int_equal(reached, N_ENTRIES);
}

/* A wide gap in the numbers costs one call. */
static void
gap(void **state OVS_UNUSED)
{
    const char *id = "nothing";
    struct journal_filter filter = { .ids = { &id, 1 } };
    struct journal_entry entry = model[0];
    uint64_t reached = N_ENTRIES;
    char *sql = xasprintf("INSERT INTO gap VALUES (%d, %d + %lld)",
                          N_ENTRIES + 1, N_ENTRIES, (long long) JOURNAL_GAP);

    fixture_close();
    fixture_sql(sql);
    free(sql);
    fixture_open();
    fixture_append(&entry);
    assert_true(entry.seq == N_ENTRIES + JOURNAL_GAP + 1);
    assert_null(journal_read(fixture_journal, reached, &filter, 10, see,
                             &seen, &reached));
    assert_true(reached == entry.seq);
    reached = N_ENTRIES;
    filter.ids.n = 0;
    filter.verbs = 1u << 31;
    assert_null(journal_read(fixture_journal, reached, &filter, 10, see,
                             &seen, &reached));
    assert_true(reached == entry.seq);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, fixture_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(filters),
        TEST(no_filter),
        TEST(stopping),
        TEST(unknown_strings),
        TEST(uncommitted),
        TEST(gap),
    };

    unit_init(argv[0]);
    seed = unit_env("SLUICE_SEED", random_uint32());
    print_message("# SLUICE_SEED=%"PRIu32"\n", seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
