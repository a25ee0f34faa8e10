/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See monitor-replica.h. */

#include <config.h>

#include "monitor-fixture.h"

#include "monitor-replica.h"

#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb-data.h"
#include "ovsdb/column.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"

void
monitor_replica_init(struct monitor_replica *replica)
{
    replica->ovsdb = fixture_database();
    replica->last = UUID_ZERO;
}

void
monitor_replica_destroy(struct monitor_replica *replica)
{
    ovsdb_destroy(replica->ovsdb);
}

static void
delete_row(struct ovsdb_table *table, struct ovsdb_row *row)
{
    hmap_remove(&table->rows, &row->hmap_node);
    ovsdb_row_destroy(row);
}

void
monitor_replica_clear(struct monitor_replica *replica)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &replica->ovsdb->tables) {
        struct ovsdb_table *table = node->data;
        struct ovsdb_row *row;

        HMAP_FOR_EACH_SAFE (row, hmap_node, &table->rows) {
            delete_row(table, row);
        }
    }
    replica->last = UUID_ZERO;
}

/* A row's columns, by name, in JSON. */
static const struct shash *
members(const struct json *json)
{
    assert_int_equal(json->type, JSON_OBJECT);
    return json_object(json);
}

static struct ovsdb_datum *
field(struct ovsdb_row *row, const char *name,
      const struct ovsdb_column **columnp)
{
    const struct ovsdb_column *column
        = ovsdb_table_schema_get_column(row->table->schema, name);

    assert_non_null(column);
    *columnp = column;
    return &row->fields[column->index];
}

static void
insert_row(struct ovsdb_table *table, const struct uuid *id,
           const struct json *json)
{
    struct ovsdb_row *row = ovsdb_row_create(table);

    *ovsdb_row_get_uuid_rw(row) = *id;
    fixture_assert_ok(ovsdb_row_from_json(row, json, NULL, NULL));
    hmap_insert(&table->rows, &row->hmap_node, ovsdb_row_hash(row));
}

/* Changes the columns of 'row' by the differences in 'json'. */
static void
apply_diffs(struct ovsdb_row *row, const struct json *json)
{
    const struct shash_node *node;

    assert_false(shash_is_empty(members(json)));
    SHASH_FOR_EACH (node, members(json)) {
        const struct ovsdb_column *column;
        struct ovsdb_datum *datum = field(row, node->name, &column);
        struct ovsdb_datum diff, new;

        fixture_assert_ok(ovsdb_transient_datum_from_json(
            &diff, &column->type, node->data));
        fixture_assert_ok(ovsdb_datum_apply_diff(&new, datum, &diff,
                                                 &column->type));
        assert_false(ovsdb_datum_equals(&new, datum, &column->type));
        ovsdb_datum_swap(&new, datum);
        ovsdb_datum_destroy(&new, &column->type);
        ovsdb_datum_destroy(&diff, &column->type);
    }
}

static void
apply2(struct ovsdb_table *table, struct ovsdb_row *row,
       const struct uuid *id, const struct shash *update)
{
    const struct shash_node *node = shash_first(update);

    assert_int_equal(shash_count(update), 1);
    if (!strcmp(node->name, "insert") || !strcmp(node->name, "initial")) {
        assert_null(row);
        insert_row(table, id, node->data);
    } else if (!strcmp(node->name, "modify")) {
        assert_non_null(row);
        apply_diffs(row, node->data);
    } else {
        assert_string_equal(node->name, "delete");
        assert_non_null(row);
        delete_row(table, row);
    }
}

/* Fails unless the row has the values of 'json', and 'new', unless it is
 * NULL, others. */
static void
check_old(struct ovsdb_row *row, const struct json *json,
          const struct shash *new)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, members(json)) {
        const struct ovsdb_column *column;
        struct ovsdb_datum *datum = field(row, node->name, &column);
        struct ovsdb_datum old;

        fixture_assert_ok(ovsdb_datum_from_json(&old, &column->type,
                                                node->data, NULL));
        assert_true(ovsdb_datum_equals(&old, datum, &column->type));
        ovsdb_datum_destroy(&old, &column->type);
        assert_false(new && json_equal(node->data,
                                       shash_find_data(new, node->name)));
    }
}

static void
apply1(struct ovsdb_table *table, struct ovsdb_row *row,
       const struct uuid *id, const struct shash *update)
{
    const struct json *old = shash_find_data(update, "old");
    const struct json *new = shash_find_data(update, "new");

    assert_int_equal(shash_count(update), (old != NULL) + (new != NULL));
    assert_int_equal(old != NULL, row != NULL);
    if (old) {
        assert_true(!new || !shash_is_empty(members(old)));
        check_old(row, old, new ? members(new) : NULL);
        delete_row(table, row);
    }
    if (new) {
        insert_row(table, id, new);
    }
}

static void
apply(struct monitor_replica *replica, enum mon_protocol protocol,
      const struct json *updates)
{
    const struct shash_node *table_node, *node;

    SHASH_FOR_EACH (table_node, members(updates)) {
        struct ovsdb_table *table = ovsdb_get_table(replica->ovsdb,
                                                    table_node->name);

        assert_non_null(table);
        assert_false(shash_is_empty(members(table_node->data)));
        SHASH_FOR_EACH (node, members(table_node->data)) {
            struct uuid id = fixture_uuid(node->name);
            struct ovsdb_row *row = CONST_CAST(
                struct ovsdb_row *, ovsdb_table_get_row(table, &id));

            (protocol == MON_V1 ? apply1 : apply2)(table, row, &id,
                                                   members(node->data));
        }
    }
}

static struct json *
parse(const char *text)
{
    struct json *json = json_from_string(text);

    if (json->type == JSON_STRING) {
        fail_msg("%s: %s", text, json_string(json));
    }
    return json;
}

bool
monitor_replica_reply(struct monitor_replica *replica,
                      enum mon_protocol protocol, const char *text)
{
    struct json *json = parse(text);
    const struct json *updates = json;
    bool found = false;

    if (protocol == MON_V3) {
        const struct json_array *array = json_array(json);

        assert_int_equal(array->n, 3);
        found = json_boolean(array->elems[0]);
        updates = array->elems[2];
    }
    if (!found) {
        monitor_replica_clear(replica);
    }
    apply(replica, protocol, updates);
    if (protocol == MON_V3) {
        replica->last = fixture_uuid(json_string(
            json_array(json)->elems[1]));
    }
    json_destroy(json);
    return found;
}

void
monitor_replica_notify(struct monitor_replica *replica,
                       enum mon_protocol protocol, const char *text,
                       bool state_alone)
{
    static const char *const methods[] = {
        [MON_V1] = "update",
        [MON_V2] = "update2",
        [MON_V3] = "update3",
    };
    const struct json_array *params;
    struct json *json;

    if (!*text) {
        return;
    }
    json = parse(text);
    assert_string_equal(
        json_string(shash_find_data(members(json), "method")),
        methods[protocol]);
    params = json_array(shash_find_data(members(json), "params"));
    assert_int_equal(params->n, protocol == MON_V3 ? 3 : 2);
    assert_true((state_alone && protocol == MON_V3)
                || !shash_is_empty(members(params->elems[params->n - 1])));
    apply(replica, protocol, params->elems[params->n - 1]);
    if (protocol == MON_V3) {
        replica->last = fixture_uuid(json_string(params->elems[1]));
    }
    json_destroy(json);
}
