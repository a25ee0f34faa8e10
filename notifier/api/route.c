/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Finds a request's handler.  See route.h. */

#include <config.h>

#include "api/route.h"

#include <string.h>

#include "api/resource.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

#define SUFFIX ".json"

/* Length of 's' without SUFFIX. */
static size_t
bare_length(const char *s)
{
    size_t length = strlen(s);
    size_t suffix = strlen(SUFFIX);

    return (length > suffix && !strcmp(s + length - suffix, SUFFIX)
            ? length - suffix : length);
}

static void
add_word(struct api_match *match, char *word)
{
    ovs_assert(match->n_words < ROUTE_MAX_WORDS);
    match->words[match->n_words++] = word;
}

static bool
match_collection(const char *segment, size_t length, bool creatable,
                 struct api_match *match)
{
    char *plural = xmemdup0(segment, length);

    match->resource = api_resource_by_plural(plural);
    free(plural);
    return (match->resource
            && !(creatable && match->resource->kind == API_AGENT));
}

/* Matches 'segment' with one part of a pattern. */
static bool
match_part(const char *part, size_t part_length, const char *segment,
           bool last, struct api_match *match)
{
    size_t length = last ? bare_length(segment) : strlen(segment);

#define IS(S) (part_length == strlen(S) && !strncmp(part, S, part_length))
    if (IS("{collection}") || IS("{creatable}")) {
        return match_collection(segment, length, IS("{creatable}"), match);
    } else if (IS("{id}")) {
        add_word(match, xmemdup0(segment, length));
        return true;
    } else if (IS("{word}")) {
        add_word(match, xstrdup(segment));
        return true;
    }
#undef IS
    return part_length == length && !strncmp(part, segment, length);
}

static bool
match_path(const char *pattern, char *const *segments, size_t n,
           struct api_match *match)
{
    size_t i = 0;

    while (*pattern) {
        size_t length = strcspn(pattern, "/");

        if (!strcmp(pattern, "{rest}")) {
            return true;
        }
        if (i >= n || !match_part(pattern, length, segments[i], i == n - 1,
                                  match)) {
            return false;
        }
        i++;
        pattern += length;
        pattern += *pattern == '/';
    }
    return i == n;
}

static bool
match_method(const struct api_route *route, const char *method)
{
    return (!strcmp(route->method, "*") || !strcmp(route->method, method)
            || (!strcmp(route->method, "GET") && !strcmp(method, "HEAD")));
}

/* A method that several routes have is listed once. */
static void
add_method(struct ds *allow, const char *method)
{
    if (!strstr(ds_cstr(allow), method)) {
        ds_put_format(allow, "%s%s%s", allow->length ? ", " : "", method,
                      !strcmp(method, "GET") ? ", HEAD" : "");
    }
}

void
api_route_find(const struct api_route *routes, size_t n_routes,
               const char *method, char *const *segments, size_t n_segments,
               struct api_match *match, struct ds *allow)
{
    memset(match, 0, sizeof *match);
    for (size_t i = 0; i < n_routes; i++) {
        const struct api_route *route = &routes[i];

        if (match_path(route->pattern, segments, n_segments, match)) {
            if (match_method(route, method)) {
                match->route = route;
                ds_clear(allow);
                return;
            }
            add_method(allow, route->method);
        }
        api_match_destroy(match);
    }
}

void
api_match_destroy(struct api_match *match)
{
    for (size_t i = 0; i < match->n_words; i++) {
        free(match->words[i]);
    }
    memset(match, 0, sizeof *match);
}
