/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See monitor.h.  request.c has parsed what is asked for; since.c knows what
 * a client that comes back has missed. */

#include <config.h>

#include "monitor/monitor.h"

#include <stdlib.h>

#include "coverage.h"
#include "monitor/condition.h"
#include "monitor/db.h"
#include "monitor/request.h"
#include "monitor/rows.h"
#include "monitor/shape.h"
#include "monitor/since.h"
#include "monitor/table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "ovsdb/row.h"
#include "util.h"

COVERAGE_DEFINE(mon_first_sync);
COVERAGE_DEFINE(mon_resync);
COVERAGE_DEFINE(mon_condition_change);
COVERAGE_DEFINE(mon_notification);

struct ovsdb_error *
monitor_create(struct mon_db *db, enum mon_protocol protocol, const char *id,
               const struct json *requests, void *owner,
               struct monitor **monitorp)
{
    struct monitor *monitor = xzalloc(sizeof *monitor);
    struct ovsdb_error *error;

    monitor->id = xstrdup(id);
    monitor->owner = owner;
    monitor->protocol = protocol;
    monitor->db = db;
    ovs_list_init(&monitor->due_node);
    error = mon_request_parse(db, requests, protocol != MON_V1,
                              &monitor->views, &monitor->n_views);
    for (size_t i = 0; i < monitor->n_views; i++) {
        monitor->views[i].monitor = monitor;
    }
    if (error) {
        monitor_destroy(monitor);
        monitor = NULL;
    }
    *monitorp = monitor;
    return error;
}

void
monitor_destroy(struct monitor *monitor)
{
    if (!monitor) {
        return;
    }
    for (size_t i = 0; i < monitor->n_views; i++) {
        struct mon_view *view = &monitor->views[i];

        if (monitor->begun) {
            mon_table_unregister(view->table, view, &view->condition);
        }
        mon_view_forget_due(view);
        hmap_destroy(&view->due);
        mon_condition_destroy(&view->condition);
        mon_shape_unref(&monitor->db->shapes, view->shape);
    }
    ovs_list_remove(&monitor->due_node);
    free(monitor->views);
    free(monitor->id);
    free(monitor);
}

/* Rows that enter a view, or leave it, at a client's request. */
struct crossing {
    struct mon_update *update;
    struct mon_view *view;
    enum mon_kind kind;
};

static void
cross(const struct ovsdb_row *row, void *crossing_)
{
    struct crossing *crossing = crossing_;

    mon_update_add_row(crossing->update, crossing->view, crossing->kind, row);
}

static void
for_each_row(struct mon_view *view, const struct mon_condition *condition,
             const struct mon_condition *except, enum mon_kind kind,
             struct mon_update *update)
{
    struct crossing crossing = { update, view, kind };

    mon_rows_for_each(view->monitor->db->index, view->table, condition,
                      except, cross, &crossing);
}

static void
put_everything(struct monitor *monitor, struct ds *result)
{
    struct mon_update update;

    COVERAGE_INC(mon_first_sync);
    mon_update_begin(&update, result);
    for (size_t i = 0; i < monitor->n_views; i++) {
        struct mon_view *view = &monitor->views[i];

        for_each_row(view, &view->condition, NULL, MON_INITIAL, &update);
    }
    mon_update_end(&update);
}

static void
put_since(struct monitor *monitor, uint64_t seq, struct ds *result)
{
    struct mon_update update;

    COVERAGE_INC(mon_resync);
    mon_update_begin(&update, result);
    for (size_t i = 0; i < monitor->n_views; i++) {
        mon_since_tell(&monitor->views[i], seq, &update);
    }
    mon_update_end(&update);
}

/* Changes are listed by what is asked by, for when the client comes back. */
static void
register_view(struct mon_view *view)
{
    struct mon_db *db = view->monitor->db;

    mon_table_register(view->table, view, &view->condition);
    for (size_t i = 0; db->history.max && i < view->condition.n_columns;
         i++) {
        mon_history_add_column(&db->history, view->table->table,
                               view->condition.columns[i]);
    }
}

void
monitor_begin(struct monitor *monitor, const struct uuid *last,
              struct ds *result)
{
    const struct mon_db *db = monitor->db;
    uint64_t seq;
    bool found;

