/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Names of states: the same for the same rows, whatever way they came and
 * whatever columns a newer schema adds; another for any other rows. */

#include <config.h>

#include "monitor-fixture.h"

#include <string.h>

#include "monitor/db.h"
#include "monitor/state.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "ovsdb/ovsdb.h"

/* The name of the state that an empty database is in after 'updates', each
 * a transaction, up to NULL. */
static struct uuid
state_of_schema(struct ovsdb_schema *schema, const char *const updates[])
{
    struct fixture f;
    struct uuid id;

    fixture_init(&f, schema, 0);
    for (size_t i = 0; updates[i]; i++) {
        fixture_commit(&f, updates[i]);
    }
    id = f.db->state_id;
    assert_false(uuid_is_zero(&id));
    fixture_destroy(&f);
    return id;
}

#define STATE(...) \
    state_of_schema(NULL, (const char *const []) { __VA_ARGS__, NULL })

static void
assert_same(struct uuid a, struct uuid b)
{
    assert_true(uuid_equals(&a, &b));
}

static void
assert_different(struct uuid a, struct uuid b)
{
    assert_false(uuid_equals(&a, &b));
}

#define BLUE "{'Network': {'" NET1 "': {'insert': {'name': 'blue'}}}}"
#define RED "{'Network': {'" NET2 "': {'insert': {'name': 'red'}}}}"
#define PORT "{'Port': {'" PORT1 "': {'insert': {'network':" \
             " ['uuid', '" NET1 "'], 'tags': ['set', ['x', 'y']]}}}}"

static void
order(void **state OVS_UNUSED)
{
    struct uuid id = STATE(BLUE, RED, PORT);

    assert_same(id, STATE(PORT, RED, BLUE));
    assert_same(id, STATE(RED, BLUE, PORT));
    /* In one transaction; and by way of other values. */
    assert_same(id, STATE(
        "{'Network': {'" NET2 "': {'insert': {'name': 'red'}},"
        " '" NET1 "': {'insert': {'name': 'blue'}}},"
        " 'Port': {'" PORT1 "': {'insert': {'network':"
        " ['uuid', '" NET1 "'], 'tags': ['set', ['y', 'x']]}}}}"));
    assert_same(id, STATE(
        "{'Network': {'" NET2 "': {'insert': {'name': 'blue', 'mtu': 3}},"
        " '" NET1 "': {'insert': {'name': 'red'}}}}", PORT,
        "{'Network': {'" NET2 "': {'modify': {'name': 'red', 'mtu': 0}},"
        " '" NET1 "': {'modify': {'name': 'blue'}}}}"));
    assert_different(id, STATE(BLUE, RED));
    assert_different(STATE(BLUE), STATE(RED));
}

static void
reverse(void **state OVS_UNUSED)
{
    static const char *const steps[] = {
        BLUE, PORT,
        "{'Network': {'" NET1 "': {'modify': {'name': 'red', 'mtu': 9,"
        "  'external_ids': ['map', [['a', 'b']]]}}}}",
        RED,
        "{'Network': {'" NET2 "': {'delete': null}}}",
        "{'Network': {'" NET1 "': {'modify': {'name': 'blue', 'mtu': 0,"
        "  'external_ids': ['map', [['a', 'b']]]}}}}",
        "{'Port': {'" PORT1 "': {'delete': null}}}",
        "{'Network': {'" NET1 "': {'delete': null}}}",
    };
    enum { N = ARRAY_SIZE(steps) };
    struct uuid names[N + 1];
    struct fixture f;

    fixture_init(&f, NULL, 0);
    names[0] = f.db->state_id;
    for (size_t i = 0; i < N; i++) {
        fixture_commit(&f, steps[i]);
        names[i + 1] = f.db->state_id;
        assert_different(names[i], names[i + 1]);
    }
    fixture_destroy(&f);
    assert_same(names[3], names[5]);
    assert_same(names[2], names[6]);
    assert_same(names[1], names[7]);
    assert_same(names[0], names[8]);
}

