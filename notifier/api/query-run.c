/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* From a query to the rows of its page.  See query.h.
 *
 * Candidates come from the index of the filter that has fewest, or are all
 * rows.  Those that match are sorted; if there is a limit only as many as the
 * page needs are, picked out by a heap. */

#include <config.h>

#include "api/query.h"

#include <stdlib.h>
#include <string.h>

#include "api/error.h"
#include "api/resource.h"
#include "nb/replica.h"
#include "nb/row.h"
#include "sort.h"
#include "util.h"
#include "uuid.h"

/* A row that matches, with its values to sort by. */
struct item {
    const struct nb_row *row;
    json_t *keys[];             /* query->n_sort of them. */
};

struct run {
    const struct api_resource *resource;
    const struct api_query *query;
    const struct api_view *view;
    struct item *marker;        /* NULL: none. */

    /* The first 'max' of those after the marker, the last of them on top of
     * the heap; how many more there are; whether there are others before. */
    struct item **items;
    size_t n, allocated, max;
    bool more, before;
};

/* Matching. */

static bool
has_tag(const struct nb_row *row, enum nb_column column, const char *tag)
{
    size_t n = nb_row_n(row, column);

    for (size_t i = 0; i < n; i++) {
        if (!strcmp(nb_row_key(row, column, i), tag)) {
            return true;
        }
    }
    return false;
}

static bool
match_tags(const struct api_tag_filter *filter, const struct nb_row *row,
           enum nb_column column)
{
    bool any = (filter->test == API_TAGS_ANY
                || filter->test == API_NOT_TAGS_ANY);
    bool not = (filter->test == API_NOT_TAGS
                || filter->test == API_NOT_TAGS_ANY);
    size_t n = 0;

    for (size_t i = 0; i < filter->n; i++) {
        n += has_tag(row, column, filter->tags[i]);
    }
    return !filter->n || (any ? n > 0 : n == filter->n) != not;
}

static bool
match_special(const struct api_resource *resource,
              const struct api_query *query, const struct nb_row *row)
{
    const struct api_attr *tags = (query->n_tag_filters
                                   ? api_find_attr(resource, "tags") : NULL);
    const struct api_attr *updated_at = (
        query->changed_since ? api_find_attr(resource, "updated_at") : NULL);

    for (size_t i = 0; i < query->n_tag_filters; i++) {
        if (!match_tags(&query->tag_filters[i], row, tags->column)) {
            return false;
        }
    }
    return !updated_at || strcmp(nb_row_string(row, updated_at->column),
                                 query->changed_since) >= 0;
}

bool
api_query_match(const struct api_resource *resource,
                const struct api_query *query, const struct api_view *view,
                const struct nb_row *row)
{
    for (size_t i = 0; i < query->n_filters; i++) {
        const struct api_filter *filter = &query->filters[i];

        if (!api_attr_match(filter->attr, view, row,
                            (const char *const *) filter->values,
                            filter->n)) {
            return false;
        }
    }
    return (match_special(resource, query, row)
            && api_may_see(resource, view, row));
}

/* Candidates. */

/* The rows of a filter by id. */
static void
find_by_id(const struct run *run, const struct api_filter *filter,
           struct api_candidates *candidates)
{
    for (size_t i = 0; i < filter->n; i++) {
        const struct nb_row *row;
        struct uuid id;

        row = (uuid_from_string(&id, filter->values[i])
               ? replica_get(run->view->replica, run->resource->table, &id)
               : NULL);
        if (row) {
            api_candidates_add(candidates, row);
        }
    }
}

static bool
find(const struct run *run, const struct api_filter *filter,
     struct api_candidates *candidates)
{
    if (!strcmp(filter->attr->name, "id")) {
        find_by_id(run, filter, candidates);
        return true;
    }
    return api_attr_find(filter->attr, run->view,
                         (const char *const *) filter->values, filter->n,
                         candidates);
}

static int
compare_pointers(const void *a_, const void *b_)
{
    const struct nb_row *const *a = a_;
    const struct nb_row *const *b = b_;
    uintptr_t x = (uintptr_t) *a;
    uintptr_t y = (uintptr_t) *b;

    return x < y ? -1 : x > y;
}

static void
remove_duplicates(struct api_candidates *candidates)
{
    size_t n = 0;

    if (candidates->n) {
        qsort(candidates->rows, candidates->n, sizeof *candidates->rows,
              compare_pointers);
    }
    for (size_t i = 0; i < candidates->n; i++) {
        if (!n || candidates->rows[n - 1] != candidates->rows[i]) {
            candidates->rows[n++] = candidates->rows[i];
        }
    }
    candidates->n = n;
}

/* Puts into 'best' all rows that can match, each once. */
static void
get_candidates(const struct run *run, struct api_candidates *best)
{
    const struct replica *replica = run->view->replica;
    bool found = false;

    *best = (struct api_candidates) {
        .max = replica_count(replica, run->resource->table)
    };
    for (size_t i = 0; i < run->query->n_filters && best->max; i++) {
        struct api_candidates c = { .max = best->max };

        if (find(run, &run->query->filters[i], &c)) {
            free(best->rows);
            *best = c;
            best->max = c.n;
            found = true;
        } else {
            free(c.rows);
        }
    }
    if (found) {
        remove_duplicates(best);
    } else {
        best->rows = replica_rows(replica, run->resource->table);
        best->n = replica_count(replica, run->resource->table);
    }
}

