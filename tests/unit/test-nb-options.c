/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Options of NB_Global: defaults, and what is refused. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "lib/nb-options.h"
#include "lib/nb-rules.h"
#include "lib/nb-vni.h"

/* Options of which one is set. */
static struct nb_options
with(enum nb_option option, const char *value)
{
    struct nb_options options = { .values = { NULL } };

    options.values[option] = value;
    return options;
}

/* Takes one of the VNIs for networks of 'type'; 0 if there is none. */
static int64_t
take(const struct nb_options *options, const char *type)
{
    struct nb_vni_pool *pool;

    assert_null(nb_options_vni_pool(options, type, &pool));
    int64_t vni = nb_vni_pool_take(pool, 0);
    nb_vni_pool_destroy(pool);
    return vni;
}

static void
test_vni_ranges(void **state OVS_UNUSED)
{
    struct nb_options vxlan = with(NB_VXLAN_VNI_RANGES, "7:7");
    struct nb_options geneve = with(NB_GENEVE_VNI_RANGES, "8:8,9:9");

    assert_int_equal(take(&vxlan, "vxlan"), 7);
    assert_int_equal(take(&vxlan, "geneve"), 1);
    assert_int_equal(take(&geneve, "vxlan"), 1);
    assert_int_equal(take(&geneve, "geneve"), 8);
}

static int
max_mtu(const struct nb_options *options, const char *type)
{
    int mtu;

    assert_null(nb_options_max_mtu(options, type, &mtu));
    return mtu;
}

static void
test_max_mtu(void **state OVS_UNUSED)
{
    struct nb_options options = { .values = { NULL } };

    assert_int_equal(max_mtu(&options, NULL), 1500);
    assert_int_equal(max_mtu(&options, "flat"), 1500);
    assert_int_equal(max_mtu(&options, "vlan"), 1500);
    assert_int_equal(max_mtu(&options, "vxlan"), 1450);
    assert_int_equal(max_mtu(&options, "geneve"), 1450);

    options.values[NB_UNDERLAY_MTU] = "9000";
    options.values[NB_OVERLAY_IP_VERSION] = "6";
    assert_int_equal(max_mtu(&options, "vlan"), 9000);
    assert_int_equal(max_mtu(&options, "vxlan"), 8930);
    assert_int_equal(max_mtu(&options, "geneve"), 8930);
    options.values[NB_OVERLAY_IP_VERSION] = "4";
    assert_int_equal(max_mtu(&options, "geneve"), 8950);

    options.values[NB_UNDERLAY_MTU] = "65535";
    assert_int_equal(max_mtu(&options, NULL), 65535);
    options.values[NB_UNDERLAY_MTU] = "138";
    options.values[NB_OVERLAY_IP_VERSION] = "6";
    assert_int_equal(max_mtu(&options, "vxlan"), 68);

    /* Only overlays have to know the version. */
    options = with(NB_OVERLAY_IP_VERSION, "5");
    assert_int_equal(max_mtu(&options, "vlan"), 1500);
}

/* The network_type of a network of which that is said; "local" for NULL. */
static const char *
segment_type(const struct nb_options *options, const char *type,
             const char *physical, const char *id)
{
    struct nb_segment segment;

    assert_null(nb_options_segment(options, type, physical, id, &segment));
    assert_string_equal(segment.physical_network, physical ? physical : "");
    assert_int_equal(segment.segmentation_id, id ? atoi(id) : 0);
    return segment.network_type ? segment.network_type : "local";
}

static void
test_segment(void **state OVS_UNUSED)
{
    static const char *const types[] = { NULL, "local", "vxlan", "geneve" };

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        struct nb_options options = with(NB_TENANT_NETWORK_TYPE, types[i]);
        struct nb_segment segment;

        assert_string_equal(segment_type(&options, NULL, NULL, NULL),
                            types[i] ? types[i] : "local");

        /* What is said counts. */
        assert_string_equal(segment_type(&options, "local", NULL, NULL),
                            "local");
        assert_string_equal(segment_type(&options, "vxlan", NULL, "5"),
                            "vxlan");
        assert_string_equal(segment_type(&options, "geneve", NULL, NULL),
                            "geneve");
        assert_string_equal(segment_type(&options, "vlan", "p", "5"), "vlan");

        /* And has to be said. */
        for (int j = 0; j < 2; j++) {
            char *error = nb_options_segment(&options, NULL, j ? "p" : NULL,
                                             j ? NULL : "5", &segment);

            assert_non_null(strstr(error, "is given, but no network_type"));
            free(error);
        }
    }
}

/* 'value' must be refused, with the option's name and 'reason'. */
static void
assert_bad(enum nb_option option, const char *value, const char *reason)
{
    struct nb_options options = with(option, value);
    char *error = nb_options_check(&options);

    assert_non_null(error);
    assert_non_null(strstr(error, "NB_Global option "));
    assert_non_null(strstr(error, nb_option_names[option]));
    if (!strstr(error, reason)) {
        fail_msg("%s: \"%s\" is not in \"%s\"", value, reason, error);
    }
    free(error);
}

static void
test_check(void **state OVS_UNUSED)
{
    struct nb_options options = { .values = { NULL } };
    struct nb_vni_pool *pool;
    char *error;

    assert_null(nb_options_check(&options));
    options = with(NB_VXLAN_VNI_RANGES, "1:1000,2000:3000");
    assert_null(nb_options_check(&options));

    assert_bad(NB_VXLAN_VNI_RANGES, "5", "\"5\" is not a range FIRST:LAST");
    assert_bad(NB_GENEVE_VNI_RANGES, "9:1", "ends before it begins");

    assert_bad(NB_UNDERLAY_MTU, "", "\"\" is not a number of bytes");
    assert_bad(NB_UNDERLAY_MTU, "1500x", "\"1500x\" is not a number");
    assert_bad(NB_UNDERLAY_MTU, "-1500", "from 138 to 65535");
    assert_bad(NB_UNDERLAY_MTU, "137", "from 138 to 65535");
    assert_bad(NB_UNDERLAY_MTU, "65536", "from 138 to 65535");
    assert_bad(NB_UNDERLAY_MTU, "99999999999999999999", "from 138 to 65535");
    assert_bad(NB_OVERLAY_IP_VERSION, "", "\"\" is neither 4 nor 6");
    assert_bad(NB_OVERLAY_IP_VERSION, "64", "\"64\" is neither 4 nor 6");

    assert_bad(NB_TENANT_NETWORK_TYPE, "vlan",
               "\"vlan\" is none of local, vxlan and geneve");
    assert_bad(NB_TENANT_NETWORK_TYPE, "", "\"\" is none of");
    assert_bad(NB_TENANT_NETWORK_TYPE, "VXLAN", "\"VXLAN\" is none of");

    /* Who needs the other type is not concerned. */
    options = with(NB_VXLAN_VNI_RANGES, "");
    assert_int_equal(take(&options, "geneve"), 1);
    error = nb_options_vni_pool(&options, "vxlan", &pool);
    assert_string_equal(error, "NB_Global option vxlan-vni-ranges: \"\" is "
                        "not a range FIRST:LAST");
    free(error);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vni_ranges),
        cmocka_unit_test(test_segment),
        cmocka_unit_test(test_max_mtu),
        cmocka_unit_test(test_check),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
