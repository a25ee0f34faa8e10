/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef HTTP_COUNTS_H
#define HTTP_COUNTS_H 1

/* What the server counts, as series of metrics.h.
 *
 *     sluice_http_requests_total{method,status}    status: 2xx, 4xx...
 *     sluice_http_request_seconds{method}          whole request to answer
 *     sluice_http_connections, sluice_http_streams,
 *     sluice_http_requests_waiting                 now
 *     sluice_http_connections_refused_total        over a limit
 *     sluice_http_timeouts_total                   closed by a deadline */

struct http_stats;
struct metrics;

#define HTTP_N_METHODS 8
#define HTTP_N_CLASSES 5

struct http_counts {
    struct metrics *metrics;    /* NULL: nothing is counted. */
    struct metrics_counter *requests[HTTP_N_METHODS][HTTP_N_CLASSES];
    struct metrics_histogram *seconds[HTTP_N_METHODS];
    struct metrics_counter *refused, *timeouts;
    struct metrics_gauge *connections, *streams, *waiting;
};

void http_counts_init(struct http_counts *, struct metrics *);

/* A request of 'method' was answered by 'status', 'usec' microseconds after it
 * was whole; -1 if it never was, or is a stream. */
void http_counts_request(struct http_counts *, const char *method,
                         unsigned int status, long long int usec);
void http_counts_refused(struct http_counts *);
void http_counts_timeout(struct http_counts *);
void http_counts_stats(struct http_counts *, const struct http_stats *);

#endif /* http/counts.h */
