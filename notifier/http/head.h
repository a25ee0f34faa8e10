/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H 1

/* What a request's headers must be like before anything else is done.
 *
 * Pure.  libmicrohttpd takes the first of several Content-Length headers, any
 * Transfer-Encoding and any name: where a proxy in front takes another, one
 * request becomes two.  So what can be read in two ways is refused. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

struct http_pair;

struct http_framing {
    bool chunked;
    uint64_t content_length;    /* 0 if there is none. */
};

/* Checks the headers of a request of 'version' "HTTP/1.1" or older and fills
 * '*framing'.  Returns NULL, or what is wrong, for the caller to free, with
 * '*status' 400 or 501. */
char *http_head_check(const struct http_pair *headers, size_t n_headers,
                      const char *version, struct http_framing *framing,
                      unsigned int *status)
    OVS_WARN_UNUSED_RESULT;

/* True if 's' is a token as RFC 9110 section 5.6.2 has it: a header's name, a
 * method. */
bool http_is_token(const char *s);

/* True if 's' may be sent as a header's value. */
bool http_is_header_value(const char *s);

/* The value of the first pair 'name', or NULL; in any case of letters or in
 * this one. */
const char *http_pairs_find_nocase(const struct http_pair *, size_t n,
                                   const char *name);
const char *http_pairs_find(const struct http_pair *, size_t n,
                            const char *name);

#endif /* http/head.h */
