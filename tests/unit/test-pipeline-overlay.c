/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What overlays add to the pipeline, word for word: tunnels, peers, ports that
 * are elsewhere, and networks that extend to other hypervisors. */

#include <config.h>

#include "unit.h"

#include "flow.h"
#include "objects.h"
#include "ovs-agent/oflow.h"

/* All tests speak of network 1, whose number is 5001. */
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

/* Removes all flows but those of 'table'. */
static void
keep(uint8_t table)
{
    struct oflow *flow;

    LIST_FOR_EACH_SAFE (flow, node, &flows) {
        if (flow->table != table) {
            ovs_list_remove(&flow->node);
            oflow_destroy(flow);
        }
    }
}

/* The base: whoever sends by a tunnel comes in, and it goes to no other. */

static void
make_base(uint8_t table)
{
    const ofp_port_t tunnels[] = { OFP_PORT_C(7), OFP_PORT_C(8) };

    pipeline_base_flows(true, tunnels, ARRAY_SIZE(tunnels), &flows);
    keep(table);
}

static void
base_admits_tunnels(void **state OVS_UNUSED)
{
    make_base(PIPELINE_ADMIT);
    assert_flows(&flows,
                 "cookie=0x51,table=0,priority=1000,"
                 "dl_dst=01:80:c2:00:00:00/ff:ff:ff:ff:ff:f0 actions=drop\n"
                 "cookie=0x51,table=0,priority=1000,"
                 "dl_src=01:00:00:00:00:00/01:00:00:00:00:00 actions=drop\n"
                 "cookie=0x51,table=0,priority=50,in_port=7 "
                 "actions=goto_table:4\n"
                 "cookie=0x51,table=0,priority=50,in_port=8 "
                 "actions=goto_table:4\n");
}

static void
base_splits_horizon(void **state OVS_UNUSED)
{
    make_base(PIPELINE_REMOTE);
    assert_flows(&flows,
                 "cookie=0x51,table=44,priority=300,in_port=7 actions=drop\n"
                 "cookie=0x51,table=44,priority=300,in_port=8 "
                 "actions=drop\n");
}

/* Peers. */

static void
peer_by_ipv4(void **state OVS_UNUSED)
{
    objects_add_peer(3, false, &flows);
    assert_flows(&flows,
                 "cookie=0xe00000003,table=0,priority=100,"
                 "tun_src=192.168.0.3,in_port=9001 actions=goto_table:4\n");
}

static void
peer_by_ipv6(void **state OVS_UNUSED)
{
    objects_add_peer(3, true, &flows);
    assert_flows(&flows,
                 "cookie=0xe00000003,table=0,priority=100,"
                 "tun_ipv6_src=fd01::3,in_port=9001 actions=goto_table:4\n");
}

/* Ports elsewhere. */

#define TO_ADDRESS                                                      \
    "cookie=0xb00000005,table=24,priority=100,"IN_NET                   \
    ",dl_dst=02:00:00:00:00:05 actions="

static void
port_by_ipv4(void **state OVS_UNUSED)
{
    objects_add_remote_port(1, 5, 3, false, &flows);
    keep(PIPELINE_L2);
    assert_flows(&flows,
                 TO_ADDRESS"set_field:192.168.0.3->tun_dst,"
                 "set_field:0x2329->reg5,goto_table:40\n");
}

static void
port_by_ipv6(void **state OVS_UNUSED)
{
    objects_add_remote_port(1, 5, 3, true, &flows);
    keep(PIPELINE_L2);
    assert_flows(&flows,
                 TO_ADDRESS"set_field:fd01::3->tun_ipv6_dst,"
                 "set_field:0x2329->reg5,goto_table:40\n");
}

/* A port elsewhere has no way in, and no way out but the tunnel's. */
static void
port_has_nothing_else(void **state OVS_UNUSED)
{
    const struct oflow *flow;

    objects_add_remote_port(1, 5, 3, false, &flows);
    LIST_FOR_EACH (flow, node, &flows) {
        assert_true(flow->table == PIPELINE_L2
                    || flow->table == PIPELINE_ANSWER);
    }
    oflow_list_clear(&flows);
}

/* Networks with one port here, 1, and up to two other hypervisors, 1 and 2; if
 * any, port 1 and hypervisor 1 take unknown addresses. */

#define IN                                                              \
    NET"table=4,priority=100,tun_id=0x1389,in_port=9001 actions="       \
    LOAD_NET",goto_table:8\n"
