/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Options of NB_Global.  See nb-options.h. */

#include <config.h>

#include "nb-options.h"

#include <stdlib.h>
#include <string.h>

#include "nb-vni.h"
#include "util.h"

const char *const nb_option_names[NB_N_OPTIONS] = {
    [NB_GENEVE_VNI_RANGES] = "geneve-vni-ranges",
    [NB_VXLAN_VNI_RANGES] = "vxlan-vni-ranges",
};

/* What is so when they are not set. */
static const char *const defaults[NB_N_OPTIONS] = {
    [NB_GENEVE_VNI_RANGES] = "1:16777215",
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

char *
nb_options_check(const struct nb_options *options)
{
    static const enum nb_option ranges[] = {
        NB_GENEVE_VNI_RANGES, NB_VXLAN_VNI_RANGES
    };
    char *error = NULL;

    for (size_t i = 0; !error && i < ARRAY_SIZE(ranges); i++) {
        error = check_vni_ranges(options, ranges[i]);
    }
    return error;
}
