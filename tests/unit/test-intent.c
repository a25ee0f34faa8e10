/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Copies of rows: a copy is equal and of its own, and a row that differs in
 * whatever column is another, or a change would be lost. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "ovs-agent/intent.h"
#include "uuid.h"

#define STRING(S) CONST_CAST(char *, S)

/* Fails unless a row of TYPE, which MAKE() makes, is equal to its copy, and
 * not any more when CHANGE is made to the copy. */
#define ASSERT_COUNTS(TYPE, MAKE, CHANGE)       \
    do {                                        \
        struct TYPE row = MAKE();               \
        struct TYPE copy = row;                 \
                                                \
        assert_true(TYPE##_equal(&row, &copy)); \
        copy.CHANGE;                            \
        assert_false(TYPE##_equal(&row, &copy)); \
        assert_false(TYPE##_equal(&copy, &row)); \
    } while (0)

/* Fails unless a copy of such a row is equal after the row has gone. */
#define ASSERT_CLONED(TYPE, MAKE)               \
    do {                                        \
        struct TYPE row = MAKE();               \
        struct TYPE first, second;              \
                                                \
        TYPE##_clone(&first, &row);             \
        TYPE##_clone(&second, &first);          \
        TYPE##_destroy(&first);                 \
        assert_true(TYPE##_equal(&row, &second)); \
        TYPE##_destroy(&second);                \
    } while (0)

static char *two_ips[2], *other_ips[2];
static struct uuid two_uuids[2], other_uuids[2];

static int
setup(void **state OVS_UNUSED)
{
    two_ips[0] = other_ips[0] = STRING("10.0.0.1");
    two_ips[1] = STRING("fd00::1");
    other_ips[1] = STRING("fd00::2");
    for (unsigned int i = 0; i < 2; i++) {
        two_uuids[i] = unit_uuid(UNIT_IFACE, i);
        other_uuids[i] = unit_uuid(UNIT_IFACE, i * 2);
    }
    return 0;
}

/* Ports. */

static struct intent_port
make_port(void)
{
    struct intent_port row = {
        .uuid = unit_uuid(UNIT_PORT, 1),
        .network = unit_uuid(UNIT_NETWORK, 1),
        .name = STRING("a port"),
        .mac_address = STRING("02:00:00:00:00:01"),
        .host = STRING("hv1"),
        .admin_state_up = true,
        .port_security_enabled = true,
        .revision_number = 1,
        .allocations = two_uuids,
        .n_allocations = 2,
        .ip_addresses = two_ips,
        .n_ip_addresses = 2,
    };

    return row;
}

static void
port(void **state OVS_UNUSED)
{
    ASSERT_CLONED(intent_port, make_port);
    ASSERT_COUNTS(intent_port, make_port, uuid.parts[3]++);
    ASSERT_COUNTS(intent_port, make_port, network.parts[3]++);
    ASSERT_COUNTS(intent_port, make_port, name = STRING("b"));
    ASSERT_COUNTS(intent_port, make_port, mac_address = STRING(""));
    ASSERT_COUNTS(intent_port, make_port, host = STRING("hv2"));
    ASSERT_COUNTS(intent_port, make_port, admin_state_up = false);
    ASSERT_COUNTS(intent_port, make_port, port_security_enabled = false);
    ASSERT_COUNTS(intent_port, make_port, revision_number++);
    ASSERT_COUNTS(intent_port, make_port, n_allocations--);
    ASSERT_COUNTS(intent_port, make_port, allocations = other_uuids);
    ASSERT_COUNTS(intent_port, make_port, n_ip_addresses--);
    ASSERT_COUNTS(intent_port, make_port, ip_addresses = other_ips);
}

/* Networks. */

static struct intent_network
make_network(void)
{
    struct intent_network row = {
        .uuid = unit_uuid(UNIT_NETWORK, 1),
        .name = STRING("a network"),
        .admin_state_up = true,
        .revision_number = 1,
        .mtu = 1450,
        .segment = unit_uuid(UNIT_SEGMENT, 1),
        .network_type = STRING("vxlan"),
        .physical_network = STRING(""),
        .segmentation_id = 5001,
    };

    return row;
}

static void
network(void **state OVS_UNUSED)
{
    ASSERT_CLONED(intent_network, make_network);
    ASSERT_COUNTS(intent_network, make_network, uuid.parts[3]++);
    ASSERT_COUNTS(intent_network, make_network, name = STRING("b"));
    ASSERT_COUNTS(intent_network, make_network, admin_state_up = false);
    ASSERT_COUNTS(intent_network, make_network, revision_number++);
    ASSERT_COUNTS(intent_network, make_network, mtu++);
    ASSERT_COUNTS(intent_network, make_network, segment = UUID_ZERO);
    ASSERT_COUNTS(intent_network, make_network, network_type = NULL);
    ASSERT_COUNTS(intent_network, make_network,
                  network_type = STRING("geneve"));
    ASSERT_COUNTS(intent_network, make_network, physical_network = NULL);
    ASSERT_COUNTS(intent_network, make_network, segmentation_id++);
}

/* Places. */

static struct intent_port_place
make_port_place(void)
{
    struct intent_port_place row = {
        .row = unit_uuid(UNIT_PLACE, 1),
        .port = unit_uuid(UNIT_PORT, 1),
        .network = unit_uuid(UNIT_NETWORK, 1),
        .host = STRING("hv1"),
        .claim = 1,
        .mac_address = STRING("02:00:00:00:00:01"),
        .ip_addresses = two_ips,
        .n_ip_addresses = 2,
    };

    return row;
}

static void
port_place(void **state OVS_UNUSED)
{
    ASSERT_CLONED(intent_port_place, make_port_place);
    ASSERT_COUNTS(intent_port_place, make_port_place, row.parts[3]++);
    ASSERT_COUNTS(intent_port_place, make_port_place, port.parts[3]++);
    ASSERT_COUNTS(intent_port_place, make_port_place, network.parts[3]++);
    ASSERT_COUNTS(intent_port_place, make_port_place, host = STRING("hv2"));
    ASSERT_COUNTS(intent_port_place, make_port_place, claim++);
    ASSERT_COUNTS(intent_port_place, make_port_place,
                  mac_address = STRING(""));
    ASSERT_COUNTS(intent_port_place, make_port_place, n_ip_addresses = 0);
    ASSERT_COUNTS(intent_port_place, make_port_place,
                  ip_addresses = other_ips);
}

static struct intent_net_place
make_net_place(void)
{
    struct intent_net_place row = {
        .row = unit_uuid(UNIT_PLACE, 1),
        .network = unit_uuid(UNIT_NETWORK, 1),
        .host = STRING("hv1"),
        .encap = STRING("vxlan:192.168.0.1"),
    };

    return row;
}

static void
net_place(void **state OVS_UNUSED)
{
    ASSERT_CLONED(intent_net_place, make_net_place);
    ASSERT_COUNTS(intent_net_place, make_net_place, row.parts[3]++);
    ASSERT_COUNTS(intent_net_place, make_net_place, network.parts[3]++);
    ASSERT_COUNTS(intent_net_place, make_net_place, host = STRING("hv2"));
    ASSERT_COUNTS(intent_net_place, make_net_place, encap = STRING(""));
    ASSERT_COUNTS(intent_net_place, make_net_place, unknown_addresses = true);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(port, setup),
        cmocka_unit_test_setup(network, setup),
        cmocka_unit_test_setup(port_place, setup),
        cmocka_unit_test_setup(net_place, setup),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
