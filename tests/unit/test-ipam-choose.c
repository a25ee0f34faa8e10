/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Which addresses a port gets: each rule by an example. */

#include <config.h>

#include "ipam-net.h"

static void
test_default(void **state OVS_UNUSED)
{
    struct network n;

    net_init(&n);
    assert_chosen(&n, "10.1.0.10 2001:db8:4::a " SLAAC_OF_MAC);
    net_use(&n, A4, "10.1.0.10");
    assert_chosen(&n, "10.1.0.11 2001:db8:4::a " SLAAC_OF_MAC);
    net_use(&n, A4, "10.1.0.11");
    assert_chosen(&n, "10.2.0.10 2001:db8:4::a " SLAAC_OF_MAC);
    net_use(&n, B4, "10.2.0.10");
    assert_not_chosen(&n, 409, "IpAddressGenerationFailure",
                      "No more IP addresses available on network 0000000a");

    /* What no subnet is for is not missed. */
    n.request.subnets = &n.subnets[SLAAC];
    n.request.n_subnets = 1;
    assert_chosen(&n, SLAAC_OF_MAC);
    net_ask_none(&n);
    assert_chosen(&n, SLAAC_OF_MAC);
    n.request.n_subnets = 0;
    assert_chosen(&n, "");
    n.request.fixed_ips_given = false;
    assert_chosen(&n, "");
    net_destroy(&n);
}

static void
test_random_start(void **state OVS_UNUSED)
{
    struct network n;

    net_init(&n);
    n.request.n_subnets = 1;
    n.request.random = u128_from(UINT64_MAX, 0);
    assert_chosen(&n, "10.1.0.11");
    ASK(&n, IN(A4), IN(A4));
    assert_chosen(&n, "10.1.0.11 10.1.0.10");

    /* Without a set nothing is used, and nothing is given twice. */
    addr_set_destroy(n.subnets[A4].used);
    n.subnets[A4].used = NULL;
    struct choice choice;
    assert_null(choose_addresses(&n.request, &choice));
    assert_int_equal(choice.n_addresses, 2);
    assert_addr(choice.addresses[0].address, "10.1.0.11");
    assert_addr(choice.addresses[1].address, "10.1.0.10");
    choice_destroy(&choice);
    net_destroy(&n);
}

static void
test_named(void **state OVS_UNUSED)
{
    struct network n;

    net_init(&n);
    n.request.n_subnets = 3;
    net_ask_none(&n);
    assert_chosen(&n, "");

    /* Off the pools, the gateway's, and before those that are not named. */
    ASK(&n, IP("10.1.0.200"), IP_IN(A4, "10.1.0.1"), IP("2001:db8:4::1234"));
    assert_chosen(&n, "10.1.0.200 10.1.0.1 2001:db8:4::1234");
    ASK(&n, IN(A4), IN(B4), IP("10.1.0.10"));
    assert_chosen(&n, "10.1.0.10 10.1.0.11 10.2.0.10");

    ASK(&n, IP_IN(A4, "10.2.0.1"));
    assert_not_chosen(&n, 400, "InvalidIpForSubnet", "10.2.0.1");
    ASK(&n, IP("10.3.0.1"));
    assert_not_chosen(&n, 400, "InvalidIpForNetwork", "10.3.0.1");
    ASK(&n, IP("10.1.0.0"));
    assert_not_chosen(&n, 400, "InvalidIpForNetwork", "10.1.0.0");
    ASK(&n, IP_IN(A4, "10.1.0.255"));
    assert_not_chosen(&n, 400, "InvalidIpForSubnet", "10.1.0.255");
    ASK(&n, IP("2001:db8:4::"));
    assert_not_chosen(&n, 400, "InvalidIpForNetwork", "2001:db8:4::");
    n.request.device_owner = "network:router_interface";
    assert_chosen(&n, "2001:db8:4::");
    n.request.device_owner = "";
    assert_chosen(&n, "2001:db8:4::");
    ASK(&n, IP("2001:db8:4:0:ffff:ffff:ffff:ffff"));
    assert_chosen(&n, "2001:db8:4:0:ffff:ffff:ffff:ffff");

    net_use(&n, A4, "10.1.0.77");
    ASK(&n, IP("10.1.0.77"));
    assert_not_chosen(&n, 409, "IpAddressAlreadyAllocated",
                      "IP address 10.1.0.77 already allocated in subnet "
                      "0000000a-0000-0064");
    ASK(&n, IP("10.1.0.5"), IP_IN(A4, "10.1.0.5"));
    assert_not_chosen(&n, 400, "HTTPBadRequest",
                      "Duplicate IP address '10.1.0.5'");
    ASK(&n, IN(B4), IN(B4));
    assert_not_chosen(&n, 409, "IpAddressGenerationFailure",
                      "0000000a-0000-0065");
    ASK(&n, IN(SLAAC));
    assert_not_chosen(&n, 400, "InvalidInput", "invalid subnet 0000000a");
    ASK(&n, { .has_subnet = false });
    assert_not_chosen(&n, 400, "InvalidInput", "requires subnet_id");
    n.request.n_subnets = 0;
    assert_not_chosen(&n, 400, "InvalidInput", "requires subnets");
    net_destroy(&n);
}

