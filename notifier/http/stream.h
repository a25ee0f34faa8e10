/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H 1

/* A reply without end: a non-blocking pipe for bytes to one client.
 *
 * http_request_detach() makes one.  Over plain TCP the socket has then left
 * libmicrohttpd; with TLS the connection stays there, suspended, and only its
 * session is used.  All sockets are in one edge-triggered epoll set, so
 * a stream that is quiet costs nothing and an event costs the same however
 * many there are.
 *
 * What the client sends is not read.  A client that closes its side, even
 * only for sending, is gone.
 *
 * Bounds: the kernel keeps at most HTTP_STREAM_SNDBUF bytes of a stream (twice
 * that with its own overhead), and nothing is queued here beyond one TLS
 * record.  How much more to keep for a client that is slow is the owner's
 * decision.
 *
 * One thread: that of the server. */

#include <stdbool.h>
#include <stddef.h>

struct http_stream;

/* Unsent bytes that the kernel keeps of a stream, at most.  Enough for some
 * hundred events in one go; 10,000 clients that stop reading then cost 1.3 GB
 * at worst, where the kernel's own limit would make it 40 GB. */
#define HTTP_STREAM_SNDBUF (64 * 1024)

/* A peer that vanished without a word (power, cable) is gone when it has not
 * acknowledged a probe for about this many seconds. */
#define HTTP_STREAM_DEAD_S 60

/* Called from http_server_run() alone. */
struct http_stream_class {
    /* There is room again, after http_stream_send() took less than it was
     * given. */
    void (*writable)(struct http_stream *, void *aux);

    /* The client is gone, or the server is being destroyed.  Called once,
     * unless http_stream_close() comes first.  The stream takes no more bytes
     * and waits for http_stream_close(), in this call or later. */
    void (*closed)(struct http_stream *, void *aux);
};

/* Sends what can be sent at once of the 'len' bytes at 'data', in order, and
 * returns how many were taken: 'len', or less if there is no more room, and
 * then 'writable' is called later.  0 after an error or the end; 'closed' is
 * called later.  Never calls back. */
size_t http_stream_send(struct http_stream *, const void *data, size_t len);

/* Closes the connection, after what was taken has gone out, and frees the
 * stream. */
void http_stream_close(struct http_stream *);

/* "192.0.2.1:4711". */
const char *http_stream_peer(const struct http_stream *);

/* Bytes taken so far, without the header. */
unsigned long long int http_stream_sent(const struct http_stream *);

#endif /* http/stream.h */
