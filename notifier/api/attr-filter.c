/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Filters by attributes: their normal form, which rows match, and where to
 * look for them.  See attr.h. */

#include <config.h>

#include "api/attr-type.h"

#include <stdlib.h>
#include <string.h>

#include "api/error.h"
#include "api/resource.h"
#include "nb/replica.h"
#include "nb/row.h"
#include "openvswitch/type-props.h"
#include "util.h"
#include "uuid.h"

/* Puts into '*text' what a filter's string has to be to match 'value', which
 * points into 'value' or 'buffer'.  Returns false if it has no such form. */
static bool
filter_text(const json_t *value, char *buffer, size_t size,
            const char **text)
{
    *text = buffer;
    if (json_is_string(value)) {
        *text = json_string_value(value);
    } else if (json_is_boolean(value)) {
        *text = json_is_true(value) ? "true" : "false";
    } else if (json_is_null(value)) {
        *text = "";
    } else if (json_is_integer(value)) {
        snprintf(buffer, size, "%"JSON_INTEGER_FORMAT,
                 json_integer_value(value));
    } else {
        return false;
    }
    return true;
}

static bool
is_one_of(const char *s, const char *const *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(values[i], s)) {
            return true;
        }
    }
    return false;
}

bool
api_attr_match(const struct api_attr *attr, const struct api_view *view,
               const struct nb_row *row, const char *const *values, size_t n)
{
    char buffer[INT_STRLEN(json_int_t) + 1];
    const char *text;

    if (attr->match) {
        return attr->match(view, row, values, n);
    }
    if (api_attr_is_plain(attr)
        && api_attr_column_type(attr) == API_COLUMN_STRING) {
        return is_one_of(nb_row_string(row, attr->column), values, n);
    }

    json_t *value = api_attr_show(attr, view, row);
    bool match = (filter_text(value, buffer, sizeof buffer, &text)
                  && is_one_of(text, values, n));
    json_decref(value);
    return match;
}

/* A filter's string as JSON, to be parsed like a body's value. */
struct api_error *
api_attr_normalize_filter(const struct api_attr *attr, const char *value,
                          char **normal)
{
    struct api_error *error;
    json_t *parsed;

    if (attr->filter) {
        return attr->filter(attr, value, normal);
    }

    bool refuse = attr->type == API_BOOLEAN || attr->type == API_INTEGER;
    if ((!*value && attr->type != API_BOOLEAN) || attr->type == API_STRING
        || attr->type == API_TIME || attr->type == API_COMPUTED) {
        *normal = xstrdup(value);
        return NULL;
    }

    struct api_attr bare = { .name = attr->name, .type = attr->type };
    json_t *given = json_string(value);
    error = api_attr_normalize(&bare, given, &parsed);
    json_decref(given);
    if (error && refuse) {
        return error;
    } else if (error) {
        /* Not of that type: no object has it. */
        api_error_destroy(error);
        *normal = xstrdup(value);
        return NULL;
    }

    char buffer[INT_STRLEN(json_int_t) + 1];
    const char *text;
    *normal = xstrdup(filter_text(parsed, buffer, sizeof buffer, &text)
                      ? text : value);
    json_decref(parsed);
    return NULL;
}

/* Finding. */

bool
api_candidates_add(struct api_candidates *candidates,
                   const struct nb_row *row)
{
    if (candidates->n >= candidates->max) {
        return false;
    }
    if (candidates->n >= candidates->allocated) {
        candidates->rows = x2nrealloc(candidates->rows,
                                      &candidates->allocated,
                                      sizeof *candidates->rows);
    }
    candidates->rows[candidates->n++] = row;
    return true;
}

/* The rows whose indexed column is 'value'. */
static struct nb_rows
find_value(const struct api_attr *attr, const struct api_view *view,
           const char *value)
{
    struct uuid uuid;

    return (api_attr_column_type(attr) == API_COLUMN_STRING
            ? replica_find(view->replica, attr->column, value)
            : uuid_from_string(&uuid, value)
            ? replica_find_uuid(view->replica, attr->column, &uuid)
            : (struct nb_rows) { NULL, 0 });
}

static bool
find_values(const struct api_attr *attr, const struct api_view *view,
            const char *const *values, size_t n,
            struct api_candidates *candidates)
{
    for (size_t i = 0; i < n; i++) {
        struct nb_rows found = find_value(attr, view, values[i]);

        if (!*values[i] || found.n > candidates->max - candidates->n) {
            return false;
        }
        for (size_t j = 0; j < found.n; j++) {
            api_candidates_add(candidates, found.rows[j]);
        }
    }
    return true;
}

bool
api_attr_find(const struct api_attr *attr, const struct api_view *view,
              const char *const *values, size_t n,
              struct api_candidates *candidates)
{
    size_t before = candidates->n;
    bool found = (attr->find
                  ? attr->find(view, values, n, candidates)
                  : (api_attr_is_plain(attr)
                     && api_columns[attr->column].indexed
                     && find_values(attr, view, values, n, candidates)));

    if (!found) {
        candidates->n = before;
    }
    return found;
}
