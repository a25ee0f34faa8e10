/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Where what is plugged meets what is wanted: in whatever order it comes, the
 * same flows, and no more of them changed than must be. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "flow.h"
#include "topo.h"

#define BASE_FLOWS 7

/* Fails unless the flows are those of 'expected', which is freed. */
static void
assert_flows_are(char *expected)
{
    char *text = topo_flows_text();

    assert_string_equal(text, expected);
    free(text);
    free(expected);
}

/* One port, its network and its VIF, in any order. */

static void
port_comes(void)
{
    topo_port(5, 1, true);
}

static void
network_comes(void)
{
    topo_network(1, true);
}

static void
vif_comes(void)
{
    topo_plug(5, 5);
}

typedef void step(void);

static char *
flows_after(step *first, step *second, step *third)
{
    char *flows;

    topo_setup_ready(NULL);
    first();
    topo_settle();
    second();
    topo_settle();
    third();
    topo_settle();
    assert_true(topo_find_port(5)->wired);
    topo_assert_fault(&topo_find_port(5)->obj, NULL);
    topo_assert_fault(&topo_find_network(1)->obj, NULL);
    flows = topo_flows_text();
    topo_teardown(NULL);
    return flows;
}

#define IN_NET "reg0=0xa,reg1=0x1,reg2=0,reg3=0x1"
#define WHOLE                                                           \
    "cookie=0x51,table=0,priority=1000,"                                \
    "dl_dst=01:80:c2:00:00:00/ff:ff:ff:ff:ff:f0 actions=drop\n"         \
    "cookie=0x51,table=0,priority=1000,"                                \
    "dl_src=01:00:00:00:00:00/01:00:00:00:00:00 actions=drop\n"         \
    "cookie=0x51,table=16,priority=0 actions=goto_table:20\n"           \
    "cookie=0x51,table=20,priority=0 actions=goto_table:24\n"           \
    "cookie=0x51,table=20,priority=200,"                                \
    "icmp6,ipv6_src=::,icmp_type=135,icmp_code=0 "                      \
    "actions=goto_table:24\n"                                           \
    "cookie=0x51,table=22,priority=100,"                                \
    "icmp6,icmp_type=136,icmp_code=0 "                                  \
    "actions=move:NXM_OF_ETH_SRC[]->NXM_NX_ND_TLL[],"                   \
    "set_field:1610612736->nd_reserved,set_field:2->nd_options_type,"   \
    "IN_PORT\n"                                                         \
    "cookie=0x51,table=36,priority=0 actions=goto_table:40\n"           \
    "cookie=0xa00000001,table=24,priority=90,"IN_NET                    \
    ",dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 "                      \
    "actions=set_field:0x1->reg6,resubmit(,28)\n"                       \
    "cookie=0xa00000001,table=28,priority=100,"IN_NET",reg6=0x1 "       \
    "actions=set_field:0x5->reg5,resubmit(,40)\n"                       \
    "cookie=0xa00000001,table=8,priority=100,"IN_NET                    \
    " actions=goto_table:16\n"                                          \
    "cookie=0xb00000005,table=0,priority=100,"                          \
    "in_port=5,vlan_tci=0x0000/0x1000 "                                 \
    "actions=set_field:0xa000000010000000000000001->xxreg0,"            \
    "goto_table:8\n"                                                    \
    "cookie=0xb00000005,table=24,priority=100,"IN_NET                   \
    ",dl_dst=02:00:00:00:00:05 "                                        \
    "actions=set_field:0x5->reg5,goto_table:40\n"                       \
    "cookie=0xb00000005,table=40,priority=100,"IN_NET",reg5=0x5 "       \
    "actions=output:5\n"

