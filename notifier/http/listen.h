/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H 1

/* Where to listen: "HOST:PORT", where HOST is an IPv4 address, an IPv6 address
 * in brackets, "localhost" or any name that resolves at once; port 0 lets the
 * kernel choose.  "[::]:PORT" takes IPv4 too. */

#include <stdbool.h>
#include <sys/socket.h>

#include "compiler.h"

/* Parses 'listen' into '*ss'.  Returns NULL or what is wrong, for the caller
 * to free.  A name may ask the resolver, and block. */
char *http_listen_parse(const char *listen, struct sockaddr_storage *ss)
    OVS_WARN_UNUSED_RESULT;

/* True if nobody but this machine can connect to 'listen'.  False for what
 * cannot be parsed. */
bool http_listen_is_loopback(const char *listen);

/* Opens a non-blocking listening socket.  Returns NULL and sets '*fdp', or
 * returns what is wrong, for the caller to free. */
char *http_listen_open(const char *listen, int *fdp)
    OVS_WARN_UNUSED_RESULT;

#endif /* http/listen.h */
