/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TESTS_TALLY_H
#define TESTS_TALLY_H 1

#include <stdint.h>

/* Which packets of a numbered stream came, how often and when.  Knows no
 * socket and no clock: times are handed in, in nanoseconds. */

/* Sequence numbers from here on are not packets of ours. */
#define TALLY_MAX_SEQ (UINT64_C(1) << 28)

struct tally {
    uint64_t received;          /* Distinct packets. */
    uint64_t duplicated;        /* Packets that had come before. */
    int64_t first_seq;          /* Of the first packet; -1 if none came. */
    int64_t last_seq;           /* The highest so far; -1 if none came. */
    int64_t first_ns, last_ns;  /* When the first and the last came. */
    int64_t longest_gap_ns;     /* Longest time between two in a row. */

    unsigned long *seen;        /* Bitmap by sequence number. */
    uint64_t n_bits;
};

void tally_init(struct tally *);
void tally_destroy(struct tally *);
void tally_add(struct tally *, uint64_t seq, int64_t now_ns);

/* How many packets before the last one did not come. */
uint64_t tally_lost(const struct tally *);

#endif /* tests/traffic/tally.h */
