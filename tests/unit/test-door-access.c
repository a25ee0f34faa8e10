/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What sessions held to a role may write, each time asked of two: of
 * notifier/door/access.c, with a replica, and of ovsdb-server's own code, with
 * a database of the same rows and the schema as it is.  They must agree, but
 * where it is said that the door is stricter; and what the door allows must,
 * as it was changed, do at a server that knows no roles what the original
 * does at one that does. */

#include <config.h>

#include "unit.h"

#include "door/access.h"
#include "nb/apply.h"
#include "nb/index.h"
#include "nb/layout.h"
#include "openvswitch/json.h"
#include "ovsdb-cs.h"
#include "ovsdb-error.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/storage.h"
#include "ovsdb/table.h"
#include "uuid.h"

#define AGENT1 "0000000a-0000-0001-0000-000000000001"
#define AGENT2 "0000000a-0000-0002-0000-000000000002"
#define BIND11 "0000000b-0000-0011-0000-000000000011"
#define BIND12 "0000000b-0000-0012-0000-000000000012"
#define BIND21 "0000000b-0000-0021-0000-000000000021"
#define BIND30 "0000000b-0000-0030-0000-000000000030"
#define PORT1 "0000000c-0000-0001-0000-000000000001"
#define PORT2 "0000000c-0000-0002-0000-000000000002"
#define NETA "0000000d-0000-000a-0000-00000000000a"
#define NETB "0000000d-0000-000b-0000-00000000000b"
#define NEW "0000000e-0000-0001-0000-000000000001"

#define PERMIT(N) "0000000f-0000-000" #N "-0000-00000000000" #N

#define INSERT(TABLE, UUID, ROW) \
    "{'op': 'insert', 'table': '" TABLE "', 'uuid': '" UUID "', 'row': {" \
    ROW "}}"

/* Role "agent" is as sluice-nbctl makes it; "odd" has the rest. */
#define ROWS \
    INSERT("RBAC_Permission", PERMIT(1), \
           "'table': 'Agent', 'authorization': 'host'," \
           "'insert_delete': true," \
           "'update': ['set', ['version', 'heartbeat']]") "," \
    INSERT("RBAC_Permission", PERMIT(2), \
           "'table': 'Port_Binding', 'authorization': 'host'," \
           "'insert_delete': true," \
           "'update': ['set', ['up', 'revision_number', 'fault']]") "," \
    INSERT("RBAC_Permission", PERMIT(3), \
           "'table': 'Host', 'authorization': ''," \
           "'update': 'admin_state_up'") "," \
    INSERT("RBAC_Permission", PERMIT(4), \
           "'table': 'Network', 'insert_delete': true," \
           "'authorization': ['set', ['name', 'external_ids:owner']]," \
           "'update': ['set', ['mtu', 'description']]") "," \
    INSERT("RBAC_Permission", PERMIT(5), \
           "'table': 'Agent', 'authorization': ['set', []]," \
           "'insert_delete': true, 'update': 'version'") "," \
    INSERT("RBAC_Permission", PERMIT(6), \
           "'table': 'Port_Binding', 'authorization': 'host'," \
           "'insert_delete': false, 'update': ['set', ['host', 'up']]") "," \
    INSERT("RBAC_Permission", PERMIT(9), \
           "'table': 'Subnet', 'authorization': ''," \
           "'insert_delete': true") "," \
    INSERT("RBAC_Role", PERMIT(7), \
           "'name': 'agent', 'permissions': ['map', [" \
           "  ['Agent', ['uuid', '" PERMIT(1) "']]," \
           "  ['Port_Binding', ['uuid', '" PERMIT(2) "']]]]") "," \
    INSERT("RBAC_Role", PERMIT(8), \
           "'name': 'odd', 'permissions': ['map', [" \
           "  ['Host', ['uuid', '" PERMIT(3) "']]," \
           "  ['Network', ['uuid', '" PERMIT(4) "']]," \
           "  ['Agent', ['uuid', '" PERMIT(5) "']]," \
           "  ['Subnet', ['uuid', '" PERMIT(9) "']]," \
           "  ['Port_Binding', ['uuid', '" PERMIT(6) "']]]]") "," \
    INSERT("Agent", AGENT1, "'host': 'hv1'") "," \
    INSERT("Agent", AGENT2, "'host': 'hv2'") "," \
    BIND(BIND11, PORT1, "hv1") "," \
    BIND(BIND12, PORT1, "hv2") "," \
    BIND(BIND21, PORT2, "hv1") "," \
    BIND(BIND30, PORT2, "") "," \
    INSERT("Host", NEW, "'host': 'hv1', 'admin_state_up': true") "," \
    INSERT("Network", NETA, "'name': 'hv1'") "," \
    INSERT("Network", NETB, "'name': 'x'," \
           "'external_ids': ['map', [['owner', 'hv2']]]")
