/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "latency.h"

#include <inttypes.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

void
latency_add(struct latency *latency, long long int usec)
{
    uint64_t value = usec > 0 ? usec : 0;
    int bucket = value ? log_2_floor(value) + 1 : 0;

    latency->buckets[MIN(bucket, LATENCY_N_BUCKETS - 1)]++;
    latency->count++;
    latency->sum += value;
    latency->max = MAX(latency->max, value);
}

uint64_t
latency_percentile(const struct latency *latency, int percent)
{
    uint64_t rank = DIV_ROUND_UP(latency->count * percent, 100);
    uint64_t seen = 0;

    /* The last bucket has no upper edge but the longest sample. */
    for (int i = 0; i < LATENCY_N_BUCKETS - 1; i++) {
        seen += latency->buckets[i];
        if (seen && seen >= rank) {
            return MIN(UINT64_C(1) << i, latency->max);
        }
    }
    return latency->max;
}

void
latency_clear(struct latency *latency)
{
    memset(latency, 0, sizeof *latency);
}

void
latency_format_heading(struct ds *out)
{
    ds_put_format(out, "%-28s %10s %10s %10s %10s %10s %10s\n", "stage (us)",
                  "count", "mean", "p50", "p90", "p99", "max");
}

void
latency_format(const struct latency *latency, const char *name,
               struct ds *out)
{
    ds_put_format(out, "%-28s %10"PRIu64" %10"PRIu64" %10"PRIu64" %10"PRIu64
                  " %10"PRIu64" %10"PRIu64"\n", name, latency->count,
                  latency->count ? latency->sum / latency->count : 0,
                  latency_percentile(latency, 50),
                  latency_percentile(latency, 90),
                  latency_percentile(latency, 99), latency->max);
}
