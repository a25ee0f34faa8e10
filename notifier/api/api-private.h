/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_PRIVATE_H
#define API_PRIVATE_H 1

/* What the files of the request side share, and nobody else uses. */

#include "api/addresses.h"
#include "api/api.h"
#include "api/claims.h"
#include "api/error.h"
#include "api/resource.h"
#include "api/route.h"
#include "api/wait.h"
#include "openvswitch/list.h"

struct api {
    struct api_config config;
    struct addresses *addresses;
    struct claims *claims;
    struct waits *waits;
    struct ovs_list delayed;    /* "struct operation"s that try again later. */
    size_t n_operations;        /* Not ended, those and others. */

    struct metrics_histogram *commit_time;
    struct metrics_counter *retries;
};

/* A request while it is being handled.  Lives on the stack; whoever wants to
 * end the request later keeps a copy of what he needs, except for 'request'
 * itself and what it points to. */
struct api_call {
    struct api *api;
    struct http_request *request;
    struct api_match match;
    struct api_viewer viewer;
    bool read_only;             /* The viewer may only read. */
};

/* How the viewer of 'call' sees the replica. */
struct api_view api_call_view(const struct api_call *);

/* Puts into '*rowp' the row of the object 'id'.  404 if there is none, it is
 * no UUID, or the viewer must not see it. */
struct api_error *api_find_object(const struct api_resource *,
                                  const struct api_view *, const char *id,
                                  const struct nb_row **rowp)
    OVS_WARN_UNUSED_RESULT;

/* 403: "... is disallowed by policy". */
struct api_error *api_forbidden(const char *what) OVS_WARN_UNUSED_RESULT;

/* The route's handlers. */
void api_get_versions(struct api_call *);
void api_get_v2(struct api_call *);
void api_get_extensions(struct api_call *);
void api_get_extension(struct api_call *);
void api_refuse_projects(struct api_call *);
void api_get_healthz(struct api_call *);
void api_get_readyz(struct api_call *);
void api_get_metrics(struct api_call *);
void api_get_events(struct api_call *);
void api_get_collection(struct api_call *);
void api_get_object(struct api_call *);
void api_get_tags(struct api_call *);
void api_get_tag(struct api_call *);
void api_get_quotas(struct api_call *);
void api_get_quota(struct api_call *);
void api_get_quota_details(struct api_call *);
void api_get_quota_project(struct api_call *);
void api_get_availabilities(struct api_call *);
void api_get_availability(struct api_call *);
void api_get_history(struct api_call *);
void api_post(struct api_call *);
void api_put(struct api_call *);
void api_delete(struct api_call *);
void api_put_tags(struct api_call *);
void api_put_tag(struct api_call *);
void api_delete_tags(struct api_call *);
void api_delete_tag(struct api_call *);

#endif /* api/api-private.h */