/* The schema with another column in table Network, and another table. */
static struct ovsdb_schema *
newer_schema(void)
{
    struct json *json = fixture_schema();
    struct shash *tables = json_object(shash_find_data(json_object(json),
                                                       "tables"));
    struct json *columns = shash_find_data(
        json_object(shash_find_data(tables, "Network")), "columns");
    struct ovsdb_schema *schema;

    json_object_put(columns, "a_newer_one",
                    fixture_json("{'type': {'key': 'string', 'min': 0,"
                                 " 'max': 1}}"));
    json_object_put(columns, "newer_integer",
                    fixture_json("{'type': 'integer'}"));
    shash_add(tables, "Newer",
              fixture_json("{'columns': {'name': {'type': 'string'}}}"));
    fixture_assert_ok(ovsdb_schema_from_json(json, &schema));
    json_destroy(json);
    return schema;
}

#define NEWER(...) \
    state_of_schema(newer_schema(), \
                    (const char *const []) { __VA_ARGS__, NULL })

static void
newer(void **state OVS_UNUSED)
{
    assert_same(STATE(BLUE, PORT), NEWER(BLUE, PORT));
    assert_same(STATE(BLUE, PORT),
                NEWER(PORT, "{'Network': {'" NET1 "': {'insert': {"
                      "'name': 'blue', 'newer_integer': 0,"
                      "'a_newer_one': ['set', []]}}}}"));
    assert_different(STATE(BLUE), NEWER("{'Network': {'" NET1 "': {'insert':"
                                        "{'name': 'blue',"
                                        " 'newer_integer': 1}}}}"));
    assert_different(STATE(BLUE), NEWER("{'Network': {'" NET1 "': {'insert':"
                                        "{'name': 'blue',"
                                        " 'a_newer_one': ''}}}}"));
    assert_different(STATE(BLUE), NEWER(BLUE, "{'Newer': {'" NET2 "':"
                                        "{'insert': {}}}}"));
}

#define NETWORK(ID, ROW) "{'Network': {'" ID "': {'insert': {" ROW "}}}}"

/* What would be alike if values were only put one after the other. */
static void
distinct(void **state OVS_UNUSED)
{
    static const char *const rows[] = {
        NETWORK(NET1, ""),
        NETWORK(NET2, ""),
        "{'Host': {'" NET1 "': {'insert': {}}}}",
        NETWORK(NET1, "'description': 'a', 'name': 'bc'"),
        NETWORK(NET1, "'description': 'ab', 'name': 'c'"),
        NETWORK(NET2, "'description': 'ab', 'name': 'c'"),
        NETWORK(NET1, "'description': 'abc'"),
        NETWORK(NET1, "'name': 'abc'"),
        NETWORK(NET1, "'description': 'aname', 'name': 'bc'"),
        NETWORK(NET1, "'name': 'x'"),
        NETWORK(NET1, "'project_id': 'x'"),
        NETWORK(NET1, "'name': '1'"),
        NETWORK(NET1, "'mtu': 1"),
        NETWORK(NET1, "'mtu': 256"),
        NETWORK(NET1, "'mtu': 49"),
        NETWORK(NET1, "'revision_number': 49"),
        NETWORK(NET1, "'revision_number': -49"),
        NETWORK(NET1, "'shared': true"),
        NETWORK(NET1, "'admin_state_up': true"),
        NETWORK(NET1, "'tags': 'x'"),
        NETWORK(NET1, "'tags': ''"),
        NETWORK(NET1, "'tags': ['set', ['', 'x']]"),
        NETWORK(NET1, "'tags': 'ab'"),
        NETWORK(NET1, "'tags': ['set', ['a', 'b']]"),
        NETWORK(NET1, "'tags': ['set', ['a', 'bc']]"),
        NETWORK(NET1, "'tags': ['set', ['ab', 'c']]"),
        NETWORK(NET1, "'tags': ['set', ['a', 'b', 'c']]"),
        NETWORK(NET1, "'external_ids': ['map', [['a', 'bc']]]"),
        NETWORK(NET1, "'external_ids': ['map', [['ab', 'c']]]"),
        NETWORK(NET1, "'external_ids': ['map', [['', 'abc']]]"),
        NETWORK(NET1, "'external_ids': ['map', [['abc', '']]]"),
        NETWORK(NET1, "'external_ids': ['map', [['a', 'b'], ['c', 'd']]]"),
        NETWORK(NET1, "'external_ids': ['map', [['a', 'd'], ['c', 'b']]]"),
        NETWORK(NET1, "'external_ids': ['map', [['a', 'c'], ['b', 'd']]]"),
        NETWORK(NET1, "'segment': ['uuid', '" NET1 "']"),
        NETWORK(NET1, "'segment': ['uuid', '" NET2 "']"),
        NETWORK(NET2, "'segment': ['uuid', '" NET1 "']"),
        "{'Port_Binding': {'" NET1 "': {'insert': {"
        "  'port': ['uuid', '" PORT1 "']}}}}",
        "{'Port_Binding': {'" NET1 "': {'insert': {"
        "  'network': ['uuid', '" PORT1 "']}}}}",
        /* Two rows, of which each has what the other might. */
        "{'Network': {'" NET1 "': {'insert': {'name': 'a'}},"
        " '" NET2 "': {'insert': {'name': 'b'}}}}",
        "{'Network': {'" NET1 "': {'insert': {'name': 'b'}},"
        " '" NET2 "': {'insert': {'name': 'a'}}}}",
    };
    struct uuid names[ARRAY_SIZE(rows)];

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        names[i] = STATE(rows[i]);
        for (size_t j = 0; j < i; j++) {
            if (uuid_equals(&names[i], &names[j])) {
                fail_msg("%s and %s have one name", rows[i], rows[j]);
            }
        }
    }
}

