/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Fuzz target: what a client of the OVSDB door sends.  An input is a stream of
 * messages, for example
 *
 *     {"id": 1, "method": "monitor_cond", "params": ["Sluice_Northbound", 1,
 *      {"Port": [{"where": [["host", "==", "hv1"]]}]}]}
 *
 * It comes in pieces and goes through the framer, the parsers of messages,
 * monitor requests, conditions and their changes, the rules of what a role may
 * write, and, as for database _Server, Open vSwitch's transactions.  Whatever
 * it is, it is answered or refused, in JSON; then the database changes, those
 * who are due are told in JSON, each monitor has the rows that it asks for,
 * and a client that asked for nothing strange (fuzz-database.h) is told
 * exactly what concerns it. */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "door/access.h"
#include "fuzz-database.h"
#include "fuzz-main.h"
#include "hash.h"
#include "jsonrpc.h"
#include "monitor/condition.h"
#include "monitor/db.h"
#include "monitor/monitor.h"
#include "monitor/table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"
#include "rpc/framer.h"
#include "util.h"

/* Bytes of a message, so few that some are too long. */
#define MAX_MESSAGE 65536

/* Monitors of the client. */
#define MAX_MONITORS 4

/* Pieces of a stream are shorter. */
#define MAX_PIECE 1024

static struct monitor *monitors[MAX_MONITORS];
static size_t n_monitors;

/* Aborts unless 'text', or what 'json' is sent as, is JSON. */
static void
check_text(const char *text)
{
    struct json *json = json_from_string(text);

    ovs_assert(json->type != JSON_STRING);
    json_destroy(json);
}

static void
check_json(const struct json *json)
{
    char *text = json_to_string(json, JSSF_SORT);

    check_text(text);
    free(text);
}

static void
check_error(struct ovsdb_error *error)
{
    struct json *json = ovsdb_error_to_json_free(error);

    check_json(json);
    json_destroy(json);
}

/* Monitors. */

static size_t
count_rows(const struct mon_view *view)
{
    const struct ovsdb_row *row;
    size_t n = 0;

    HMAP_FOR_EACH (row, hmap_node, &view->table->table->rows) {
        n += mon_condition_match(&view->condition, row);
    }
    return n;
}

static void
check_rows(const struct monitor *monitor)
{
    size_t n = 0;

    for (size_t i = 0; i < monitor->n_views; i++) {
        n += count_rows(&monitor->views[i]);
    }
    ovs_assert(monitor_n_rows(monitor) == n);
    ovs_assert(!monitor_n_due(monitor));
}

static void
tell(struct monitor *monitor)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    if (monitor_n_due(monitor)) {
        monitor_tell_due(monitor, &out);
        if (out.length) {
            check_text(ds_cstr(&out));
        }
    }
    check_rows(monitor);
    ds_destroy(&out);
}

/* Changes the database, and changes it back, and tells those concerned of
 * both, or of nothing. */
static void
change_database(bool at_once)
{
    for (int i = 0; i < 2; i++) {
        fuzz_database_change();
        for (size_t j = 0; (at_once || i) && j < n_monitors; j++) {
            tell(monitors[j]);
        }
    }
}

static struct monitor **
find(const char *id)
{
    for (size_t i = 0; i < n_monitors; i++) {
        if (!strcmp(monitors[i]->id, id)) {
            return &monitors[i];
        }
    }
    return NULL;
}

static void
cancel(struct monitor **monitor)
{
    monitor_destroy(*monitor);
    *monitor = monitors[--n_monitors];
}

static void
begin(enum mon_protocol protocol, const char *id, const struct json *requests,
      const struct json *last_json)
{
    struct ds result = DS_EMPTY_INITIALIZER;
    struct uuid last = UUID_ZERO;
    struct ovsdb_error *error;
    struct monitor *monitor;

    if (last_json && last_json->type == JSON_STRING) {
        if (!strcmp(json_string(last_json), "now")) {
            last = fuzz_database()->monitors->state_id;
        } else if (!uuid_from_string(&last, json_string(last_json))) {
            return;
        }
    }
    error = monitor_create(fuzz_database()->monitors, protocol, id, requests,
                           NULL, &monitor);
    if (error) {
        ovs_assert(!monitor);
        check_error(error);
        return;
    }
    monitor_begin(monitor, &last, &result);
    check_text(ds_cstr(&result));
    ds_destroy(&result);
    check_rows(monitor);
    monitors[n_monitors++] = monitor;
}

static void
change(struct monitor *monitor, const char *id, const struct json *requests)
{
    struct ds out = DS_EMPTY_INITIALIZER;
    struct ovsdb_error *error = monitor_change(monitor, id, requests, &out);

    if (error) {
        ovs_assert(!out.length);
        check_error(error);
    } else if (out.length) {
        check_text(ds_cstr(&out));
    }
    ds_destroy(&out);
    check_rows(monitor);
}

