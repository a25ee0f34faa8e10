/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See tally.h.  The bitmap is the tally's own and grows by doubling. */

#include <config.h>

#include "tally.h"

#include <string.h>

#include "bitmap.h"
#include "util.h"

static void tally_grow(struct tally *, uint64_t seq);

void
tally_init(struct tally *tally)
{
    memset(tally, 0, sizeof *tally);
    tally->first_seq = -1;
    tally->last_seq = -1;
}

void
tally_destroy(struct tally *tally)
{
    if (tally) {
        free(tally->seen);
    }
}

void
tally_add(struct tally *tally, uint64_t seq, int64_t now_ns)
{
    if (seq >= TALLY_MAX_SEQ) {
        return;
    }
    tally_grow(tally, seq);
    if (bitmap_is_set(tally->seen, seq)) {
        tally->duplicated++;
    } else {
        bitmap_set1(tally->seen, seq);
        tally->received++;
    }

    if (tally->first_seq < 0) {
        tally->first_seq = seq;
        tally->first_ns = now_ns;
    } else {
        tally->longest_gap_ns = MAX(tally->longest_gap_ns,
                                    now_ns - tally->last_ns);
    }
    tally->last_seq = MAX(tally->last_seq, (int64_t) seq);
    tally->last_ns = now_ns;
}

uint64_t
tally_lost(const struct tally *tally)
{
    return tally->last_seq + 1 - tally->received;
}

static void
tally_grow(struct tally *tally, uint64_t seq)
{
    if (seq < tally->n_bits) {
        return;
    }
    uint64_t n_bits = MAX(tally->n_bits, 4096);
    while (n_bits <= seq) {
        n_bits *= 2;
    }
    tally->seen = xrealloc(tally->seen, bitmap_n_bytes(n_bits));
    memset((char *) tally->seen + bitmap_n_bytes(tally->n_bits), 0,
           bitmap_n_bytes(n_bits) - bitmap_n_bytes(tally->n_bits));
    tally->n_bits = n_bits;
}
