/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Ranges are in the order of their VNIs.  The position of a VNI, from 0, is
 * how many VNIs the ranges have before it. */

#include <config.h>

#include "nb-vni.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "hash.h"
#include "nb-rules.h"
#include "util.h"

struct range {
    uint32_t first, last;
};

struct nb_vni_pool {
    struct range *ranges;
    size_t n_ranges;
    uint32_t n;                 /* VNIs in all of them. */

    unsigned long *free;        /* A bit for each position; NULL: all. */
    uint32_t n_free;
};

/* Appends the range 's' to the pool. */
static char *
add_range(struct nb_vni_pool *pool, const char *s)
{
    unsigned long long int first, last;
    int n = 0;

    /* Digits first: a sign would be read as part of a number. */
    if (s[strspn(s, "0123456789: ")]
        || !ovs_scan(s, " %llu : %llu %n", &first, &last, &n) || s[n]) {
        return xasprintf("\"%s\" is not a range FIRST:LAST", s);
    }
    if (first < 1 || last > NB_VNI_MAX) {
        return xasprintf("the range %s goes beyond the VNIs that there are, "
                         "from 1 to %d", s, NB_VNI_MAX);
    }
    if (first > last) {
        return xasprintf("the range %s ends before it begins", s);
    }
    pool->ranges = xrealloc(pool->ranges,
                            (pool->n_ranges + 1) * sizeof *pool->ranges);
    pool->ranges[pool->n_ranges++] = (struct range) { first, last };
    pool->n += last - first + 1;
    return NULL;
}

static int
compare_ranges(const void *a_, const void *b_)
{
    const struct range *a = a_;
    const struct range *b = b_;

    return a->first < b->first ? -1 : a->first > b->first;
}

/* Puts the ranges in order. */
static char *
sort_ranges(struct nb_vni_pool *pool)
{
    qsort(pool->ranges, pool->n_ranges, sizeof *pool->ranges, compare_ranges);
    for (size_t i = 1; i < pool->n_ranges; i++) {
        const struct range *a = &pool->ranges[i - 1];
        const struct range *b = &pool->ranges[i];

        if (b->first <= a->last) {
            return xasprintf("the ranges %"PRIu32":%"PRIu32" and "
                             "%"PRIu32":%"PRIu32" overlap",
                             a->first, a->last, b->first, b->last);
        }
    }
    return NULL;
}

char *
nb_vni_pool_create(const char *s, struct nb_vni_pool **poolp)
{
    struct nb_vni_pool *pool = xzalloc(sizeof *pool);
    char *copy = xstrdup(s);
    char *error = NULL;
    char *rest = copy;

    while (!error && rest) {
        error = add_range(pool, strsep(&rest, ","));
    }
    if (!error) {
        error = sort_ranges(pool);
    }
    free(copy);
    if (error) {
        nb_vni_pool_destroy(pool);
        pool = NULL;
    }
    *poolp = pool;
    return error;
}

void
nb_vni_pool_destroy(struct nb_vni_pool *pool)
{
    if (pool) {
        free(pool->ranges);
        bitmap_free(pool->free);
        free(pool);
    }
}

/* Returns the VNI at 'position'. */
static int64_t
vni_at(const struct nb_vni_pool *pool, uint32_t position)
{
    const struct range *range = pool->ranges;

    while (position > range->last - range->first) {
        position -= range->last - range->first + 1;
        range++;
    }
    return range->first + position;
}

/* Puts into '*position' where 'vni' is; returns false if in no range. */
static bool
find_position(const struct nb_vni_pool *pool, int64_t vni, uint32_t *position)
{
    *position = 0;
    for (size_t i = 0; i < pool->n_ranges; i++) {
        const struct range *range = &pool->ranges[i];

        if (vni < range->first) {
            return false;
        }
        if (vni <= range->last) {
            *position += vni - range->first;
            return true;
        }
        *position += range->last - range->first + 1;
    }
    return false;
}

int64_t
nb_vni_pool_guess(const struct nb_vni_pool *pool, uint32_t seed,
                  unsigned int i)
{
    return vni_at(pool, hash_2words(seed, i) % pool->n);
}

static void
need_bitmap(struct nb_vni_pool *pool)
{
    if (!pool->free) {
        pool->free = bitmap_allocate1(pool->n);
        pool->n_free = pool->n;
    }
}

void
nb_vni_pool_remove(struct nb_vni_pool *pool, int64_t vni)
{
    uint32_t position;

    need_bitmap(pool);
    if (find_position(pool, vni, &position)
        && bitmap_is_set(pool->free, position)) {
        bitmap_set0(pool->free, position);
        pool->n_free--;
    }
}

int64_t
nb_vni_pool_take(struct nb_vni_pool *pool, uint32_t random)
{
    need_bitmap(pool);
    if (!pool->n_free) {
        return 0;
    }

    /* Find the one that has 'before' free ones before it. */
    uint32_t before = random % pool->n_free;
    const unsigned long *word = pool->free;
    while (before >= count_1bits(*word)) {
        before -= count_1bits(*word++);
    }

    unsigned long bits = *word;
    while (before--) {
        bits = zero_rightmost_1bit(bits);
    }
    uint32_t position = ((word - pool->free) * BITMAP_ULONG_BITS
                         + raw_ctz(bits));
    bitmap_set0(pool->free, position);
    pool->n_free--;
    return vni_at(pool, position);
}
