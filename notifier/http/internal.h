/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H 1

/* What the files of the server share; nobody else includes this.
 *
 *     server.c    the daemon, its limits, run and wait
 *     conn.c      connections: phases and their deadlines
 *     exchange.c  receiving a request, handing it over
 *     request.c   ending it
 *     stream.c    replies without end
 *     wire.c      bytes sent past libmicrohttpd
 *     linger.c    sockets that are closing
 *     counts.c    metrics
 *
 * libmicrohttpd 0.9.75, what is relied on:
 *
 * - With MHD_USE_TURBO it closes a socket without shutdown(), so a duplicate
 *   lives on.  It takes a socket out of its epoll set when it suspends the
 *   connection and before it closes it.
 * - The access handler is called with the head, with pieces of the body, and
 *   a last time; a response may be queued in the first call (then the
 *   connection closes) and in the last, not between.  When it returns MHD_NO
 *   the connection is closed without a reply.
 * - A resumed connection gets that last call again, at the next MHD_run(),
 *   which the epoll descriptor does not ask for.  The first MHD_run() after a
 *   resume looks at every suspended connection.
 * - It watches sockets by edges, and after a read that was not full waits for
 *   the next one: an end that came together with data is never seen.  A
 *   shutdown() by us is an edge of its own.
 * - shutdown(SHUT_RDWR) by us makes it close a connection it waits for.
 * - When a kept-alive connection is ready for the next request its whole
 *   memory pool is overwritten: it costs its full size from then on. */

#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdbool.h>

#include "http/counts.h"
#include "http/request.h"
#include "http/server.h"
#include "http/target.h"
#include "openvswitch/list.h"
#include "watch.h"

/* What is said to clients when the server is destroyed. */
#define HTTP_GOING_DOWN "the server is going down"

/* How a connection spends its time.  Each phase but the last three has
 * one length for all, so its connections are in the order of their deadlines.
 */
enum http_phase {
    HTTP_FIRST,                 /* No request yet: request_ms. */
    HTTP_IDLE,                  /* Since a reply went out: idle_ms. */
    HTTP_RECEIVING,             /* From a request's first line: request_ms. */
    HTTP_REPLYING,              /* reply_ms. */
    HTTP_CLOSING,               /* We have sent our end: HTTP_LINGER_MS. */
    HTTP_WAITING,               /* For the owner of the request. */
    HTTP_STREAMING,             /* By TLS. */
    HTTP_OVER,                  /* libmicrohttpd is about to close it. */
    HTTP_N_PHASES
};

/* What the access handler does when it is called next. */
enum http_step {
    HTTP_STEP_HEAD,             /* Looks at the head. */
    HTTP_STEP_BODY,             /* Collects the body, then hands over. */
    HTTP_STEP_OWNER,            /* Nothing: suspended. */
    HTTP_STEP_REPLY,            /* Queues 'response'. */
    HTTP_STEP_QUEUED,           /* Nothing: the reply is on its way. */
    HTTP_STEP_DROP,             /* Has the connection closed. */
};

/* A connection, from libmicrohttpd's first word of it to its last. */
struct http_conn {
    struct http_server *server;
    struct MHD_Connection *mhd;
    gnutls_session_t tls;       /* NULL: plain TCP. */
    int fd;
    char *peer;

    struct ovs_list node;       /* In server's 'phases[phase]'. */
    enum http_phase phase;
    long long int deadline;
    bool linger;                /* Close so that the client gets our error. */

    enum http_step step;
    struct http_exchange *exchange; /* Not yet ended by its owner; or NULL. */
    bool suspended;
    struct watch watch;         /* Is the client there? */
    bool client_gone;           /* It has closed its end. */
    struct ovs_list gone_node;  /* In server's 'gone' until MHD is told. */
    struct MHD_Response *response;
    unsigned int status;
    struct http_stream *stream; /* By TLS. */
};

