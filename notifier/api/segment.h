/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_SEGMENT_H
#define API_SEGMENT_H 1

/* What carries a new network: a Segment row of its own.
 *
 * Its columns are unique together, which the database sees to: of two
 * networks that ask for one VLAN it refuses the second, and only then is it
 * looked for which one has it.  A VNI that is not asked for is one of those
 * that NB_Global's options allow, and that is free as far as the replica
 * knows; where somebody else was quicker, the next try has another.
 *
 * Single-threaded. */

#include <jansson.h>

#include "openvswitch/compiler.h"

struct api_error;
struct nb_op;
struct nb_segment;
struct operation;
struct shash;

/* Fills 'segment', which borrows from 'values', with what a new network of
 * these attributes is to have. */
struct api_error *segment_choose(struct operation *, const json_t *values,
                                 struct nb_segment *segment)
    OVS_WARN_UNUSED_RESULT;

/* Gives the network that 'network' inserts a row for 'segment', unless it is
 * local. */
void segment_insert(struct operation *, const struct nb_segment *segment,
                    struct nb_op *network);

/* For operation.c: forgets what was free, in op->segment_pools. */
void segment_pools_clear(struct shash *pools);

#endif /* api/segment.h */
