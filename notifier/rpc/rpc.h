/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef RPC_RPC_H
#define RPC_RPC_H 1

/* Connections of JSON-RPC clients (JSON-RPC 1.0, as RFC 7047 section 4 has it:
 * JSON texts one after the other on a byte stream).
 *
 *     listen   sockets that take clients: punix:, ptcp:, pssl:
 *     wire     bytes to and from one client, plain or by TLS
 *     framer   where one message ends and the next begins (pure)
 *     tls      contexts of OpenSSL, from files
 *     rpc      connections: what is here
 *
 * This layer knows bytes and messages, not what they mean: what is in a
 * message is the owner's to parse, and a message that is no JSON at all may
 * come through.  All sockets are in one epoll set, whose descriptor is in the
 * poll loop, so that a connection that says nothing costs no time.
 *
 * What a client can make us keep in memory is bounded: a message has at most
 * 'max_message' bytes, all that have begun and not ended have together at most
 * 'max_input', there are at most 'max_connections', and who does not answer an
 * echo is gone after twice 'probe_interval'.  Whoever breaks a limit loses its
 * connection, with a line in the log; nobody else notices.
 *
 * Who has been silent for 'probe_interval' is sent an echo request, but for
 * clients at a unix socket that have sent whole messages: the kernel tells of
 * their end, as ovsdb-server has it.  Any byte
 * is a sign of life, also one that has not been read because the owner does
 * not ask: such a client, if it does not read what it is sent, is the owner's
 * to end (see rpc_conn_stalled_msec()).
 *
 * The process must ignore SIGPIPE, and may have as many descriptors as there
 * can be connections; when none is left, new clients wait.
 *
 * One thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

struct ds;
struct rpc_conn;
struct rpc_server;

/* Each with its default, for 0. */
struct rpc_limits {
    size_t max_message;         /* Bytes; default 8 MiB. */
    size_t max_input;           /* Bytes of unfinished messages, and of what
                                 * was read with others and not asked for;
                                 * 128 MiB. */
    unsigned int max_connections; /* 16384. */
    unsigned int probe_interval; /* Milliseconds; 30000. */
    unsigned int handshake_time; /* Of TLS; milliseconds; 10000. */
};

/* Files in PEM, borrowed; all NULL: no TLS.  They are read again when they
 * have changed, like those of ovsdb-server. */
struct rpc_tls_config {
    const char *private_key;
    const char *certificate;
    const char *ca_cert;        /* Clients need one that it has signed. */
    const char *protocols;      /* As --ssl-protocols; NULL: default. */
    const char *ciphers;        /* As --ssl-ciphers; NULL: default. */
};

/* What the owner is told; all from rpc_server_run().  In a callback any
 * connection may be sent to or closed. */
struct rpc_handler {
    /* A client is there (with TLS: and has shown its certificate).  The
     * pointer returned is the connection's rpc_conn_aux(). */
    void *(*opened)(struct rpc_conn *, void *aux);

    /* Bytes have come: rpc_conn_next() may have a message.  An owner that does
     * not ask until it returns NULL has to do so later by itself. */
    void (*readable)(struct rpc_conn *, void *aux);

    /* All that was sent has gone out, after it could not go at once. */
    void (*drained)(struct rpc_conn *, void *aux);

    /* The connection is over, by whatever side, for 'reason'; it must not be
     * used after this.  Not called for rpc_conn_close(). */
    void (*closed)(struct rpc_conn *, const char *reason, void *aux);
};

struct rpc_server *rpc_server_create(const struct rpc_limits *,
                                     const struct rpc_handler *, void *aux);

/* Closes every connection, without a callback, and every listener. */
void rpc_server_destroy(struct rpc_server *);

/* Configures TLS, before the first pssl: listener.  Returns NULL, or what is
 * wrong, in words for the caller to free. */
char *rpc_server_set_tls(struct rpc_server *, const struct rpc_tls_config *)
    OVS_WARN_UNUSED_RESULT;

/* Listens at 'remote': "punix:FILE", "ptcp:[PORT][:HOST]" or
 * "pssl:[PORT][:HOST]" in the syntax of ovsdb-server (PORT 0: the kernel's
 * choice, told by rpc_server_format()).  Returns NULL, or what is wrong, in
 * words for the caller to free. */
char *rpc_server_listen(struct rpc_server *, const char *remote)
    OVS_WARN_UNUSED_RESULT;

void rpc_server_run(struct rpc_server *);
void rpc_server_wait(struct rpc_server *);

/* Appends a line for each listener to 'out', for people. */
void rpc_server_format(const struct rpc_server *, struct ds *out);

struct rpc_stats {
    unsigned int connections;
    unsigned int handshakes;    /* By TLS, not finished. */
    size_t input;               /* Bytes, see 'max_input'. */
    size_t output;              /* Bytes not gone out yet, of all. */
    uint64_t n_accepted, n_refused; /* Refused: max_connections. */
    uint64_t n_bytes_in, n_bytes_out;
};
void rpc_server_get_stats(const struct rpc_server *, struct rpc_stats *);

/* The oldest connection's successor and so on; NULL after the last. */
struct rpc_conn *rpc_server_first(const struct rpc_server *);
struct rpc_conn *rpc_conn_following(const struct rpc_conn *);

void *rpc_conn_aux(const struct rpc_conn *);

/* "tcp:192.0.2.1:4711", "ssl:...", "unix#17" (its number, for it has no
 * address of its own). */
const char *rpc_conn_peer(const struct rpc_conn *);

/* Whether the client has come by TLS, and so has shown a certificate. */
bool rpc_conn_is_tls(const struct rpc_conn *);

/* The common name in the client's certificate; NULL without TLS, or if it has
 * none, or one that cannot be told from another (with a null byte in it). */
const char *rpc_conn_identity(const struct rpc_conn *);

/* Returns the next whole message, null-terminated, for the caller to free,
 * with its length in '*lenp', or NULL if there is none yet or the connection
 * is over.  After NULL, readable() is called when it is worth asking again.
 * Reads the socket as far as a message needs, so that a client whose owner
 * does not ask is not read.  Echo requests and replies are the owner's like
 * all else. */
char *rpc_conn_next(struct rpc_conn *, size_t *lenp);

/* Queues 'len' bytes, which are copied; with rpc_conn_flush() they go out as
 * far as the socket takes them; what it does not take goes out when it can.
 * A message may be sent in parts, but must be whole before the next
 * rpc_server_run(), which may send an echo request.  No effect on a connection
 * that is over and whose owner has not been told yet. */
void rpc_conn_send(struct rpc_conn *, const void *data, size_t len);
void rpc_conn_flush(struct rpc_conn *);

/* Whether the client has closed its end, or all of it: there may be messages
 * left. */
bool rpc_conn_is_hung_up(const struct rpc_conn *);

/* Bytes sent that have not gone out. */
size_t rpc_conn_backlog(const struct rpc_conn *);

/* So long has nothing gone out though something is to, in milliseconds; 0 if
 * nothing is. */
long long int rpc_conn_stalled_msec(const struct rpc_conn *);

uint64_t rpc_conn_bytes_sent(const struct rpc_conn *);

/* Ends the connection without a callback, trying to send what is queued. */
void rpc_conn_close(struct rpc_conn *);

#endif /* rpc/rpc.h */
