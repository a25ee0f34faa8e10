/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The flow table: what is staged and committed comes out as the fewest
 * changes. */

#include <config.h>

#include "unit.h"

#include "ovs-agent/flow-table.h"
#include "ovs-agent/oflow.h"

static struct flow_table ft;
static struct flow_owner a, b;

static int
setup(void **state OVS_UNUSED)
{
    struct uuid uuid_a = unit_uuid(UNIT_PORT, 1);
    struct uuid uuid_b = unit_uuid(UNIT_PORT, 2);

    flow_table_init(&ft);
    flow_owner_init(&a, &uuid_a);
    flow_owner_init(&b, &uuid_b);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    flow_table_remove(&ft, &a);
    flow_table_remove(&ft, &b);
    flow_table_destroy(&ft);
    return 0;
}

/* Stages the flows in the lines of 'text'. */
static void
stage(struct flow_owner *owner, const char *text)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    char *copy = xstrdup(text);
    char *save = NULL;

    for (char *line = strtok_r(copy, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        struct oflow *flow = unit_flow(line);

        ovs_list_push_back(&flows, &flow->node);
    }
    free(copy);
    flow_table_stage(&ft, owner, &flows);
    assert_true(ovs_list_is_empty(&flows));
}

/* Fails unless the changes since the last time are those of 'expected'. */
#define ASSERT_CHANGED(EXPECTED)                                \
    do {                                                        \
        assert_int_equal(ovs_list_size(&ft.changes), ft.n_changes); \
        assert_changes(&ft.changes, EXPECTED);                  \
        flow_table_clear_changes(&ft);                          \
        assert_int_equal(ft.n_changes, 0);                      \
    } while (0)

/* Stages, commits and compares. */
#define ASSERT_COMMITS(OWNER, TEXT, EXPECTED)   \
    do {                                        \
        stage(OWNER, TEXT);                     \
        flow_table_commit(&ft);                 \
        ASSERT_CHANGED(EXPECTED);               \
    } while (0)

#define F1 "cookie=0x1,table=1,priority=1,in_port=1 actions="
#define F2 "cookie=0x1,table=1,priority=1,in_port=2 actions="
#define F3 "cookie=0x1,table=1,priority=1,in_port=3 actions="
/* F1 of another cookie. */
#define G1 "cookie=0x2,table=1,priority=1,in_port=1 actions="
#define G2 "cookie=0x2,table=1,priority=1,in_port=2 actions="

static void
nothing_staged(void **state OVS_UNUSED)
{
    flow_table_commit(&ft);
    ASSERT_CHANGED("");
}

static void
add(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n"F2"output:1\n",
                   "add 1 "F1"output:1\n"
                   "add 1 "F2"output:1\n");
    assert_int_equal(hmap_count(&ft.flows), 2);
}

static void
staged_is_not_in_force(void **state OVS_UNUSED)
{
    stage(&a, F1"output:1\n");
    ASSERT_CHANGED("");
    assert_int_equal(hmap_count(&ft.flows), 0);
}

static void
same_again(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n"F2"drop\n",
                   "add 1 "F1"output:1\n"
                   "add closing 1 "F2"drop\n");
    ASSERT_COMMITS(&a, F2"drop\n"F1"output:1\n", "");
}

static void
staged_twice(void **state OVS_UNUSED)
{
    stage(&a, F1"output:1\n");
    ASSERT_COMMITS(&a, F2"output:1\n", "add 1 "F2"output:1\n");
}

static void
change_actions(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    ASSERT_COMMITS(&a, F1"output:2\n", "add closing 1 "F1"output:2\n");
}

static void
change_cookie(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    ASSERT_COMMITS(&a, G1"output:1\n", "add closing 1 "G1"output:1\n");
}

/* What was dropped before and is let through now stops nothing. */
static void
opening(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"drop\n", "add closing 1 "F1"drop\n");
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
}

static void
closing(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    ASSERT_COMMITS(&a, F1"drop\n", "add closing 1 "F1"drop\n");
}

static void
delete(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n"F2"drop\n",
                   "add 1 "F1"output:1\n"
                   "add closing 1 "F2"drop\n");
    ASSERT_COMMITS(&a, "",
                   "delete 1 "F2"drop\n"
                   "delete closing 1 "F1"output:1\n");
    assert_int_equal(hmap_count(&ft.flows), 0);
}

