/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Updates as a server sends them, applied to a replica's tables with the real
 * schema; what is reported as changed, what can be read and found. */

#include <config.h>

#include "unit.h"

#include "nb/apply.h"
#include "nb/index.h"
#include "nb/layout.h"
#include "nb/row.h"
#include "openvswitch/json.h"
#include "ovsdb-cs.h"
#include "ovsdb-error.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/storage.h"
#include "ovsdb/table.h"
#include "uuid.h"

#define NET "0000000a-0000-0001-0000-000000000001"
#define NET2 "0000000a-0000-0002-0000-000000000002"
#define PORT "0000000b-0000-0001-0000-000000000001"

static struct ovsdb *db;
static struct nb_index nb_index;
static struct nb_row_changes changes;

static struct ovsdb_schema *
read_schema(void)
{
    struct ovsdb_schema *schema;
    struct ovsdb_error *error;

    error = ovsdb_schema_from_file(SCHEMA_FILE, &schema);
    if (error) {
        fail_msg("%s", ovsdb_error_to_string_free(error));
    }
    return schema;
}

static struct ovsdb_schema *
read_relaxed_schema(void)
{
    struct ovsdb_schema *schema = read_schema();

    nb_layout_relax(schema);
    return schema;
}

static int
setup(void **state OVS_UNUSED)
{
    db = ovsdb_create(read_relaxed_schema(), ovsdb_storage_create_unbacked("nb"));
    nb_layout_set(db);
    nb_index_init(&nb_index);
    nb_index_add_listed(&nb_index);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    nb_row_changes_destroy(&changes);
    nb_index_destroy(&nb_index);
    ovsdb_destroy(db);
    return 0;
}