/* A request: what its owner sees of it, and what he does not. */
struct http_exchange {
    struct http_request up;
    struct http_conn *conn;     /* NULL: the client is gone. */
    const char *target_end;     /* Where libmicrohttpd's text of it ends. */
    char *raw;                  /* 'up.target'. */
    char *peer;                 /* 'up.peer'. */
    char *text;                 /* Method and headers. */
    struct http_target target;
    char *body;
    size_t body_allocated;
    uint64_t content_length;
    long long int received_usec;
};

struct http_server {
    struct http_limits limits;
    unsigned int n_descriptors; /* Asked for. */
    const struct http_handler *handler;
    void *aux;

    struct MHD_Daemon *mhd;
    int mhd_fd;                 /* Its epoll descriptor. */
    char *key, *certificate;    /* PEM; NULL: plain. */
    int listen_fd;
    uint16_t port;
    long long int accept_after; /* No descriptor was left: not before. */
    bool resumed;               /* MHD_run() is due. */
    bool closing;               /* No further request is handed over. */

    struct watches watches;
    struct ovs_list phases[HTTP_N_PHASES];
    struct ovs_list gone;       /* Connections whose clients have gone. */
    struct ovs_list streams;
    struct ovs_list failed;     /* Streams to be told that they are closed. */
    struct ovs_list lingering;
    unsigned int n_lingering;
    struct http_stats stats;
    struct http_counts counts;
};

/* conn.c */
void http_conn_notify(void *server, struct MHD_Connection *, void **conn,
                      enum MHD_ConnectionNotificationCode);
struct http_conn *http_conn_from_mhd(struct MHD_Connection *);
void http_conn_set_phase(struct http_conn *, enum http_phase);
void http_conn_resume(struct http_conn *, enum http_step);
void http_conns_init(struct http_server *);
void http_conns_run(struct http_server *);
void http_conns_show_ends(struct http_server *);
void http_conns_wait(struct http_server *);

/* exchange.c */
void *http_exchange_first_line(void *server, const char *target,
                               struct MHD_Connection *);
enum MHD_Result http_exchange_access(void *server, struct MHD_Connection *,
                                     const char *url, const char *method,
                                     const char *version, const char *data,
                                     size_t *size, void **conn);
void http_exchange_completed(void *server, struct MHD_Connection *,
                             void **conn, enum MHD_RequestTerminationCode);

/* request.c */
struct MHD_Response *http_response_create(unsigned int status,
                                          const char *content_type,
                                          char *body, size_t body_len,
                                          const struct http_pair *headers,
                                          size_t n_headers);
char *http_error_body(struct http_server *, unsigned int status,
                      const char *message, const char **content_type);
struct MHD_Response *http_error_response(struct http_server *,
                                         unsigned int status,
                                         const char *message);
void http_request_cancel(struct http_conn *);
void http_request_refuse(struct http_request *, unsigned int status,
                         const char *message);
struct http_exchange *http_exchange_cast(const struct http_request *);
void http_exchange_destroy(struct http_exchange *);
struct http_conn *http_exchange_leave(struct http_exchange *);

/* stream.c */
void http_streams_run(struct http_server *);
void http_streams_wait(struct http_server *);
void http_streams_orphan(struct http_server *);

/* wire.c */
struct ds;
void http_wire_head(struct ds *, unsigned int status,
                    const struct http_pair *headers, size_t n_headers);
ssize_t http_wire_send(int fd, gnutls_session_t, const void *, size_t len);
void http_wire_send_error(struct http_conn *, unsigned int status,
                          const char *message);

/* linger.c */

/* How long, in ms, and for how many bytes to read what a client still sends
 * that we have answered already: closing at once would reset the connection,
 * and the client would not see the answer. */
#define HTTP_LINGER_MS 2000
#define HTTP_LINGER_BYTES (16 * 1024 * 1024)
#define HTTP_MAX_LINGERING 1024

void http_linger(struct http_server *, int fd);
void http_linger_run(struct http_server *);
void http_linger_wait(struct http_server *);
void http_linger_uninit(struct http_server *);

#endif /* http/internal.h */
