/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The history of changes: which states are found, which changes are listed
 * under which values, what is forgotten; and a random one against a plain
 * list of all changes. */

#include <config.h>

#include "monitor-fixture.h"

#include <string.h>

#include "ipam-seed.h"
#include "monitor/history.h"
#include "monitor/version.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb-error.h"
#include "ovsdb/column.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"

/* Steps of a random test. */
#define STEPS 3000

static struct ovsdb *ovsdb;
static const struct ovsdb_table *networks, *hosts;
static const struct ovsdb_column *name, *project, *host;

static const struct ovsdb_column *
column(const struct ovsdb_table *table, const char *column_name)
{
    return ovsdb_table_schema_get_column(table->schema, column_name);
}

static int
setup(void **state OVS_UNUSED)
{
    ovsdb = fixture_database();
    networks = ovsdb_get_table(ovsdb, "Network");
    hosts = ovsdb_get_table(ovsdb, "Host");
    name = column(networks, "name");
    project = column(networks, "project_id");
    host = column(hosts, "host");
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    ovsdb_destroy(ovsdb);
    return 0;
}

static struct ovsdb_row *
make_row(const struct ovsdb_table *table, unsigned int n, const char *text)
{
    struct json *json = text ? fixture_json(text) : NULL;
    struct ovsdb_row *row = NULL;

    if (text) {
        row = ovsdb_row_create(table);
        *ovsdb_row_get_uuid_rw(row) = unit_uuid(UNIT_NETWORK, n);
        fixture_assert_ok(ovsdb_row_from_json(row, json, NULL, NULL));
    }
    json_destroy(json);
    return row;
}

/* Adds the change of row 'n' of 'table' from 'old' to 'new', both JSON, NULL
 * for none. */
static void
change(struct mon_history *history, const struct ovsdb_table *table,
       unsigned int n, const char *old, const char *new)
{
    struct ovsdb_row *was = make_row(table, n, old);
    struct ovsdb_row *is = make_row(table, n, new);
    struct uuid id = unit_uuid(UNIT_NETWORK, n);
    struct mon_version *version = mon_version_create(table, &id, was);

    mon_history_add(history, version, is);
    mon_version_unref(version);
    ovsdb_row_destroy(was);
    ovsdb_row_destroy(is);
}

static struct uuid
state_name(unsigned int n)
{
    return unit_uuid(UNIT_PORT, n);
}

static void
commit(struct mon_history *history, unsigned int n)
{
    struct uuid id = state_name(n);

    mon_history_commit(history, &id);
}

#define NOT_FOUND UINT64_MAX

static uint64_t
find(const struct mon_history *history, unsigned int n)
{
    struct uuid id = state_name(n);
    uint64_t seq = NOT_FOUND;

    return mon_history_find(history, &id, &seq) ? seq : NOT_FOUND;
}

static void
put_seq(uint64_t seq, void *out_)
{
    struct ds *out = out_;

    ds_put_format(out, "%s%"PRIu64, out->length ? " " : "", seq);
}

/* The changes from 'seq' on under a string in a column. */
static void
check_listed(const struct mon_history *history, const struct ovsdb_column *c,
             const char *value, uint64_t seq, const char *expected)
{
    struct ds out = DS_EMPTY_INITIALIZER;
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    datum.n = 1;
    datum.keys = xmalloc(sizeof *datum.keys);
    datum.keys[0].s = ovsdb_atom_string_create(value);
    mon_history_for_each(history, c, &datum, seq, put_seq, &out);
    assert_string_equal(ds_cstr(&out), expected);
    ovsdb_datum_destroy(&datum, &c->type);
    ds_destroy(&out);
}

static void
states(void **state OVS_UNUSED)
{
    struct mon_history history;

    mon_history_init(&history, 10);
    assert_int_equal(find(&history, 1), NOT_FOUND);
    commit(&history, 1);
    assert_int_equal(find(&history, 1), 0);
    assert_int_equal(find(&history, 2), NOT_FOUND);

    change(&history, networks, 1, NULL, "{'name': 'a'}");
    change(&history, networks, 2, NULL, "{}");
    commit(&history, 2);
    change(&history, networks, 1, "{'name': 'a'}", "{'name': 'b'}");
    commit(&history, 3);
    assert_int_equal(mon_history_head(&history), 3);
    assert_int_equal(find(&history, 1), 0);
    assert_int_equal(find(&history, 2), 2);
    assert_int_equal(find(&history, 3), 3);

    /* Back to an earlier state: what there is since the latest of them. */
    change(&history, networks, 1, "{'name': 'b'}", "{'name': 'a'}");
    commit(&history, 2);
    assert_int_equal(find(&history, 2), 4);
    assert_int_equal(find(&history, 3), 3);

    /* Without a change a state is what it is called last. */
    commit(&history, 5);
    assert_int_equal(find(&history, 5), 4);
    assert_int_equal(find(&history, 2), 2);
    mon_history_destroy(&history);
}

