/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What NB_Global's column "options" says, to those who make networks.
 *
 * Whoever can read the row fills a struct nb_options with what it has, and
 * asks here what that means; sluice-nb(5) says it to people.  Errors are as in
 * nb-rules.h; they name the option.  Pure functions of their arguments. */

#ifndef NB_OPTIONS_H
#define NB_OPTIONS_H 1

#include "compiler.h"

struct nb_segment;
struct nb_vni_pool;

enum nb_option {
    NB_GENEVE_VNI_RANGES,
    NB_OVERLAY_IP_VERSION,
    NB_TENANT_NETWORK_TYPE,
    NB_UNDERLAY_MTU,
    NB_VXLAN_VNI_RANGES,
    NB_N_OPTIONS
};

/* "vxlan-vni-ranges"... */
extern const char *const nb_option_names[NB_N_OPTIONS];

/* The options' values, borrowed; NULL: not set. */
struct nb_options {
    const char *values[NB_N_OPTIONS];
};

/* Fills 'segment' from what a user said of a network, as
 * nb_segment_from_strings() does.  If he did not say anything it is of the
 * type that the operator has set. */
char *nb_options_segment(const struct nb_options *, const char *network_type,
                         const char *physical_network,
                         const char *segmentation_id,
                         struct nb_segment *segment) OVS_WARN_UNUSED_RESULT;

/* Makes '*poolp' of the VNIs that are there for networks of that type, "vxlan"
 * or "geneve"; on error there is no pool. */
char *nb_options_vni_pool(const struct nb_options *, const char *network_type,
                          struct nb_vni_pool **poolp) OVS_WARN_UNUSED_RESULT;

/* Puts into '*mtu' the largest MTU that a network of that type, NULL for a
 * local one, can have: that of the underlay, less what the encapsulation of an
 * overlay takes.  It is also the one that a network has by default. */
char *nb_options_max_mtu(const struct nb_options *, const char *network_type,
                         int *mtu) OVS_WARN_UNUSED_RESULT;

/* Refuses what is set and makes no sense. */
char *nb_options_check(const struct nb_options *) OVS_WARN_UNUSED_RESULT;

#endif /* nb-options.h */
