/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The rules of northbound values that the OVSDB schema cannot state.
 *
 * Whoever takes values from people asks here before it writes them, so that
 * every way into the database refuses the same things in the same words.  The
 * database itself would take them, and an agent would have to quarantine what
 * came of it.
 *
 * Pure functions of their arguments.  One that can refuse returns NULL if all
 * is well and otherwise a message for the caller to free, which names the
 * value and the reason, without a newline. */

#ifndef NB_RULES_H
#define NB_RULES_H 1

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "compiler.h"

/* "fa:16:3e:00:00:01" and its null. */
#define NB_MAC_LEN 17

/* Room for "2026-11-22T14:44:44Z" and its null. */
#define NB_TIME_SIZE sizeof "2026-11-22T14:44:44Z"

/* Highest VLAN ID (IEEE 802.1Q keeps 0 and 4095) and VNI. */
#define NB_VLAN_MAX 4094
#define NB_VNI_MAX 16777215

/* Lowest and highest MTU of a network: what IPv4 needs (RFC 791), and its
 * largest packet. */
#define NB_MTU_MIN 68
#define NB_MTU_MAX 65535

/* Puts into 'mac' the canonical form (lower case, colons) of the Ethernet
 * address 's'.  Refuses what is not six pairs of hexadecimal digits with
 * colons between them, a multicast address and all zeros. */
char *nb_mac_from_string(const char *s, char mac[NB_MAC_LEN + 1])
    OVS_WARN_UNUSED_RESULT;

/* Puts into 'mac' the locally administered unicast address fa:16:3e:xx:xx:xx
 * whose last three bytes are the low 24 bits of 'random'. */
void nb_mac_from_random(uint32_t random, char mac[NB_MAC_LEN + 1]);

/* What carries a network: the columns of a Segment row. */
struct nb_segment {
    const char *network_type;   /* NULL: a local network, without Segment. */
    const char *physical_network; /* "" for overlays. */
    int64_t segmentation_id;    /* 0 for flat, and for an overlay while it has
                                 * none. */
};

/* Fills 'segment' from what a user said of a network.  Each string is NULL
 * when he did not; 'segment' borrows them.  An overlay for which he did not
 * say its segmentation_id has to be given one (see nb-vni.h). */
char *nb_segment_from_strings(const char *network_type,
                              const char *physical_network,
                              const char *segmentation_id,
                              struct nb_segment *segment)
    OVS_WARN_UNUSED_RESULT;

/* Returns true if that is a network_type of overlays, whose segmentation_id is
 * a VNI. */
bool nb_network_type_is_overlay(const char *network_type);

/* What an overlay's tunnel takes of a packet of the underlay, in bytes: the
 * inner Ethernet header (14), VXLAN's (RFC 7348) or Geneve's without options
 * (RFC 8926; 8 both), UDP's (8) and IPv4's (20) or IPv6's (40). */
int nb_encap_overhead(bool ipv6);

/* Puts into 's' the moment 't' as created_at and updated_at have it: UTC, to
 * the second. */
void nb_time_to_string(time_t t, char s[NB_TIME_SIZE]);

#endif /* nb-rules.h */
