/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Random changes of a few rows, and clients with random monitors, which read
 * now and then, ask for something else, go and come back.  What each has made
 * of what it was told is compared with the rows that it asks for, and what it
 * is due with the changes that concerned it, both by ovsdb-server's code for
 * conditions. */

#include <config.h>

#include "monitor-fixture.h"

#include <string.h>

#include "ipam-seed.h"
#include "monitor-replica.h"
#include "monitor/db.h"
#include "monitor/monitor.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb/column.h"
#include "ovsdb/condition.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"

#define ROUNDS 40
#define STEPS 400
#define N_CLIENTS 8
#define N_TABLES 2
#define N_ROWS 5
#define N_COLUMNS 6

enum kind { STRING, INTEGER, BOOLEAN, UUID, STRINGS, MAP };

static const struct {
    const char *name;
    enum unit_kind ids;
    struct {
        const char *name;
        enum kind kind;
    } columns[N_COLUMNS];
} tables[N_TABLES] = {
    { "Network", UNIT_NETWORK,
      { { "name", STRING }, { "mtu", INTEGER }, { "shared", BOOLEAN },
        { "segment", UUID }, { "tags", STRINGS }, { "external_ids", MAP } } },
    { "Port", UNIT_PORT,
      { { "name", STRING }, { "host", STRING }, { "network", UUID },
        { "revision_number", INTEGER }, { "tags", STRINGS },
        { "binding_profile", MAP } } },
};

struct client {
    enum mon_protocol protocol;
    bool asks[N_TABLES];
    bool columns[N_TABLES][N_COLUMNS];
    char *where[N_TABLES];
    struct ovsdb_condition conditions[N_TABLES];

    struct monitor *monitor;    /* NULL: it is gone. */
    struct monitor_replica replica;
    bool due[N_TABLES][N_ROWS];
};

static struct fixture f;
static struct client clients[N_CLIENTS];
static unsigned int n_found, n_not_found, n_told, n_coalesced;

static struct uuid
row_id(int table, int row)
{
    return unit_uuid(tables[table].ids, row + 1);
}

static const struct ovsdb_row *
get_row(const struct ovsdb *ovsdb, int table, int row)
{
    struct uuid id = row_id(table, row);

    return ovsdb_table_get_row(ovsdb_get_table(ovsdb, tables[table].name),
                               &id);
}

/* Random JSON. */

static void
put_strings(struct ds *out)
{
    bool any = false;

    ds_put_cstr(out, "['set', [");
    for (const char *p = "xyz"; *p; p++) {
        if (random_range(2)) {
            ds_put_format(out, "%s'%c'", any ? ", " : "", *p);
            any = true;
        }
    }
    ds_put_cstr(out, "]]");
}

static void
put_map(struct ds *out)
{
    bool any = false;

    ds_put_cstr(out, "['map', [");
    for (const char *p = "kl"; *p; p++) {
        if (random_range(2)) {
            ds_put_format(out, "%s['%c', '%c']", any ? ", " : "", *p,
                          "vw"[random_range(2)]);
            any = true;
        }
    }
    ds_put_cstr(out, "]]");
}

static void
put_value(struct ds *out, enum kind kind)
{
    struct uuid id;

    switch (kind) {
    case STRING:
        ds_put_format(out, "'%.*s'", random_range(4) != 0,
                      &"abc"[random_range(3)]);
        break;
    case INTEGER:
        ds_put_format(out, "%"PRIu32, random_range(3));
        break;
    case BOOLEAN:
        ds_put_cstr(out, random_range(2) ? "true" : "false");
        break;
    case UUID:
        id = row_id(0, random_range(N_ROWS));
        ds_put_format(out, "['uuid', '"UUID_FMT"']", UUID_ARGS(&id));
        break;
    case STRINGS:
        put_strings(out);
        break;
    case MAP:
        put_map(out);
        break;
    }
}

/* Members of a row: some of the columns. */
static void
put_columns(struct ds *out, int table)
{
    for (int i = 0; i < N_COLUMNS; i++) {
        if (!random_range(3)) {
            ds_put_format(out, ", '%s': ", tables[table].columns[i].name);
            put_value(out, tables[table].columns[i].kind);
        }
    }
}