#define BIND(UUID, PORT, HOST) \
    INSERT("Port_Binding", UUID, \
           "'port': ['uuid', '" PORT "'], 'host': '" HOST "'")

static struct ovsdb *replica;
static struct nb_index nb_index;

/* The JSON of 'text', in which ' stands for ". */
static struct json *
parse(const char *text_)
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

/* The params of a transaction of operations 'ops'. */
static struct json *
transaction(const char *ops)
{
    char *text = xasprintf("['Sluice_Northbound', %s]", ops);
    struct json *params = parse(text);

    free(text);
    return params;
}

static struct ovsdb *
open_database(bool relaxed)
{
    struct ovsdb_schema *schema;
    struct ovsdb_error *error = ovsdb_schema_from_file(SCHEMA_FILE, &schema);

    if (error) {
        fail_msg("%s", ovsdb_error_to_string_free(error));
    }
    if (relaxed) {
        nb_layout_relax(schema);
    }
    return ovsdb_create(schema, ovsdb_storage_create_unbacked("nb"));
}

/* ovsdb-server's results of 'params', as text for the caller to free. */
static char *
execute(struct ovsdb *db, const struct json *params, const char *role,
        const char *identity)
{
    struct json *results = ovsdb_execute(db, NULL, params, false, role,
                                         identity, 0, NULL);
    char *text = json_to_string(results, JSSF_SORT);

    json_destroy(results);
    return text;
}

static struct ovsdb *
open_server(void)
{
    struct ovsdb *server = open_database(false);
    struct json *params = transaction(ROWS);
    char *results = execute(server, params, NULL, NULL);

    if (strstr(results, "\"error\"")) {
        fail_msg("%s", results);
    }
    free(results);
    json_destroy(params);
    return server;
}

/* Applies the row of an insert operation as the server tells of it. */
static void
replicate(const struct json *op)
{
    const struct shash *members = json_object(op);
    struct ovsdb_cs_update_event event = { .version = 2 };
    struct nb_row_changes changes = { NULL, 0, 0 };
    struct json *update = json_object_create();
    struct json *rows = json_object_create();
    struct ovsdb_error *error;

    json_object_put(update, "insert",
                    json_clone(shash_find_data(members, "row")));
    json_object_put(rows, json_string(shash_find_data(members, "uuid")),
                    update);
    event.table_updates = json_object_create();
    json_object_put(event.table_updates,
                    json_string(shash_find_data(members, "table")), rows);
    error = nb_apply(replica, &event, &changes);
    if (error) {
        fail_msg("%s", ovsdb_error_to_string_free(error));
    }
    for (size_t i = 0; i < changes.n; i++) {
        nb_index_change(&nb_index, NULL, changes.changes[i].new);
    }
    nb_row_changes_destroy(&changes);
    json_destroy(event.table_updates);
}

static int
setup(void **state OVS_UNUSED)
{
    struct json *params = transaction(ROWS);

    replica = open_database(true);
    nb_layout_set(replica);
    nb_index_init(&nb_index);
    nb_index_add_listed(&nb_index);
    for (size_t i = 1; i < params->array.n; i++) {
        replicate(params->array.elems[i]);
    }
    json_destroy(params);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    nb_index_destroy(&nb_index);
    ovsdb_destroy(replica);
    return 0;
}

enum verdict {
    ALLOWED,                    /* By both. */
    REFUSED,                    /* By both, with the same error. */
    STRICTER,                   /* By the door, not by ovsdb-server. */
    NONSENSE,                   /* Allowed by the door, the server has words
                                 * for it. */
    EARLY,                      /* Refused by the door before the server could
                                 * say what else is wrong. */
};

struct test_case {
    enum verdict verdict;
    const char *ops;
};

/* Checks that the door's 'error' is what 'results' have for operation
 * 'refused'. */
