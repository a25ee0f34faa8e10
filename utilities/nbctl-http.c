/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Asks a sluice-notifier over HTTP, by way of libcurl.  See nbctl-http.h. */

#include <config.h>

#include "nbctl-http.h"

#include <curl/curl.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

/* A server that does not answer the connection in this time is not there; one
 * that sends nothing for so long is stuck.  Seconds. */
#define CONNECT_TIMEOUT 10L
#define STALL_TIMEOUT 30L

/* No page of history is nearly as large; what is, is not from a notifier. */
#define MAX_REPLY (64 << 20)

static struct curl_slist *prepare(CURL *, const struct http_server *,
                                  const char *url, struct ds *body);
static size_t take_data(char *data, size_t size, size_t n, void *body);
static char *understand(const struct http_server *, long int status,
                        const char *body, struct json **reply);
static const char *find_message(const struct json *);

void
http_put_query(struct ds *query, const char *name, const char *value)
{
    char *encoded = curl_easy_escape(NULL, value, 0);

    ds_put_format(query, "%c%s=%s",
                  strchr(ds_cstr(query), '?') ? '&' : '?', name, encoded);
    curl_free(encoded);
}

char *
http_get(const struct http_server *server, const char *path,
         struct json **reply)
{
    char *url = xasprintf("%s%s", server->url, path);
    struct ds body = DS_EMPTY_INITIALIZER;
    char reason[CURL_ERROR_SIZE] = "";
    CURL *curl = curl_easy_init();
    char *error;

    if (!curl) {
        out_of_memory();
    }
    struct curl_slist *headers = prepare(curl, server, url, &body);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    CURLcode code = curl_easy_perform(curl);
    if (code) {
        error = xasprintf("%s: %s", server->url,
                          reason[0] ? reason : curl_easy_strerror(code));
    } else {
        long int status;

        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        error = understand(server, status, ds_cstr(&body), reply);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    ds_destroy(&body);
    free(url);
    return error;
}

/* Returns the headers, for the caller to free after the request. */
static struct curl_slist *
prepare(CURL *curl, const struct http_server *server, const char *url,
        struct ds *body)
{
    struct curl_slist *headers = curl_slist_append(NULL,
                                                   "Accept: application/json");

    if (server->token) {
        char *header = xasprintf("X-Auth-Token: %s", server->token);

        headers = curl_slist_append(headers, header);
        free(header);
    }
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, STALL_TIMEOUT);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    if (server->ca_cert) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, server->ca_cert);
    }
    return headers;
}

/* Called by libcurl; taking less than it has ends the request. */
static size_t
take_data(char *data, size_t size, size_t n, void *body_)
{
    struct ds *body = body_;

    if (body->length + size * n > MAX_REPLY) {
        return 0;
    }
    ds_put_buffer(body, data, size * n);
    return size * n;
}

static char *
understand(const struct http_server *server, long int status,
           const char *body, struct json **reply)
{
    struct json *json = json_from_string(body);

    if (status == 200 && json->type == JSON_OBJECT) {
        *reply = json;
        return NULL;
    }

    const char *message = find_message(json);
    char *error = (status == 200
                   ? xasprintf("%s: the answer is not that of a "
                               "sluice-notifier", server->url)
                   : xasprintf("%s: %ld%s%s", server->url, status,
                               message ? ": " : "", message ? message : ""));
    json_destroy(json);
    return error;
}

/* The API's own words, {"NeutronError": {"message": ...}}; NULL if it has
 * none. */
static const char *
find_message(const struct json *json)
{
    if (json->type == JSON_OBJECT) {
        const struct shash_node *node;

        SHASH_FOR_EACH (node, json->object) {
            const struct json *error = node->data;
            const struct json *message
                = (error->type == JSON_OBJECT
                   ? shash_find_data(error->object, "message") : NULL);

            if (message && message->type == JSON_STRING) {
                return json_string(message);
            }
        }
    }
    return NULL;
}
