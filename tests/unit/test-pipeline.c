/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The flows of each kind of object, word for word.  What holds for all of
 * them is in test-pipeline-laws.c. */

#include <config.h>

#include "unit.h"

#include "flow.h"
#include "ovs-agent/pipeline.h"

/* The port all port tests speak of, and its network. */
#define PORT "cookie=0xb00000005,"
#define NET "cookie=0xa00000001,"
#define IN_NET "reg0=0xa,reg1=0x1,reg2=0,reg3=0x1"
#define LOAD_NET "set_field:0xa000000010000000000000001->xxreg0"

static struct ovs_list flows;

static int
setup(void **state OVS_UNUSED)
{
    ovs_list_init(&flows);
    return 0;
}

/* Ports. */

#define ADMIT "table=0,priority=100,in_port=5,vlan_tci=0x0000/0x1000 actions="
#define LEARN_FROM(COOKIE)                                              \
    "learn(table=32,idle_timeout=300,priority=100,delete_learned,"      \
    "cookie="COOKIE",limit=2048,"                                       \
    "NXM_NX_XXREG0[],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],"                \
    "load:NXM_OF_IN_PORT[]->NXM_NX_REG5[0..15]),goto_table:20\n"
#define PORT_LEARN                                              \
    PORT"table=16,priority=100,in_port=5 actions="              \
    LEARN_FROM("0xb00000005")
#define PORT_L2                                                         \
    PORT"table=24,priority=100,"IN_NET",dl_dst=02:00:00:00:00:05 "      \
    "actions=set_field:0x5->reg5,goto_table:40\n"
#define EGRESS "table=40,priority=100,"IN_NET",reg5=0x5 actions="

static void
make_port(bool admin_up, bool unknown)
{
    const struct pipeline_port port = {
        .uuid = unit_uuid(UNIT_PORT, 5),
        .network = unit_uuid(UNIT_NETWORK, 1),
        .mac = ETH_ADDR_C(02,00,00,00,00,05),
        .ofport = OFP_PORT_C(5),
        .admin_up = admin_up,
        .unknown = unknown,
    };

    pipeline_port_flows(&port, &flows);
}

static void
port_up(void **state OVS_UNUSED)
{
    make_port(true, false);
    assert_flows(&flows,
                 PORT ADMIT LOAD_NET",goto_table:8\n"
                 PORT_L2
                 PORT EGRESS"output:5\n");
}

static void
port_down(void **state OVS_UNUSED)
{
    make_port(false, false);
    assert_flows(&flows,
                 PORT ADMIT"drop\n"
                 PORT_L2
                 PORT EGRESS"drop\n");
}

static void
port_up_unknown(void **state OVS_UNUSED)
{
    make_port(true, true);
    assert_flows(&flows,
                 PORT ADMIT LOAD_NET",goto_table:8\n"
                 PORT_LEARN
                 PORT_L2
                 PORT EGRESS"output:5\n");
}

static void
port_down_unknown(void **state OVS_UNUSED)
{
    make_port(false, true);
    assert_flows(&flows,
                 PORT ADMIT"drop\n"
                 PORT_LEARN
                 PORT_L2
                 PORT EGRESS"drop\n");
}

/* The gate and the base. */

static void
gate_up(void **state OVS_UNUSED)
{
    struct uuid network = unit_uuid(UNIT_NETWORK, 1);

    pipeline_gate_flows(&network, true, &flows);
    assert_flows(&flows,
                 NET"table=8,priority=100,"IN_NET" actions=goto_table:16\n");
}

static void
gate_down(void **state OVS_UNUSED)
{
    struct uuid network = unit_uuid(UNIT_NETWORK, 1);

    pipeline_gate_flows(&network, false, &flows);
    assert_flows(&flows, NET"table=8,priority=100,"IN_NET" actions=drop\n");
}

#define BASE                                                            \
    "cookie=0x51,table=0,priority=1000,"                                \
    "dl_dst=01:80:c2:00:00:00/ff:ff:ff:ff:ff:f0 actions=drop\n"         \
    "cookie=0x51,table=0,priority=1000,"                                \
    "dl_src=01:00:00:00:00:00/01:00:00:00:00:00 actions=drop\n"
#define BASE_REST                                                       \
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
    "cookie=0x51,table=36,priority=0 actions=goto_table:40\n"

static void
base_host_up(void **state OVS_UNUSED)
{
    pipeline_base_flows(true, NULL, 0, &flows);
    assert_flows(&flows, BASE BASE_REST);
}

static void
base_host_down(void **state OVS_UNUSED)
{
    pipeline_base_flows(false, NULL, 0, &flows);
    assert_flows(&flows,
                 BASE
                 "cookie=0x51,table=0,priority=65535 actions=drop\n"
                 BASE_REST);
}

