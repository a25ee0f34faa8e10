/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef NOTIFIER_METRICS_H
#define NOTIFIER_METRICS_H 1

/* Counters, gauges and histograms, and Prometheus' text format 0.0.4.
 *
 * A series is asked for once, by name and labels, and then updated through the
 * pointer in O(1); it lives as long as its set.  Asked for again it is the
 * same one.  Names and help are the caller's constants, not copied.
 *
 * Errors: asking with one name for two types is a bug and aborts.  One
 * thread. */

#include <stdint.h>

struct ds;
struct metrics;

/* For a Content-Type header. */
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Upper edges of a histogram's buckets, in seconds: 0.5 ms to 10 s. */
#define METRICS_EDGES { .0005, .001, .0025, .005, .01, .025, .05, .1, .25, \
                        .5, 1, 2.5, 5, 10 }
#define METRICS_N_EDGES 14

struct metrics_counter {
    uint64_t value;             /* Only ever goes up. */
};

struct metrics_gauge {
    int64_t value;
};

struct metrics_histogram {
    uint64_t buckets[METRICS_N_EDGES + 1]; /* The last: over every edge. */
    uint64_t sum_usec;
};

struct metrics *metrics_create(void);
void metrics_destroy(struct metrics *);

/* 'labels' is as the format has it inside the braces, 'method="GET"', or "";
 * it is copied.  See metrics_label() for values not known beforehand. */
struct metrics_counter *metrics_counter(struct metrics *, const char *name,
                                        const char *help, const char *labels);
struct metrics_gauge *metrics_gauge(struct metrics *, const char *name,
                                    const char *help, const char *labels);
struct metrics_histogram *metrics_histogram(struct metrics *,
                                            const char *name,
                                            const char *help,
                                            const char *labels);

/* Adds a sample; a negative one (a clock that was set back) counts as 0. */
void metrics_observe_usec(struct metrics_histogram *, long long int usec);

/* Appends 'name="value"' to 'labels', after a comma if it is not empty,
 * quoting 'value' as the format wants it. */
void metrics_label(struct ds *labels, const char *name, const char *value);

/* Appends every series, sorted by name and labels. */
void metrics_format(const struct metrics *, struct ds *out);

#endif /* notifier/metrics.h */
