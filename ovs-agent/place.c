/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See place.h. */

#include <config.h>

#include "place.h"

#include <string.h>

#include "util.h"

bool
place_wins(const struct place_claim *a, const struct place_claim *b)
{
    return (a->claim != b->claim ? a->claim > b->claim
            : strcmp(a->host, b->host) > 0);
}

const struct place_claim *
place_find(const struct place_claim *claims, size_t n)
{
    const struct place_claim *best = NULL;

    for (size_t i = 0; i < n; i++) {
        if (!best || place_wins(&claims[i], best)) {
            best = &claims[i];
        }
    }
    return best;
}

static bool
is_among(const char *host, const struct place_claim *claims, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(claims[i].host, host)) {
            return true;
        }
    }
    return false;
}

static int64_t
least(const struct place_claim *claims, size_t n)
{
    int64_t claim = INT64_MAX;

    for (size_t i = 0; i < n; i++) {
        claim = MIN(claim, claims[i].claim);
    }
    return claim;
}

/* One more, or less, than 'claim'.  A row that somebody wrote by hand may be
 * at the end of the numbers; then the hosts' names decide. */
static int64_t
above(int64_t claim)
{
    return claim < INT64_MAX ? claim + 1 : claim;
}

static int64_t
below(int64_t claim)
{
    return claim > INT64_MIN ? claim - 1 : claim;
}

int64_t
place_claim(const char *self, const int64_t *own,
            const struct place_claim *others, size_t n_others,
            const char *wanted)
{
    const struct place_claim *best = place_find(others, n_others);
    const struct place_claim ours = { self, own ? *own : 0 };

    if (!best) {
        return own ? *own : 1;
    } else if (!strcmp(wanted, self)) {
        return own && place_wins(&ours, best) ? *own : above(best->claim);
    } else if (own) {
        return *own;
    }
    return (is_among(wanted, others, n_others)
            ? below(least(others, n_others)) : above(best->claim));
}
