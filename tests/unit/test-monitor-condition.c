/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Conditions: what kind each is, which rows it matches, asked of
 * condition.c and of ovsdb-server's own code, and what is no condition. */

#include <config.h>

#include "monitor-fixture.h"

#include "monitor/condition.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "ovsdb/column.h"
#include "ovsdb/condition.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"

static struct fixture fixture;

#define ROWS                                                                \
    "{'Network': {"                                                         \
    "  '" NET1 "': {'insert': {'name': 'blue', 'mtu': 1500,"                \
    "    'tags': ['set', ['a', 'b']], 'admin_state_up': true,"              \
    "    'external_ids': ['map', [['k', 'v']]]}},"                          \
    "  '" NET2 "': {'insert': {'name': 'red', 'mtu': 1400,"                 \
    "    'tags': 'a',"                                                      \
    "    'segment': ['uuid', '" PORT1 "']}},"                               \
    "  '" NET3 "': {'insert': {}}}}"

static int
setup(void **state OVS_UNUSED)
{
    fixture_init(&fixture, NULL, 0);
    fixture_commit(&fixture, ROWS);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    fixture_destroy(&fixture);
    return 0;
}

static const struct ovsdb_table_schema *
schema(void)
{
    return fixture_table(&fixture, "Network")->schema;
}

static void
parse(struct mon_condition *condition, const char *text)
{
    struct json *json = text ? fixture_json(text) : NULL;

    fixture_assert_ok(mon_condition_from_json(condition, schema(), json));
    json_destroy(json);
}

/* Whether 'row' is in the condition of 'text' by ovsdb-server's code, which
 * has an empty list of clauses be true in monitors. */
static bool
server_matches(const char *text, const struct ovsdb_row *row)
{
    struct json *json = fixture_json(text);
    struct ovsdb_condition condition;
    bool match;

    fixture_assert_ok(ovsdb_condition_from_json(schema(), json, NULL,
                                                &condition));
    match = (ovsdb_condition_empty(&condition)
             || ovsdb_condition_match_any_clause(row->fields, &condition,
                                                 NULL));
    ovsdb_condition_destroy(&condition);
    json_destroy(json);
    return match;
}

/* The numbers of the networks that 'text' asks for, as text. */
static void
check(const char *text, enum mon_condition_kind kind, const char *expected)
{
    static const char *const ids[] = { NET1, NET2, NET3 };
    struct ds found = DS_EMPTY_INITIALIZER;
    struct mon_condition condition;

    parse(&condition, text);
    assert_int_equal(condition.kind, kind);
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        const struct ovsdb_row *row = fixture_row(&fixture, "Network",
                                                  ids[i]);
        bool match = mon_condition_match(&condition, row);

        if (match) {
            ds_put_format(&found, "%"PRIuSIZE, i + 1);
        }
        if (text && match != server_matches(text, row)) {
            fail_msg("%s: %s, but not so by ovsdb-server", ids[i], text);
        }
    }
    if (strcmp(ds_cstr(&found), expected)) {
        fail_msg("%s: %s, not %s", text, ds_cstr(&found), expected);
    }
    ds_destroy(&found);
    mon_condition_destroy(&condition);
}

#define NAME(NAME) "['name', '==', '" NAME "']"
#define ID(ID) "['_uuid', '==', ['uuid', '" ID "']]"

static void
all(void **state OVS_UNUSED)
{
    check(NULL, MON_COND_ALL, "123");
    check("[]", MON_COND_ALL, "123");
    check("[true]", MON_COND_ALL, "123");
    check("[false, true]", MON_COND_ALL, "123");
    check("[" NAME("blue") ", true]", MON_COND_ALL, "123");
    check("[true, ['name', '!=', 'blue']]", MON_COND_ALL, "123");
}

