/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Receiving a request: libmicrohttpd's calls, from the first line to the hand-
 * over, and to the end of the reply. */

#include <config.h>

#include "http/internal.h"

#include <string.h>

#include "http/head.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_exchange);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* First room for a body whose length is not known, or is said to be more. */
#define BODY_FIRST 4096

/* The first line has come.  'target' is in libmicrohttpd's buffer. */
void *
http_exchange_first_line(void *server OVS_UNUSED, const char *target,
                         struct MHD_Connection *mhd)
{
    struct http_conn *conn = http_conn_from_mhd(mhd);
    struct http_exchange *x = xzalloc(sizeof *x);

    x->conn = conn;
    x->raw = xstrdup(target ? target : "");
    x->target_end = target ? strchr(target, '\0') : NULL;
    conn->exchange = x;
    conn->step = HTTP_STEP_HEAD;
    if (conn->phase != HTTP_FIRST) {
        http_conn_set_phase(conn, HTTP_RECEIVING);
    }

    /* libmicrohttpd would take the query apart too, and into the pool that is
     * to hold the headers.  It has not begun: leave it nothing. */
    char *query = target ? strchr(CONST_CAST(char *, target), '?') : NULL;
    if (query) {
        query[1] = '\0';
    }
    return conn;
}

/* Answers by an error of our own. */
static enum MHD_Result
refuse(struct http_conn *conn, unsigned int status, const char *message)
{
    struct http_server *server = conn->server;
    struct http_exchange *x = conn->exchange;
    bool in_body = conn->step == HTTP_STEP_BODY && !x->up.received;

    VLOG_DBG_RL(&rl, "%s: %u, %s", conn->peer, status, message);
    http_counts_request(&server->counts,
                        x->up.method ? x->up.method : "other", status, -1);
    if (in_body) {
        http_wire_send_error(conn, status, message);
        return MHD_NO;
    }

    struct MHD_Response *response = http_error_response(server, status,
                                                        message);
    enum MHD_Result result = MHD_queue_response(conn->mhd, status, response);
    MHD_destroy_response(response);
    conn->linger = conn->step == HTTP_STEP_HEAD;
    conn->step = HTTP_STEP_QUEUED;
    http_conn_set_phase(conn, HTTP_REPLYING);
    return result;
}

static enum MHD_Result
refuse_and_free(struct http_conn *conn, unsigned int status, char *message)
{
    enum MHD_Result result = refuse(conn, status, message);
    free(message);
    return result;
}

/* How much memory the headers take, and how many they are. */
struct measure {
    size_t bytes, n;
};

static enum MHD_Result
measure_header(void *measure_, enum MHD_ValueKind kind OVS_UNUSED,
               const char *name, const char *value)
{
    struct measure *m = measure_;
    m->bytes += strlen(name) + 1 + (value ? strlen(value) : 0) + 1;
    m->n++;
    return MHD_YES;
}

/* Where to copy headers to. */
struct copy {
    char *to;
    struct http_request *request;
};

static char *
copy_string(struct copy *copy, const char *s)
{
    size_t size = strlen(s) + 1;
    char *to = memcpy(copy->to, s, size);
    copy->to += size;
    return to;
}

static enum MHD_Result
copy_header(void *copy_, enum MHD_ValueKind kind OVS_UNUSED,
            const char *name, const char *value)
{
    struct copy *copy = copy_;
    struct http_request *r = copy->request;
    const char *own = copy_string(copy, name);

    r->headers[r->n_headers++] = (struct http_pair) {
        own, copy_string(copy, value ? value : "")
    };
    return MHD_YES;
}

/* Copies what the request's owner may look at after libmicrohttpd has freed
 * it. */
static void
copy_head(struct http_exchange *x, const char *method)
{
    struct MHD_Connection *mhd = x->conn->mhd;
    struct measure m = { .bytes = strlen(method) + 1 };

    MHD_get_connection_values(mhd, MHD_HEADER_KIND, measure_header, &m);
    x->text = xmalloc(m.bytes);
    x->up.headers = xmalloc(m.n * sizeof *x->up.headers);

    struct copy copy = { x->text, &x->up };
    x->up.method = copy_string(&copy, method);
    MHD_get_connection_values(mhd, MHD_HEADER_KIND, copy_header, &copy);
    x->up.target = x->raw;
    x->up.peer = x->peer = xstrdup(x->conn->peer);
    x->up.tls = x->conn->tls != NULL;
    x->up.body = "";
}

/* True if there was a null byte in the target: libmicrohttpd's text of it ends
 * there, and that of the version comes later than just after. */
static bool
has_nul(const struct http_exchange *x, const char *version)
{
    return x->target_end && version > x->target_end + 1
           && version <= x->target_end + x->conn->server->limits.head;
}

