/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef RPC_WIRE_H
#define RPC_WIRE_H 1

/* Bytes to and from one client, plain or by TLS, alike to whoever uses it.
 *
 * Nothing here blocks.  After -EAGAIN the same is to be tried again when the
 * descriptor's state has changed, in whatever direction: TLS may have to read
 * before it can write, or write before it can read.
 *
 * The process must ignore SIGPIPE.  One thread. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ssl_st;

struct rpc_wire {
    int fd;                     /* Non-blocking, ours; -1: closed. */
    struct ssl_st *ssl;         /* NULL: plain. */
};

/* Takes over 'fd', and 'ssl' (see tls.h) unless it is NULL. */
void rpc_wire_init(struct rpc_wire *, int fd, struct ssl_st *ssl);

/* Closes the descriptor.  With TLS, tells the peer before if 'politely'. */
void rpc_wire_close(struct rpc_wire *, bool politely);

/* Goes on with the handshake of TLS.  Returns 0 when it is done, -EAGAIN, or
 * another negative errno value with words in '*error' for the caller to
 * free. */
int rpc_wire_handshake(struct rpc_wire *, char **error);

/* Returns how many bytes it has stored in the 'size' > 0 bytes at 'data', 0 if
 * the peer sends no more, -EAGAIN, or another negative errno value. */
ssize_t rpc_wire_recv(struct rpc_wire *, void *data, size_t size);

/* Sends some of the 'len' > 0 bytes at 'data'.  Returns how many, > 0,
 * -EAGAIN, or another negative errno value.  After -EAGAIN the same bytes have
 * to come again, maybe at another address, maybe with more behind them. */
ssize_t rpc_wire_send(struct rpc_wire *, const void *data, size_t len);

/* Whether something has come that rpc_wire_recv() has not told of. */
bool rpc_wire_has_unread(const struct rpc_wire *);

#endif /* rpc/wire.h */
