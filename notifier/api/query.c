/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Parsing of the query of a GET.  See query.h. */

#include <config.h>

#include "api/query.h"

#include <stdlib.h>
#include <string.h>

#include "api/attr-type.h"
#include "api/error.h"
#include "api/resource.h"
#include "http/request.h"
#include "util.h"
#include "uuid.h"

struct parser {
    const struct api_resource *resource;
    const struct api_viewer *viewer;
    struct api_query *query;
    size_t n_sort_dirs;
};

/* Refuses 'attr' if it is NULL, has not 'flag', or is not shown to the
 * viewer. */
static struct api_error *
check_attr(const struct parser *parser, const struct api_attr *attr,
           unsigned int flag, const char *name, const char *what)
{
    if (attr && attr->flags & flag) {
        return (!(attr->flags & API_ADMIN_SEE)
                || api_viewer_is_admin(parser->viewer)
                ? NULL
                : api_error(403, "PolicyNotAuthorized",
                            "Attribute '%s' is shown to an administrator "
                            "only: disallowed by policy", attr->name));
    }

    char *quoted = api_quote_string(name);
    struct api_error *error = api_error(
        400, NULL, "%s is invalid attribute for %s of %s", quoted, what,
        parser->resource->plural);
    free(quoted);
    return error;
}

static struct api_filter *
get_filter(struct api_query *query, const struct api_attr *attr)
{
    for (size_t i = 0; i < query->n_filters; i++) {
        if (query->filters[i].attr == attr) {
            return &query->filters[i];
        }
    }
    query->filters = xrealloc(query->filters, ((query->n_filters + 1)
                                               * sizeof *query->filters));

    struct api_filter *filter = &query->filters[query->n_filters++];
    *filter = (struct api_filter) { .attr = attr };
    return filter;
}

static void
add_string(char ***stringsp, size_t *n, char *s)
{
    /* A power of two of them is allocated. */
    if (!(*n & (*n - 1))) {
        *stringsp = xrealloc(*stringsp,
                             (*n ? *n * 2 : 1) * sizeof **stringsp);
    }
    (*stringsp)[(*n)++] = s;
}

static struct api_error *
parse_filter(struct parser *parser, const struct http_pair *pair)
{
    const struct api_attr *attr = api_find_attr(parser->resource, pair->name);
    char *value;

    struct api_error *error = check_attr(parser, attr, API_FILTER, pair->name,
                                         "filtering");
    if (!error) {
        error = api_attr_normalize_filter(attr, pair->value, &value);
    }
    if (!error) {
        struct api_filter *filter = get_filter(parser->query, attr);

        add_string(&filter->values, &filter->n, value);
    }
    return error;
}

/* Each name once, and of unknown ones one at most: they say that not all is to
 * be shown. */
static struct api_error *
parse_fields(struct parser *parser, const struct http_pair *pair)
{
    struct api_query *query = parser->query;
    const struct api_attr *attr = api_find_attr(parser->resource,
                                                pair->value);

    if (!pair->value[0]) {
        return NULL;
    }
    for (size_t i = 0; i < query->n_fields; i++) {
        const char *field = query->fields[i];

        if (attr ? !strcmp(field, attr->name)
            : !api_find_attr(parser->resource, field)) {
            return NULL;
        }
    }
    query->fields = xrealloc(query->fields, ((query->n_fields + 1)
                                             * sizeof *query->fields));
    query->fields[query->n_fields++] = attr ? attr->name : pair->value;
    return NULL;
}

static struct api_error *
parse_sort_key(struct parser *parser, const struct http_pair *pair)
{
    const struct api_attr *attr = api_find_attr(parser->resource,
                                                pair->value);
    struct api_query *query = parser->query;

    struct api_error *error = check_attr(parser, attr, API_SORT, pair->value,
                                         "sort_key");
    if (!error && query->n_sort >= API_MAX_SORT_KEYS) {
        error = api_error(400, NULL, "More than %d sort_key",
                          API_MAX_SORT_KEYS);
    }
    if (!error) {
        query->sort[query->n_sort++].attr = attr;
    }
    return error;
}

static struct api_error *
parse_sort_dir(struct parser *parser, const struct http_pair *pair)
{
    bool descending = !strcmp(pair->value, "desc");

    if (!descending && strcmp(pair->value, "asc")) {
        char *quoted = api_quote_string(pair->value);
        struct api_error *error = api_error(
            400, NULL, "%s is invalid value for sort_dir, valid value is "
            "'asc' and 'desc'", quoted);
        free(quoted);
        return error;
    }
    if (parser->n_sort_dirs < API_MAX_SORT_KEYS) {
        parser->query->sort[parser->n_sort_dirs].descending = descending;
    }
    parser->n_sort_dirs++;
    return NULL;
}

static struct api_error *
parse_limit(struct parser *parser, const struct http_pair *pair)
{
    int64_t limit;

    if (!api_integer_from_string(pair->value, &limit) || limit < 0) {
        char *quoted = api_quote_string(pair->value);
        struct api_error *error = api_error(
            400, NULL, "Limit must be an integer 0 or greater and not %s",
            quoted);
        free(quoted);
        return error;
    }
    parser->query->limit = MIN(limit, UINT32_MAX);
    return NULL;
}