static void
every_order(void **state OVS_UNUSED)
{
    static step *const steps[] = { port_comes, network_comes, vif_comes };
    static const int orders[][3] = {
        { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
        { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        char *flows = flows_after(steps[orders[i][0]], steps[orders[i][1]],
                                  steps[orders[i][2]]);

        assert_string_equal(flows, WHOLE);
        free(flows);
    }
}

/* Whatever comes twice changes nothing. */
static void
repeated(void **state OVS_UNUSED)
{
    port_comes();
    vif_comes();
    network_comes();
    assert_int_equal(topo_settle(), 6);
    port_comes();
    vif_comes();
    network_comes();
    topo_host(true);
    assert_int_equal(topo_settle(), 0);
}

/* Taken away again, in any order. */
static void
every_order_back(void **state OVS_UNUSED)
{
    static const int orders[][3] = {
        { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
        { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        port_comes();
        network_comes();
        vif_comes();
        topo_settle();
        for (int j = 0; j < 3; j++) {
            if (orders[i][j] == 0) {
                topo_delete_port(5);
            } else if (orders[i][j] == 1) {
                topo_delete_network(1);
            } else {
                topo_unplug(5);
            }
            topo_settle();
            assert_int_equal(topo_n_flows(), BASE_FLOWS);
        }
        assert_int_equal(hmap_count(&topo.objects), 0);
    }
}

/* A start must not take away what is only not known yet. */
static void
nothing_until_complete(void **state OVS_UNUSED)
{
    port_comes();
    vif_comes();
    topology_run(&topo, false);
    assert_int_equal(topo_n_flows(), 0);
    assert_int_equal(topo.flows.n_changes, 0);
    network_comes();
    topo_settle();
    assert_flows_are(xstrdup(WHOLE));
}

/* What is asked for. */

static void
interest_of_a_vif(void **state OVS_UNUSED)
{
    topo_assert_interest(0, 0, 0);
    topo_plug(5, 5);
    topo_assert_interest(5, 0, 0);
    topo_port(5, 1, true);
    topo_assert_interest(5, 1, 0);
    topo_vlan(1, "p", 300);
    topo_assert_interest(5, 1, 1);
    topo_unplug(5);
    topo_assert_interest(0, 1, 1);
    topo_delete_port(5);
    topo_assert_interest(0, 0, 0);
}

/* A port whose host is set in advance is there before its VIF is. */
static void
interest_of_a_port(void **state OVS_UNUSED)
{
    topo_port(5, 1, true);
    topo_assert_interest(0, 1, 0);
    topo_settle();
    topo_assert_interest(0, 1, 0);
}

/* Every step that changes what to ask for says so, and only those do. */
static void
interest_is_marked(void **state OVS_UNUSED)
{
    topo.interest_dirty = false;
    topo_plug(5, 5);
    assert_true(topo.interest_dirty);
    topo.interest_dirty = false;
    topo_port(5, 1, true);
    assert_true(topo.interest_dirty);
    topo.interest_dirty = false;
    topo_vlan(1, "p", 300);
    assert_true(topo.interest_dirty);
    topo.interest_dirty = false;
    topo_plug(5, 6);
    topo_port(5, 1, false);
    topo_host(false);
    assert_false(topo.interest_dirty);
    topo_unplug(5);
    assert_true(topo.interest_dirty);
    topo.interest_dirty = false;
    topo_delete_port(5);
    assert_true(topo.interest_dirty);
}

/* What a change costs. */

/* Network 1 with ports 1 to 'n', plugged. */
static void
make_network(unsigned int n)
{
    topo_network(1, true);
    for (unsigned int i = 1; i <= n; i++) {
        topo_port(i, 1, true);
        topo_plug(i, i);
    }
    topo_settle();
}

static void
port_toggle_is_two_flows(void **state OVS_UNUSED)
{
    make_network(40);
    topo_port(5, 1, false);
    assert_int_equal(topo_settle(), 2);
    topo_port(5, 1, true);
    assert_int_equal(topo_settle(), 2);
}

static void
network_toggle_is_one_flow(void **state OVS_UNUSED)
{
    make_network(1000);
    topo_network(1, false);
    assert_int_equal(topo_settle(), 1);
    topo_network(1, true);
    assert_int_equal(topo_settle(), 1);
}

static void
host_toggle_is_one_flow(void **state OVS_UNUSED)
{
    make_network(40);
    topo_host(false);
    assert_int_equal(topo_settle(), 1);
    topo_host(true);
    assert_int_equal(topo_settle(), 1);
}

/* The port's own three and one leaf of the flood. */
static void
plug_is_four_flows(void **state OVS_UNUSED)
{
    make_network(1000);
    topo_port(2000, 1, true);
    topo_plug(2000, 2000);
    assert_int_equal(topo_settle(), 4);
    topo_unplug(2000);
    assert_int_equal(topo_settle(), 4);
}

static void
revision_alone_is_no_flow(void **state OVS_UNUSED)
{
    struct intent_network network = topo_network_row(1);
    struct intent_port port;

    make_network(40);
    port = topo_port_row(5, 1);
    port.revision_number = 2;
    port.name = CONST_CAST(char *, "another name");
    topology_update_port(&topo, &port);
    network.revision_number = 2;
    network.name = CONST_CAST(char *, "another name");
    topology_update_network(&topo, &network);
    assert_int_equal(topo_settle(), 0);
    assert_int_equal(topo_find_port(5)->obj.applied_revision, 2);
    assert_int_equal(topo_find_network(1)->obj.applied_revision, 2);
}

static void
recompute_is_no_flow(void **state OVS_UNUSED)
{
    make_network(40);
    assert_int_equal(topology_recompute(&topo), 42);
    assert_int_equal(topo_settle(), 0);
}

/* A port that moves. */

static void
port_moves_to_another_network(void **state OVS_UNUSED)
{
    make_network(3);
    topo_network(2, true);
    topo_port(3, 2, true);
    topo_settle();
    assert_int_equal(topo_find_network(1)->n_wired, 2);
    assert_int_equal(topo_find_network(2)->n_wired, 1);
    topo_port(3, 1, true);
    topo_delete_network(2);
    topo_settle();
    assert_int_equal(topo_find_network(1)->n_wired, 3);
    assert_int_equal(hmap_count(&topo.objects), 4);
}

/* As if it had been the other port's from the start. */
static void
iface_id_changes_in_place(void **state OVS_UNUSED)
{
    char *flows;

    topo_network(1, true);
    topo_port(5, 1, true);
    topo_port(6, 1, true);
    topo_plug(6, 9);
    topo_settle();
    flows = topo_flows_text();
    topo_unplug(6);
    topo_plug(5, 9);
    topo_settle();
    topo_unplug(5);
    topo_plug(6, 9);
    topo_settle();
    assert_flows_are(flows);
}

static void
ofport_changes(void **state OVS_UNUSED)
{
    make_network(3);
    topo_plug(3, 30);
    topo_settle();
    assert_int_equal(ofp_to_u16(topo_find_port(3)->wired_ofport), 30);
    assert_int_equal(topo_find_network(1)->n_wired, 3);
}

static void
port_security_changes(void **state OVS_UNUSED)
{
    struct intent_port row;
    char *flows;

    make_network(3);
    flows = topo_flows_text();
    row = topo_port_row(2, 1);
    row.port_security_enabled = false;
    topology_update_port(&topo, &row);
    topo_settle();
    /* Of the port LEARN; of the network a leaf, UNKNOWN and the miss. */
    assert_int_equal(topo_n_flows(), BASE_FLOWS + 3 * 3 + 3 + 4);
    topo_port(2, 1, true);
    topo_settle();
    assert_flows_are(flows);
}

/* A wire that comes and goes. */

static void
wire(void **state OVS_UNUSED)
{
    char *flows;

    topo_vlan(1, "p", 300);
    topo_port(1, 1, true);
    topo_plug(1, 1);
    topo_settle();
    flows = topo_flows_text();
    topo_physnet("p", 100, NULL);
    /* In, out, no answers, the miss and UNKNOWN; and the flood reaches it. */
    assert_int_equal(topo_settle(), 6);
    topo_physnet("p", 100, NULL);
    assert_int_equal(topo_settle(), 0);
    topo_no_physnet();
    assert_int_equal(topo_settle(), 6);
    assert_flows_are(flows);
}

static void
segment_comes_late(void **state OVS_UNUSED)
{
    struct intent_network row = topo_network_row(1);

    topo_physnet("p", 100, NULL);
    topo_port(1, 1, true);
    topo_plug(1, 1);
    row.segment = unit_uuid(UNIT_SEGMENT, 1);
    topology_update_network(&topo, &row);
    topo_settle();
    topo_assert_fault(&topo_find_network(1)->obj, NULL);
    topo_vlan(1, "p", 300);
    assert_int_equal(topo_settle(), 6);
}

/* Synchronization anew. */

static void
sync_deletes_what_was_not_seen(void **state OVS_UNUSED)
{
    make_network(3);
    topology_sync_begin(&topo);
    topo_network(1, true);
    topo_port(1, 1, true);
    topo_port(3, 1, false);
    topology_sync_end(&topo);
    topo_settle();
    assert_true(topo_find_port(1)->wired);
    assert_false(topo_find_port(2)->wired);
    assert_false(topo_find_port(2)->obj.known);
    assert_true(topo_find_port(3)->wired);
}

static void
sync_of_the_same_is_nothing(void **state OVS_UNUSED)
{
    make_network(3);
    topology_sync_begin(&topo);
    for (unsigned int i = 1; i <= 3; i++) {
        topo_port(i, 1, true);
    }
    topo_network(1, true);
    topology_sync_end(&topo);
    assert_true(ovs_list_is_empty(&topo.dirty));
    assert_int_equal(topo_settle(), 0);
}

static void
sync_of_nothing(void **state OVS_UNUSED)
{
    make_network(3);
    topology_sync_begin(&topo);
    topology_sync_end(&topo);
    topo_settle();
    assert_int_equal(topo_n_flows(), BASE_FLOWS);
    for (unsigned int i = 1; i <= 3; i++) {
        topo_unplug(i);
    }
    topo_settle();
    assert_int_equal(hmap_count(&topo.objects), 0);
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, topo_setup_ready, topo_teardown)
#define TEST_AT_START(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, topo_setup, topo_teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order),
        TEST(repeated),
        TEST(every_order_back),
        TEST_AT_START(nothing_until_complete),
        TEST(interest_of_a_vif),
        TEST(interest_of_a_port),
        TEST(interest_is_marked),
        TEST(port_toggle_is_two_flows),
        TEST(network_toggle_is_one_flow),
        TEST(host_toggle_is_one_flow),
        TEST(plug_is_four_flows),
        TEST(revision_alone_is_no_flow),
        TEST(recompute_is_no_flow),
        TEST(port_moves_to_another_network),
        TEST(iface_id_changes_in_place),
        TEST(ofport_changes),
        TEST(port_security_changes),
        TEST(wire),
        TEST(segment_comes_late),
        TEST(sync_deletes_what_was_not_seen),
        TEST(sync_of_the_same_is_nothing),
        TEST(sync_of_nothing),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
