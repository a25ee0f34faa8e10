/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The reply of a GET of a collection: one page of it, and links to the pages
 * around it.  See query.h. */

#include <config.h>

#include "api/query.h"

#include <ctype.h>
#include <string.h>

#include "api/json.h"
#include "api/resource.h"
#include "http/request.h"
#include "nb/row.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

/* Appends 's' with everything but RFC 3986's unreserved characters encoded. */
static void
put_encoded(const char *s, struct ds *out)
{
    for (; *s; s++) {
        unsigned char c = *s;

        if (isalnum(c) || strchr("-._~", c)) {
            ds_put_char(out, c);
        } else {
            ds_put_format(out, "%%%02X", c);
        }
    }
}

/* Appends {"rel": REL, "href": ...}, with the query of this request but for
 * where the page begins. */
static void
put_link(const char *rel, const char *url, const struct http_pair *pairs,
         size_t n, const struct nb_row *marker, bool page_reverse,
         struct ds *out)
{
    struct ds href = DS_EMPTY_INITIALIZER;

    ds_put_format(&href, "%s?", url);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(pairs[i].name, "marker")
            && strcmp(pairs[i].name, "page_reverse")) {
            put_encoded(pairs[i].name, &href);
            ds_put_char(&href, '=');
            put_encoded(pairs[i].value, &href);
            ds_put_char(&href, '&');
        }
    }
    ds_put_format(&href, "marker="UUID_FMT"%s",
                  UUID_ARGS(nb_row_id(marker)),
                  page_reverse ? "&page_reverse=True" : "");

    ds_put_format(out, "{\"rel\":\"%s\",\"href\":", rel);
    api_json_put_string(ds_cstr(&href), out);
    ds_put_char(out, '}');
    ds_destroy(&href);
}

static void
put_links(const struct api_resource *resource, const struct api_page *page,
          const struct http_pair *pairs, size_t n, const char *url,
          struct ds *out)
{
    if (!page->n || !(page->more_after || page->more_before)) {
        return;
    }
    ds_put_format(out, ",\"%s_links\":[", resource->plural);
    if (page->more_after) {
        put_link("next", url, pairs, n, page->rows[page->n - 1], false, out);
    }
    if (page->more_before) {
        ds_put_cstr(out, page->more_after ? "," : "");
        put_link("previous", url, pairs, n, page->rows[0], true, out);
    }
    ds_put_char(out, ']');
}

struct api_error *
api_list(const struct api_resource *resource, const struct api_view *view,
         const struct http_pair *pairs, size_t n, const char *url,
         struct ds *out)
{
    struct api_query query;
    struct api_page page;

    struct api_error *error = api_query_parse(resource, pairs, n,
                                              view->viewer, &query);
    if (error) {
        return error;
    }
    error = api_query_run(resource, &query, view, &page);
    if (!error) {
        uint64_t mask = api_show_mask(resource, view->viewer,
                                      query.fields, query.n_fields);

        ds_put_format(out, "{\"%s\":[", resource->plural);
        for (size_t i = 0; i < page.n; i++) {
            ds_put_cstr(out, i ? "," : "");
            api_show_text_masked(resource, view, page.rows[i], mask, out);
        }
        ds_put_char(out, ']');
        if (query.limit) {
            put_links(resource, &page, pairs, n, url, out);
        }
        ds_put_char(out, '}');
        api_page_destroy(&page);
    }
    api_query_destroy(&query);
    return error;
}