/* A clause that is "==", or, if 'general', maybe another. */
static void
put_clause(struct ds *out, int table, bool general)
{
    int i = (int) random_range(N_COLUMNS + 1) - 1;
    struct uuid id = row_id(table, random_range(N_ROWS));

    if (!random_range(20)) {
        ds_put_cstr(out, random_range(5) ? "false" : "true");
    } else if (i < 0) {
        ds_put_format(out, "['_uuid', '%s', ['uuid', '"UUID_FMT"']]",
                      general && random_range(2) ? "!=" : "==",
                      UUID_ARGS(&id));
    } else {
        static const char *const functions[] = {
            "==", "!=", "includes", "excludes", "<", ">=",
        };
        enum kind kind = tables[table].columns[i].kind;
        int n = kind == INTEGER ? 6 : 4;

        ds_put_format(out, "['%s', '%s', ", tables[table].columns[i].name,
                      functions[general ? random_range(n) : 0]);
        put_value(out, kind);
        ds_put_char(out, ']');
    }
}

/* Clients. */

/* Gives the client another condition for 'table'. */
static void
new_condition(struct client *c, int table)
{
    struct ds out = DS_EMPTY_INITIALIZER;
    bool general = !random_range(3);
    struct json *json;

    ds_put_char(&out, '[');
    for (int i = c->protocol == MON_V1 ? 0 : random_range(5); i > 0; i--) {
        put_clause(&out, table, general);
        ds_put_cstr(&out, i > 1 ? ", " : "");
    }
    ds_put_char(&out, ']');
    free(c->where[table]);
    c->where[table] = ds_steal_cstr(&out);

    ovsdb_condition_destroy(&c->conditions[table]);
    json = fixture_json(c->where[table]);
    fixture_assert_ok(ovsdb_condition_from_json(
        fixture_table(&f, tables[table].name)->schema, json, NULL,
        &c->conditions[table]));
    json_destroy(json);
}

/* Open vSwitch 3.1 overlooks "true" where "false" is there twice. */
static bool
is_true(const struct ovsdb_condition *condition)
{
    for (size_t i = 0; i < condition->n_clauses; i++) {
        if (condition->clauses[i].function == OVSDB_F_TRUE) {
            return true;
        }
    }
    return ovsdb_condition_empty(condition);
}

static bool
matches(const struct client *c, int table, const struct ovsdb_row *row)
{
    const struct ovsdb_condition *condition = &c->conditions[table];

    return (row && c->monitor && c->asks[table]
            && (is_true(condition)
                || ovsdb_condition_match_any_clause(row->fields, condition,
                                                    NULL)));
}

static void
put_request(struct ds *out, const struct client *c, int table)
{
    bool any = false;

    ds_put_cstr(out, "{'columns': [");
    for (int i = 0; i < N_COLUMNS; i++) {
        if (c->columns[table][i]) {
            ds_put_format(out, "%s'%s'", any ? ", " : "",
                          tables[table].columns[i].name);
            any = true;
        }
    }
    ds_put_char(out, ']');
    if (c->protocol != MON_V1) {
        ds_put_format(out, ", 'where': %s", c->where[table]);
    }
    ds_put_char(out, '}');
}

static char *
make_requests(const struct client *c)
{
    struct ds out = DS_EMPTY_INITIALIZER;
    bool any = false;

    ds_put_char(&out, '{');
    for (int i = 0; i < N_TABLES; i++) {
        if (c->asks[i]) {
            ds_put_format(&out, "%s'%s': [", any ? ", " : "",
                          tables[i].name);
            put_request(&out, c, i);
            ds_put_char(&out, ']');
            any = true;
        }
    }
    ds_put_char(&out, '}');
    return ds_steal_cstr(&out);
}

/* Lets the client ask for something from anew. */
static void
new_client(struct client *c)
{
    monitor_replica_clear(&c->replica);
    c->protocol = random_range(3);
    for (int i = 0; i < N_TABLES; i++) {
        c->asks[i] = random_range(4);
        for (int j = 0; j < N_COLUMNS; j++) {
            c->columns[i][j] = random_range(2);
        }
        new_condition(c, i);
    }
}