static void
assert_same_error(const struct ovsdb_error *error, size_t refused,
                  const char *results)
{
    struct json *json = json_from_string(results);
    struct json *ours = ovsdb_error_to_json(error);

    if (json->type != JSON_ARRAY || refused > json->array.n
        || !json_equal(json->array.elems[refused - 1], ours)) {
        fail_msg("operation %"PRIuSIZE": %s, but ovsdb-server says %s",
                 refused, json_to_string(ours, 0), results);
    }
    json_destroy(ours);
    json_destroy(json);
}

/* What may differ between two servers: UUIDs that they choose. */
static void
assert_same_results(const struct test_case *c, const char *a, const char *b)
{
    if (strstr(c->ops, "'insert'") && !strstr(c->ops, "'uuid':")) {
        assert_int_equal(strstr(a, "\"error\"") != NULL,
                         strstr(b, "\"error\"") != NULL);
    } else if (strcmp(a, b)) {
        fail_msg("%s: %s, but ovsdb-server says %s", c->ops, b, a);
    }
}

static void
check_case(const struct test_case *c, const struct access_session *session)
{
    struct json *original = transaction(c->ops);
    struct json *params = transaction(c->ops);
    struct ovsdb *server = open_server();
    char *theirs = execute(server, original, session->role,
                           session->identity);
    bool denied = strstr(theirs, "permission error") != NULL;
    bool failed = strstr(theirs, "\"error\"") != NULL;
    struct ovsdb_error *error;
    size_t refused = SIZE_MAX;

    error = access_check(replica, &nb_index, session, params, &refused);
    if (!error != (c->verdict == ALLOWED || c->verdict == NONSENSE)) {
        fail_msg("%s: %s by the door; ovsdb-server: %s", c->ops,
                 error ? "refused" : "allowed", theirs);
    }
    if (denied != (c->verdict == REFUSED)
        || failed != (c->verdict != ALLOWED && c->verdict != STRICTER)) {
        fail_msg("%s: ovsdb-server says %s", c->ops, theirs);
    }
    if (c->verdict == REFUSED) {
        assert_same_error(error, refused, theirs);
    }
    ovsdb_destroy(server);
    if (!error) {
        server = open_server();
        char *ours = execute(server, params, NULL, NULL);

        if (c->verdict == ALLOWED) {
            assert_same_results(c, theirs, ours);
        } else {
            assert_non_null(strstr(ours, "\"error\""));
        }
        free(ours);
        ovsdb_destroy(server);
    }
    ovsdb_error_destroy(error);
    free(theirs);
    json_destroy(params);
    json_destroy(original);
}

#define check(ROLE, IDENTITY, ...)                                          \
    do {                                                                    \
        static const struct test_case cases[] = { __VA_ARGS__ };            \
        struct access_session session = { ROLE, IDENTITY, false };          \
                                                                            \
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {                    \
            check_case(&cases[i], &session);                                \
        }                                                                   \
    } while (0)

#define WHERE(OP, TABLE, CLAUSES, REST) \
    "{'op': '" OP "', 'table': '" TABLE "', 'where': [" CLAUSES "] " REST "}"
#define UPDATE(TABLE, CLAUSES, ROW) \
    WHERE("update", TABLE, CLAUSES, ", 'row': {" ROW "}")
#define MUTATE(TABLE, CLAUSES, MUTATIONS) \
    WHERE("mutate", TABLE, CLAUSES, ", 'mutations': [" MUTATIONS "]")
#define DELETE(TABLE, CLAUSES) WHERE("delete", TABLE, CLAUSES, "")
#define IS(UUID) "['_uuid', '==', ['uuid', '" UUID "']]"
#define PORT_IS(UUID) "['port', '==', ['uuid', '" UUID "']]"
#define HOST_IS(HOST) "['host', '==', '" HOST "']"
#define UP "'up': true"
#define ADD "{'op': 'insert', 'table': "

