/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* From a body to values.  See body.h. */

#include <config.h>

#include "api/body.h"

#include <stdlib.h>
#include <string.h>

#include "api/error.h"
#include "api/json.h"
#include "api/resource.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Names that one message lists at most. */
#define MAX_NAMES 10

/* What Neutron has and this does not, yet: a hint for those who look for a
 * misspelling. */
static const char *const not_offered[] = {
    "allowed_address_pairs", "port_security_enabled", "security_groups", NULL
};

static bool
is_not_offered(const char *name)
{
    for (const char *const *n = not_offered; *n; n++) {
        if (!strcmp(*n, name)) {
            return true;
        }
    }
    return false;
}

static struct api_error *
check_names(const struct api_resource *resource, json_t *object)
{
    struct ds names = DS_EMPTY_INITIALIZER;
    bool hint = false;
    const char *name;
    json_t *value;
    int n = 0;

    json_object_foreach (object, name, value) {
        if (!api_find_attr(resource, name) && n++ < MAX_NAMES) {
            char *quoted = api_quote_string(name);
            ds_put_format(&names, "%s%s", n > 1 ? ", " : "", quoted);
            free(quoted);
            hint = hint || is_not_offered(name);
        }
    }

    struct api_error *error = NULL;
    if (n) {
        error = api_error(400, NULL, "Unrecognized attribute(s) %s%s%s",
                          ds_cstr(&names), n > MAX_NAMES ? ", ..." : "",
                          hint ? ": port security, security groups and "
                          "allowed address pairs are not offered yet" : "");
    }
    ds_destroy(&names);
    return error;
}

static struct api_error *
check_method(const struct api_attr *attr, enum api_method method)
{
    return (method == API_METHOD_POST
            ? (attr->flags & API_POST ? NULL
               : api_error(400, NULL, "Attribute '%s' not allowed in POST",
                           attr->name))
            : (attr->flags & API_PUT ? NULL
               : api_error(400, NULL, "Cannot update read-only attribute %s",
                           attr->name)));
}

/* An attribute that is always the same may be given, as long as it is. */
static struct api_error *
check_constant(const struct api_attr *attr, const json_t *given)
{
    json_t *initial = api_attr_initial(attr);
    json_t *value = NULL;
    bool same;

    api_error_destroy(attr->type == API_COMPUTED ? NULL
                      : api_attr_normalize(attr, given, &value));
    same = json_equal(value ? value : given, initial);
    json_decref(value);
    json_decref(initial);
    if (same) {
        return NULL;
    }

    char *quoted = api_quote(given);
    struct api_error *error = api_error_input(
        attr->name, "%s is not offered: it is always %s", quoted,
        attr->initial);
    free(quoted);
    return error;
}

/* What only an admin may set others may state, in a POST, if it is the
 * default. */
static struct api_error *
check_viewer(const struct api_attr *attr, enum api_method method,
             const struct api_viewer *viewer, const json_t *value)
{
    if (!(attr->flags & API_ADMIN_SET) || api_viewer_is_admin(viewer)) {
        return NULL;
    }

    json_t *initial = api_attr_initial(attr);
    bool allowed = (method == API_METHOD_POST
                    && (initial ? json_equal(value, initial)
                        : json_is_null(value)));
    json_decref(initial);
    return (allowed ? NULL
            : api_error(403, "PolicyNotAuthorized",
                        "Attribute '%s' may be set by an administrator only: "
                        "disallowed by policy", attr->name));
}

static struct api_error *
parse_given(const struct api_attr *attr, const json_t *given,
            enum api_method method, const struct api_viewer *viewer,
            json_t *values)
{
    json_t *value;

    struct api_error *error = check_method(attr, method);
    if (error || attr->flags & API_CONSTANT) {
        return error ? error : check_constant(attr, given);
    }
    error = api_attr_normalize(attr, given, &value);
    if (error) {
        return error;
    }
    error = check_viewer(attr, method, viewer, value);
    json_object_set_new_nocheck(values, attr->name, value);
    return error;
}

static struct api_error *
fill_default(const struct api_attr *attr, json_t *values)
{
    if (attr->flags & API_REQUIRED) {
        return api_error(400, NULL, "Failed to parse request. Required "
                         "attribute '%s' not specified", attr->name);
    }
    if (attr->initial && !(attr->flags & API_CONSTANT)
        && attr->flags & API_POST) {
        json_object_set_new_nocheck(values, attr->name,
                                    api_attr_initial(attr));
    }
    return NULL;
}

/* Makes one of "tenant_id" and "project_id", and finds it if neither was
 * given. */
