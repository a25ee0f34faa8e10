/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What clients ask for, at first and later: what a changed condition tells, by
 * which rows are found then, and what is refused, with all as it was. */

#include <config.h>

#include "monitor-ports.h"

#include "ovsdb-error.h"

static void
changed_condition(void **state OVS_UNUSED)
{
    struct monitor *m = begin(ASK("false"));

    add_ports();
    assert_json_free(change(m, "\"m\"", WHERE("Port", HOST_IS("a"))),
                     UPDATE2(PORT(PORT1, "insert",
                                  "'name': 'x', 'host': 'a'")));
    assert_json_free(change(m, "\"m\"", WHERE("Port", HOST_IS("b") ","
                                              ID_IS(PORT1))),
                     UPDATE2(PORT(PORT2, "insert",
                                  "'name': 'x', 'host': 'b'")));
    /* The same rows for another reason; nothing; nothing asked. */
    assert_json_free(change(m, "\"m\"", WHERE("Port", "['name', '==', 'x']")),
                     "");
    assert_json_free(change(m, "\"m\"", "{'Port': []}"), "");
    assert_json_free(change(m, "\"m\"", "{}"), "");
    assert_int_equal(monitor_n_rows(m), 2);

    /* By its new name. */
    assert_json_free(change(m, "[1,{}]", WHERE("Port", HOST_IS("c") ","
                                               HOST_IS("a"))),
                     "{'id': null, 'method': 'update2', 'params':"
                     " [[1, {}], {'Port': {"
                     PORT(PORT3, "insert", "'name': 'y', 'host': 'c'")
                     ", '" PORT2 "': {'delete': null}}}]}");
    monitor_destroy(m);
    delete_ports();
}

/* After a change of condition, the new one alone counts. */
static void
changed_index(void **state OVS_UNUSED)
{
    struct monitor *m[] = { begin(ASK(HOST_IS("a"))), begin(ASK("")) };
    static const char *const where[] = {
        WHERE("Port", "['name', '!=', 'n']"), WHERE("Port", "true"),
        "{'Port': [{}]}", WHERE("Port", "false"),
        WHERE("Port", HOST_IS("b") "," HOST_IS("c")),
        WHERE("Port", "['name', '==', 'n'], " HOST_IS("b")),
        WHERE("Port", HOST_IS("a")),
    };
    static const char *const due[] = { "11", "11", "11", "01", "11", "11",
                                       "01" };

    for (size_t i = 0; i < ARRAY_SIZE(where); i++) {
        free(change(m[0], "\"m\"", where[i]));
        fixture_commit(&f, ADD(PORT1, "'host': 'b'"));
        assert_due(m, 2, due[i]);
        assert_int_equal(monitor_n_rows(m[0]), due[i][0] == '1');
        fixture_commit(&f, DELETE(PORT1));
        assert_due(m, 2, due[i]);
        assert_int_equal(monitor_n_rows(m[0]), 0);
    }
    monitor_destroy(m[0]);
    monitor_destroy(m[1]);
}

/* Fails unless the change is refused, and all is as it was. */
static void
check_refused(struct monitor *m, const char *requests, const char *tag,
              const char *details)
{
    struct json *json = fixture_json(requests);
    struct ds out = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&out, "before");
    fixture_assert_error(monitor_change(m, "\"other\"", json, &out), tag,
                         details);
    assert_string_equal(ds_cstr(&out), "before");
    assert_string_equal(m->id, "\"m\"");
    json_destroy(json);
    ds_destroy(&out);
}

static void
refused_condition(void **state OVS_UNUSED)
{
    struct monitor *m = begin("{'Port': [{'where': [" HOST_IS("a") "]}],"
                              " 'Network': [{'where': [false]}]}");

    check_refused(m, "[]", "syntax error", "must be object");
    check_refused(m, "{'port': []}", "syntax error", "no table named port");
    check_refused(m, "{'Host': []}", "syntax error",
                  "no table named Host in monitor session");
    check_refused(m, "{'Port': {}}", "syntax error",
                  "no monitor-cond-change JSON array");
    check_refused(m, "{'Port': [{'columns': ['name']}]}", "syntax error",
                  "changing columns is unsupported");
    check_refused(m, "{'Port': [{'where': true}]}", "syntax error", "where");
    check_refused(m, "{'Port': [{'wheer': [true]}]}", "syntax error",
                  "wheer");
    check_refused(m, "{'Port': [{'where': [true]},"
                     " {'where': [['name', '==', 3]]}]}", "syntax error",
                  "expected string");
    check_refused(m, "{'Network': [{'where': [true]}],"
                     " 'Port': [{'where': [['hst', '==', '']]}]}",
                  "unknown column", "hst");
    check_refused(m, "{'Port': [{'where': [true]}],"
                     " 'Network': [{'where': [3]}]}", "syntax error",
                  "Parse error");

    add_ports();
    assert_int_equal(monitor_n_due(m), 1);
    free(fixture_tell(m));
    fixture_commit(&f, "{'Network': {'" NET1 "': {'insert': {}}}}");
    assert_int_equal(monitor_n_due(m), 0);
    assert_int_equal(monitor_n_rows(m), 1);
    fixture_commit(&f, "{'Network': {'" NET1 "': {'delete': null}}}");
    monitor_destroy(m);
    delete_ports();
}

static void
check_bad_request(enum mon_protocol protocol, const char *requests,
                  const char *details)
{
    struct json *json = fixture_json(requests);
    struct monitor *m;

    fixture_assert_error(monitor_create(f.db, protocol, "\"m\"", json, NULL,
                                        &m), "syntax error", details);
    assert_null(m);
    json_destroy(json);
}

static void
bad_requests(void **state OVS_UNUSED)
{
    check_bad_request(MON_V2, "[]", "monitor-requests must be object");
    check_bad_request(MON_V2, "{'ports': {}}", "no table named ports");
    check_bad_request(MON_V2, "{'Network': {}, 'Port': 3}", "");
    check_bad_request(MON_V2, "{'Port': {'columns': 'name'}}", "columns");
    check_bad_request(MON_V2, "{'Port': {'columns': [3]}}",
                      "array of column names expected");
    check_bad_request(MON_V2, "{'Port': {'columns': ['nam']}}",
                      "nam is not a valid column name");
    check_bad_request(MON_V2, "{'Port': {'columns': ['name', 'name']}}",
                      "column name mentioned more than once");
    check_bad_request(MON_V2, "{'Port': [{}, {'columns': ['name']}]}",
                      "column name mentioned more than once");
    check_bad_request(MON_V2, "{'Port': {'select': {'insert': 1}}}",
                      "insert");
    check_bad_request(MON_V2, "{'Port': {'select': {'inserts': true}}}",
                      "inserts");
    check_bad_request(MON_V2, "{'Port': {'where': [['name', '==', 3]]}}",
                      "expected string");
    check_bad_request(MON_V1, "{'Port': {'where': []}}", "where");
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changed_condition),
        cmocka_unit_test(changed_index),
        cmocka_unit_test(refused_condition),
        cmocka_unit_test(bad_requests),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("monitor-change", tests, setup,
                                       teardown);
}
