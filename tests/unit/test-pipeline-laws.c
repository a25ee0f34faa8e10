/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What holds for every flow the pipeline makes, whatever it is made for: each
 * law is tried on every kind of port, gate, base and network. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "flow.h"
#include "objects.h"
#include "openvswitch/hmap.h"
#include "ovs-agent/oflow.h"
#include "uuid.h"

#define WIRE OFP_PORT_C(9000)

/* Objects of every kind. */

typedef void law(struct ovs_list *flows);

static void
each_small_object(law *obey, bool up)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    struct uuid network = unit_uuid(UNIT_NETWORK, 1);

    pipeline_base_flows(up, &flows);
    obey(&flows);
    pipeline_gate_flows(&network, up, &flows);
    obey(&flows);
    objects_add_port(1, 5, up, false, &flows);
    obey(&flows);
    objects_add_port(1, 5, up, true, &flows);
    obey(&flows);
}

static void
each_network(law *obey, bool unknown)
{
    static const size_t sizes[] = { 0, 1, 3, 40 };
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        objects_add_network(1, sizes[i], unknown, OFPP_NONE, 0, &flows);
        obey(&flows);
        objects_add_network(1, sizes[i], unknown, WIRE, 0, &flows);
        obey(&flows);
        objects_add_network(1, sizes[i], unknown, WIRE, 4094, &flows);
        obey(&flows);
    }
}

/* Calls 'obey' with the flows of each object in turn, and clears them. */
static void
each_object(law *obey)
{
    each_small_object(obey, true);
    each_small_object(obey, false);
    each_network(obey, true);
    each_network(obey, false);
}

/* On the way to the switch and back nothing is lost. */

static void
assert_same(const struct oflow *wanted, struct oflow *got)
{
    if (!oflow_same_key(wanted, got)
        || !oflow_same_as_installed(wanted, got)) {
        print_error("wanted: %s\ngot:    %s\n", unit_flow_text(wanted),
                    unit_flow_text(got));
        fail();
    }
    oflow_destroy(got);
}

static void
obey_round_trip(struct ovs_list *flows)
{
    const struct oflow *flow;

    LIST_FOR_EACH (flow, node, flows) {
        assert_same(flow, unit_flow_sent(flow));
        assert_same(flow, unit_flow_installed(flow));
    }
    oflow_list_clear(flows);
}

static void
round_trip(void **state OVS_UNUSED)
{
    each_object(obey_round_trip);
}

/* What oflow_format() writes, ovs-ofctl(8) reads and sends as we do. */
static void
obey_readable(struct ovs_list *flows)
{
    const struct oflow *flow;

    LIST_FOR_EACH (flow, node, flows) {
        char *text = unit_flow_text(flow);
        struct oflow *parsed = unit_flow(text);

        assert_same(flow, unit_flow_sent(parsed));
        oflow_destroy(parsed);
        free(text);
    }
    oflow_list_clear(flows);
}

static void
readable(void **state OVS_UNUSED)
{
    each_object(obey_readable);
}

/* Made twice, every flow is the same to the last byte. */

static void
assert_made_alike(struct ovs_list *a, struct ovs_list *b)
{
    const struct oflow *flow;
    struct oflow *peer;

    assert_int_equal(ovs_list_size(a), ovs_list_size(b));
    LIST_FOR_EACH (flow, node, a) {
        peer = CONTAINER_OF(ovs_list_pop_front(b), struct oflow, node);
        assert_true(oflow_same_key(flow, peer));
        assert_true(oflow_same_effect(flow, peer));
        oflow_destroy(peer);
    }
    oflow_list_clear(a);
}

/* Leaves other bytes on the stack and in the heap than there were. */
static void
scribble(uint8_t byte)
{
    uint8_t stack[4096];
    void *heap = xmalloc(1024);

    memset(stack, byte, sizeof stack);
    memset(heap, stack[byte], 1024);
    free(heap);
}

static void
made_alike(void **state OVS_UNUSED)
{
    struct ovs_list a = OVS_LIST_INITIALIZER(&a);
    struct ovs_list b = OVS_LIST_INITIALIZER(&b);

    scribble(0x55);
    objects_add_port(1, 5, true, true, &a);
    objects_add_network(1, 40, true, WIRE, 300, &a);
    scribble(0xaa);
    objects_add_port(1, 5, true, true, &b);
    objects_add_network(1, 40, true, WIRE, 300, &b);
    assert_made_alike(&a, &b);
}

/* Where packets can go. */

static bool
is_owned(uint8_t table)
{
    for (size_t i = 0; i < pipeline_n_owned_tables; i++) {
        if (pipeline_owned_tables[i] == table) {
            return true;
        }
    }
    return false;
}

/* Learned flows load a register: what they come to is up to EGRESS. */
static void
assert_learns_no_output(const struct ofpact_learn *learn)
{
    const struct ofpact_learn_spec *spec;

    assert_int_equal(learn->table_id, PIPELINE_LEARNED);
    OFPACT_LEARN_SPEC_FOR_EACH (spec, learn) {
        assert_int_not_equal(spec->dst_type, NX_LEARN_DST_OUTPUT);
    }
}

/* Packets go forward: a table never sends them to itself or to one before it,
 * but that two floods share their table of buckets. */
static void
assert_forward(uint8_t from, uint8_t to)
{
    assert_true(to > from
                || (from == PIPELINE_UNKNOWN && to == PIPELINE_FLOOD));
}

