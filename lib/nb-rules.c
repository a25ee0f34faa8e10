/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Rules of northbound values.  See nb-rules.h. */

#include <config.h>

#include "nb-rules.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

static char *check_physical_network(const struct nb_segment *, bool wanted);
static char *parse_segmentation_id(const char *s, const char *what,
                                   int64_t max, struct nb_segment *);

/* What each network_type asks for. */
static const struct network_type {
    const char *name;
    bool overlay;               /* Otherwise it names a physical network. */
    const char *id_name;        /* What its segmentation_id is; NULL: none. */
    int64_t id_max;
} network_types[] = {
    { "flat", false, NULL, 0 },
    { "vlan", false, "VLAN ID", NB_VLAN_MAX },
    { "vxlan", true, "VNI", NB_VNI_MAX },
    { "geneve", true, "VNI", NB_VNI_MAX },
};

char *
nb_mac_from_string(const char *s, char mac[NB_MAC_LEN + 1])
{
    bool well_formed = strlen(s) == NB_MAC_LEN;

    for (int i = 0; well_formed && i < NB_MAC_LEN; i++) {
        well_formed = (i % 3 == 2 ? s[i] == ':'
                       : isxdigit((unsigned char) s[i]) != 0);
    }
    if (!well_formed) {
        return xasprintf("mac_address \"%s\" is malformed: an Ethernet "
                         "address is six pairs of hexadecimal digits with "
                         "colons between them", s);
    }
    if (hexit_value(s[1]) & 1) {
        return xasprintf("mac_address \"%s\" is a multicast address: a port "
                         "needs a unicast address", s);
    }
    if (!strcmp(s, "00:00:00:00:00:00")) {
        return xasprintf("mac_address \"%s\" is all zeros, which is no "
                         "address of an interface", s);
    }

    for (int i = 0; i < NB_MAC_LEN; i++) {
        mac[i] = tolower((unsigned char) s[i]);
    }
    mac[NB_MAC_LEN] = '\0';
    return NULL;
}

void
nb_mac_from_random(uint32_t random, char mac[NB_MAC_LEN + 1])
{
    snprintf(mac, NB_MAC_LEN + 1, "fa:16:3e:%02x:%02x:%02x",
             (random >> 16) & 0xff, (random >> 8) & 0xff, random & 0xff);
}

static const struct network_type *
find_network_type(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(network_types); i++) {
        if (!strcmp(network_types[i].name, name)) {
            return &network_types[i];
        }
    }
    return NULL;
}

bool
nb_network_type_is_overlay(const char *network_type)
{
    const struct network_type *type = find_network_type(network_type);

    return type && type->overlay;
}

char *
nb_segment_from_strings(const char *network_type,
                        const char *physical_network,
                        const char *segmentation_id,
                        struct nb_segment *segment)
{
    *segment = (struct nb_segment) { .physical_network = "" };
    if (!network_type || !strcmp(network_type, "local")) {
        const char *extra = (physical_network ? "physical_network"
                             : segmentation_id ? "segmentation_id" : NULL);
        return (!extra ? NULL
                : xasprintf("%s is given, but %s", extra, network_type
                            ? "the network_type is local"
                            : "no network_type"));
    }

    const struct network_type *type = find_network_type(network_type);
    if (!type) {
        return xasprintf("network_type \"%s\" is unknown: it must be "
                         "local, flat, vlan, vxlan or geneve", network_type);
    }
    segment->network_type = type->name;
    if (physical_network) {
        segment->physical_network = physical_network;
    }

    char *error = check_physical_network(segment, !type->overlay);
    return (error || (type->overlay && !segmentation_id) ? error
            : parse_segmentation_id(segmentation_id, type->id_name,
                                    type->id_max, segment));
}

static char *
check_physical_network(const struct nb_segment *segment, bool wanted)
{
    if (wanted == (segment->physical_network[0] != '\0')) {
        return NULL;
    }
    return (wanted
            ? xasprintf("physical_network is missing: a %s network is on one",
                        segment->network_type)
            : xasprintf("physical_network \"%s\" is given, but a %s network "
                        "is on none", segment->physical_network,
                        segment->network_type));
}

/* Parses 's' (NULL: not given) into 'segment'.  'what' is what the network's
 * type calls its segmentation_id, NULL if it has none. */
static char *
parse_segmentation_id(const char *s, const char *what, int64_t max,
                      struct nb_segment *segment)
{
    long long int id;

    if (!what) {
        return (!s || !strcmp(s, "0") ? NULL
                : xasprintf("segmentation_id %s is given, but a %s network "
                            "has none", s, segment->network_type));
    }
    if (!s) {
        return xasprintf("segmentation_id is missing: a %s network needs its "
                         "%s", segment->network_type, what);
    }
    if (!str_to_llong(s, 10, &id) || id < 1 || id > max) {
        return xasprintf("segmentation_id %s is not a %s: a %s network needs "
                         "a number from 1 to %"PRId64, s, what,
                         segment->network_type, max);
    }
    segment->segmentation_id = id;
    return NULL;
}

int
nb_encap_overhead(bool ipv6)
{
    return 14 + 8 + 8 + (ipv6 ? 40 : 20);
}

void
nb_time_to_string(time_t t, char s[NB_TIME_SIZE])
{
    struct tm tm;

    strftime(s, NB_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
}
