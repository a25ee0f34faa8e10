/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* From a change to its acknowledgement: what is reported as in force is, in
 * the order in which it came to be, and what nobody speaks of is freed. */

#include <config.h>

#include "unit.h"

#include "topo.h"

/* Network 1 with ports 1 to 3, plugged, in force. */
static int
setup(void **state)
{
    topo_setup_ready(state);
    topo_network(1, true);
    for (unsigned int i = 1; i <= 3; i++) {
        topo_port(i, 1, true);
        topo_plug(i, i);
    }
    topo_settle();
    return 0;
}

static void
revise_port(unsigned int n, int64_t revision)
{
    struct intent_port row = topo_port_row(n, 1);

    row.revision_number = revision;
    row.admin_state_up = revision & 1;
    topology_update_port(&topo, &row);
}

/* Fails unless the next object whose status is due is port 'n'; 0: none is. */
static void
assert_next(unsigned int n)
{
    struct lobject *obj = topology_next_status(&topo);

    if (!n) {
        assert_null(obj);
        return;
    }
    assert_non_null(obj);
    assert_int_equal(obj->kind, LKIND_PORT);
    assert_int_equal(obj->uuid.parts[1], n);
    topology_status_taken(&topo, obj);
}

static int64_t
applied(unsigned int n)
{
    return topo_find_port(n)->obj.applied_revision;
}

/* What is in force. */

static void
nothing_before_the_switch_answers(void **state OVS_UNUSED)
{
    uint64_t seq;

    revise_port(1, 2);
    assert_next(0);
    seq = topo_send();
    assert_next(0);
    topology_acked(&topo, seq - 1);
    assert_next(0);
    assert_int_equal(applied(1), 1);
    topology_acked(&topo, seq);
    assert_int_equal(applied(1), 2);
    assert_next(1);
    assert_next(0);
}

static void
in_order(void **state OVS_UNUSED)
{
    uint64_t first, second;

    revise_port(3, 2);
    first = topo_send();
    revise_port(1, 2);
    second = topo_send();
    topology_acked(&topo, first);
    assert_int_equal(applied(3), 2);
    assert_int_equal(applied(1), 1);
    topology_acked(&topo, second);
    assert_int_equal(applied(1), 2);
    assert_next(3);
    assert_next(1);
    assert_next(0);
}

/* A set that was lost with its connection is part of the next one that is
 * acknowledged. */
static void
later_set_covers_earlier(void **state OVS_UNUSED)
{
    revise_port(3, 2);
    topo_send();
    revise_port(1, 2);
    topology_acked(&topo, topo_send());
    assert_int_equal(applied(3), 2);
    assert_int_equal(applied(1), 2);
}

/* While one revision is on its way the next is made: the first may not be
 * reported in the place of the second. */
static void
revised_on_its_way(void **state OVS_UNUSED)
{
    uint64_t first, second;

    revise_port(1, 2);
    first = topo_send();
    revise_port(1, 3);
    second = topo_send();
    topology_acked(&topo, first);
    assert_int_equal(applied(1), 2);
    assert_next(1);
    topology_acked(&topo, second);
    assert_int_equal(applied(1), 3);
    assert_next(1);
}

/* What changes faster than the switch acknowledges is acknowledged as far as
 * it has come, and not only when it comes to rest. */
static void
revised_all_the_time(void **state OVS_UNUSED)
{
    uint64_t seqs[10] = { 0 };

    for (int i = 2; i < 10; i++) {
        revise_port(1, i);
        seqs[i] = topo_send();
        if (i > 4) {
            topology_acked(&topo, seqs[i - 2]);
            assert_in_range(applied(1), i - 4, i - 2);
        }
    }
    topology_acked(&topo, seqs[9]);
    assert_int_equal(applied(1), 9);
}

/* Likewise when the second was seen, but not computed yet. */
static void
revised_but_not_computed(void **state OVS_UNUSED)
{
    uint64_t first;

    revise_port(1, 2);
    first = topo_send();
    revise_port(1, 3);
    topology_acked(&topo, first);
    assert_int_equal(applied(1), 2);
}

static void
applied_at_all(void **state OVS_UNUSED)
{
    topo_port(4, 1, true);
    topo_send();
    assert_false(topo_find_port(4)->obj.applied);
    topo_ack();
    assert_true(topo_find_port(4)->obj.applied);
}

static void
host_is_acknowledged(void **state OVS_UNUSED)
{
    const struct intent_host host = { false, 7 };

    topology_update_host(&topo, &host);
    topo_send();
    assert_int_not_equal(topo.host.applied_revision, 7);
    topo_ack();
    assert_int_equal(topo.host.applied_revision, 7);
}

/* Nothing of the ports is due when their network changes. */
static void
network_speaks_for_itself(void **state OVS_UNUSED)
{
    const struct lobject *obj;

    topo_network(1, false);
    topology_acked(&topo, topo_send());
    obj = topology_next_status(&topo);
    assert_ptr_equal(obj, &topo_find_network(1)->obj);
    assert_next(0);
}

/* How long it took. */