static struct api_error *
settle_project(const struct api_viewer *viewer, json_t *values)
{
    const char *own = viewer ? viewer->project_id : "";
    const json_t *tenant = json_object_get(values, "tenant_id");
    const json_t *project = json_object_get(values, "project_id");

    if (tenant && project && !json_equal(tenant, project)) {
        return api_error(400, NULL,
                         "'project_id' and 'tenant_id' do not match");
    }

    const char *given = json_string_value(project ? project : tenant);
    if (given && !api_viewer_is_admin(viewer) && strcmp(given, own)) {
        return api_error(400, NULL, "Specifying 'project_id' or 'tenant_id' "
                         "other than the authenticated project in request "
                         "requires admin privileges");
    }
    json_object_set_new(values, "project_id",
                        json_string(given ? given : own));
    json_object_del(values, "tenant_id");
    return NULL;
}

static struct api_error *
parse_attributes(const struct api_resource *resource, const json_t *object,
                 enum api_method method, const struct api_viewer *viewer,
                 json_t *values)
{
    for (size_t i = 0; i < resource->n_attrs; i++) {
        const struct api_attr *attr = &resource->attrs[i];
        const json_t *given = json_object_get(object, attr->name);
        struct api_error *error = NULL;

        if (attr->flags & API_INTERNAL) {
            continue;
        } else if (given) {
            error = parse_given(attr, given, method, viewer, values);
        } else if (method == API_METHOD_POST) {
            error = fill_default(attr, values);
        }
        if (error) {
            return error;
        }
    }
    return (method == API_METHOD_POST && resource->project != NB_N_COLUMNS
            ? settle_project(viewer, values) : NULL);
}

static struct api_error *
parse_object(const struct api_resource *resource, json_t *object,
             enum api_method method, const struct api_viewer *viewer,
             json_t **valuesp)
{
    if (!json_is_object(object)) {
        return api_error(400, NULL, "Object '%s' contains invalid data",
                         resource->name);
    }

    *valuesp = json_object();
    struct api_error *error = check_names(resource, object);
    return (error ? error
            : parse_attributes(resource, object, method, viewer, *valuesp));
}

/* Parses "networks": [...], whose elements may be {"network": {...}} too. */
static struct api_error *
parse_bulk(const struct api_resource *resource, json_t *array,
           const struct api_viewer *viewer, struct api_body *body)
{
    if (!json_is_array(array) || !json_array_size(array)) {
        return api_error(400, NULL, "Resources required: '%s' is to be a "
                         "list that is not empty", resource->plural);
    }

    body->bulk = true;
    body->objects = xcalloc(json_array_size(array), sizeof *body->objects);
    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *element = json_array_get(array, i);
        json_t *inner = json_object_get(element, resource->name);
        struct api_error *error = parse_object(
            resource, inner ? inner : element, API_METHOD_POST, viewer,
            &body->objects[body->n++]);

        if (error) {
            return error;
        }
    }
    return NULL;
}

static struct api_error *
parse_root(const struct api_resource *resource, json_t *root,
           enum api_method method, const struct api_viewer *viewer,
           struct api_body *body)
{
    json_t *object = json_object_get(root, resource->name);
    json_t *array = json_object_get(root, resource->plural);

    if (!json_is_object(root)) {
        return api_error(400, NULL, "Resource body required: an object with "
                         "the key '%s'", resource->name);
    }
    if (json_object_size(root) > 1) {
        return api_error(400, NULL, "The request body has more than one key: "
                         "only '%s' is expected", resource->name);
    }
    if (array && method == API_METHOD_POST) {
        return parse_bulk(resource, array, viewer, body);
    }
    if (!object) {
        return api_error(400, NULL, "Unable to find '%s' in request body",
                         resource->name);
    }
    body->objects = xcalloc(1, sizeof *body->objects);
    body->n = 1;
    return parse_object(resource, object, method, viewer,
                        &body->objects[0]);
}

struct api_error *
api_body_parse(const struct api_resource *resource, const char *text,
               size_t len, enum api_method method,
               const struct api_viewer *viewer, struct api_body *body)
{
    json_t *root;

    *body = (struct api_body) { .bulk = false };
    struct api_error *error = api_json_parse(text, len, &root);
    if (error) {
        return error;
    }
    error = parse_root(resource, root, method, viewer, body);
    json_decref(root);
    if (error) {
        api_body_destroy(body);
    }
    return error;
}

void
api_body_destroy(struct api_body *body)
{
    for (size_t i = 0; i < body->n; i++) {
        json_decref(body->objects[i]);
    }
    free(body->objects);
    *body = (struct api_body) { .bulk = false };
}