static void
equals(void **state OVS_UNUSED)
{
    check("[false]", MON_COND_EQUALS, "");
    check("[false, false]", MON_COND_EQUALS, "");
    check("[" NAME("blue") "]", MON_COND_EQUALS, "1");
    check("[" NAME("BLUE") "]", MON_COND_EQUALS, "");
    check("[" NAME("") "]", MON_COND_EQUALS, "3");
    check("[false, " NAME("red") "]", MON_COND_EQUALS, "2");
    check("[" NAME("blue") "," NAME("red") "]", MON_COND_EQUALS, "12");
    check("[" NAME("blue") ", ['mtu', '==', 1400]]", MON_COND_EQUALS, "12");
    check("[['mtu', '==', 0]]", MON_COND_EQUALS, "3");
    /* What values there may be is the server's to say. */
    check("[['mtu', '==', 70000]]", MON_COND_EQUALS, "");
    check("[['admin_state_up', '==', false]]", MON_COND_EQUALS, "23");
    check("[" ID(NET2) "]", MON_COND_EQUALS, "2");
    check("[" ID(NET2) "," ID(PORT1) "," NAME("") "]", MON_COND_EQUALS,
          "23");
}

/* The whole set or map. */
static void
equal_sets(void **state OVS_UNUSED)
{
    check("[['tags', '==', 'a']]", MON_COND_EQUALS, "2");
    check("[['tags', '==', ['set', ['b', 'a']]]]", MON_COND_EQUALS, "1");
    check("[['tags', '==', ['set', []]]]", MON_COND_EQUALS, "3");
    check("[['segment', '==', ['uuid', '" PORT1 "']]]", MON_COND_EQUALS, "2");
    check("[['segment', '==', ['set', []]]]", MON_COND_EQUALS, "13");
    check("[['external_ids', '==', ['map', [['k', 'v']]]]]",
          MON_COND_EQUALS, "1");
    check("[['external_ids', '==', ['map', [['k', 'w']]]]]",
          MON_COND_EQUALS, "");
    check("[['external_ids', '==', ['map', []]]]", MON_COND_EQUALS, "23");
}

/* "includes" of a scalar is "=="; of a set it is not. */
static void
includes(void **state OVS_UNUSED)
{
    check("[['name', 'includes', 'red']]", MON_COND_EQUALS, "2");
    check("[['name', 'includes', 'red'], ['mtu', 'includes', 1500]]",
          MON_COND_EQUALS, "12");
    check("[['tags', 'includes', 'a']]", MON_COND_GENERAL, "12");
    check("[['tags', 'includes', ['set', ['a', 'b']]]]", MON_COND_GENERAL,
          "1");
    check("[['tags', 'includes', ['set', []]]]", MON_COND_GENERAL, "123");
    check("[['external_ids', 'includes', ['map', [['k', 'v']]]]]",
          MON_COND_GENERAL, "1");
    check("[['segment', 'includes', ['uuid', '" PORT1 "']]]",
          MON_COND_GENERAL, "2");
}

static void
general(void **state OVS_UNUSED)
{
    check("[['name', '!=', 'blue']]", MON_COND_GENERAL, "23");
    check("[['mtu', '<', 1400]]", MON_COND_GENERAL, "3");
    check("[['mtu', '>=', 1400]]", MON_COND_GENERAL, "12");
    check("[['tags', 'excludes', 'b']]", MON_COND_GENERAL, "23");
    check("[['name', 'excludes', 'red']]", MON_COND_GENERAL, "13");
    check("[" NAME("blue") ", ['mtu', '<=', 1400]]", MON_COND_GENERAL,
          "123");
    check("[['mtu', '>', 1499], " NAME("") ", false]", MON_COND_GENERAL,
          "13");
    check("[" ID(NET1) ", ['name', '!=', 'red']]", MON_COND_GENERAL, "13");
}

