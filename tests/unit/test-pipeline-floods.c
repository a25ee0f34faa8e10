/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Floods: everyone is reached once, and no flow_mod grows too long. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "flow.h"
#include "objects.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-agent/oflow.h"
#include "uuid.h"

#define WIRE OFP_PORT_C(9000)

/* How often 'flow' loads 'value' into register 'reg'. */
static int
n_loads(const struct oflow *flow, enum mf_field_id reg, uint32_t value)
{
    const struct ofpact *a;
    int n = 0;

    OFPACT_FOR_EACH (a, flow->ofpacts, flow->ofpacts_len) {
        if (a->type == OFPACT_SET_FIELD) {
            const struct ofpact_set_field *sf = ofpact_get_SET_FIELD(a);

            n += sf->field->id == reg && ntohl(sf->value->be32) == value;
        }
    }
    return n;
}

/* How often the flows of 'table' load 'value' into 'reg'. */
static int
n_table_loads(const struct ovs_list *flows, uint8_t table,
              enum mf_field_id reg, uint32_t value)
{
    const struct oflow *flow;
    int n = 0;

    LIST_FOR_EACH (flow, node, flows) {
        if (flow->table == table) {
            n += n_loads(flow, reg, value);
        }
    }
    return n;
}

/* The broadcast reaches every port once, what nobody knows every third, and
 * each bucket there is is used once. */
static void
forty_are_flooded_once(void **state OVS_UNUSED)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    const struct oflow *flow;

    objects_add_network(1, 40, true, WIRE, 300, &flows);
    for (int i = 0; i < 40; i++) {
        int n = n_table_loads(&flows, PIPELINE_FLOOD, MFF_REG5, i + 1);

        assert_int_equal(n, i % 3 == 0 ? 2 : 1);
    }
    LIST_FOR_EACH (flow, node, &flows) {
        if (flow->table == PIPELINE_FLOOD) {
            uint32_t bucket = MINIFLOW_GET_U32(flow->match.flow, regs[6]);

            assert_int_equal(n_table_loads(&flows,
                                           bucket < PIPELINE_FLOOD_BUCKETS
                                           ? PIPELINE_L2 : PIPELINE_UNKNOWN,
                                           MFF_REG6, bucket), 1);
        }
    }
    oflow_list_clear(&flows);
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

static void
five_thousand_ports(void **state OVS_UNUSED)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    objects_add_network(1, 5000, true, WIRE, 300, &flows);
    assert_true(largest_message(&flows) <= UINT16_MAX);
    assert_int_equal(n_table_loads(&flows, PIPELINE_FLOOD, MFF_REG5, 5000), 1);
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
            assert_true(largest_message(&flows) <= UINT16_MAX / 4);
            oflow_list_clear(&flows);
        }
    }
    free(members);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forty_are_flooded_once),
        cmocka_unit_test(five_thousand_ports),
        cmocka_unit_test(five_thousand_counted_uuids),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
