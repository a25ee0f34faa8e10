/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What clients are told of rows, by each of the three protocols: replies and
 * notifications, word for word. */

#include <config.h>

#include "monitor-fixture.h"

#include <string.h>

#include "monitor/db.h"
#include "monitor/monitor.h"
#include "openvswitch/dynamic-string.h"

static struct fixture f;

static int
setup(void **state OVS_UNUSED)
{
    fixture_init(&f, NULL, 100);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    fixture_destroy(&f);
    return 0;
}

#define NETWORK(ROW) "{'Network': {'" NET1 "': " ROW "}}"
#define V1(ROW) "{'id': null, 'method': 'update', 'params': ['m', " \
                NETWORK(ROW) "]}"
#define V2(ROW) "{'id': null, 'method': 'update2', 'params': ['m', " \
                NETWORK(ROW) "]}"

/* Fails unless a row that comes, becomes another and goes is told of as
 * 'insert', 'modify' and 'delete' to a monitor of 'requests', or of a row that
 * is there before it begins in its reply as 'initial'. */
struct story {
    const char *first, *second; /* <row-update2>s. */
    const char *initial, *insert, *modify, *delete;
};

static void
check(enum mon_protocol protocol, const char *requests,
      const struct story *story)
{
    struct monitor *early, *late;
    char *reply;

    early = fixture_begin(&f, protocol, requests, &reply);
    assert_json_free(reply, "{}");
    fixture_commit(&f, story->first);
    late = fixture_begin(&f, protocol, requests, &reply);
    assert_json_free(reply, story->initial);
    assert_json_free(fixture_tell(early), story->insert);
    assert_int_equal(monitor_n_due(late), 0);

    fixture_commit(&f, story->second);
    assert_json_free(fixture_tell(early), story->modify);
    assert_json_free(fixture_tell(late), story->modify);
    fixture_commit(&f, NETWORK("{'delete': null}"));
    assert_json_free(fixture_tell(early), story->delete);
    assert_json_free(fixture_tell(late), story->delete);
    monitor_destroy(early);
    monitor_destroy(late);
}

#define BLUE "{'insert': {'name': 'blue', 'mtu': 1500,"                      \
             " 'tags': ['set', ['b', 'a']], 'admin_state_up': true,"         \
             " 'external_ids': ['map', [['k', 'v'], ['l', 'v']]],"           \
             " 'segment': ['uuid', '" NET2 "'],"                             \
             " 'description': 'd'}}"

/* It keeps tag b and has c, not a; of its map k has another value, l is gone,
 * m has come. */
#define RED "{'modify': {'name': 'red', 'tags': ['set', ['a', 'c']],"        \
            " 'external_ids': ['map', [['k', 'w'], ['l', 'v'], ['m', 'x']]],"\
            " 'segment': ['set', []]}}"

#define COLUMNS "'columns': ['name', 'mtu', 'tags', 'external_ids',"         \
                " 'segment', 'shared']"

static void
version1(void **state OVS_UNUSED)
{
#define BLUE1 "'name': 'blue', 'mtu': 1500, 'tags': ['set', ['a', 'b']],"    \
              "'external_ids': ['map', [['k', 'v'], ['l', 'v']]],"           \
              "'segment': ['uuid', '" NET2 "'], 'shared': false"
#define RED1 "'name': 'red', 'mtu': 1500, 'tags': ['set', ['b', 'c']],"      \
             "'external_ids': ['map', [['k', 'w'], ['m', 'x']]],"            \
             "'segment': ['set', []], 'shared': false"
    static const struct story story = {
        NETWORK(BLUE), NETWORK(RED),
        .initial = NETWORK("{'new': {" BLUE1 "}}"),
        .insert = V1("{'new': {" BLUE1 "}}"),
        .modify = V1("{'old': {'name': 'blue', 'tags': ['set', ['a', 'b']],"
                     " 'external_ids': ['map', [['k', 'v'], ['l', 'v']]],"
                     " 'segment': ['uuid', '" NET2 "']}, 'new': {" RED1 "}}"),
        .delete = V1("{'old': {" RED1 "}}"),
    };

    check(MON_V1, "{'Network': {" COLUMNS "}}", &story);
    check(MON_V1, "{'Network': [{" COLUMNS "}], 'Port': {}}", &story);
}

