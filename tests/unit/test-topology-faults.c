/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What is wrong with one object is its own fault: it has no flows, says why,
 * and every other works on. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "topo.h"

/* Of a port that takes no unknown addresses. */
#define PORT_FLOWS 3

/* Networks 1 and 2 with two ports each, plugged: 1, 2 and 11, 12. */
static int
setup(void **state)
{
    topo_setup_ready(state);
    for (unsigned int i = 1; i <= 2; i++) {
        topo_network(1, true);
        topo_port(i, 1, true);
        topo_plug(i, i);
        topo_network(2, true);
        topo_port(i + 10, 2, true);
        topo_plug(i + 10, i + 10);
    }
    topo_settle();
    return 0;
}

/* Settles and fails unless network 2 has what it had. */
static void
settle_beside_others(void)
{
    size_t n = ovs_list_size(&topo_find_network(2)->obj.owner.flows);

    topo_settle();
    for (unsigned int i = 11; i <= 12; i++) {
        assert_true(topo_find_port(i)->wired);
        topo_assert_fault(&topo_find_port(i)->obj, NULL);
    }
    topo_assert_fault(&topo_find_network(2)->obj, NULL);
    assert_int_equal(ovs_list_size(&topo_find_network(2)->gate.flows), 1);
    assert_int_equal(ovs_list_size(&topo_find_network(2)->obj.owner.flows),
                     n);
}

/* Ports. */

static void
assert_bad_mac(const char *mac)
{
    struct intent_port row = topo_port_row(1, 1);
    char *fault = xasprintf("mac_address \"%s\" is not a unicast Ethernet "
                            "address", mac);

    row.mac_address = CONST_CAST(char *, mac);
    topology_update_port(&topo, &row);
    settle_beside_others();
    topo_assert_fault(&topo_find_port(1)->obj, fault);
    assert_false(topo_find_port(1)->wired);
    assert_true(ovs_list_is_empty(&topo_find_port(1)->obj.owner.flows));
    assert_true(topo_find_port(2)->wired);
    assert_int_equal(topo_find_network(1)->n_wired, 1);
    free(fault);
}

static void
bad_mac(void **state OVS_UNUSED)
{
    assert_bad_mac("");
    assert_bad_mac("no such thing");
    assert_bad_mac("02:00:00:00:00");
    assert_bad_mac("02:00:00:00:00:01:02");
    assert_bad_mac("02:00:00:00:00:01 ");
    assert_bad_mac("01:00:00:00:00:01");
    assert_bad_mac("ff:ff:ff:ff:ff:ff");
    assert_bad_mac("00:00:00:00:00:00");
}

static void
mac_is_mended(void **state OVS_UNUSED)
{
    char *flows = topo_flows_text();
    char *mended;

    assert_bad_mac("x");
    topo_port(1, 1, true);
    topo_settle();
    topo_assert_fault(&topo_find_port(1)->obj, NULL);
    mended = topo_flows_text();
    assert_string_equal(mended, flows);
    free(flows);
    free(mended);
}

static void
network_is_missing(void **state OVS_UNUSED)
{
    topo_delete_network(1);
    settle_beside_others();
    topo_assert_fault(&topo_find_port(1)->obj,
                      "network 0000000a-0000-0001-0000-000000000001 is not in "
                      "the northbound database");
    assert_false(topo_find_port(1)->wired);
    assert_false(topo_find_port(2)->wired);
    topo_network(1, true);
    settle_beside_others();
    topo_assert_fault(&topo_find_port(1)->obj, NULL);
    assert_true(topo_find_port(1)->wired);
}

/* It is missing when everything asked for has come, and not before. */
static void
network_is_on_its_way(void **state OVS_UNUSED)
{
    topo_port(1, 3, true);
    topology_run(&topo, false);
    topo_assert_fault(&topo_find_port(1)->obj, NULL);
    assert_false(topo_find_port(1)->wired);
    topo_settle();
    topo_assert_fault(&topo_find_port(1)->obj,
                      "network 0000000a-0000-0003-0000-000000000003 is not in "
                      "the northbound database");
}

/* Networks.  One that has no wire still joins its local ports. */

static void
assert_local(const char *fault)
{
    settle_beside_others();
    topo_assert_fault(&topo_find_network(1)->obj, fault);
    assert_true(topo_find_port(1)->wired);
    topo_assert_fault(&topo_find_port(1)->obj, NULL);
    assert_int_equal(ovs_list_size(&topo_find_network(1)->gate.flows), 1);
    /* The broadcast, and the leaf of the two ports. */
    assert_int_equal(ovs_list_size(&topo_find_network(1)->obj.owner.flows),
                     2);
}

static void
bad_vlan(void **state OVS_UNUSED)
{
    static const int64_t vlans[] = { 5000, 0, -1, 4095, 1ll << 32 };

    topo_physnet("p", 100, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(vlans); i++) {
        char *fault = xasprintf("segmentation_id %lld is not a VLAN ID (1 to "
                                "4094)", (long long int) vlans[i]);

        topo_vlan(1, "p", vlans[i]);
        assert_local(fault);
        free(fault);
    }
}

static void
good_vlan(void **state OVS_UNUSED)
{
    topo_physnet("p", 100, NULL);
    topo_vlan(1, "p", 5000);
    settle_beside_others();
    topo_vlan(1, "p", 1);
    settle_beside_others();
    topo_assert_fault(&topo_find_network(1)->obj, NULL);
    topo_vlan(1, "p", 4094);
    settle_beside_others();
    topo_assert_fault(&topo_find_network(1)->obj, NULL);
}

