/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Claims on rows: one holder at a time, everyone served in the end. */

#include <config.h>

#include "unit.h"

#include "api/claims.h"
#include "random.h"

#define N_ROWS 4
#define N_WORKERS 40
#define N_ROUNDS 2000

/* One who wants some rows at once, for a while. */
struct worker {
    struct claimant claimant;
    unsigned int wants;         /* 1 << row. */
    bool waits, works, done;
};

static struct worker workers[N_WORKERS];
static const struct worker *holders[N_ROWS];
static unsigned int order[N_WORKERS], n_order;

static void
try(struct worker *w)
{
    w->waits = false;
    for (unsigned int row = 0; row < N_ROWS; row++) {
        struct uuid id = unit_uuid(UNIT_PORT, row);

        if (w->wants & (1u << row)
            && !claimant_take(&w->claimant, &id)) {
            claimant_release(&w->claimant);
            w->waits = claimant_wait(&w->claimant, &id);
            if (!w->waits) {
                try(w);
            }
            return;
        }
    }
    for (unsigned int row = 0; row < N_ROWS; row++) {
        if (w->wants & (1u << row)) {
            assert_null(holders[row]);
            holders[row] = w;
        }
    }
    w->works = true;
    order[n_order++] = w - workers;
}

static void
retry(struct claimant *claimant)
{
    struct worker *w = CONTAINER_OF(claimant, struct worker, claimant);

    assert_true(w->waits);
    try(w);
}

static void
finish(struct worker *w)
{
    for (unsigned int row = 0; row < N_ROWS; row++) {
        if (holders[row] == w) {
            holders[row] = NULL;
        }
    }
    w->works = false;
    w->done = true;
    claimant_release(&w->claimant);
}

static void
start(struct claims *claims, struct worker *w, unsigned int wants)
{
    *w = (struct worker) { .wants = wants };
    claimant_init(&w->claimant, claims, retry);
    try(w);
}

/* Those who want one row get it in the order in which they came. */
static void
test_order(void **state OVS_UNUSED)
{
    struct claims *claims = claims_create();

    n_order = 0;
    for (unsigned int i = 0; i < N_WORKERS; i++) {
        start(claims, &workers[i], 1);
    }
    for (unsigned int i = 0; i < N_WORKERS; i++) {
        assert_int_equal(n_order, i + 1);
        assert_int_equal(order[i], i);
        finish(&workers[i]);
    }
    claims_destroy(claims);
}

/* One who gives up waiting is not called, and others are. */
static void
test_give_up(void **state OVS_UNUSED)
{
    struct claims *claims = claims_create();

    n_order = 0;
    for (unsigned int i = 0; i < 4; i++) {
        start(claims, &workers[i], 1);
    }
    claimant_release(&workers[1].claimant);
    finish(&workers[0]);
    assert_true(workers[2].works);
    claimant_release(&workers[3].claimant);
    finish(&workers[2]);
    assert_int_equal(n_order, 2);
    claims_destroy(claims);
}

static size_t
find(bool (*is)(const struct worker *), struct worker *found[N_WORKERS])
{
    size_t n = 0;

    for (size_t i = 0; i < N_WORKERS; i++) {
        if (is(&workers[i])) {
            found[n++] = &workers[i];
        }
    }
    return n;
}

static bool
is_working(const struct worker *w)
{
    return w->works;
}

static bool
is_idle(const struct worker *w)
{
    return w->done;
}

/* Whoever waits does so because somebody works. */
static void
check_all_waits(void)
{
    for (size_t i = 0; i < N_WORKERS; i++) {
        const struct worker *w = &workers[i];
        bool held = false;

        assert_int_equal(w->waits + w->works + w->done, 1);
        for (unsigned int row = 0; row < N_ROWS; row++) {
            held |= (w->wants & (1u << row)) && holders[row];
        }
        assert_true(!w->waits || held);
    }
}

static void
test_random(void **state OVS_UNUSED)
{
    struct claims *claims = claims_create();
    struct worker *found[N_WORKERS];
    size_t n;

    for (size_t i = 0; i < N_WORKERS; i++) {
        workers[i] = (struct worker) { .done = true };
    }
    for (int round = 0; round < N_ROUNDS; round++) {
        n_order = 0;
        if (random_range(2)) {
            n = find(is_idle, found);
            if (n) {
                start(claims, found[random_range(n)],
                      1 + random_range((1u << N_ROWS) - 1));
            }
        } else {
            n = find(is_working, found);
            if (n) {
                finish(found[random_range(n)]);
            }
        }
        check_all_waits();
    }
    while ((n = find(is_working, found)) > 0) {
        n_order = 0;
        finish(found[random_range(n)]);
        check_all_waits();
    }
    assert_int_equal(find(is_idle, found), N_WORKERS);
    claims_destroy(claims);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_give_up),
        cmocka_unit_test(test_random),
    };

    unsigned int seed;
    int n_failed;

    unit_init(argv[0]);
    seed = unit_env("SLUICE_SEED", random_uint32());
    random_set_seed(seed ? seed : 1);
    n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (n_failed) {
        print_error("repeat with SLUICE_SEED=%u\n", seed);
    }
    return n_failed;
}