/* The head has come. */
static enum MHD_Result
receive_head(struct http_conn *conn, const char *method, const char *version)
{
    const struct http_limits *limits = &conn->server->limits;
    struct http_exchange *x = conn->exchange;
    struct http_framing framing;
    unsigned int status;

    copy_head(x, method);
    const union MHD_ConnectionInfo *head = MHD_get_connection_info(
        conn->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (head && head->header_size > limits->head) {
        return refuse_and_free(
            conn, 431, xasprintf("request line and headers are longer than "
                                 "%"PRIuSIZE" bytes", limits->head));
    }
    char *error = has_nul(x, version)
                  ? xstrdup("malformed URL: it has a null byte")
                  : http_target_parse(x->raw, &x->target);
    if (error) {
        return refuse_and_free(conn, 400, error);
    }
    error = http_head_check(x->up.headers, x->up.n_headers, version, &framing,
                            &status);
    if (error) {
        return refuse_and_free(conn, status, error);
    } else if (!http_is_token(method)) {
        return refuse(conn, 400, "malformed method");
    } else if (framing.content_length > limits->body) {
        return refuse_and_free(
            conn, 413, xasprintf("the body is longer than %"PRIuSIZE" bytes",
                                 limits->body));
    }
    x->content_length = framing.content_length;
    conn->step = HTTP_STEP_BODY;
    return MHD_YES;
}

/* Makes room for 'more' bytes of body.  An announced length is believed only
 * as far as it has come true: half of what is allocated is in use. */
static bool
grow_body(struct http_exchange *x, size_t more)
{
    struct http_server *server = x->conn->server;
    size_t needed = x->up.body_len + more + 1;
    if (needed <= x->body_allocated) {
        return true;
    }

    size_t allocate = MAX(needed, MAX(BODY_FIRST, 2 * x->body_allocated));
    if (x->content_length && x->content_length + 1 >= needed) {
        allocate = MIN(allocate, x->content_length + 1);
    }
    size_t extra = allocate - x->body_allocated;
    if (extra > server->limits.bodies - MIN(server->limits.bodies,
                                            server->stats.bodies)) {
        return false;
    }
    x->body = xrealloc(x->body, allocate);
    x->body_allocated = allocate;
    x->up.body = x->body;
    server->stats.bodies += extra;
    return true;
}

/* A piece of the body has come. */
static enum MHD_Result
receive_body(struct http_conn *conn, const char *data, size_t *size)
{
    struct http_server *server = conn->server;
    struct http_exchange *x = conn->exchange;

    if (*size > server->limits.body - x->up.body_len) {
        return refuse_and_free(
            conn, 413, xasprintf("the body is longer than %"PRIuSIZE" bytes",
                                 server->limits.body));
    } else if (!grow_body(x, *size)) {
        return refuse(conn, 503, "too many large requests at once");
    }
    memcpy(x->body + x->up.body_len, data, *size);
    x->up.body_len += *size;
    x->body[x->up.body_len] = '\0';
    *size = 0;
    return MHD_YES;
}

/* What is to be done in the access handler as the owner has decided, or not
 * yet. */
static enum MHD_Result
obey(struct http_conn *conn)
{
    struct MHD_Response *response;
    enum MHD_Result result;

    switch (conn->step) {
    case HTTP_STEP_REPLY:
        response = conn->response;
        conn->response = NULL;
        result = MHD_queue_response(conn->mhd, conn->status, response);
        MHD_destroy_response(response);
        conn->step = HTTP_STEP_QUEUED;
        return result;

    case HTTP_STEP_OWNER:
        if (conn->client_gone && conn->exchange) {
            http_request_cancel(conn);
            return MHD_NO;
        } else if (!conn->suspended) {
            conn->suspended = true;
            MHD_suspend_connection(conn->mhd);
        }
        return MHD_YES;

    case HTTP_STEP_QUEUED:
        return MHD_YES;

    case HTTP_STEP_HEAD:
    case HTTP_STEP_BODY:
    case HTTP_STEP_DROP:
    default:
        return MHD_NO;
    }
}

/* The request is whole. */
static enum MHD_Result
hand_over(struct http_conn *conn)
{
    struct http_server *server = conn->server;
    struct http_exchange *x = conn->exchange;

    x->up.received = time_msec();
    x->received_usec = time_usec();
    if (server->closing) {
        return refuse(conn, 503, HTTP_GOING_DOWN);
    } else if (server->stats.waiting >= server->limits.waiting) {
        return refuse(conn, 503, "too many requests at once");
    }
    x->up.path = x->target.path;
    x->up.segments = x->target.segments;
    x->up.n_segments = x->target.n_segments;
    x->up.query = x->target.query;
    x->up.n_query = x->target.n_query;

    server->stats.waiting++;
    conn->step = HTTP_STEP_OWNER;
    http_conn_set_phase(conn, HTTP_WAITING);
    server->handler->request(&x->up, server->aux);
    return obey(conn);
}

enum MHD_Result
http_exchange_access(void *server OVS_UNUSED,
                     struct MHD_Connection *mhd OVS_UNUSED,
                     const char *url OVS_UNUSED, const char *method,
                     const char *version, const char *data, size_t *size,
                     void **conn_)
{
    struct http_conn *conn = *conn_;

    if (!conn) {
        return MHD_NO;
    } else if (conn->step == HTTP_STEP_HEAD) {
        return receive_head(conn, method, version);
    } else if (conn->step == HTTP_STEP_BODY) {
        return *size ? receive_body(conn, data, size) : hand_over(conn);
    }
    *size = 0;
    return obey(conn);
}

/* A request is over for libmicrohttpd: its reply has gone out, or its
 * connection closes. */
void
http_exchange_completed(void *server OVS_UNUSED,
                        struct MHD_Connection *mhd OVS_UNUSED, void **conn_,
                        enum MHD_RequestTerminationCode how)
{
    struct http_conn *conn = *conn_;
    if (!conn) {
        return;
    }

    if (conn->exchange) {
        if (conn->step == HTTP_STEP_OWNER) {
            http_request_cancel(conn);
        } else {
            http_exchange_destroy(conn->exchange);
            conn->exchange = NULL;
        }
    }
    if (conn->response) {
        MHD_destroy_response(conn->response);
        conn->response = NULL;
    }
    http_conn_set_phase(conn, how == MHD_REQUEST_TERMINATED_COMPLETED_OK
                              ? HTTP_IDLE : HTTP_OVER);
    *conn_ = NULL;
}
