/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef HTTP_AUTH_H
#define HTTP_AUTH_H 1

/* Who is asking: bearer tokens, known by their SHA-256 alone.
 *
 * A file of tokens has lines
 *
 *     sha256:HASH PROJECT ROLE [NAME]
 *
 * where HASH is 64 hexadecimal digits, PROJECT the id of the project whose
 * objects the bearer is concerned with ("-" for none: admins alone), ROLE
 * "admin", "member" or "reader", and NAME (default: the first 8 digits) what
 * the bearer is called in logs and in the history.  Empty lines and what
 * follows "#" at the start of a word are ignored.  A line is made by
 *
 *     token=$(openssl rand -hex 32)
 *     echo "sha256:$(printf %s "$token" | sha256sum | cut -c-64) blue member"
 *
 * The file is read again when it has changed.  Errors: a file that cannot be
 * read or parsed leaves the table as it was, and is logged with the number of
 * the line.  One thread. */

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"

struct http_auth;
struct http_request;

/* How often, in ms, at most to look whether the file has changed: a look is
 * one stat(). */
#define HTTP_AUTH_CHECK_MS 1000

enum http_role { HTTP_READER, HTTP_MEMBER, HTTP_ADMIN };

struct http_identity {
    enum http_role role;
    const char *project_id;     /* "" for none. */
    const char *name;
};

/* Reads 'method', "tokens:FILE".  Returns NULL and sets '*authp', or returns
 * what is wrong, for the caller to free. */
char *http_auth_create(const char *method, struct http_auth **authp)
    OVS_WARN_UNUSED_RESULT;
void http_auth_destroy(struct http_auth *);

/* Whose token 'request' carries, in "X-Auth-Token: TOKEN" or else
 * "Authorization: Bearer TOKEN"; NULL if it has none or one unknown.  Valid
 * until the next call. */
const struct http_identity *http_auth_identify(struct http_auth *,
                                               const struct http_request *);

/* The same for a token by itself. */
const struct http_identity *http_auth_lookup(struct http_auth *,
                                             const char *token);

/* Why the file as it is now is not in force, or NULL if it is; valid until the
 * next call. */
const char *http_auth_fault(const struct http_auth *);

/* "admin", "member", "reader". */
const char *http_role_to_string(enum http_role);

#endif /* http/auth.h */
