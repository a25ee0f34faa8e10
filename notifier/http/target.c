/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Taking a request's target apart.  See target.h. */

#include <config.h>

#include "http/target.h"

#include <ctype.h>
#include <string.h>

#include "http/request.h"
#include "unicode.h"
#include "util.h"

/* Returns the part of 'raw' after the authority, if it has one. */
static const char *
skip_authority(const char *raw)
{
    if (strncasecmp(raw, "http://", 7) && strncasecmp(raw, "https://", 8)) {
        return raw;
    }
    const char *authority = strchr(raw, ':') + 3;
    return authority + strcspn(authority, "/?");
}

/* Decodes 's' in place.  Returns NULL or what is wrong. */
static char *
decode(char *s, bool plus_is_space)
{
    char *to = s;

    for (const char *from = s; *from; from++) {
        if (*from == '%') {
            bool ok = isxdigit((unsigned char) from[1])
                      && isxdigit((unsigned char) from[2]);
            if (!ok) {
                return xasprintf("\"%.3s\" is not \"%%\" and two hexadecimal "
                                 "digits", from);
            }
            *to = hexits_value(from + 1, 2, &ok);
            if (!*to) {
                return xstrdup("\"%00\" is not allowed");
            }
            to++;
            from += 2;
        } else {
            *to++ = *from == '+' && plus_is_space ? ' ' : *from;
        }
    }
    *to = '\0';

    size_t length;
    char *error = utf8_validate(s, &length);
    if (error) {
        free(error);
        return xstrdup("what it encodes is not UTF-8");
    }
    return NULL;
}

/* Returns NULL if every byte of 's' may stand in a target. */
static char *
check_bytes(const char *s)
{
    for (; *s; s++) {
        unsigned char c = *s;
        if (c <= ' ' || c == 0x7f || c == '#') {
            return xasprintf("byte 0x%02x must be percent-encoded", c);
        }
    }
    return NULL;
}

/* How many 'c' are in 's'. */
static size_t
count(const char *s, char c)
{
    size_t n = 0;
    for (; *s; s++) {
        n += *s == c;
    }
    return n;
}

/* Cuts 'path', which begins with "/", into decoded segments. */
static char *
parse_path(char *path, struct http_target *target)
{
    target->segments = xmalloc((count(path, '/') + 1)
                               * sizeof *target->segments);

    for (char *next = path + 1, *s; (s = strsep(&next, "/")); ) {
        if (!next && !*s) {
            break;              /* After the final slash. */
        }
        char *error = decode(s, false);
        if (error) {
            return error;
        }
        target->segments[target->n_segments++] = s;
    }
    return NULL;
}

static char *
parse_query(char *query, struct http_target *target)
{
    target->query = xmalloc((count(query, '&') + 1) * sizeof *target->query);

    for (char *s; (s = strsep(&query, "&")); ) {
        if (!*s) {
            continue;
        }
        char *value = strchr(s, '=');
        if (value) {
            *value++ = '\0';
        } else {
            value = strchr(s, '\0');
        }
        char *error = decode(s, true);
        if (!error) {
            error = decode(value, true);
        }
        if (error) {
            return error;
        }
        target->query[target->n_query++] = (struct http_pair) { s, value };
    }
    return NULL;
}

static char *
parse(const char *raw, struct http_target *target)
{
    char *error = check_bytes(raw);
    if (error) {
        return error;
    }

    const char *rest = skip_authority(raw);
    const char *question = strchrnul(rest, '?');
    target->path = question == rest && rest != raw
                   ? xstrdup("/") : xmemdup0(rest, question - rest);
    if (!strcmp(target->path, "*")) {
        return NULL;
    } else if (target->path[0] != '/') {
        return xstrdup("the path does not begin with \"/\"");
    }

    size_t path_size = strlen(target->path) + 1;
    target->memory = xmalloc(path_size + strlen(question) + 1);
    memcpy(target->memory, target->path, path_size);
    error = parse_path(target->memory, target);
    if (!error && *question) {
        char *query = target->memory + path_size;
        strcpy(query, question + 1);
        error = parse_query(query, target);
    }
    return error;
}

char *
http_target_parse(const char *raw, struct http_target *target)
{
    memset(target, 0, sizeof *target);

    char *reason = parse(raw, target);
    if (!reason) {
        return NULL;
    }
    http_target_uninit(target);
    char *error = xasprintf("malformed URL: %s", reason);
    free(reason);
    return error;
}

void
http_target_uninit(struct http_target *target)
{
    free(target->path);
    free(target->segments);
    free(target->query);
    free(target->memory);
    memset(target, 0, sizeof *target);
}
