/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Quotas: there are none, and this says so to clients that ask. */

#include <config.h>

#include "api/api-private.h"

#include <string.h>

#include "api/reply.h"
#include "nb/replica.h"
#include "util.h"

/* What Neutron means by "no limit". */
#define UNLIMITED (-1)

/* Agents are no project's. */
static bool
has_quota(const struct api_resource *resource)
{
    return resource->project != NB_N_COLUMNS;
}

/* Nobody's quota differs from the default. */
void
api_get_quotas(struct api_call *call)
{
    reply_json(call->request, 200, json_pack("{s:[]}", "quotas"));
}

void
api_get_quota_project(struct api_call *call)
{
    reply_json(call->request, 200,
               json_pack("{s:{s:s,s:s}}", "tenant",
                         "tenant_id", call->viewer.project_id,
                         "project_id", call->viewer.project_id));
}

/* Whether the viewer may know of the project that the path names; ends the
 * request otherwise. */
static bool
may_see_project(struct api_call *call)
{
    if (call->viewer.admin
        || !strcmp(call->viewer.project_id, call->match.words[0])) {
        return true;
    }
    reply_error(call->request, api_forbidden("Another project's quota"));
    return false;
}

void
api_get_quota(struct api_call *call)
{
    json_t *quota;

    if (!may_see_project(call)) {
        return;
    }
    quota = json_object();
    for (size_t i = 0; i < API_N_KINDS; i++) {
        if (has_quota(api_resources[i])) {
            json_object_set_new(quota, api_resources[i]->name,
                                json_integer(UNLIMITED));
        }
    }
    reply_json(call->request, 200, json_pack("{s:o}", "quota", quota));
}

/* How many objects of 'resource' are of 'project'.  Looks at every one. */
static size_t
count_used(const struct replica *replica, const struct api_resource *resource,
           const char *project)
{
    const struct nb_row **rows = replica_rows(replica, resource->table);
    size_t n = replica_count(replica, resource->table);
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        used += !strcmp(nb_row_string(rows[i], resource->project), project);
    }
    free(rows);
    return used;
}

void
api_get_quota_details(struct api_call *call)
{
    const struct replica *replica = call->api->config.replica;
    json_t *quota;

    if (!may_see_project(call)) {
        return;
    }
    quota = json_object();
    for (size_t i = 0; i < API_N_KINDS; i++) {
        const struct api_resource *resource = api_resources[i];

        if (has_quota(resource)) {
            json_int_t used = count_used(replica, resource,
                                         call->match.words[0]);

            json_object_set_new(quota, resource->name,
                                json_pack("{s:i,s:I,s:i}",
                                          "limit", UNLIMITED,
                                          "used", used, "reserved", 0));
        }
    }
    reply_read(call, json_pack("{s:o}", "quota", quota));
}
