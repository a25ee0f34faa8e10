/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The rules of northbound values, and the name of an agent's lock. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "lib/agent-lock.h"
#include "lib/nb-rules.h"
#include "ovsdb-parser.h"

static void
assert_lock_name(const char *host, const char *expected)
{
    char *name = agent_lock_name(host);

    assert_string_equal(name, expected);
    free(name);
}

static void
test_lock_name(void **state OVS_UNUSED)
{
    assert_lock_name("hv1", "sluice_agent_hv1");
    assert_lock_name("HV1", "sluice_agent_HV1");
    assert_lock_name("hv-1.example", "sluice_agent_hv_2d1_2eexample");
    assert_lock_name("", "sluice_agent_");

    /* What would be equal if "_" stood for itself is not. */
    assert_lock_name("a-b", "sluice_agent_a_2db");
    assert_lock_name("a_2db", "sluice_agent_a_5f2db");

    /* Bytes, not characters; and the sign of char does not matter. */
    assert_lock_name("\xc3\xbc\x01\xff", "sluice_agent__c3_bc_01_ff");
}

/* Each lock's name is one that RFC 7047 allows, and no two are equal. */
static void
test_lock_names_of_all_bytes(void **state OVS_UNUSED)
{
    char *names[256] = { NULL };

    for (int i = 1; i < 256; i++) {
        char host[2] = { i, '\0' };
        names[i] = agent_lock_name(host);
        assert_true(ovsdb_parser_is_id(names[i]));
        for (int j = 1; j < i; j++) {
            assert_string_not_equal(names[i], names[j]);
        }
    }
    for (int i = 1; i < 256; i++) {
        free(names[i]);
    }
}

static void
assert_mac(const char *s, const char *expected)
{
    char mac[NB_MAC_LEN + 1];
    char *error = nb_mac_from_string(s, mac);

    assert_null(error);
    assert_string_equal(mac, expected);
}

/* 's' must be refused by name, with 'reason'. */
static void
assert_bad_mac(const char *s, const char *reason)
{
    char mac[NB_MAC_LEN + 1];
    char *quoted = xasprintf("\"%s\"", s);
    char *error = nb_mac_from_string(s, mac);

    assert_non_null(error);
    assert_non_null(strstr(error, quoted));
    assert_non_null(strstr(error, reason));
    free(error);
    free(quoted);
}

static void
test_mac(void **state OVS_UNUSED)
{
    assert_mac("fa:16:3e:00:00:01", "fa:16:3e:00:00:01");
    assert_mac("FA:16:3e:AB:cD:0f", "fa:16:3e:ab:cd:0f");
    assert_mac("00:00:00:00:00:01", "00:00:00:00:00:01");
    assert_mac("fe:ff:ff:ff:ff:ff", "fe:ff:ff:ff:ff:ff");

    assert_bad_mac("", "malformed");
    assert_bad_mac("fa:16:3e:00:00", "malformed");
    assert_bad_mac("fa:16:3e:00:00:0", "malformed");
    assert_bad_mac("fa:16:3e:00:00:011", "malformed");
    assert_bad_mac("fa:16:3e:00:00:01 ", "malformed");
    assert_bad_mac(" a:16:3e:00:00:01", "malformed");
    assert_bad_mac("fa-16-3e-00-00-01", "malformed");
    assert_bad_mac("fa:16:3e:00:00:0g", "malformed");
    assert_bad_mac("fa:16:3e:00:0::01", "malformed");
    assert_bad_mac("01:00:5e:00:00:01", "multicast");
    assert_bad_mac("fB:16:3e:00:00:01", "multicast");
    assert_bad_mac("ff:ff:ff:ff:ff:ff", "multicast");
    assert_bad_mac("00:00:00:00:00:00", "all zeros");
}

static void
test_random_mac(void **state OVS_UNUSED)
{
    char mac[NB_MAC_LEN + 1];

    nb_mac_from_random(0, mac);
    assert_string_equal(mac, "fa:16:3e:00:00:00");
    nb_mac_from_random(UINT32_MAX, mac);
    assert_string_equal(mac, "fa:16:3e:ff:ff:ff");
    nb_mac_from_random(0x12abcdef, mac);
    assert_string_equal(mac, "fa:16:3e:ab:cd:ef");
    assert_mac(mac, mac);
}

static void
assert_segment(const char *type, const char *physical, const char *id,
               int64_t expected_id)
{
    struct nb_segment segment;

    assert_null(nb_segment_from_strings(type, physical, id, &segment));
    assert_string_equal(segment.network_type, type);
    assert_string_equal(segment.physical_network, physical ? physical : "");
    assert_int_equal(segment.segmentation_id, expected_id);
}

