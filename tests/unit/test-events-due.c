/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What is due to a slow client: events merged by hand, and at random against
 * a client that gets everything. */

#include <config.h>

#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events/due.h"
#include "openvswitch/dynamic-string.h"
#include "random.h"

#define N_ROUNDS 300

static struct due due;
static uint64_t seq;
static unsigned int seed;       /* Of random rounds under way. */

static int
setup(void **state OVS_UNUSED)
{
    due_init(&due);
    seq = 0;
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    if (seed) {
        print_error("repeat with SLUICE_SEED=%u\n", seed);
    }
    due_destroy(&due);
    return 0;
}

static void
add(enum journal_verb verb, const char *id)
{
    due_add(&due, ++seq, verb, "port", id, "hv1");
}

static void
add_applied(const char *id, const char *host)
{
    due_add(&due, ++seq, JOURNAL_APPLIED, "port", id, host);
}

/* Fails unless what is due is 'expected', "VERB@SEQ ...", and takes it. */
static void
assert_due(const char *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct due_event event;

    while (due_peek(&due, &event)) {
        ds_put_format(&s, "%s@%"PRIu64" ", journal_verb_to_string(event.verb),
                      event.seq);
        due_pop(&due);
    }
    ds_chomp(&s, ' ');
    assert_string_equal(ds_cstr(&s), expected);
    assert_true(due_is_empty(&due));
    assert_int_equal(due.n, 0);
    assert_int_equal(hmap_count(&due.objects), 0);
    ds_destroy(&s);
}

static void
verbs(void **state OVS_UNUSED)
{
    add(JOURNAL_CREATED, "a");
    add(JOURNAL_UPDATED, "a");
    assert_due("created@2");
    add(JOURNAL_CREATED, "a");
    add(JOURNAL_UPDATED, "a");
    add(JOURNAL_DELETED, "a");
    assert_due("");
    add(JOURNAL_UPDATED, "a");
    add(JOURNAL_UPDATED, "a");
    assert_due("updated@7");
    add(JOURNAL_UPDATED, "a");
    add(JOURNAL_DELETED, "a");
    assert_due("deleted@9");
    add(JOURNAL_DELETED, "a");
    add(JOURNAL_CREATED, "a");
    assert_due("updated@11");
    add(JOURNAL_DELETED, "a");
    add(JOURNAL_CREATED, "a");
    add(JOURNAL_DELETED, "a");
    assert_due("deleted@14");
}

static void
in_order_of_the_latest(void **state OVS_UNUSED)
{
    add(JOURNAL_CREATED, "a");
    add(JOURNAL_CREATED, "b");
    add(JOURNAL_UPDATED, "c");
    add(JOURNAL_UPDATED, "a");
    assert_due("created@2 updated@3 created@4");
}

/* An id names an object of one resource alone. */
static void
resources(void **state OVS_UNUSED)
{
    due_add(&due, 1, JOURNAL_CREATED, "port", "a", "");
    due_add(&due, 2, JOURNAL_DELETED, "network", "a", "");
    assert_due("created@1 deleted@2");
}

static void
applied(void **state OVS_UNUSED)
{
    add(JOURNAL_UPDATED, "a");
    add_applied("a", "hv1");
    add_applied("a", "hv2");
    add(JOURNAL_UPDATED, "b");
    add_applied("a", "hv1");
    assert_due("updated@1 applied@3 updated@4 applied@5");

    /* Nobody cares who has applied what is gone. */
    add(JOURNAL_CREATED, "a");
    add_applied("a", "hv1");
    add(JOURNAL_UPDATED, "b");
    add_applied("b", "hv1");
    add(JOURNAL_DELETED, "a");
    add(JOURNAL_DELETED, "b");
    assert_due("deleted@11");
    add_applied("a", "hv1");
    add(JOURNAL_DELETED, "a");
    assert_due("deleted@13");
}

/* What the client was told to be applied, before it was told of "created", is
 * something that can be deleted. */
static void
applied_before_created(void **state OVS_UNUSED)
{
    struct due_event event;

    add(JOURNAL_CREATED, "a");
    add_applied("a", "hv1");
    add(JOURNAL_UPDATED, "a");
    assert_true(due_peek(&due, &event));
    assert_int_equal(event.verb, JOURNAL_APPLIED);
    due_pop(&due);
    add(JOURNAL_DELETED, "a");
    assert_due("deleted@4");
}

static void
assert_counts(uint64_t events, size_t n, bool merged)
{
    assert_int_equal(due.n_events, events);
    assert_int_equal(due.n, n);
    assert_int_equal(due.merged, merged);
}

static void
counts(void **state OVS_UNUSED)
{
    assert_counts(0, 0, false);
    add(JOURNAL_CREATED, "a");
    add(JOURNAL_CREATED, "b");
    assert_counts(2, 2, false);
    add(JOURNAL_UPDATED, "a");
    assert_counts(3, 2, true);
    add(JOURNAL_DELETED, "b");
    assert_counts(4, 1, true);

    /* What came to nothing is told of once, the others while they are due. */
    due_told(&due);
    assert_counts(2, 1, false);
    add(JOURNAL_UPDATED, "a");
    assert_counts(3, 1, true);
    due_pop(&due);
    assert_counts(0, 0, true);
    due_told(&due);

    add_applied("a", "hv1");
    add_applied("a", "hv1");
    add(JOURNAL_UPDATED, "a");
    add(JOURNAL_DELETED, "a");
    assert_counts(4, 1, true);
    due_clear(&due);
    assert_counts(0, 0, false);
}

