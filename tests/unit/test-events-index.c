/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The index of topics: it finds just those whose topic matches, and looks at
 * few others. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "events/topic-index.h"
#include "events/topic.h"
#include "http/request.h"
#include "random.h"

static struct topic_index index_;
static unsigned int seed;       /* Of random topics under way. */

/* Somebody who counts what he is told. */
struct watcher {
    struct topic_watcher up;
    struct topic *topic;
    unsigned int told;
};

static int
setup(void **state OVS_UNUSED)
{
    topic_index_init(&index_);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    if (seed) {
        print_error("repeat with SLUICE_SEED=%u\n", seed);
        return -1;
    }
    assert_int_equal(index_.n_members, 0);
    assert_int_equal(index_.n_restricted, 0);
    topic_index_destroy(&index_);
    return 0;
}

static void
watcher_add(struct watcher *w, const struct http_pair *pairs, size_t n,
            const char *only_project)
{
    char *error = topic_parse(pairs, n, only_project, &w->topic);

    assert_null(error);
    w->told = 0;
    topic_index_add(&index_, &w->up, w->topic);
}

static void
watcher_remove(struct watcher *w)
{
    topic_index_remove(&index_, &w->up);
    topic_destroy(w->topic);
}

static void
tell(struct topic_watcher *up, void *aux)
{
    CONTAINER_OF(up, struct watcher, up)->told++;
    assert_ptr_equal(aux, &index_);
}

static void
dispatch(const struct topic_facts *facts)
{
    topic_index_dispatch(&index_, facts, tell, &index_);
}

/* The 'i'th object's id. */
static const char *
id_text(char buf[37], unsigned int i)
{
    snprintf(buf, 37, "%08x-0000-4000-8000-000000000000", i);
    return buf;
}

static const struct topic_facts some_port = {
    .resource = "port",
    .id = "ffffffff-0000-4000-8000-000000000000",
    .network_id = "ffffffff-0000-4000-8000-00000000000a",
    .project_id = "red",
    .hosts = { "hv1", "" },
    .verb = JOURNAL_UPDATED,
};

/* 10,000 who watch a port each: one is looked at. */
static void
ten_thousand_ports(void **state OVS_UNUSED)
{
    enum { N = 10000 };
    struct watcher *watchers = xmalloc(N * sizeof *watchers);
    struct topic_facts facts = some_port;
    char id[37];

    for (int i = 0; i < N; i++) {
        struct http_pair pair = { "id", id_text(id, i) };

        watcher_add(&watchers[i], &pair, 1, NULL);
    }
    facts.id = id_text(id, 4711);
    dispatch(&facts);
    assert_int_equal(index_.n_events, 1);
    assert_int_equal(index_.n_visited, 1);
    assert_int_equal(index_.n_matched, 1);
    for (int i = 0; i < N; i++) {
        assert_int_equal(watchers[i].told, i == 4711);
        watcher_remove(&watchers[i]);
    }
    free(watchers);
}

/* Fails unless an event with 'facts' is compared with 'visited' watchers and
 * told to 'matched'. */
static void
assert_cost(const struct topic_facts *facts, unsigned int visited,
            unsigned int matched)
{
    uint64_t n_visited = index_.n_visited;
    uint64_t n_matched = index_.n_matched;

    dispatch(facts);
    assert_int_equal(index_.n_visited - n_visited, visited);
    assert_int_equal(index_.n_matched - n_matched, matched);
}

/* The most selective key decides where one is looked for. */
static void
selective(void **state OVS_UNUSED)
{
    const struct http_pair by_network[] = {
        { "resource", "port" },
        { "project_id", "red" },
        { "network_id", some_port.network_id },
    };
    const struct http_pair by_host[] = {
        { "resource", "network" },
        { "host", "hv1" },
    };
    struct topic_facts facts = some_port;
    struct watcher a, b;

    watcher_add(&a, by_network, 3, NULL);
    watcher_add(&b, by_host, 2, NULL);
    assert_cost(&facts, 2, 1);

    facts.hosts[0] = "hv2";
    assert_cost(&facts, 1, 1);
    facts.project_id = "blue";
    assert_cost(&facts, 1, 0);
    facts.network_id = some_port.id;
    assert_cost(&facts, 0, 0);
    assert_int_equal(a.told, 2);
    assert_int_equal(b.told, 0);
    watcher_remove(&a);
    watcher_remove(&b);
}