/* Nothing is output but in EGRESS. */
static void
assert_action(const struct oflow *flow, const struct ofpact *a)
{
    switch (a->type) {
    case OFPACT_SET_FIELD:
    case OFPACT_STRIP_VLAN:
    case OFPACT_PUSH_VLAN:
        break;
    case OFPACT_RESUBMIT:
        assert_forward(flow->table, ofpact_get_RESUBMIT(a)->table_id);
        break;
    case OFPACT_GOTO_TABLE:
        assert_forward(flow->table, ofpact_get_GOTO_TABLE(a)->table_id);
        break;
    case OFPACT_LEARN:
        assert_learns_no_output(ofpact_get_LEARN(a));
        break;
    case OFPACT_OUTPUT:
        assert_int_equal(flow->table, PIPELINE_EGRESS);
        break;
    default:
        fail_msg("unexpected action %s", ofpact_name(a->type));
    }
}

static void
obey_egress(struct ovs_list *flows)
{
    const struct oflow *flow;
    const struct ofpact *a;

    LIST_FOR_EACH (flow, node, flows) {
        assert_true(is_owned(flow->table));
        OFPACT_FOR_EACH (a, flow->ofpacts, flow->ofpacts_len) {
            assert_action(flow, a);
        }
    }
    oflow_list_clear(flows);
}

static void
only_egress_outputs(void **state OVS_UNUSED)
{
    each_object(obey_egress);
}

static void
learned_is_not_owned(void **state OVS_UNUSED)
{
    assert_false(is_owned(PIPELINE_LEARNED));
}

/* Keys. */

/* Fails if two of 'flows' share a key; clears them. */
static void
obey_distinct(struct ovs_list *flows)
{
    struct hmap keys = HMAP_INITIALIZER(&keys);
    struct oflow *flow;

    LIST_FOR_EACH (flow, node, flows) {
        assert_null(oflow_lookup(&keys, flow));
        hmap_insert(&keys, &flow->hmap_node, flow->hash);
    }
    hmap_destroy(&keys);
    oflow_list_clear(flows);
}

static void
distinct_within_object(void **state OVS_UNUSED)
{
    each_object(obey_distinct);
}

/* Two networks whose ports are numbered, addressed and tagged alike, where
 * Open vSwitch lets them. */
static void
distinct_between_networks(void **state OVS_UNUSED)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    pipeline_base_flows(false, &flows);
    for (unsigned int i = 1; i <= 2; i++) {
        struct uuid network = unit_uuid(UNIT_NETWORK, i);

        pipeline_gate_flows(&network, true, &flows);
        objects_add_network(i, 40, true, WIRE, 300 + i, &flows);
        objects_add_port(i, 100 + i, true, true, &flows);
    }
    obey_distinct(&flows);
}

/* UUIDs that differ in one digit alone, whichever it is, do not share a key
 * either: all of it is matched. */
static void
distinct_in_every_digit(void **state OVS_UNUSED)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    for (int i = 0; i < 128; i++) {
        struct uuid network = UUID_ZERO;

        network.parts[i / 32] = 1u << i % 32;
        pipeline_gate_flows(&network, true, &flows);
    }
    obey_distinct(&flows);
}

/* Admin state. */

/* Returns how many flows of 'a' have another effect in 'b', which has the same
 * keys in the same order.  Clears both. */
static int
n_changed(struct ovs_list *a, struct ovs_list *b)
{
    const struct oflow *flow;
    struct oflow *peer;
    int n = 0;

    assert_int_equal(ovs_list_size(a), ovs_list_size(b));
    LIST_FOR_EACH (flow, node, a) {
        peer = CONTAINER_OF(ovs_list_pop_front(b), struct oflow, node);
        assert_true(oflow_same_key(flow, peer));
        n += !oflow_same_effect(flow, peer);
        oflow_destroy(peer);
    }
    oflow_list_clear(a);
    return n;
}

static void
port_toggles_two_flows(void **state OVS_UNUSED)
{
    struct ovs_list a = OVS_LIST_INITIALIZER(&a);
    struct ovs_list b = OVS_LIST_INITIALIZER(&b);

    for (int unknown = 0; unknown <= 1; unknown++) {
        objects_add_port(1, 5, true, unknown, &a);
        objects_add_port(1, 5, false, unknown, &b);
        assert_int_equal(n_changed(&a, &b), 2);
    }
}

static void
network_toggles_one_flow(void **state OVS_UNUSED)
{
    struct ovs_list a = OVS_LIST_INITIALIZER(&a);
    struct ovs_list b = OVS_LIST_INITIALIZER(&b);
    struct uuid network = unit_uuid(UNIT_NETWORK, 1);

    pipeline_gate_flows(&network, true, &a);
    pipeline_gate_flows(&network, false, &b);
    assert_int_equal(ovs_list_size(&a), 1);
    assert_int_equal(n_changed(&a, &b), 1);
}

/* A hypervisor is shut by one flow more, in front of all others. */
static void
host_toggles_one_flow(void **state OVS_UNUSED)
{
    struct ovs_list up = OVS_LIST_INITIALIZER(&up);
    struct ovs_list down = OVS_LIST_INITIALIZER(&down);

    pipeline_base_flows(true, &up);
    pipeline_base_flows(false, &down);
    assert_int_equal(ovs_list_size(&down), ovs_list_size(&up) + 1);
    oflow_list_clear(&up);
    oflow_list_clear(&down);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(readable),
        cmocka_unit_test(made_alike),
        cmocka_unit_test(only_egress_outputs),
        cmocka_unit_test(learned_is_not_owned),
        cmocka_unit_test(distinct_within_object),
        cmocka_unit_test(distinct_between_networks),
        cmocka_unit_test(distinct_in_every_digit),
        cmocka_unit_test(port_toggles_two_flows),
        cmocka_unit_test(network_toggles_one_flow),
        cmocka_unit_test(host_toggles_one_flow),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