static void
only_what_differs(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n"F2"output:1\n",
                   "add 1 "F1"output:1\n"
                   "add 1 "F2"output:1\n");
    ASSERT_COMMITS(&a, F2"output:1\n"F3"output:1\n",
                   "add 1 "F3"output:1\n"
                   "delete closing 1 "F1"output:1\n");
}

/* An iface-id changed in place: one flow_mod, never a moment without. */

static void
key_moves(struct flow_owner *first, const char *first_text,
          struct flow_owner *second, const char *second_text)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    stage(first, first_text);
    stage(second, second_text);
    flow_table_commit(&ft);
    ASSERT_CHANGED("add closing 2 "G1"output:1\n");
    assert_false(a.conflict);
    assert_false(b.conflict);
}

static void
key_moves_giver_first(void **state OVS_UNUSED)
{
    key_moves(&a, "", &b, G1"output:1\n");
}

static void
key_moves_taker_first(void **state OVS_UNUSED)
{
    key_moves(&b, G1"output:1\n", &a, "");
}

static void
keys_are_exchanged(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    ASSERT_COMMITS(&b, G2"output:2\n", "add 2 "G2"output:2\n");
    stage(&a, F2"output:1\n");
    stage(&b, G1"output:2\n");
    flow_table_commit(&ft);
    ASSERT_CHANGED("add closing 1 "F2"output:1\n"
                   "add closing 2 "G1"output:2\n");
}

/* The very same flow for another owner: nothing for the switch, but it is the
 * other's from then on. */
static void
flow_moves(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    stage(&a, "");
    stage(&b, F1"output:1\n");
    flow_table_commit(&ft);
    ASSERT_CHANGED("");
    ASSERT_COMMITS(&b, "", "delete closing 2 "F1"output:1\n");
}

/* Two owners want one key. */

static void
conflict(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    ASSERT_COMMITS(&b, G1"output:2\n"G2"output:2\n",
                   "add 2 "G2"output:2\n");
    assert_false(a.conflict);
    assert_true(b.conflict);
}

static void
conflict_in_one_commit(void **state OVS_UNUSED)
{
    stage(&a, F1"output:1\n");
    stage(&b, G1"output:2\n");
    flow_table_commit(&ft);
    ASSERT_CHANGED("add 1 "F1"output:1\n");
    assert_false(a.conflict);
    assert_true(b.conflict);
}

static void
conflict_ends(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    ASSERT_COMMITS(&b, G1"output:2\n", "");
    ASSERT_COMMITS(&b, G2"output:2\n", "add 2 "G2"output:2\n");
    assert_false(b.conflict);
}

/* The loser's loss does the winner no harm, whatever the loser does. */
static void
loser_leaves(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    ASSERT_COMMITS(&b, G1"output:2\n", "");
    ASSERT_COMMITS(&b, "", "");
    assert_int_equal(hmap_count(&ft.flows), 1);
}

/* One that yields loses the key to one that does not, whoever came first, and
 * has it again when that one goes. */
static void
conflict_with_one_that_yields(void **state OVS_UNUSED)
{
    b.yields = true;
    ASSERT_COMMITS(&b, G1"output:2\n"G2"output:2\n",
                   "add 2 "G1"output:2\n"
                   "add 2 "G2"output:2\n");
    ft.released = false;
    ASSERT_COMMITS(&a, F1"output:1\n", "add closing 1 "F1"output:1\n");
    assert_false(a.conflict);
    assert_true(b.conflict);
    assert_true(ft.released);
    assert_int_equal(hmap_count(&ft.flows), 2);
    ft.released = false;
    ASSERT_COMMITS(&b, G1"output:2\n"G2"output:2\n", "");
    assert_true(b.conflict);
    assert_false(ft.released);
    stage(&a, "");
    stage(&b, G1"output:2\n"G2"output:2\n");
    flow_table_commit(&ft);
    ASSERT_CHANGED("add closing 2 "G1"output:2\n");
    assert_false(b.conflict);
}

/* In one commit, the one that yields being installed first. */
static void
conflict_with_one_that_yields_at_once(void **state OVS_UNUSED)
{
    b.yields = true;
    stage(&b, G1"output:2\n");
    stage(&a, F1"output:1\n");
    flow_table_commit(&ft);
    assert_false(a.conflict);
    assert_true(b.conflict);
    assert_int_equal(hmap_count(&ft.flows), 1);
    assert_int_equal(CONTAINER_OF(ovs_list_back(&ft.changes),
                                  struct flow_change, node)->flow->cookie, 1);
    flow_table_clear_changes(&ft);
}