/* Applies the <table-updates2> 'text', in which ' stands for ". */
static struct ovsdb_error *
apply(const char *text_, bool clear)
{
    struct ovsdb_cs_update_event event = { .clear = clear, .version = 2 };
    struct ovsdb_error *error;
    char *text = xstrdup(text_);

    for (char *p = text; *p; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    event.table_updates = json_from_string(text);
    assert_int_equal(event.table_updates->type, JSON_OBJECT);
    nb_row_changes_destroy(&changes);
    error = nb_apply(db, &event, &changes);
    for (size_t i = 0; i < changes.n; i++) {
        const struct nb_row_change *c = &changes.changes[i];

        nb_index_change(&nb_index, c->old, c->new);
    }
    json_destroy(event.table_updates);
    free(text);
    return error;
}

static void
apply_ok(const char *text, bool clear)
{
    struct ovsdb_error *error = apply(text, clear);

    if (error) {
        fail_msg("%s", ovsdb_error_to_string_free(error));
    }
}

static const struct nb_row *
get(enum nb_table table, const char *id)
{
    struct uuid uuid;

    assert_true(uuid_from_string(&uuid, id));
    return nb_row_from_ovsdb(ovsdb_table_get_row(nb_layout_table(table),
                                                 &uuid));
}

static size_t
found(enum nb_column column, const char *value)
{
    return nb_index_find_string(&nb_index, column, value).n;
}

static size_t
found_id(enum nb_column column, const char *value)
{
    struct uuid uuid;

    assert_true(uuid_from_string(&uuid, value));
    return nb_index_find_uuid(&nb_index, column, &uuid).n;
}

#define TWO_ROWS "{'Network': {'" NET "': {'insert': {'name': 'blue',"      \
                 "   'admin_state_up': true, 'mtu': 1400,"                  \
                 "   'tags': ['set', ['b', 'a']],"                          \
                 "   'external_ids': ['map', [['k', 'v']]]}}},"             \
                 " 'Port': {'" PORT "': {'insert': {"                       \
                 "   'network': ['uuid', '" NET "'], 'name': 'vm1',"        \
                 "   'mac_address': 'fa:16:3e:00:00:01'}}}}"

static void
insert_and_read(void **state OVS_UNUSED)
{
    const struct nb_row *net, *port;
    struct uuid network;

    apply_ok(TWO_ROWS, true);
    assert_int_equal(changes.n, 2);
    assert_null(changes.changes[0].old);
    net = get(NB_NETWORK, NET);
    assert_int_equal(nb_row_table(net), NB_NETWORK);
    assert_string_equal(nb_row_string(net, NB_NETWORK_NAME), "blue");
    assert_true(nb_row_bool(net, NB_NETWORK_ADMIN_STATE_UP));
    assert_int_equal(nb_row_integer(net, NB_NETWORK_MTU), 1400);
    assert_int_equal(nb_row_n(net, NB_NETWORK_TAGS), 2);
    assert_string_equal(nb_row_key(net, NB_NETWORK_TAGS, 0), "a");
    assert_string_equal(nb_row_get(net, NB_NETWORK_EXTERNAL_IDS, "k"), "v");
    assert_null(nb_row_get(net, NB_NETWORK_EXTERNAL_IDS, "l"));
    network = nb_row_uuid(net, NB_NETWORK_SEGMENT);
    assert_true(uuid_is_zero(&network));

    port = get(NB_PORT, PORT);
    network = nb_row_uuid(port, NB_PORT_NETWORK);
    assert_true(uuid_equals(&network, nb_row_id(net)));
    assert_string_equal(nb_row_string(port, NB_PORT_HOST), "");
    assert_int_equal(found(NB_PORT_NAME, "vm1"), 1);
    assert_int_equal(found_id(NB_PORT_NETWORK, NET), 1);
    assert_int_equal(found(NB_PORT_HOST, ""), 0);
}

static void
modify(void **state OVS_UNUSED)
{
    apply_ok(TWO_ROWS, true);
    apply_ok("{'Network': {'" NET "': {'modify': {'name': 'red',"
             "'tags': ['set', ['a', 'c']]}}}}", false);
    assert_int_equal(changes.n, 1);
    assert_string_equal(nb_row_string(nb_row_from_ovsdb(
                                          changes.changes[0].old),
                                      NB_NETWORK_NAME), "blue");
    assert_false(nb_row_same(nb_row_from_ovsdb(changes.changes[0].old),
                             get(NB_NETWORK, NET), NB_NETWORK_TAGS));
    assert_true(nb_row_same(nb_row_from_ovsdb(changes.changes[0].old),
                            get(NB_NETWORK, NET), NB_NETWORK_MTU));

    /* A set is sent as its difference: "a" goes, "c" comes. */
    assert_int_equal(nb_row_n(get(NB_NETWORK, NET), NB_NETWORK_TAGS), 2);
    assert_string_equal(nb_row_key(get(NB_NETWORK, NET), NB_NETWORK_TAGS, 1),
                        "c");
    assert_int_equal(found(NB_NETWORK_NAME, "blue"), 0);
    assert_int_equal(found(NB_NETWORK_NAME, "red"), 1);

    /* What is found is the row as it is now. */
    apply_ok("{'Network': {'" NET "': {'modify': {'mtu': 9000}}}}", false);
    assert_int_equal(
        nb_row_integer(nb_index_find_string(&nb_index, NB_NETWORK_NAME,
                                            "red").rows[0],
                       NB_NETWORK_MTU), 9000);
}

/* An update that changes nothing is none. */
static void
modify_nothing(void **state OVS_UNUSED)
{
    const struct ovsdb_row *row;

    apply_ok(TWO_ROWS, true);
    row = nb_row_to_ovsdb(get(NB_NETWORK, NET));
    apply_ok("{'Network': {'" NET "': {'modify': {'name': 'blue',"
             "'tags': ['set', []]}}}}", false);
    assert_int_equal(changes.n, 0);
    assert_ptr_equal(get(NB_NETWORK, NET), nb_row_from_ovsdb(row));
    apply_ok("{'Network': {'" NET "': {'modify': {'name': 'blue'}}},"
             " 'Port': {'" PORT "': {'modify': {'name': 'vm2'}}}}", false);
    assert_int_equal(changes.n, 1);
    assert_ptr_equal(changes.changes[0].new,
                     nb_row_to_ovsdb(get(NB_PORT, PORT)));
    assert_int_equal(found(NB_NETWORK_NAME, "blue"), 1);
}

static void
differs(void **state OVS_UNUSED)
{
    const struct nb_row *old, *new;

    apply_ok("{'Agent': {'" NET "': {'insert': {'host': 'hv1',"
             "'heartbeat': 1}}}}", true);
    apply_ok("{'Agent': {'" NET "': {'modify': {'heartbeat': 2}}}}", false);
    old = nb_row_from_ovsdb(changes.changes[0].old);
    new = nb_row_from_ovsdb(changes.changes[0].new);
    assert_false(nb_row_differs(old, new, NB_AGENT_HEARTBEAT));
    assert_true(nb_row_differs(old, new, NB_AGENT_HOST));
    assert_true(nb_row_differs(old, new, NB_N_COLUMNS));
}

static void
delete(void **state OVS_UNUSED)
{
    apply_ok(TWO_ROWS, true);
    apply_ok("{'Port': {'" PORT "': {'delete': null}}}", false);
    assert_int_equal(changes.n, 1);
    assert_null(changes.changes[0].new);
    assert_null(get(NB_PORT, PORT));
    assert_int_equal(found(NB_PORT_NAME, "vm1"), 0);
    assert_int_equal(found_id(NB_PORT_NETWORK, NET), 0);
}

/* After a disconnect everything comes anew: what is the same is no change,
 * what has a default again is one, what does not come is gone. */
static void
all_anew(void **state OVS_UNUSED)
{
    apply_ok(TWO_ROWS, true);
    apply_ok(TWO_ROWS, true);
    assert_int_equal(changes.n, 0);

    apply_ok("{'Network': {"
             " '" NET "': {'initial': {'name': 'blue', 'mtu': 1400,"
             "   'tags': ['set', ['b', 'a']],"
             "   'external_ids': ['map', [['k', 'v']]]}},"
             " '" NET2 "': {'initial': {'name': 'green'}}}}", true);
    assert_int_equal(changes.n, 3);
    assert_false(nb_row_bool(get(NB_NETWORK, NET),
                             NB_NETWORK_ADMIN_STATE_UP));
    assert_string_equal(nb_row_string(get(NB_NETWORK, NET), NB_NETWORK_NAME),
                        "blue");
    assert_non_null(get(NB_NETWORK, NET2));
    assert_null(get(NB_PORT, PORT));
    assert_int_equal(found(NB_PORT_NAME, "vm1"), 0);

    apply_ok("{}", true);
    assert_int_equal(changes.n, 2);
    assert_int_equal(found(NB_NETWORK_NAME, "green"), 0);
}

/* An update that does not fit changes nothing, of it or of what is there. */
static void
misfits(void **state OVS_UNUSED)
{
    static const char *const updates[] = {
        "{'Network': {'" NET2 "': {'insert': {'name': 'green'}}},"
        " 'Port': {'" NET2 "': {'modify': {'name': 'x'}}}}",
        "{'Network': {'" NET2 "': {'insert': {'name': 'green'}}},"
        " 'Nothing': {'" NET2 "': {'insert': {}}}}",
        "{'Network': {'" NET2 "': {'insert': {'name': 5}}}}",
        "{'Network': {'" NET2 "': {'insert': {'colour': 'green'}}}}",
        "{'Network': {'" NET2 "': {'delete': null}}}",
        "{'Network': {'nonsense': {'insert': {}}}}",
        "{'Network': []}",
    };

    apply_ok(TWO_ROWS, true);
    for (size_t i = 0; i < ARRAY_SIZE(updates); i++) {
        struct ovsdb_error *error = apply(updates[i], false);

        assert_non_null(error);
        ovsdb_error_destroy(error);
        assert_int_equal(changes.n, 0);
        assert_null(get(NB_NETWORK, NET2));
        assert_non_null(get(NB_NETWORK, NET));
        assert_int_equal(found(NB_PORT_NAME, "vm1"), 1);
    }
}

/* Rows that others begin or cease to refer to are found as they are; those
 * that nobody refers to stay until the server says otherwise. */
static void
references(void **state OVS_UNUSED)
{
    apply_ok(TWO_ROWS, true);
    for (int i = 0; i < 10; i++) {
        apply_ok("{'IP_Allocation': {'" NET2 "': {'insert': {"
                 "'subnet': ['uuid', '" PORT "'], 'ip_address': '10.0.0.1'"
                 "}}}, 'Port': {'" PORT "': {'modify': {"
                 "'ip_allocations': ['uuid', '" NET2 "']}}}}", false);
        assert_ptr_equal(nb_index_find_string(&nb_index, NB_NETWORK_NAME,
                                              "blue").rows[0],
                         get(NB_NETWORK, NET));
        assert_int_equal(found_id(NB_PORT_IP_ALLOCATIONS, NET2), 1);
        apply_ok("{'Port': {'" PORT "': {'modify': {"
                 "'ip_allocations': ['uuid', '" NET2 "']}}}}", false);
        assert_int_equal(found_id(NB_PORT_IP_ALLOCATIONS, NET2), 0);
        assert_non_null(get(NB_ALLOCATION, NET2));
        apply_ok("{'IP_Allocation': {'" NET2 "': {'delete': null}}}", false);
        assert_ptr_equal(nb_index_find_uuid(&nb_index, NB_PORT_NETWORK,
                                            nb_row_id(get(NB_NETWORK, NET)))
                             .rows[0], get(NB_PORT, PORT));
    }
}

/* A thousand rows of one value come and go in any order. */
static void
many_of_one_value(void **state OVS_UNUSED)
{
    enum { N = 1000 };

    apply_ok(TWO_ROWS, true);
    for (size_t i = 0; i < N; i++) {
        struct uuid id = unit_uuid(UNIT_IFACE, i);
        char *text = xasprintf(
            "{'Port': {'"UUID_FMT"': {'insert': {'network': ['uuid', '" NET
            "'], 'mac_address': '%"PRIuSIZE"', 'host': 'hv1'}}}}",
            UUID_ARGS(&id), i);

        apply_ok(text, false);
        free(text);
    }
    assert_int_equal(found_id(NB_PORT_NETWORK, NET), N + 1);
    assert_int_equal(found(NB_PORT_HOST, "hv1"), N);
    for (size_t i = 0; i < N; i++) {
        struct uuid id = unit_uuid(UNIT_IFACE, i * 7 % N);
        char *text = xasprintf("{'Port': {'"UUID_FMT"': {'delete': null}}}",
                               UUID_ARGS(&id));

        apply_ok(text, false);
        free(text);
        assert_int_equal(found(NB_PORT_HOST, "hv1"), N - 1 - i);
    }
    assert_int_equal(found_id(NB_PORT_NETWORK, NET), 1);
    assert_int_equal(hmap_count(&nb_index.members), 4);
}

static void
schema_is_checked(void **state OVS_UNUSED)
{
    struct ovsdb_schema *schema = read_schema();
    struct ovsdb_table_schema *table;
    char *problem;

    assert_null(nb_layout_check(schema));

    table = shash_find_data(&schema->tables, "Port");
    ovsdb_column_destroy(shash_find_and_delete(&table->columns,
                                               "updated_by"));
    problem = nb_layout_check(schema);
    assert_non_null(strstr(problem, "Port:updated_by"));
    assert_non_null(strstr(problem, "ovsdb-client convert"));
    free(problem);
    ovsdb_schema_destroy(schema);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(insert_and_read, setup, teardown),
        cmocka_unit_test_setup_teardown(modify, setup, teardown),
        cmocka_unit_test_setup_teardown(modify_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(differs, setup, teardown),
        cmocka_unit_test_setup_teardown(delete, setup, teardown),
        cmocka_unit_test_setup_teardown(all_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(misfits, setup, teardown),
        cmocka_unit_test_setup_teardown(references, setup, teardown),
        cmocka_unit_test_setup_teardown(many_of_one_value, setup, teardown),
        cmocka_unit_test_setup_teardown(schema_is_checked, setup, teardown),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("nb-apply", tests, NULL, NULL);
}
