/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Where packets can go, by whatever flows the pipeline makes, and whose they
 * are: each law is tried on every kind of object. */

#include <config.h>

#include "unit.h"

#include "byte-order.h"
#include "flow.h"
#include "objects.h"
#include "openvswitch/ofp-actions.h"
#include "ovs-agent/oflow.h"

/* Whose it is, a flow's cookie says, and that of what it learns. */

static void
obey_cookie(struct ovs_list *flows, uint64_t cookie)
{
    const struct oflow *flow;
    const struct ofpact *a;

    LIST_FOR_EACH (flow, node, flows) {
        assert_true(flow->cookie == cookie);
        OFPACT_FOR_EACH (a, flow->ofpacts, flow->ofpacts_len) {
            if (a->type == OFPACT_LEARN) {
                assert_true(ntohll(ofpact_get_LEARN(a)->cookie) == cookie);
            }
        }
    }
    oflow_list_clear(flows);
}

static void
cookie_names_owner(void **state OVS_UNUSED)
{
    objects_each(obey_cookie);
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

/* Learned flows load registers: what they come to is up to EGRESS. */
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
 * but that a flood is a tree in one table, and two floods share it.  (That
 * trees end is in test-pipeline-floods.c.) */
static void
assert_forward(uint8_t from, uint8_t to)
{
    bool in_tree = (from == to
                    && (to == PIPELINE_FLOOD || to == PIPELINE_REMOTE));

    assert_true(to > from || in_tree
                || (from == PIPELINE_UNKNOWN && to == PIPELINE_FLOOD));
    assert_true(is_owned(to) || to == PIPELINE_LEARNED);
}

/* Frames leave in EGRESS; by a tunnel, to everybody, in REMOTE; and answers go
 * back where the question came from. */
static void
assert_output(uint8_t table, ofp_port_t port)
{
    if (port == OFPP_IN_PORT) {
        assert_true(table == PIPELINE_ANSWER || table == PIPELINE_ND);
    } else if (port == OBJECTS_TUNNEL) {
        assert_true(table == PIPELINE_EGRESS || table == PIPELINE_REMOTE);
    } else {
        assert_int_equal(table, PIPELINE_EGRESS);
    }
}

static void
assert_action(const struct oflow *flow, const struct ofpact *a)
{
    switch (a->type) {
    case OFPACT_SET_FIELD:
    case OFPACT_STRIP_VLAN:
    case OFPACT_PUSH_VLAN:
        break;
    case OFPACT_REG_MOVE:
        assert_true(flow->table == PIPELINE_ANSWER
                    || flow->table == PIPELINE_ND);
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
        assert_output(flow->table, ofpact_get_OUTPUT(a)->port);
        break;
    default:
        fail_msg("unexpected action %s", ofpact_name(a->type));
    }
}

static void
obey_ways(struct ovs_list *flows, uint64_t cookie OVS_UNUSED)
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
only_known_ways(void **state OVS_UNUSED)
{
    objects_each(obey_ways);
}

/* In REMOTE, the drop of what came by a tunnel stands above everything. */
static void
obey_split_horizon(struct ovs_list *flows, uint64_t cookie)
{
    const struct oflow *flow;

    LIST_FOR_EACH (flow, node, flows) {
        if (flow->table == PIPELINE_REMOTE) {
            bool drop = cookie == PIPELINE_BASE_COOKIE;

            assert_int_equal(flow->priority, drop ? 300 : 100);
            assert_int_equal(!flow->ofpacts_len, drop);
        }
    }
    oflow_list_clear(flows);
}

static void
split_horizon(void **state OVS_UNUSED)
{
    objects_each(obey_split_horizon);
}

static void
learned_is_not_owned(void **state OVS_UNUSED)
{
    assert_false(is_owned(PIPELINE_LEARNED));
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cookie_names_owner),
        cmocka_unit_test(only_known_ways),
        cmocka_unit_test(split_horizon),
        cmocka_unit_test(learned_is_not_owned),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
