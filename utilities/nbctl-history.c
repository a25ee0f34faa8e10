/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Entries of history as rows for people.  See nbctl-history.h. */

#include <config.h>

#include "nbctl-history.h"

#include <string.h>

#include "nbctl.h"
#include "nbctl-cells.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

static void put_object(const struct json *entry, struct ds *);
static void put_what(const struct json *entry, struct ds *);
static void put_changes(const struct json *changes, struct ds *);
static void put_value(const struct json *, struct ds *);
static void put_live(const struct json *entry, struct ds *);
static void put_duration(long long int msec, struct ds *);
static const struct json *get(const struct json *object, const char *name,
                              enum json_type);
static const char *get_string(const struct json *object, const char *name);
static bool is_true(const struct json *object, const char *name);
static void add_cell(struct table *, struct ds *);

struct table *
history_make_table(struct ctl_context *ctx)
{
    static const char *const headings[] = {
        "time", "object", "what", "by", "live", "comment",
    };

    return cells_make_table(ctx, headings, ARRAY_SIZE(headings));
}

uint64_t
history_add_entry(struct table *table, const struct json *entry)
{
    const struct json *seq = get(entry, "seq", JSON_INTEGER);
    struct ds s = DS_EMPTY_INITIALIZER;

    table_add_row(table);
    cells_string(table, get_string(entry, "time"));
    put_object(entry, &s);
    add_cell(table, &s);
    put_what(entry, &s);
    add_cell(table, &s);
    cells_string(table, get_string(entry, "by"));
    put_live(entry, &s);
    add_cell(table, &s);
    cells_string(table, get_string(entry, "comment"));
    ds_destroy(&s);
    return seq ? json_integer(seq) : 0;
}

/* "port vm1", or with its id if it has no name. */
static void
put_object(const struct json *entry, struct ds *s)
{
    const char *name = get_string(entry, "name");

    ds_put_format(s, "%s %s", get_string(entry, "resource"),
                  name[0] ? name : get_string(entry, "id"));
}

/* "created", "deleted", or the old and new values. */
static void
put_what(const struct json *entry, struct ds *s)
{
    const struct json *changes = get(entry, "changes", JSON_OBJECT);
    const char *verb = get_string(entry, "verb");

    if (!strcmp(verb, "updated") && changes
        && !shash_is_empty(changes->object)) {
        put_changes(changes, s);
    } else {
        ds_put_cstr(s, verb);
    }
    if (is_true(entry, "recovered")) {
        ds_put_cstr(s, " (found afterward)");
    }
}

static void
put_changes(const struct json *changes, struct ds *s)
{
    const struct shash_node **nodes = shash_sort(changes->object);
    size_t n = shash_count(changes->object);

    for (size_t i = 0; i < n; i++) {
        const struct json *values = nodes[i]->data;

        ds_put_format(s, "%s%s: ", i ? ", " : "", nodes[i]->name);
        if (values->type == JSON_ARRAY && values->array.n == 2) {
            put_value(values->array.elems[0], s);
            ds_put_cstr(s, " -> ");
            put_value(values->array.elems[1], s);
        } else {
            put_value(values, s);
        }
    }
    free(nodes);
}

/* As JSON, but strings as they are. */
static void
put_value(const struct json *value, struct ds *s)
{
    if (value->type == JSON_STRING && json_string(value)[0]) {
        ds_put_cstr(s, json_string(value));
    } else {
        json_to_ds(value, JSSF_SORT, s);
    }
}

/* "hv1 12 ms, hv2 3 s": which hypervisors have applied it, how long after. */
static void
put_live(const struct json *entry, struct ds *s)
{
    const struct json *applied = get(entry, "applied", JSON_ARRAY);

    for (size_t i = 0; applied && i < applied->array.n; i++) {
        const struct json *one = applied->array.elems[i];
        const struct json *after = get(one, "after_ms", JSON_INTEGER);
        const char *host = get_string(one, "host");

        ds_put_format(s, "%s%s%s", i ? ", " : "", host, host[0] ? " " : "");
        put_duration(after ? json_integer(after) : 0, s);
    }
    if (is_true(entry, "more_applied")) {
        ds_put_cstr(s, ", and others");
    }
}

/* In the unit in which it is read at a glance. */
static void
put_duration(long long int msec, struct ds *s)
{
    if (msec < 1000) {
        ds_put_format(s, "%lld ms", MAX(msec, 0));
    } else if (msec < 60 * 1000) {
        ds_put_format(s, "%.1f s", msec / 1000.0);
    } else if (msec < 60 * 60 * 1000) {
        ds_put_format(s, "%lld min", msec / (60 * 1000));
    } else {
        ds_put_format(s, "%lld h", msec / (60 * 60 * 1000));
    }
}

/* Returns the member 'name' of 'object', NULL if 'object' is none or the
 * member is not of 'type'. */
static const struct json *
get(const struct json *object, const char *name, enum json_type type)
{
    const struct json *member = (object->type == JSON_OBJECT
                                 ? shash_find_data(object->object, name)
                                 : NULL);

    return member && member->type == type ? member : NULL;
}

static const char *
get_string(const struct json *object, const char *name)
{
    const struct json *member = get(object, name, JSON_STRING);

    return member ? json_string(member) : "";
}

static bool
is_true(const struct json *object, const char *name)
{
    return get(object, name, JSON_TRUE) != NULL;
}

/* Adds what 's' has as a cell, and clears it. */
static void
add_cell(struct table *table, struct ds *s)
{
    cells_string(table, ds_cstr(s));
    ds_clear(s);
}
