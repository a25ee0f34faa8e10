/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A flow by itself: its key, its effect, its messages. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "byte-order.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-agent/oflow.h"
#include "uuid.h"

static bool
same_key(const char *a_text, const char *b_text)
{
    struct oflow *a = unit_flow(a_text);
    struct oflow *b = unit_flow(b_text);
    bool same = oflow_same_key(a, b);

    oflow_destroy(a);
    oflow_destroy(b);
    return same;
}

static void
key(void **state OVS_UNUSED)
{
    assert_true(same_key("table=1,in_port=1,actions=drop",
                         "cookie=5,table=1,in_port=1,actions=output:3"));
    assert_false(same_key("table=1,in_port=1,actions=drop",
                          "table=2,in_port=1,actions=drop"));
    assert_false(same_key("table=1,priority=1,in_port=1,actions=drop",
                          "table=1,priority=2,in_port=1,actions=drop"));
    assert_false(same_key("table=1,in_port=1,actions=drop",
                          "table=1,in_port=2,actions=drop"));
    assert_false(same_key("table=1,reg0=1,actions=drop",
                          "table=1,reg0=1/1,actions=drop"));
}

/* Whether a flow of 'desired' is one that the switch has as 'installed'. */
static bool
is_installed(const char *desired_text, const char *installed_text)
{
    struct oflow *desired = unit_flow(desired_text);
    struct oflow *written = unit_flow(installed_text);
    struct oflow *installed = unit_flow_installed(written);
    bool same = oflow_same_as_installed(desired, installed);

    oflow_destroy(desired);
    oflow_destroy(written);
    oflow_destroy(installed);
    return same;
}

#define ONE "cookie=1,dl_vlan=300,actions="
#define TWO "cookie=2,dl_vlan=300,actions="
#define ACTIONS \
    "strip_vlan,set_field:0x5->reg6,resubmit(,28),set_field:0x7->reg5"

static void
installed_is_the_same(void **state OVS_UNUSED)
{
    assert_true(is_installed(ONE"drop", ONE"drop"));
    assert_true(is_installed(ONE ACTIONS, ONE ACTIONS));
    assert_true(is_installed(ONE"strip_vlan", ONE"pop_vlan"));
}

static void
installed_is_another(void **state OVS_UNUSED)
{
    assert_false(is_installed(ONE ACTIONS, TWO ACTIONS));
    assert_false(is_installed(ONE ACTIONS, ONE ACTIONS",output:1"));
    assert_false(is_installed(ONE ACTIONS, ONE"drop"));
    assert_false(is_installed(ONE"drop", ONE"output:1"));
    assert_false(is_installed(ONE"set_field:5->reg6", ONE"set_field:6->reg6"));
}

static void
effect(void **state OVS_UNUSED)
{
    struct oflow *a = unit_flow("cookie=1,actions=output:1");
    struct oflow *b = unit_flow("cookie=1,actions=output:1");
    struct oflow *c = unit_flow("cookie=1,actions=output:2");
    struct oflow *d = unit_flow("cookie=2,actions=output:1");

    assert_true(oflow_same_effect(a, b));
    assert_false(oflow_same_effect(a, c));
    assert_false(oflow_same_effect(a, d));
    oflow_destroy(a);
    oflow_destroy(b);
    oflow_destroy(c);
    oflow_destroy(d);
}

static void
clone(void **state OVS_UNUSED)
{
    struct oflow *a = unit_flow("table=3,in_port=2,dl_vlan=3,actions="ACTIONS);
    struct oflow *b = oflow_clone(a);
    char *text = unit_flow_text(a);
    char *copy;

    assert_true(oflow_same_key(a, b));
    assert_true(oflow_same_effect(a, b));
    oflow_destroy(a);
    copy = unit_flow_text(b);
    assert_string_equal(text, copy);
    free(text);
    free(copy);
    oflow_destroy(b);
    oflow_destroy(NULL);
}

