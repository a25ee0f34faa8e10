/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See view.h. */

#include <config.h>

#include "monitor/view.h"

#include <stdlib.h>

#include "monitor/monitor.h"
#include "monitor/shape.h"
#include "monitor/table.h"
#include "monitor/version.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"
#include "util.h"
#include "uuid.h"

/* A row that the client is to be told of, as it knows it. */
struct mon_due {
    struct hmap_node node;
    struct mon_version *old;
};

void
mon_update_begin(struct mon_update *update, struct ds *out)
{
    *update = (struct mon_update) { .out = out };
    ds_put_char(out, '{');
}

void
mon_update_end(struct mon_update *update)
{
    ds_put_cstr(update->out, update->view ? "}}" : "}");
}

/* Writes all that stands before the row 'id'. */
static void
open_row(struct mon_update *update, const struct mon_view *view,
         const struct uuid *id)
{
    if (update->view == view) {
        ds_put_char(update->out, ',');
    } else {
        ds_put_format(update->out, "%s\"%s\":{", update->view ? "}," : "",
                      view->table->table->schema->name);
    }
    mon_compose_uuid(update->out, id);
    ds_put_char(update->out, ':');
}

/* Takes back what open_row() wrote at 'length' if there is 'something' to
 * tell of the row, and keeps it if there is. */
static void
close_row(struct mon_update *update, const struct mon_view *view,
          size_t length, bool something)
{
    if (something) {
        update->view = view;
        update->any = true;
    } else {
        ds_truncate(update->out, length);
    }
}

void
mon_update_add_row(struct mon_update *update, struct mon_view *view,
                   enum mon_kind kind, const struct ovsdb_row *row)
{
    size_t length = update->out->length;
    bool something;

    view->n_rows += kind == MON_DELETE ? -1 : 1;
    open_row(update, view, ovsdb_row_get_uuid(row));
    something = mon_compose_row(update->out, view->shape,
                                view->monitor->protocol, kind, row, row);
    close_row(update, view, length, something);
}

/* Returns what has happened to a row, 0 for nothing that the view sees. */
static enum mon_kind
kind_of_change(const struct mon_view *view, const struct ovsdb_row *old,
               const struct ovsdb_row *new)
{
    bool was = old && mon_condition_match(&view->condition, old);
    bool is = new && mon_condition_match(&view->condition, new);

    return (was && is ? MON_MODIFY
            : was ? MON_DELETE
            : is ? MON_INSERT
            : 0);
}

void
mon_update_add(struct mon_update *update, struct mon_view *view,
               struct mon_version *old, const struct ovsdb_row *new,
               uint64_t serial)
{
    enum mon_kind kind = kind_of_change(view, old->row, new);
    size_t length = update->out->length;
    bool something;

    if (!kind) {
        return;
    }
    view->n_rows += kind == MON_DELETE ? -1 : kind == MON_INSERT;
    open_row(update, view, &old->id);
    something = mon_version_compose(old, update->out, view->shape,
                                    view->monitor->protocol, kind, new,
                                    serial);
    close_row(update, view, length, something);
}

static struct mon_due *
find_due(const struct mon_view *view, const struct uuid *id)
{
    struct mon_due *due;

    HMAP_FOR_EACH_WITH_HASH (due, node, uuid_hash(id), &view->due) {
        if (uuid_equals(&due->old->id, id)) {
            return due;
        }
    }
    return NULL;
}

static void
due_create(struct mon_view *view, struct mon_version *old)
{
    struct mon_due *due = xmalloc(sizeof *due);

    due->old = mon_version_add_due(old);
    hmap_insert(&view->due, &due->node, uuid_hash(&old->id));
}

static void
due_destroy(struct mon_view *view, struct mon_due *due)
{
    hmap_remove(&view->due, &due->node);
    mon_version_remove_due(due->old);
    free(due);
}

void
mon_view_add_due(struct mon_view *view, struct mon_version *old)
{
    if (!find_due(view, &old->id)) {
        due_create(view, old);
    }                           /* Otherwise the client knows an older one. */
}

bool
mon_view_changed(struct mon_view *view, struct mon_version *old,
                 const struct ovsdb_row *new)
{
    struct mon_due *due = find_due(view, &old->id);

    if (!due) {
        due_create(view, old);
    } else if (!kind_of_change(view, due->old->row, new)) {
        /* It came and went before the client was told.  There is no bound to
         * how many such rows there can be. */
        due_destroy(view, due);
        return false;
    }
    return true;
}

void
mon_view_tell_due(struct mon_view *view, struct mon_update *update,
                  uint64_t serial)
{
    struct mon_due *due;

    HMAP_FOR_EACH_SAFE (due, node, &view->due) {
        mon_update_add(update, view, due->old,
                       ovsdb_table_get_row(view->table->table,
                                           &due->old->id), serial);
        due_destroy(view, due);
    }
    hmap_shrink(&view->due);
}

void
mon_view_forget_due(struct mon_view *view)
{
    struct mon_due *due;

    HMAP_FOR_EACH_SAFE (due, node, &view->due) {
        due_destroy(view, due);
    }
}
