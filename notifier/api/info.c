/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What is not about objects: versions, extensions, health. */

#include <config.h>

#include "api/api-private.h"

#include <string.h>

#include "api/extension.h"
#include "api/reply.h"
#include "http/request.h"
#include "metrics.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

#define TEXT_TYPE "text/plain; charset=utf-8"

/* {"id": "v2.0", ...}, of which clients need each member. */
static json_t *
show_version(const char *url)
{
    return json_pack("{s:s,s:s,s:[{s:s,s:s+}]}", "id", "v2.0",
                     "status", "CURRENT", "links", "rel", "self",
                     "href", url, "/v2.0/");
}

void
api_get_versions(struct api_call *call)
{
    char *url = reply_url(call);

    reply_json(call->request, 200,
               json_pack("{s:[o]}", "versions", show_version(url)));
    free(url);
}

static json_t *
show_resources(const char *url)
{
    json_t *array = json_array();

    for (size_t i = 0; i < API_N_KINDS; i++) {
        const struct api_resource *resource = api_resources[i];

        json_array_append_new(
            array, json_pack("{s:s,s:s,s:[{s:s,s:s++}]}",
                             "name", resource->name,
                             "collection", resource->plural,
                             "links", "rel", "self",
                             "href", url, "/v2.0/", resource->plural));
    }
    return array;
}

/* Some clients want one of the two there, some the other. */
void
api_get_v2(struct api_call *call)
{
    char *url = reply_url(call);

    reply_json(call->request, 200,
               json_pack("{s:o,s:o}", "version", show_version(url),
                         "resources", show_resources(url)));
    free(url);
}

void
api_get_extensions(struct api_call *call)
{
    reply_json(call->request, 200, api_extensions_show());
}

void
api_get_extension(struct api_call *call)
{
    const char *alias = call->match.words[0];
    const struct api_extension *extension = api_extension_find(alias);

    if (extension) {
        reply_json(call->request, 200, api_extension_show(extension));
    } else {
        reply_error(call->request,
                    api_error(404, NULL, "Extension with alias %.*s does not "
                              "exist.", API_QUOTE_MAX, alias));
    }
}

/* A client that was given a project's name asks here what its id is, and takes
 * the name for the id when it is told that it must not ask. */
void
api_refuse_projects(struct api_call *call)
{
    reply_error(call->request, api_forbidden("To ask for projects"));
}

static void
reply_health(struct api_call *call, bool (*check)(struct ds *, void *aux))
{
    struct ds text = DS_EMPTY_INITIALIZER;
    bool ok = check(&text, call->api->config.aux);

    if (!text.length) {
        ds_put_cstr(&text, ok ? "ok\n" : "not ok\n");
    }
    reply_text(call->request, ok ? 200 : 503, TEXT_TYPE, &text);
}

void
api_get_healthz(struct api_call *call)
{
    reply_health(call, call->api->config.healthy);
}

void
api_get_readyz(struct api_call *call)
{
    reply_health(call, call->api->config.ready);
}

void
api_get_metrics(struct api_call *call)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    call->api->config.format_metrics(&text, call->api->config.aux);
    reply_text(call->request, 200, METRICS_CONTENT_TYPE, &text);
}

void
api_get_events(struct api_call *call)
{
    call->api->config.events(call->request, &call->viewer,
                             call->api->config.aux);
}