/* Those in conflict are listed for as long, and it is said when there is
 * something for them. */
static void
conflicts_are_listed(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    ASSERT_COMMITS(&b, G1"output:2\n", "");
    assert_int_equal(ovs_list_size(&ft.conflicts), 1);
    assert_false(ft.released);
    ASSERT_COMMITS(&a, F1"output:3\n", "add closing 1 "F1"output:3\n");
    assert_false(ft.released);
    ASSERT_COMMITS(&a, "", "delete closing 1 "F1"output:3\n");
    assert_true(ft.released);
    assert_int_equal(ovs_list_size(&ft.conflicts), 1);
    ASSERT_COMMITS(&b, G1"output:2\n", "add 2 "G1"output:2\n");
    assert_true(ovs_list_is_empty(&ft.conflicts));
}

static void
loser_is_removed(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    ASSERT_COMMITS(&b, G1"output:2\n", "");
    flow_table_remove(&ft, &b);
    assert_true(ovs_list_is_empty(&ft.conflicts));
    ASSERT_CHANGED("");
}

/* Removing an owner. */

static void
remove_at_once(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    flow_table_remove(&ft, &a);
    ASSERT_CHANGED("delete closing 1 "F1"output:1\n");
}

static void
remove_while_staged(void **state OVS_UNUSED)
{
    ASSERT_COMMITS(&a, F1"output:1\n", "add 1 "F1"output:1\n");
    stage(&a, F2"output:1\n");
    stage(&b, F3"output:1\n");
    flow_table_remove(&ft, &a);
    ASSERT_CHANGED("delete closing 1 "F1"output:1\n");
    flow_table_commit(&ft);
    ASSERT_CHANGED("add 2 "F3"output:1\n");
}

static void
remove_nothing(void **state OVS_UNUSED)
{
    flow_table_remove(&ft, &a);
    flow_table_remove(&ft, &a);
    ASSERT_CHANGED("");
}

/* Does 'a', which has F1 and F2, want exactly the flows of 'text'? */
static bool
wants(const char *text)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    bool answer;

    stage(&b, text);
    ovs_list_push_back_all(&flows, &b.staged);
    answer = flow_owner_wants(&a, &flows);
    oflow_list_clear(&flows);
    return answer;
}

static void
owner_wants(void **state OVS_UNUSED)
{
    assert_true(wants(""));
    ASSERT_COMMITS(&a, F1"output:1\n"F2"output:1\n",
                   "add 1 "F1"output:1\n"
                   "add 1 "F2"output:1\n");
    assert_true(wants(F1"output:1\n"F2"output:1\n"));
    assert_true(wants(F2"output:1\n"F1"output:1\n"));
    assert_false(wants(""));
    assert_false(wants(F1"output:1\n"));
    assert_false(wants(F1"output:1\n"F3"output:1\n"));
    assert_false(wants(F1"output:1\n"F2"output:1\n"F3"output:1\n"));
    assert_false(wants(F1"output:1\n"F2"output:2\n"));
    assert_false(wants(G1"output:1\n"F2"output:1\n"));
    assert_false(wants(F1"output:1\n"F1"output:1\n"));
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_staged),
        TEST(add),
        TEST(staged_is_not_in_force),
        TEST(same_again),
        TEST(staged_twice),
        TEST(change_actions),
        TEST(change_cookie),
        TEST(opening),
        TEST(closing),
        TEST(delete),
        TEST(only_what_differs),
        TEST(key_moves_giver_first),
        TEST(key_moves_taker_first),
        TEST(keys_are_exchanged),
        TEST(flow_moves),
        TEST(conflict),
        TEST(conflict_in_one_commit),
        TEST(conflict_ends),
        TEST(conflict_with_one_that_yields),
        TEST(conflict_with_one_that_yields_at_once),
        TEST(loser_leaves),
        TEST(conflicts_are_listed),
        TEST(loser_is_removed),
        TEST(remove_at_once),
        TEST(remove_while_staged),
        TEST(remove_nothing),
        TEST(owner_wants),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