/* Without what has its default value, and changes as differences. */
static void
version2(void **state OVS_UNUSED)
{
#define BLUE2 "{'name': 'blue', 'mtu': 1500, 'tags': ['set', ['a', 'b']],"   \
              " 'external_ids': ['map', [['k', 'v'], ['l', 'v']]],"          \
              " 'segment': ['uuid', '" NET2 "']}"
    static const struct story story = {
        NETWORK(BLUE), NETWORK(RED),
        .initial = NETWORK("{'initial': " BLUE2 "}"),
        .insert = V2("{'insert': " BLUE2 "}"),
        .modify = V2("{'modify': {'name': 'red', 'segment': ['set', []],"
                     " 'tags': ['set', ['a', 'c']], 'external_ids':"
                     "  ['map', [['k', 'w'], ['l', 'v'], ['m', 'x']]]}}"),
        .delete = V2("{'delete': null}"),
    };

    check(MON_V2, "{'Network': {" COLUMNS "}}", &story);
    check(MON_V2, "{'Network': [{" COLUMNS ", 'where': [['_uuid', '==',"
                  " ['uuid', '" NET1 "']]]}]}", &story);
    check(MON_V2, "{'Network': [{" COLUMNS ", 'where': ["
                  " ['description', '!=', '']]}]}", &story);
}

/* Columns that one asks for in parts; those that did not change are not told
 * of, nor is a change of what is not asked for. */
static void
parts(void **state OVS_UNUSED)
{
    static const struct story several = {
        NETWORK("{'insert': {'name': 'x', 'description': 'y'}}"),
        NETWORK("{'modify': {'mtu': 1}}"),
        .initial = NETWORK("{'initial': {'name': 'x'}}"),
        .insert = V2("{'insert': {'name': 'x'}}"),
        .modify = V2("{'modify': {'mtu': 1}}"),
        .delete = V2("{'delete': null}"),
    };
    static const struct story other = {
        NETWORK("{'insert': {'name': 'x', 'description': 'y'}}"),
        NETWORK("{'modify': {'mtu': 1, 'tags': 'a'}}"),
        .initial = NETWORK("{'initial': {}}"),
        .insert = V2("{'insert': {}}"),
        .modify = "",
        .delete = V2("{'delete': null}"),
    };

    check(MON_V2, "{'Network': [{'columns': ['name']},"
                  " {'columns': ['mtu']}]}", &several);
    check(MON_V2, "{'Network': [{'columns': ['shared']}]}", &other);
    check(MON_V2, "{'Network': [{'columns': []}]}", &other);
}

/* Kinds of changes that are not asked for, in all or of some columns. */
static void
selects(void **state OVS_UNUSED)
{
    static const struct story quiet = {
        NETWORK("{'insert': {'name': 'x'}}"),
        NETWORK("{'modify': {'name': 'y'}}"),
        .initial = "{}",
        .insert = "",
        .modify = V2("{'modify': {'name': 'y'}}"),
        .delete = "",
    };
    static const struct story unchanging = {
        NETWORK("{'insert': {'name': 'x', 'mtu': 1}}"),
        NETWORK("{'modify': {'name': 'y', 'mtu': 2}}"),
        .initial = NETWORK("{'initial': {'name': 'x', 'mtu': 1}}"),
        .insert = V2("{'insert': {'name': 'x', 'mtu': 1}}"),
        .modify = V2("{'modify': {'mtu': 2}}"),
        .delete = V2("{'delete': null}"),
    };
    static const struct story none = {
        NETWORK("{'insert': {'name': 'x'}}"),
        NETWORK("{'modify': {'name': 'y'}}"), "{}", "", "", "",
    };

    check(MON_V2, "{'Network': {'columns': ['name'], 'select':"
                  " {'initial': false, 'insert': false, 'delete': false}}}",
          &quiet);
    check(MON_V2, "{'Network': [{'columns': ['name'], 'select':"
                  " {'modify': false}}, {'columns': ['mtu']}]}", &unchanging);
    check(MON_V2, "{'Network': {'select': {'initial': false,"
                  " 'insert': false, 'modify': false, 'delete': false}}}",
          &none);
    check(MON_V2, "{'Network': []}", &none);
    check(MON_V1, "{'Network': []}", &none);
    check(MON_V1, "{}", &none);
}

/* A client's message, with the name of the state now. */
static void
check_v3(char *text, const char *format)
{
    struct ds expected = DS_EMPTY_INITIALIZER;
    const char *at = strstr(format, "STATE");

    ds_put_buffer(&expected, format, at - format);
    ds_put_format(&expected, UUID_FMT"%s", UUID_ARGS(&f.db->state_id),
                  at + strlen("STATE"));
    assert_json(text, ds_cstr(&expected));
    ds_destroy(&expected);
    free(text);
}