static void
assert_bad_segment(const char *type, const char *physical, const char *id,
                   const char *reason)
{
    struct nb_segment segment;
    char *error = nb_segment_from_strings(type, physical, id, &segment);

    assert_non_null(error);
    assert_non_null(strstr(error, reason));
    free(error);
}

static void
test_segment(void **state OVS_UNUSED)
{
    assert_segment("flat", "p", NULL, 0);
    assert_segment("flat", "p", "0", 0);
    assert_segment("vlan", "p", "1", 1);
    assert_segment("vlan", "p", "4094", 4094);
    assert_segment("vxlan", NULL, "1", 1);
    assert_segment("vxlan", "", "16777215", 16777215);
    assert_segment("geneve", NULL, "5", 5);
    assert_segment("vxlan", NULL, NULL, 0);
    assert_segment("geneve", "", NULL, 0);

    assert_bad_segment("flat", NULL, NULL, "physical_network is missing");
    assert_bad_segment("flat", "", NULL, "physical_network is missing");
    assert_bad_segment("flat", "p", "1", "a flat network has none");
    assert_bad_segment("vlan", NULL, "1", "physical_network is missing");
    assert_bad_segment("vlan", "p", NULL, "needs its VLAN ID");
    assert_bad_segment("vlan", "p", "0", "from 1 to 4094");
    assert_bad_segment("vlan", "p", "4095", "4095 is not a VLAN ID");
    assert_bad_segment("vlan", "p", "-1", "-1 is not a VLAN ID");
    assert_bad_segment("vlan", "p", "5000", "5000 is not a VLAN ID");
    assert_bad_segment("vlan", "p", "1x", "1x is not a VLAN ID");
    assert_bad_segment("vlan", "p", "", "is not a VLAN ID");
    assert_bad_segment("vlan", "p", "99999999999999999999", "not a VLAN ID");
    assert_bad_segment("vxlan", NULL, "0", "from 1 to 16777215");
    assert_bad_segment("vxlan", NULL, "16777216", "is not a VNI");
    assert_bad_segment("geneve", "p", "1", "a geneve network is on none");
    assert_bad_segment("gre", NULL, "1", "\"gre\" is unknown");
    assert_bad_segment("", NULL, NULL, "\"\" is unknown");
}

static void
test_overlays(void **state OVS_UNUSED)
{
    static const char *const others[] = { "flat", "vlan", "local", "gre", "" };

    assert_true(nb_network_type_is_overlay("vxlan"));
    assert_true(nb_network_type_is_overlay("geneve"));
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        assert_false(nb_network_type_is_overlay(others[i]));
    }
}

static void
test_local_segment(void **state OVS_UNUSED)
{
    struct nb_segment segment;

    assert_null(nb_segment_from_strings(NULL, NULL, NULL, &segment));
    assert_null(segment.network_type);
    assert_null(nb_segment_from_strings("local", NULL, NULL, &segment));
    assert_null(segment.network_type);
    assert_string_equal(segment.physical_network, "");

    assert_bad_segment("local", "p", NULL, "physical_network is given");
    assert_bad_segment("local", NULL, "1", "segmentation_id is given");
    assert_bad_segment("local", "p", NULL, "the network_type is local");
    assert_bad_segment(NULL, "p", NULL, "physical_network is given, but no "
                       "network_type");
    assert_bad_segment(NULL, NULL, "5", "segmentation_id is given, but no "
                       "network_type");
}

static void
test_encap_overhead(void **state OVS_UNUSED)
{
    assert_int_equal(nb_encap_overhead(false), 50);
    assert_int_equal(nb_encap_overhead(true), 70);
}

static void
test_time(void **state OVS_UNUSED)
{
    char s[NB_TIME_SIZE];

    nb_time_to_string(0, s);
    assert_string_equal(s, "1970-01-01T00:00:00Z");
    nb_time_to_string(1795358684, s);
    assert_string_equal(s, "2026-11-22T14:44:44Z");
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lock_name),
        cmocka_unit_test(test_lock_names_of_all_bytes),
        cmocka_unit_test(test_mac),
        cmocka_unit_test(test_random_mac),
        cmocka_unit_test(test_segment),
        cmocka_unit_test(test_overlays),
        cmocka_unit_test(test_local_segment),
        cmocka_unit_test(test_encap_overhead),
        cmocka_unit_test(test_time),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
