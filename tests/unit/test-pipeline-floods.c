/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Floods: everyone is reached once, whoever comes or goes changes little, and
 * no flow_mod grows long.  Ports that are here and other hypervisors have
 * trees of their own, made alike. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "hash.h"
#include "objects.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-agent/flow-table.h"
#include "ovs-agent/oflow.h"
#include "packets.h"
#include "random.h"
#include "uuid.h"

#define MAX_RECEIVERS 5000

/* What becomes of a frame: the flows it meets in FLOOD and REMOTE are followed
 * as a switch does. */

static struct hmap nodes;       /* Those flows, by table and node. */

/* How often each port and hypervisor was reached, by number. */
static int ports[MAX_RECEIVERS + 1], peers[MAX_RECEIVERS + 1];
static int n_visited;           /* How many nodes were. */
static int n_resubmits;

/* How often a flood is interrupted, how many peers it has reached since, and
 * the most at a time. */
static int n_pauses, n_since_pause, n_whole;
static int depth;               /* Of the deepest of them. */

static uint32_t
hash_node(uint8_t table, uint32_t number)
{
    return hash_2words(table, number);
}

static void
index_nodes(const struct ovs_list *flows)
{
    struct oflow *flow;

    hmap_init(&nodes);
    LIST_FOR_EACH (flow, node, flows) {
        if (flow->table == PIPELINE_FLOOD || flow->table == PIPELINE_REMOTE) {
            uint32_t number = MINIFLOW_GET_U32(flow->match.flow, regs[6]);

            hmap_insert(&nodes, &flow->hmap_node,
                        hash_node(flow->table, number));
        }
    }
}

static const struct oflow *
find_node(uint8_t table, uint32_t number)
{
    struct oflow *flow;

    HMAP_FOR_EACH_WITH_HASH (flow, hmap_node, hash_node(table, number),
                             &nodes) {
        if (flow->table == table
            && MINIFLOW_GET_U32(flow->match.flow, regs[6]) == number) {
            return flow;
        }
    }
    return NULL;
}

/* The registers of a frame on its way. */
struct frame {
    uint32_t node, ofport;
    unsigned int peer;
};

static void
set_field(const struct ofpact_set_field *sf, struct frame *frame)
{
    if (sf->field->id == MFF_REG6) {
        frame->node = ntohl(sf->value->be32);
    } else if (sf->field->id == MFF_REG5) {
        frame->ofport = ntohl(sf->value->be32);
    } else if (sf->field->id == MFF_TUN_DST) {
        frame->peer = ntohl(sf->value->be32) & 0xffff;
    } else if (sf->field->id == MFF_TUN_IPV6_DST) {
        frame->peer = (sf->value->ipv6.s6_addr[14] << 8
                       | sf->value->ipv6.s6_addr[15]);
    } else {
        assert_int_equal(sf->field->id, MFF_TUN_ID);
    }
}

static void
reach(int *counts, unsigned int n)
{
    assert_in_range(n, 1, MAX_RECEIVERS);
    counts[n]++;
}

static void
follow(const struct oflow *flow, struct frame frame, int level)
{
    const struct ofpact *a;

    depth = MAX(depth, level);
    OFPACT_FOR_EACH (a, flow->ofpacts, flow->ofpacts_len) {
        if (a->type == OFPACT_SET_FIELD) {
            set_field(ofpact_get_SET_FIELD(a), &frame);
        } else if (a->type == OFPACT_OUTPUT) {
            reach(peers, frame.peer);
            n_since_pause++;
            n_whole = MAX(n_whole, n_since_pause);
        } else if (a->type == OFPACT_CONTROLLER) {
            assert_true(ofpact_get_CONTROLLER(a)->pause);
            n_pauses++;
            n_since_pause = 0;
        } else {
            uint8_t table = ofpact_get_RESUBMIT(a)->table_id;
            const struct oflow *next = find_node(table, frame.node);

            n_resubmits++;
            if (table == PIPELINE_EGRESS) {
                reach(ports, frame.ofport);
            } else if (next) {
                n_visited++;
                follow(next, frame, level + 1);
            } else {
                assert_int_equal(level, 0); /* An empty tree. */
            }
        }
    }
}

/* Floods a frame: a broadcast, or one to an unknown address. */
static void
flood(const struct ovs_list *flows, bool unknown)
{
    const struct oflow *flow;

    memset(ports, 0, sizeof ports);
    memset(peers, 0, sizeof peers);
    n_resubmits = depth = n_pauses = n_since_pause = n_whole = 0;
    LIST_FOR_EACH (flow, node, flows) {
        if (unknown ? (flow->table == PIPELINE_UNKNOWN)
            : (flow->table == PIPELINE_L2 && flow->priority > 10)) {
            follow(flow, (struct frame) { 0, 0, 0 }, 0);
            return;
        }
    }
    fail_msg("no flow floods");
}

