/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H 1

/* An HTTP/1.1 server in the poll loop: libmicrohttpd, driven by its epoll
 * descriptor.  It knows HTTP and its limits, and nothing of what is served.
 *
 * A request is handed over when it is whole and well-formed; see
 * http/request.h for how it is answered.  What is not, the server answers by
 * itself: 400 (target that is not UTF-8, bad %, control characters, malformed
 * request), 408, 413, 431, 503, with the body that the handler's 'error_body'
 * makes; libmicrohttpd answers by itself what it cannot parse at all.
 *
 * Errors: those of http_server_create() are returned in words; afterwards a
 * failure concerns one connection, which is closed, with a rate-limited log
 * line.  One thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

struct http_request;
struct http_server;
struct metrics;

/* The limits and their reasons.  Each can be lowered or raised in
 * http_config, where 0 stands for these. */

/* Bytes of a request's body; more is answered by 413.  A bulk create of 1,000
 * ports with all attributes is about 600 kB. */
#define HTTP_MAX_BODY (2 * 1024 * 1024)

/* Bytes of the bodies of all requests at once; a request that would exceed
 * that is answered by 503.  32 of the longest. */
#define HTTP_MAX_BODIES (64 * 1024 * 1024)

/* Bytes of request line and headers; more is answered by 431 (or 414, by
 * libmicrohttpd, for a request line by itself).  Filters with 500 IDs in one
 * query are 20 kB. */
#define HTTP_MAX_HEAD (24 * 1024)

/* Connections, and with TLS the streams among them.  Beyond that new ones are
 * closed at once.  One that has served a request keeps HTTP_MAX_HEAD and 10 kB
 * (with TLS 40 kB) until it is closed: half a gigabyte at worst. */
#define HTTP_MAX_CONNECTIONS 16384

/* Streams; beyond that http_request_detach() answers 503. */
#define HTTP_MAX_STREAMS 65536

/* Requests handed over and not yet answered; beyond that 503.  Each may hold a
 * database transaction: what cannot be done in a second is better tried again
 * later than queued. */
#define HTTP_MAX_WAITING 4096

/* Milliseconds that a kept-alive connection may be without a request; then it
 * is closed.  As long as most proxies keep theirs. */
#define HTTP_IDLE_MS (60 * 1000)

/* Milliseconds from a new connection, or from a further request's first line,
 * until the request is whole; then the connection is closed, however many
 * bytes trickle in (slowloris). */
#define HTTP_REQUEST_MS (30 * 1000)

/* Milliseconds that a client may take to fetch its reply; then it is closed.
 * Ten megabytes over a slow link. */
#define HTTP_REPLY_MS (300 * 1000)

struct http_limits {
    size_t body, bodies, head;
    unsigned int connections, streams, waiting;
    int idle_ms, request_ms, reply_ms;
};

struct http_config {
    const char *listen;         /* See http/listen.h. */
    const char *certificate;    /* PEM files: both or neither. */
    const char *private_key;
    struct http_limits limits;  /* Zeros for the defaults above. */
    struct metrics *metrics;    /* Where to count; NULL: nowhere. */
};

struct http_handler {
    /* A request: to be ended, now or later. */
    void (*request)(struct http_request *, void *aux);

    /* The client of a request that is not yet ended is gone. */
    void (*cancelled)(struct http_request *, void *aux);

    /* Returns the body, from malloc(), of an error that the server answers by
     * itself, and sets '*content_type' to a static string.  'message' is
     * printable ASCII. */
    char *(*error_body)(unsigned int status, const char *message,
                        const char **content_type, void *aux);
};

/* Starts to listen.  Returns NULL and sets '*serverp', or returns what is
 * wrong, for the caller to free.  Borrows nothing but 'handler', 'aux' and the
 * metrics.  Raises RLIMIT_NOFILE's soft limit to what the limits need; where
 * that is not allowed, lowers the limits to what fits, and logs that. */
char *http_server_create(const struct http_config *,
                         const struct http_handler *, void *aux,
                         struct http_server **serverp)
    OVS_WARN_UNUSED_RESULT;

/* Stops listening.  Requests not yet ended are cancelled and answered by 503,
 * streams closed, as if their clients had gone; what their owners still hold
 * they may end later. */
void http_server_destroy(struct http_server *);

/* Serves; calls the handler and the streams' classes. */
void http_server_run(struct http_server *);
void http_server_wait(struct http_server *);

/* The port listened on: what was chosen for port 0. */
uint16_t http_server_port(const struct http_server *);

struct http_stats {
    unsigned int connections, streams, waiting;
    size_t bodies;              /* Bytes. */
};
void http_server_get_stats(const struct http_server *, struct http_stats *);

#endif /* http/server.h */