static void
duplicates(void **state OVS_UNUSED)
{
    struct mon_condition condition;

    parse(&condition,
          "[" NAME("a") "," NAME("a") ", ['name', 'includes', 'a'],"
          " ['mtu', '==', 3], " NAME("b") "," ID(NET1) "," NAME("a") "]");
    assert_int_equal(hmap_count(&condition.clauses), 4);
    assert_int_equal(condition.n_columns, 3);
    for (size_t i = 0; i < condition.n_columns; i++) {
        assert_true(!i || (condition.columns[i - 1]->index
                           < condition.columns[i]->index));
    }
    assert_int_equal(condition.columns[0]->index, OVSDB_COL_UUID);
    mon_condition_destroy(&condition);
    check("[" NAME("red") "," NAME("red") ", ['tags', '==', 'a']]",
          MON_COND_EQUALS, "2");
}

static bool
has(const struct mon_condition *condition, const char *column,
    const char *id)
{
    const struct ovsdb_row *row = fixture_row(&fixture, "Network", id);
    const struct ovsdb_column *c
        = ovsdb_table_schema_get_column(schema(), column);

    return mon_condition_has(condition, c, &row->fields[c->index]);
}

static void
has_clause(void **state OVS_UNUSED)
{
    struct mon_condition condition;

    parse(&condition, "[" NAME("red") ", ['mtu', '==', 1500],"
                      " ['tags', '==', ['set', ['b', 'a']]]]");
    assert_true(has(&condition, "name", NET2));
    assert_false(has(&condition, "name", NET1));
    assert_true(has(&condition, "mtu", NET1));
    assert_false(has(&condition, "mtu", NET2));
    assert_true(has(&condition, "tags", NET1));
    assert_false(has(&condition, "tags", NET2));
    /* The same value of another column. */
    assert_false(has(&condition, "project_id", NET3));
    assert_false(has(&condition, "description", NET2));
    mon_condition_destroy(&condition);
}

static void
check_equal(const char *a_, const char *b_, bool equal)
{
    struct mon_condition a, b;

    parse(&a, a_);
    parse(&b, b_);
    if (mon_condition_equals(&a, &b) != equal
        || mon_condition_equals(&b, &a) != equal) {
        fail_msg("%s %s %s", a_, equal ? "is not" : "is", b_);
    }
    assert_true(mon_condition_equals(&a, &a));
    mon_condition_destroy(&a);
    mon_condition_destroy(&b);
}

static void
equality(void **state OVS_UNUSED)
{
    check_equal("[]", "[true]", true);
    check_equal("[]", "[false]", false);
    check_equal("[false]", "[false, false]", true);
    check_equal("[" NAME("a") "]", "[" NAME("a") ", false]", true);
    check_equal("[" NAME("a") "]", "[['name', 'includes', 'a']]", true);
    check_equal("[" NAME("a") "," NAME("b") "]",
                "[" NAME("b") "," NAME("a") "," NAME("b") "]", true);
    check_equal("[" NAME("a") "]", "[" NAME("b") "]", false);
    check_equal("[" NAME("a") "]", "[['description', '==', 'a']]", false);
    check_equal("[" NAME("a") "]", "[" NAME("a") "," NAME("b") "]", false);
    check_equal("[" NAME("a") "]", "[['name', '!=', 'a']]", false);
    check_equal("[['name', '!=', 'a']]", "[['name', '!=', 'a']]", true);
    check_equal("[['name', '!=', 'a']]", "[['name', '!=', 'b']]", false);
    check_equal("[['mtu', '<', 1]]", "[['mtu', '<=', 1]]", false);
}

/* What has pointers into itself works on in its new place. */
static void
swap(void **state OVS_UNUSED)
{
    static const char *const texts[] = {
        "[]", "[false]", "[" NAME("red") "]",
        "[" NAME("blue") ", ['mtu', '==', 1400], " NAME("x") "]",
        "[['name', '!=', 'blue']]",
        "[" NAME("red") ", ['mtu', '>', 1499]]",
    };
    static const char *const ids[] = { NET1, NET2, NET3 };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(texts); j++) {
            struct mon_condition a, b, again;

            parse(&a, texts[i]);
            parse(&b, texts[j]);
            parse(&again, texts[j]);
            mon_condition_swap(&a, &b);
            assert_true(mon_condition_equals(&a, &again));
            for (size_t k = 0; k < ARRAY_SIZE(ids); k++) {
                const struct ovsdb_row *row
                    = fixture_row(&fixture, "Network", ids[k]);

                assert_int_equal(mon_condition_match(&a, row),
                                 server_matches(texts[j], row));
                assert_int_equal(mon_condition_match(&b, row),
                                 server_matches(texts[i], row));
            }
            mon_condition_destroy(&a);
            mon_condition_destroy(&b);
            mon_condition_destroy(&again);
        }
    }
}

