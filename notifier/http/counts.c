/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What the server counts.  See counts.h. */

#include <config.h>

#include "http/counts.h"

#include <string.h>

#include "http/server.h"
#include "metrics.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Clients choose methods: what is not among these shares the last, so that
 * they cannot choose how many series there are. */
static const char *const methods[HTTP_N_METHODS] = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "other",
};

void
http_counts_init(struct http_counts *counts, struct metrics *metrics)
{
    memset(counts, 0, sizeof *counts);
    counts->metrics = metrics;
    if (!metrics) {
        return;
    }
    counts->refused = metrics_counter(
        metrics, "sluice_http_connections_refused_total",
        "Connections closed at once because there were too many.", "");
    counts->timeouts = metrics_counter(
        metrics, "sluice_http_timeouts_total",
        "Connections closed because the client was too slow.", "");
    counts->connections = metrics_gauge(
        metrics, "sluice_http_connections",
        "HTTP connections, without the streams that left the server.", "");
    counts->streams = metrics_gauge(
        metrics, "sluice_http_streams", "Replies without end.", "");
    counts->waiting = metrics_gauge(
        metrics, "sluice_http_requests_waiting",
        "Requests whose answer is being made.", "");
}

static int
method_index(const char *method)
{
    for (int i = 0; i < HTTP_N_METHODS - 1; i++) {
        if (!strcmp(method, methods[i])) {
            return i;
        }
    }
    return HTTP_N_METHODS - 1;
}

static void
count_status(struct http_counts *counts, int method, unsigned int status)
{
    unsigned int class = MIN(MAX(status / 100, 1), HTTP_N_CLASSES) - 1;
    struct metrics_counter **counter = &counts->requests[method][class];

    if (!*counter) {
        struct ds labels = DS_EMPTY_INITIALIZER;
        char class_name[] = { '1' + class, 'x', 'x', '\0' };
        metrics_label(&labels, "method", methods[method]);
        metrics_label(&labels, "status", class_name);
        *counter = metrics_counter(counts->metrics,
                                   "sluice_http_requests_total",
                                   "Requests answered.", ds_cstr(&labels));
        ds_destroy(&labels);
    }
    (*counter)->value++;
}

static void
observe(struct http_counts *counts, int method, long long int usec)
{
    struct metrics_histogram **seconds = &counts->seconds[method];

    if (!*seconds) {
        struct ds labels = DS_EMPTY_INITIALIZER;
        metrics_label(&labels, "method", methods[method]);
        *seconds = metrics_histogram(
            counts->metrics, "sluice_http_request_seconds",
            "From a whole request to its answer.", ds_cstr(&labels));
        ds_destroy(&labels);
    }
    metrics_observe_usec(*seconds, usec);
}

void
http_counts_request(struct http_counts *counts, const char *method,
                    unsigned int status, long long int usec)
{
    if (counts->metrics) {
        int i = method_index(method);
        count_status(counts, i, status);
        if (usec >= 0) {
            observe(counts, i, usec);
        }
    }
}

void
http_counts_refused(struct http_counts *counts)
{
    if (counts->metrics) {
        counts->refused->value++;
    }
}

void
http_counts_timeout(struct http_counts *counts)
{
    if (counts->metrics) {
        counts->timeouts->value++;
    }
}

void
http_counts_stats(struct http_counts *counts, const struct http_stats *stats)
{
    if (counts->metrics) {
        counts->connections->value = stats->connections;
        counts->streams->value = stats->streams;
        counts->waiting->value = stats->waiting;
    }
}
