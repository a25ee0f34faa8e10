/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H 1

/* Requests to be sent to a server, and what came of each: what the programs
 * that put a load on a server have in common.
 *
 * Requests are lines of a file and all read before the first is sent.  Their
 * results are printed when all are answered, in the order of the requests: so
 * while time is taken nothing is read or written but the server's.  Nothing
 * fails but by the caller's word. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct load_sample {
    long long int begun;        /* CLOCK_MONOTONIC in ns. */
    long long int ended;        /* 0: not yet. */
    int status;
    size_t bytes;               /* Of the reply's body. */
};

struct load {
    char **requests;
    struct load_sample *samples; /* Parallel to 'requests'. */
    size_t n;
    size_t n_begun, n_ended;
};

/* Reads all lines of 'file'; a file without one ends the program. */
void load_read(struct load *, FILE *file);
void load_destroy(struct load *);

/* Whether there is a request that was not begun; whether all have ended. */
bool load_has_more(const struct load *);
bool load_is_over(const struct load *);

/* Takes the next request, of which load_has_more() has told, and notes the
 * time.  Returns its number. */
size_t load_begin(struct load *);

/* Request 'i' was answered. */
void load_end(struct load *, size_t i, int status, size_t bytes);

/* Prints a line for each request: when it began in us of CLOCK_MONOTONIC, how
 * many us it took, its status and the size of its reply. */
void load_print(const struct load *);

#endif /* load.h */
