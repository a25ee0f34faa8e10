/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* GET of objects and collections, and what every handler needs to find
 * them. */

#include <config.h>

#include "api/api-private.h"

#include <string.h>

#include "api/query.h"
#include "api/reply.h"
#include "http/request.h"
#include "nb/replica.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

struct api_view
api_call_view(const struct api_call *call)
{
    return (struct api_view) {
        .replica = call->api->config.replica,
        .viewer = &call->viewer,
        .alive = call->api->config.alive,
        .aux = call->api->config.aux,
    };
}

struct api_error *
api_find_object(const struct api_resource *resource,
                const struct api_view *view, const char *id,
                const struct nb_row **rowp)
{
    struct uuid uuid;

    *rowp = (uuid_from_string(&uuid, id)
             ? replica_get(view->replica, resource->table, &uuid) : NULL);
    if (!*rowp || !api_may_see(resource, view, *rowp)) {
        return api_error(404, resource->not_found, "%s %.*s could not be "
                         "found.", resource->title, API_QUOTE_MAX, id);
    }
    return NULL;
}

struct api_error *
api_forbidden(const char *what)
{
    return api_error(403, "PolicyNotAuthorized", "%s is disallowed by "
                     "policy.", what);
}

void
api_get_object(struct api_call *call)
{
    const struct api_resource *resource = call->match.resource;
    struct api_view view = api_call_view(call);
    struct api_query query;
    const struct nb_row *row;
    struct api_error *error;

    error = api_query_parse(resource, call->request->query,
                            call->request->n_query, &call->viewer, &query);
    if (!error) {
        error = api_find_object(resource, &view, call->match.words[0], &row);
    }
    if (!error) {
        struct ds out = DS_EMPTY_INITIALIZER;

        ds_put_format(&out, "{\"%s\":", resource->name);
        api_show_text(resource, &view, row, query.fields, query.n_fields,
                      &out);
        ds_put_char(&out, '}');
        reply_read_text(call, &out);
    } else {
        reply_error(call->request, error);
    }
    api_query_destroy(&query);
}

void
api_get_collection(struct api_call *call)
{
    const struct api_resource *resource = call->match.resource;
    struct api_view view = api_call_view(call);
    struct ds out = DS_EMPTY_INITIALIZER;
    char *base = reply_url(call);
    char *url = xasprintf("%s/v2.0/%s", base, resource->plural);
    struct api_error *error = api_list(resource, &view, call->request->query,
                                       call->request->n_query, url, &out);

    if (error) {
        ds_destroy(&out);
        reply_error(call->request, error);
    } else {
        reply_read_text(call, &out);
    }
    free(url);
    free(base);
}