/* One who is found at two places is told once. */
static void
once(void **state OVS_UNUSED)
{
    const struct http_pair hosts[] = { { "host", "hv1" }, { "host", "hv2" } };
    struct topic_facts facts = some_port;
    struct watcher w;

    watcher_add(&w, hosts, 2, NULL);
    facts.hosts[1] = "hv2";
    assert_cost(&facts, 1, 1);
    assert_int_equal(w.told, 1);
    watcher_remove(&w);
}

/* Members are found by their project, and by what is shared. */
static void
members(void **state OVS_UNUSED)
{
    enum { N = 100 };
    struct watcher watchers[N];
    struct topic_facts facts = some_port;
    char project[16];

    for (int i = 0; i < N; i++) {
        snprintf(project, sizeof project, "p%d", i);
        watcher_add(&watchers[i], NULL, 0, project);
    }
    assert_int_equal(index_.n_restricted, N);
    assert_cost(&facts, 0, 0);
    facts.project_id = "p7";
    assert_cost(&facts, 1, 1);
    facts.shared = true;
    assert_cost(&facts, N, N);
    for (int i = 0; i < N; i++) {
        assert_int_equal(watchers[i].told, i == 7 ? 2 : 1);
        watcher_remove(&watchers[i]);
    }
}

/* Random topics and events: those told are those whose topic matches. */

#define N_VALUES 5

static const char *const values[][N_VALUES] = {
    { "network", "subnet", "port", "agent", "port" },
    { "00000001-0000-4000-8000-000000000000",
      "00000002-0000-4000-8000-000000000000",
      "00000003-0000-4000-8000-000000000000",
      "00000004-0000-4000-8000-000000000000",
      "00000005-0000-4000-8000-000000000000" },
    { "0000000a-0000-4000-8000-000000000000",
      "0000000b-0000-4000-8000-000000000000",
      "00000001-0000-4000-8000-000000000000",
      "00000002-0000-4000-8000-000000000000",
      "0000000c-0000-4000-8000-000000000000" },
    { "hv1", "hv2", "hv3", "hv4", "hv5" },
    { "red", "blue", "green", "", "white" },
    { "created", "updated", "deleted", "applied", "updated" },
};
static const char *const names[] = {
    "resource", "id", "network_id", "host", "project_id", "verb"
};

static const char *
random_value(int key)
{
    return values[key][random_range(N_VALUES)];
}

static void
random_watcher(struct watcher *w)
{
    struct http_pair pairs[8];
    size_t n = random_range(ARRAY_SIZE(pairs));

    for (size_t i = 0; i < n; i++) {
        int key = random_range(ARRAY_SIZE(names));

        pairs[i].name = names[key];
        pairs[i].value = random_value(key);
    }
    watcher_add(w, pairs, n, random_range(2) ? NULL : random_value(4));
}

static void
random_facts(struct topic_facts *facts)
{
    facts->resource = random_value(0);
    facts->id = random_value(1);
    facts->network_id = random_range(4) ? random_value(2) : "";
    facts->hosts[0] = random_range(2) ? random_value(3) : "";
    facts->hosts[1] = random_range(2) ? random_value(3) : "";
    facts->project_id = random_value(4);
    facts->shared = !random_range(4);
    facts->verb = random_range(JOURNAL_N_VERBS);
}

static void
as_if_all_were_compared(void **state OVS_UNUSED)
{
    enum { N = 200 };
    static struct watcher watchers[N];
    uint64_t matched = 0;

    seed = unit_env("SLUICE_SEED", random_uint32());
    random_set_seed(seed ? seed : 1);
    for (int i = 0; i < N; i++) {
        random_watcher(&watchers[i]);
    }
    for (int round = 0; round < 2000; round++) {
        struct topic_facts facts;
        int i = random_range(N);

        watcher_remove(&watchers[i]);
        random_watcher(&watchers[i]);
        random_facts(&facts);
        for (i = 0; i < N; i++) {
            watchers[i].told = 0;
        }
        dispatch(&facts);
        for (i = 0; i < N; i++) {
            bool match = topic_matches(watchers[i].topic, &facts);

            assert_int_equal(watchers[i].told, match);
            matched += match;
        }
    }
    assert_int_equal(index_.n_matched, matched);
    assert_true(matched > 1000);
    for (int i = 0; i < N; i++) {
        watcher_remove(&watchers[i]);
    }
    seed = 0;
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ten_thousand_ports, setup, teardown),
        cmocka_unit_test_setup_teardown(selective, setup, teardown),
        cmocka_unit_test_setup_teardown(once, setup, teardown),
        cmocka_unit_test_setup_teardown(members, setup, teardown),
        cmocka_unit_test_setup_teardown(as_if_all_were_compared, setup,
                                        teardown),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
