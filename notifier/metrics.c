/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Counters, gauges and histograms.  See metrics.h. */

#include <config.h>

#include "metrics.h"

#include <inttypes.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "util.h"

enum metric_type { COUNTER, GAUGE, HISTOGRAM };

static const char *const type_names[] = { "counter", "gauge", "histogram" };

static const double edges[METRICS_N_EDGES] = METRICS_EDGES;

/* The series of one name. */
struct family {
    enum metric_type type;
    const char *help;
    struct shash series;        /* Labels to a "struct metrics_...". */
};

struct metrics {
    struct shash families;      /* By name. */
};

struct metrics *
metrics_create(void)
{
    struct metrics *metrics = xmalloc(sizeof *metrics);
    shash_init(&metrics->families);
    return metrics;
}

void
metrics_destroy(struct metrics *metrics)
{
    struct shash_node *node;

    if (!metrics) {
        return;
    }
    SHASH_FOR_EACH (node, &metrics->families) {
        struct family *family = node->data;
        shash_destroy_free_data(&family->series);
    }
    shash_destroy_free_data(&metrics->families);
    free(metrics);
}

/* Returns the series, made of 'size' zeros if it is new. */
static void *
find_or_add(struct metrics *metrics, enum metric_type type, size_t size,
            const char *name, const char *help, const char *labels)
{
    struct family *family = shash_find_data(&metrics->families, name);
    if (!family) {
        family = xmalloc(sizeof *family);
        family->type = type;
        family->help = help;
        shash_init(&family->series);
        shash_add(&metrics->families, name, family);
    }
    ovs_assert(family->type == type);

    void *series = shash_find_data(&family->series, labels);
    if (!series) {
        series = xzalloc(size);
        shash_add(&family->series, labels, series);
    }
    return series;
}

struct metrics_counter *
metrics_counter(struct metrics *metrics, const char *name, const char *help,
                const char *labels)
{
    return find_or_add(metrics, COUNTER, sizeof(struct metrics_counter),
                       name, help, labels);
}

struct metrics_gauge *
metrics_gauge(struct metrics *metrics, const char *name, const char *help,
              const char *labels)
{
    return find_or_add(metrics, GAUGE, sizeof(struct metrics_gauge),
                       name, help, labels);
}

struct metrics_histogram *
metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                  const char *labels)
{
    return find_or_add(metrics, HISTOGRAM, sizeof(struct metrics_histogram),
                       name, help, labels);
}

void
metrics_observe_usec(struct metrics_histogram *histogram, long long int usec)
{
    int i = 0;

    usec = MAX(usec, 0);
    while (i < METRICS_N_EDGES && usec > edges[i] * 1e6) {
        i++;
    }
    histogram->buckets[i]++;
    histogram->sum_usec += usec;
}

void
metrics_label(struct ds *labels, const char *name, const char *value)
{
    ds_put_format(labels, "%s%s=\"", labels->length ? "," : "", name);
    for (; *value; value++) {
        switch (*value) {
        case '\n':
            ds_put_cstr(labels, "\\n");
            break;
        case '"':
        case '\\':
            ds_put_char(labels, '\\');
            /* Fall through. */
        default:
            ds_put_char(labels, *value);
            break;
        }
    }
    ds_put_char(labels, '"');
}

/* Appends 'name', 'suffix' and, in braces, 'labels' and 'more'. */
static void
format_name(struct ds *out, const char *name, const char *suffix,
            const char *labels, const char *more)
{
    ds_put_format(out, "%s%s", name, suffix);
    if (*labels || *more) {
        ds_put_format(out, "{%s%s%s}", labels, *labels && *more ? "," : "",
                      more);
    }
    ds_put_char(out, ' ');
}

static void
format_histogram(struct ds *out, const char *name, const char *labels,
                 const struct metrics_histogram *h)
{
    uint64_t count = 0;

    for (int i = 0; i <= METRICS_N_EDGES; i++) {
        char le[32] = "le=\"+Inf\"";
        if (i < METRICS_N_EDGES) {
            snprintf(le, sizeof le, "le=\"%g\"", edges[i]);
        }
        count += h->buckets[i];
        format_name(out, name, "_bucket", labels, le);
        ds_put_format(out, "%"PRIu64"\n", count);
    }
    format_name(out, name, "_sum", labels, "");
    ds_put_format(out, "%"PRIu64".%06"PRIu64"\n", h->sum_usec / 1000000,
                  h->sum_usec % 1000000);
    format_name(out, name, "_count", labels, "");
    ds_put_format(out, "%"PRIu64"\n", count);
}

static void
format_series(struct ds *out, const char *name, enum metric_type type,
              const char *labels, const void *series)
{
    if (type == HISTOGRAM) {
        format_histogram(out, name, labels, series);
        return;
    }
    format_name(out, name, "", labels, "");
    if (type == COUNTER) {
        const struct metrics_counter *counter = series;
        ds_put_format(out, "%"PRIu64"\n", counter->value);
    } else {
        const struct metrics_gauge *gauge = series;
        ds_put_format(out, "%"PRId64"\n", gauge->value);
    }
}

void
metrics_format(const struct metrics *metrics, struct ds *out)
{
    const struct shash_node **families = shash_sort(&metrics->families);

    for (size_t i = 0; i < shash_count(&metrics->families); i++) {
        const char *name = families[i]->name;
        const struct family *family = families[i]->data;
        const struct shash_node **series = shash_sort(&family->series);

        ds_put_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, family->help,
                      name, type_names[family->type]);
        for (size_t j = 0; j < shash_count(&family->series); j++) {
            format_series(out, name, family->type, series[j]->name,
                          series[j]->data);
        }
        free(series);
    }
    free(families);
}
