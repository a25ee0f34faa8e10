/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Flows read back from a switch, compared with those that are wanted. */

#include <config.h>

#include "unit.h"

#include "byte-order.h"
#include "flow.h"
#include "objects.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-agent/flow-dump.h"
#include "ovs-agent/flow-table.h"
#include "ovs-agent/oflow.h"

static struct flow_table ft;
static struct flow_owner owner;
static struct flow_dump dump;

static int
setup(void **state OVS_UNUSED)
{
    struct uuid uuid = unit_uuid(UNIT_PORT, 1);

    flow_table_init(&ft);
    flow_owner_init(&owner, &uuid);
    ofpbuf_delete(flow_dump_init(&dump, 0, 0));
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    flow_table_remove(&ft, &owner);
    flow_table_destroy(&ft);
    flow_dump_destroy(&dump);
    return 0;
}

/* Makes 'flow', taken over, one that the switch has. */
static void
install_flow(struct oflow *flow)
{
    struct oflow *installed = unit_flow_installed(flow);

    hmap_insert(&dump.flows, &installed->hmap_node, installed->hash);
    oflow_destroy(flow);
}

static void
install(const char *text)
{
    install_flow(unit_flow(text));
}

static void
want(const char *text)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    struct oflow *flow = unit_flow(text);

    ovs_list_push_back(&flows, &flow->node);
    flow_table_stage(&ft, &owner, &flows);
    flow_table_commit(&ft);
}

static void
assert_diff(const char *expected)
{
    struct ovs_list changes = OVS_LIST_INITIALIZER(&changes);
    struct flow_change *change;

    flow_dump_diff(&dump, &ft, &changes);
    assert_changes(&changes, expected);
    LIST_FOR_EACH_POP (change, node, &changes) {
        flow_change_destroy(change);
    }
}

#define F1 "cookie=0x1,table=1,priority=1,in_port=1 actions="
#define F2 "cookie=0x1,table=1,priority=1,in_port=2 actions="
#define G1 "cookie=0x2,table=1,priority=1,in_port=1 actions="
#define LEARNED "cookie=0x1,table=32,priority=1,in_port=1 actions="
#define ACTIONS "set_field:0x5->reg6,resubmit(,28)"

/* The difference. */

static void
nothing(void **state OVS_UNUSED)
{
    assert_diff("");
}

static void
missing(void **state OVS_UNUSED)
{
    want(F1"output:1");
    assert_diff("add 1 "F1"output:1\n");
}

static void
missing_drop(void **state OVS_UNUSED)
{
    want(F1"drop");
    assert_diff("add closing 1 "F1"drop\n");
}

static void
extra(void **state OVS_UNUSED)
{
    install(F1"output:1");
    install(F2"drop");
    assert_diff("delete 0 "F2"drop\n"
                "delete closing 0 "F1"output:1\n");
}

static void
same(void **state OVS_UNUSED)
{
    want(F1 ACTIONS);
    install(F1 ACTIONS);
    assert_diff("");
}

static void
other_actions(void **state OVS_UNUSED)
{
    want(F1 ACTIONS);
    install(F1 ACTIONS",output:1");
    assert_diff("add closing 1 "F1 ACTIONS"\n");
}

static void
dropped_what_should_pass(void **state OVS_UNUSED)
{
    want(F1"output:1");
    install(F1"drop");
    assert_diff("add 1 "F1"output:1\n");
}

static void
other_cookie(void **state OVS_UNUSED)
{
    want(F1"output:1");
    install(G1"output:1");
    assert_diff("add closing 1 "F1"output:1\n");
}

static void
other_key(void **state OVS_UNUSED)
{
    want(F1"output:1");
    install(F2"output:1");
    assert_diff("add 1 "F1"output:1\n"
                "delete closing 0 "F2"output:1\n");
}

static void
learned_is_left_alone(void **state OVS_UNUSED)
{
    install(LEARNED"set_field:0x1->reg5");
    assert_diff("");
}

/* A deletion in a bundle that is in order may not take away what was added
 * before it. */
static void
deletions_first(void **state OVS_UNUSED)
{
    struct ovs_list changes = OVS_LIST_INITIALIZER(&changes);
    struct flow_change *change;
    bool adding = false;

    want(F1"output:1");
    install(F2"output:1");
    flow_dump_diff(&dump, &ft, &changes);
    LIST_FOR_EACH_POP (change, node, &changes) {
        assert_false(adding && !change->add);
        adding = change->add;
        flow_change_destroy(change);
    }
    assert_true(adding);
}

