/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What GET shows of an object, and what changed between two of its states.
 * See resource.h. */

#include <config.h>

#include "api/resource.h"

#include <string.h>

#include "api/json.h"
#include "api/tables.h"
#include "nb/row.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

json_t *
api_show_uuid(const struct uuid *uuid)
{
    char text[UUID_LEN + 1];

    snprintf(text, sizeof text, UUID_FMT, UUID_ARGS(uuid));
    return json_string_nocheck(text);
}

json_t *
api_show_id(const struct api_view *view OVS_UNUSED, const struct nb_row *row)
{
    return api_show_uuid(nb_row_id(row));
}

static bool
is_field(const char *name, const char *const *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(fields[i], name)) {
            return true;
        }
    }
    return !n;
}

uint64_t
api_show_mask(const struct api_resource *resource,
              const struct api_viewer *viewer,
              const char *const *fields, size_t n_fields)
{
    bool admin = api_viewer_is_admin(viewer);
    uint64_t mask = 0;

    ovs_assert(resource->n_attrs <= 64);
    for (size_t i = 0; i < resource->n_attrs; i++) {
        const struct api_attr *attr = &resource->attrs[i];

        if (!(attr->flags & API_INTERNAL)
            && (admin || !(attr->flags & API_ADMIN_SEE))
            && is_field(attr->name, fields, n_fields)) {
            mask |= UINT64_C(1) << i;
        }
    }
    return mask;
}

void
api_show_text_masked(const struct api_resource *resource,
                     const struct api_view *view, const struct nb_row *row,
                     uint64_t mask, struct ds *out)
{
    const char *separator = "{\"";

    for (size_t i = 0; i < resource->n_attrs; i++) {
        const struct api_attr *attr = &resource->attrs[i];

        if (mask & (UINT64_C(1) << i)) {
            ds_put_cstr(out, separator);
            ds_put_cstr(out, attr->name);
            ds_put_cstr(out, "\":");
            api_attr_show_text(attr, view, row, out);
            separator = ",\"";
        }
    }
    ds_put_cstr(out, mask ? "}" : "{}");
}

void
api_show_text(const struct api_resource *resource,
              const struct api_view *view, const struct nb_row *row,
              const char *const *fields, size_t n_fields, struct ds *out)
{
    api_show_text_masked(resource, view, row,
                         api_show_mask(resource, view->viewer,
                                       fields, n_fields),
                         out);
}

void
api_show_internal(const struct api_resource *resource,
                  const struct nb_row *row, struct ds *out)
{
    uint64_t mask = 0;

    for (size_t i = 0; i < resource->n_attrs; i++) {
        if (resource->attrs[i].flags & API_INTERNAL) {
            mask |= UINT64_C(1) << i;
        }
    }
    api_show_text_masked(resource, NULL, row, mask, out);
}

void
api_strip(const struct api_resource *resource, json_t *object)
{
    for (size_t i = 0; i < resource->n_attrs; i++) {
        if (resource->attrs[i].flags & API_ADMIN_SEE) {
            json_object_del(object, resource->attrs[i].name);
        }
    }
}

json_t *
api_difference(const struct api_resource *resource, const json_t *old,
               const json_t *new)
{
    json_t *difference = json_object();

    for (size_t i = 0; i < resource->n_attrs; i++) {
        const struct api_attr *attr = &resource->attrs[i];
        json_t *x = json_object_get(old, attr->name);
        json_t *y = json_object_get(new, attr->name);

        if (!(attr->flags & API_VOLATILE) && (x || y)
            && !(x && y && json_equal(x, y))) {
            json_object_set_new_nocheck(
                difference, attr->name,
                json_pack("[O?,O?]", x, y));
        }
    }
    if (!json_object_size(difference)) {
        json_decref(difference);
        return NULL;
    }
    return difference;
}

void
api_store(const struct api_resource *resource, const json_t *values,
          enum nb_table table, struct nb_op *op)
{
    for (size_t i = 0; i < resource->n_attrs; i++) {
        const struct api_attr *attr = &resource->attrs[i];
        const json_t *value = json_object_get(values, attr->name);

        if (value && attr->column != NB_N_COLUMNS
            && api_columns[attr->column].table == table) {
            api_attr_store(attr, op, value);
        }
    }
}