static void
check_row(const struct client *c, int table, int row)
{
    const struct ovsdb_row *ours = get_row(c->replica.ovsdb, table, row);
    const struct ovsdb_row *theirs = get_row(f.ovsdb, table, row);

    assert_int_equal(matches(c, table, theirs), ours != NULL);
    for (int i = 0; ours && i < N_COLUMNS; i++) {
        const struct ovsdb_column *column = ovsdb_table_schema_get_column(
            theirs->table->schema, tables[table].columns[i].name);

        if (c->columns[table][i]) {
            assert_true(ovsdb_datum_equals(&ours->fields[column->index],
                                           &theirs->fields[column->index],
                                           &column->type));
        }
    }
}

/* Nothing is due: the client knows what it asks for, and nothing else. */
static void
check_client(const struct client *c)
{
    size_t n_rows = 0;

    for (int i = 0; i < N_TABLES; i++) {
        const struct ovsdb_table *table
            = ovsdb_get_table(c->replica.ovsdb, tables[i].name);

        for (int j = 0; j < N_ROWS; j++) {
            check_row(c, i, j);
        }
        n_rows += hmap_count(&table->rows);
    }
    assert_int_equal(monitor_n_rows(c->monitor), n_rows);
    assert_int_equal(monitor_n_due(c->monitor), 0);
}

static void
check_due(const struct client *c)
{
    size_t n = 0;

    for (int i = 0; i < N_TABLES; i++) {
        for (int j = 0; j < N_ROWS; j++) {
            n += c->due[i][j];
        }
    }
    assert_int_equal(monitor_n_due(c->monitor), n);
    assert_int_equal(ovs_list_is_empty(&c->monitor->due_node), !n);
}

static void
begin(struct client *c)
{
    struct uuid last = c->replica.last;
    struct ds result = DS_EMPTY_INITIALIZER;
    char *requests = make_requests(c);

    c->monitor = fixture_monitor(&f, c->protocol, requests);
    free(requests);
    monitor_begin(c->monitor, &last, &result);
    if (monitor_replica_reply(&c->replica, c->protocol, ds_cstr(&result))) {
        n_found++;
    } else if (!uuid_is_zero(&last)) {
        n_not_found++;
    }
    ds_destroy(&result);
    check_client(c);
}

static void
tell(struct client *c)
{
    if (monitor_n_due(c->monitor)) {
        char *text = fixture_tell(c->monitor);

        n_told += *text != '\0';
        n_coalesced += *text == '\0';
        monitor_replica_notify(&c->replica, c->protocol, text);
        free(text);
    }
    memset(c->due, 0, sizeof c->due);
    check_client(c);
}

static void
leave(struct client *c)
{
    monitor_destroy(c->monitor);
    c->monitor = NULL;
    memset(c->due, 0, sizeof c->due);
    if (random_range(3) == 0) {
        new_client(c);
    }
}

static void
change_conditions(struct client *c)
{
    struct ds requests = DS_EMPTY_INITIALIZER;
    struct ds out = DS_EMPTY_INITIALIZER;
    struct json *json;
    bool any = false;

    ds_put_char(&requests, '{');
    for (int i = 0; i < N_TABLES; i++) {
        if (c->asks[i] && c->protocol != MON_V1 && random_range(3)) {
            new_condition(c, i);
            ds_put_format(&requests, "%s'%s': [{'where': %s}]",
                          any ? ", " : "", tables[i].name, c->where[i]);
            any = true;
        }
    }
    ds_put_char(&requests, '}');
    json = fixture_json(ds_cstr(&requests));
    fixture_assert_ok(monitor_change(c->monitor, "\"m\"", json, &out));
    monitor_replica_notify(&c->replica, c->protocol, ds_cstr(&out));
    json_destroy(json);
    ds_destroy(&requests);
    ds_destroy(&out);
    check_client(c);
}

/* Changes. */