static void
versions(void **state OVS_UNUSED)
{
    struct uuid id = unit_uuid(UNIT_NETWORK, 1);
    struct mon_history history;
    struct mon_version *version;

    mon_history_init(&history, 10);
    change(&history, networks, 1, NULL, "{'name': 'a'}");
    change(&history, networks, 1, "{'name': 'a'}", NULL);
    version = mon_history_get(&history, 0);
    assert_true(uuid_equals(&version->id, &id));
    assert_ptr_equal(version->table, networks);
    assert_null(version->row);
    version = mon_history_get(&history, 1);
    assert_string_equal(
        json_string(version->row->fields[name->index].keys[0].s), "a");
    mon_history_destroy(&history);
}

static void
limit(void **state OVS_UNUSED)
{
    struct mon_history history;

    mon_history_init(&history, 3);
    mon_history_add_column(&history, networks, name);
    commit(&history, 0);
    for (unsigned int i = 1; i <= 3; i++) {
        change(&history, networks, i, NULL, "{'name': 'a'}");
        commit(&history, i);
    }
    assert_int_equal(find(&history, 0), 0);
    check_listed(&history, name, "a", 0, "0 1 2");

    change(&history, networks, 1, "{'name': 'a'}", "{'name': 'b'}");
    assert_int_equal(find(&history, 0), NOT_FOUND);
    assert_int_equal(find(&history, 1), 1);
    commit(&history, 4);
    check_listed(&history, name, "a", 0, "1 2 3");
    check_listed(&history, name, "b", 0, "3");

    /* More in one transaction than there is room for. */
    for (unsigned int i = 5; i < 10; i++) {
        change(&history, networks, i, NULL, "{'name': 'c'}");
    }
    commit(&history, 5);
    for (unsigned int i = 0; i < 5; i++) {
        assert_int_equal(find(&history, i), NOT_FOUND);
    }
    assert_int_equal(find(&history, 5), 9);
    check_listed(&history, name, "a", 0, "");
    check_listed(&history, name, "b", 0, "");
    check_listed(&history, name, "c", 0, "6 7 8");
    assert_int_equal(hmap_count(&history.postings), 1);
    assert_int_equal(history.head - history.tail, 3);
    mon_history_destroy(&history);
}

/* With no room for any change, what is so now is known. */
static void
no_room(void **state OVS_UNUSED)
{
    struct mon_history history;

    mon_history_init(&history, 0);
    commit(&history, 1);
    assert_int_equal(find(&history, 1), 0);
    change(&history, networks, 1, NULL, "{}");
    commit(&history, 2);
    assert_int_equal(find(&history, 1), NOT_FOUND);
    assert_int_equal(find(&history, 2), mon_history_head(&history));
    mon_history_destroy(&history);
}

static void
columns(void **state OVS_UNUSED)
{
    struct mon_history history;

    mon_history_init(&history, 100);
    mon_history_add_column(&history, networks, name);
    change(&history, networks, 1, NULL,
           "{'name': 'a', 'project_id': 'p', 'description': 'a'}");
    change(&history, networks, 1, "{'name': 'a', 'project_id': 'p'}",
           "{'name': 'b', 'project_id': 'p'}");
    change(&history, hosts, 2, NULL, "{'host': 'a'}");
    change(&history, networks, 1, "{'name': 'b', 'project_id': 'p'}", NULL);
    check_listed(&history, name, "a", 0, "0 1");
    check_listed(&history, name, "b", 0, "1 3");
    check_listed(&history, name, "b", 2, "3");
    check_listed(&history, name, "b", 4, "");
    check_listed(&history, name, "c", 0, "");
    check_listed(&history, project, "p", 0, "");
    check_listed(&history, host, "a", 0, "");
    assert_int_equal(hmap_count(&history.postings), 2);

    /* One added later lists what is there; adding it again, nothing. */
    for (int i = 0; i < 2; i++) {
        mon_history_add_column(&history, networks, project);
        mon_history_add_column(&history, hosts, host);
        check_listed(&history, project, "p", 0, "0 1 3");
        check_listed(&history, host, "a", 0, "2");
        check_listed(&history, name, "a", 0, "0 1");
    }
    change(&history, networks, 2, NULL, "{'project_id': 'p'}");
    check_listed(&history, project, "p", 1, "1 3 4");
    check_listed(&history, name, "", 0, "4");
    mon_history_destroy(&history);
}

static void
clear(void **state OVS_UNUSED)
{
    struct mon_history history;

    mon_history_init(&history, 100);
    mon_history_add_column(&history, networks, name);
    for (int keep = 1; keep >= 0; keep--) {
        change(&history, networks, 1, NULL, "{'name': 'a'}");
        commit(&history, 1);
        mon_history_clear(&history, keep);
        assert_int_equal(find(&history, 1), NOT_FOUND);
        assert_int_equal(hmap_count(&history.postings), 0);
        assert_int_equal(hmap_count(&history.states_by_id), 0);
        check_listed(&history, name, "a", 0, "");
        change(&history, networks, 2, NULL, "{'name': 'a'}");
        commit(&history, 2);
        check_listed(&history, name, "a", 0, keep ? "1" : "");
        mon_history_clear(&history, keep);
    }
    mon_history_destroy(&history);
}

