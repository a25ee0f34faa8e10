/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H 1

/* One request, from when it is whole until it is answered.
 *
 * The server (http/server.h) hands a request to its handler when everything
 * of it has arrived.  The handler, or whoever it passes the request on to,
 * ends it exactly once, at once or after any time, by one of
 *
 *     http_reply()              an answer
 *     http_request_detach()     a stream (http/stream.h)
 *     http_request_abandon()    the client is gone: see below
 *
 * and must not touch it afterwards.  Everything the request points to lives
 * until then, even if the client or the server goes first.
 *
 * When the client is gone before the answer, the handler's 'cancelled' is
 * called, once.  The request has to be ended all the same, in that call or any
 * time later; whichever of the three does it, nothing is sent.
 *
 * One thread: that of the server. */

#include <stdbool.h>
#include <stddef.h>

struct http_stream;
struct http_stream_class;

/* A name and a value: of a header, or of a query's "name=value". */
struct http_pair {
    const char *name;
    const char *value;
};

/* Filled by the server, read by the handler.  Strings are never NULL, and
 * those of the path and the query are UTF-8; header values are what the client
 * sent, without control characters other than tabs. */
struct http_request {
    const char *method;         /* Any token, "GET", "BREW"; as sent. */
    const char *target;         /* As sent: "/v2.0/ports?name=a%20b". */
    const char *path;           /* As sent, without the query. */

    /* The path between its slashes, percent-decoded: of "/v2.0/ports/a%2Fb"
     * "v2.0", "ports", "a/b".  An empty one is kept ("//"), and so are "." and
     * ".."; only the one after a final slash is left out, so that "/v2.0/" is
     * "/v2.0", and "/" has none. */
    char **segments;
    size_t n_segments;

    /* The query, decoded ("+" is a space), in the order sent.  A name
     * without "=" has value "". */
    struct http_pair *query;
    size_t n_query;

    /* Names as sent. */
    struct http_pair *headers;
    size_t n_headers;

    const char *body;           /* A null byte follows; may hold others. */
    size_t body_len;

    const char *peer;           /* "192.0.2.1:4711", "[2001:db8::1]:4711". */
    bool tls;
    long long int received;     /* When it was whole: time_msec(). */

    void *owner;                /* The handler's; NULL at first. */
};

/* Value of the first header 'name' (in any case), or NULL. */
const char *http_request_header(const struct http_request *,
                                const char *name);

/* Value of the first query pair 'name', or NULL. */
const char *http_request_query(const struct http_request *, const char *name);

/* Answers with 'status' and 'body_len' bytes at 'body', which is from malloc()
 * (xmalloc(), xstrdup(), ds_steal_cstr()) and is taken over; NULL for none.
 * 'content_type' NULL: no such header.  'headers' are 'n_headers' further
 * ones, borrowed for the call; one whose name or value cannot be sent (a
 * newline) is left out, with a log line.
 *
 * Content-Length, Date and Connection are added.  To HEAD the same is sent
 * without the body, so a handler may treat it as GET; a status of 204 or 304
 * never has a body. */
void http_reply(struct http_request *, unsigned int status,
                const char *content_type, char *body, size_t body_len,
                const struct http_pair *headers, size_t n_headers);

/* Ends a request without an answer: its connection is closed if it still is
 * there. */
void http_request_abandon(struct http_request *);

/* Answers 200 with
 *
 *     Content-Type: text/event-stream
 *     Cache-Control: no-store
 *     X-Accel-Buffering: no
 *     Connection: close
 *
 * and 'headers', and returns the rest of the connection as a pipe for bytes,
 * of 'class' with 'aux', see http/stream.h.  Returns NULL when the client is
 * gone, and when there are too many streams or no descriptor is left, which is
 * answered by 503; the request is ended all the same. */
struct http_stream *http_request_detach(struct http_request *,
                                        const struct http_stream_class *,
                                        void *aux,
                                        const struct http_pair *headers,
                                        size_t n_headers);

#endif /* http/request.h */