static void
test_too_many(void **state OVS_UNUSED)
{
    struct network n;

    net_init(&n);
    n.request.n_subnets = 1;
    ASK(&n, IP("10.1.0.1"), IP("10.1.0.2"), IP("10.1.0.3"), IP("10.1.0.4"),
        IP("10.1.0.5"));
    assert_chosen(&n, "10.1.0.1 10.1.0.2 10.1.0.3 10.1.0.4 10.1.0.5");
    ASK(&n, IP("10.1.0.1"), IP("10.1.0.2"), IP("10.1.0.3"), IP("10.1.0.4"),
        IP("10.1.0.5"), IP("10.1.0.6"));
    assert_not_chosen(&n, 400, "InvalidInput",
                      "6 are asked for and 5 allowed");
    n.request.device_owner = "network:dhcp";
    assert_chosen(&n, "10.1.0.1 10.1.0.2 10.1.0.3 10.1.0.4 10.1.0.5 "
                  "10.1.0.6");
    net_destroy(&n);
}

static void
test_auto(void **state OVS_UNUSED)
{
    struct network n;

    net_init(&n);
    ASK(&n, IN(A4));
    assert_chosen(&n, "10.1.0.10 " SLAAC_OF_MAC);
    ASK(&n, IN(SLAAC), IN(SLAAC));
    assert_chosen(&n, SLAAC_OF_MAC);
    ASK(&n, IP(SLAAC_OF_MAC));
    assert_chosen(&n, SLAAC_OF_MAC);
    ASK(&n, IP_IN(SLAAC, "2001:db8:5::b"));
    assert_not_chosen(&n, 400, "AllocationOnAutoAddressSubnet",
                      "2001:db8:5::b cannot be directly assigned");

    /* A router's port has what it asks for, no other. */
    n.request.device_owner = "network:router_interface";
    assert_chosen(&n, "2001:db8:5::b");
    ASK(&n, IN(SLAAC));
    assert_chosen(&n, "2001:db8:5::a");
    net_ask_none(&n);
    assert_chosen(&n, "");
    n.request.device_owner = "";
    net_use(&n, SLAAC, SLAAC_OF_MAC);
    assert_not_chosen(&n, 409, "IpAddressAlreadyAllocated", SLAAC_OF_MAC);
    net_destroy(&n);
}

