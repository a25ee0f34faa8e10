/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef RPC_LISTEN_H
#define RPC_LISTEN_H 1

/* Sockets that take clients, of the kinds and in the syntax of ovsdb-server.
 * The file of a Unix socket is removed with it, and when the process ends,
 * also by a signal.  One thread. */

#include <stdbool.h>

#include "compiler.h"

struct rpc_listener {
    int fd;                     /* Non-blocking. */
    enum rpc_kind { RPC_UNIX, RPC_TCP, RPC_TLS } kind;
    char *name;                 /* With the port that the kernel chose. */
    char *path;                 /* Of a Unix socket; NULL: none. */
};

/* Listens at 'remote', see rpc_server_listen().  Returns NULL, or what is
 * wrong, in words for the caller to free. */
char *rpc_listener_open(struct rpc_listener *, const char *remote)
    OVS_WARN_UNUSED_RESULT;
void rpc_listener_close(struct rpc_listener *);

/* Takes the next client.  Returns its descriptor, non-blocking, and stores
 * what it is called (see rpc_conn_peer()) in '*peer', for the caller to free;
 * or returns a negative errno value: -EAGAIN if there is none. */
int rpc_listener_accept(struct rpc_listener *, char **peer);

/* Whether 'remote' wants TLS. */
bool rpc_remote_is_tls(const char *remote);

#endif /* rpc/listen.h */