    for (size_t i = 0; i < monitor->n_views; i++) {
        register_view(&monitor->views[i]);
    }
    monitor->begun = true;
    if (monitor->protocol != MON_V3) {
        put_everything(monitor, result);
        return;
    }
    found = (last && !uuid_is_zero(last)
             && mon_history_find(&db->history, last, &seq));
    ds_put_format(result, "[%s,", found ? "true" : "false");
    mon_compose_uuid(result, &db->state_id);
    ds_put_char(result, ',');
    if (found) {
        put_since(monitor, seq, result);
    } else {
        put_everything(monitor, result);
    }
    ds_put_char(result, ']');
}

static const char *
method(enum mon_protocol protocol)
{
    return (protocol == MON_V1 ? "update"
            : protocol == MON_V2 ? "update2"
            : "update3");
}

/* Puts a notification before what 'update' will add; end_notification() takes
 * it back, to 'length', if that is nothing. */
static size_t
begin_notification(const struct monitor *monitor, struct mon_update *update,
                   struct ds *out)
{
    size_t length = out->length;

    ds_put_format(out, "{\"id\":null,\"method\":\"%s\",\"params\":[%s,",
                  method(monitor->protocol), monitor->id);
    if (monitor->protocol == MON_V3) {
        mon_compose_uuid(out, &monitor->db->state_id);
        ds_put_char(out, ',');
    }
    mon_update_begin(update, out);
    return length;
}

/* With 'always' it is not taken back. */
static void
end_notification(struct mon_update *update, size_t length, bool always)
{
    mon_update_end(update);
    if (update->any || always) {
        COVERAGE_INC(mon_notification);
        ds_put_cstr(update->out, "]}");
    } else {
        ds_truncate(update->out, length);
    }
}

void
monitor_tell_due(struct monitor *monitor, struct ds *out)
{
    struct mon_update update;
    size_t length = begin_notification(monitor, &update, out);

    ovs_list_remove(&monitor->due_node);
    ovs_list_init(&monitor->due_node);
    for (size_t i = 0; i < monitor->n_views; i++) {
        if (!hmap_is_empty(&monitor->views[i].due)) {
            mon_view_tell_due(&monitor->views[i], &update,
                              monitor->db->n_commits);
        }
    }
    end_notification(&update, length, false);
}

/* Returns whether it is another condition than before. */
static bool
change_view(struct mon_view *view, struct mon_condition *new,
            struct mon_update *update)
{
    if (mon_condition_equals(&view->condition, new)) {
        return false;
    }
    mon_table_unregister(view->table, view, &view->condition);
    mon_condition_swap(&view->condition, new);
    register_view(view);
    for_each_row(view, new, &view->condition, MON_DELETE, update);
    for_each_row(view, &view->condition, new, MON_INSERT, update);
    return true;
}

struct ovsdb_error *
monitor_change(struct monitor *monitor, const char *id,
               const struct json *requests, struct ds *out)
{
    struct mon_condition **conditions;
    struct mon_update update;
    struct ovsdb_error *error;
    bool changed = false;
    size_t length;

    error = mon_request_parse_change(requests, monitor->views,
                                     monitor->n_views, monitor->db,
                                     &conditions);
    if (error) {
        return error;
    }
    COVERAGE_INC(mon_condition_change);
    ovs_assert(!monitor_n_due(monitor));
    free(monitor->id);
    monitor->id = xstrdup(id);
    length = begin_notification(monitor, &update, out);
    for (size_t i = 0; i < monitor->n_views; i++) {
        /* "monitor" takes no conditions. */
        if (conditions[i] && monitor->protocol != MON_V1) {
            changed |= change_view(&monitor->views[i], conditions[i],
                                   &update);
        }
    }
    /* The state that the client names when it comes back must not be one from
     * before it had these conditions: it would be told of the end of rows that
     * it never knew. */
    end_notification(&update, length, changed && monitor->protocol == MON_V3);
    mon_request_free_change(conditions, monitor->n_views);
    return NULL;
}

size_t
monitor_n_due(const struct monitor *monitor)
{
    size_t n = 0;

    for (size_t i = 0; i < monitor->n_views; i++) {
        n += hmap_count(&monitor->views[i].due);
    }
    return n;
}

size_t
monitor_n_rows(const struct monitor *monitor)
{
    size_t n = 0;

    for (size_t i = 0; i < monitor->n_views; i++) {
        n += monitor->views[i].n_rows;
    }
    return n;
}

const struct mon_view *
monitor_view_of(const struct monitor *monitor, const struct ovsdb_row *row)
{
    for (size_t i = 0; i < monitor->n_views; i++) {
        const struct mon_view *view = &monitor->views[i];

        if (view->table->table == row->table
            && mon_condition_match(&view->condition, row)) {
            return view;
        }
    }
    return NULL;
}
