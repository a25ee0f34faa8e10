/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H 1

/* A request's target, "/v2.0/ports?name=a%20b", taken apart.
 *
 * Pure.  What it gives is decoded UTF-8; see http/request.h for what path and
 * query are.  ".", ".." and empty segments stay what they are: there is no
 * file system behind them, and a segment that nobody knows is not found. */

#include <stddef.h>

#include "compiler.h"

struct http_pair;

struct http_target {
    char *path;                 /* As sent, without the query. */
    char **segments;
    size_t n_segments;
    struct http_pair *query;
    size_t n_query;
    char *memory;               /* Holds segments and query. */
};

/* Takes 'raw' apart into '*target', for http_target_uninit().  Accepts an
 * absolute URL too, of which only the part after the authority is used, and
 * "*", which has no segments.
 *
 * Returns NULL, or what is wrong, for the caller to free, and then '*target'
 * needs no http_target_uninit(): a path that does not begin with "/", a "%"
 * without two hexadecimal digits, "%00", what is not UTF-8, a control
 * character, space or "#" that is not encoded. */
char *http_target_parse(const char *raw, struct http_target *target)
    OVS_WARN_UNUSED_RESULT;
void http_target_uninit(struct http_target *);

#endif /* http/target.h */
