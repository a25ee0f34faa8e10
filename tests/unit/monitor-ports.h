/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_PORTS_H
#define MONITOR_PORTS_H 1

/* For tests of monitors of table Port: one database 'f' for all of them, with
 * room for 20 changes, that each leaves empty; short words for JSON.  To be
 * included by one source file of a program. */

#include "monitor-fixture.h"

#include "monitor/db.h"
#include "monitor/monitor.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"

static struct fixture f;

static inline int
setup(void **state OVS_UNUSED)
{
    fixture_init(&f, NULL, 20);
    return 0;
}

static inline int
teardown(void **state OVS_UNUSED)
{
    fixture_destroy(&f);
    return 0;
}

#define PORT(ID, OP, ROW) "'" ID "': {'" OP "': {" ROW "}}"
/* No two ports of a network have one address. */
#define NEW(ID, ROW) PORT(ID, "insert", "'mac_address': '" ID "', " ROW)
#define ADD(ID, ROW) "{'Port': {" NEW(ID, ROW) "}}"
#define MODIFY(ID, ROW) "{'Port': {" PORT(ID, "modify", ROW) "}}"
#define DELETE(ID) "{'Port': {'" ID "': {'delete': null}}}"
#define ASK(WHERE) \
    "{'Port': [{'columns': ['name', 'host'], 'where': [" WHERE "]}]}"
#define HOST_IS(HOST) "['host', '==', '" HOST "']"
#define ID_IS(ID) "['_uuid', '==', ['uuid', '" ID "']]"
#define UPDATE2(ROWS) "{'id': null, 'method': 'update2'," \
                      " 'params': ['m', {'Port': {" ROWS "}}]}"

#define WHERE(TABLE, CLAUSES) "{'" TABLE "': [{'where': [" CLAUSES "]}]}"

static inline struct monitor *
begin(const char *requests)
{
    return fixture_begin(&f, MON_V2, requests, NULL);
}

static inline void
add_ports(void)
{
    fixture_commit(&f, "{'Port': {"
                   NEW(PORT1, "'name': 'x', 'host': 'a'") ","
                   NEW(PORT2, "'name': 'x', 'host': 'b'") ","
                   NEW(PORT3, "'name': 'y', 'host': 'c'") "}}");
}

static inline void
delete_ports(void)
{
    fixture_commit(&f, "{'Port': {'" PORT1 "': {'delete': null},"
                       " '" PORT2 "': {'delete': null},"
                       " '" PORT3 "': {'delete': null}}}");
}

/* Whether each of 'n' monitors has something due, as '1's and '0's; and
 * exactly these are in the database's list.  Then nothing is due. */
static inline void
assert_due(struct monitor *monitors[], size_t n, const char *expected)
{
    struct ds due = DS_EMPTY_INITIALIZER;
    size_t n_due = 0;

    for (size_t i = 0; i < n; i++) {
        bool is_due = monitor_n_due(monitors[i]);

        ds_put_char(&due, is_due ? '1' : '0');
        n_due += is_due;
        assert_int_equal(is_due, !ovs_list_is_empty(&monitors[i]->due_node));
    }
    assert_string_equal(ds_cstr(&due), expected);
    assert_int_equal(ovs_list_size(&f.db->due), n_due);
    for (size_t i = 0; i < n; i++) {
        free(fixture_tell(monitors[i]));
    }
    assert_true(ovs_list_is_empty(&f.db->due));
    ds_destroy(&due);
}

/* Changes the conditions of 'm'; returns the notification. */
static inline char *
change(struct monitor *m, const char *id, const char *requests)
{
    struct json *json = fixture_json(requests);
    struct ds out = DS_EMPTY_INITIALIZER;

    fixture_assert_ok(monitor_change(m, id, json, &out));
    json_destroy(json);
    return ds_steal_cstr(&out);
}

#endif /* tests/unit/monitor-ports.h */