static void
inserts(void **state OVS_UNUSED)
{
    check("agent", "hv3",
          { ALLOWED, ADD "'Agent', 'row': {'host': 'hv3'}}" },
          { ALLOWED, ADD "'Agent', 'row': {'host': ['set', ['hv3']]}}" },
          { ALLOWED, ADD "'Agent', 'uuid': '" PORT1 "',"
            "'row': {'host': 'hv3', 'version': '1'}}" },
          { ALLOWED, ADD "'Port_Binding', 'uuid-name': 'x',"
            "'row': {'host': 'hv3'}}" },
          { REFUSED, ADD "'Agent', 'row': {'host': 'hv4'}}" },
          { REFUSED, ADD "'Agent', 'row': {'host': 'HV3'}}" },
          { REFUSED, ADD "'Agent', 'row': {'host': ''}}" },
          { REFUSED, ADD "'Agent', 'row': {}}" },
          { REFUSED, ADD "'Agent', 'row': {'version': 'hv3'}}" },
          { REFUSED, ADD "'Agent', 'uuid': '" PORT1 "', 'uuid-name': 'x',"
            "'row': {'host': 'hv2'}}" },
          { REFUSED, ADD "'Port', 'row': {}}" },
          { REFUSED, ADD "'RBAC_Role', 'row': {'name': 'hv3'}}" },
          { REFUSED, ADD "'Host', 'row': {'host': 'hv3'}}" },
          { EARLY, ADD "'agent', 'row': {'host': 'hv3'}}" },
          { EARLY, ADD "'Agent', 'row': {'host': 3}}" },
          { EARLY, ADD "'Agent', 'row': {'host': ['set', ['hv3', 'b']]}}" },
          { EARLY, ADD "'Agent', 'row': {'Host': 'hv3'}}" });
}

static void
updates(void **state OVS_UNUSED)
{
    check("agent", "hv1",
          { ALLOWED, UPDATE("Port_Binding", IS(BIND11), UP) },
          { ALLOWED, UPDATE("Port_Binding", HOST_IS("hv1"), UP) },
          { ALLOWED, UPDATE("Port_Binding",
                            PORT_IS(PORT1) "," HOST_IS("hv1"), UP) },
          { ALLOWED, UPDATE("Port_Binding", IS(NEW), UP) },
          { ALLOWED, UPDATE("Port_Binding", "false", UP) },
          { ALLOWED, UPDATE("Port_Binding",
                            "['host', 'excludes', 'hv2'],"
                            "['host', '!=', ''], ['up', '==', false]",
                            UP) },
          { ALLOWED, UPDATE("Port_Binding",
                            IS(BIND11) ", ['host', 'includes', 'hv1']", UP) },
          { ALLOWED, UPDATE("Port_Binding",
                            IS(BIND12) "," HOST_IS("hv1"), UP) },
          { ALLOWED, UPDATE("Port_Binding", IS(BIND11), "") },
          { REFUSED, UPDATE("Port_Binding", IS(BIND12), UP) },
          { REFUSED, UPDATE("Port_Binding", IS(BIND12), "") },
          { REFUSED, UPDATE("Port_Binding", PORT_IS(PORT1), UP) },
          { REFUSED, UPDATE("Port_Binding", PORT_IS(PORT2), UP) },
          { REFUSED, UPDATE("Port_Binding", HOST_IS("hv2"), UP) },
          { REFUSED, UPDATE("Port_Binding", HOST_IS(""), UP) },
          { REFUSED, UPDATE("Port_Binding", "", UP) },
          { REFUSED, UPDATE("Port_Binding", "true", UP) },
          { REFUSED, UPDATE("Port_Binding", "['host', '!=', 'hv1']", UP) },
          { REFUSED, UPDATE("Port_Binding", "['host', 'includes', 'hv2']",
                            UP) },
          { REFUSED, UPDATE("Port_Binding", IS(BIND12) ", true", UP) },
          { REFUSED, UPDATE("Port_Binding", IS(BIND11), "'host': 'hv2'") },
          { REFUSED, UPDATE("Port_Binding", IS(BIND11), "'host': 'hv1'") },
          { REFUSED, UPDATE("Port_Binding", IS(BIND11),
                            UP ", 'network': ['uuid', '" NETA "']") },
          { REFUSED, UPDATE("Network", IS(NETA), "'mtu': 1") },
          { STRICTER, UPDATE("Port_Binding", IS(NEW), "'host': 'hv1'") },
          { STRICTER, UPDATE("Port_Binding", "false", "'host': 'hv1'") },
          { EARLY, UPDATE("Port_Binding", IS(BIND11), "'Up': true") },
          { EARLY, UPDATE("Port_Binding", IS(BIND11),
                          "'_uuid': ['uuid', '" NEW "']") },
          { NONSENSE, UPDATE("Port_Binding", "['hosts', '==', 'hv1']", UP) },
          { NONSENSE, UPDATE("Port_Binding", "['host', 'is', 'hv1']", UP) },
          { NONSENSE, UPDATE("Port_Binding", "['host', '==']", UP) },
          { NONSENSE, UPDATE("Port_Binding", "7", UP) });
}

