/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_REPLY_H
#define API_REPLY_H 1

/* Ends requests.  Each of these does so exactly once, whatever it is given;
 * errors and JSON are taken over.  Single-threaded. */

#include <jansson.h>

struct api_call;
struct api_error;
struct ds;
struct http_request;

/* Answers what was read from the replica: says how old it is if it is not the
 * present. */
void reply_read(const struct api_call *, json_t *);
void reply_read_text(const struct api_call *, struct ds *text);
void reply_read_empty(const struct api_call *, unsigned int status);

/* Answers with a JSON body; NULL for none. */
void reply_json(struct http_request *, unsigned int status, json_t *);
void reply_text(struct http_request *, unsigned int status,
                const char *content_type, struct ds *text);

/* Answers with the error; a 503 says when to try again. */
void reply_error(struct http_request *, struct api_error *);

/* The URL by which the client came here, without a final slash, for links: for
 * the caller to free. */
char *reply_url(const struct api_call *);

#endif /* api/reply.h */