static void
times(void **state OVS_UNUSED)
{
    const struct stage_times *t = &topo_find_port(1)->obj.times;
    uint64_t n = topo.total.count;

    revise_port(1, 2);
    assert_true(t->received && !t->computed && !t->acked);
    topo_send();
    assert_true(t->computed >= t->received && !t->acked);
    topo_ack();
    assert_true(t->acked >= t->computed);
    assert_int_equal(topo.total.count, n + 1);
    assert_int_equal(topo.computing.count, topo.applying.count);
}

/* A change is measured once, however often it is acknowledged. */
static void
measured_once(void **state OVS_UNUSED)
{
    uint64_t n;

    revise_port(1, 2);
    topo_settle();
    n = topo.total.count;
    topo_ack();
    topo_settle();
    assert_int_equal(topo.total.count, n);
}

/* Asking for status. */

static void
recheck_one(void **state OVS_UNUSED)
{
    const struct uuid uuid = unit_uuid(UNIT_PORT, 2);
    const struct uuid stranger = unit_uuid(UNIT_PORT, 9);

    topology_recheck_status(&topo, &stranger);
    assert_next(0);
    topology_recheck_status(&topo, &uuid);
    topology_recheck_status(&topo, &uuid);
    assert_next(2);
    assert_next(0);
}

static void
recheck_all(void **state OVS_UNUSED)
{
    size_t n = 0;

    topology_recheck_all_status(&topo);
    while (topology_next_status(&topo)) {
        n++;
    }
    assert_int_equal(n, 5);
}

/* What nobody speaks of. */

static bool
exists(unsigned int n)
{
    const struct uuid uuid = unit_uuid(UNIT_PORT, n);

    return topology_find_port(&topo, &uuid) != NULL;
}

/* An object is there until its flows are known to be gone. */
static void
freed_when_gone_from_the_switch(void **state OVS_UNUSED)
{
    topo_delete_port(1);
    topo_unplug(1);
    topo_send();
    assert_true(exists(1));
    topo_ack();
    assert_false(exists(1));
}

/* Even if its status is asked for meanwhile. */
static void
kept_while_on_its_way(void **state OVS_UNUSED)
{
    const struct uuid uuid = unit_uuid(UNIT_PORT, 1);

    topo_delete_port(1);
    topo_unplug(1);
    topology_recheck_status(&topo, &uuid);
    assert_next(1);
    assert_true(exists(1));
    topo_send();
    topology_recheck_status(&topo, &uuid);
    assert_next(1);
    assert_true(exists(1));
    topo_ack();
    assert_false(exists(1));
}

static void
kept_while_plugged(void **state OVS_UNUSED)
{
    topo_delete_port(1);
    topo_settle();
    assert_true(exists(1));
    topo_unplug(1);
    topo_settle();
    assert_false(exists(1));
}

static void
kept_while_there_is_a_row(void **state OVS_UNUSED)
{
    topo_unplug(1);
    topo_settle();
    assert_true(exists(1));
    topo_delete_port(1);
    topo_settle();
    assert_false(exists(1));
}

/* It came back while its end was on the way. */
static void
kept_when_it_comes_back(void **state OVS_UNUSED)
{
    topo_delete_port(1);
    topo_unplug(1);
    topo_send();
    topo_port(1, 1, true);
    topo_plug(1, 1);
    topo_ack();
    assert_true(exists(1));
    topo_settle();
    assert_true(topo_find_port(1)->wired);
}

/* A network goes after its last port, known or not. */
static void
network_goes_last(void **state OVS_UNUSED)
{
    const struct uuid uuid = unit_uuid(UNIT_NETWORK, 1);

    topo_delete_network(1);
    topo_settle();
    assert_non_null(topology_find_network(&topo, &uuid));
    for (unsigned int i = 1; i <= 3; i++) {
        topo_delete_port(i);
        topo_unplug(i);
    }
    topo_settle();
    assert_null(topology_find_network(&topo, &uuid));
    assert_int_equal(hmap_count(&topo.objects), 0);
}

/* A VIF of a port that nobody knows leaves nothing behind. */
static void
stranger_leaves_nothing(void **state OVS_UNUSED)
{
    topo_plug(9, 9);
    topo_settle();
    assert_true(exists(9));
    topo_unplug(9);
    topo_settle();
    assert_false(exists(9));
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, topo_teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_before_the_switch_answers),
        TEST(in_order),
        TEST(later_set_covers_earlier),
        TEST(revised_on_its_way),
        TEST(revised_all_the_time),
        TEST(revised_but_not_computed),
        TEST(applied_at_all),
        TEST(host_is_acknowledged),
        TEST(network_speaks_for_itself),
        TEST(times),
        TEST(measured_once),
        TEST(recheck_one),
        TEST(recheck_all),
        TEST(freed_when_gone_from_the_switch),
        TEST(kept_while_on_its_way),
        TEST(kept_while_plugged),
        TEST(kept_while_there_is_a_row),
        TEST(kept_when_it_comes_back),
        TEST(network_goes_last),
        TEST(stranger_leaves_nothing),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
