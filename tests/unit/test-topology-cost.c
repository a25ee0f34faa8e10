/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What a change costs in an overlay of a thousand hypervisors: the objects that
 * are computed again and the flows that change are those of the change. */

#include <config.h>

#include "unit.h"

#include "flow.h"
#include "ovs-agent/pipeline.h"
#include "topo.h"

#define N_HVS 1000
#define FIRST_HV 2

/* Hypervisor N has port 1000 + N. */
#define PORT_AT(HV) (1000 + (HV))

static void
hv_joins(unsigned int hv)
{
    topo_net_place(1, hv);
    topo_port_place(PORT_AT(hv), 1, hv, 1);
}

static void
hv_leaves(unsigned int hv)
{
    topo_delete_port_place(PORT_AT(hv), hv);
    topo_delete_net_place(1, hv);
}

/* Network 1 with a thousand hypervisors, and ports 1 and 2 here. */
static int
setup(void **state)
{
    topo_setup_ready(state);
    topo_vtep();
    topo_overlay(1);
    for (unsigned int i = 1; i <= 2; i++) {
        topo_port(i, 1, true);
        topo_plug(i, i);
    }
    for (unsigned int hv = FIRST_HV; hv < FIRST_HV + N_HVS; hv++) {
        hv_joins(hv);
    }
    topo_settle();
    return 0;
}

/* Fails unless so many objects are to be computed, and no more. */
static void
assert_dirty(size_t n_ports, size_t n_networks, size_t n_peers)
{
    assert_int_equal(topo_n_dirty(LKIND_PORT), n_ports);
    assert_int_equal(topo_n_dirty(LKIND_NETWORK), n_networks);
    assert_int_equal(topo_n_dirty(LKIND_PEER), n_peers);
    assert_int_equal(topo_n_dirty(LKIND_HOST), 0);
}

/* Of the flood: one leaf, or one that becomes a node of leaves. */
#define MAX_FLOOD_CHANGES (1 + 16)

/* The peer's flow, the port's, and the flood's. */
static void
one_joins_and_leaves(void **state OVS_UNUSED)
{
    size_t sum = 0;

    for (unsigned int i = 0; i < 50; i++) {
        unsigned int hv = FIRST_HV + N_HVS + i;
        size_t n;

        hv_joins(hv);
        assert_dirty(1, 1, 1);
        n = topo_settle();
        assert_in_range(n, 3, 2 + MAX_FLOOD_CHANGES);
        sum += n;
    }
    assert_true(sum < 50 * 6);
    for (unsigned int i = 0; i < 50; i++) {
        hv_leaves(FIRST_HV + N_HVS + i);
        assert_dirty(1, 1, 1);
        sum -= topo_settle();
    }
    assert_int_equal(sum, 0);
}

/* A port of a hypervisor that is known already. */
static void
port_comes_elsewhere(void **state OVS_UNUSED)
{
    topo_port_place(5000, 1, 7, 1);
    assert_dirty(1, 0, 0);
    assert_int_equal(topo_settle(), 1);
    topo_delete_port_place(5000, 7);
    assert_dirty(1, 0, 0);
    assert_int_equal(topo_settle(), 1);
}

static void
port_moves_elsewhere(void **state OVS_UNUSED)
{
    topo_port_place(PORT_AT(7), 1, 8, 2);
    assert_dirty(1, 0, 0);
    assert_int_equal(topo_settle(), 1);
    topo_delete_port_place(PORT_AT(7), 7);
    assert_dirty(1, 0, 0);
    assert_int_equal(topo_settle(), 0);
}

/* Only the ports that are there, and of the flood two leaves at most: the old
 * address's and the new one's. */
static void
encap_changes(void **state OVS_UNUSED)
{
    struct intent_net_place row = topo_net_place_row(1, 7);

    topo_port_place(5000, 1, 7, 1);
    topo_settle();
    row.encap = CONST_CAST(char *, "vxlan:10.1.2.3");
    topology_update_net_place(&topo, &row);
    assert_dirty(2, 1, 2);
    assert_in_range(topo_settle(), 2 + 2 + 1, 2 + 2 + 2 * MAX_FLOOD_CHANGES);
}

/* It begins to take unknown addresses: its place in the flood of those, the
 * first to be in it, which makes all of that flood. */
