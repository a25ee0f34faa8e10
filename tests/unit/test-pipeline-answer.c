/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Answers by ARP and Neighbor Discovery: the flows, word for word, and which
 * frames meet them. */

#include <config.h>

#include "unit.h"

#include "flow.h"
#include "objects.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "ovs-agent/oflow.h"

#define WIRE OFP_PORT_C(100)

static struct ovs_list flows;

static int
setup(void **state OVS_UNUSED)
{
    ovs_list_init(&flows);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    oflow_list_clear(&flows);
    return 0;
}

/* Removes all flows but those of ANSWER. */
static void
keep_answers(void)
{
    struct oflow *flow;

    LIST_FOR_EACH_SAFE (flow, node, &flows) {
        if (flow->table != PIPELINE_ANSWER) {
            ovs_list_remove(&flow->node);
            oflow_destroy(flow);
        }
    }
}

/* Word for word. */

#define ANSWER(PRIORITY) "cookie=0xb00000005,table=20,priority="PRIORITY","
#define IN_NET "reg0=0xa,reg1=0x1,reg2=0,reg3=0x1"
#define ARP_REQUEST(SELF)                                               \
    "arp,"IN_NET","SELF"dl_dst=ff:ff:ff:ff:ff:ff,"                      \
    "arp_tpa=10.0.0.5,arp_op=1 actions="
#define SOLICITATION(SELF)                                              \
    "icmp6,"IN_NET","SELF"dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,"  \
    "icmp_type=135,icmp_code=0,nd_target=fd00::5 actions="
#define TURN_ROUND                                                      \
    "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],"                          \
    "set_field:02:00:00:00:00:05->eth_src,"
#define ARP_ANSWER                                                      \
    ANSWER("100") ARP_REQUEST("") TURN_ROUND                            \
    "set_field:2->arp_op,"                                              \
    "move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],"                          \
    "move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],"                          \
    "set_field:02:00:00:00:00:05->arp_sha,"                             \
    "set_field:10.0.0.5->arp_spa,IN_PORT\n"
#define ND_ANSWER                                                       \
    ANSWER("100") SOLICITATION("") TURN_ROUND                           \
    "move:NXM_NX_IPV6_SRC[]->NXM_NX_IPV6_DST[],"                        \
    "set_field:fd00::5->ipv6_src,"                                      \
    "set_field:136->icmpv6_type,goto_table:22\n"
#define ARP_SELF ANSWER("200") ARP_REQUEST("in_port=5,") "goto_table:24\n"
#define ND_SELF ANSWER("200") SOLICITATION("in_port=5,") "goto_table:24\n"

static void
port_here(void **state OVS_UNUSED)
{
    objects_add_port(1, 5, true, false, &flows);
    keep_answers();
    assert_flows(&flows, ARP_ANSWER ND_ANSWER ARP_SELF ND_SELF);
}

/* Its state is not told to others. */
static void
port_down(void **state OVS_UNUSED)
{
    objects_add_port(1, 5, false, true, &flows);
    keep_answers();
    assert_flows(&flows, ARP_ANSWER ND_ANSWER ARP_SELF ND_SELF);
}

static void
port_elsewhere(void **state OVS_UNUSED)
{
    objects_add_remote_port(1, 5, 2, false, &flows);
    keep_answers();
    assert_flows(&flows, ARP_ANSWER ND_ANSWER);
}

static void
no_address(void **state OVS_UNUSED)
{
    const struct pipeline_port port = {
        .uuid = unit_uuid(UNIT_PORT, 5),
        .network = unit_uuid(UNIT_NETWORK, 1),
        .mac = objects_mac(5),
        .ofport = OFP_PORT_C(5),
    };

    pipeline_port_flows(&port, &flows);
    keep_answers();
    assert_flows(&flows, "");
}

/* Which frames meet them: ports 5 and 6 are here, 7 is elsewhere. */

static int
setup_network(void **state)
{
    setup(state);
    pipeline_base_flows(true, NULL, 0, &flows);
    objects_add_port(1, 5, true, false, &flows);
    objects_add_port(1, 6, false, true, &flows);
    objects_add_remote_port(1, 7, 2, false, &flows);
    objects_add_overlay(1, 6, 2, true, false, &flows);
    objects_add_network(2, 6, true, WIRE, 0, &flows);
    return 0;
}

static bool
same_actions(const struct oflow *a, const struct oflow *b)
{
    return ofpacts_equal(a->ofpacts, a->ofpacts_len,
                         b->ofpacts, b->ofpacts_len);
}

/* The flow of ANSWER that a frame meets; fails if it is not certain what is
 * done with it. */
static const struct oflow *
meet(const char *frame_text)
{
    const struct oflow *flow, *best = NULL;
    struct flow frame;
    char *error = parse_ofp_exact_flow(&frame, NULL, NULL, frame_text, NULL);

    if (error) {
        fail_msg("%s: %s", frame_text, error);
    }
    LIST_FOR_EACH (flow, node, &flows) {
        if (flow->table == PIPELINE_ANSWER
            && minimatch_matches_flow(&flow->match, &frame)) {
            assert_true(!best || flow->priority != best->priority
                        || same_actions(flow, best));
            best = !best || flow->priority > best->priority ? flow : best;
        }
    }
    assert_non_null(best);
    return best;
}

