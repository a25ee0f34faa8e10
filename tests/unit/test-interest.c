/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What is asked for: sets of UUIDs, compared and put in words. */

#include <config.h>

#include "unit.h"

#include "openvswitch/dynamic-string.h"
#include "ovs-agent/interest.h"
#include "smap.h"

static struct interest a, b;

static int
setup(void **state OVS_UNUSED)
{
    interest_init(&a);
    interest_init(&b);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    interest_destroy(&a);
    interest_destroy(&b);
    return 0;
}

static void
insert(struct uuidset *set, enum unit_kind kind, unsigned int n)
{
    const struct uuid uuid = unit_uuid(kind, n);

    uuidset_insert(set, &uuid);
}

static void
assert_equal(bool equal)
{
    assert_int_equal(interest_equal(&a, &b), equal);
    assert_int_equal(interest_equal(&b, &a), equal);
}

static void
empty_is_equal(void **state OVS_UNUSED)
{
    assert_equal(true);
}

static void
order_is_nothing(void **state OVS_UNUSED)
{
    insert(&a.ports, UNIT_PORT, 1);
    insert(&a.ports, UNIT_PORT, 2);
    insert(&b.ports, UNIT_PORT, 2);
    insert(&b.ports, UNIT_PORT, 1);
    assert_equal(true);
}

static void
each_set_counts(void **state OVS_UNUSED)
{
    struct uuidset *sets_a[] = {
        &a.ports, &a.networks, &a.segments, &a.allocations, &a.located_ports,
        &a.overlays,
    };
    struct uuidset *sets_b[] = {
        &b.ports, &b.networks, &b.segments, &b.allocations, &b.located_ports,
        &b.overlays,
    };

    for (size_t i = 0; i < ARRAY_SIZE(sets_a); i++) {
        insert(sets_a[i], UNIT_PORT, 1);
        assert_equal(false);
        insert(sets_b[i], UNIT_PORT, 1);
        assert_equal(true);
    }
}

static void
same_number_of_others(void **state OVS_UNUSED)
{
    insert(&a.networks, UNIT_NETWORK, 1);
    insert(&b.networks, UNIT_NETWORK, 2);
    assert_equal(false);
}

/* A port is not a network of the same UUID. */
static void
sets_are_not_mixed(void **state OVS_UNUSED)
{
    insert(&a.ports, UNIT_PORT, 1);
    insert(&b.networks, UNIT_PORT, 1);
    assert_equal(false);
}

static void
swap(void **state OVS_UNUSED)
{
    const struct uuid port = unit_uuid(UNIT_PORT, 1);
    const struct uuid segment = unit_uuid(UNIT_SEGMENT, 1);

    insert(&a.ports, UNIT_PORT, 1);
    insert(&b.segments, UNIT_SEGMENT, 1);
    interest_swap(&a, &b);
    assert_true(uuidset_is_empty(&a.ports));
    assert_true(uuidset_contains(&a.segments, &segment));
    assert_true(uuidset_contains(&b.ports, &port));
    assert_true(uuidset_is_empty(&b.segments));
}

static void
fill(void)
{
    insert(&a.ports, UNIT_PORT, 1);
    insert(&a.networks, UNIT_NETWORK, 2);
    insert(&a.segments, UNIT_SEGMENT, 3);
    insert(&a.allocations, UNIT_PORT, 4);
    insert(&a.located_ports, UNIT_PORT, 5);
    insert(&a.overlays, UNIT_NETWORK, 6);
}

/* A copy is of its own. */
static void
clone(void **state OVS_UNUSED)
{
    const struct uuid port = unit_uuid(UNIT_PORT, 1);
    struct interest copy;

    fill();
    interest_clone(&copy, &a);
    assert_true(interest_equal(&copy, &a));
    insert(&a.overlays, UNIT_NETWORK, 7);
    assert_false(interest_equal(&copy, &a));
    interest_destroy(&a);
    assert_true(uuidset_contains(&copy.ports, &port));
    interest_init(&a);
    interest_destroy(&copy);
}

static void
format(void **state OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    fill();
    interest_format(&a, "hv1", &s);
    assert_string_equal(
        ds_cstr(&s),
        "Agent            host == hv1\n"
        "Host             host == hv1\n"
        "Network_Binding  host == hv1\n"
        "Network_Location host == hv1\n"
        "Port             host == hv1\n"
        "Port_Binding     host == hv1\n"
        "Port_Location    host == hv1\n"
        "Port             _uuid == 0000000b-0000-0001-0000-000000000001\n"
        "Network          _uuid == 0000000a-0000-0002-0000-000000000002\n"
        "Segment          _uuid == 0000000d-0000-0003-0000-000000000003\n"
        "IP_Allocation    _uuid == 0000000b-0000-0004-0000-000000000004\n"
        "Port_Location    port == 0000000b-0000-0005-0000-000000000005\n"
        "Port_Location    network == 0000000a-0000-0006-0000-000000000006\n"
        "Network_Location network == "
        "0000000a-0000-0002-0000-000000000002\n");
    ds_destroy(&s);
}

static void
summary(void **state OVS_UNUSED)
{
    struct smap words = SMAP_INITIALIZER(&words);

    fill();
    insert(&a.ports, UNIT_PORT, 4);
    interest_summarize(&a, "hv1", &words);
    assert_int_equal(smap_count(&words), 7);
    assert_string_equal(smap_get(&words, "Host"), "host == hv1");
    assert_string_equal(smap_get(&words, "Port"), "host == hv1, 2 by _uuid");
    assert_string_equal(smap_get(&words, "Network"), "1 by _uuid");
    assert_string_equal(smap_get(&words, "Segment"), "1 by _uuid");
    assert_string_equal(smap_get(&words, "IP_Allocation"), "1 by _uuid");
    assert_string_equal(smap_get(&words, "Port_Location"),
                        "host == hv1, 1 by port, 1 by network");
    assert_string_equal(smap_get(&words, "Network_Location"),
                        "host == hv1, 1 by network");
    smap_destroy(&words);
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(empty_is_equal),
        TEST(order_is_nothing),
        TEST(each_set_counts),
        TEST(same_number_of_others),
        TEST(sets_are_not_mixed),
        TEST(swap),
        TEST(clone),
        TEST(format),
        TEST(summary),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
