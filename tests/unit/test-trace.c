/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* trace.h: what ofproto/trace answers, taken apart, and what it never
 * answered. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "ovs-agent/trace.h"
#include "packets.h"
#include "random.h"

/* Of a flood: a port here, back to the sender, two hypervisors by native
 * tunnels. */
static const char flood[] =
    "Flow: in_port=4,vlan_tci=0x0000,dl_dst=ff:ff:ff:ff:ff:ff\n"
    "\n"
    "bridge(\"br-int\")\n"
    "----------------\n"
    " 0. in_port=4,vlan_tci=0x0000/0x1000, priority 100, cookie 0x26309473\n"
    "    set_field:0x60899ef1013248bcb8d098e18c5e056f->xxreg0\n"
    "    goto_table:24\n"
    "24. reg0=0x60899ef1,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00, "
        "priority 90, cookie 0x60899ef1013248bc\n"
    "    set_field:0x1->reg6\n"
    "    resubmit(,28)\n"
    "    28. reg0=0x60899ef1,reg6=0x1, priority 100, cookie 0x6\n"
    "            set_field:0x4->reg5\n"
    "            resubmit(,40)\n"
    "            40. reg0=0x60899ef1,reg5=0x4, priority 100, cookie 0x26\n"
    "                    output:4\n"
    "                     >> skipping output to input port\n"
    "            set_field:0x7->reg5\n"
    "            resubmit(,40)\n"
    "        40. reg0=0x60899ef1,reg5=0x7, priority 100, cookie 0x27\n"
    "            drop\n"
    "    set_field:0x64->tun_id\n"
    "    resubmit(,44)\n"
    "44. reg0=0x60899ef1,reg6=0x1, priority 100\n"
    "    set_field:10.88.0.3->tun_dst\n"
    "    output:1\n"
    "     -> output to native tunnel\n"
    "     -> tunneling to 10.88.0.3 via br-under\n"
    "\n"
    "    bridge(\"br-under\")\n"
    "    ------------------\n"
    "         0. priority 0\n"
    "            NORMAL\n"
    "             -> no learned MAC for destination, flooding\n"
    "    set_field:10.88.0.2->tun_dst\n"
    "    output:2\n"
    "     -> output to native tunnel\n"
    "     >> native tunnel routing failed\n"
    "\n"
    "bridge(\"br-under\")\n"
    "------------------\n"
    " 0. priority 0\n"
    "    NORMAL\n"
    "     >> no input bundle, dropping\n"
    "\n"
    "Final flow: reg0=0x60899ef1\n"
    "Megaflow: recirc_id=0,eth\n"
    "Datapath actions: 11,2\n";

/* Its steps: kind, then table, priority and cookie, or text. */
static const struct {
    enum trace_kind kind;
    int table;
    int priority;
    uint64_t cookie;
    const char *text;
} want[] = {
    { TRACE_TABLE, 0, 100, 0x26309473, NULL },
    { TRACE_ACTION, 0, 0, 0,
      "set_field:0x60899ef1013248bcb8d098e18c5e056f->xxreg0" },
    { TRACE_ACTION, 0, 0, 0, "goto_table:24" },
    { TRACE_TABLE, 24, 90, UINT64_C(0x60899ef1013248bc), NULL },
    { TRACE_ACTION, 0, 0, 0, "set_field:0x1->reg6" },
    { TRACE_ACTION, 0, 0, 0, "resubmit(,28)" },
    { TRACE_TABLE, 28, 100, 6, NULL },
    { TRACE_ACTION, 0, 0, 0, "set_field:0x4->reg5" },
    { TRACE_ACTION, 0, 0, 0, "resubmit(,40)" },
    { TRACE_TABLE, 40, 100, 0x26, NULL },
    { TRACE_ACTION, 0, 0, 0, "output:4" },
    { TRACE_WARNING, 0, 0, 0, "skipping output to input port" },
    { TRACE_ACTION, 0, 0, 0, "set_field:0x7->reg5" },
    { TRACE_ACTION, 0, 0, 0, "resubmit(,40)" },
    { TRACE_TABLE, 40, 100, 0x27, NULL },
    { TRACE_ACTION, 0, 0, 0, "set_field:0x64->tun_id" },
    { TRACE_ACTION, 0, 0, 0, "resubmit(,44)" },
    { TRACE_TABLE, 44, 100, 0, NULL },
    { TRACE_ACTION, 0, 0, 0, "set_field:10.88.0.3->tun_dst" },
    { TRACE_ACTION, 0, 0, 0, "output:1" },
    { TRACE_NOTE, 0, 0, 0, "output to native tunnel" },
    { TRACE_NOTE, 0, 0, 0, "tunneling to 10.88.0.3 via br-under" },
    { TRACE_ACTION, 0, 0, 0, "set_field:10.88.0.2->tun_dst" },
    { TRACE_ACTION, 0, 0, 0, "output:2" },
    { TRACE_NOTE, 0, 0, 0, "output to native tunnel" },
    { TRACE_WARNING, 0, 0, 0, "native tunnel routing failed" },
};