static void
assert_passes(const char *frame)
{
    const struct oflow *flow = meet(frame);

    assert_int_equal(flow->ofpacts->type, OFPACT_GOTO_TABLE);
    assert_int_equal(ofpact_get_GOTO_TABLE(flow->ofpacts)->table_id,
                     PIPELINE_L2);
}

/* Fails unless port 'n' is answered for. */
static void
assert_answers(const char *frame, unsigned int n)
{
    const struct uuid port = unit_uuid(UNIT_PORT, n);
    const struct oflow *flow = meet(frame);

    assert_true(flow->cookie == oflow_cookie(&port));
    assert_int_equal(flow->ofpacts->type, OFPACT_REG_MOVE);
}

#define NET1 "reg0=0xa,reg1=1,reg3=1,"
#define NET2 "reg0=0xa,reg1=2,reg3=2,"
#define NET3 "reg0=0xa,reg1=3,reg3=3,"
#define FROM(PORT) "in_port="PORT",dl_src=02:00:00:00:00:0"PORT","
#define BROADCAST "dl_dst=ff:ff:ff:ff:ff:ff,"
#define MULTICAST "dl_dst=33:33:ff:00:00:05,"
#define WHO_HAS(N) "arp,arp_op=1,arp_spa=10.0.0.9,arp_tpa=10.0.0."N
#define NS "icmp6,icmpv6_type=135,icmpv6_code=0,"
#define SOLICIT(N) NS "ipv6_src=fd00::9,nd_target=fd00::"N
#define DAD(N) NS "ipv6_src=::,nd_target=fd00::"N

static void
questions(void **state OVS_UNUSED)
{
    assert_answers(NET1 FROM("6") BROADCAST WHO_HAS("5"), 5);
    assert_answers(NET1 FROM("5") BROADCAST WHO_HAS("6"), 6);
    assert_answers(NET1 FROM("5") BROADCAST WHO_HAS("7"), 7);
    assert_answers(NET1 FROM("6") MULTICAST SOLICIT("5"), 5);
    assert_answers(NET1 FROM("5") MULTICAST SOLICIT("6"), 6);
    assert_answers(NET1 FROM("5") MULTICAST SOLICIT("7"), 7);
}

/* Of an address that nobody here knows of, or that is another network's. */
static void
unknown_addresses(void **state OVS_UNUSED)
{
    assert_passes(NET1 FROM("5") BROADCAST WHO_HAS("8"));
    assert_passes(NET1 FROM("5") MULTICAST SOLICIT("8"));
    assert_passes(NET3 FROM("5") BROADCAST WHO_HAS("6"));
    assert_passes(NET3 FROM("5") MULTICAST SOLICIT("6"));
}

/* A port's announcement of itself, and its looking for a duplicate. */
static void
about_oneself(void **state OVS_UNUSED)
{
    assert_passes(NET1 FROM("5") BROADCAST WHO_HAS("5"));
    assert_passes(NET1 FROM("5") MULTICAST SOLICIT("5"));
    assert_passes(NET1 FROM("5") MULTICAST DAD("5"));
}

/* A flow cannot answer who gives no address of his own. */
static void
duplicate_of_another(void **state OVS_UNUSED)
{
    assert_passes(NET1 FROM("5") MULTICAST DAD("6"));
    assert_passes(NET1 FROM("5") MULTICAST DAD("7"));
}

/* Is it still there?  Only itself knows. */
static void
unicast_questions(void **state OVS_UNUSED)
{
    assert_passes(NET1 FROM("5") "dl_dst=02:00:00:00:00:06," WHO_HAS("6"));
    assert_passes(NET1 FROM("5") "dl_dst=02:00:00:00:00:06," SOLICIT("6"));
}

static void
no_questions(void **state OVS_UNUSED)
{
    assert_passes(NET1 FROM("5") BROADCAST
                  "arp,arp_op=2,arp_tpa=10.0.0.6");
    assert_passes(NET1 FROM("5") MULTICAST
                  "icmp6,icmpv6_type=136,icmpv6_code=0,nd_target=fd00::6");
    assert_passes(NET1 FROM("5") MULTICAST
                  "icmp6,icmpv6_type=135,icmpv6_code=1,ipv6_src=fd00::9");
    assert_passes(NET1 FROM("5") BROADCAST "ip,nw_dst=10.0.0.6");
}

/* From another hypervisor, or from the wire. */
static void
from_outside(void **state OVS_UNUSED)
{
    assert_passes(NET1 "in_port=9001," BROADCAST WHO_HAS("5"));
    assert_passes(NET1 "in_port=9001," MULTICAST SOLICIT("5"));
    assert_passes(NET1 "in_port=9001," MULTICAST DAD("5"));
    assert_passes(NET2 "in_port=100," BROADCAST WHO_HAS("5"));
    assert_passes(NET2 "in_port=100," MULTICAST SOLICIT("5"));
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, teardown)
#define TEST_NETWORK(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup_network, teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(port_here),
        TEST(port_down),
        TEST(port_elsewhere),
        TEST(no_address),
        TEST_NETWORK(questions),
        TEST_NETWORK(unknown_addresses),
        TEST_NETWORK(about_oneself),
        TEST_NETWORK(duplicate_of_another),
        TEST_NETWORK(unicast_questions),
        TEST_NETWORK(no_questions),
        TEST_NETWORK(from_outside),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
