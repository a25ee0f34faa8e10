/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef RPC_TLS_H
#define RPC_TLS_H 1

/* TLS for those who connect: one OpenSSL context, made of files that are read
 * again when they have changed.
 *
 * A client needs a certificate that the CA's has signed.  TLS 1.2 and later,
 * unless configured otherwise; no renegotiation, no resumption: each
 * connection is judged by the files as they are then.
 *
 * One thread. */

#include "compiler.h"

struct rpc_tls;
struct rpc_tls_config;
struct ssl_st;

/* Makes a context; the strings in the configuration are borrowed for as long
 * as it lives.  Returns NULL, or what is wrong, in words for the caller to
 * free. */
char *rpc_tls_create(const struct rpc_tls_config *, struct rpc_tls **)
    OVS_WARN_UNUSED_RESULT;
void rpc_tls_destroy(struct rpc_tls *);

/* Returns a session, for SSL_free(), of the client at 'fd', which it does not
 * own; NULL if there is none to be had, with a line in the log.
 *
 * Looks at the files, at most once a second.  If they have changed and cannot
 * be used, what they were stays in force, with a line in the log, and they are
 * tried again. */
struct ssl_st *rpc_tls_accept(struct rpc_tls *, int fd);

/* Returns the common name in the client's certificate, for the caller to
 * free, or NULL if it has none, or an empty one, or one with a null byte in
 * it, which could be taken for a shorter one. */
char *rpc_tls_peer_name(struct ssl_st *);

/* What OpenSSL says went wrong in this thread, for the caller to free;
 * it is then forgotten. */
char *rpc_tls_error(void);

#endif /* rpc/tls.h */
