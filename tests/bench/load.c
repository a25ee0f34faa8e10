/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See load.h. */

#include <config.h>

#include "load.h"

#include <time.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

static long long int
now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

void
load_read(struct load *load, FILE *file)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    size_t allocated = 0;

    *load = (struct load) { .n = 0 };
    while (!ds_get_line(&line, file)) {
        if (load->n >= allocated) {
            load->requests = x2nrealloc(load->requests, &allocated,
                                        sizeof *load->requests);
        }
        load->requests[load->n++] = ds_steal_cstr(&line);
    }
    ds_destroy(&line);
    if (!load->n) {
        ovs_fatal(0, "standard input: no requests");
    }
    load->samples = xcalloc(load->n, sizeof *load->samples);
}

void
load_destroy(struct load *load)
{
    for (size_t i = 0; i < load->n; i++) {
        free(load->requests[i]);
    }
    free(load->requests);
    free(load->samples);
}

bool
load_has_more(const struct load *load)
{
    return load->n_begun < load->n;
}

bool
load_is_over(const struct load *load)
{
    return load->n_ended == load->n;
}

size_t
load_begin(struct load *load)
{
    load->samples[load->n_begun].begun = now();
    return load->n_begun++;
}

void
load_end(struct load *load, size_t i, int status, size_t bytes)
{
    struct load_sample *sample = &load->samples[i];

    sample->ended = now();
    sample->status = status;
    sample->bytes = bytes;
    load->n_ended++;
}

void
load_print(const struct load *load)
{
    for (size_t i = 0; i < load->n; i++) {
        const struct load_sample *sample = &load->samples[i];

        printf("%.1f %.1f %d %"PRIuSIZE"\n", sample->begun / 1e3,
               (sample->ended - sample->begun) / 1e3, sample->status,
               sample->bytes);
    }
}