static struct api_error *
parse_marker(struct parser *parser, const struct http_pair *pair)
{
    if (!uuid_from_string(&parser->query->marker, pair->value)) {
        char *quoted = api_quote_string(pair->value);
        struct api_error *error = api_error_input(
            "marker", "%s is not a valid UUID", quoted);
        free(quoted);
        return error;
    }
    parser->query->has_marker = true;
    return NULL;
}

static struct api_error *
parse_page_reverse(struct parser *parser, const struct http_pair *pair)
{
    if (!api_boolean_from_string(pair->value, &parser->query->page_reverse)) {
        char *quoted = api_quote_string(pair->value);
        struct api_error *error = api_error_input(
            "page_reverse", "%s cannot be converted to boolean", quoted);
        free(quoted);
        return error;
    }
    return NULL;
}

/* "2026-11-22T12:47:00", with "Z" or without: as updated_at, with which it is
 * compared as text. */
static struct api_error *
parse_changed_since(struct parser *parser, const struct http_pair *pair)
{
    static const char pattern[] = "dddd-dd-ddTdd:dd:dd";
    const char *s = pair->value;
    size_t i = 0;

    while (pattern[i] && (pattern[i] == 'd'
                          ? s[i] >= '0' && s[i] <= '9' : s[i] == pattern[i])) {
        i++;
    }
    if (pattern[i] || (s[i] && strcmp(&s[i], "Z"))) {
        char *quoted = api_quote_string(s);
        struct api_error *error = api_error(
            400, "InvalidInput", "Invalid input for changed_since: %s is not "
            "a time like 2026-11-22T12:47:00Z.", quoted);
        free(quoted);
        return error;
    }
    free(parser->query->changed_since);
    parser->query->changed_since = xasprintf("%.*sZ", (int) i, s);
    return NULL;
}

static struct api_tag_filter *
get_tag_filter(struct api_query *query, enum api_tag_test test)
{
    for (size_t i = 0; i < query->n_tag_filters; i++) {
        if (query->tag_filters[i].test == test) {
            return &query->tag_filters[i];
        }
    }
    query->tag_filters = xrealloc(query->tag_filters,
                                  ((query->n_tag_filters + 1)
                                   * sizeof *query->tag_filters));

    struct api_tag_filter *filter =
        &query->tag_filters[query->n_tag_filters++];
    *filter = (struct api_tag_filter) { .test = test };
    return filter;
}

static struct api_error *
parse_tags(struct parser *parser, const struct http_pair *pair)
{
    bool not = !strncmp(pair->name, "not-", 4);
    bool any = pair->name[strlen(pair->name) - 1] == 'y';
    struct api_tag_filter *filter = get_tag_filter(
        parser->query, (not ? (any ? API_NOT_TAGS_ANY : API_NOT_TAGS)
                        : any ? API_TAGS_ANY : API_TAGS));

    for (const char *s = pair->value; *s; s += *s == ',') {
        size_t len = strcspn(s, ",");

        if (len) {
            add_string(&filter->tags, &filter->n, xmemdup0(s, len));
        }
        s += len;
    }
    return NULL;
}

/* The keys that are no attributes. */
static const struct key {
    const char *name;
    const char *attr;           /* The resource has to have; or NULL. */
    struct api_error *(*parse)(struct parser *, const struct http_pair *);
} keys[] = {
    { "fields", NULL, parse_fields },
    { "sort_key", NULL, parse_sort_key },
    { "sort_dir", NULL, parse_sort_dir },
    { "limit", NULL, parse_limit },
    { "marker", NULL, parse_marker },
    { "page_reverse", NULL, parse_page_reverse },
    { "changed_since", "updated_at", parse_changed_since },
    { "tags", "tags", parse_tags },
    { "tags-any", "tags", parse_tags },
    { "not-tags", "tags", parse_tags },
    { "not-tags-any", "tags", parse_tags },
};

static struct api_error *
parse_pair(struct parser *parser, const struct http_pair *pair)
{
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        if (!strcmp(keys[i].name, pair->name)
            && (!keys[i].attr
                || api_find_attr(parser->resource, keys[i].attr))) {
            return keys[i].parse(parser, pair);
        }
    }
    return parse_filter(parser, pair);
}

struct api_error *
api_query_parse(const struct api_resource *resource,
                const struct http_pair *pairs, size_t n,
                const struct api_viewer *viewer, struct api_query *query)
{
    struct parser parser = {
        .resource = resource, .viewer = viewer, .query = query
    };
    struct api_error *error = NULL;

    *query = (struct api_query) { .limit = 0 };
    for (size_t i = 0; i < n && !error; i++) {
        error = parse_pair(&parser, &pairs[i]);
    }
    if (!error && parser.n_sort_dirs
        && parser.n_sort_dirs != query->n_sort) {
        error = api_error(400, NULL, "The number of sort_keys and sort_dirs "
                          "must be same");
    }
    if (error) {
        api_query_destroy(query);
    }
    return error;
}

static void
free_strings(char **strings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(strings[i]);
    }
    free(strings);
}

void
api_query_destroy(struct api_query *query)
{
    for (size_t i = 0; i < query->n_filters; i++) {
        free_strings(query->filters[i].values, query->filters[i].n);
    }
    free(query->filters);
    for (size_t i = 0; i < query->n_tag_filters; i++) {
        free_strings(query->tag_filters[i].tags, query->tag_filters[i].n);
    }
    free(query->tag_filters);
    free(query->changed_since);
    free(query->fields);
    *query = (struct api_query) { .limit = 0 };
}