static void
fuzz_monitor(const char *method, const struct json_array *params)
{
    enum mon_protocol protocol = (!strcmp(method, "monitor") ? MON_V1
                                  : !strcmp(method, "monitor_cond") ? MON_V2
                                  : MON_V3);
    char *id;

    if (params->n < 3 || n_monitors == MAX_MONITORS) {
        return;
    }
    id = json_to_string(params->elems[1], JSSF_SORT);
    if (!find(id)) {
        begin(protocol, id, params->elems[2],
              params->n > 3 ? params->elems[3] : NULL);
    }
    free(id);
}

static void
fuzz_change(const struct json_array *params)
{
    if (params->n == 3) {
        char *old = json_to_string(params->elems[0], JSSF_SORT);
        char *new = json_to_string(params->elems[1], JSSF_SORT);
        struct monitor **monitor = find(old);

        if (monitor && (!strcmp(old, new) || !find(new))) {
            change(*monitor, new, params->elems[2]);
        }
        free(old);
        free(new);
    }
}

static void
fuzz_cancel(const struct json_array *params)
{
    char *id = params->n ? json_to_string(params->elems[0], JSSF_SORT) : NULL;
    struct monitor **monitor = id ? find(id) : NULL;

    if (monitor) {
        cancel(monitor);
    }
    free(id);
}

/* Transactions. */

static void
fuzz_access(const struct access_session *session, const struct json *params)
{
    const struct fuzz_database *db = fuzz_database();
    struct json *own = json_deep_clone(params);
    size_t refused = 0;
    struct ovsdb_error *error = access_check(db->ovsdb, db->index, session,
                                             own, &refused);

    if (error) {
        ovs_assert(refused > 0 && refused < json_array(own)->n);
        check_error(error);
    } else if (!session->role) {
        ovs_assert(json_equal(own, params));
    }
    check_json(own);
    json_destroy(own);
}

static void
fuzz_transact(const struct json *params)
{
    static const struct access_session sessions[] = {
        { NULL, NULL, false },
        { "agent", "hv1", false },
        { "agent", NULL, false },
        { "agent", NULL, true },
        { "nobody", "hv1", false },
    };
    long long int timeout = 0;
    struct json *results;

    if (!json_array(params)->n
        || json_array(params)->elems[0]->type != JSON_STRING) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
        fuzz_access(&sessions[i], params);
    }
    results = ovsdb_execute(fuzz_database()->ovsdb, NULL, params, true, NULL,
                            NULL, 0, &timeout);
    if (results) {
        check_json(results);
        json_destroy(results);
    }
}

/* Messages. */

static void
fuzz_request(const struct jsonrpc_msg *msg)
{
    const struct json_array *params = json_array(msg->params);

    if (!strcmp(msg->method, "monitor")
        || !strcmp(msg->method, "monitor_cond")
        || !strcmp(msg->method, "monitor_cond_since")) {
        fuzz_monitor(msg->method, params);
        change_database(true);
    } else if (!strcmp(msg->method, "monitor_cond_change")) {
        fuzz_change(params);
        change_database(false);
    } else if (!strcmp(msg->method, "monitor_cancel")) {
        fuzz_cancel(params);
    } else if (!strcmp(msg->method, "transact")) {
        fuzz_transact(msg->params);
    }
}

/* Returns false if the connection is to be closed. */
static bool
fuzz_message(const char *text)
{
    struct json *json = json_from_string(text);
    struct jsonrpc_msg *msg;
    char *error;

    if (json->type == JSON_STRING) {
        ovs_assert(*json_string(json));
        json_destroy(json);
        return false;
    }
    check_json(json);
    error = jsonrpc_msg_from_json(json, &msg);
    if (error) {
        free(error);
        return false;
    }
    if (msg->type == JSONRPC_REQUEST) {
        fuzz_request(msg);
    }
    jsonrpc_msg_destroy(msg);
    return true;
}

/* Returns true if the piece is used up and more can come. */
static bool
fuzz_piece(struct rpc_framer *framer, const char *piece, size_t n)
{
    for (;;) {
        enum rpc_framer_status status;
        char *message;
        size_t used, len;
        bool ok;

        status = rpc_framer_feed(framer, piece, n, &used, &message, &len);
        if (status != RPC_FRAMER_MESSAGE) {
            ovs_assert((status == RPC_FRAMER_ERROR) == (framer->error != NULL));
            return status == RPC_FRAMER_MORE;
        }
        ovs_assert(len == strlen(message) && len <= MAX_MESSAGE);
        ovs_assert(used && used <= n);
        ok = fuzz_message(message);
        free(message);
        if (!ok) {
            return false;
        }
        piece += used;
        n -= used;
    }
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    uint32_t random = hash_bytes(data, size, 0);
    struct rpc_framer framer;

    rpc_framer_init(&framer, MAX_MESSAGE);
    fuzz_database();
    for (size_t i = 0; i < size; ) {
        /* A copy of its own, so that a byte read past its end is found. */
        size_t n = MIN(size - i, 1 + random % MAX_PIECE);
        char *piece = xmemdup(data + i, n);
        bool ok = fuzz_piece(&framer, piece, n);

        free(piece);
        if (!ok) {
            break;
        }
        i += n;
        random = hash_finish(random, i);
    }
    rpc_framer_destroy(&framer);
    change_database(true);
    while (n_monitors) {
        cancel(&monitors[0]);
    }
}
