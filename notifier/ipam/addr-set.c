/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "ipam/addr-set.h"

#include <stdlib.h>

#include "coverage.h"
#include "skiplist.h"
#include "util.h"

COVERAGE_DEFINE(addr_set_find_free);

struct addr_set {
    /* "struct ip_range"s, ordered by their last addresses: the first one that
     * does not end before an address is the only one that can have it.  No two
     * touch. */
    struct skiplist *runs;
    ovs_u128 count;
    unsigned long long int n_compared;
};

static int
compare_runs(const void *a_, const void *b_, const void *n_compared_)
{
    unsigned long long int *n_compared = CONST_CAST(void *, n_compared_);
    const struct ip_range *a = a_;
    const struct ip_range *b = b_;

    ++*n_compared;
    return ip_addr_compare(a->last, b->last);
}

struct addr_set *
addr_set_create(void)
{
    struct addr_set *set = xzalloc(sizeof *set);

    set->runs = skiplist_create(compare_runs, &set->n_compared);
    return set;
}

void
addr_set_destroy(struct addr_set *set)
{
    if (set) {
        skiplist_destroy(set->runs, free);
        free(set);
    }
}

/* The first run that does not end before 'addr', or NULL. */
static struct skiplist_node *
find_node(const struct addr_set *set, struct ip_addr addr)
{
    struct ip_range key = { .first = addr, .last = addr };

    return skiplist_forward_to(set->runs, &key);
}

/* The run that has 'addr', or NULL. */
static struct ip_range *
find_run(const struct addr_set *set, struct ip_addr addr)
{
    struct ip_range *run = skiplist_get_data(find_node(set, addr));

    return run && ip_range_contains(*run, addr) ? run : NULL;
}

static void
add_run(struct addr_set *set, struct ip_addr first, struct ip_addr last)
{
    struct ip_range *run = xmalloc(sizeof *run);

    run->first = first;
    run->last = last;
    skiplist_insert(set->runs, run);
}

static void
delete_run(struct addr_set *set, struct ip_range *run)
{
    skiplist_delete(set->runs, run);
    free(run);
}

bool
addr_set_insert(struct addr_set *set, struct ip_addr addr)
{
    struct ip_addr prev, next;
    bool has_prev = ip_addr_prev(addr, &prev);
    bool has_next = ip_addr_next(addr, &next);
    struct skiplist_node *node = find_node(set, has_prev ? prev : addr);
    struct ip_range *before = skiplist_get_data(node);
    struct ip_range *after = before;

    if (before && ip_range_contains(*before, addr)) {
        return false;
    }
    if (before && has_prev && ip_addr_equals(before->last, prev)) {
        after = skiplist_get_data(skiplist_next(node));
    } else {
        before = NULL;
    }
    if (after && !(has_next && ip_addr_equals(after->first, next))) {
        after = NULL;
    }

    /* Growing a run keeps the order, since no other is in its way. */
    if (before && after) {
        after->first = before->first;
        delete_run(set, before);
    } else if (before) {
        before->last = addr;
    } else if (after) {
        after->first = addr;
    } else {
        add_run(set, addr, addr);
    }
    set->count = u128_add(set->count, u128_from(0, 1));
    return true;
}

bool
addr_set_remove(struct addr_set *set, struct ip_addr addr)
{
    struct ip_range *run = find_run(set, addr);
    bool is_first, is_last;

    if (!run) {
        return false;
    }
    is_first = ip_addr_equals(run->first, addr);
    is_last = ip_addr_equals(run->last, addr);
    if (is_first && is_last) {
        delete_run(set, run);
    } else if (is_last) {
        ovs_assert(ip_addr_prev(addr, &run->last));
    } else {
        struct ip_addr first = run->first;

        ovs_assert(ip_addr_next(addr, &run->first));
        if (!is_first) {
            struct ip_addr prev;

            ovs_assert(ip_addr_prev(addr, &prev));
            add_run(set, first, prev);
        }
    }
    set->count = u128_sub(set->count, u128_from(0, 1));
    return true;
}

bool
addr_set_contains(const struct addr_set *set, struct ip_addr addr)
{
    return find_run(set, addr) != NULL;
}

/* Puts into '*result' the first address of 'range' that is free, if any. */
static bool
find_free_in(const struct addr_set *set, struct ip_range range,
             struct ip_addr *result)
{
    const struct ip_range *run = find_run(set, range.first);

    if (!run) {
        *result = range.first;
        return true;
    }
    /* What follows a run is free, if it exists. */
    return (ip_addr_compare(run->last, range.last) < 0
            && ip_addr_next(run->last, result));
}

/* Puts into '*start' the address of 'pools' that has 'offset' others before
 * it, and returns its pool. */
static size_t
locate(const struct ip_range *pools, ovs_u128 offset, struct ip_addr *start)
{
    size_t i;

    for (i = 0; ; i++) {
        ovs_u128 size = ip_range_size(pools[i]);

        if (u128_compare(offset, size) < 0) {
            break;
        }
        offset = u128_sub(offset, size);
    }
    ovs_assert(ip_addr_add(pools[i].first, offset, start));
    return i;
}

bool
addr_set_find_free(const struct addr_set *set, const struct ip_range *pools,
                   size_t n_pools, ovs_u128 random, struct ip_addr *result)
{
    struct ip_range part;
    size_t start;

    COVERAGE_INC(addr_set_find_free);
    if (!n_pools) {
        return false;
    }
    start = locate(pools, u128_scale(random, ip_ranges_size(pools, n_pools)),
                   &part.first);
    part.last = pools[start].last;
    if (find_free_in(set, part, result)) {
        return true;
    }
    for (size_t i = 1; i < n_pools; i++) {
        if (find_free_in(set, pools[(start + i) % n_pools], result)) {
            return true;
        }
    }
    return (ip_addr_compare(pools[start].first, part.first) < 0
            && ip_addr_prev(part.first, &part.last)
            && find_free_in(set, (struct ip_range) { pools[start].first,
                                                     part.last }, result));
}

ovs_u128
addr_set_count(const struct addr_set *set)
{
    return set->count;
}

ovs_u128
addr_set_count_in(const struct addr_set *set, struct ip_range range)
{
    ovs_u128 count = OVS_U128_ZERO;

    for (struct skiplist_node *node = find_node(set, range.first); node;
         node = skiplist_next(node)) {
        struct ip_range run = *(struct ip_range *) skiplist_get_data(node);

        if (!ip_range_overlaps(run, range)) {
            break;
        }
        if (ip_addr_compare(run.first, range.first) < 0) {
            run.first = range.first;
        }
        if (ip_addr_compare(run.last, range.last) > 0) {
            run.last = range.last;
        }
        count = u128_add(count, ip_range_size(run));
    }
    return count;
}

size_t
addr_set_n_runs(const struct addr_set *set)
{
    return skiplist_get_size(set->runs);
}

unsigned long long int
addr_set_n_compared(const struct addr_set *set)
{
    return set->n_compared;
}