static void
assert_reached(const int *counts, size_t n, bool unknown)
{
    for (size_t i = 1; i <= MAX_RECEIVERS; i++) {
        assert_int_equal(counts[i], i <= n && (!unknown || i % 3 == 1));
    }
}

/* Everyone is reached once, and whoever takes unknown addresses by those, and
 * no node is there that is of no use. */
static void
assert_floods_once(size_t n_ports, size_t n_peers, bool ipv6)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    objects_add_overlay(1, n_ports, n_peers, true, ipv6, &flows);
    index_nodes(&flows);
    n_visited = 0;
    flood(&flows, false);
    assert_reached(ports, n_ports, false);
    assert_reached(peers, n_peers, false);
    assert_int_equal(n_pauses, n_peers > PIPELINE_FLOOD_WHOLE ? 15 : 0);
    assert_true(n_whole <= PIPELINE_FLOOD_WHOLE);
    if (n_ports || n_peers) {
        flood(&flows, true);
        assert_reached(ports, n_ports, true);
        assert_reached(peers, n_peers, true);
    }
    assert_int_equal(n_visited, hmap_count(&nodes));
    hmap_destroy(&nodes);
    oflow_list_clear(&flows);
}

static void
few_are_flooded_once(void **state OVS_UNUSED)
{
    for (size_t n = 0; n <= 80; n++) {
        assert_floods_once(n, 0, false);
        assert_floods_once(0, n, false);
        assert_floods_once(n, 80 - n, true);
    }
}

static void
many_are_flooded_once(void **state OVS_UNUSED)
{
    static const size_t sizes[] = { 255, 512, 513, 1000, 4097, 5000 };

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        assert_floods_once(sizes[i], sizes[i], false);
        assert_floods_once(1, sizes[i], true);
    }
}

/* Open vSwitch follows a frame to depth 64, through 4,096 resubmits. */
static void
depth_is_bounded(void **state OVS_UNUSED)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    objects_add_overlay(1, 1000, 5000, false, false, &flows);
    index_nodes(&flows);
    flood(&flows, false);
    assert_in_range(depth, 2, 5);
    assert_true(n_resubmits < 4096);
    hmap_destroy(&nodes);
    oflow_list_clear(&flows);
}

/* The order in which the receivers came is nothing. */

static void
shuffle(void *array, size_t n, size_t size)
{
    char tmp[64];

    for (size_t i = n; i > 1; i--) {
        char *a = (char *) array + (i - 1) * size;
        char *b = (char *) array + random_range(i) * size;

        memcpy(tmp, a, size);
        memcpy(a, b, size);
        memcpy(b, tmp, size);
    }
}

static char *
shuffled_text(struct pipeline_member *members,
              struct pipeline_remote *remotes, size_t n)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    const struct pipeline_network facts = {
        .members = members,
        .n_members = n,
        .wire = OFPP_NONE,
        .tunnel = OBJECTS_TUNNEL,
        .remotes = remotes,
        .n_remotes = n,
    };
    char *text;

    shuffle(members, n, sizeof *members);
    shuffle(remotes, n, sizeof *remotes);
    pipeline_network_flows(&facts, &flows);
    text = unit_flows_text(&flows);
    oflow_list_clear(&flows);
    return text;
}

static void
order_is_nothing(void **state OVS_UNUSED)
{
    static const size_t sizes[] = { 5, 16, 17, 300 };

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        size_t n = sizes[i];
        struct pipeline_member *members = xcalloc(n, sizeof *members);
        struct pipeline_remote *remotes = xcalloc(n, sizeof *remotes);
        char *first;

        objects_make_members(members, n, true);
        objects_make_remotes(remotes, n, true, false);
        first = shuffled_text(members, remotes, n);
        for (int j = 0; j < 10; j++) {
            char *text = shuffled_text(members, remotes, n);

            assert_string_equal(text, first);
            free(text);
        }
        free(first);
        free(members);
        free(remotes);
    }
}

/* What one more costs, and one less. */

/* The number of flows that change when a network of 'from' ports, or other
 * hypervisors if 'remote', gets 'to' of them. */
