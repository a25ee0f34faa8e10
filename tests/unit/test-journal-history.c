/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* History: every query against a simple model, page by page. */

#include <config.h>

#include "unit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "journal-fixture.h"
#include "journal/journal-private.h"
#include "random.h"

/* Entries of the model, and queries tried on them. */
#define N_ENTRIES 2000
#define N_QUERIES 500

static uint32_t seed;

static const char *const resources[] = { "port", "network" };
static const char *const ids[] = { "id0", "id1", "id2", "id3" };
static const char *const names[] = { "", "vm0", "vm1" };
static const char *const hosts[] = { "", "hv0", "hv1" };
static const char *const authors[] = { "", "api:a", "nbctl:b@c" };
static const char *const projects[] = { "", "p0" };

static struct journal_entry model[N_ENTRIES];
static struct seen {
    uint64_t seqs[N_ENTRIES + 1];
    size_t n;
} seen;

#define PICK(ARRAY) ((ARRAY)[random_range(ARRAY_SIZE(ARRAY))])
#define MAYBE(ARRAY) (random_range(3) ? NULL : PICK(ARRAY))

/* The clock goes on by a second an entry, stands at times, and is set back
 * once. */
static long long int
time_of(int i)
{
    return (i / 3 * 3000LL + 1000000 - (i > N_ENTRIES / 2 ? 500000 : 0));
}

static void
fill(void)
{
    for (int i = 0; i < N_ENTRIES; i++) {
        model[i] = (struct journal_entry) {
            .at_msec = time_of(i),
            .verb = random_range(JOURNAL_N_VERBS),
            .visible = random_range(2),
            .resource = PICK(resources),
            .id = PICK(ids),
            .name = PICK(names),
            .network_id = "", .project_id = PICK(projects),
            .host = PICK(hosts),
            .old_host = random_range(2) ? "" : PICK(hosts),
            .by = PICK(authors),
            .object = "{}", .changes = "", .comment = "",
        };
        journal_append(fixture_journal, &model[i]);
    }
    fixture_commit();
}

static int
setup(void **state)
{
    random_set_seed(seed ? seed : 1);
    fixture_setup(state);
    fill();
    return 0;
}

static bool
is(const char *wanted, const char *s)
{
    return !wanted || !strcmp(wanted, s);
}

static bool
matches(const struct journal_query *query, const struct journal_entry *entry)
{
    unsigned int verbs = query->verbs ? query->verbs : 7;

    return (verbs & (1u << entry->verb)
            && is(query->resource, entry->resource)
            && is(query->id, entry->id)
            && is(query->name, entry->name)
            && (is(query->host, entry->host)
                || is(query->host, entry->old_host))
            && is(query->by, entry->by)
            && is(query->project_id, entry->project_id)
            && entry->at_msec >= query->since_msec
            && (!query->until_msec || entry->at_msec < query->until_msec));
}

/* Whether the answer is in the order of time. */
static bool
by_time(const struct journal_query *query)
{
    return !query->id && !query->name && !query->host && !query->by;
}

static bool order_by_time;

static int
compare(const void *a_, const void *b_)
{
    const struct journal_entry *a = &model[*(const uint64_t *) a_ - 1];
    const struct journal_entry *b = &model[*(const uint64_t *) b_ - 1];

    if (order_by_time && a->at_msec != b->at_msec) {
        return a->at_msec < b->at_msec ? -1 : 1;
    }
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Fills 'expected' and returns how many they are. */
static size_t
expect(const struct journal_query *query, uint64_t *expected)
{
    size_t n = 0;

    for (int i = 0; i < N_ENTRIES; i++) {
        if (matches(query, &model[i])) {
            expected[n++] = model[i].seq;
        }
    }
    order_by_time = by_time(query);
    qsort(expected, n, sizeof *expected, compare);
    if (!query->oldest_first) {
        for (size_t i = 0; i < n / 2; i++) {
            uint64_t seq = expected[i];
            expected[i] = expected[n - 1 - i];
            expected[n - 1 - i] = seq;
        }
    }
    return n;
}

static void
see(const struct journal_row *row, void *aux OVS_UNUSED)
{
    fixture_assert_entry(&row->entry, &model[row->entry.seq - 1]);
    assert_in_range(seen.n, 0, N_ENTRIES);
    seen.seqs[seen.n++] = row->entry.seq;
}

/* Asks page by page. */
static void
check(struct journal_query query)
{
    uint64_t expected[N_ENTRIES];
    size_t n = expect(&query, expected);
    bool more;

    seen.n = 0;
    do {
        size_t before = seen.n;
        char *error = journal_history(fixture_journal, &query, see, NULL,
                                      &more);

        assert_ptr_equal(error, NULL);
        size_t limit = MIN(query.limit ? query.limit : JOURNAL_MAX_HISTORY,
                           JOURNAL_MAX_HISTORY);
        assert_int_equal(seen.n - before, MIN(limit, n - before));
        assert_int_equal(more, seen.n < n);
        query.marker = seen.n ? seen.seqs[seen.n - 1] : 0;
    } while (more);
    assert_int_equal(seen.n, n);
    assert_memory_equal(seen.seqs, expected, n * sizeof *expected);
}

static void
queries(void **state OVS_UNUSED)
{
    for (int i = 0; i < N_QUERIES; i++) {
        struct journal_query query = {
            .resource = MAYBE(resources),
            .id = MAYBE(ids),
            .name = MAYBE(names),
            .host = MAYBE(hosts),
            .by = MAYBE(authors),
            .project_id = MAYBE(projects),
            .verbs = random_range(2) ? 0 : random_range(1 << JOURNAL_N_VERBS),
            .since_msec = random_range(2) ? 0 : time_of(random_range(1000)),
            .until_msec = random_range(2) ? 0 : time_of(random_range(1000)),
            .oldest_first = random_range(2),
            .limit = random_range(3) ? 1 + random_range(300) : 0,
        };

        /* An empty one is no name. */
        if (!(query.name && !query.name[0] && !query.id)
            && !(query.host && !query.host[0])
            && !(query.by && !query.by[0])) {
            check(query);
        }
    }
}

/* The limit has a limit. */
static void
everything(void **state OVS_UNUSED)
{
    check((struct journal_query) { .limit = SIZE_MAX });
    check((struct journal_query) { .limit = 0, .oldest_first = true });
    check((struct journal_query) { .verbs = 15 });
}

/* A marker that retention has taken: what came before is gone too. */
static void
marker_gone(void **state OVS_UNUSED)
{
    struct journal_query query = { .marker = 50 };
    bool more;

    fixture_sql("DELETE FROM entry WHERE seq <= 100");
    fixture_reopen();
    for (int by_id = 0; by_id < 2; by_id++) {
        query.id = by_id ? "id0" : NULL;
        seen.n = 0;
        assert_null(journal_history(fixture_journal, &query, see, NULL,
                                    &more));
        assert_int_equal(seen.n, 0);
        assert_false(more);
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, fixture_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(queries),
        TEST(everything),
        TEST(marker_gone),
    };

    unit_init(argv[0]);
    seed = unit_env("SLUICE_SEED", random_uint32());
    print_message("# SLUICE_SEED=%"PRIu32"\n", seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