static void
a_flood(void **state OVS_UNUSED)
{
    struct trace trace;

    trace_parse(&trace, flood, "br-int");
    for (size_t i = 0; i < MIN(trace.n, ARRAY_SIZE(want)); i++) {
        const struct trace_step *step = &trace.steps[i];

        assert_int_equal(step->kind, want[i].kind);
        if (step->kind == TRACE_TABLE) {
            assert_int_equal(step->table, want[i].table);
            assert_true(step->matched);
            assert_int_equal(step->priority, want[i].priority);
            assert_int_equal(step->cookie, want[i].cookie);
            assert_int_equal(step->drops, step->cookie == 0x27);
        } else {
            assert_string_equal(step->text, want[i].text);
        }
    }
    assert_int_equal(trace.n, ARRAY_SIZE(want));
    assert_false(trace.nothing_done);
    trace_destroy(&trace);
}

/* No flow, nothing done. */
static void
no_match(void **state OVS_UNUSED)
{
    struct trace trace;

    trace_parse(&trace,
                "Flow: x\n\nbridge(\"br-int\")\n-----\n"
                "24. No match.\n"
                "    drop\n"
                "\nFinal flow: unchanged\nMegaflow: x\n"
                "Datapath actions: drop\n", "br-int");
    assert_int_equal(trace.n, 1);
    assert_int_equal(trace.steps[0].table, 24);
    assert_false(trace.steps[0].matched);
    assert_true(trace.steps[0].drops);
    assert_int_equal(trace.steps[0].cookie, 0);
    assert_true(trace.nothing_done);
    trace_destroy(&trace);
}

/* What the switch fails at as a whole. */
static void
failed(void **state OVS_UNUSED)
{
    struct trace trace;

    trace_parse(&trace,
                "bridge(\"br-int\")\n-----\n"
                " 0. priority 0\n"
                "    resubmit(,1)\n"
                "     >>>> over max translation depth 64 <<<<\n"
                "\nFinal flow: unchanged\nMegaflow: x\n"
                "Datapath actions: drop\n"
                "Translation failed (Recursion too deep), packet is "
                "dropped.\n", "br-int");
    assert_int_equal(trace.n, 4);
    assert_int_equal(trace.steps[2].kind, TRACE_WARNING);
    assert_string_equal(trace.steps[2].text, "over max translation depth 64");
    assert_int_equal(trace.steps[3].kind, TRACE_WARNING);
    assert_true(trace.nothing_done);
    trace_destroy(&trace);
}

