/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See server-db.h.  An error here is a bug. */

#include <config.h>

#include "door/server-db.h"

#include <stdlib.h>

#include "monitor/db.h"
#include "nb/columns.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "ovsdb/ovsdb-util.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/storage.h"
#include "ovsdb/table.h"
#include "ovsdb/transaction.h"
#include "util.h"

#define SERVER_DATABASE "_Server"

/* Version 1.2.0 of it, with the columns that ovsdb-server(5) lists. */
static const char schema_text[] =
    "{\"name\":\"" SERVER_DATABASE "\",\"version\":\"1.2.0\",\"tables\":{"
    "\"Database\":{\"isRoot\":true,\"columns\":{"
    "\"name\":{\"type\":\"string\"},"
    "\"model\":{\"type\":{\"key\":{\"type\":\"string\",\"enum\":"
    "[\"set\",[\"standalone\",\"clustered\",\"relay\"]]}}},"
    "\"connected\":{\"type\":\"boolean\"},"
    "\"leader\":{\"type\":\"boolean\"},"
    "\"schema\":{\"type\":{\"key\":\"string\",\"min\":0,\"max\":1}},"
    "\"cid\":{\"type\":{\"key\":\"uuid\",\"min\":0,\"max\":1}},"
    "\"sid\":{\"type\":{\"key\":\"uuid\",\"min\":0,\"max\":1}},"
    "\"index\":{\"type\":{\"key\":\"integer\",\"min\":0,\"max\":1}}}}}}";

static struct ovsdb_table *
database_table(const struct server_db *db)
{
    return ovsdb_get_table(db->ovsdb, "Database");
}

static struct ovsdb_row *
find_row(const struct server_db *db, const char *name)
{
    struct ovsdb_row *row;

    HMAP_FOR_EACH (row, hmap_node, &database_table(db)->rows) {
        const char *row_name;

        if (ovsdb_util_read_string_column(row, "name", &row_name)
            && !strcmp(row_name, name)) {
            return row;
        }
    }
    OVS_NOT_REACHED();
}

static bool
report(const struct ovsdb_row *old, const struct ovsdb_row *new,
       const unsigned long int *changed OVS_UNUSED, void *db_)
{
    struct server_db *db = db_;

    /* Called before the commit; the new row is the table's already. */
    nb_index_change(&db->index, old, new);
    mon_db_change(db->monitors, old, new);
    return true;
}

static void
commit(struct server_db *db, struct ovsdb_txn *txn)
{
    struct ovsdb_error *error;

    ovsdb_txn_for_each_change(txn, report, db);
    error = ovsdb_txn_replay_commit(txn);
    if (error) {
        ovs_fatal(0, "%s: %s", SERVER_DATABASE,
                  ovsdb_error_to_string_free(error));
    }
    mon_db_commit(db->monitors);
}

static void
add_row(struct server_db *db, struct ovsdb_txn *txn, const char *name,
        const char *model, bool known)
{
    struct ovsdb_row *row = ovsdb_row_create(database_table(db));

    uuid_generate(ovsdb_row_get_uuid_rw(row));
    ovsdb_util_write_string_column(row, "name", name);
    ovsdb_util_write_string_column(row, "model", model);
    ovsdb_util_write_bool_column(row, "connected", known);
    ovsdb_util_write_bool_column(row, "leader", known);
    if (known) {
        ovsdb_util_write_string_column(row, "schema", schema_text);
    }
    ovsdb_txn_row_insert(txn, row);
}

struct server_db *
server_db_create(void)
{
    struct server_db *db = xzalloc(sizeof *db);
    struct json *json = json_from_string(schema_text);
    struct ovsdb_schema *schema;
    struct ovsdb_error *error = ovsdb_schema_from_json(json, &schema);
    struct ovsdb_txn *txn;

    json_destroy(json);
    if (error) {
        ovs_fatal(0, "%s: %s", SERVER_DATABASE,
                  ovsdb_error_to_string_free(error));
    }
    db->ovsdb = ovsdb_create(schema,
                             ovsdb_storage_create_unbacked(SERVER_DATABASE));
    nb_index_init(&db->index);
    db->monitors = mon_db_create(db->ovsdb, &db->index, false, 0);
    txn = ovsdb_txn_create(db->ovsdb);
    add_row(db, txn, SERVER_DATABASE, "standalone", true);
    add_row(db, txn, NB_DATABASE, "relay", false);
    commit(db, txn);
    return db;
}

/* Monitors are destroyed before. */
void
server_db_destroy(struct server_db *db)
{
    if (db) {
        mon_db_destroy(db->monitors);
        nb_index_destroy(&db->index);
        ovsdb_destroy(db->ovsdb);
        free(db);
    }
}

static bool
is_so(const struct ovsdb_row *row, const char *schema, bool connected)
{
    const char *old_schema;
    bool old_connected;

    if (!ovsdb_util_read_string_column(row, "schema", &old_schema)) {
        old_schema = NULL;
    }
    return (ovsdb_util_read_bool_column(row, "connected", &old_connected)
            && old_connected == connected
            && nullable_string_is_equal(old_schema, schema));
}

void
server_db_update(struct server_db *db, const char *schema, bool connected)
{
    const struct ovsdb_row *old = find_row(db, NB_DATABASE);
    struct ovsdb_txn *txn;
    struct ovsdb_row *row;

    /* A row that is written as it was would be dropped at the commit, after
     * it has been reported. */
    if (is_so(old, schema, connected)) {
        return;
    }
    txn = ovsdb_txn_create(db->ovsdb);
    row = ovsdb_txn_row_modify(txn, old);
    ovsdb_util_write_bool_column(row, "connected", connected);
    if (schema) {
        ovsdb_util_write_string_column(row, "schema", schema);
    } else {
        ovsdb_util_clear_column(row, "schema");
    }
    commit(db, txn);
}

struct json *
server_db_execute(struct server_db *db, const struct json *params,
                  long long int elapsed, long long int *timeout)
{
    return ovsdb_execute(db->ovsdb, NULL, params, true, NULL, NULL, elapsed,
                         timeout);
}