/* Networks of up to three ports: 5, 6 and 42.  6 and 42 take unknown addresses
 * if any port does. */

#define GROUP                                                           \
    NET"table=24,priority=90,"IN_NET                                    \
    ",dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions="
#define ALL "0x1"
#define SOME "0x80000001"
#define FLOOD(NODE) NET"table=28,priority=100,"IN_NET",reg6="NODE" actions="
#define TO(NODE) "set_field:"NODE"->reg6,resubmit(,28)"
#define TO_PORT(N) "set_field:"N"->reg5,resubmit(,40)"
#define TO_WIRE TO_PORT("0x64")
#define UNKNOWN NET"table=36,priority=100,"IN_NET",reg5=0 actions="
#define MISS NET"table=24,priority=10,"IN_NET" actions="

#define FLOOD_ONE FLOOD(ALL)TO_PORT("0x5")"\n"
#define FLOOD_THREE \
    FLOOD(ALL)TO_PORT("0x5")","TO_PORT("0x6")","TO_PORT("0x7")"\n"
#define FLOOD_TWO FLOOD(SOME)TO_PORT("0x6")","TO_PORT("0x7")"\n"

/* Of a network with a wire. */
#define FROM_WIRE(VLAN, POP)                                            \
    NET"table=0,priority=100,in_port=100,"VLAN" actions="POP LOAD_NET   \
    ",goto_table:8\n"
#define UNTAGGED FROM_WIRE("vlan_tci=0x0000/0x1000", "")
#define TAGGED FROM_WIRE("dl_vlan=300", "strip_vlan,")
#define WIRE_LEARN                                                      \
    NET"table=16,priority=100,"IN_NET",in_port=100 actions="            \
    LEARN_FROM("0xa00000001")
#define NO_ANSWER \
    NET"table=20,priority=300,"IN_NET",in_port=100 actions=goto_table:24\n"
#define OUT_WIRE NET"table=40,priority=100,"IN_NET",reg5=0x64 actions="
#define PUSH "push_vlan:0x8100,set_field:4396->vlan_vid,"

#define WIRE OFP_PORT_C(100)
#define VLAN 300

static void
make_network(size_t n, bool unknown, ofp_port_t wire, uint16_t vlan)
{
    const struct pipeline_member members[] = {
        { unit_uuid(UNIT_PORT, 5), OFP_PORT_C(5), false },
        { unit_uuid(UNIT_PORT, 6), OFP_PORT_C(6), unknown },
        { unit_uuid(UNIT_PORT, 42), OFP_PORT_C(7), unknown },
    };
    const struct pipeline_network network = {
        .uuid = unit_uuid(UNIT_NETWORK, 1),
        .members = members,
        .n_members = n,
        .wire = wire,
        .wire_vlan = vlan,
        .tunnel = OFPP_NONE,
    };

    pipeline_network_flows(&network, &flows);
}

static void
local_empty(void **state OVS_UNUSED)
{
    make_network(0, false, OFPP_NONE, 0);
    assert_flows(&flows, GROUP TO(ALL)"\n");
}

static void
local_one(void **state OVS_UNUSED)
{
    make_network(1, false, OFPP_NONE, 0);
    assert_flows(&flows,
                 GROUP TO(ALL)"\n"
                 FLOOD_ONE);
}

static void
local_three(void **state OVS_UNUSED)
{
    make_network(3, false, OFPP_NONE, 0);
    assert_flows(&flows,
                 GROUP TO(ALL)"\n"
                 FLOOD_THREE);
}

static void
local_three_unknown(void **state OVS_UNUSED)
{
    make_network(3, true, OFPP_NONE, 0);
    assert_flows(&flows,
                 MISS"resubmit(,32),goto_table:36\n"
                 GROUP TO(ALL)"\n"
                 FLOOD_THREE
                 FLOOD_TWO
                 UNKNOWN TO(SOME)"\n");
}

static void
flat_empty(void **state OVS_UNUSED)
{
    make_network(0, false, WIRE, 0);
    assert_flows(&flows,
                 UNTAGGED
                 NO_ANSWER
                 MISS"goto_table:36\n"
                 GROUP TO(ALL)","TO_WIRE"\n"
                 UNKNOWN TO(SOME)","TO_WIRE"\n"
                 OUT_WIRE "output:100\n");
}

static void
flat_one(void **state OVS_UNUSED)
{
    make_network(1, false, WIRE, 0);
    assert_flows(&flows,
                 UNTAGGED
                 NO_ANSWER
                 MISS"goto_table:36\n"
                 GROUP TO(ALL)","TO_WIRE"\n"
                 FLOOD_ONE
                 UNKNOWN TO(SOME)","TO_WIRE"\n"
                 OUT_WIRE "output:100\n");
}

