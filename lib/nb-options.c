/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Options of NB_Global.  See nb-options.h. */

#include <config.h>

#include "nb-options.h"

#include <stdlib.h>
#include <string.h>

#include "nb-rules.h"
#include "nb-vni.h"
#include "util.h"

const char *const nb_option_names[NB_N_OPTIONS] = {
    [NB_GENEVE_VNI_RANGES] = "geneve-vni-ranges",
    [NB_OVERLAY_IP_VERSION] = "overlay-ip-version",
    [NB_TENANT_NETWORK_TYPE] = "tenant-network-type",
    [NB_UNDERLAY_MTU] = "underlay-mtu",
    [NB_VXLAN_VNI_RANGES] = "vxlan-vni-ranges",
};

/* What is so when they are not set. */
static const char *const defaults[NB_N_OPTIONS] = {
    [NB_GENEVE_VNI_RANGES] = "1:16777215",
    [NB_OVERLAY_IP_VERSION] = "4",
    [NB_TENANT_NETWORK_TYPE] = "local",
    [NB_UNDERLAY_MTU] = "1500",     /* Ethernet's. */
    [NB_VXLAN_VNI_RANGES] = "1:16777215",
};

static const char *
get(const struct nb_options *options, enum nb_option option)
{
    const char *value = options->values[option];

    return value ? value : defaults[option];
}

/* Returns 'reason', which is freed, with the option that is to blame; NULL for
 * NULL. */
static char *
blame(enum nb_option option, char *reason)
{
    char *error = (reason
                   ? xasprintf("NB_Global option %s: %s",
                               nb_option_names[option], reason)
                   : NULL);

    free(reason);
    return error;
}

static char *
get_tenant_network_type(const struct nb_options *options, const char **type)
{
    *type = get(options, NB_TENANT_NETWORK_TYPE);
    return (!strcmp(*type, "local") || nb_network_type_is_overlay(*type) ? NULL
            : blame(NB_TENANT_NETWORK_TYPE,
                    xasprintf("\"%s\" is none of local, vxlan and geneve",
                              *type)));
}

char *
nb_options_segment(const struct nb_options *options, const char *network_type,
                   const char *physical_network, const char *segmentation_id,
                   struct nb_segment *segment)
{
    char *error = NULL;

    /* What is on a certain wire, or has a certain number, is of a certain
     * type, which has to be said. */
    if (!network_type && !physical_network && !segmentation_id) {
        error = get_tenant_network_type(options, &network_type);
    }
    return (error ? error
            : nb_segment_from_strings(network_type, physical_network,
                                      segmentation_id, segment));
}

static char *
make_vni_pool(const struct nb_options *options, enum nb_option option,
              struct nb_vni_pool **poolp)
{
    return blame(option, nb_vni_pool_create(get(options, option), poolp));
}

char *
nb_options_vni_pool(const struct nb_options *options,
                    const char *network_type, struct nb_vni_pool **poolp)
{
    return make_vni_pool(options, (!strcmp(network_type, "vxlan")
                                   ? NB_VXLAN_VNI_RANGES
                                   : NB_GENEVE_VNI_RANGES), poolp);
}

static char *
check_vni_ranges(const struct nb_options *options, enum nb_option option)
{
    struct nb_vni_pool *pool;
    char *error = make_vni_pool(options, option, &pool);

    nb_vni_pool_destroy(pool);
    return error;
}

static char *
get_overlay_ipv6(const struct nb_options *options, bool *ipv6)
{
    const char *value = get(options, NB_OVERLAY_IP_VERSION);

    *ipv6 = !strcmp(value, "6");
    return (*ipv6 || !strcmp(value, "4") ? NULL
            : blame(NB_OVERLAY_IP_VERSION,
                    xasprintf("\"%s\" is neither 4 nor 6", value)));
}

static char *
get_underlay_mtu(const struct nb_options *options, int *mtu)
{
    /* So that each network can have one that is not less than the lowest. */
    int min = NB_MTU_MIN + nb_encap_overhead(true);
    const char *value = get(options, NB_UNDERLAY_MTU);

    return (str_to_int(value, 10, mtu) && *mtu >= min && *mtu <= NB_MTU_MAX
            ? NULL
            : blame(NB_UNDERLAY_MTU,
                    xasprintf("\"%s\" is not a number of bytes from %d to %d",
                              value, min, NB_MTU_MAX)));
}

char *
nb_options_max_mtu(const struct nb_options *options, const char *network_type,
                   int *mtu)
{
    char *error = get_underlay_mtu(options, mtu);

    if (!error && network_type && nb_network_type_is_overlay(network_type)) {
        bool ipv6;

        error = get_overlay_ipv6(options, &ipv6);
        *mtu -= nb_encap_overhead(ipv6);
    }
    return error;
}

char *
nb_options_check(const struct nb_options *options)
{
    static const enum nb_option ranges[] = {
        NB_GENEVE_VNI_RANGES, NB_VXLAN_VNI_RANGES
    };
    const char *type;
    int mtu;
    char *error = get_tenant_network_type(options, &type);

    if (!error) {
        error = nb_options_max_mtu(options, "vxlan", &mtu);
    }
    for (size_t i = 0; !error && i < ARRAY_SIZE(ranges); i++) {
        error = check_vni_ranges(options, ranges[i]);
    }
    return error;
}
