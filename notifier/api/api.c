/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The request side of the API.  See api.h.
 *
 * A request passes: its route, who asks, whether the database has ever been
 * there, its handler. */

#include <config.h>

#include "api/api.h"

#include <string.h>

#include "api/api-private.h"
#include "api/operation.h"
#include "api/reply.h"
#include "http/auth.h"
#include "http/request.h"
#include "metrics.h"
#include "nb/replica.h"
#include "openvswitch/dynamic-string.h"
#include "simap.h"
#include "util.h"

/* The first that matches counts. */
static const struct api_route routes[] = {
    { "GET", "v2.0/{collection}/{id}", api_get_object, 0 },
    { "PUT", "v2.0/{collection}/{id}", api_put, 0 },
    { "DELETE", "v2.0/{collection}/{id}", api_delete, 0 },
    { "GET", "v2.0/{collection}", api_get_collection, 0 },
    { "POST", "v2.0/{creatable}", api_post, 0 },
    { "GET", "v2.0/{creatable}/{id}/tags", api_get_tags, 0 },
    { "PUT", "v2.0/{creatable}/{id}/tags", api_put_tags, 0 },
    { "DELETE", "v2.0/{creatable}/{id}/tags", api_delete_tags, 0 },
    { "GET", "v2.0/{creatable}/{id}/tags/{word}", api_get_tag, 0 },
    { "PUT", "v2.0/{creatable}/{id}/tags/{word}", api_put_tag, 0 },
    { "DELETE", "v2.0/{creatable}/{id}/tags/{word}", api_delete_tag, 0 },
    { "GET", "v2.0/network-ip-availabilities", api_get_availabilities,
      ROUTE_ADMIN },
    { "GET", "v2.0/network-ip-availabilities/{id}", api_get_availability,
      ROUTE_ADMIN },
    { "GET", "v2.0/quotas", api_get_quotas, ROUTE_NO_DATA },
    { "GET", "v2.0/quotas/tenant", api_get_quota_project, ROUTE_NO_DATA },
    { "GET", "v2.0/quotas/project", api_get_quota_project, ROUTE_NO_DATA },
    { "GET", "v2.0/quotas/{id}", api_get_quota, ROUTE_NO_DATA },
    { "GET", "v2.0/quotas/{id}/default", api_get_quota, ROUTE_NO_DATA },
    { "GET", "v2.0/quotas/{id}/details", api_get_quota_details, 0 },
    { "GET", "v2.0/history", api_get_history, ROUTE_NO_DATA },
    { "GET", "events", api_get_events, 0 },
    { "GET", "v2.0/events", api_get_events, 0 },

    /* Clients ask for these by whatever they were given as the endpoint. */
    { "GET", "", api_get_versions, ROUTE_OPEN | ROUTE_NO_DATA },
    { "GET", "v2.0", api_get_v2, ROUTE_OPEN | ROUTE_NO_DATA },
    { "GET", "v2.0/extensions", api_get_extensions, ROUTE_NO_DATA },
    { "GET", "v2.0/extensions/{id}", api_get_extension, ROUTE_NO_DATA },
    { "GET", "extensions", api_get_extensions, ROUTE_NO_DATA },
    { "GET", "extensions/{id}", api_get_extension, ROUTE_NO_DATA },
    { "*", "projects/{rest}", api_refuse_projects, ROUTE_NO_DATA },
    { "*", "v2.0/projects/{rest}", api_refuse_projects, ROUTE_NO_DATA },
    { "*", "v3/projects/{rest}", api_refuse_projects, ROUTE_NO_DATA },

    { "GET", "healthz", api_get_healthz, ROUTE_OPEN | ROUTE_NO_DATA },
    { "GET", "readyz", api_get_readyz, ROUTE_OPEN | ROUTE_NO_DATA },
    { "GET", "metrics", api_get_metrics, ROUTE_NO_DATA },
};

static bool
is_agent_alive(const struct uuid *id, void *api_)
{
    const struct api *api = api_;
    const struct nb_row *agent = replica_get(api->config.replica, NB_AGENT,
                                             id);

    return agent && api->config.alive(agent, api->config.aux);
}

struct api *
api_create(const struct api_config *config)
{
    struct api *api = xzalloc(sizeof *api);

    api->config = *config;
    api->config.url = xstrdup(config->url);
    api->addresses = addresses_create(config->replica);
    ovs_list_init(&api->delayed);
    api->claims = claims_create();
    api->waits = waits_create(config->replica, is_agent_alive, api);
    if (config->metrics) {
        api->commit_time = metrics_histogram(
            config->metrics, "sluice_commit_seconds",
            "From a transaction to the database's answer.", "");
        api->retries = metrics_counter(
            config->metrics, "sluice_commit_retries_total",
            "Transactions computed again because others were quicker.", "");
    }
    return api;
}

