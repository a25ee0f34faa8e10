/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Ending a request.  See request.h. */

#include <config.h>

#include "http/internal.h"

#include <string.h>

#include "http/head.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_request);

struct http_exchange *
http_exchange_cast(const struct http_request *request)
{
    return CONTAINER_OF(CONST_CAST(struct http_request *, request),
                        struct http_exchange, up);
}

const char *
http_request_header(const struct http_request *request, const char *name)
{
    return http_pairs_find_nocase(request->headers, request->n_headers, name);
}

const char *
http_request_query(const struct http_request *request, const char *name)
{
    return http_pairs_find(request->query, request->n_query, name);
}

/* Parts 'x' from its connection, which is returned; NULL if that is gone. */
struct http_conn *
http_exchange_leave(struct http_exchange *x)
{
    struct http_conn *conn = x->conn;
    if (conn) {
        struct http_server *server = conn->server;

        if (conn->step == HTTP_STEP_OWNER) {
            server->stats.waiting--;
        }
        server->stats.bodies -= x->body_allocated;
        conn->exchange = NULL;
        x->conn = NULL;
    }
    return conn;
}

void
http_exchange_destroy(struct http_exchange *x)
{
    http_exchange_leave(x);
    http_target_uninit(&x->target);
    free(x->up.headers);
    free(x->raw);
    free(x->peer);
    free(x->text);
    free(x->body);
    free(x);
}

/* Tells the owner of the request that waits on 'conn' that the client is gone.
 * The connection is for the caller to close. */
void
http_request_cancel(struct http_conn *conn)
{
    struct http_server *server = conn->server;
    struct http_exchange *x = conn->exchange;

    http_exchange_leave(x);
    server->handler->cancelled(&x->up, server->aux);
}

/* Goes with every 503: each is about what there is too much of just now. */
static const struct http_pair retry_after = { "Retry-After", "1" };

static void
add_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (!http_is_token(name) || !http_is_header_value(value)
        || MHD_add_response_header(response, name, value) != MHD_YES) {
        VLOG_WARN("header \"%s\" cannot be sent", name);
    }
}

/* Takes over 'body'. */
struct MHD_Response *
http_response_create(unsigned int status, const char *content_type,
                     char *body, size_t body_len,
                     const struct http_pair *headers, size_t n_headers)
{
    struct MHD_Response *response;

    if (!body || !body_len || status == 204 || status == 304) {
        free(body);
        response = MHD_create_response_from_buffer(0, NULL,
                                                   MHD_RESPMEM_PERSISTENT);
    } else {
        response = MHD_create_response_from_buffer(body_len, body,
                                                   MHD_RESPMEM_MUST_FREE);
    }
    if (!response) {
        out_of_memory();
    }
    if (content_type) {
        add_header(response, "Content-Type", content_type);
    }
    for (size_t i = 0; i < n_headers; i++) {
        add_header(response, headers[i].name, headers[i].value);
    }
    return response;
}

/* The body of an error that the server answers by itself.  'message' may quote
 * what a client sent, so it is made printable. */
char *
http_error_body(struct http_server *server, unsigned int status,
                const char *message, const char **content_type)
{
    char *printable = xstrdup(message);
    for (char *p = printable; *p; p++) {
        if (*p < ' ' || *p > '~') {
            *p = '?';
        }
    }
    *content_type = "text/plain";
    char *body = server->handler->error_body(status, printable, content_type,
                                             server->aux);
    free(printable);
    return body;
}

/* An error that the server answers by itself. */
struct MHD_Response *
http_error_response(struct http_server *server, unsigned int status,
                    const char *message)
{
    const char *type;
    char *body = http_error_body(server, status, message, &type);

    return http_response_create(status, type, body, strlen(body),
                                &retry_after, status == 503);
}

void
http_reply(struct http_request *request, unsigned int status,
           const char *content_type, char *body, size_t body_len,
           const struct http_pair *headers, size_t n_headers)
{
    struct http_exchange *x = http_exchange_cast(request);
    struct http_conn *conn = http_exchange_leave(x);

    if (!conn) {
        free(body);
    } else {
        http_counts_request(&conn->server->counts, request->method, status,
                            time_usec() - x->received_usec);
        conn->response = http_response_create(status, content_type, body,
                                              body_len, headers, n_headers);
        conn->status = status;
        http_conn_set_phase(conn, HTTP_REPLYING);
        http_conn_resume(conn, HTTP_STEP_REPLY);
    }
    http_exchange_destroy(x);
}

/* Ends 'request' by an error of the server's own. */
void
http_request_refuse(struct http_request *request, unsigned int status,
                    const char *message)
{
    struct http_server *server = http_exchange_cast(request)->conn->server;
    const char *type;
    char *body = http_error_body(server, status, message, &type);

    http_reply(request, status, type, body, strlen(body),
               &retry_after, status == 503);
}

void
http_request_abandon(struct http_request *request)
{
    struct http_exchange *x = http_exchange_cast(request);
    struct http_conn *conn = http_exchange_leave(x);

    if (conn) {
        http_conn_resume(conn, HTTP_STEP_DROP);
    }
    http_exchange_destroy(x);
}
