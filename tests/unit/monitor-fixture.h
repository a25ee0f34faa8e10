/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_FIXTURE_H
#define MONITOR_FIXTURE_H 1

/* What the tests of notifier/monitor/ share: a database with the real schema
 * in memory, its index, and what its monitors see of it.
 *
 * JSON is written with ' for ".  Whatever fails here fails the test. */

#include "unit.h"

#include "monitor/compose.h"
#include "nb/index.h"

struct coverage_counter;
struct json;
struct mon_condition;
struct mon_db;
struct monitor;
struct ovsdb;
struct ovsdb_error;
struct ovsdb_row;
struct ovsdb_schema;
struct ovsdb_table;
struct ovsdb_table_schema;

#define NET1 "0000000a-0000-0001-0000-000000000001"
#define NET2 "0000000a-0000-0002-0000-000000000002"
#define NET3 "0000000a-0000-0003-0000-000000000003"
#define PORT1 "0000000b-0000-0001-0000-000000000001"
#define PORT2 "0000000b-0000-0002-0000-000000000002"
#define PORT3 "0000000b-0000-0003-0000-000000000003"
#define PORT4 "0000000b-0000-0004-0000-000000000004"

struct fixture {
    struct ovsdb *ovsdb;
    struct nb_index index;
    struct mon_db *db;
};

/* Begins with an empty database whose history holds 'history' changes, with
 * the project's schema or, consumed, 'schema'.  The initial state is
 * committed. */
void fixture_init(struct fixture *, struct ovsdb_schema *schema,
                  size_t history);
void fixture_destroy(struct fixture *);

/* A database like the fixture's, for rows alone; the schema's JSON. */
struct ovsdb *fixture_database(void);
struct json *fixture_schema(void);

/* Applies the <table-updates2> 'text' and reports the changes;
 * fixture_commit() commits too. */
void fixture_apply(struct fixture *, const char *text);
void fixture_commit(struct fixture *, const char *text);

const struct ovsdb_table *fixture_table(const struct fixture *,
                                        const char *name);
const struct ovsdb_row *fixture_row(const struct fixture *,
                                    const char *table, const char *id);

/* A monitor of 'requests' that has not begun; one that has, with its reply
 * in '*reply', for the caller to free, unless that is NULL. */
struct monitor *fixture_monitor(struct fixture *, enum mon_protocol,
                                const char *requests);
struct monitor *fixture_begin(struct fixture *, enum mon_protocol,
                              const char *requests, char **reply);

/* The notification of what 'monitor' is due, "" for none, for the caller to
 * free. */
char *fixture_tell(struct monitor *);

/* Fails unless the JSON of 'text' is that of 'expected', or both are "".  As
 * assert_json(), of what a call returned; frees it. */
#define assert_json(TEXT, EXPECTED) \
    fixture_assert_json(TEXT, EXPECTED, __FILE__, __LINE__)
#define assert_json_free(TEXT, EXPECTED)                \
    do {                                                \
        char *text__ = (TEXT);                          \
                                                        \
        assert_json(text__, EXPECTED);                  \
        free(text__);                                   \
    } while (0)
void fixture_assert_json(const char *text, const char *expected,
                         const char *file, int line);

/* Frees 'error', and fails unless it is as an error of the tag, with details
 * that contain 'details'. */
void fixture_assert_error(struct ovsdb_error *error, const char *tag,
                          const char *details);
void fixture_assert_ok(struct ovsdb_error *error);

struct json *fixture_json(const char *text);
struct uuid fixture_uuid(const char *);

/* The value of a counter, counter_NAME of "extern struct coverage_counter
 * counter_NAME". */
unsigned long long int fixture_count(struct coverage_counter *);

#endif /* tests/unit/monitor-fixture.h */
