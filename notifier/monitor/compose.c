/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See compose.h.  Between the rows of the replica and monitor.c, which knows
 * who is to be told. */

#include <config.h>

#include "monitor/compose.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb/column.h"
#include "ovsdb/row.h"
#include "util.h"
#include "uuid.h"

void
mon_compose_uuid(struct ds *out, const struct uuid *uuid)
{
    ds_put_format(out, "\""UUID_FMT"\"", UUID_ARGS(uuid));
}

static void
put_atom(struct ds *out, const union ovsdb_atom *atom,
         enum ovsdb_atomic_type type)
{
    struct json *json;

    switch (type) {
    case OVSDB_TYPE_INTEGER:
        ds_put_format(out, "%"PRId64, atom->integer);
        break;
    case OVSDB_TYPE_BOOLEAN:
        ds_put_cstr(out, atom->boolean ? "true" : "false");
        break;
    case OVSDB_TYPE_STRING:
        json_string_escape(json_string(atom->s), out);
        break;
    case OVSDB_TYPE_UUID:
        ds_put_cstr(out, "[\"uuid\",");
        mon_compose_uuid(out, &atom->uuid);
        ds_put_char(out, ']');
        break;
    case OVSDB_TYPE_REAL:
        json = ovsdb_atom_to_json(atom, type);
        json_to_ds(json, 0, out);
        json_destroy(json);
        break;
    case OVSDB_TYPE_VOID:
    case OVSDB_N_TYPES:
        OVS_NOT_REACHED();
    }
}

void
mon_compose_datum(struct ds *out, const struct ovsdb_datum *datum,
                  const struct ovsdb_type *type)
{
    bool map = ovsdb_type_is_map(type);

    if (datum->n == 1 && !map) {
        put_atom(out, &datum->keys[0], type->key.type);
        return;
    }
    ds_put_cstr(out, map ? "[\"map\",[" : "[\"set\",[");
    for (size_t i = 0; i < datum->n; i++) {
        ds_put_cstr(out, i ? (map ? ",[" : ",") : map ? "[" : "");
        put_atom(out, &datum->keys[i], type->key.type);
        if (map) {
            ds_put_char(out, ',');
            put_atom(out, &datum->values[i], type->value.type);
            ds_put_char(out, ']');
        }
    }
    ds_put_cstr(out, "]]");
}

static void
put_name(struct ds *out, const struct ovsdb_column *column, bool *first)
{
    ds_put_format(out, "%s\"%s\":", *first ? "" : ",", column->name);
    *first = false;
}

static bool
is_changed(const struct ovsdb_column *column, const struct ovsdb_row *old,
           const struct ovsdb_row *new)
{
    return !ovsdb_datum_equals(&old->fields[column->index],
                               &new->fields[column->index], &column->type);
}

/* Whether a column has changed whose changes the client wants to know. */
static bool
is_any_changed(const struct mon_shape *shape, const struct ovsdb_row *old,
               const struct ovsdb_row *new)
{
    for (size_t i = 0; i < shape->n_columns; i++) {
        if (shape->columns[i].select & MON_MODIFY
            && is_changed(shape->columns[i].column, old, new)) {
            return true;
        }
    }
    return false;
}

/* All columns for MON_V1; for the others those that have not their default
 * value. */
static void
put_row(struct ds *out, const struct mon_shape *shape, enum mon_kind kind,
        const struct ovsdb_row *row, bool defaults)
{
    bool first = true;

    ds_put_char(out, '{');
    for (size_t i = 0; i < shape->n_columns; i++) {
        const struct ovsdb_column *column = shape->columns[i].column;
        const struct ovsdb_datum *datum = &row->fields[column->index];

        if (shape->columns[i].select & kind
            && (defaults || !ovsdb_datum_is_default(datum, &column->type))) {
            put_name(out, column, &first);
            mon_compose_datum(out, datum, &column->type);
        }
    }
    ds_put_char(out, '}');
}

/* The columns that differ: as they were for MON_V1, what makes the new of the
 * old for the others. */
static void
put_changes(struct ds *out, const struct mon_shape *shape,
            const struct ovsdb_row *old, const struct ovsdb_row *new,
            bool diffs)
{
    bool first = true;

    ds_put_char(out, '{');
    for (size_t i = 0; i < shape->n_columns; i++) {
        const struct ovsdb_column *column = shape->columns[i].column;
        const struct ovsdb_datum *was = &old->fields[column->index];
        struct ovsdb_datum diff;

        if (!(shape->columns[i].select & MON_MODIFY)
            || !is_changed(column, old, new)) {
            continue;
        }
        put_name(out, column, &first);
        if (!diffs) {
            mon_compose_datum(out, was, &column->type);
            continue;
        }
        ovsdb_datum_diff(&diff, was, &new->fields[column->index],
                         &column->type);
        mon_compose_datum(out, &diff, &column->type);
        ovsdb_datum_destroy(&diff, &column->type);
    }
    ds_put_char(out, '}');
}

static void
compose_v1(struct ds *out, const struct mon_shape *shape, enum mon_kind kind,
           const struct ovsdb_row *old, const struct ovsdb_row *new)
{
    ds_put_char(out, '{');
    if (kind & (MON_DELETE | MON_MODIFY)) {
        ds_put_cstr(out, "\"old\":");
        if (kind == MON_DELETE) {
            put_row(out, shape, kind, old, true);
        } else {
            put_changes(out, shape, old, new, false);
            ds_put_char(out, ',');
        }
    }
    if (kind != MON_DELETE) {
        ds_put_cstr(out, "\"new\":");
        put_row(out, shape, kind, new, true);
    }
    ds_put_char(out, '}');
}

static void
compose_v2(struct ds *out, const struct mon_shape *shape, enum mon_kind kind,
           const struct ovsdb_row *old, const struct ovsdb_row *new)
{
    switch (kind) {
    case MON_DELETE:
        ds_put_cstr(out, "{\"delete\":null}");
        return;
    case MON_MODIFY:
        ds_put_cstr(out, "{\"modify\":");
        put_changes(out, shape, old, new, true);
        break;
    case MON_INITIAL:
    case MON_INSERT:
        ds_put_cstr(out, (kind == MON_INITIAL
                          ? "{\"initial\":" : "{\"insert\":"));
        put_row(out, shape, kind, new, false);
        break;
    case MON_ALL_KINDS:
        OVS_NOT_REACHED();
    }
    ds_put_char(out, '}');
}

bool
mon_compose_row(struct ds *out, const struct mon_shape *shape,
                enum mon_protocol protocol, enum mon_kind kind,
                const struct ovsdb_row *old, const struct ovsdb_row *new)
{
    if (!(shape->select & kind)
        || (kind == MON_MODIFY && !is_any_changed(shape, old, new))) {
        return false;
    }
    if (protocol == MON_V1) {
        compose_v1(out, shape, kind, old, new);
    } else {
        compose_v2(out, shape, kind, old, new);
    }
    return true;
}