static void
first_takes_unknown(void **state OVS_UNUSED)
{
    struct intent_net_place row = topo_net_place_row(1, 7);

    row.unknown_addresses = true;
    topology_update_net_place(&topo, &row);
    assert_dirty(1, 1, 1);
    /* The miss, UNKNOWN, LEARN, and one leaf. */
    assert_int_equal(topo_settle(), 4);
    row = topo_net_place_row(1, 8);
    row.unknown_addresses = true;
    topology_update_net_place(&topo, &row);
    assert_int_equal(topo_settle(), 1);
}

/* However many come at once, a network is computed once. */
static void
batch_is_one_flood(void **state OVS_UNUSED)
{
    for (unsigned int hv = 2000; hv < 2100; hv++) {
        hv_joins(hv);
    }
    topo_plug(2, 7);
    assert_dirty(101, 1, 100);
    assert_in_range(topo_settle(), 2 * 100, 6 * 100);
    assert_true(ovs_list_is_empty(&topo.dirty));
}

/* Nobody else is concerned by what is here. */

static void
port_toggles_here(void **state OVS_UNUSED)
{
    topo_port(1, 1, false);
    assert_dirty(1, 0, 0);
    assert_int_equal(topo_settle(), 2);
}

static void
port_comes_here(void **state OVS_UNUSED)
{
    topo_port(3, 1, true);
    topo_plug(3, 3);
    assert_dirty(1, 0, 0);
    /* Its own three and the leaf of the ports here. */
    assert_int_equal(topo_settle(), 4);
}

static void
network_toggles(void **state OVS_UNUSED)
{
    struct intent_network row = topo_network_row(1);

    row.segment = unit_uuid(UNIT_SEGMENT, 1);
    row.network_type = CONST_CAST(char *, "vxlan");
    row.physical_network = CONST_CAST(char *, "");
    row.segmentation_id = 5001;
    row.admin_state_up = false;
    topology_update_network(&topo, &row);
    assert_dirty(0, 1, 0);
    assert_false(topo_find_network(1)->flood_dirty);
    assert_int_equal(topo_settle(), 1);
}

/* Nor is another network, though the same hypervisors are in it. */
static void
other_network(void **state OVS_UNUSED)
{
    topo_overlay(2);
    topo_port(50, 2, true);
    topo_plug(50, 50);
    topo_net_place(2, 7);
    topo_settle();
    topo_port_place(5000, 2, 7, 1);
    assert_int_equal(topo_settle(), 1);
    topo_delete_net_place(2, 7);
    assert_dirty(1, 1, 0);
    assert_false(topo_find_network(1)->flood_dirty);
    /* The port's, and the flood's last leaf. */
    assert_int_equal(topo_settle(), 2);
}

/* Everything told anew is nothing new. */
static void
sync_is_nothing(void **state OVS_UNUSED)
{
    topology_sync_begin(&topo);
    topo_overlay(1);
    for (unsigned int i = 1; i <= 2; i++) {
        topo_port(i, 1, true);
    }
    for (unsigned int hv = FIRST_HV; hv < FIRST_HV + N_HVS; hv++) {
        hv_joins(hv);
    }
    topology_sync_end(&topo);
    assert_dirty(0, 0, 0);
}

static void
all_leave(void **state OVS_UNUSED)
{
    for (unsigned int hv = FIRST_HV; hv < FIRST_HV + N_HVS; hv++) {
        hv_leaves(hv);
    }
    assert_dirty(N_HVS, 1, N_HVS);
    topo_settle();
    assert_int_equal(hmap_count(&topo.objects), 3);
}

/* Without a port here nobody's port is looked at, but when one comes. */
static void
all_leave_after_us(void **state OVS_UNUSED)
{
    topo_unplug(1);
    topo_unplug(2);
    topo_settle();
    for (unsigned int hv = FIRST_HV; hv < FIRST_HV + N_HVS; hv++) {
        topo_delete_net_place(1, hv);
    }
    assert_dirty(0, 1, N_HVS);
    topo_settle();
    topo_net_place(1, 7);
    assert_dirty(0, 1, 1);
    topo_settle();
    topo_plug(1, 1);
    topo_settle();
    assert_int_equal(ovs_list_size(&topo_find_port(PORT_AT(7))->obj.owner
                                   .flows), 1);
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, topo_teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(one_joins_and_leaves),
        TEST(port_comes_elsewhere),
        TEST(port_moves_elsewhere),
        TEST(encap_changes),
        TEST(first_takes_unknown),
        TEST(batch_is_one_flood),
        TEST(port_toggles_here),
        TEST(port_comes_here),
        TEST(network_toggles),
        TEST(other_network),
        TEST(sync_is_nothing),
        TEST(all_leave),
        TEST(all_leave_after_us),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