static char *
random_update(int table, int row)
{
    const struct uuid id = row_id(table, row);
    bool exists = get_row(f.ovsdb, table, row);
    struct ds out = DS_EMPTY_INITIALIZER;

    ds_put_format(&out, "{'%s': {'"UUID_FMT"': ", tables[table].name,
                  UUID_ARGS(&id));
    if (exists && !random_range(4)) {
        ds_put_cstr(&out, "{'delete': null}");
    } else {
        /* No two ports of a network have one address. */
        ds_put_format(&out, "{'%s': {'%s': '%s%d'",
                      exists ? "modify" : "insert",
                      table ? "mac_address" : "description",
                      exists && random_range(2) ? "x" : "", row);
        put_columns(&out, table);
        ds_put_cstr(&out, "}}");
    }
    ds_put_cstr(&out, "}}");
    return ds_steal_cstr(&out);
}

static bool
is_changed(const struct ovsdb_row *old, const struct ovsdb_row *new)
{
    const struct shash_node *node;

    if (!old || !new) {
        return old || new;
    }
    SHASH_FOR_EACH (node, &new->table->schema->columns) {
        const struct ovsdb_column *column = node->data;

        if (column->index >= OVSDB_N_STD_COLUMNS
            && !ovsdb_datum_equals(&old->fields[column->index],
                                   &new->fields[column->index],
                                   &column->type)) {
            return true;
        }
    }
    return false;
}

static void
change_row(void)
{
    int table = random_range(N_TABLES), row = random_range(N_ROWS);
    const struct ovsdb_row *was = get_row(f.ovsdb, table, row), *is;
    struct ovsdb_row *old = was ? ovsdb_row_datum_clone(was) : NULL;
    char *update = random_update(table, row);

    fixture_apply(&f, update);
    free(update);
    is = get_row(f.ovsdb, table, row);
    for (int i = 0; i < N_CLIENTS && is_changed(old, is); i++) {
        struct client *c = &clients[i];

        if (matches(c, table, old) || matches(c, table, is)) {
            c->due[table][row] = true;
        }
    }
    ovsdb_row_destroy(old);
}

static void
transact(void)
{
    for (int n = random_range(4); n >= 0; n--) {
        change_row();
    }
    mon_db_commit(f.db);
    for (int i = 0; i < N_CLIENTS; i++) {
        if (clients[i].monitor) {
            check_due(&clients[i]);
        }
    }
}

static void
step(struct client *c)
{
    if (!c->monitor) {
        begin(c);
    } else if (random_range(3)) {
        tell(c);
    } else if (random_range(2)) {
        tell(c);
        change_conditions(c);
    } else {
        leave(c);
    }
}

static void
run_round(size_t history)
{
    fixture_init(&f, NULL, history);
    for (int i = 0; i < N_CLIENTS; i++) {
        monitor_replica_init(&clients[i].replica);
        for (int j = 0; j < N_TABLES; j++) {
            ovsdb_condition_init(&clients[i].conditions[j]);
        }
        new_client(&clients[i]);
    }
    for (int i = 0; i < STEPS; i++) {
        if (random_range(2)) {
            transact();
        } else {
            step(&clients[random_range(N_CLIENTS)]);
        }
    }
    for (int i = 0; i < N_CLIENTS; i++) {
        struct client *c = &clients[i];

        if (c->monitor) {
            tell(c);
        }
        monitor_destroy(c->monitor);
        monitor_replica_destroy(&c->replica);
        for (int j = 0; j < N_TABLES; j++) {
            ovsdb_condition_destroy(&c->conditions[j]);
            free(c->where[j]);
        }
    }
    memset(clients, 0, sizeof clients);
    fixture_destroy(&f);
}

static void
random_monitors(void **state OVS_UNUSED)
{
    static const size_t histories[] = { 0, 5, 20, 70, 10000 };

    for (size_t i = 0; i < ROUNDS; i++) {
        run_round(histories[i % ARRAY_SIZE(histories)]);
    }
    /* All of that has happened. */
    assert_true(n_found && n_not_found && n_told && n_coalesced);
    seeded_passed();
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        seeded_unit_test(random_monitors),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("monitor-random", tests, NULL, NULL);
}
