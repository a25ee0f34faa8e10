/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef HTTP_TOKENS_H
#define HTTP_TOKENS_H 1

/* A table of tokens, from the text of a file of tokens (see auth.h).
 *
 * Pure.  Tokens are found by their SHA-256: the table does not know them, and
 * how long a look-up takes tells nothing about them. */

#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

struct http_identity;
struct http_tokens;

#define HTTP_HASH_LEN 32        /* Bytes of a SHA-256. */

/* Longest file that is read: 100,000 tokens are 10 MB. */
#define HTTP_TOKENS_MAX (16 * 1024 * 1024)

/* Parses 'text'.  Returns NULL and sets '*tokensp', or returns what is wrong,
 * beginning with "line N: ", for the caller to free. */
char *http_tokens_parse(const char *text, struct http_tokens **tokensp)
    OVS_WARN_UNUSED_RESULT;
void http_tokens_destroy(struct http_tokens *);

size_t http_tokens_count(const struct http_tokens *);

/* Whose 'token' is, or NULL. */
const struct http_identity *http_tokens_find(const struct http_tokens *,
                                             const char *token);

#endif /* http/tokens.h */
