/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See monitor-fixture.h. */

#include <config.h>

#include "monitor-fixture.h"

#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "monitor/db.h"
#include "monitor/monitor.h"
#include "nb/apply.h"
#include "nb/layout.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-cs.h"
#include "ovsdb-error.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/storage.h"
#include "ovsdb/table.h"

struct json *
fixture_json(const char *text_)
{
    char *text = xstrdup(text_);
    struct json *json;

    for (char *p = text; *p; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    json = json_from_string(text);
    if (json->type == JSON_STRING) {
        fail_msg("%s: %s", text, json_string(json));
    }
    free(text);
    return json;
}

struct uuid
fixture_uuid(const char *s)
{
    struct uuid uuid;

    assert_true(uuid_from_string(&uuid, s));
    return uuid;
}

unsigned long long int
fixture_count(struct coverage_counter *counter)
{
    counter->total += counter->count();
    return counter->total;
}

void
fixture_assert_ok(struct ovsdb_error *error)
{
    if (error) {
        fail_msg("%s", ovsdb_error_to_string_free(error));
    }
}

void
fixture_assert_error(struct ovsdb_error *error, const char *tag,
                     const char *details)
{
    const char *found;
    struct json *json;

    assert_non_null(error);
    json = ovsdb_error_to_json_free(error);
    found = json_string(shash_find_data(json_object(json), "details"));
    assert_string_equal(
        json_string(shash_find_data(json_object(json), "error")), tag);
    if (!strstr(found, details)) {
        fail_msg("\"%s\" is not in \"%s\"", details, found);
    }
    json_destroy(json);
}

/* The database. */

struct json *
fixture_schema(void)
{
    struct json *json = json_from_file(SCHEMA_FILE);

    if (json->type == JSON_STRING) {
        fail_msg("%s", json_string(json));
    }
    return json;
}

static struct ovsdb *
open_database(struct ovsdb_schema *schema)
{
    if (!schema) {
        fixture_assert_ok(ovsdb_schema_from_file(SCHEMA_FILE, &schema));
    }
    nb_layout_relax(schema);
    return ovsdb_create(schema, ovsdb_storage_create_unbacked("nb"));
}

struct ovsdb *
fixture_database(void)
{
    return open_database(NULL);
}

void
fixture_init(struct fixture *f, struct ovsdb_schema *schema, size_t history)
{
    f->ovsdb = open_database(schema);
    nb_layout_set(f->ovsdb);
    nb_index_init(&f->index);
    f->db = mon_db_create(f->ovsdb, &f->index, true, history);
    mon_db_commit(f->db);
}

void
fixture_destroy(struct fixture *f)
{
    mon_db_destroy(f->db);
    nb_index_destroy(&f->index);
    ovsdb_destroy(f->ovsdb);
}

void
fixture_apply(struct fixture *f, const char *text)
{
    struct ovsdb_cs_update_event event = { .version = 2 };
    struct nb_row_changes changes = { NULL, 0, 0 };

    event.table_updates = fixture_json(text);
    fixture_assert_ok(nb_apply(f->ovsdb, &event, &changes));
    json_destroy(event.table_updates);
    for (size_t i = 0; i < changes.n; i++) {
        const struct nb_row_change *c = &changes.changes[i];

        nb_index_change(&f->index, c->old, c->new);
    }
    for (size_t i = 0; i < changes.n; i++) {
        const struct nb_row_change *c = &changes.changes[i];

        mon_db_change(f->db, c->old, c->new);
    }
    nb_row_changes_destroy(&changes);
}

void
fixture_commit(struct fixture *f, const char *text)
{
    fixture_apply(f, text);
    mon_db_commit(f->db);
}

const struct ovsdb_table *
fixture_table(const struct fixture *f, const char *name)
{
    const struct ovsdb_table *table = ovsdb_get_table(f->ovsdb, name);

    assert_non_null(table);
    return table;
}

const struct ovsdb_row *
fixture_row(const struct fixture *f, const char *table, const char *id)
{
    struct uuid uuid = fixture_uuid(id);

    return ovsdb_table_get_row(fixture_table(f, table), &uuid);
}

/* Monitors. */

struct monitor *
fixture_monitor(struct fixture *f, enum mon_protocol protocol,
                const char *requests)
{
    struct json *json = fixture_json(requests);
    struct monitor *monitor;

    fixture_assert_ok(monitor_create(f->db, protocol, "\"m\"", json, NULL,
                                     &monitor));
    json_destroy(json);
    return monitor;
}

struct monitor *
fixture_begin(struct fixture *f, enum mon_protocol protocol,
              const char *requests, char **reply)
{
    struct monitor *monitor = fixture_monitor(f, protocol, requests);
    struct ds result = DS_EMPTY_INITIALIZER;

    monitor_begin(monitor, NULL, &result);
    if (reply) {
        *reply = ds_steal_cstr(&result);
    }
    ds_destroy(&result);
    return monitor;
}

char *
fixture_tell(struct monitor *monitor)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    monitor_tell_due(monitor, &out);
    assert_int_equal(monitor_n_due(monitor), 0);
    return ds_steal_cstr(&out);
}

void
fixture_assert_json(const char *text, const char *expected_,
                    const char *file, int line)
{
    struct json *json, *expected;

    if (!*text || !*expected_) {
        _assert_string_equal(text, expected_, file, line);
        return;
    }
    json = json_from_string(text);
    expected = fixture_json(expected_);
    if (!json_equal(json, expected)) {
        print_error("%s, not %s\n", text, expected_);
        _fail(file, line);
    }
    json_destroy(json);
    json_destroy(expected);
}
