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
#include "monitor-random.h"
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

struct client {
    enum mon_protocol protocol;
    bool asks[RANDOM_TABLES];
    bool columns[RANDOM_TABLES][RANDOM_COLUMNS];
    char *where[RANDOM_TABLES];
    struct ovsdb_condition conditions[RANDOM_TABLES];

    struct monitor *monitor;    /* NULL: it is gone. */
    struct monitor_replica replica;
    bool due[RANDOM_TABLES][RANDOM_ROWS];
    bool knows[RANDOM_TABLES][RANDOM_ROWS]; /* Of those that are due. */
};

static struct fixture f;
static struct client clients[N_CLIENTS];
static unsigned int n_found, n_not_found, n_told, n_coalesced;

static const struct ovsdb_row *
get_row(const struct ovsdb *ovsdb, int table, int row)
{
    const char *name = random_tables[table].name;
    struct uuid id = random_row_id(table, row);

    return ovsdb_table_get_row(ovsdb_get_table(ovsdb, name), &id);
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
        random_put_clause(&out, table, general);
        ds_put_cstr(&out, i > 1 ? ", " : "");
    }
    ds_put_char(&out, ']');
    free(c->where[table]);
    c->where[table] = ds_steal_cstr(&out);

    ovsdb_condition_destroy(&c->conditions[table]);
    json = fixture_json(c->where[table]);
    fixture_assert_ok(ovsdb_condition_from_json(
        fixture_table(&f, random_tables[table].name)->schema, json, NULL,
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
    for (int i = 0; i < RANDOM_COLUMNS; i++) {
        if (c->columns[table][i]) {
            ds_put_format(out, "%s'%s'", any ? ", " : "",
                          random_tables[table].columns[i].name);
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
    for (int i = 0; i < RANDOM_TABLES; i++) {
        if (c->asks[i]) {
            ds_put_format(&out, "%s'%s': [", any ? ", " : "",
                          random_tables[i].name);
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
    for (int i = 0; i < RANDOM_TABLES; i++) {
        c->asks[i] = random_range(4);
        for (int j = 0; j < RANDOM_COLUMNS; j++) {
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
    for (int i = 0; ours && i < RANDOM_COLUMNS; i++) {
        const struct ovsdb_column *column = ovsdb_table_schema_get_column(
            theirs->table->schema, random_tables[table].columns[i].name);

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

    for (int i = 0; i < RANDOM_TABLES; i++) {
        const struct ovsdb_table *table
            = ovsdb_get_table(c->replica.ovsdb, random_tables[i].name);

        for (int j = 0; j < RANDOM_ROWS; j++) {
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

    for (int i = 0; i < RANDOM_TABLES; i++) {
        for (int j = 0; j < RANDOM_ROWS; j++) {
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
        monitor_replica_notify(&c->replica, c->protocol, text, false);
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
    for (int i = 0; i < RANDOM_TABLES; i++) {
        if (c->asks[i] && c->protocol != MON_V1 && random_range(3)) {
            new_condition(c, i);
            ds_put_format(&requests, "%s'%s': [{'where': %s}]",
                          any ? ", " : "", random_tables[i].name, c->where[i]);
            any = true;
        }
    }
    ds_put_char(&requests, '}');
    json = fixture_json(ds_cstr(&requests));
    fixture_assert_ok(monitor_change(c->monitor, "\"m\"", json, &out));
    monitor_replica_notify(&c->replica, c->protocol, ds_cstr(&out), true);
    json_destroy(json);
    ds_destroy(&requests);
    ds_destroy(&out);
    check_client(c);
}

/* Changes. */

static char *
random_update(int table, int row)
{
    const struct uuid id = random_row_id(table, row);
    bool exists = get_row(f.ovsdb, table, row);
    struct ds out = DS_EMPTY_INITIALIZER;

    ds_put_format(&out, "{'%s': {'"UUID_FMT"': ", random_tables[table].name,
                  UUID_ARGS(&id));
    if (exists && !random_range(4)) {
        ds_put_cstr(&out, "{'delete': null}");
    } else {
        /* No two ports of a network have one address. */
        ds_put_format(&out, "{'%s': {'%s': '%s%d'",
                      exists ? "modify" : "insert",
                      table ? "mac_address" : "description",
                      exists && random_range(2) ? "x" : "", row);
        random_put_columns(&out, table);
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

/* A row that was there, or is, for the client is due, unless it came and went
 * since the client was told. */
static void
note_due(struct client *c, int table, int row, bool was, bool is)
{
    if (!c->due[table][row]) {
        c->due[table][row] = was || is;
        c->knows[table][row] = was;
    } else {
        c->due[table][row] = c->knows[table][row] || is;
    }
}

static void
change_row(void)
{
    int table = random_range(RANDOM_TABLES), row = random_range(RANDOM_ROWS);
    const struct ovsdb_row *was = get_row(f.ovsdb, table, row), *is;
    struct ovsdb_row *old = was ? ovsdb_row_datum_clone(was) : NULL;
    char *update = random_update(table, row);

    fixture_apply(&f, update);
    free(update);
    is = get_row(f.ovsdb, table, row);
    for (int i = 0; i < N_CLIENTS && is_changed(old, is); i++) {
        struct client *c = &clients[i];

        note_due(c, table, row, matches(c, table, old),
                 matches(c, table, is));
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
        for (int j = 0; j < RANDOM_TABLES; j++) {
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
        for (int j = 0; j < RANDOM_TABLES; j++) {
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
