/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See fuzz-database.h. */

#include <config.h>

#include "fuzz-database.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/db.h"
#include "monitor/monitor.h"
#include "nb/apply.h"
#include "nb/feed.h"
#include "nb/index.h"
#include "nb/layout.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovsdb-cs.h"
#include "ovsdb-error.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/storage.h"
#include "util.h"

/* Few, so that clients find theirs there, and older ones gone. */
#define MAX_HISTORY 16

#define NET1 "0000000a-0000-0001-0000-000000000001"
#define NET2 "0000000a-0000-0002-0000-000000000002"
#define PORT1 "0000000b-0000-0001-0000-000000000001"
#define PORT2 "0000000b-0000-0002-0000-000000000002"
#define PORT3 "0000000b-0000-0003-0000-000000000003"
#define SEGMENT "0000000c-0000-0001-0000-000000000001"
#define AGENT1 "0000000d-0000-0001-0000-000000000001"
#define AGENT2 "0000000d-0000-0002-0000-000000000002"
#define BIND1 "0000000e-0000-0001-0000-000000000001"
#define BIND2 "0000000e-0000-0002-0000-000000000002"
#define ROLE "0000000f-0000-0001-0000-000000000001"
#define PERMIT1 "0000000f-0000-0002-0000-000000000002"
#define PERMIT2 "0000000f-0000-0003-0000-000000000003"

/* With ' for ". */
static const char rows[] =
    "{'Network': {"
    "  '" NET1 "': {'insert': {'name': 'blue', 'mtu': 1500,"
    "    'admin_state_up': true, 'tags': ['set', ['a', 'b']],"
    "    'segment': ['uuid', '" SEGMENT "'],"
    "    'external_ids': ['map', [['owner', 'hv1'], ['k', '']]]}},"
    "  '" NET2 "': {'insert': {'name': 'red'}}},"
    " 'Segment': {"
    "  '" SEGMENT "': {'insert': {'network_type': 'vxlan',"
    "    'segmentation_id': 7}}},"
    " 'Port': {"
    "  '" PORT1 "': {'insert': {'name': 'x', 'host': 'hv1',"
    "    'network': ['uuid', '" NET1 "'], 'mac_address': 'm1'}},"
    "  '" PORT2 "': {'insert': {'name': '\\u20ac\\n', 'host': 'hv2',"
    "    'network': ['uuid', '" NET1 "'], 'mac_address': 'm2'}},"
    "  '" PORT3 "': {'insert': {'network': ['uuid', '" NET2 "']}}},"
    " 'Agent': {"
    "  '" AGENT1 "': {'insert': {'host': 'hv1'}},"
    "  '" AGENT2 "': {'insert': {'host': 'hv2'}}},"
    " 'Port_Binding': {"
    "  '" BIND1 "': {'insert': {'host': 'hv1',"
    "    'port': ['uuid', '" PORT1 "']}},"
    "  '" BIND2 "': {'insert': {'host': 'hv2',"
    "    'port': ['uuid', '" PORT2 "']}}},"
    " 'RBAC_Role': {"
    "  '" ROLE "': {'insert': {'name': 'agent', 'permissions': ['map', ["
    "    ['Agent', ['uuid', '" PERMIT1 "']],"
    "    ['Port_Binding', ['uuid', '" PERMIT2 "']]]]}}},"
    " 'RBAC_Permission': {"
    "  '" PERMIT1 "': {'insert': {'table': 'Agent', 'insert_delete': true,"
    "    'authorization': 'host',"
    "    'update': ['set', ['version', 'heartbeat']]}},"
    "  '" PERMIT2 "': {'insert': {'table': 'Port_Binding',"
    "    'insert_delete': true, 'authorization': 'host',"
    "    'update': ['set', ['up', 'revision_number', 'fault']]}}}}";

static const char *const changes[] = {
    "{'Port': {'" PORT1 "': {'modify': {'name': 'y'}},"
    "  '" PORT2 "': {'modify': {'host': 'hv1', 'tags': 'new'}},"
    "  '" PORT3 "': {'delete': null}},"
    " 'Network': {'" NET1 "': {'modify': {'mtu': 1400,"
    "   'tags': ['set', ['b', 'c']], 'segment': ['set', []],"
    "   'external_ids': ['map', [['k', 'v'], ['owner', 'hv1']]]}}},"
    " 'Agent': {'" AGENT2 "': {'modify': {'version': '2'}}}}",

    "{'Port': {'" PORT1 "': {'modify': {'name': 'x'}},"
    "  '" PORT2 "': {'modify': {'host': 'hv2', 'tags': 'new'}},"
    "  '" PORT3 "': {'insert': {'network': ['uuid', '" NET2 "']}}},"
    " 'Network': {'" NET1 "': {'modify': {'mtu': 1500,"
    "   'tags': ['set', ['b', 'c']], 'segment': ['uuid', '" SEGMENT "'],"
    "   'external_ids': ['map', [['k', ''], ['owner', 'hv1']]]}}},"
    " 'Agent': {'" AGENT2 "': {'modify': {'version': ''}}}}",
};

