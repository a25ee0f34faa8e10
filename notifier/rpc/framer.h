/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef RPC_FRAMER_H
#define RPC_FRAMER_H 1

/* Where one JSON text ends and the next begins in a stream of bytes.
 *
 * A message is an object or an array; between messages there is white space or
 * nothing.  Braces and brackets outside of strings are counted, no more than
 * that: what is between them may be no JSON at all, for a parser to find out.
 *
 * Each byte is looked at once, however the stream is cut up.  Between messages
 * a framer holds no memory.
 *
 * Pure: no socket, no clock, no other module. */

#include <stdbool.h>
#include <stddef.h>

/* Open vSwitch's parser takes no deeper nesting either. */
#define RPC_FRAMER_MAX_DEPTH 1000

struct rpc_framer {
    size_t max;                 /* Bytes of a message. */
    char *error;                /* In words; NULL: none. */

    char *buf;                  /* What has come of an unfinished message. */
    size_t len, allocated;

    unsigned int depth;         /* Braces and brackets open. */
    bool in_string, escaped;    /* Escaped: after a backslash. */
};

enum rpc_framer_status {
    RPC_FRAMER_MORE,            /* All bytes are used, none ends a message. */
    RPC_FRAMER_MESSAGE,         /* A message has ended. */
    RPC_FRAMER_ERROR,           /* See 'error'; there is no way on. */
};

void rpc_framer_init(struct rpc_framer *, size_t max);
void rpc_framer_destroy(struct rpc_framer *);

/* Feeds 'n' bytes of 'data', as far as the end of the first message in them;
 * stores in '*used' how many that was.
 *
 * For RPC_FRAMER_MESSAGE, stores the message, null-terminated, for the caller
 * to free, in '*message', and its length in '*len'; both are left alone
 * otherwise. */
enum rpc_framer_status rpc_framer_feed(struct rpc_framer *,
                                       const char *data, size_t n,
                                       size_t *used,
                                       char **message, size_t *len);

#endif /* rpc/framer.h */