/* Rows that are there when the monitors come count like those that come. */
static void
present(void **state OVS_UNUSED)
{
    struct fixture f;
    struct mon_db *other;

    fixture_init(&f, NULL, 0);
    fixture_commit(&f, BLUE);
    fixture_commit(&f, PORT);
    other = mon_db_create(f.ovsdb, &f.index, true, 0);
    mon_db_commit(other);
    assert_same(f.db->state_id, other->state_id);
    mon_db_destroy(other);

    /* No names without states. */
    other = mon_db_create(f.ovsdb, &f.index, false, 0);
    mon_db_commit(other);
    assert_true(uuid_is_zero(&other->state_id));
    mon_db_destroy(other);
    fixture_destroy(&f);
}

/* Sums carry from one half to the other, and back; zero is no name. */
static void
numbers(void **state OVS_UNUSED)
{
    struct mon_state zero = MON_STATE_EMPTY, sum, old;
    const struct ovsdb_row *row;
    struct fixture f;
    struct uuid id;

    id = mon_state_id(&zero);
    assert_false(uuid_is_zero(&id));
    fixture_init(&f, NULL, 0);
    fixture_commit(&f, BLUE);
    row = fixture_row(&f, "Network", NET1);
    sum = MON_STATE_EMPTY;
    mon_state_add(&sum, row);
    assert_same(mon_state_id(&sum), f.db->state_id);
    for (uint64_t low = 0; low < 2; low++) {
        /* Of the two one carries, whatever the row's hash is. */
        struct mon_state start = { 5, low ? UINT64_MAX : 0 };
        struct mon_state now = start;

        mon_state_add(&now, row);
        assert_int_equal(now.low, start.low + sum.low);
        assert_int_equal(now.high, start.high + sum.high + low);
        mon_state_remove(&now, row);
        assert_memory_equal(&now, &start, sizeof now);
    }
    old = MON_STATE_EMPTY;
    mon_state_remove(&old, row);
    mon_state_add(&old, row);
    assert_memory_equal(&old, &zero, sizeof old);
    fixture_destroy(&f);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order),
        cmocka_unit_test(reverse),
        cmocka_unit_test(newer),
        cmocka_unit_test(distinct),
        cmocka_unit_test(present),
        cmocka_unit_test(numbers),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("monitor-state", tests, NULL, NULL);
}