/* What is not in the schema we were built with, the IDL makes "". */
static void
unknown_network_type(void **state OVS_UNUSED)
{
    struct intent_network row = topo_network_row(1);

    row.segment = unit_uuid(UNIT_SEGMENT, 1);
    row.network_type = CONST_CAST(char *, "");
    row.physical_network = CONST_CAST(char *, "p");
    topology_update_network(&topo, &row);
    assert_local("network_type is none that this agent knows");
}

static void
unmapped_physnet(void **state OVS_UNUSED)
{
    topo_vlan(1, "p", 300);
    assert_local("physical_network \"p\" is not in sluice-bridge-mappings");
    topo_physnet("p", 100, NULL);
    settle_beside_others();
    topo_assert_fault(&topo_find_network(1)->obj, NULL);
}

static void
faulty_physnet(void **state OVS_UNUSED)
{
    topo_physnet("p", 0, "there is no bridge br-ex");
    topo_vlan(1, "p", 300);
    assert_local("there is no bridge br-ex");
    topo_physnet("p", 0, "bridge br-ex is on fire");
    assert_local("bridge br-ex is on fire");
    topo_vlan(1, "p", 301);
    topo_physnet("p", 100, NULL);
    settle_beside_others();
    topo_assert_fault(&topo_find_network(1)->obj, NULL);
}

/* What the switch refuses. */

static void
refuse(enum unit_kind kind, unsigned int n)
{
    const struct uuid uuid = unit_uuid(kind, n);

    topology_refused(&topo, &uuid, "OFPFMFC_TABLE_FULL");
    settle_beside_others();
}

#define REFUSED "refused by the switch: OFPFMFC_TABLE_FULL"

static void
port_is_refused(void **state OVS_UNUSED)
{
    refuse(UNIT_PORT, 1);
    topo_assert_fault(&topo_find_port(1)->obj, REFUSED);
    assert_false(topo_find_port(1)->wired);
    assert_true(topo_find_port(2)->wired);
    assert_int_equal(topo_settle(), 0);
    topo_assert_fault(&topo_find_port(1)->obj, REFUSED);
}

static void
refused_port_changes(void **state OVS_UNUSED)
{
    char *flows = topo_flows_text();
    char *after;

    refuse(UNIT_PORT, 1);
    topo_plug(1, 1);
    settle_beside_others();
    topo_assert_fault(&topo_find_port(1)->obj, NULL);
    after = topo_flows_text();
    assert_string_equal(after, flows);
    free(flows);
    free(after);
}

static void
network_is_refused(void **state OVS_UNUSED)
{
    refuse(UNIT_NETWORK, 1);
    topo_assert_fault(&topo_find_network(1)->obj, REFUSED);
    assert_true(ovs_list_is_empty(&topo_find_network(1)->gate.flows));
    assert_true(ovs_list_is_empty(&topo_find_network(1)->obj.owner.flows));
}

/* Whatever it is that changes. */
static void
refused_network_changes(void **state OVS_UNUSED)
{
    struct intent_network row = topo_network_row(1);
    char *flows = topo_flows_text();
    char *after;

    refuse(UNIT_NETWORK, 1);
    row.revision_number = 2;
    topology_update_network(&topo, &row);
    settle_beside_others();
    topo_assert_fault(&topo_find_network(1)->obj, NULL);
    after = topo_flows_text();
    assert_string_equal(after, flows);
    free(flows);
    free(after);
}

static void
stranger_is_refused(void **state OVS_UNUSED)
{
    refuse(UNIT_PORT, 99);
    assert_int_equal(topo_settle(), 0);
}

/* Two objects that want one flow: one gets it, the other says so, */

#define CONFLICT \
    "another object of this hypervisor already has one of its flows"

/* Makes ports 1 and 2 have one address, written in two ways. */
static void
make_conflict(void)
{
    struct intent_port row = topo_port_row(1, 1);

    row.mac_address = CONST_CAST(char *, "02:00:00:00:00:AA");
    topology_update_port(&topo, &row);
    topo_settle();
    row = topo_port_row(2, 1);
    row.mac_address = CONST_CAST(char *, "02:00:00:00:00:aa");
    topology_update_port(&topo, &row);
    settle_beside_others();
    topo_assert_fault(&topo_find_port(1)->obj, NULL);
    topo_assert_fault(&topo_find_port(2)->obj, CONFLICT);
}

static void
conflict(void **state OVS_UNUSED)
{
    make_conflict();
    assert_int_equal(topo_settle(), 0);
}

static void
conflict_is_mended(void **state OVS_UNUSED)
{
    make_conflict();
    topo_port(2, 1, true);
    topo_settle();
    topo_assert_fault(&topo_find_port(2)->obj, NULL);
}

/* and gets it when the first has gone. */
static void
conflict_ends(void **state OVS_UNUSED)
{
    make_conflict();
    topo_delete_port(1);
    topo_settle();
    topo_settle();
    topo_assert_fault(&topo_find_port(2)->obj, NULL);
    assert_int_equal(ovs_list_size(&topo_find_port(2)->obj.owner.flows),
                     PORT_FLOWS);
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, topo_teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(bad_mac),
        TEST(mac_is_mended),
        TEST(network_is_missing),
        TEST(network_is_on_its_way),
        TEST(bad_vlan),
        TEST(good_vlan),
        TEST(unknown_network_type),
        TEST(unmapped_physnet),
        TEST(faulty_physnet),
        TEST(port_is_refused),
        TEST(refused_port_changes),
        TEST(network_is_refused),
        TEST(refused_network_changes),
        TEST(stranger_is_refused),
        TEST(conflict),
        TEST(conflict_is_mended),
        TEST(conflict_ends),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
