/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* POST, PUT and DELETE of objects: what is the same for every resource. */

#include <config.h>

#include "api/write.h"

#include <string.h>

#include "api/api-private.h"
#include "api/json.h"
#include "api/operation.h"
#include "api/record.h"
#include "api/reply.h"
#include "http/request.h"
#include "nb/replica.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static const struct write_resource {
    write_create *create;
    write_update *update;
    write_delete *delete;
} resources[API_N_KINDS] = {
    [API_NETWORK] = { network_create, network_update, network_delete },
    [API_SUBNET] = { subnet_create_row, subnet_update_row, subnet_delete },
    [API_PORT] = { port_create, port_update, port_delete },
    [API_AGENT] = { NULL, agent_update, agent_delete },
};

const struct nb_row *
write_intent(const struct operation *op, const struct nb_row *row)
{
    return (nb_row_table(row) != NB_AGENT ? row
            : replica_find_one(op->api->config.replica, NB_HOST_HOST,
                               nb_row_string(row, NB_AGENT_HOST)));
}

bool
write_owns_network(const struct operation *op, const struct nb_row *network)
{
    return (op->viewer.admin
            || !strcmp(nb_row_string(network, NB_NETWORK_PROJECT_ID),
                       op->viewer.project_id));
}

struct api_error *
write_find(struct operation *op, const struct nb_row **rowp)
{
    struct api_view view = operation_view(op);
    struct api_error *error = api_find_object(op->resource, &view, op->id,
                                              rowp);

    if (error) {
        return error;
    }
    return (api_may_change(op->resource, &view, *rowp)
            ? record_check_if_match(op, write_intent(op, *rowp))
            : api_forbidden("A change of another project's object"));
}

static struct api_error *
build_create(struct operation *op)
{
    struct api_error *error = NULL;

    for (size_t i = 0; !error && i < op->body.n; i++) {
        error = resources[op->resource->kind].create(op, op->body.objects[i]);
    }
    return error;
}

/* A PUT of nothing changes nothing, and shows what there is. */
static void
add_unchanged(struct operation *op, const struct nb_row *row)
{
    const struct nb_row *intent = write_intent(op, row);
    struct wait_target target = {
        .table = nb_row_table(row),
        .id = *nb_row_id(row),
        .revision = intent ? record_revision(intent) : 0,
    };

    operation_add_object(op, nb_row_id(row), &target);
}

static struct api_error *
build_update(struct operation *op)
{
    const struct nb_row *row;
    struct api_error *error = write_find(op, &row);

    if (error) {
        return error;
    }
    if (!json_object_size(op->body.objects[0])) {
        add_unchanged(op, row);
        return NULL;
    }
    return resources[op->resource->kind].update(op, row,
                                                op->body.objects[0]);
}

static struct api_error *
build_delete(struct operation *op)
{
    const struct nb_row *row;
    struct api_error *error = write_find(op, &row);

    return (error ? error
            : resources[op->resource->kind].delete(op, row));
}

static void
put_late(const struct svec *late, struct ds *out)
{
    ds_put_cstr(out, "\"late\": [");
    for (size_t i = 0; i < late->n; i++) {
        ds_put_cstr(out, i ? ", " : "");
        api_json_put_string(late->names[i], out);
    }
    ds_put_char(out, ']');
}

/* Appends what there is now of the operation's objects.  Returns how many
 * there are no more: a transaction of somebody else has deleted them since. */
static size_t
put_objects(const struct operation *op, struct ds *out)
{
    struct api_view view = operation_view(op);
    size_t n_gone = 0;
    size_t n = 0;

    for (size_t i = 0; i < op->n_objects; i++) {
        const struct nb_row *row = replica_get(view.replica,
                                               op->resource->table,
                                               &op->objects[i].id);

        if (row) {
            ds_put_cstr(out, n++ ? "," : "");
            api_show_text(op->resource, &view, row, NULL, 0, out);
        } else {
            n_gone++;
        }
    }
    return n_gone;
}

static void
answer_objects(struct operation *op, unsigned int status,
               const struct svec *late)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    ds_put_format(&out, "{\"%s\":%s",
                  op->body.bulk ? op->resource->plural : op->resource->name,
                  op->body.bulk ? "[" : "");
    if (put_objects(op, &out) && !op->body.bulk) {
        ds_destroy(&out);
        reply_error(op->request,
                    api_error(404, op->resource->not_found, "It was done, but "
                              "somebody else has deleted the %s since.",
                              op->resource->name));
        return;
    }
    ds_put_cstr(&out, op->body.bulk ? "]" : "");
    if (late) {
        ds_put_char(&out, ',');
        put_late(late, &out);
    }
    ds_put_char(&out, '}');
    reply_text(op->request, late ? 202 : status, "application/json", &out);
}

static void
answer_created(struct operation *op, const struct svec *late)
{
    answer_objects(op, 201, late);
}

static void
answer_updated(struct operation *op, const struct svec *late)
{
    answer_objects(op, 200, late);
}

static void
answer_deleted(struct operation *op, const struct svec *late)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    if (late) {
        ds_put_char(&out, '{');
        put_late(late, &out);
        ds_put_char(&out, '}');
        reply_text(op->request, 202, "application/json", &out);
    } else {
        reply_json(op->request, 204, NULL);
    }
}

static const struct operation_class create_class = {
    build_create, answer_created
};
static const struct operation_class update_class = {
    build_update, answer_updated
};
static const struct operation_class delete_class = {
    build_delete, answer_deleted
};

static void
start_with_body(struct api_call *call, const struct operation_class *class,
                enum api_method method)
{
    const struct http_request *request = call->request;
    struct operation *op;
    struct api_error *error = operation_create(call, class, &op);

    if (!error) {
        error = api_body_parse(op->resource, request->body, request->body_len,
                               method, &op->viewer, &op->body);
    }
    operation_start(op, error);
}

void
api_post(struct api_call *call)
{
    start_with_body(call, &create_class, API_METHOD_POST);
}

void
api_put(struct api_call *call)
{
    start_with_body(call, &update_class, API_METHOD_PUT);
}

void
api_delete(struct api_call *call)
{
    struct operation *op;
    struct api_error *error = operation_create(call, &delete_class, &op);

    operation_start(op, error);
}