void
api_destroy(struct api *api)
{
    if (api) {
        ovs_assert(!api->n_operations);
        waits_destroy(api->waits);
        claims_destroy(api->claims);
        addresses_destroy(api->addresses);
        free(CONST_CAST(char *, api->config.url));
        free(api);
    }
}

/* Says who asks.  401 if nobody knows him. */
static struct api_error *
identify(struct api_call *call)
{
    const struct http_identity *identity;

    call->viewer = (struct api_viewer) {
        .admin = true, .project_id = "", .name = "",
    };
    if (!call->api->config.auth) {
        return NULL;
    }
    identity = http_auth_identify(call->api->config.auth, call->request);
    if (!identity) {
        return api_error(401, NULL, "The request you have made requires "
                         "authentication: a token known here, in "
                         "X-Auth-Token or Authorization: Bearer.");
    }
    call->viewer.admin = identity->role == HTTP_ADMIN;
    call->viewer.project_id = identity->project_id;
    call->viewer.name = identity->name;
    call->read_only = identity->role == HTTP_READER;
    return NULL;
}

static struct api_error *
admit(struct api_call *call)
{
    const struct api_route *route = call->match.route;
    struct api_error *error = (route->flags & ROUTE_OPEN ? NULL
                               : identify(call));

    if (error) {
        return error;
    } else if (route->flags & ROUTE_ADMIN && !call->viewer.admin) {
        return api_forbidden("This request of anybody but an admin");
    } else if (!(route->flags & ROUTE_NO_DATA)
               && !replica_has_data(call->api->config.replica)) {
        return api_error(503, NULL, "The northbound database has not been "
                         "reached yet.");
    }
    return NULL;
}

static void
refuse_route(struct http_request *request, const struct ds *allow)
{
    struct http_pair header = { "Allow", ds_cstr_ro(allow) };
    char *path = api_quote_string(request->path);
    struct api_error *error
        = (allow->length
           ? api_error(405, NULL, "The method %.*s is not allowed for %s.",
                       API_QUOTE_MAX, request->method, path)
           : api_error(404, NULL, "The resource %s could not be found.",
                       path));
    char *body = api_error_body(error);

    http_reply(request, error->status, "application/json", body,
               strlen(body), &header, allow->length != 0);
    api_error_destroy(error);
    free(path);
}

void
api_handle(struct api *api, struct http_request *request)
{
    struct api_call call = { .api = api, .request = request };
    struct ds allow = DS_EMPTY_INITIALIZER;

    /* "*", the server as a whole, has no segments and is not "/". */
    if (strcmp(request->path, "*")) {
        api_route_find(routes, ARRAY_SIZE(routes), request->method,
                       request->segments, request->n_segments, &call.match,
                       &allow);
    }
    if (!call.match.route) {
        refuse_route(request, &allow);
    } else {
        struct api_error *error = admit(&call);

        if (error) {
            reply_error(request, error);
        } else {
            call.match.route->handler(&call);
        }
    }
    api_match_destroy(&call.match);
    ds_destroy(&allow);
}

void
api_cancelled(struct api *api OVS_UNUSED, struct http_request *request)
{
    if (request->owner) {
        operation_cancel(request->owner);
    }
}

char *
api_error_reply(unsigned int status, const char *message,
                const char **content_type)
{
    *content_type = "application/json";
    return api_error_body_from(api_error_type(status), message);
}

void
api_change(struct api *api, const struct nb_change *change)
{
    addresses_change(api->addresses, change);
    waits_change(api->waits, change);
}

void
api_run(struct api *api)
{
    operations_run(api);
    waits_run(api->waits);
}

void
api_wait(struct api *api)
{
    operations_wait(api);
    waits_wait(api->waits);
}

void
api_status(const struct api *api, struct ds *out)
{
    ds_put_format(out, "operations: %"PRIuSIZE" (%"PRIuSIZE" waiting for "
                  "hypervisors)\n", api->n_operations,
                  waits_count(api->waits));
}

void
api_memory_usage(const struct api *api, struct simap *usage)
{
    simap_increase(usage, "api-operations", api->n_operations);
    addresses_memory_usage(api->addresses, usage);
}