static void
mutates(void **state OVS_UNUSED)
{
    check("agent", "hv1",
          { ALLOWED, MUTATE("Port_Binding", IS(BIND11),
                            "['revision_number', '+=', 1]") },
          { ALLOWED, MUTATE("Port_Binding", HOST_IS("hv1"), "") },
          { REFUSED, MUTATE("Port_Binding", IS(BIND12),
                            "['revision_number', '+=', 1]") },
          { REFUSED, MUTATE("Port_Binding", "",
                            "['revision_number', '+=', 1]") },
          { REFUSED, MUTATE("Agent", IS(AGENT1),
                            "['heartbeat', '+=', 1],"
                            "['host_revision_number', '+=', 1]") },
          { REFUSED, MUTATE("Network", IS(NETA), "['mtu', '+=', 1]") },
          { EARLY, MUTATE("Port_Binding", IS(BIND11),
                          "['host', 'insert', 'hv2']") },
          { NONSENSE, MUTATE("Port_Binding", IS(BIND11), "7") },
          { NONSENSE, MUTATE("Port_Binding", IS(BIND11), "[]") });
}

static void
deletes(void **state OVS_UNUSED)
{
    check("agent", "hv1",
          { ALLOWED, DELETE("Agent", IS(AGENT1)) },
          { ALLOWED, DELETE("Port_Binding", HOST_IS("hv1")) },
          { ALLOWED, DELETE("Port_Binding",
                            PORT_IS(PORT2) ", ['host', '!=', '']") },
          { REFUSED, DELETE("Agent", IS(AGENT2)) },
          { REFUSED, DELETE("Agent", "") },
          { REFUSED, DELETE("Port_Binding", PORT_IS(PORT1)) },
          { REFUSED, DELETE("Port_Binding", "") },
          { REFUSED, DELETE("Network", "") },
          { REFUSED, DELETE("RBAC_Permission", "") });
}

/* Several operations: the first that is refused is told, and what others
 * insert and name does not open a way. */
static void
several(void **state OVS_UNUSED)
{
#define NAMED ADD "'Port_Binding', 'uuid-name': 'x'," \
              "'row': {'host': 'hv1'}},"
#define CHOSEN ADD "'Agent', 'uuid': '" BIND12 "', 'uuid-name': 'x'," \
               "'row': {'host': 'hv1'}},"
#define IS_X "['_uuid', '==', ['named-uuid', 'x']]"
    check("agent", "hv1",
          { ALLOWED, DELETE("Agent", IS(AGENT1)) ","
            ADD "'Agent', 'row': {'host': 'hv1'}}" },
          { ALLOWED, NAMED UPDATE("Port_Binding", IS_X, UP) },
          { REFUSED, DELETE("Agent", IS(AGENT1)) ","
            DELETE("Agent", IS(AGENT2)) "," DELETE("Port", "") },
          { REFUSED, NAMED UPDATE("Port_Binding", IS_X, "'host': 'hv2'") },
          { REFUSED, DELETE("Agent", IS(AGENT1)) ","
            CHOSEN UPDATE("Port_Binding", IS_X, UP) },
          { REFUSED, DELETE("Agent", IS(AGENT1)) ","
            CHOSEN DELETE("Port_Binding", IS_X) });
    check("odd", "hv1",
          { REFUSED, UPDATE("Network", IS(NETA), "'mtu': 1") ","
            ADD "'Subnet', 'uuid': '" NETB "', 'uuid-name': 'x',"
            "'row': {'ip_version': 4}},"
            UPDATE("Network", IS_X, "'mtu': 1") });
}