/* "cookie=0x" and the first 16 digits of the UUID. */
static void
cookie(void **state OVS_UNUSED)
{
    struct uuid uuid;

    assert_true(uuid_from_string(&uuid,
                                 "0123abcd-4567-89ef-0000-000000000000"));
    assert_true(oflow_cookie(&uuid) == UINT64_C(0x0123abcd456789ef));
}

/* OpenFlow keeps the cookie of all ones for itself. */
static void
cookie_never_all_ones(void **state OVS_UNUSED)
{
    struct uuid uuid;

    memset(&uuid, 0xff, sizeof uuid);
    assert_true(oflow_cookie(&uuid) != UINT64_MAX);
}

static void
decode(struct ofpbuf *msg, struct ofputil_flow_mod *fm)
{
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 64);
    assert_int_equal(ofputil_decode_flow_mod(fm, msg->data, OFLOW_PROTOCOL,
                                             NULL, NULL, &ofpacts, OFPP_MAX,
                                             UINT8_MAX), 0);
    fm->ofpacts = NULL;
    ofpbuf_uninit(&ofpacts);
    ofpbuf_delete(msg);
}

/* What is installed anew counts from zero and stays. */
static void
add_message(void **state OVS_UNUSED)
{
    struct oflow *flow = unit_flow("cookie=7,table=3,priority=9,in_port=2,"
                                   "actions=output:1");
    struct ofputil_flow_mod fm;

    decode(oflow_encode_add(flow), &fm);
    assert_int_equal(fm.command, OFPFC_ADD);
    assert_int_equal(fm.table_id, 3);
    assert_int_equal(fm.priority, 9);
    assert_true(fm.new_cookie == htonll(7));
    assert_int_equal(fm.flags, OFPUTIL_FF_RESET_COUNTS);
    assert_int_equal(fm.idle_timeout, 0);
    assert_int_equal(fm.hard_timeout, 0);
    assert_true(minimatch_equal(&fm.match, &flow->match));
    minimatch_destroy(&fm.match);
    oflow_destroy(flow);
}

/* A deletion takes the flow of that key, whoever it belongs to, and no
 * other. */
static void
delete_message(void **state OVS_UNUSED)
{
    struct oflow *flow = unit_flow("cookie=7,table=3,priority=9,in_port=2,"
                                   "actions=output:1");
    struct ofputil_flow_mod fm;

    decode(oflow_encode_delete(flow), &fm);
    assert_int_equal(fm.command, OFPFC_DELETE_STRICT);
    assert_int_equal(fm.table_id, 3);
    assert_int_equal(fm.priority, 9);
    assert_true(fm.cookie_mask == 0);
    assert_int_equal(fm.out_port, OFPP_ANY);
    assert_true(minimatch_equal(&fm.match, &flow->match));
    minimatch_destroy(&fm.match);
    oflow_destroy(flow);
}

static void
lookup(void **state OVS_UNUSED)
{
    struct hmap flows = HMAP_INITIALIZER(&flows);
    struct oflow *a = unit_flow("table=1,in_port=1,actions=drop");
    struct oflow *b = unit_flow("table=1,in_port=2,actions=drop");
    struct oflow *key_of_a = unit_flow("table=1,in_port=1,actions=output:9");

    hmap_insert(&flows, &a->hmap_node, a->hash);
    assert_ptr_equal(oflow_lookup(&flows, key_of_a), a);
    assert_null(oflow_lookup(&flows, b));
    hmap_destroy(&flows);
    oflow_destroy(a);
    oflow_destroy(b);
    oflow_destroy(key_of_a);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key),
        cmocka_unit_test(installed_is_the_same),
        cmocka_unit_test(installed_is_another),
        cmocka_unit_test(effect),
        cmocka_unit_test(clone),
        cmocka_unit_test(cookie),
        cmocka_unit_test(cookie_never_all_ones),
        cmocka_unit_test(add_message),
        cmocka_unit_test(delete_message),
        cmocka_unit_test(lookup),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