/* The work per event must not grow with what is due: a million events on
 * 10,000 objects, and a network that 10,000 hosts apply. */
static void
many(void **state OVS_UNUSED)
{
    char name[16];

    for (int i = 0; i < 1000000; i++) {
        snprintf(name, sizeof name, "%d", i % 10000);
        add(JOURNAL_UPDATED, name);
    }
    assert_counts(1000000, 10000, true);
    due_clear(&due);
    for (int i = 0; i < 100000; i++) {
        snprintf(name, sizeof name, "%d", i % 10000);
        add_applied("net", name);
    }
    assert_int_equal(due.n, 10000);
    add(JOURNAL_DELETED, "net");
    assert_due("deleted@1100001");
}

/* A client, by the rules that the header of client.h gives it, of a world of
 * a few objects, each with the number of the event that made it as it is. */

#define N_OBJECTS 8
#define N_HOSTS 3

struct model {
    uint64_t objects[N_OBJECTS]; /* 0: not there. */
    uint64_t applied[N_OBJECTS][N_HOSTS];
};

struct event {
    enum journal_verb verb;
    int object, host;
};

static bool
model_is_applied(const struct model *m, int object)
{
    for (int host = 0; host < N_HOSTS; host++) {
        if (m->applied[object][host]) {
            return true;
        }
    }
    return false;
}

static void
model_apply(struct model *m, const struct event *event, uint64_t at,
            enum journal_verb verb)
{
    uint64_t *object = &m->objects[event->object];

    switch (verb) {
    case JOURNAL_CREATED:
        assert_int_equal(*object, 0);
        *object = at;
        break;
    case JOURNAL_UPDATED:
        assert_int_not_equal(*object, 0);
        *object = at;
        break;
    case JOURNAL_DELETED:
        /* It may know no more than who had applied it. */
        assert_true(*object || model_is_applied(m, event->object));
        *object = 0;
        memset(m->applied[event->object], 0, sizeof m->applied[0]);
        break;
    case JOURNAL_APPLIED:
        m->applied[event->object][event->host] = at;
        break;
    case JOURNAL_N_VERBS:
    default:
        fail();
    }
}

/* Something that can be done in the world of 'm'. */
static struct event
random_event(const struct model *m)
{
    struct event event = {
        .object = random_range(N_OBJECTS),
        .host = random_range(N_HOSTS),
    };

    if (!m->objects[event.object]) {
        event.verb = JOURNAL_CREATED;
    } else {
        static const enum journal_verb choices[] = {
            JOURNAL_UPDATED, JOURNAL_DELETED, JOURNAL_APPLIED
        };

        event.verb = choices[random_range(ARRAY_SIZE(choices))];
    }
    return event;
}

/* The slow client takes at most 'max' of what is due to it.  Returns how many
 * it got. */
static unsigned int
take(struct model *slow, const struct event *history, uint64_t *last,
     unsigned int max)
{
    struct due_event event;
    unsigned int n;

    for (n = 0; n < max && due_peek(&due, &event); n++) {
        assert_true(event.seq > *last);
        *last = event.seq;
        model_apply(slow, &history[event.seq], event.seq, event.verb);
        due_pop(&due);
    }
    return n;
}

/* With 'reuse', an object that comes again has the id it had.  Then a client
 * that was told of neither its end nor its beginning has more to say of who
 * applied it. */
static void
random_round(bool reuse)
{
    enum { N = 400 };
    struct event history[N + 1];
    struct model everything = { .objects = { 0 } };
    struct model slow = { .objects = { 0 } };
    uint64_t last = 0, got = 0;
    int lives[N_OBJECTS] = { 0 };

    for (uint64_t i = 1; i <= N; i++) {
        char object[16], host[16];
        struct event *event = &history[i];

        *event = random_event(&everything);
        model_apply(&everything, event, i, event->verb);
        lives[event->object] += event->verb == JOURNAL_CREATED && !reuse;
        snprintf(object, sizeof object, "%d.%d", event->object,
                 lives[event->object]);
        snprintf(host, sizeof host, "%d", event->host);
        due_add(&due, i, event->verb, "port", object, host);
        if (!random_range(20)) {
            due_told(&due);
            got += take(&slow, history, &last, random_range(N_OBJECTS));
        }
    }
    due_told(&due);
    got += take(&slow, history, &last, UINT_MAX);
    assert_memory_equal(slow.objects, everything.objects,
                        sizeof slow.objects);
    if (!reuse) {
        assert_memory_equal(slow.applied, everything.applied,
                            sizeof slow.applied);
    }

    assert_int_equal(due.n_events, 0);
    assert_true(got < N);
}

static void
as_if_it_had_got_everything(void **state OVS_UNUSED)
{
    seed = unit_env("SLUICE_SEED", random_uint32());
    random_set_seed(seed ? seed : 1);
    for (int i = 0; i < N_ROUNDS; i++) {
        random_round(i % 2);
        due_clear(&due);
    }
    seed = 0;
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(verbs, setup, teardown),
        cmocka_unit_test_setup_teardown(in_order_of_the_latest, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(resources, setup, teardown),
        cmocka_unit_test_setup_teardown(applied, setup, teardown),
        cmocka_unit_test_setup_teardown(applied_before_created, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(counts, setup, teardown),
        cmocka_unit_test_setup_teardown(many, setup, teardown),
        cmocka_unit_test_setup_teardown(as_if_it_had_got_everything, setup,
                                        teardown),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
