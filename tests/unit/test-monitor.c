/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Monitors of a database that changes: whom a change concerns, what comes of
 * several, and what each of these costs, counted. */

#include <config.h>

#include "monitor-ports.h"

#include <string.h>

#include "coverage.h"
#include "ovsdb/table.h"

extern struct coverage_counter counter_mon_compose;
extern struct coverage_counter counter_mon_compose_shared;
extern struct coverage_counter counter_mon_concerned;
extern struct coverage_counter counter_mon_general_evaluated;
extern struct coverage_counter counter_mon_table_scan;

#define COUNTED(COUNTER, STATEMENT, EXPECTED)                               \
    do {                                                                    \
        unsigned long long int was__ = fixture_count(&counter_##COUNTER);   \
                                                                            \
        STATEMENT;                                                          \
        assert_int_equal(fixture_count(&counter_##COUNTER) - was__,         \
                         EXPECTED);                                         \
    } while (0)

static void
concerned(void **state OVS_UNUSED)
{
    struct monitor *m[] = {
        begin(ASK(HOST_IS("a"))),
        begin(ASK(HOST_IS("b"))),
        begin(ASK(HOST_IS("a") "," HOST_IS("b") "," ID_IS(PORT1))),
        begin(ASK(ID_IS(PORT2))),
        begin(ASK("")),
        begin(ASK("['host', '!=', 'a']")),
        begin(ASK("false")),
        begin("{'Network': {}, 'Host': {}}"),
        begin("{'Network': {}, 'Port': [{'where': ["
              "['name', '==', 'x'], ['name', '==', 'y']]}]}"),
    };
    enum { N = ARRAY_SIZE(m) };

    COUNTED(mon_concerned,
            fixture_commit(&f, ADD(PORT1, "'host': 'a'")), 3);
    assert_due(m, N, "101010000");
    COUNTED(mon_concerned,
            fixture_commit(&f, MODIFY(PORT1, "'host': 'b'")), 5);
    assert_due(m, N, "111011000");
    fixture_commit(&f, MODIFY(PORT1, "'name': 'x'"));
    assert_due(m, N, "011011001");
    COUNTED(mon_concerned,
            fixture_commit(&f, MODIFY(PORT1, "'host': 'c', 'name': 'y'")),
            5);
    assert_due(m, N, "011011001");
    COUNTED(mon_general_evaluated,
            fixture_commit(&f, ADD(PORT2, "'host': 'd'")), 1);
    assert_due(m, N, "000111000");
    fixture_commit(&f, "{'Network': {'" NET1 "': {'insert': {}}}}");
    assert_due(m, N, "000000011");
    fixture_commit(&f, "{'Subnet': {'" NET2 "': {'insert': {}}}}");
    assert_due(m, N, "000000000");
    fixture_commit(&f, DELETE(PORT2));
    assert_due(m, N, "000111000");

    monitor_destroy(m[2]);
    m[2] = begin("{}");
    fixture_commit(&f, DELETE(PORT1));
    assert_due(m, N, "000011001");
    for (size_t i = 0; i < N; i++) {
        monitor_destroy(m[i]);
    }
    fixture_commit(&f, "{'Network': {'" NET1 "': {'delete': null}},"
                       " 'Subnet': {'" NET2 "': {'delete': null}}}");
}

static void
enter_stay_leave(void **state OVS_UNUSED)
{
    struct monitor *m = begin(ASK(HOST_IS("a") "," HOST_IS("b")));

    fixture_commit(&f, ADD(PORT1, "'name': 'x', 'host': 'z'"));
    assert_int_equal(monitor_n_due(m), 0);
    assert_int_equal(monitor_n_rows(m), 0);
    fixture_commit(&f, MODIFY(PORT1, "'host': 'a'"));
    assert_json_free(fixture_tell(m), UPDATE2(
        PORT(PORT1, "insert", "'name': 'x', 'host': 'a'")));
    assert_int_equal(monitor_n_rows(m), 1);
    fixture_commit(&f, MODIFY(PORT1, "'host': 'b'"));
    assert_json_free(fixture_tell(m),
                     UPDATE2(PORT(PORT1, "modify", "'host': 'b'")));
    assert_int_equal(monitor_n_rows(m), 1);
    assert_ptr_equal(monitor_view_of(m, fixture_row(&f, "Port", PORT1)),
                     &m->views[0]);
    fixture_commit(&f, MODIFY(PORT1, "'host': 'c', 'name': 'y'"));
    assert_json_free(fixture_tell(m), UPDATE2("'" PORT1 "':"
                                              " {'delete': null}"));
    assert_int_equal(monitor_n_rows(m), 0);
    assert_null(monitor_view_of(m, fixture_row(&f, "Port", PORT1)));
    fixture_commit(&f, DELETE(PORT1));
    assert_int_equal(monitor_n_due(m), 0);
    monitor_destroy(m);
}

/* Several changes of a row, transactions or not, come to one, or to none. */
static void
coalesce(void **state OVS_UNUSED)
{
    struct monitor *m = begin(ASK(HOST_IS("a")));

    fixture_commit(&f, ADD(PORT1, "'host': 'a', 'name': 'x'"));
    fixture_commit(&f, MODIFY(PORT1, "'name': 'y'"));
    fixture_commit(&f, MODIFY(PORT1, "'mac_address': 'z'"));
    assert_int_equal(monitor_n_due(m), 1);
    assert_json_free(fixture_tell(m), UPDATE2(
        PORT(PORT1, "insert", "'host': 'a', 'name': 'y'")));

    fixture_commit(&f, MODIFY(PORT1, "'name': 'z'"));
    fixture_commit(&f, MODIFY(PORT1, "'name': 'y'"));
    assert_int_equal(monitor_n_due(m), 1);
    assert_json_free(fixture_tell(m), "");
    fixture_commit(&f, MODIFY(PORT1, "'host': 'b'"));
    fixture_commit(&f, MODIFY(PORT1, "'host': 'a'"));
    assert_json_free(fixture_tell(m), "");
    fixture_commit(&f, DELETE(PORT1));
    fixture_commit(&f, ADD(PORT1, "'host': 'a', 'name': 'y'"));
    assert_json_free(fixture_tell(m), "");
    assert_int_equal(monitor_n_rows(m), 1);

    fixture_commit(&f, DELETE(PORT1));
    fixture_commit(&f, ADD(PORT1, "'host': 'a', 'name': 'w'"));
    assert_json_free(fixture_tell(m),
                     UPDATE2(PORT(PORT1, "modify", "'name': 'w'")));
    fixture_commit(&f, MODIFY(PORT1, "'name': 'v', 'host': 'b'"));
    fixture_commit(&f, DELETE(PORT1));
    assert_json_free(fixture_tell(m), UPDATE2("'" PORT1 "':"
                                              " {'delete': null}"));

    fixture_commit(&f, ADD(PORT2, "'host': 'a'"));
    fixture_commit(&f, MODIFY(PORT2, "'name': 'v'"));
    assert_int_equal(monitor_n_due(m), 1);
    fixture_commit(&f, DELETE(PORT2));
    assert_int_equal(monitor_n_due(m), 0);
    assert_json_free(fixture_tell(m), "");
    assert_int_equal(monitor_n_rows(m), 0);
    monitor_destroy(m);
}

/* Rows that come and go while a client is not told are due only as long as
 * they are there for it; what it knows is due whatever becomes of it. */
static void
passing(void **state OVS_UNUSED)
{
    struct monitor *m = begin(ASK(HOST_IS("a")));

    fixture_commit(&f, ADD(PORT1, "'host': 'a'"));
    fixture_commit(&f, ADD(PORT2, "'host': 'b'"));
    free(fixture_tell(m));
    assert_int_equal(monitor_n_rows(m), 1);

    fixture_commit(&f, MODIFY(PORT1, "'host': 'b'"));
    fixture_commit(&f, MODIFY(PORT2, "'host': 'a'"));
    assert_int_equal(monitor_n_due(m), 2);
    fixture_commit(&f, MODIFY(PORT2, "'host': 'c'"));
    assert_int_equal(monitor_n_due(m), 1);
    fixture_commit(&f, MODIFY(PORT2, "'host': 'a', 'name': 'y'"));
    assert_int_equal(monitor_n_due(m), 2);
    fixture_commit(&f, DELETE(PORT2));
    fixture_commit(&f, DELETE(PORT1));
    assert_int_equal(monitor_n_due(m), 1);
    assert_json_free(fixture_tell(m), UPDATE2("'" PORT1 "':"
                                              " {'delete': null}"));
    assert_int_equal(monitor_n_rows(m), 0);
    monitor_destroy(m);
}

/* One text serves all who ask for the same columns, whatever their conditions
 * and whenever they began; and not those who do not. */
static void
shared_text(void **state OVS_UNUSED)
{
    struct monitor *m[20];
    struct monitor *other = begin("{'Port': [{'columns': ['name']}]}");
    struct monitor *v1 = fixture_begin(&f, MON_V1, "{'Port': {'columns':"
                                       " ['name', 'host']}}", NULL);
    unsigned long long int shared;

    for (size_t i = 0; i < ARRAY_SIZE(m); i++) {
        m[i] = begin(i % 3 == 0 ? ASK(HOST_IS("a"))
                     : i % 3 == 1 ? ASK(HOST_IS("b") "," HOST_IS("a"))
                     : ASK("['host', '!=', 'c']"));
    }
    fixture_commit(&f, ADD(PORT1, "'host': 'a', 'name': 'x'"));
    shared = fixture_count(&counter_mon_compose_shared);
    COUNTED(mon_compose, {
        for (size_t i = 0; i < ARRAY_SIZE(m); i++) {
            assert_json_free(fixture_tell(m[i]), UPDATE2(
                PORT(PORT1, "insert", "'name': 'x', 'host': 'a'")));
        }
    }, 1);
    assert_int_equal(fixture_count(&counter_mon_compose_shared) - shared,
                     ARRAY_SIZE(m) - 1);
    COUNTED(mon_compose, {
        assert_json_free(fixture_tell(other), UPDATE2(
            PORT(PORT1, "insert", "'name': 'x'")));
        free(fixture_tell(v1));
    }, 2);

    /* Those who are told later are told what is so then. */
    fixture_commit(&f, MODIFY(PORT1, "'name': 'y'"));
    for (size_t i = 0; i < ARRAY_SIZE(m) / 2; i++) {
        assert_json_free(fixture_tell(m[i]), UPDATE2(
            PORT(PORT1, "modify", "'name': 'y'")));
    }
    fixture_commit(&f, MODIFY(PORT1, "'name': 'z'"));
    for (size_t i = 0; i < ARRAY_SIZE(m); i++) {
        assert_json_free(fixture_tell(m[i]), UPDATE2(
            PORT(PORT1, "modify", "'name': 'z'")));
        monitor_destroy(m[i]);
    }
    monitor_destroy(other);
    monitor_destroy(v1);
    fixture_commit(&f, DELETE(PORT1));
}

/* Rows by "==" are looked up, however the client asks. */
static void
no_scan(void **state OVS_UNUSED)
{
    struct monitor *m;

    add_ports();
    COUNTED(mon_table_scan, {
        m = begin(ASK(HOST_IS("a") "," HOST_IS("b") ", ['name', '==', 'x'],"
                      ID_IS(PORT2) "," ID_IS(NET1)
                      ", ['description', '==', 'x']"));
        assert_int_equal(monitor_n_rows(m), 2);
        free(change(m, "\"m\"", WHERE("Port", ID_IS(PORT3) ","
                                      HOST_IS("a") "," HOST_IS("b"))));
        assert_int_equal(monitor_n_rows(m), 3);
        free(change(m, "\"m\"", WHERE("Port", "false")));
        assert_int_equal(monitor_n_rows(m), 0);
    }, 0);
    /* The rest is not; nor is what most rows may have. */
    COUNTED(mon_table_scan,
            free(change(m, "\"m\"", WHERE("Port", "['name', '!=', 'x']"))),
            1);
    COUNTED(mon_table_scan,
            free(change(m, "\"m\"", WHERE("Port", "['name', '==', '']"))),
            2);
    monitor_destroy(m);
    delete_ports();
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(concerned),
        cmocka_unit_test(enter_stay_leave),
        cmocka_unit_test(coalesce),
        cmocka_unit_test(passing),
        cmocka_unit_test(shared_text),
        cmocka_unit_test(no_scan),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("monitor", tests, setup, teardown);
}