/* Fails unless 'text' is refused as by ovsdb-server. */
static void
check_error(const char *text, const char *tag, const char *details)
{
    struct json *json = fixture_json(text);
    struct ovsdb_error *error, *theirs;
    struct mon_condition condition;
    struct ovsdb_condition server;

    error = mon_condition_from_json(&condition, schema(), json);
    theirs = ovsdb_condition_from_json(schema(), json, NULL, &server);
    assert_non_null(error);
    assert_non_null(theirs);

    struct json *ours_json = ovsdb_error_to_json(error);
    struct json *theirs_json = ovsdb_error_to_json_free(theirs);
    assert_true(json_equal(ours_json, theirs_json));
    json_destroy(ours_json);
    json_destroy(theirs_json);
    fixture_assert_error(error, tag, details);
    json_destroy(json);
}

static void
errors(void **state OVS_UNUSED)
{
    check_error("[['names', '==', 'a']]", "unknown column",
                "No column names in table Network");
    check_error("[['name', '==', 1]]", "syntax error", "expected string");
    check_error("[['name', '=', 'a']]", "unknown function",
                "No function named =");
    check_error("[['name', '<', 'a']]", "syntax error", "Type mismatch");
    check_error("[['name', '==']]", "syntax error", "Parse error");
    check_error("[[]]", "syntax error", "Parse error");
    check_error("[{}]", "syntax error", "Parse error");
    check_error("['name']", "syntax error", "Parse error");
    check_error("[null]", "syntax error", "Parse error");
    check_error("[" NAME("a") ", ['mtu', '==', 1.5]]", "syntax error",
                "expected integer");
    check_error("[['mtu', '==', ['set', []]]]", "syntax error", "");
    check_error("[['mtu', '==', ['set', [1, 2]]]]", "syntax error", "");
    check_error("[['_uuid', '==', 'x']]", "syntax error", "");
    check_error("[['_uuid', '==', ['uuid', 'x']]]", "syntax error", "");
    check_error("[['_uuid', '==', ['named-uuid', 'x']]]", "syntax error", "");
    check_error("[['tags', '==', ['set', ['a', 'a']]]]", "ovsdb error", "");
}

static void
check_format(const char *text, const char *id, const char *expected)
{
    struct ds out = DS_EMPTY_INITIALIZER;
    struct mon_condition condition;

    parse(&condition, text);
    mon_condition_format(&condition,
                         id ? fixture_row(&fixture, "Network", id) : NULL,
                         &out);
    assert_string_equal(ds_cstr(&out), expected);
    ds_destroy(&out);
    mon_condition_destroy(&condition);
}

static void
format(void **state OVS_UNUSED)
{
    check_format("[]", NULL, "everything");
    check_format("[false]", NULL, "nothing");
    check_format("[" NAME("blue") "]", NULL, "name==blue");
    check_format("[" NAME("blue") "," NAME("red") ", ['mtu', '==', 1500]]",
                 NET1, "name==blue, mtu==1500");
    check_format("[['name', '!=', 'x']]", NET1,
                 "[[\"name\",\"!=\",\"x\"]]");
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all),
        cmocka_unit_test(equals),
        cmocka_unit_test(equal_sets),
        cmocka_unit_test(includes),
        cmocka_unit_test(general),
        cmocka_unit_test(duplicates),
        cmocka_unit_test(has_clause),
        cmocka_unit_test(equality),
        cmocka_unit_test(swap),
        cmocka_unit_test(errors),
        cmocka_unit_test(format),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("monitor-condition", tests, setup,
                                       teardown);
}
