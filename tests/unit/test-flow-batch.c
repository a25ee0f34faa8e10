/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Changes as messages: what goes to the switch, and whose each message is. */

#include <config.h>

#include "unit.h"

#include "flow.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-agent/flow-batch.h"
#include "ovs-agent/flow-table.h"
#include "ovs-agent/oflow.h"
#include "uuid.h"

static struct ovs_list changes;
static struct ovs_list msgs;
static struct flow_batch *batch;

static int
setup(void **state OVS_UNUSED)
{
    ovs_list_init(&changes);
    ovs_list_init(&msgs);
    return 0;
}

static void
forget_batch(void)
{
    ofpbuf_list_delete(&msgs);
    ovs_list_init(&msgs);
    flow_batch_destroy(batch);
    batch = NULL;
}

static int
teardown(void **state OVS_UNUSED)
{
    struct flow_change *change;

    LIST_FOR_EACH_POP (change, node, &changes) {
        flow_change_destroy(change);
    }
    forget_batch();
    return 0;
}

/* Adds or deletes a flow of in_port=N, of the Nth port. */
static void
change(unsigned int n, bool add, const char *actions)
{
    char *text = xasprintf("table=1,in_port=%u,actions=%s", n, actions);
    struct oflow *flow = unit_flow(text);
    struct uuid owner = unit_uuid(UNIT_PORT, n);
    struct flow_change *c = flow_change_create(add, flow, add ? NULL : flow,
                                               &owner);

    ovs_list_push_back(&changes, &c->node);
    oflow_destroy(flow);
    free(text);
}

/* Takes the next message, which must be of 'type', finished as it is when it
 * is sent.  The next call frees it. */
static const struct ofp_header *
next_msg(enum ofptype type)
{
    static struct ofpbuf *taken;
    enum ofptype actual;

    ofpbuf_delete(taken);
    taken = NULL;
    assert_false(ovs_list_is_empty(&msgs));
    taken = ofpbuf_from_list(ovs_list_pop_front(&msgs));
    ofpmsg_update_length(taken);
    assert_int_equal(ofptype_decode(&actual, taken->data), 0);
    assert_int_equal(actual, type);
    return taken->data;
}

static void
assert_barrier_ends(void)
{
    const struct ofp_header *oh = next_msg(OFPTYPE_BARRIER_REQUEST);

    assert_true(oh->xid == batch->barrier_xid);
    assert_true(ovs_list_is_empty(&msgs));
}

/* That 'oh' is about the 'n'th port's flow, and known to be. */
static void
assert_flow_mod(const struct ofp_header *oh, unsigned int n, int command)
{
    const struct uuid *owner = flow_batch_owner(batch, oh->xid);
    struct uuid expected = unit_uuid(UNIT_PORT, n);
    struct ofputil_flow_mod fm;
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 64);
    assert_int_equal(ofputil_decode_flow_mod(&fm, oh, OFLOW_PROTOCOL, NULL,
                                             NULL, &ofpacts, OFPP_MAX,
                                             UINT8_MAX), 0);
    assert_int_equal(fm.command, command);
    assert_int_equal(MINIFLOW_GET_U32(fm.match.flow, in_port.ofp_port), n);
    assert_non_null(owner);
    assert_true(uuid_equals(owner, &expected));
    assert_false(flow_batch_is_control(batch, oh->xid));
    minimatch_destroy(&fm.match);
    ofpbuf_uninit(&ofpacts);
}

/* The bundle's open or commit; returns its ID. */
static uint32_t
assert_control(uint16_t type)
{
    const struct ofp_header *oh = next_msg(OFPTYPE_BUNDLE_CONTROL);
    struct ofputil_bundle_ctrl_msg ctrl;

    assert_int_equal(ofputil_decode_bundle_ctrl(oh, &ctrl), 0);
    assert_int_equal(ctrl.type, type);
    assert_int_equal(ctrl.flags, OFPBF_ATOMIC | OFPBF_ORDERED);
    assert_true(flow_batch_is_control(batch, oh->xid));
    assert_null(flow_batch_owner(batch, oh->xid));
    return ctrl.bundle_id;
}