static size_t
count_changes(size_t from, size_t to, bool remote)
{
    const struct uuid uuid = unit_uuid(UNIT_NETWORK, 1);
    const size_t sizes[] = { from, to };
    struct flow_table ft;
    struct flow_owner owner;
    size_t n = 0;

    flow_table_init(&ft);
    flow_owner_init(&owner, &uuid);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

        objects_add_overlay(1, remote ? 1 : sizes[i], remote ? sizes[i] : 1,
                            false, false, &flows);
        flow_table_stage(&ft, &owner, &flows);
        flow_table_clear_changes(&ft);
        flow_table_commit(&ft);
        n = ft.n_changes;
    }
    flow_table_remove(&ft, &owner);
    flow_table_clear_changes(&ft);
    flow_table_destroy(&ft);
    return n;
}

/* One leaf; or a leaf that becomes a node, with at most as many children as
 * there are digits. */
#define MAX_CHANGES (1 + 16)

/* Fails unless each step from 'from' to 'to' receivers, and back, costs that
 * little, and next to nothing on the whole. */
static void
assert_steps_are_cheap(size_t from, size_t to, bool remote)
{
    size_t sum = 0;

    for (size_t n = from; n < to; n++) {
        size_t more = count_changes(n, n + 1, remote);
        size_t less = count_changes(n + 1, n, remote);

        assert_in_range(more, 1, MAX_CHANGES);
        assert_int_equal(less, more);
        sum += more;
    }
    assert_in_range(sum, to - from, 3 * (to - from));
}

static void
one_more_is_cheap(void **state OVS_UNUSED)
{
    for (int remote = 0; remote <= 1; remote++) {
        assert_steps_are_cheap(0, 300, remote);
        assert_steps_are_cheap(1000, 1030, remote);
        assert_steps_are_cheap(4970, 5000, remote);
    }
}

/* Sizes. */

/* The largest message that one of 'flows' takes, in a bundle. */
static size_t
largest_message(const struct ovs_list *flows)
{
    const struct oflow *flow;
    size_t largest = 0;

    LIST_FOR_EACH (flow, node, flows) {
        struct ofpbuf *msg = oflow_encode_add(flow);
        struct ofputil_bundle_add_msg add = { .msg = msg->data };
        struct ofpbuf *wrapped = ofputil_encode_bundle_add(OFLOW_VERSION,
                                                           &add);

        assert_int_equal(ntohs(add.msg->length), msg->size);
        largest = MAX(largest, wrapped->size);
        ofpbuf_delete(wrapped);
        ofpbuf_delete(msg);
    }
    return largest;
}

#define SHORT 2048

static void
five_thousand_of_each(void **state OVS_UNUSED)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    objects_add_overlay(1, 5000, 5000, true, true, &flows);
    assert_true(largest_message(&flows) <= SHORT);
    oflow_list_clear(&flows);
}

/* A client may choose its UUIDs, and count in whichever part of them. */
static void
five_thousand_counted_uuids(void **state OVS_UNUSED)
{
    struct pipeline_member *members = xcalloc(5000, sizeof *members);
    const struct pipeline_network facts = {
        .members = members,
        .n_members = 5000,
        .wire = OFPP_NONE,
        .tunnel = OFPP_NONE,
    };
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    for (int part = 0; part < 4; part++) {
        for (int shift = 0; shift <= 16; shift += 8) {
            objects_make_members(members, 5000, true);
            for (int i = 0; i < 5000; i++) {
                members[i].port = UUID_ZERO;
                members[i].port.parts[part] = i << shift;
            }
            pipeline_network_flows(&facts, &flows);
            assert_true(largest_message(&flows) <= SHORT);
            oflow_list_clear(&flows);
        }
    }
    free(members);
}

/* So may who gives hypervisors their addresses. */
static void
five_thousand_counted_peers(void **state OVS_UNUSED)
{
    struct pipeline_remote *remotes = xcalloc(5000, sizeof *remotes);
    const struct pipeline_network facts = {
        .wire = OFPP_NONE,
        .tunnel = OBJECTS_TUNNEL,
        .remotes = remotes,
        .n_remotes = 5000,
    };
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    for (int byte = 15; byte > 0; byte--) {
        for (int i = 0; i < 5000; i++) {
            remotes[i].peer = in6addr_loopback;
            remotes[i].peer.s6_addr[byte] = i;
            remotes[i].peer.s6_addr[byte - 1] = i >> 8;
        }
        pipeline_network_flows(&facts, &flows);
        assert_true(largest_message(&flows) <= SHORT);
        oflow_list_clear(&flows);
    }
    free(remotes);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_are_flooded_once),
        cmocka_unit_test(many_are_flooded_once),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(order_is_nothing),
        cmocka_unit_test(one_more_is_cheap),
        cmocka_unit_test(five_thousand_of_each),
        cmocka_unit_test(five_thousand_counted_uuids),
        cmocka_unit_test(five_thousand_counted_peers),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
