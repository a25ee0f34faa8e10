/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SWARM_FAULT_H
#define SWARM_FAULT_H 1

/* What went wrong with agents, counted by kind, and the first few in words.
 * Faults are never forgotten: each result tells of all there were. */

#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "openvswitch/dynamic-string.h"

/* How many faults are kept in words, and kinds of them there can be. */
#define FAULT_EXAMPLES 10
#define FAULT_KINDS 24

struct faults {
    uint64_t n;
    size_t n_kinds, n_examples;
    const char *kinds[FAULT_KINDS];
    uint64_t counts[FAULT_KINDS];
    char *examples[FAULT_EXAMPLES];
};

/* Counts a fault of 'kind', a string constant, of hypervisor 'agent', which
 * 'format' tells more of. */
void fault(struct faults *, const char *kind, unsigned int agent,
           const char *format, ...) OVS_PRINTF_FORMAT(4, 5);

/* Appends them as members of a JSON object, with a comma in front. */
void faults_put(const struct faults *, struct ds *);
void faults_destroy(struct faults *);

#endif /* fault.h */