static void
assert_bundled(uint32_t bundle_id, unsigned int n, int command)
{
    const struct ofp_header *oh = next_msg(OFPTYPE_BUNDLE_ADD_MESSAGE);
    struct ofputil_bundle_add_msg add;
    enum ofptype type;

    assert_int_equal(ofputil_decode_bundle_add(oh, &add, &type), 0);
    assert_int_equal(type, OFPTYPE_FLOW_MOD);
    assert_int_equal(add.bundle_id, bundle_id);
    assert_int_equal(add.flags, OFPBF_ATOMIC | OFPBF_ORDERED);
    assert_true(add.msg->xid == oh->xid);
    assert_flow_mod(add.msg, n, command);
}

/* Tests. */

static void
no_change(void **state OVS_UNUSED)
{
    batch = flow_batch_create(1, &changes, &msgs);
    assert_false(batch->closing);
    assert_barrier_ends();
}

static void
one_change(void **state OVS_UNUSED)
{
    change(7, true, "output:1");
    batch = flow_batch_create(5, &changes, &msgs);
    assert_int_equal(batch->seq, 5);
    assert_flow_mod(next_msg(OFPTYPE_FLOW_MOD), 7, OFPFC_ADD);
    assert_barrier_ends();
}

static void
one_deletion(void **state OVS_UNUSED)
{
    change(7, false, "output:1");
    batch = flow_batch_create(5, &changes, &msgs);
    assert_flow_mod(next_msg(OFPTYPE_FLOW_MOD), 7, OFPFC_DELETE_STRICT);
    assert_barrier_ends();
}

static void
several_changes(void **state OVS_UNUSED)
{
    uint32_t id;

    change(1, false, "output:1");
    change(2, true, "output:1");
    change(3, true, "drop");
    batch = flow_batch_create(5, &changes, &msgs);
    id = assert_control(OFPBCT_OPEN_REQUEST);
    assert_bundled(id, 1, OFPFC_DELETE_STRICT);
    assert_bundled(id, 2, OFPFC_ADD);
    assert_bundled(id, 3, OFPFC_ADD);
    assert_int_equal(assert_control(OFPBCT_COMMIT_REQUEST), id);
    assert_barrier_ends();
}

static void
changes_stay_the_callers(void **state OVS_UNUSED)
{
    change(1, true, "output:1");
    change(2, true, "output:1");
    batch = flow_batch_create(5, &changes, &msgs);
    assert_int_equal(ovs_list_size(&changes), 2);
}

/* Two bundles may be on their way at once. */
static void
bundles_are_told_apart(void **state OVS_UNUSED)
{
    uint32_t id;

    change(1, true, "output:1");
    change(2, true, "output:1");
    batch = flow_batch_create(1, &changes, &msgs);
    id = assert_control(OFPBCT_OPEN_REQUEST);
    forget_batch();
    batch = flow_batch_create(2, &changes, &msgs);
    assert_int_not_equal(assert_control(OFPBCT_OPEN_REQUEST), id);
}

static bool
is_closing(void)
{
    bool closing;

    batch = flow_batch_create(1, &changes, &msgs);
    closing = batch->closing;
    forget_batch();
    return closing;
}

static void
closing_if_one_is(void **state OVS_UNUSED)
{
    change(1, true, "output:1");
    change(2, false, "drop");
    assert_false(is_closing());
    change(3, true, "drop");
    assert_true(is_closing());
    change(4, true, "output:1");
    assert_true(is_closing());
}

/* An error may be about something else altogether. */
static void
foreign_xid(void **state OVS_UNUSED)
{
    change(1, true, "output:1");
    batch = flow_batch_create(1, &changes, &msgs);
    assert_null(flow_batch_owner(batch, htonl(0)));
    assert_null(flow_batch_owner(batch, batch->barrier_xid));
    assert_false(flow_batch_is_control(batch, htonl(0)));
    assert_false(flow_batch_is_control(batch, batch->barrier_xid));
}

static void
thousand_changes(void **state OVS_UNUSED)
{
    uint32_t id;

    for (unsigned int i = 1; i <= 1000; i++) {
        change(i, true, "output:1");
    }
    batch = flow_batch_create(1, &changes, &msgs);
    assert_int_equal(ovs_list_size(&msgs), 1003);
    id = assert_control(OFPBCT_OPEN_REQUEST);
    for (unsigned int i = 1; i <= 1000; i++) {
        assert_bundled(id, i, OFPFC_ADD);
    }
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(no_change),
        TEST(one_change),
        TEST(one_deletion),
        TEST(several_changes),
        TEST(changes_stay_the_callers),
        TEST(bundles_are_told_apart),
        TEST(closing_if_one_is),
        TEST(foreign_xid),
        TEST(thousand_changes),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
