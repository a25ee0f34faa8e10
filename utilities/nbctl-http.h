/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Asks a sluice-notifier over HTTP, for what is not in the database. */

#ifndef NBCTL_HTTP_H
#define NBCTL_HTTP_H 1

#include "compiler.h"

struct ds;
struct json;

/* What is asked, and how. */
struct http_server {
    const char *url;            /* "http://127.0.0.1:9696". */
    const char *token;          /* For X-Auth-Token; NULL: none. */
    const char *ca_cert;        /* File that vouches for an https server; NULL:
                                 * the system's. */
};

/* Appends "NAME=VALUE" to 'query', encoded, after a "?" or an "&". */
void http_put_query(struct ds *query, const char *name, const char *value);

/* Gets 'path', which begins with a slash and is encoded.  Returns NULL and
 * sets '*reply' to a JSON object, for the caller to destroy; or a message,
 * for the caller to free, which names the server and says what it said. */
char *http_get(const struct http_server *, const char *path,
               struct json **reply) OVS_WARN_UNUSED_RESULT;

#endif /* nbctl-http.h */
