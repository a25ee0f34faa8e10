/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Clients that come back with a state: they get what has changed since, or, if
 * that is not known any more, everything. */

#include <config.h>

#include "monitor-ports.h"

/* A client comes back with the state 'last'; returns the reply's rows, for
 * the caller to free, and fails unless the state was 'found'. */
static char *
come_back(const char *requests, struct uuid last, bool found,
          struct monitor **mp)
{
    struct monitor *m = fixture_monitor(&f, MON_V3, requests);
    struct ds result = DS_EMPTY_INITIALIZER;
    const struct json_array *array;
    struct json *json;
    char *rows, *id;

    monitor_begin(m, &last, &result);
    json = json_from_string(ds_cstr(&result));
    ds_destroy(&result);
    array = json_array(json);
    assert_int_equal(array->n, 3);
    assert_int_equal(json_boolean(array->elems[0]), found);
    id = xasprintf(UUID_FMT, UUID_ARGS(&f.db->state_id));
    assert_string_equal(json_string(array->elems[1]), id);
    rows = json_to_string(array->elems[2], 0);
    free(id);
    json_destroy(json);
    *mp = m;
    return rows;
}

static void
resync_of(const char *requests, const char *changes, const char *everything,
          size_t n_rows)
{
    struct uuid empty = f.db->state_id, last;
    struct monitor *m;

    add_ports();
    last = f.db->state_id;
    fixture_commit(&f, MODIFY(PORT1, "'name': 'z'"));
    fixture_commit(&f, "{'Network': {'" NET1 "': {'insert': {}}}}");
    fixture_commit(&f, MODIFY(PORT2, "'host': 'a'"));
    fixture_commit(&f, MODIFY(PORT2, "'host': 'q'"));
    fixture_commit(&f, ADD(PORT4, "'host': 'a'"));

    assert_json_free(come_back(requests, last, true, &m), changes);
    assert_int_equal(monitor_n_rows(m), n_rows);
    assert_int_equal(monitor_n_due(m), 0);
    monitor_destroy(m);
    assert_json_free(come_back(requests, f.db->state_id, true, &m), "{}");
    assert_int_equal(monitor_n_rows(m), n_rows);
    monitor_destroy(m);
    assert_json_free(come_back(requests, unit_uuid(UNIT_PORT, 99), false, &m),
                     everything);
    monitor_destroy(m);
    assert_json_free(come_back(requests, UUID_ZERO, false, &m), everything);
    assert_int_equal(monitor_n_rows(m), n_rows);
    monitor_destroy(m);

    fixture_commit(&f, DELETE(PORT4));
    delete_ports();
    fixture_commit(&f, "{'Network': {'" NET1 "': {'delete': null}}}");
    /* All is as it was in the beginning, and known by that name. */
    assert_json_free(come_back(requests, empty, true, &m), "{}");
    monitor_destroy(m);
}

static void
resync(void **state OVS_UNUSED)
{
    resync_of(ASK(HOST_IS("a") "," HOST_IS("b")),
              "{'Port': {" PORT(PORT1, "modify", "'name': 'z'") ","
              " '" PORT2 "': {'delete': null},"
              PORT(PORT4, "insert", "'host': 'a'") "}}",
              "{'Port': {" PORT(PORT1, "initial", "'name': 'z', 'host': 'a'")
              "," PORT(PORT4, "initial", "'host': 'a'") "}}", 2);
    resync_of(ASK("['host', '!=', 'c']"),
              "{'Port': {" PORT(PORT1, "modify", "'name': 'z'") ","
              PORT(PORT2, "modify", "'host': 'q'") ","
              PORT(PORT4, "insert", "'host': 'a'") "}}",
              "{'Port': {" PORT(PORT1, "initial", "'name': 'z', 'host': 'a'")
              "," PORT(PORT2, "initial", "'name': 'x', 'host': 'q'")
              "," PORT(PORT4, "initial", "'host': 'a'") "}}", 3);
    resync_of(ASK(ID_IS(PORT3)), "{}",
              "{'Port': {" PORT(PORT3, "initial", "'name': 'y', 'host': 'c'")
              "}}", 1);
    resync_of("{'Network': [{'columns': ['name']}]}",
              "{'Network': {'" NET1 "': {'insert': {}}}}",
              "{'Network': {'" NET1 "': {'initial': {}}}}", 1);
}

/* What is older than the history gets everything. */
static void
too_old(void **state OVS_UNUSED)
{
    struct uuid last = f.db->state_id;
    struct monitor *m;

    for (int i = 0; i < 10; i++) {
        fixture_commit(&f, ADD(PORT1, "'host': 'a'"));
        if (i < 9) {
            fixture_commit(&f, DELETE(PORT1));
        }
    }
    assert_int_equal(mon_db_n_history(f.db), 20);
    last = f.db->state_id;
    assert_json_free(come_back(ASK(HOST_IS("a")), last, true, &m), "{}");
    monitor_destroy(m);
    for (int i = 0; i < 21; i++) {
        char *text = xasprintf("{'Port': {'" PORT1 "': {'modify':"
                               " {'name': '%d'}}}}", i);

        fixture_commit(&f, text);
        free(text);
        if (i == 19) {
            assert_json_free(come_back(ASK(HOST_IS("a")), last, true, &m),
                             "{'Port': {" PORT(PORT1, "modify",
                                               "'name': '19'") "}}");
            monitor_destroy(m);
        }
    }
    assert_json_free(come_back(ASK(HOST_IS("a")), last, false, &m),
                     "{'Port': {" PORT(PORT1, "initial",
                                       "'name': '20', 'host': 'a'") "}}");
    monitor_destroy(m);
    fixture_commit(&f, DELETE(PORT1));
}

/* A client that asks for something else is told the state from which on it
 * does, even if it gets the same rows; by an earlier one it would be told of
 * rows as if it had asked for them then. */
static void
changed_condition(void **state OVS_UNUSED)
{
    struct monitor *m;
    char *expected;

    add_ports();
    m = fixture_begin(&f, MON_V3, ASK(HOST_IS("a")), NULL);
    fixture_commit(&f, MODIFY(PORT1, "'device_id': 'd'"));
    assert_json_free(fixture_tell(m), "");
    expected = xasprintf("{'id': null, 'method': 'update3',"
                         " 'params': ['m', '"UUID_FMT"', {}]}",
                         UUID_ARGS(&f.db->state_id));
    assert_json_free(change(m, "\"m\"", WHERE("Port", "['device_id', '==',"
                                              " 'd']")), expected);
    free(expected);
    /* But not if it asks for the same. */
    assert_json_free(change(m, "\"m\"", WHERE("Port", "['device_id', '==',"
                                              " 'd'], false")), "");
    monitor_destroy(m);
    delete_ports();
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resync),
        cmocka_unit_test(too_old),
        cmocka_unit_test(changed_condition),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("monitor-since", tests, setup,
                                       teardown);
}
