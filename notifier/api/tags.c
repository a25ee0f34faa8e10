/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Tags of an object, by requests of their own: /tags and /tags/TAG. */

#include <config.h>

#include "api/api-private.h"

#include <string.h>

#include "api/json.h"
#include "api/operation.h"
#include "api/record.h"
#include "api/reply.h"
#include "api/write.h"
#include "http/request.h"
#include "nb/replica.h"
#include "util.h"

static const struct api_attr *
tags_attr(const struct api_resource *resource)
{
    return api_find_attr(resource, "tags");
}

static bool
has_tag(const struct nb_row *row, enum nb_column column, const char *tag)
{
    size_t n = nb_row_n(row, column);

    for (size_t i = 0; i < n; i++) {
        if (!strcmp(nb_row_key(row, column, i), tag)) {
            return true;
        }
    }
    return false;
}

static struct api_error *
tag_not_found(const char *tag)
{
    return api_error(404, "TagNotFound", "Tag %.*s could not be found.",
                     API_QUOTE_MAX, tag);
}

void
api_get_tags(struct api_call *call)
{
    struct api_view view = api_call_view(call);
    const struct nb_row *row;
    struct api_error *error = api_find_object(
        call->match.resource, &view, call->match.words[0], &row);

    if (error) {
        reply_error(call->request, error);
    } else {
        reply_read(call, json_pack(
                       "{s:o}", "tags",
                       api_attr_show(tags_attr(call->match.resource), &view,
                                     row)));
    }
}

void
api_get_tag(struct api_call *call)
{
    enum nb_column column = tags_attr(call->match.resource)->column;
    const char *tag = call->match.words[1];
    struct api_view view = api_call_view(call);
    const struct nb_row *row;
    struct api_error *error = api_find_object(
        call->match.resource, &view, call->match.words[0], &row);

    if (!error && !has_tag(row, column, tag)) {
        error = tag_not_found(tag);
    }
    if (error) {
        reply_error(call->request, error);
    } else {
        reply_read_empty(call, 204);
    }
}

/* Writing.  op->tags is what the request gives. */

static void
read_tags(const struct nb_row *row, enum nb_column column, struct svec *tags)
{
    size_t n = nb_row_n(row, column);

    for (size_t i = 0; i < n; i++) {
        svec_add(tags, nb_row_key(row, column, i));
    }
}

/* Makes 'tags' the row's, which only counts as a change if it is one. */
static struct api_error *
write_tags(struct operation *op, const struct nb_row *row, struct svec *tags)
{
    enum nb_column column = tags_attr(op->resource)->column;
    struct svec old = SVEC_EMPTY_INITIALIZER;
    struct wait_target target = {
        .table = op->resource->table,
        .id = *nb_row_id(row),
        .revision = record_revision(row),
    };
    struct api_error *error = NULL;

    svec_sort_unique(tags);
    read_tags(row, column, &old);
    svec_sort(&old);
    if (tags->n > API_MAX_TAGS) {
        error = api_error_input("tags", "an object can have %d at most.",
                                API_MAX_TAGS);
    } else if (!svec_equal(tags, &old)) {
        nb_op_strings(record_update(op, row), column, tags);
        target.revision++;
    }
    operation_add_object(op, &target.id, &target);
    svec_destroy(&old);
    return error;
}

static struct api_error *
build_replace(struct operation *op)
{
    const struct nb_row *row;
    struct api_error *error = write_find(op, &row);

    return error ? error : write_tags(op, row, &op->tags);
}

static struct api_error *
build_add(struct operation *op)
{
    struct svec tags = SVEC_EMPTY_INITIALIZER;
    const struct nb_row *row;
    struct api_error *error = write_find(op, &row);

    if (!error) {
        read_tags(row, tags_attr(op->resource)->column, &tags);
        svec_add(&tags, op->tags.names[0]);
        error = write_tags(op, row, &tags);
        svec_destroy(&tags);
    }
    return error;
}

static struct api_error *
build_remove(struct operation *op)
{
    enum nb_column column = tags_attr(op->resource)->column;
    const char *tag = op->tags.names[0];
    struct svec tags = SVEC_EMPTY_INITIALIZER;
    const struct nb_row *row;
    struct api_error *error = write_find(op, &row);

    if (error) {
        return error;
    } else if (!has_tag(row, column, tag)) {
        return tag_not_found(tag);
    }
    read_tags(row, column, &tags);
    svec_del(&tags, tag);
    error = write_tags(op, row, &tags);
    svec_destroy(&tags);
    return error;
}

static void
answer_tags(struct operation *op, const struct svec *late)
{
    json_t *tags = json_array();
    json_t *reply = json_pack("{s:o}", "tags", tags);

    for (size_t i = 0; i < op->tags.n; i++) {
        json_array_append_new(tags, json_string(op->tags.names[i]));
    }
    reply_json(op->request, late ? 202 : 200, reply);
}

static void
answer_added(struct operation *op, const struct svec *late)
{
    reply_json(op->request, late ? 202 : 201, NULL);
}

static void
answer_removed(struct operation *op, const struct svec *late)
{
    reply_json(op->request, late ? 202 : 204, NULL);
}

static const struct operation_class replace_class = {
    build_replace, answer_tags
};
static const struct operation_class clear_class = {
    build_replace, answer_removed
};
static const struct operation_class add_class = { build_add, answer_added };
static const struct operation_class remove_class = {
    build_remove, answer_removed
};

/* Checks 'tags', an array or not, and puts them into op->tags. */
static struct api_error *
take_tags(struct operation *op, const json_t *tags)
{
    const json_t *tag;
    json_t *normal;
    size_t i;
    struct api_error *error = api_attr_normalize(tags_attr(op->resource),
                                                 tags, &normal);

    if (!error) {
        json_array_foreach (normal, i, tag) {
            svec_add(&op->tags, json_string_value(tag));
        }
        json_decref(normal);
    }
    return error;
}

static struct api_error *
parse_body(struct operation *op)
{
    json_t *body;
    struct api_error *error = api_json_parse(op->request->body,
                                             op->request->body_len, &body);

    if (error) {
        return error;
    }
    const json_t *tags = json_object_get(body, "tags");
    error = (tags && json_object_size(body) == 1 ? take_tags(op, tags)
             : api_error(400, NULL, "Invalid input for operation: the body "
                         "has to be {\"tags\": [...]}."));
    json_decref(body);
    return error;
}

void
api_put_tags(struct api_call *call)
{
    struct operation *op;
    struct api_error *error = operation_create(call, &replace_class, &op);

    operation_start(op, error ? error : parse_body(op));
}

void
api_delete_tags(struct api_call *call)
{
    struct operation *op;
    struct api_error *error = operation_create(call, &clear_class, &op);

    operation_start(op, error);
}

static void
start_one(struct api_call *call, const struct operation_class *class)
{
    struct operation *op;
    struct api_error *error = operation_create(call, class, &op);

    if (!error) {
        json_t *tags = json_pack("[s]", call->match.words[1]);

        error = take_tags(op, tags);
        json_decref(tags);
    }
    operation_start(op, error);
}

void
api_put_tag(struct api_call *call)
{
    start_one(call, &add_class);
}

void
api_delete_tag(struct api_call *call)
{
    start_one(call, &remove_class);
}