static void
test_service_types(void **state OVS_UNUSED)
{
    const char *const types[] = { "network:floatingip", "compute:nova" };
    struct network n;

    net_init(&n);
    n.request.n_subnets = 2;
    n.subnets[B4].service_types = types;
    n.subnets[B4].n_service_types = 2;
    assert_chosen(&n, "10.2.0.10");
    net_use(&n, B4, "10.2.0.10");
    assert_chosen(&n, "10.1.0.10");
    n.request.device_owner = "compute:other";
    assert_chosen(&n, "10.1.0.10");
    ASK(&n, IN(B4));
    assert_not_chosen(&n, 400, "InvalidInput", "invalid subnet");
    ASK(&n, IP("10.2.0.77"));
    assert_not_chosen(&n, 400, "InvalidIpForNetwork", "10.2.0.77");
    n.request.device_owner = "network:dhcp";
    assert_chosen(&n, "10.2.0.77");

    n.request.subnets = &n.subnets[B4];
    n.request.n_subnets = 1;
    n.request.device_owner = "compute:other";
    n.request.fixed_ips_given = false;
    assert_not_chosen(&n, 409, "IpAddressGenerationFailureNoMatchingSubnet",
                      "service type compute:other");
    net_ask_none(&n);
    assert_chosen(&n, "");
    net_destroy(&n);
}

static void
test_update(void **state OVS_UNUSED)
{
    struct network n;

    net_init(&n);
    struct port_address current[] = {
        { net_subnet(A4), addr("10.1.0.50") },
        { net_subnet(A4), addr("10.1.0.10") },
        { net_subnet(SLAAC), addr(SLAAC_OF_MAC) },
    };
    net_set_current(&n, current, 3);

    /* Nothing asked: nothing changes. */
    assert_updated(&n, "10.1.0.50 10.1.0.10 " SLAAC_OF_MAC, 3, "");
    net_ask_none(&n);
    assert_updated(&n, SLAAC_OF_MAC, 1, "10.1.0.50 10.1.0.10");

    /* By value, by subnet, by both, and more of a subnet than there are. */
    ASK(&n, IP("10.1.0.10"));
    assert_updated(&n, "10.1.0.10 " SLAAC_OF_MAC, 2, "10.1.0.50");
    ASK(&n, IN(A4));
    assert_updated(&n, "10.1.0.50 " SLAAC_OF_MAC, 2, "10.1.0.10");
    ASK(&n, IN(A4), IP_IN(A4, "10.1.0.50"));
    assert_updated(&n, "10.1.0.50 10.1.0.10 " SLAAC_OF_MAC, 3, "");
    ASK(&n, IN(A4), IN(A4), IN(A4));
    assert_updated(&n, "10.1.0.50 10.1.0.10 " SLAAC_OF_MAC " 10.1.0.11", 3,
                   "");
    ASK(&n, IP("10.2.0.9"), IP(SLAAC_OF_MAC));
    assert_updated(&n, SLAAC_OF_MAC " 10.2.0.9", 1, "10.1.0.50 10.1.0.10");

    /* Its own address in another subnet is not its own. */
    ASK(&n, IP_IN(B4, "10.1.0.50"));
    assert_not_chosen(&n, 400, "InvalidIpForSubnet", "10.1.0.50");
    net_use(&n, A4, "10.1.0.60");
    ASK(&n, IP("10.1.0.50"), IP("10.1.0.60"));
    assert_not_chosen(&n, 409, "IpAddressAlreadyAllocated", "10.1.0.60");
    net_destroy(&n);
}

/* A new MAC address has a new automatic address, whatever is asked. */
static void
test_new_mac(void **state OVS_UNUSED)
{
    struct network n;

    net_init(&n);
    struct port_address current[] = {
        { net_subnet(SLAAC), addr(SLAAC_OF_OTHER) },
        { net_subnet(A4), addr("10.1.0.50") },
    };
    net_set_current(&n, current, 2);
    assert_updated(&n, "10.1.0.50 " SLAAC_OF_MAC, 1, SLAAC_OF_OTHER);
    ASK(&n, IP(SLAAC_OF_OTHER), IP("10.1.0.50"));
    assert_updated(&n, "10.1.0.50 " SLAAC_OF_MAC, 1, SLAAC_OF_OTHER);
    net_ask_none(&n);
    assert_updated(&n, SLAAC_OF_MAC, 0, SLAAC_OF_OTHER " 10.1.0.50");
    net_destroy(&n);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default),
        cmocka_unit_test(test_random_start),
        cmocka_unit_test(test_named),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_auto),
        cmocka_unit_test(test_service_types),
        cmocka_unit_test(test_update),
        cmocka_unit_test(test_new_mac),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