/* What no server takes is left to it, if it has the words. */
static void
nonsense(void **state OVS_UNUSED)
{
    check("agent", "hv1",
          { NONSENSE, "7" },
          { NONSENSE, "['delete', 'Agent']" },
          { NONSENSE, "{}" },
          { NONSENSE, "{'op': ['delete'], 'table': 'Agent', 'where': []}" },
          { NONSENSE, "{'Op': 'delete', 'table': 'Agent', 'where': []}" },
          { NONSENSE, "{'op': 'Delete', 'table': 'Agent', 'where': []}" },
          { NONSENSE, "{'op': 'truncate', 'table': 'Agent', 'where': []}" },
          { NONSENSE, "{'op': 'delete', 'table': 7, 'where': []}" },
          { NONSENSE, "{'op': 'delete', 'where': []}" },
          { NONSENSE, "{'op': 'delete', 'table': 'Agent'}" },
          { NONSENSE, "{'op': 'delete', 'table': 'Agent', 'where': true}" },
          { NONSENSE, "{'op': 'update', 'table': 'Agent', 'where': []}" },
          { NONSENSE, ADD "'Agent', 'row': ['host', 'hv1']}" },
          { NONSENSE, ADD "'Agent'}" },
          { NONSENSE, DELETE("Agent", "[[" IS(AGENT1) "]]") },
          /* The last of two members counts, here and there. */
          { REFUSED, "{'op': 'select', 'table': 'Agent', 'where': ["
            IS(AGENT1) "], 'op': 'delete', 'where': []}" });
}

static void
reads(void **state OVS_UNUSED)
{
    check("agent", "hv1",
          { ALLOWED, "{'op': 'select', 'table': 'Port', 'where': []}" },
          { ALLOWED, "{'op': 'comment', 'comment': 'x'},"
            "{'op': 'commit', 'durable': false}" },
          { ALLOWED, "{'op': 'wait', 'table': 'Agent', 'timeout': 0,"
            "'where': [" IS(AGENT2) "], 'columns': ['host'],"
            "'until': '==', 'rows': [{'host': 'hv2'}]}" },
          { NONSENSE, "{'op': 'abort'}" });
}

static void
other_roles(void **state OVS_UNUSED)
{
    check("odd", "hv1",
          /* Every row is everybody's. */
          { ALLOWED, UPDATE("Host", "", "'admin_state_up': false") },
          { REFUSED, UPDATE("Host", "", "'revision_number': 2") },
          { REFUSED, DELETE("Host", "") },
          { REFUSED, ADD "'Host', 'row': {'host': 'hv9'}}" },
          /* One of several columns. */
          { ALLOWED, UPDATE("Network", IS(NETA), "'mtu': 1") },
          { ALLOWED, ADD "'Network', 'row': {'name': 'y',"
            "'external_ids': ['map', [['owner', 'hv1']]]}}" },
          { REFUSED, ADD "'Network', 'row': {'name': 'y',"
            "'external_ids': ['map', [['owners', 'hv1']]]}}" },
          { REFUSED, UPDATE("Network", IS(NETB), "'mtu': 1") },
          { REFUSED, UPDATE("Network", "", "'mtu': 1") },
          { EARLY, UPDATE("Network", "['no', '==', 1]", "'mtu': 1") },
          /* None. */
          { REFUSED, UPDATE("Agent", IS(AGENT1), "'version': 'x'") },
          { REFUSED, ADD "'Agent', 'row': {'host': 'hv1'}}" },
          /* An operator who lists "host" gets what he asked for. */
          { ALLOWED, UPDATE("Port_Binding", IS(BIND11), "'host': 'hv9'") },
          { REFUSED, UPDATE("Port_Binding", IS(BIND12), "'host': 'hv1'") },
          { REFUSED, DELETE("Port_Binding", IS(BIND11)) });
    check("odd", "hv2",
          { ALLOWED, UPDATE("Network", IS(NETB), "'mtu': 1") });
    check("nobody", "hv1",
          { REFUSED, UPDATE("Port_Binding", IS(BIND11), UP) },
          { ALLOWED, "{'op': 'select', 'table': 'Port', 'where': []}" });
    check("", "hv1", { ALLOWED, DELETE("Agent", "") });
    check(NULL, NULL, { ALLOWED, DELETE("Agent", "") });
}

