/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Checking a request's headers.  See head.h. */

#include <config.h>

#include "http/head.h"

#include <ctype.h>
#include <string.h>

#include "http/request.h"
#include "util.h"

bool
http_is_token(const char *s)
{
    if (!*s) {
        return false;
    }
    for (; *s; s++) {
        if (!isalnum((unsigned char) *s) && !strchr("!#$%&'*+-.^_`|~", *s)) {
            return false;
        }
    }
    return true;
}

bool
http_is_header_value(const char *s)
{
    for (; *s; s++) {
        unsigned char c = *s;
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

const char *
http_pairs_find_nocase(const struct http_pair *pairs, size_t n,
                       const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcasecmp(pairs[i].name, name)) {
            return pairs[i].value;
        }
    }
    return NULL;
}

const char *
http_pairs_find(const struct http_pair *pairs, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(pairs[i].name, name)) {
            return pairs[i].value;
        }
    }
    return NULL;
}

/* Sets '*value' to that of the header 'name', or to NULL.  False if there are
 * several. */
static bool
find_only(const struct http_pair *headers, size_t n, const char *name,
          const char **value)
{
    *value = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!strcasecmp(headers[i].name, name)) {
            if (*value) {
                return false;
            }
            *value = headers[i].value;
        }
    }
    return true;
}

/* Fills 'framing' from the two headers that say how long the body is. */
static char *
check_framing(const char *length, const char *encoding,
              struct http_framing *framing, unsigned int *status)
{
    if (encoding) {
        if (length) {
            return xstrdup("Content-Length and Transfer-Encoding exclude "
                           "each other");
        } else if (strcasecmp(encoding, "chunked")) {
            *status = 501;
            return xasprintf("Transfer-Encoding \"%s\" is not supported",
                             encoding);
        }
        framing->chunked = true;
    } else if (length) {
        unsigned long long int value;

        if (length[strspn(length, "0123456789")]
            || !str_to_ullong(length, 10, &value)) {
            return xasprintf("Content-Length \"%s\" is not a number of bytes",
                             length);
        }
        framing->content_length = value;
    }
    return NULL;
}

char *
http_head_check(const struct http_pair *headers, size_t n,
                const char *version, struct http_framing *framing,
                unsigned int *status)
{
    const char *host, *length, *encoding;

    *framing = (struct http_framing) { .chunked = false };
    *status = 400;
    for (size_t i = 0; i < n; i++) {
        if (!http_is_token(headers[i].name)) {
            return xasprintf("header %"PRIuSIZE" has a malformed name", i + 1);
        } else if (!http_is_header_value(headers[i].value)) {
            return xasprintf("header %s has a control character",
                             headers[i].name);
        }
    }
    if (!find_only(headers, n, "Host", &host)
        || (!host && strcmp(version, "HTTP/1.0"))) {
        return xstrdup("one Host header is needed");
    } else if (!find_only(headers, n, "Content-Length", &length)) {
        return xstrdup("several Content-Length headers");
    } else if (!find_only(headers, n, "Transfer-Encoding", &encoding)) {
        return xstrdup("several Transfer-Encoding headers");
    }
    return check_framing(length, encoding, framing, status);
}
