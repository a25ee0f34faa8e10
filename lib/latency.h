/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SLUICE_LATENCY_H
#define SLUICE_LATENCY_H 1

/* Histograms of how long a stage takes.
 *
 * A histogram has one bucket per power of two of microseconds, so recording
 * is O(1), memory is constant and no sample is kept.  A percentile is read as
 * the upper edge of the bucket that holds it: at most a factor of two above
 * the truth, which is what an operator needs to tell 1 ms from 10 ms.
 *
 * Not thread-safe: one thread owns a histogram. */

#include <stdint.h>

struct ds;

/* 2**26 us is 67 s; what is longer is counted in the last bucket. */
#define LATENCY_N_BUCKETS 27

struct latency {
    uint64_t buckets[LATENCY_N_BUCKETS]; /* [i]: usec in [2**(i-1), 2**i). */
    uint64_t count;
    uint64_t sum;               /* Microseconds. */
    uint64_t max;               /* Microseconds. */
};

/* Adds one sample of 'usec' microseconds; a negative one (a clock that was
 * set back) counts as 0. */
void latency_add(struct latency *, long long int usec);

/* Upper edge, in microseconds, of the bucket that holds the 'percent'th
 * percentile (1 to 100), never above the longest sample; 0 without samples. */
uint64_t latency_percentile(const struct latency *, int percent);

/* Forgets every sample. */
void latency_clear(struct latency *);

/* Appends the table's heading to 'out', then one row per call: 'name', the
 * number of samples, mean, p50, p90, p99 and maximum, in microseconds. */
void latency_format_heading(struct ds *out);
void latency_format(const struct latency *, const char *name, struct ds *out);

#endif /* latency.h */