/* The random test. */

#define N_VALUES 4

struct model_change {
    const struct ovsdb_table *table;
    int old, new;               /* Values of both columns; -1: no row. */
};

struct model {
    size_t max;
    struct model_change changes[STEPS];
    size_t n;
    struct { unsigned int id; size_t seq; } states[STEPS + 1];
    size_t n_states;
    bool by_name, by_project, by_host;
};

static char *
model_row(const struct ovsdb_table *table, int value)
{
    return (value < 0 ? NULL
            : table == hosts ? xasprintf("{'host': '%d'}", value)
            : xasprintf("{'name': '%d', 'project_id': '%d'}", value,
                        value / 2));
}

static void
random_change(struct mon_history *history, struct model *model)
{
    struct model_change *c = &model->changes[model->n++];
    char *old, *new;

    c->table = random_range(3) ? networks : hosts;
    do {
        c->old = (int) random_range(N_VALUES + 1) - 1;
        c->new = (int) random_range(N_VALUES + 1) - 1;
    } while (c->old < 0 && c->new < 0);
    old = model_row(c->table, c->old);
    new = model_row(c->table, c->new);
    change(history, c->table, 1, old, new);
    free(old);
    free(new);
}

static size_t
model_tail(const struct model *model)
{
    return model->n > model->max ? model->n - model->max : 0;
}

static void
check_states(const struct mon_history *history, const struct model *model)
{
    for (unsigned int id = 0; id < 10; id++) {
        uint64_t expected = NOT_FOUND;

        for (size_t i = 0; i < model->n_states; i++) {
            if (model->states[i].id == id
                && model->states[i].seq >= model_tail(model)) {
                expected = model->states[i].seq;
            }
        }
        assert_int_equal(find(history, id), expected);
    }
}

static void
check_column(const struct mon_history *history, const struct model *model,
             const struct ovsdb_table *table, const struct ovsdb_column *c,
             int divisor, bool listed)
{
    size_t from = random_range(model->n + 1);

    for (int value = 0; value < N_VALUES; value++) {
        struct ds expected = DS_EMPTY_INITIALIZER;
        char text[2] = { '0' + value, '\0' };

        for (size_t i = MAX(from, model_tail(model)); i < model->n; i++) {
            const struct model_change *m = &model->changes[i];

            if (listed && m->table == table
                && ((m->old >= 0 && m->old / divisor == value)
                    || (m->new >= 0 && m->new / divisor == value))) {
                put_seq(i, &expected);
            }
        }
        check_listed(history, c, text, from, ds_cstr(&expected));
        ds_destroy(&expected);
    }
}

static void
check_model(const struct mon_history *history, const struct model *model)
{
    assert_int_equal(history->head, model->n);
    assert_int_equal(history->tail, model_tail(model));
    check_states(history, model);
    check_column(history, model, networks, name, 1, model->by_name);
    check_column(history, model, networks, project, 2, model->by_project);
    check_column(history, model, hosts, host, 1, model->by_host);
}

static void
random_commit(struct mon_history *history, struct model *model)
{
    unsigned int id = random_range(10);

    commit(history, id);
    if (model->n_states
        && model->states[model->n_states - 1].seq == model->n) {
        model->n_states--;
    }
    model->states[model->n_states].id = id;
    model->states[model->n_states++].seq = model->n;
}

static void
random_column(struct mon_history *history, struct model *model)
{
    switch (random_range(3)) {
    case 0:
        mon_history_add_column(history, networks, name);
        model->by_name = true;
        break;
    case 1:
        mon_history_add_column(history, networks, project);
        model->by_project = true;
        break;
    case 2:
        mon_history_add_column(history, hosts, host);
        model->by_host = true;
        break;
    }
}

static void
random_history(void **state OVS_UNUSED)
{
    static const size_t limits[] = { 1, 7, 64, 65, 200, STEPS };

    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        struct model *model = xzalloc(sizeof *model);
        struct mon_history history;

        model->max = limits[i];
        mon_history_init(&history, model->max);
        for (int step = 0; step < STEPS; step++) {
            if (!random_range(100)) {
                random_column(&history, model);
            } else if (random_range(3)) {
                random_change(&history, model);
            } else {
                random_commit(&history, model);
            }
            if (!random_range(20)) {
                check_model(&history, model);
            }
        }
        check_model(&history, model);
        mon_history_destroy(&history);
        free(model);
    }
    seeded_passed();
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states),
        cmocka_unit_test(versions),
        cmocka_unit_test(limit),
        cmocka_unit_test(no_room),
        cmocka_unit_test(columns),
        cmocka_unit_test(clear),
        seeded_unit_test(random_history),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("monitor-history", tests, setup,
                                       teardown);
}
