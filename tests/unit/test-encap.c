/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* How a hypervisor says that it can be reached, and what it may not say. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "ovs-agent/encap.h"
#include "packets.h"

/* Types. */

static void
type_names(void **state OVS_UNUSED)
{
    assert_string_equal(encap_type_name(ENCAP_VXLAN), "vxlan");
    assert_string_equal(encap_type_name(ENCAP_GENEVE), "geneve");
    for (int i = 0; i < ENCAP_N_TYPES; i++) {
        enum encap_type type;

        assert_true(encap_type_from_name(encap_type_name(i), &type));
        assert_int_equal(type, i);
    }
}

static void
no_types(void **state OVS_UNUSED)
{
    static const char *names[] = {
        NULL, "", "gre", "VXLAN", "vxlan ", " vxlan", "vxla", "vlan", "flat",
    };
    enum encap_type type;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        assert_false(encap_type_from_name(names[i], &type));
    }
}

/* Addresses. */

static void
assert_ip(const char *s, const char *canonical)
{
    struct in6_addr ip;
    char *back;

    assert_true(encap_ip_from_string(s, &ip));
    back = encap_ip_to_string(&ip);
    assert_string_equal(back, canonical);
    free(back);
}

static void
ips(void **state OVS_UNUSED)
{
    assert_ip("192.0.2.1", "192.0.2.1");
    assert_ip("255.255.255.254", "255.255.255.254");
    assert_ip("127.0.0.1", "127.0.0.1");
    assert_ip("2001:db8::1", "2001:db8::1");
    assert_ip("2001:DB8:0:0::0:1", "2001:db8::1");
    assert_ip("fe80::1", "fe80::1");
    assert_ip("::1", "::1");
    /* The same as the IPv4 address: it is one hypervisor. */
    assert_ip("::ffff:192.0.2.1", "192.0.2.1");
}

static void
no_ips(void **state OVS_UNUSED)
{
    static const char *strings[] = {
        "", " ", "hv1", "192.0.2", "192.0.2.256", "192.0.2.1/24",
        "192.0.2.1 ", " 192.0.2.1", "192.0.2.1,192.0.2.2", "2001:db8::/64",
        "2001:db8::1%eth0", "[2001:db8::1]", "2001:db8::1::2", ":", "1",
        /* Of nobody, or of many. */
        "0.0.0.0", "::", "224.0.0.1", "239.255.255.255", "255.255.255.255",
        "ff02::1",
        "::ffff:0.0.0.0", "::ffff:224.0.0.1", "::ffff:255.255.255.255",
    };
    struct in6_addr ip;

    for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
        if (encap_ip_from_string(strings[i], &ip)) {
            fail_msg("\"%s\" was taken for an address", strings[i]);
        }
    }
}

static void
families(void **state OVS_UNUSED)
{
    struct in6_addr ip;

    assert_true(encap_ip_from_string("192.0.2.1", &ip));
    assert_true(encap_ip_is_ipv4(&ip));
    assert_int_equal(in6_addr_get_mapped_ipv4(&ip), htonl(0xc0000201));
    assert_true(encap_ip_from_string("::ffff:192.0.2.1", &ip));
    assert_true(encap_ip_is_ipv4(&ip));
    assert_true(encap_ip_from_string("2001:db8::1", &ip));
    assert_false(encap_ip_is_ipv4(&ip));
    assert_true(encap_ip_from_string("::192.0.2.1", &ip));
    assert_false(encap_ip_is_ipv4(&ip));
}

/* Both. */

static void
assert_encap(const char *s, enum encap_type type, const char *canonical)
{
    struct encap encap;
    char *back;

    assert_true(encap_from_string(s, &encap));
    assert_int_equal(encap.type, type);
    back = encap_to_string(&encap);
    assert_string_equal(back, canonical);
    free(back);
}

static void
encaps(void **state OVS_UNUSED)
{
    assert_encap("vxlan:192.0.2.1", ENCAP_VXLAN, "vxlan:192.0.2.1");
    assert_encap("geneve:192.0.2.1", ENCAP_GENEVE, "geneve:192.0.2.1");
    assert_encap("vxlan:2001:DB8::1", ENCAP_VXLAN, "vxlan:2001:db8::1");
    assert_encap("geneve:::1", ENCAP_GENEVE, "geneve:::1");
}

static void
no_encaps(void **state OVS_UNUSED)
{
    static const char *strings[] = {
        "", ":", "vxlan", "vxlan:", ":192.0.2.1", "192.0.2.1", "2001:db8::1",
        "gre:192.0.2.1", "vxlan 192.0.2.1", "vxlan:hv1", "vxlan:0.0.0.0",
        "vxlan:192.0.2.1:4789", "vxlan:geneve:192.0.2.1", "VXLAN:192.0.2.1",
        "vxlan:192.0.2.1 ", "vxlan: 192.0.2.1", "vxlan:ff02::1",
    };
    struct encap encap;

    for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
        if (encap_from_string(strings[i], &encap)) {
            fail_msg("\"%s\" was taken for an encap", strings[i]);
        }
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(type_names),
        cmocka_unit_test(no_types),
        cmocka_unit_test(ips),
        cmocka_unit_test(no_ips),
        cmocka_unit_test(families),
        cmocka_unit_test(encaps),
        cmocka_unit_test(no_encaps),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