/* By a patch port to another bridge and back; what is there is theirs. */
static void
other_bridges(void **state OVS_UNUSED)
{
    struct trace trace;

    trace_parse(&trace,
                "bridge(\"br-int\")\n-----\n"
                " 0. priority 1\n"
                "    output:3\n"
                "\n    bridge(\"br-phys\")\n    ------\n"
                "         0. priority 0\n"
                "            NORMAL\n"
                "\n            bridge(\"br-int\")\n            ------\n"
                "                 0. priority 7\n"
                "                    output:9\n"
                "    output:4\n"
                "\nbridge(\"br-x\")\n------\n"
                " 0. priority 0\n"
                "    NORMAL\n", "br-int");
    assert_int_equal(trace.n, 3);
    assert_string_equal(trace.steps[1].text, "output:3");
    assert_string_equal(trace.steps[2].text, "output:4");
    trace_destroy(&trace);
}

static void
outputs(void **state OVS_UNUSED)
{
    ofp_port_t port;

    assert_true(trace_output("output:7", &port));
    assert_int_equal(ofp_to_u16(port), 7);
    assert_true(trace_output("IN_PORT", &port));
    assert_int_equal(ofp_to_u16(port), ofp_to_u16(OFPP_IN_PORT));
    assert_false(trace_output("output:NXM_NX_REG5[]", &port));
    assert_false(trace_output("output:99999999", &port));
    assert_false(trace_output("output:", &port));
    assert_false(trace_output("resubmit(,40)", &port));
}

static void
check_tunnel_dst(const char *action, const char *want_ip)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr ip;

    assert_true(trace_tunnel_dst(action, &ip));
    assert_true(ipv6_string_mapped(text, &ip));
    assert_string_equal(text, want_ip);
}

static void
tunnel_dst(void **state OVS_UNUSED)
{
    struct in6_addr ip;

    check_tunnel_dst("set_field:10.88.0.2->tun_dst", "10.88.0.2");
    check_tunnel_dst("load:0xa580002->NXM_NX_TUN_IPV4_DST[]", "10.88.0.2");
    check_tunnel_dst("set_field:fd88::2->tun_ipv6_dst", "fd88::2");
    check_tunnel_dst("set_field:0xfd880000000000000000000000000002"
                     "->tun_ipv6_dst", "fd88::2");
    check_tunnel_dst("load:0x2->NXM_NX_TUN_IPV6_DST[0..63],"
                     "load:0xfd88000000000000->NXM_NX_TUN_IPV6_DST[64..127]",
                     "fd88::2");
    assert_false(trace_tunnel_dst("set_field:0x64->tun_id", &ip));
    assert_false(trace_tunnel_dst("set_field:->tun_dst", &ip));
    assert_false(trace_tunnel_dst("set_field:x->tun_ipv6_dst", &ip));
    assert_false(trace_tunnel_dst("->tun_dst:1", &ip));
    assert_false(trace_tunnel_dst("goto_table:8", &ip));
}

/* Whatever is cut off or broken, nothing is read that is not there. */
static void
broken(void **state OVS_UNUSED)
{
    struct in6_addr ip;
    ofp_port_t port;

    random_set_seed(1);
    for (size_t round = 0; round < 20000; round++) {
        char *copy = xmemdup0(flood, random_range(sizeof flood));
        size_t len = strlen(copy);
        struct trace trace;

        for (size_t i = random_range(8); len && i > 0; i--) {
            copy[random_range(len)] = " \n0.-:>x,"[random_range(9)];
        }
        trace_parse(&trace, copy, "br-int");
        assert_true(trace.n <= len);
        for (size_t i = 0; i < trace.n; i++) {
            trace_output(trace.steps[i].text, &port);
            trace_tunnel_dst(trace.steps[i].text, &ip);
        }
        trace_destroy(&trace);
        free(copy);
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood),
        cmocka_unit_test(no_match),
        cmocka_unit_test(failed),
        cmocka_unit_test(other_bridges),
        cmocka_unit_test(outputs),
        cmocka_unit_test(tunnel_dst),
        cmocka_unit_test(broken),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
