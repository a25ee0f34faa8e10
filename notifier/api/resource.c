/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The list of resources, and who may do what with their objects.  See
 * resource.h. */

#include <config.h>

#include "api/resource.h"

#include <string.h>

#include "api/tables.h"
#include "nb/replica.h"
#include "nb/row.h"
#include "util.h"
#include "uuid.h"

const struct api_resource *const api_resources[API_N_KINDS] = {
    [API_NETWORK] = &api_network_resource,
    [API_SUBNET] = &api_subnet_resource,
    [API_PORT] = &api_port_resource,
    [API_AGENT] = &api_agent_resource,
};

const struct api_column api_columns[NB_N_COLUMNS] = {
#define NB_COLUMN(TABLE, COLUMN, NAME, TYPE, INDEXED)   \
    { NB_##TABLE, API_COLUMN_##TYPE, INDEXED },
    NB_COLUMNS
#undef NB_COLUMN
};

const struct api_resource *
api_resource_by_name(const char *name)
{
    for (size_t i = 0; i < API_N_KINDS; i++) {
        if (!strcmp(api_resources[i]->name, name)) {
            return api_resources[i];
        }
    }
    return NULL;
}

const struct api_resource *
api_resource_by_plural(const char *plural)
{
    for (size_t i = 0; i < API_N_KINDS; i++) {
        if (!strcmp(api_resources[i]->plural, plural)) {
            return api_resources[i];
        }
    }
    return NULL;
}

const struct api_attr *
api_find_attr(const struct api_resource *resource, const char *name)
{
    for (size_t i = 0; i < resource->n_attrs; i++) {
        const struct api_attr *attr = &resource->attrs[i];

        if (!strcmp(attr->name, name) && !(attr->flags & API_INTERNAL)) {
            return attr;
        }
    }
    return NULL;
}

bool
api_viewer_is_admin(const struct api_viewer *viewer)
{
    return !viewer || viewer->admin;
}

static bool
is_own_project(const struct api_viewer *viewer, const char *project_id)
{
    return viewer->project_id[0] && !strcmp(viewer->project_id, project_id);
}

static bool
is_shared(const struct api_view *view, const struct uuid *network)
{
    const struct nb_row *row = replica_get(view->replica, NB_NETWORK,
                                           network);

    return row && nb_row_bool(row, NB_NETWORK_SHARED);
}

bool
api_may_change(const struct api_resource *resource,
               const struct api_view *view, const struct nb_row *row)
{
    return (api_viewer_is_admin(view->viewer)
            || (resource->project != NB_N_COLUMNS
                && is_own_project(view->viewer,
                                  nb_row_string(row, resource->project))));
}

bool
api_may_see(const struct api_resource *resource, const struct api_view *view,
            const struct nb_row *row)
{
    if (api_may_change(resource, view, row)) {
        return true;
    }
    switch (resource->kind) {
    case API_NETWORK:
        return nb_row_bool(row, NB_NETWORK_SHARED);

    case API_SUBNET: {
        struct uuid network = nb_row_uuid(row, NB_SUBNET_NETWORK);
        return is_shared(view, &network);
    }

    case API_PORT:
    case API_AGENT:
    case API_N_KINDS:
    default:
        return false;
    }
}
