/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_API_H
#define API_API_H 1

/* The Networking API: requests in, replies out.
 *
 * What is read comes from the replica; what is written goes to the database
 * as one transaction and is answered when the replica has its effect (see
 * api/operation.h).  While the database is away, reads say in their headers
 * that they are from before ("Warning: 110", "Age"), and writes are refused by
 * 503 with "Retry-After"; before it was there for the first time, everything
 * is.
 *
 * In the notifier's loop api_change() is called by the replica's observer, and
 *
 *     replica_run(); ... http_server_run(); api_run();
 *     api_wait();
 *
 * Errors are replies.  Single-threaded. */

#include <stdbool.h>
#include <stddef.h>

struct api;
struct api_viewer;
struct ds;
struct http_auth;
struct http_request;
struct journal;
struct metrics;
struct nb_change;
struct nb_row;
struct replica;
struct simap;

/* What goes into "Retry-After": a database that restarts is back within a
 * second. */
#define API_RETRY_AFTER "1"

struct api_config {
    struct replica *replica;
    struct http_auth *auth;     /* NULL: everybody is an admin. */
    struct journal *journal;    /* NULL: there is no history. */
    struct metrics *metrics;    /* NULL: nothing is counted. */

    /* Where clients who do not say by which name they came find this: a URL
     * without a final slash, "http://127.0.0.1:9696". */
    const char *url;

    /* Whether the agent with that row is alive. */
    bool (*alive)(const struct nb_row *agent, void *aux);

    /* Takes over a GET of /events by 'viewer', who is good during the call,
     * and ends it. */
    void (*events)(struct http_request *, const struct api_viewer *viewer,
                   void *aux);

    /* /healthz, /readyz: whether all is well; says in 'text', which is empty,
     * what is or is not, in lines. */
    bool (*healthy)(struct ds *text, void *aux);
    bool (*ready)(struct ds *text, void *aux);

    /* /metrics: appends to 'text'. */
    void (*format_metrics)(struct ds *text, void *aux);

    void *aux;
};

/* Copies 'config' and its URL and borrows what else it points to. */
struct api *api_create(const struct api_config *);

/* When there is no request left: after http_server_destroy(). */
void api_destroy(struct api *);

/* Those of "struct http_handler" (http/server.h). */
void api_handle(struct api *, struct http_request *);
void api_cancelled(struct api *, struct http_request *);
char *api_error_reply(unsigned int status, const char *message,
                      const char **content_type);

/* A row of the replica changed; as "struct replica_observer" has it. */
void api_change(struct api *, const struct nb_change *);

void api_run(struct api *);
void api_wait(struct api *);

/* Appends to 'out' how many requests are under way and what they wait for. */
void api_status(const struct api *, struct ds *out);
void api_memory_usage(const struct api *, struct simap *);

#endif /* api/api.h */
