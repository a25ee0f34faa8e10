/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Several hypervisors plug and unplug interfaces of one port, while it is
 * wanted here and there, and each sees what the others wrote, and its own,
 * later than it was written.  However that falls out: when nothing is on its
 * way any more, they agree on one place, it is the wanted one if that holds an
 * interface, and it took few writes; and who starts anew, and knows the rows
 * alone, writes nothing.
 *
 * A failure prints the seed that repeats it; SLUICE_SEED in the environment
 * sets it, and SLUICE_OPERATIONS how many there are. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "ovs-agent/place.h"
#include "random.h"

#define N_HOSTS 5
#define N_OPERATIONS 100000

/* In an order that is not the alphabet's. */
static const char *const hosts[N_HOSTS] = { "hv3", "hv1", "hv5", "hv2", "hv4" };

/* What the database says. */
struct view {
    struct {
        bool exists;
        int64_t claim;
    } rows[N_HOSTS];
    int wanted;                 /* A host, or -1. */
};

/* It has one state after each commit; an agent sees them one by one. */
static struct view *states;
static size_t n_states, allocated_states;

struct agent {
    bool plugged;
    size_t seen;                /* The state that it has seen last. */
    size_t written;             /* The state its last write made. */
};

static struct agent agents[N_HOSTS];

static unsigned int seed, n_done;
static bool passed;

/* The database. */

/* Commits a copy of the latest state, for the caller to change. */
static struct view *
commit(void)
{
    if (n_states >= allocated_states) {
        states = x2nrealloc(states, &allocated_states, sizeof *states);
    }
    states[n_states] = states[n_states - 1];
    return &states[n_states++];
}

static void
forget_seen_by_all(void)
{
    states[0] = states[n_states - 1];
    n_states = 1;
    for (int i = 0; i < N_HOSTS; i++) {
        agents[i].seen = agents[i].written = 0;
    }
}

/* The agents. */

static size_t
gather(const struct view *view, int except, struct place_claim *claims)
{
    size_t n = 0;

    for (int i = 0; i < N_HOSTS; i++) {
        if (view->rows[i].exists && i != except) {
            claims[n++] = (struct place_claim) { hosts[i],
                                                 view->rows[i].claim };
        }
    }
    return n;
}

/* What agent 'i' is to claim, as it sees it. */
static int64_t
claim_of(int i, const struct view *view)
{
    struct place_claim others[N_HOSTS];
    size_t n = gather(view, i, others);

    return place_claim(hosts[i],
                       view->rows[i].exists ? &view->rows[i].claim : NULL,
                       others, n,
                       view->wanted < 0 ? "" : hosts[view->wanted]);
}

/* Agent 'i' writes, if there is anything to write and it is not still waiting
 * for its last write to come back. */
static bool
act(int i)
{
    const struct view view = states[agents[i].seen];
    int64_t claim = agents[i].plugged ? claim_of(i, &view) : 0;
    struct view *new;

    if (agents[i].seen < agents[i].written
        || (view.rows[i].exists == agents[i].plugged
            && (!agents[i].plugged || view.rows[i].claim == claim))) {
        return false;
    }
    new = commit();
    new->rows[i].exists = agents[i].plugged;
    new->rows[i].claim = claim;
    agents[i].written = n_states - 1;
    return true;
}

/* It has an answer to every question at any time. */
static void
check_view(int i)
{
    struct place_claim claims[N_HOSTS];
    size_t n = gather(&states[agents[i].seen], -1, claims);

    assert_int_equal(place_find(claims, n) != NULL, n > 0);
}

/* Operations. */

static void
change_plug(void)
{
    struct agent *agent = &agents[random_range(N_HOSTS)];

    agent->plugged = !agent->plugged;
}

static void
change_wanted(void)
{
    int wanted = (int) random_range(N_HOSTS + 1) - 1;

    commit()->wanted = wanted;
}

static void
see(void)
{
    int i = random_range(N_HOSTS);

    agents[i].seen += random_range(n_states - agents[i].seen);
    check_view(i);
}

/* It reads the database anew; what it had sent may be committed or not, and
 * here it was. */
static void
restart(void)
{
    agents[random_range(N_HOSTS)].seen = n_states - 1;
}

/* The end: nobody touches anything any more, and sooner or later everybody has
 * seen everything, and written what was to be written. */

/* Each makes or deletes his row, and corrects himself once if he acted on what
 * was not so any more; and who is wanted answers each of the others. */
#define MAX_WRITES (4 * N_HOSTS)

/* Has some agent see a little more and act. */
static bool
step(void)
{
    int i = random_range(N_HOSTS);

    agents[i].seen += random_range(n_states - agents[i].seen + 1);
    agents[i].seen = MIN(agents[i].seen, n_states - 1);
    return act(i);
}

static bool
all_have_seen_all(void)
{
    for (int i = 0; i < N_HOSTS; i++) {
        if (agents[i].seen < n_states - 1) {
            return false;
        }
    }
    return true;
}

static void
settle(void)
{
    int n_writes = 0;
    bool quiet;

    do {
        do {
            n_writes += step();
            assert_true(n_writes <= MAX_WRITES);
        } while (!all_have_seen_all());
        quiet = true;
        for (int i = 0; i < N_HOSTS; i++) {
            bool wrote = act(i);

            n_writes += wrote;
            quiet = quiet && !wrote;
        }
    } while (!quiet);
}

static void
check_settled(void)
{
    const struct view *view = &states[n_states - 1];
    struct place_claim claims[N_HOSTS];
    size_t n = gather(view, -1, claims);
    const struct place_claim *place = place_find(claims, n);

    for (int i = 0; i < N_HOSTS; i++) {
        assert_int_equal(view->rows[i].exists, agents[i].plugged);
    }
    if (view->wanted >= 0 && agents[view->wanted].plugged) {
        assert_string_equal(place->host, hosts[view->wanted]);
    }
}

/* Once settled, a move costs one write, of whoever it is to. */
static void
check_move(void)
{
    int to = random_range(N_HOSTS);

    if (agents[to].plugged) {
        commit()->wanted = to;
        for (int i = 0; i < N_HOSTS; i++) {
            agents[i].seen = n_states - 1;
            assert_true(!act(i) || i == to);
        }
        settle();
        check_settled();
    }
}

static void
finish(void)
{
    settle();
    check_settled();
    check_move();
    forget_seen_by_all();
}

static void
operate(void)
{
    int choice = random_range(100);

    if (choice < 15) {
        change_plug();
    } else if (choice < 20) {
        change_wanted();
    } else if (choice < 22) {
        restart();
    } else if (choice < 60) {
        see();
    } else if (choice < 99) {
        act(random_range(N_HOSTS));
    } else {
        finish();
    }
}

static void
random_operations(void **state OVS_UNUSED)
{
    unsigned int n = unit_env("SLUICE_OPERATIONS", N_OPERATIONS);

    for (n_done = 0; n_done < n; n_done++) {
        operate();
    }
    finish();
    passed = true;
}

static int
setup(void **state OVS_UNUSED)
{
    seed = unit_env("SLUICE_SEED", random_uint32());
    random_set_seed(seed ? seed : 1);
    states = xcalloc(1, sizeof *states);
    states[0].wanted = -1;
    n_states = allocated_states = 1;
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    if (!passed) {
        print_error("repeat with SLUICE_SEED=%u, after %u operations\n",
                    seed, n_done);
    }
    free(states);
    return 0;
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_operations, setup, teardown),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
