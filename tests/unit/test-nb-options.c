/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Options of NB_Global: defaults, and what is refused. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "lib/nb-options.h"
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
        cmocka_unit_test(test_check),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
