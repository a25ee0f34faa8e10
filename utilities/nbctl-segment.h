/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The wire of a new network: its Segment row.
 *
 * What the user says of it is checked.  A VNI that he does not say is chosen
 * here, of those that NB_Global's options allow.  A few are tried, by asking
 * the server for the segments that have them; only when all of these are taken
 * the segments of the type are fetched. */

#ifndef NBCTL_SEGMENT_H
#define NBCTL_SEGMENT_H 1

#include <stdbool.h>

struct ctl_context;
struct nb_options;
struct nb_segment;
struct nbrec_network;

/* For the prerequisites of "net-add", whose arguments COLUMN=VALUE begin at
 * argv[first]. */
void segment_prepare(struct ctl_context *, int first);

/* Fills 'segment' from these arguments.  Returns false with ctx->error if they
 * make no sense, another network has that segment or there is none left; or
 * with ctx->try_again.  To be called once in each run of each "net-add". */
bool segment_get(struct ctl_context *, int first, const struct nb_options *,
                 struct nb_segment *segment);

/* Gives 'network' a row for 'segment', unless it is local. */
void segment_set(struct ctl_context *, const struct nbrec_network *network,
                 const struct nb_segment *segment);

#endif /* nbctl-segment.h */
