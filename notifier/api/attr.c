/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* An attribute and the column it is in: reading and writing one by one.  See
 * attr.h.
 */

#include <config.h>

#include "api/attr.h"

#include <inttypes.h>
#include <string.h>

#include "api/attr-type.h"
#include "api/json.h"
#include "api/resource.h"
#include "nb/row.h"
#include "nb/write.h"
#include "openvswitch/dynamic-string.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

json_t *
api_attr_initial(const struct api_attr *attr)
{
    return attr->initial ? json_loads(attr->initial, JSON_DECODE_ANY, NULL)
                         : NULL;
}

/* Showing. */

static json_t *
show_uuid(const struct uuid *uuid)
{
    return (uuid_is_zero(uuid) ? json_null()
            : json_sprintf(UUID_FMT, UUID_ARGS(uuid)));
}

static json_t *
show_strings(const struct nb_row *row, enum nb_column column)
{
    json_t *array = json_array();
    size_t n = nb_row_n(row, column);

    for (size_t i = 0; i < n; i++) {
        json_array_append_new(array,
                              json_string_nocheck(nb_row_key(row, column,
                                                             i)));
    }
    return array;
}

static json_t *
show_refs(const struct nb_row *row, enum nb_column column)
{
    json_t *array = json_array();
    size_t n = nb_row_n(row, column);

    for (size_t i = 0; i < n; i++) {
        json_array_append_new(array, show_uuid(nb_row_ref(row, column, i)));
    }
    return array;
}

static json_t *
show_map(const struct nb_row *row, enum nb_column column)
{
    json_t *object = json_object();
    size_t n = nb_row_n(row, column);

    for (size_t i = 0; i < n; i++) {
        json_object_set_new_nocheck(
            object, nb_row_key(row, column, i),
            json_string_nocheck(nb_row_value(row, column, i)));
    }
    return object;
}

static json_t *
show_column(const struct api_attr *attr, const struct nb_row *row)
{
    enum nb_column column = attr->column;
    struct uuid uuid;
    const char *s;

    switch (api_attr_column_type(attr)) {
    case API_COLUMN_BOOLEAN: return json_boolean(nb_row_bool(row, column));
    case API_COLUMN_INTEGER: return json_integer(nb_row_integer(row, column));
    case API_COLUMN_STRINGS: return show_strings(row, column);
    case API_COLUMN_REFS: return show_refs(row, column);
    case API_COLUMN_MAP: return show_map(row, column);

    case API_COLUMN_STRING:
        s = nb_row_string(row, column);
        return (!*s && attr->flags & API_NULLABLE ? json_null()
                : json_string_nocheck(s));

    case API_COLUMN_UUID:
    case API_COLUMN_REF:
        uuid = nb_row_uuid(row, column);
        return show_uuid(&uuid);
    }
    OVS_NOT_REACHED();
}

json_t *
api_attr_show(const struct api_attr *attr, const struct api_view *view,
              const struct nb_row *row)
{
    return (attr->show ? attr->show(view, row)
            : attr->flags & API_CONSTANT ? api_attr_initial(attr)
            : show_column(attr, row));
}

void
api_attr_show_text(const struct api_attr *attr, const struct api_view *view,
                   const struct nb_row *row, struct ds *out)
{
    if (api_attr_is_plain(attr)) {
        enum nb_column column = attr->column;
        struct uuid uuid;
        const char *s;

        switch (api_attr_column_type(attr)) {
        case API_COLUMN_BOOLEAN:
            ds_put_cstr(out, nb_row_bool(row, column) ? "true" : "false");
            return;

        case API_COLUMN_INTEGER:
            ds_put_format(out, "%"PRId64, nb_row_integer(row, column));
            return;

        case API_COLUMN_STRING:
            s = nb_row_string(row, column);
            if (!*s && attr->flags & API_NULLABLE) {
                ds_put_cstr(out, "null");
            } else {
                api_json_put_string(s, out);
            }
            return;

        case API_COLUMN_UUID:
        case API_COLUMN_REF:
            uuid = nb_row_uuid(row, column);
            if (!uuid_is_zero(&uuid)) {
                ds_put_format(out, "\""UUID_FMT"\"", UUID_ARGS(&uuid));
                return;
            }
            break;

        case API_COLUMN_STRINGS:
        case API_COLUMN_REFS:
        case API_COLUMN_MAP:
            break;
        }
    } else if (!attr->show) {
        ds_put_cstr(out, attr->initial);
        return;
    }

    json_t *value = api_attr_show(attr, view, row);
    api_json_put(value, out);
    json_decref(value);
}

/* Comparing. */

/* For sorting values of different kinds: null is first. */
static int
kind_of(const json_t *value)
{
    return (json_is_null(value) ? 0
            : json_is_boolean(value) ? 1
            : json_is_integer(value) ? 2
            : json_is_string(value) ? 3
            : 4);
}

int
api_value_compare(const json_t *a, const json_t *b)
{
    int kind = kind_of(a);
    json_int_t x, y;

    if (kind != kind_of(b)) {
        return kind - kind_of(b);
    }
    switch (kind) {
    case 1:
        return json_is_true(a) - json_is_true(b);
    case 2:
        x = json_integer_value(a);
        y = json_integer_value(b);
        return x < y ? -1 : x > y;
    case 3:
        return strcmp(json_string_value(a), json_string_value(b));
    default:
        return 0;
    }
}

/* Writing. */

static void
store_strings(struct nb_op *op, enum nb_column column, const json_t *value)
{
    struct svec strings = SVEC_EMPTY_INITIALIZER;
    const json_t *element;
    size_t i;

    json_array_foreach (value, i, element) {
        svec_add(&strings, json_string_value(element));
    }
    nb_op_strings(op, column, &strings);
    svec_destroy(&strings);
}

void
api_attr_store(const struct api_attr *attr, struct nb_op *op,
               const json_t *value)
{
    enum nb_column column = attr->column;
    const char *s = json_string_value(value);
    struct uuid uuid;

    if (attr->store) {
        attr->store(op, column, value);
        return;
    }
    switch (api_attr_column_type(attr)) {
    case API_COLUMN_BOOLEAN:
        nb_op_bool(op, column, json_is_true(value));
        return;
    case API_COLUMN_INTEGER:
        nb_op_integer(op, column, json_integer_value(value));
        return;
    case API_COLUMN_STRING:
        nb_op_string(op, column, s ? s : "");
        return;
    case API_COLUMN_UUID:
    case API_COLUMN_REF:
        if (!s || !uuid_from_string(&uuid, s)) {
            uuid = UUID_ZERO;
        }
        nb_op_uuid(op, column, &uuid);
        return;
    case API_COLUMN_STRINGS:
        store_strings(op, column, value);
        return;
    case API_COLUMN_REFS:
    case API_COLUMN_MAP:
        break;                  /* These have a store(). */
    }
    OVS_NOT_REACHED();
}
