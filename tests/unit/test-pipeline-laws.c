/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What holds for every flow the pipeline makes, whatever it is made for: each
 * law is tried on every kind of port, peer, gate, base and network.  Where
 * packets can go is in test-pipeline-ways.c. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "flow.h"
#include "objects.h"
#include "openvswitch/hmap.h"
#include "ovs-agent/oflow.h"
#include "uuid.h"

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
obey_round_trip(struct ovs_list *flows, uint64_t cookie OVS_UNUSED)
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
    objects_each(obey_round_trip);
}

/* What oflow_format() writes, ovs-ofctl(8) reads and sends as we do. */
static void
obey_readable(struct ovs_list *flows, uint64_t cookie OVS_UNUSED)
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
    objects_each(obey_readable);
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
make_some(struct ovs_list *flows)
{
    objects_add_port(1, 5, true, true, flows);
    objects_add_remote_port(1, 6, 2, true, flows);
    objects_add_peer(2, true, flows);
    objects_add_network(1, 40, true, OBJECTS_WIRE, 300, flows);
    objects_add_overlay(2, 40, 40, true, false, flows);
    objects_add_overlay(3, 40, 40, true, true, flows);
    pipeline_base_flows(true, NULL, 0, flows);
}

static void
made_alike(void **state OVS_UNUSED)
{
    struct ovs_list a = OVS_LIST_INITIALIZER(&a);
    struct ovs_list b = OVS_LIST_INITIALIZER(&b);

    scribble(0x55);
    make_some(&a);
    scribble(0xaa);
    make_some(&b);
    assert_made_alike(&a, &b);
}

/* Keys. */

/* Fails if two of 'flows' share a key. */
static void
obey_distinct(struct ovs_list *flows, uint64_t cookie OVS_UNUSED)
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
    objects_each(obey_distinct);
}

/* Networks whose ports are numbered, addressed and tagged alike, where Open
 * vSwitch lets them. */
static void
distinct_between_networks(void **state OVS_UNUSED)
{
    const ofp_port_t tunnel = OBJECTS_TUNNEL;
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    pipeline_base_flows(false, &tunnel, 1, &flows);
    for (unsigned int i = 1; i <= 4; i++) {
        struct uuid network = unit_uuid(UNIT_NETWORK, i);

        pipeline_gate_flows(&network, true, &flows);
        if (i <= 2) {
            objects_add_network(i, 40, true, OBJECTS_WIRE, 300 + i, &flows);
        } else {
            objects_add_overlay(i, 40, 40, true, false, &flows);
            objects_add_remote_port(i, 200, 7, false, &flows);
            objects_add_peer(i, false, &flows);
            objects_add_peer(i, true, &flows);
        }
        objects_add_port(i, 100 + i, true, true, &flows);
    }
    obey_distinct(&flows, 0);
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
    obey_distinct(&flows, 0);
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

    pipeline_base_flows(true, NULL, 0, &up);
    pipeline_base_flows(false, NULL, 0, &down);
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