#define OUT                                                             \
    NET"table=40,priority=100,"IN_NET",reg5=0x2329 "                    \
    "actions=set_field:0x1389->tun_id,output:9001\n"
#define NO_ANSWER \
    NET"table=20,priority=300,"IN_NET",in_port=9001 actions=goto_table:24\n"
#define LEARN(PEER)                                                     \
    NET"table=16,priority=100,"IN_NET",in_port=9001 actions="           \
    "learn(table=32,idle_timeout=300,priority=100,delete_learned,"      \
    "cookie=0xa00000001,limit=2048,"                                    \
    "NXM_NX_XXREG0[],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],"                \
    "load:NXM_OF_IN_PORT[]->NXM_NX_REG5[0..15],"PEER"),goto_table:20\n"
#define GROUP                                                           \
    NET"table=24,priority=90,"IN_NET                                    \
    ",dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions="              \
    FLOODS("0x1")"\n"
#define MISS \
    NET"table=24,priority=10,"IN_NET" actions=resubmit(,32),goto_table:36\n"
#define UNKNOWN                                                         \
    NET"table=36,priority=100,"IN_NET",reg5=0 actions="                 \
    FLOODS("0x80000001")"\n"
#define FLOODS(NODE)                                                    \
    "set_field:"NODE"->reg6,resubmit(,28),"                             \
    "set_field:0x1389->tun_id,set_field:"NODE"->reg6,resubmit(,44)"
#define HERE(NODE)                                                      \
    NET"table=28,priority=100,"IN_NET",reg6="NODE                       \
    " actions=set_field:0x1->reg5,resubmit(,40)\n"
#define THERE(NODE) NET"table=44,priority=100,"IN_NET",reg6="NODE" actions="
#define TO_IPV4(N) "set_field:192.168.0."N"->tun_dst,output:9001"
#define TO_IPV6(N) "set_field:fd01::"N"->tun_ipv6_dst,output:9001"

static void
network_alone(void **state OVS_UNUSED)
{
    objects_add_overlay(1, 1, 0, false, false, &flows);
    assert_flows(&flows,
                 NO_ANSWER
                 GROUP
                 HERE("0x1")
                 IN
                 OUT);
}

static void
network_of_three(void **state OVS_UNUSED)
{
    objects_add_overlay(1, 1, 2, false, false, &flows);
    assert_flows(&flows,
                 NO_ANSWER
                 GROUP
                 HERE("0x1")
                 IN
                 OUT
                 THERE("0x1")TO_IPV4("1")","TO_IPV4("2")"\n");
}

static void
network_of_three_unknown(void **state OVS_UNUSED)
{
    objects_add_overlay(1, 1, 2, true, false, &flows);
    assert_flows(&flows,
                 LEARN("load:NXM_NX_TUN_IPV4_SRC[]->NXM_NX_TUN_IPV4_DST[]")
                 NO_ANSWER
                 MISS
                 GROUP
                 HERE("0x1")
                 HERE("0x80000001")
                 UNKNOWN
                 IN
                 OUT
                 THERE("0x1")TO_IPV4("1")","TO_IPV4("2")"\n"
                 THERE("0x80000001")TO_IPV4("1")"\n");
}

static void
network_by_ipv6(void **state OVS_UNUSED)
{
    objects_add_overlay(1, 1, 2, true, true, &flows);
    assert_flows(&flows,
                 LEARN("load:NXM_NX_TUN_IPV6_SRC[]->NXM_NX_TUN_IPV6_DST[]")
                 NO_ANSWER
                 MISS
                 GROUP
                 HERE("0x1")
                 HERE("0x80000001")
                 UNKNOWN
                 IN
                 OUT
                 THERE("0x1")TO_IPV6("2")","TO_IPV6("1")"\n"
                 THERE("0x80000001")TO_IPV6("1")"\n");
}

#define TEST(FUNCTION) cmocka_unit_test_setup(FUNCTION, setup)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(base_admits_tunnels),
        TEST(base_splits_horizon),
        TEST(peer_by_ipv4),
        TEST(peer_by_ipv6),
        TEST(port_by_ipv4),
        TEST(port_by_ipv6),
        TEST(port_has_nothing_else),
        TEST(network_alone),
        TEST(network_of_three),
        TEST(network_of_three_unknown),
        TEST(network_by_ipv6),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