static const char requests[] =
    "{'Port': [{'columns': ['name'], 'where': ["
    "  ['_uuid', '==', ['uuid', '" PORT1 "']], ['name', '==', 'none']]}]}";
#define TOLD(NAME) \
    "{\"id\":null,\"method\":\"update2\",\"params\":[\"good\",{\"Port\":{" \
    "\"" PORT1 "\":{\"modify\":{\"name\":\"" NAME "\"}}}}]}"
static const char *const told[] = { TOLD("y"), TOLD("x") };

static struct fuzz_database database;
static const struct replica_feed *feed; /* NULL: none. */
static struct monitor *good;
static struct json *parsed_changes[ARRAY_SIZE(changes)];

static void
check(struct ovsdb_error *error)
{
    if (error) {
        ovs_fatal(0, "%s", ovsdb_error_to_string_free(error));
    }
}

static struct json *
parse(const char *text_)
{
    char *text = xstrdup(text_);
    struct json *json;

    for (char *p = text; *p; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    json = json_from_string(text);
    ovs_assert(json->type == JSON_OBJECT);
    free(text);
    return json;
}

static void
apply(struct json *updates)
{
    struct ovsdb_cs_update_event event = {
        .version = 2,
        .table_updates = updates,
    };
    struct nb_row_changes applied = { NULL, 0, 0 };

    check(nb_apply(database.ovsdb, &event, &applied));
    for (size_t i = 0; i < applied.n; i++) {
        const struct nb_row_change *c = &applied.changes[i];

        nb_index_change(database.index, c->old, c->new);
    }
    for (size_t i = 0; i < applied.n; i++) {
        const struct nb_row_change *c = &applied.changes[i];

        mon_db_change(database.monitors, c->old, c->new);
        if (feed) {
            feed->change(c->old, c->new, feed->aux);
        }
    }
    nb_row_changes_destroy(&applied);
    mon_db_commit(database.monitors);
    if (feed) {
        feed->committed(feed->aux);
    }
}

static void
apply_text(const char *text)
{
    struct json *updates = parse(text);

    apply(updates);
    json_destroy(updates);
}

static void
begin_good(void)
{
    struct ds result = DS_EMPTY_INITIALIZER;
    struct json *json = parse(requests);

    check(monitor_create(database.monitors, MON_V2, "\"good\"", json, NULL,
                         &good));
    monitor_begin(good, NULL, &result);
    json_destroy(json);
    ds_destroy(&result);
}

void
fuzz_database_set_index(struct nb_index *index)
{
    database.index = index;
}

void
fuzz_database_set_feed(const struct replica_feed *feed_)
{
    feed = feed_;
}

const struct fuzz_database *
fuzz_database(void)
{
    struct ovsdb_schema *schema;

    if (!database.ovsdb) {
        /* Where there are complaints about bad input. */
        vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
        check(ovsdb_schema_from_file(SCHEMA_FILE, &schema));
        nb_layout_relax(schema);
        database.ovsdb = ovsdb_create(schema,
                                      ovsdb_storage_create_unbacked("nb"));
        nb_layout_set(database.ovsdb);
        if (!database.index) {
            database.index = xmalloc(sizeof *database.index);
            nb_index_init(database.index);
        }
        nb_index_add_listed(database.index);
        database.monitors = mon_db_create(database.ovsdb, database.index,
                                          true, MAX_HISTORY);
        apply_text(rows);
        begin_good();
        for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
            parsed_changes[i] = parse(changes[i]);
        }
    }
    return &database;
}

void
fuzz_database_change(void)
{
    static size_t turn = 0;
    struct ds out = DS_EMPTY_INITIALIZER;

    apply(parsed_changes[turn]);
    ovs_assert(monitor_n_due(good) == 1);
    monitor_tell_due(good, &out);
    ovs_assert(!strcmp(ds_cstr(&out), told[turn]));
    ds_destroy(&out);
    turn = !turn;
}