#define V3(ROW) "{'id': null, 'method': 'update3'," \
                " 'params': ['m', 'STATE', " NETWORK(ROW) "]}"

static void
version3(void **state OVS_UNUSED)
{
    const char *requests = "{'Network': {'columns': ['name']}}";
    struct monitor *early, *late;
    char *reply;

    early = fixture_begin(&f, MON_V3, requests, &reply);
    check_v3(reply, "[false, 'STATE', {}]");
    fixture_commit(&f, NETWORK("{'insert': {'name': 'x'}}"));
    late = fixture_begin(&f, MON_V3, requests, &reply);
    check_v3(reply, "[false, 'STATE',"
                    NETWORK("{'initial': {'name': 'x'}}") "]");
    check_v3(fixture_tell(early), V3("{'insert': {'name': 'x'}}"));
    fixture_commit(&f, NETWORK("{'modify': {'name': 'y'}}"));
    check_v3(fixture_tell(early), V3("{'modify': {'name': 'y'}}"));
    check_v3(fixture_tell(late), V3("{'modify': {'name': 'y'}}"));
    fixture_commit(&f, NETWORK("{'delete': null}"));
    check_v3(fixture_tell(late), V3("{'delete': null}"));
    monitor_destroy(early);
    monitor_destroy(late);
}

/* Rows of several tables in one message. */
static void
tables(void **state OVS_UNUSED)
{
    struct monitor *m = fixture_begin(
        &f, MON_V2, "{'Network': {'columns': ['name']},"
        " 'Port': {'columns': ['network']}, 'Host': {}}", NULL);

    fixture_commit(&f, "{'Network': {'" NET1 "': {'insert': {'name': 'a'}},"
                       " '" NET2 "': {'insert': {'name': 'b'}}},"
                       " 'Port': {'" PORT1 "': {'insert': {'network':"
                       "  ['uuid', '" NET1 "']}}}}");
    assert_json_free(
        fixture_tell(m),
        "{'id': null, 'method': 'update2', 'params': ['m', {"
        " 'Network': {'" NET1 "': {'insert': {'name': 'a'}},"
        "  '" NET2 "': {'insert': {'name': 'b'}}},"
        " 'Port': {'" PORT1 "': {'insert': {'network':"
        "  ['uuid', '" NET1 "']}}}}]}");
    fixture_commit(&f, "{'Port': {'" PORT1 "': {'delete': null}},"
                       " 'Network': {'" NET1 "': {'delete': null},"
                       " '" NET2 "': {'modify': {'mtu': 7}}}}");
    assert_json_free(
        fixture_tell(m),
        "{'id': null, 'method': 'update2', 'params': ['m', {"
        " 'Network': {'" NET1 "': {'delete': null}},"
        " 'Port': {'" PORT1 "': {'delete': null}}}]}");
    monitor_destroy(m);
    fixture_commit(&f, "{'Network': {'" NET2 "': {'delete': null}}}");
}

/* Strings come out as they went in, whatever is in them; so do the ends of
 * integers, and the standard columns. */
static void
values(void **state OVS_UNUSED)
{
#define STRANGE "\\\"\\\\/\\u0001\\n\\u007f<\\u00e9\\u20ac\\ud83d\\ude00"
    struct monitor *m = fixture_begin(
        &f, MON_V2, "{'Network': {'columns': ['_uuid', 'name', 'tags',"
        " 'revision_number', 'shared']}}", NULL);

    fixture_commit(&f, NETWORK(
        "{'insert': {'name': '" STRANGE "', 'shared': true,"
        " 'tags': ['set', ['', '\\t', '" STRANGE "']],"
        " 'revision_number': 9223372036854775807}}"));
    assert_json_free(fixture_tell(m), V2(
        "{'insert': {'_uuid': ['uuid', '" NET1 "'], 'name': '" STRANGE "',"
        " 'tags': ['set', ['', '\\t', '" STRANGE "']], 'shared': true,"
        " 'revision_number': 9223372036854775807}}"));
    fixture_commit(&f, NETWORK(
        "{'modify': {'revision_number': -9223372036854775808}}"));
    assert_json_free(fixture_tell(m), V2(
        "{'modify': {'revision_number': -9223372036854775808}}"));
    fixture_commit(&f, NETWORK("{'delete': null}"));
    monitor_destroy(m);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version1),
        cmocka_unit_test(version2),
        cmocka_unit_test(parts),
        cmocka_unit_test(selects),
        cmocka_unit_test(version3),
        cmocka_unit_test(tables),
        cmocka_unit_test(values),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("monitor-text", tests, setup,
                                       teardown);
}
