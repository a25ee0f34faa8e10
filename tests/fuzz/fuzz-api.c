/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Fuzz target: a request's target, query and body, with the tables of
 * attributes.  An input is
 *
 *     METHOD TARGET ROLE
 *     BODY
 *
 * for example "POST /v2.0/ports admin\n{\"port\": {}}".  Whatever it is, it is
 * refused, with a bounded message that makes a reply in JSON, or taken; and
 * then what came of it keeps the tables' rules.
 *
 * With clang, "make fuzz" lets libFuzzer look for inputs that break that; see
 * README.  The program without libFuzzer takes inputs from the files of its
 * arguments, and changes each in many ways, always the same ones. */

#include <config.h>

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/attr.h"
#include "api/body.h"
#include "api/error.h"
#include "api/json.h"
#include "api/query.h"
#include "api/resource.h"
#include "fuzz-main.h"
#include "http/request.h"
#include "http/target.h"
#include "util.h"

/* Bytes of a message: MAX_NAMES quotes of API_QUOTE_MAX, and words. */
#define MAX_MESSAGE 2000

static const struct api_viewer viewers[] = {
    { .admin = true, .project_id = "", .name = "admin" },
    { .admin = false, .project_id = "blue", .name = "member" },
};

static void
check_error(struct api_error *error)
{
    ovs_assert(error->status >= 400 && error->status < 500);
    ovs_assert(strlen(error->message) <= MAX_MESSAGE);

    char *body = api_error_body(error);
    json_t *json = json_loads(body, 0, NULL);
    json_t *inner = json_object_get(json, "NeutronError");
    ovs_assert(!strcmp(json_string_value(json_object_get(inner, "type")),
                       error->type));
    ovs_assert(!strcmp(json_string_value(json_object_get(inner, "message")),
                       error->message));
    json_decref(json);
    free(body);
    api_error_destroy(error);
}

/* A value that was taken may be given, by this viewer and method, and is in
 * normal form. */
static void
check_value(const struct api_attr *attr, enum api_method method,
            const struct api_viewer *viewer, const json_t *value)
{
    unsigned int flag = method == API_METHOD_POST ? API_POST : API_PUT;
    json_t *initial = api_attr_initial(attr);
    json_t *again;

    ovs_assert(attr->flags & flag);
    ovs_assert(!(attr->flags & API_CONSTANT));
    ovs_assert(viewer->admin || !(attr->flags & API_ADMIN_SET)
               || (method == API_METHOD_POST
                   && (initial ? json_equal(value, initial)
                       : json_is_null(value))));

    struct api_error *error = api_attr_normalize(attr, value, &again);
    ovs_assert(!error);
    ovs_assert(json_equal(value, again));
    json_decref(again);
    json_decref(initial);
}

static void
check_object(const struct api_resource *resource, enum api_method method,
             const struct api_viewer *viewer, json_t *object)
{
    const char *name;
    json_t *value;

    ovs_assert(!json_object_get(object, "tenant_id"));
    json_object_foreach (object, name, value) {
        const struct api_attr *attr = api_find_attr(resource, name);

        ovs_assert(attr);
        check_value(attr, method, viewer, value);
    }
    for (size_t i = 0; i < resource->n_attrs; i++) {
        const struct api_attr *attr = &resource->attrs[i];

        ovs_assert(method == API_METHOD_PUT
                   || !(attr->flags & API_REQUIRED)
                   || json_object_get(object, attr->name));
    }

    /* What goes out comes in again. */
    char *text = api_json_to_string(object);
    json_t *again;
    struct api_error *error = api_json_parse(text, strlen(text), &again);
    ovs_assert(!error);
    ovs_assert(json_equal(object, again));
    json_decref(again);
    free(text);
}

static void
fuzz_body(const struct api_resource *resource, enum api_method method,
          const struct api_viewer *viewer, const char *text, size_t len)
{
    struct api_body body;
    struct api_error *error = api_body_parse(resource, text, len, method,
                                             viewer, &body);

    if (error) {
        check_error(error);
        return;
    }
    ovs_assert(body.n > 0);
    ovs_assert(body.bulk ? method == API_METHOD_POST : body.n == 1);
    for (size_t i = 0; i < body.n; i++) {
        check_object(resource, method, viewer, body.objects[i]);
    }
    api_body_destroy(&body);
}

static void
check_filter(const struct api_filter *filter,
             const struct api_viewer *viewer)
{
    ovs_assert(filter->n > 0);
    ovs_assert(filter->attr->flags & API_FILTER);
    ovs_assert(viewer->admin || !(filter->attr->flags & API_ADMIN_SEE));
    for (size_t i = 0; i < filter->n; i++) {
        char *again;
        struct api_error *error = api_attr_normalize_filter(
            filter->attr, filter->values[i], &again);

        ovs_assert(!error);
        ovs_assert(!strcmp(filter->values[i], again));
        free(again);
    }
}

static void
fuzz_query(const struct api_resource *resource,
           const struct api_viewer *viewer, const struct http_target *target)
{
    struct api_query query;
    struct api_error *error = api_query_parse(resource, target->query,
                                              target->n_query, viewer,
                                              &query);

    if (error) {
        check_error(error);
        return;
    }
    for (size_t i = 0; i < query.n_filters; i++) {
        check_filter(&query.filters[i], viewer);
    }
    for (size_t i = 0; i < query.n_sort; i++) {
        ovs_assert(query.sort[i].attr->flags & API_SORT);
    }
    ovs_assert(query.n_fields <= resource->n_attrs + 1);
    api_show_mask(resource, viewer, query.fields, query.n_fields);
    api_query_destroy(&query);
}

static void
fuzz_request(const char *method, const struct http_target *target,
             const char *role, const char *body, size_t len)
{
    const struct api_viewer *viewer = &viewers[strcmp(role, "admin") != 0];
    const struct api_resource *resource = (
        target->n_segments > 1
        ? api_resource_by_plural(target->segments[1]) : NULL);

    if (!resource) {
        return;
    } else if (!strcmp(method, "POST")) {
        fuzz_body(resource, API_METHOD_POST, viewer, body, len);
    } else if (!strcmp(method, "PUT")) {
        fuzz_body(resource, API_METHOD_PUT, viewer, body, len);
    } else {
        fuzz_query(resource, viewer, target);
    }
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t line_len = end ? (size_t) (end - data) : size;
    char *line = xmemdup0((const char *) data, line_len);
    char *save = NULL;
    char *method = strtok_r(line, " ", &save);
    char *raw = strtok_r(NULL, " ", &save);
    char *role = strtok_r(NULL, " ", &save);

    if (role) {
        /* A copy of its own, so that a byte read past its end is found. */
        size_t len = end ? size - line_len - 1 : 0;
        char *body = xmemdup(end ? (const char *) end + 1 : "", len);
        struct http_target target;
        char *error = http_target_parse(raw, &target);

        if (error) {
            free(error);
        } else {
            fuzz_request(method, &target, role, body, len);
            http_target_uninit(&target);
        }
        free(body);
    }
    free(line);
}