/* Without an identity nothing can be written... */
static void
no_identity(void **state OVS_UNUSED)
{
    static const char *const ops[] = {
        UPDATE("Port_Binding", IS(BIND11), UP),
        UPDATE("Port_Binding", HOST_IS(""), UP),
        UPDATE("Host", "", "'admin_state_up': false"),
        ADD "'Agent', 'row': {'host': ''}}",
        ADD "'Agent', 'row': {}}",
    };
    static const char *const identities[] = { NULL, "" };

    for (size_t i = 0; i < ARRAY_SIZE(ops) * 4; i++) {
        struct access_session session = {
            i & 1 ? "agent" : "odd", identities[i / 2 % 2], false
        };
        struct json *params = transaction(ops[i / 4]);
        size_t refused;
        struct ovsdb_error *error = access_check(replica, &nb_index, &session,
                                                 params, &refused);

        assert_non_null(error);
        assert_int_equal(refused, 1);
        ovsdb_error_destroy(error);
        json_destroy(params);
    }
}

/* ...unless the session is held to tables alone. */
static void
tables_only(void **state OVS_UNUSED)
{
    static const struct {
        bool allowed;
        const char *op;
    } cases[] = {
        { true, ADD "'Agent', 'row': {'host': 'hv9'}}" },
        { true, UPDATE("Port_Binding", IS(BIND12), UP) },
        { true, UPDATE("Port_Binding", "", UP) },
        { true, DELETE("Port_Binding", "") },
        { true, MUTATE("Port_Binding", "", "['revision_number', '+=', 1]") },
        { false, UPDATE("Port_Binding", IS(BIND11), "'host': 'hv2'") },
        { false, MUTATE("Port_Binding", "", "['host', '+=', 1]") },
        { false, ADD "'Network', 'row': {'name': 'x'}}" },
        { false, DELETE("Network", "") },
        { false, UPDATE("Port", "", "'admin_state_up': true") },
    };
    const struct access_session session = { "agent", NULL, true };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct json *params = transaction(cases[i].op);
        struct json *copy = transaction(cases[i].op);
        size_t refused;
        struct ovsdb_error *error = access_check(replica, &nb_index, &session,
                                                 params, &refused);

        if (!error != cases[i].allowed) {
            fail_msg("%s", cases[i].op);
        }
        assert_true(json_equal(params, copy));
        ovsdb_error_destroy(error);
        json_destroy(params);
        json_destroy(copy);
    }
}

/* Rows that the server has and the replica does not yet are protected by a
 * clause, which is there once and is the identity's. */
static void
behind(void **state OVS_UNUSED)
{
    static const struct {
        const char *where, *sent;
    } cases[] = {
        { IS(NEW), IS(NEW) "," HOST_IS("hv1") },
        { PORT_IS(NEW), PORT_IS(NEW) "," HOST_IS("hv1") },
        { HOST_IS("hv1"), HOST_IS("hv1") },
        { HOST_IS("hv9"), HOST_IS("hv9") "," HOST_IS("hv1") },
        { "['host', '==', ['set', ['hv1']]]",
          "['host', '==', ['set', ['hv1']]]," HOST_IS("hv1") },
        { "['new_column', '==', 1]",
          "['new_column', '==', 1]," HOST_IS("hv1") },
    };
    const struct access_session session = { "agent", "hv1", false };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *op = xasprintf(DELETE("Port_Binding", "%s"), cases[i].where);
        char *sent = xasprintf(DELETE("Port_Binding", "%s"), cases[i].sent);
        struct json *params = transaction(op);
        struct json *expected = transaction(sent);
        size_t refused;

        assert_null(access_check(replica, &nb_index, &session, params,
                                 &refused));
        if (!json_equal(params, expected)) {
            fail_msg("%s: %s", op, json_to_string(params, 0));
        }
        json_destroy(params);
        json_destroy(expected);
        free(op);
        free(sent);
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(inserts, setup, teardown),
        cmocka_unit_test_setup_teardown(updates, setup, teardown),
        cmocka_unit_test_setup_teardown(mutates, setup, teardown),
        cmocka_unit_test_setup_teardown(deletes, setup, teardown),
        cmocka_unit_test_setup_teardown(several, setup, teardown),
        cmocka_unit_test_setup_teardown(nonsense, setup, teardown),
        cmocka_unit_test_setup_teardown(reads, setup, teardown),
        cmocka_unit_test_setup_teardown(other_roles, setup, teardown),
        cmocka_unit_test_setup_teardown(no_identity, setup, teardown),
        cmocka_unit_test_setup_teardown(tables_only, setup, teardown),
        cmocka_unit_test_setup_teardown(behind, setup, teardown),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("door-access", tests, NULL, NULL);
}
