/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Ends requests.  See reply.h. */

#include <config.h>

#include "api/reply.h"

#include <inttypes.h>

#include "api/api-private.h"
#include "api/json.h"
#include "http/request.h"
#include "nb/replica.h"
#include "openvswitch/dynamic-string.h"
#include "timeval.h"
#include "util.h"

#define JSON_TYPE "application/json"

/* RFC 9111 section 5.5. */
#define STALE "110 - \"Response is Stale\""

void
reply_text(struct http_request *request, unsigned int status,
           const char *content_type, struct ds *text)
{
    size_t length = text->length;

    http_reply(request, status, content_type, ds_steal_cstr(text), length,
               NULL, 0);
}

void
reply_json(struct http_request *request, unsigned int status, json_t *json)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    if (json) {
        api_json_put(json, &text);
        json_decref(json);
        reply_text(request, status, JSON_TYPE, &text);
    } else {
        http_reply(request, status, NULL, NULL, 0, NULL, 0);
    }
}

/* Takes 'text', NULL for no body. */
static void
reply_from_replica(const struct api_call *call, unsigned int status,
                   struct ds *text)
{
    long long int since = replica_stale_since(call->api->config.replica);
    long long int age = MAX(0, time_wall_msec() - since) / 1000;
    char *age_text = xasprintf("%lld", age);
    struct http_pair headers[] = { { "Warning", STALE }, { "Age", age_text } };
    size_t length = text ? text->length : 0;

    http_reply(call->request, status, text ? JSON_TYPE : NULL,
               text ? ds_steal_cstr(text) : NULL, length,
               headers, since ? ARRAY_SIZE(headers) : 0);
    free(age_text);
}

void
reply_read_text(const struct api_call *call, struct ds *text)
{
    reply_from_replica(call, 200, text);
}

void
reply_read(const struct api_call *call, json_t *json)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    api_json_put(json, &text);
    json_decref(json);
    reply_from_replica(call, 200, &text);
}

void
reply_read_empty(const struct api_call *call, unsigned int status)
{
    reply_from_replica(call, status, NULL);
}

void
reply_error(struct http_request *request, struct api_error *error)
{
    struct http_pair header = { "Retry-After", API_RETRY_AFTER };
    char *body = api_error_body(error);

    http_reply(request, error->status, JSON_TYPE, body, strlen(body),
               &header, error->status == 503);
    api_error_destroy(error);
}

/* The name by which the client came is its own word, and goes into a link as
 * it is: only what can be part of a URL is believed. */
static bool
is_authority(const char *s)
{
    static const char allowed[]
        = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
          ".-_~:[]%";

    return s && s[0] && !s[strspn(s, allowed)];
}

char *
reply_url(const struct api_call *call)
{
    const char *host = http_request_header(call->request, "Host");

    return (is_authority(host)
            ? xasprintf("%s://%s", call->request->tls ? "https" : "http",
                        host)
            : xstrdup(call->api->config.url));
}
