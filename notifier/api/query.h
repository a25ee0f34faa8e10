/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The query of a GET: filters, fields, sorting, paging.
 *
 *     KEY=VALUE          filter by an API_FILTER attribute; a repeated key is
 *                        OR, different keys are AND; exact, MAC addresses in
 *                        any case, booleans as in bodies; "" is also null
 *     fixed_ips=ip_address=A | subnet_id=ID | ip_address_substr=S
 *                        of one address of the port
 *     tags=A,B           has all; tags-any: has one;
 *     not-tags=A,B       has not all; not-tags-any: has none
 *     changed_since=T    updated_at is not before T
 *     fields=NAME        repeatable; unknown ones are ignored
 *     sort_key, sort_dir in pairs; the id decides at last
 *     limit, marker, page_reverse
 *
 * Unknown keys are refused: "filter-validation". */

#ifndef API_QUERY_H
#define API_QUERY_H 1

#include <stdbool.h>
#include <stddef.h>

#include "api/attr.h"
#include "openvswitch/compiler.h"
#include "openvswitch/uuid.h"

struct api_error;
struct api_resource;
struct api_view;
struct api_viewer;
struct ds;
struct http_pair;

/* Keys of sorting, all of a query: beyond that it is no question. */
#define API_MAX_SORT_KEYS 8

/* The values of one attribute of which any suffices. */
struct api_filter {
    const struct api_attr *attr;
    char **values;              /* From api_attr_normalize_filter(). */
    size_t n;
};

enum api_tag_test { API_TAGS, API_TAGS_ANY, API_NOT_TAGS, API_NOT_TAGS_ANY };
struct api_tag_filter {
    enum api_tag_test test;
    char **tags;
    size_t n;
};

struct api_sort {
    const struct api_attr *attr;
    bool descending;
};

struct api_query {
    struct api_filter *filters;
    size_t n_filters;
    struct api_tag_filter *tag_filters;
    size_t n_tag_filters;
    char *changed_since;        /* NULL: not given. */
    const char **fields;        /* Borrowed; unknown ones left in. */
    size_t n_fields;
    struct api_sort sort[API_MAX_SORT_KEYS];
    size_t n_sort;
    size_t limit;               /* 0: no limit. */
    bool has_marker;
    struct uuid marker;
    bool page_reverse;
};

/* Parses 'n' pairs, which must outlive the query.  Refuses keys that do not
 * exist, or that the viewer (NULL: an admin) is not shown. */
struct api_error *api_query_parse(const struct api_resource *,
                                  const struct http_pair *pairs, size_t n,
                                  const struct api_viewer *,
                                  struct api_query *)
    OVS_WARN_UNUSED_RESULT;
void api_query_destroy(struct api_query *);

/* Whether the object of 'row' is asked for, and the viewer may see it. */
bool api_query_match(const struct api_resource *, const struct api_query *,
                     const struct api_view *, const struct nb_row *row);

/* The rows asked for, sorted, one page of them.  Costs O(rows that the most
 * selective indexed filter has), and nothing but a sort of them. */
struct api_page {
    const struct nb_row **rows;
    size_t n;
    bool more_before, more_after; /* There are others. */
};
struct api_error *api_query_run(const struct api_resource *,
                                const struct api_query *,
                                const struct api_view *, struct api_page *)
    OVS_WARN_UNUSED_RESULT;
void api_page_destroy(struct api_page *);

/* Appends the whole reply of a GET of the collection to 'out':
 * {"ports": [...]} and, if there is a limit, "ports_links".  'url' is the
 * collection's, "http://192.0.2.1:9696/v2.0/ports"; 'pairs' are those of the
 * query. */
struct api_error *api_list(const struct api_resource *,
                           const struct api_view *,
                           const struct http_pair *pairs, size_t n,
                           const char *url, struct ds *out)
    OVS_WARN_UNUSED_RESULT;

#endif /* api/query.h */