static void
flat_three(void **state OVS_UNUSED)
{
    make_network(3, false, WIRE, 0);
    assert_flows(&flows,
                 UNTAGGED
                 NO_ANSWER
                 MISS"goto_table:36\n"
                 GROUP TO(ALL)","TO_WIRE"\n"
                 FLOOD_THREE
                 UNKNOWN TO(SOME)","TO_WIRE"\n"
                 OUT_WIRE "output:100\n");
}

static void
flat_three_unknown(void **state OVS_UNUSED)
{
    make_network(3, true, WIRE, 0);
    assert_flows(&flows,
                 UNTAGGED
                 WIRE_LEARN
                 NO_ANSWER
                 MISS"resubmit(,32),goto_table:36\n"
                 GROUP TO(ALL)","TO_WIRE"\n"
                 FLOOD_THREE
                 FLOOD_TWO
                 UNKNOWN TO(SOME)","TO_WIRE"\n"
                 OUT_WIRE "output:100\n");
}

static void
vlan_empty(void **state OVS_UNUSED)
{
    make_network(0, false, WIRE, VLAN);
    assert_flows(&flows,
                 TAGGED
                 NO_ANSWER
                 MISS"goto_table:36\n"
                 GROUP TO(ALL)","TO_WIRE"\n"
                 UNKNOWN TO(SOME)","TO_WIRE"\n"
                 OUT_WIRE PUSH"output:100\n");
}

static void
vlan_one(void **state OVS_UNUSED)
{
    make_network(1, false, WIRE, VLAN);
    assert_flows(&flows,
                 TAGGED
                 NO_ANSWER
                 MISS"goto_table:36\n"
                 GROUP TO(ALL)","TO_WIRE"\n"
                 FLOOD_ONE
                 UNKNOWN TO(SOME)","TO_WIRE"\n"
                 OUT_WIRE PUSH"output:100\n");
}

static void
vlan_three(void **state OVS_UNUSED)
{
    make_network(3, false, WIRE, VLAN);
    assert_flows(&flows,
                 TAGGED
                 NO_ANSWER
                 MISS"goto_table:36\n"
                 GROUP TO(ALL)","TO_WIRE"\n"
                 FLOOD_THREE
                 UNKNOWN TO(SOME)","TO_WIRE"\n"
                 OUT_WIRE PUSH"output:100\n");
}

static void
vlan_three_unknown(void **state OVS_UNUSED)
{
    make_network(3, true, WIRE, VLAN);
    assert_flows(&flows,
                 TAGGED
                 WIRE_LEARN
                 NO_ANSWER
                 MISS"resubmit(,32),goto_table:36\n"
                 GROUP TO(ALL)","TO_WIRE"\n"
                 FLOOD_THREE
                 FLOOD_TWO
                 UNKNOWN TO(SOME)","TO_WIRE"\n"
                 OUT_WIRE PUSH"output:100\n");
}

/* Names, for people. */

static void
table_names(void **state OVS_UNUSED)
{
    assert_string_equal(pipeline_table_name(PIPELINE_ADMIT), "admit");
    assert_string_equal(pipeline_table_name(PIPELINE_LEARNED), "learned");
    assert_string_equal(pipeline_table_name(PIPELINE_EGRESS), "egress");
    assert_string_equal(pipeline_table_name(PIPELINE_REMOTE), "remote");
    assert_string_equal(pipeline_table_name(PIPELINE_TUNNEL), "tunnel");
    assert_string_equal(pipeline_table_name(PIPELINE_ANSWER), "answer");
    assert_string_equal(pipeline_table_name(PIPELINE_ND), "nd");
    assert_null(pipeline_table_name(1));
    assert_null(pipeline_table_name(UINT8_MAX));
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(port_up, setup),
        cmocka_unit_test_setup(port_down, setup),
        cmocka_unit_test_setup(port_up_unknown, setup),
        cmocka_unit_test_setup(port_down_unknown, setup),
        cmocka_unit_test_setup(gate_up, setup),
        cmocka_unit_test_setup(gate_down, setup),
        cmocka_unit_test_setup(base_host_up, setup),
        cmocka_unit_test_setup(base_host_down, setup),
        cmocka_unit_test_setup(local_empty, setup),
        cmocka_unit_test_setup(local_one, setup),
        cmocka_unit_test_setup(local_three, setup),
        cmocka_unit_test_setup(local_three_unknown, setup),
        cmocka_unit_test_setup(flat_empty, setup),
        cmocka_unit_test_setup(flat_one, setup),
        cmocka_unit_test_setup(flat_three, setup),
        cmocka_unit_test_setup(flat_three_unknown, setup),
        cmocka_unit_test_setup(vlan_empty, setup),
        cmocka_unit_test_setup(vlan_one, setup),
        cmocka_unit_test_setup(vlan_three, setup),
        cmocka_unit_test_setup(vlan_three_unknown, setup),
        cmocka_unit_test(table_names),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
