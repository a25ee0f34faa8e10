/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_ROUTE_H
#define API_ROUTE_H 1

/* Which handler a request is for: by a table of methods and patterns of
 * paths.
 *
 * A pattern is a path, "v2.0/{collection}/{id}", whose parts in braces stand
 * for any one segment:
 *
 *     {collection}   the plural of a resource, "ports"
 *     {creatable}    of one whose objects are created by clients
 *     {id}           any; a ".json" at its end is not part of it
 *     {word}         any, as it is
 *     {rest}         any number of segments, at the end
 *
 * A ".json" at the end of the last segment is ignored elsewhere, too.
 *
 * Pure functions of their arguments. */

#include <stdbool.h>
#include <stddef.h>

struct api_call;
struct api_resource;
struct ds;

enum api_route_flags {
    ROUTE_OPEN = 1 << 0,        /* Needs no token. */
    ROUTE_NO_DATA = 1 << 1,     /* Needs nothing of the database. */
    ROUTE_ADMIN = 1 << 2,       /* Admins only. */
};

struct api_route {
    const char *method;         /* "*": any. */
    const char *pattern;
    void (*handler)(struct api_call *);
    unsigned int flags;
};

/* Segments that stand for a part of a pattern in braces, at most. */
#define ROUTE_MAX_WORDS 2

/* What a request's path says. */
struct api_match {
    const struct api_route *route; /* NULL: none. */
    const struct api_resource *resource; /* NULL: none in the pattern. */

    /* Of {id} and {word}, in order; NULL: none.  To be freed. */
    char *words[ROUTE_MAX_WORDS];
    size_t n_words;
};

/* Looks for the first of 'routes' that 'method' and the path's 'segments'
 * match.  HEAD is as GET.  If there is none, appends to 'allow' the methods
 * with which there were one, "GET, PUT"; nothing if the path is unknown. */
void api_route_find(const struct api_route *routes, size_t n_routes,
                    const char *method, char *const *segments,
                    size_t n_segments, struct api_match *, struct ds *allow);
void api_match_destroy(struct api_match *);

#endif /* api/route.h */