/* Sorting. */

static struct item *
item_create(const struct run *run, const struct nb_row *row)
{
    const struct api_query *query = run->query;
    struct item *item = xmalloc(sizeof *item
                                + query->n_sort * sizeof item->keys[0]);

    item->row = row;
    for (size_t i = 0; i < query->n_sort; i++) {
        item->keys[i] = api_attr_show(query->sort[i].attr, run->view, row);
    }
    return item;
}

static void
item_destroy(const struct run *run, struct item *item)
{
    if (item) {
        for (size_t i = 0; i < run->query->n_sort; i++) {
            json_decref(item->keys[i]);
        }
        free(item);
    }
}

/* Which comes first on the way this page is read. */
static int
item_compare(const struct run *run, const struct item *a,
             const struct item *b)
{
    const struct api_query *query = run->query;
    int cmp = 0;

    for (size_t i = 0; i < query->n_sort && !cmp; i++) {
        cmp = api_value_compare(a->keys[i], b->keys[i]);
        cmp = query->sort[i].descending ? -cmp : cmp;
    }
    if (!cmp) {
        cmp = uuid_compare_3way(nb_row_id(a->row), nb_row_id(b->row));
    }
    return query->page_reverse ? -cmp : cmp;
}

static void
swap_items(size_t a, size_t b, void *run_)
{
    struct run *run = run_;
    struct item *tmp = run->items[a];

    run->items[a] = run->items[b];
    run->items[b] = tmp;
}

static int
compare_items(size_t a, size_t b, void *run_)
{
    struct run *run = run_;

    return item_compare(run, run->items[a], run->items[b]);
}

static void
heap_up(struct run *run, size_t i)
{
    while (i && compare_items(i, (i - 1) / 2, run) > 0) {
        swap_items(i, (i - 1) / 2, run);
        i = (i - 1) / 2;
    }
}

static void
heap_down(struct run *run, size_t i)
{
    for (;;) {
        size_t largest = i;

        for (size_t child = 2 * i + 1;
             child <= 2 * i + 2 && child < run->n; child++) {
            if (compare_items(child, largest, run) > 0) {
                largest = child;
            }
        }
        if (largest == i) {
            return;
        }
        swap_items(i, largest, run);
        i = largest;
    }
}

/* Takes a matching row into the page, if it belongs there. */
static void
take(struct run *run, const struct nb_row *row)
{
    struct item *item = item_create(run, row);

    if (run->marker && item_compare(run, item, run->marker) <= 0) {
        run->before = true;
        item_destroy(run, item);
        return;
    }
    if (run->n == run->max) {
        run->more = true;
        if (item_compare(run, item, run->items[0]) >= 0) {
            item_destroy(run, item);
        } else {
            item_destroy(run, run->items[0]);
            run->items[0] = item;
            heap_down(run, 0);
        }
        return;
    }
    if (run->n >= run->allocated) {
        run->items = x2nrealloc(run->items, &run->allocated,
                                sizeof *run->items);
    }
    run->items[run->n++] = item;
    if (run->max != SIZE_MAX) {
        heap_up(run, run->n - 1);
    }
}

/* Makes the page of what was taken. */
static void
make_page(struct run *run, struct api_page *page)
{
    bool reverse = run->query->page_reverse;

    sort(run->n, compare_items, swap_items, run);
    page->n = run->n;
    page->rows = xmalloc(run->n * sizeof *page->rows);
    for (size_t i = 0; i < run->n; i++) {
        page->rows[reverse ? run->n - 1 - i : i] = run->items[i]->row;
        item_destroy(run, run->items[i]);
    }
    page->more_after = reverse ? run->before : run->more;
    page->more_before = reverse ? run->more : run->before;
}

struct api_error *
api_query_run(const struct api_resource *resource,
              const struct api_query *query, const struct api_view *view,
              struct api_page *page)
{
    struct run run = {
        .resource = resource, .query = query, .view = view,
        .max = query->limit ? query->limit : SIZE_MAX
    };
    struct api_candidates candidates;

    if (query->has_marker) {
        const struct nb_row *row = replica_get(view->replica, resource->table,
                                               &query->marker);
        if (!row || !api_may_see(resource, view, row)) {
            return api_error_input("marker", "There is no %s "UUID_FMT,
                                   resource->name, UUID_ARGS(&query->marker));
        }
        run.marker = item_create(&run, row);
    }

    get_candidates(&run, &candidates);
    for (size_t i = 0; i < candidates.n; i++) {
        if (api_query_match(resource, query, view, candidates.rows[i])) {
            take(&run, candidates.rows[i]);
        }
    }
    make_page(&run, page);
    item_destroy(&run, run.marker);
    free(run.items);
    free(candidates.rows);
    return NULL;
}

void
api_page_destroy(struct api_page *page)
{
    free(page->rows);
    *page = (struct api_page) { .n = 0 };
}