/* Everything a hypervisor has, installed, is as it was wanted. */
static void
whole_hypervisor(void **state OVS_UNUSED)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    const struct uuid network = unit_uuid(UNIT_NETWORK, 1);
    const ofp_port_t tunnel = OBJECTS_TUNNEL;
    const struct oflow *flow;

    pipeline_base_flows(false, &tunnel, 1, &flows);
    pipeline_gate_flows(&network, true, &flows);
    objects_add_network(1, 40, true, OBJECTS_WIRE, 300, &flows);
    objects_add_overlay(2, 40, 40, true, false, &flows);
    objects_add_overlay(3, 40, 40, true, true, &flows);
    objects_add_port(1, 5, true, true, &flows);
    objects_add_remote_port(2, 6, 7, false, &flows);
    objects_add_remote_port(3, 8, 7, true, &flows);
    objects_add_peer(7, false, &flows);
    objects_add_peer(8, true, &flows);
    LIST_FOR_EACH (flow, node, &flows) {
        install_flow(oflow_clone(flow));
    }
    flow_table_stage(&ft, &owner, &flows);
    flow_table_commit(&ft);
    assert_diff("");
}

/* The request and its replies. */

static void
check_request(uint64_t cookie, uint64_t mask)
{
    struct ofputil_flow_stats_request request;
    struct flow_dump asked;
    struct ofpbuf *msg = flow_dump_init(&asked, cookie, mask);
    const struct ofp_header *oh = msg->data;

    ofpmsg_update_length(msg);
    assert_int_equal(oh->version, OFLOW_VERSION);
    assert_true(oh->xid == asked.xid);
    assert_int_equal(ofputil_decode_flow_stats_request(&request, oh, NULL,
                                                       NULL), 0);
    assert_int_equal(request.table_id, OFPTT_ALL);
    assert_int_equal(request.out_port, OFPP_ANY);
    assert_true(request.cookie == htonll(cookie));
    assert_true(request.cookie_mask == htonll(mask));
    assert_true(flow_wildcards_is_catchall(&request.match.wc));
    ofpbuf_delete(msg);
    flow_dump_destroy(&asked);
}

static void
request_all(void **state OVS_UNUSED)
{
    check_request(0, 0);
}

static void
request_cookie(void **state OVS_UNUSED)
{
    check_request(UINT64_C(0xb00000001), UINT64_MAX);
}

/* Fills 'replies' with the answer of a switch that has a flow for each of 'n'
 * ports, in_port=I having seen I packets. */
static void
make_replies(size_t n, struct ovs_list *replies)
{
    struct oflow *flow = unit_flow(F1 ACTIONS);
    struct ofpbuf *request;
    struct flow_dump asked;

    request = flow_dump_init(&asked, 0, 0);
    ofpmp_init(replies, request->data);
    for (size_t i = 1; i <= n; i++) {
        struct ofputil_flow_stats stats = {
            .match = MATCH_CATCHALL_INITIALIZER,
            .idle_age = -1,
            .hard_age = -1,
            .packet_count = i,
            .ofpacts = flow->ofpacts,
            .ofpacts_len = flow->ofpacts_len,
        };

        match_set_in_port(&stats.match, u16_to_ofp(i));
        ofputil_append_flow_stats_reply(&stats, replies, NULL);
    }
    oflow_destroy(flow);
    ofpbuf_delete(request);
    flow_dump_destroy(&asked);
}

static void
several_replies(void **state OVS_UNUSED)
{
    struct ovs_list replies;
    struct ofpbuf *msg;
    size_t n;

    make_replies(5000, &replies);
    n = ovs_list_size(&replies);
    assert_true(n > 1);
    LIST_FOR_EACH_POP (msg, list_node, &replies) {
        ofpmsg_update_length(msg);
        assert_int_equal(flow_dump_reply(&dump, msg->data), --n == 0);
        ofpbuf_delete(msg);
    }
    assert_int_equal(hmap_count(&dump.flows), 5000);
}

static void
packets_are_counted(void **state OVS_UNUSED)
{
    struct ovs_list replies;
    const struct oflow *flow;
    struct ofpbuf *msg;

    make_replies(1, &replies);
    msg = ofpbuf_from_list(ovs_list_pop_front(&replies));
    ofpmsg_update_length(msg);
    assert_true(flow_dump_reply(&dump, msg->data));
    ofpbuf_delete(msg);
    flow = CONTAINER_OF(hmap_first(&dump.flows), struct oflow, hmap_node);
    assert_int_equal(flow->n_packets, 1);
}

/* Half of a flow at the end of a reply: what came before it counts. */
static void
broken_reply(void **state OVS_UNUSED)
{
    struct ovs_list replies;
    struct ofpbuf *msg;

    make_replies(3, &replies);
    msg = ofpbuf_from_list(ovs_list_pop_front(&replies));
    msg->size -= 16;
    ofpmsg_update_length(msg);
    assert_true(flow_dump_reply(&dump, msg->data));
    ofpbuf_delete(msg);
    assert_int_equal(hmap_count(&dump.flows), 2);
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(nothing),
        TEST(missing),
        TEST(missing_drop),
        TEST(extra),
        TEST(same),
        TEST(other_actions),
        TEST(dropped_what_should_pass),
        TEST(other_cookie),
        TEST(other_key),
        TEST(learned_is_left_alone),
        TEST(deletions_first),
        TEST(whole_hypervisor),
        TEST(request_all),
        TEST(request_cookie),
        TEST(several_replies),
        TEST(packets_are_counted),
        TEST(broken_reply),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
