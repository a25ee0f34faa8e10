/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Overlays: where what is here meets what other hypervisors say of themselves.
 * In whatever order it comes, the same flows, and no more of them changed than
 * must be.  A port that moves is in test-topology-move.c. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "ovs-agent/interest.h"
#include "ovs-agent/oflow.h"
#include "ovs-agent/pipeline.h"
#include "topo.h"

/* Network 1 is an overlay.  Port 1 is here; port 5 is at hv5. */

static void
vtep_comes(void)
{
    topo_vtep();
}

static void
network_comes(void)
{
    topo_overlay(1);
}

static void
port_comes(void)
{
    topo_port(1, 1, true);
    topo_plug(1, 1);
}

static void
net_place_comes(void)
{
    topo_net_place(1, 5);
}

static void
port_place_comes(void)
{
    topo_port_place(5, 1, 5, 1);
}

typedef void step(void);

static step *const steps[] = {
    vtep_comes, network_comes, port_comes, net_place_comes, port_place_comes,
};
#define N_STEPS ARRAY_SIZE(steps)

static int
setup(void **state)
{
    topo_setup_ready(state);
    for (size_t i = 0; i < N_STEPS; i++) {
        steps[i]();
    }
    topo_settle();
    return 0;
}

/* The flows of an object that are in 'table'. */
static size_t
n_flows_in(const struct lobject *obj, uint8_t table)
{
    const struct oflow *flow;
    size_t n = 0;

    LIST_FOR_EACH (flow, node, &obj->owner.flows) {
        n += flow->table == table;
    }
    return n;
}

/* Fails unless all flows are those of 'expected', which is freed. */
static void
assert_flows_are(char *expected)
{
    char *text = topo_flows_text();

    assert_string_equal(text, expected);
    free(text);
    free(expected);
}

/* Fails unless exactly these flows are wanted for the object. */
static void
assert_object_flows(const struct lobject *obj, const char *expected)
{
    char *text = unit_flows_text(&obj->owner.flows);

    assert_string_equal(text, expected);
    free(text);
}

/* What comes of it. */

#define IN_NET "reg0=0xa,reg1=0x1,reg2=0,reg3=0x1"
#define TO_PORT_5                                                       \
    "cookie=0xb00000005,table=24,priority=100,"IN_NET                   \
    ",dl_dst=02:00:00:00:00:05 actions=set_field:192.168.0.5->tun_dst," \
    "set_field:0x385->reg5,goto_table:40\n"

static void
port_elsewhere_has_flows(void **state OVS_UNUSED)
{
    const struct lport *port = topo_find_port(5);

    assert_object_flows(&port->obj, TO_PORT_5);
    assert_false(port->wired);
    assert_false(port->claimed);
    assert_string_equal(port->elsewhere, "hv5");
    topo_assert_fault(&port->obj, NULL);
}

static void
peer_has_a_flow(void **state OVS_UNUSED)
{
    const struct lpeer *peer = topo_find_peer(5);

    assert_int_equal(n_flows_in(&peer->obj, PIPELINE_ADMIT), 1);
    assert_int_equal(ovs_list_size(&peer->obj.owner.flows), 1);
}

static void
network_says_how_it_is_reached(void **state OVS_UNUSED)
{
    const struct lnet *net = topo_find_network(1);
    struct intent_port row = topo_port_row(1, 1);

    assert_string_equal(net->encap, "vxlan:192.168.0.1");
    assert_false(net->takes_unknown);
    assert_int_equal(n_flows_in(&net->obj, PIPELINE_REMOTE), 1);
    row.port_security_enabled = false;
    topology_update_port(&topo, &row);
    topo_settle();
    assert_true(net->takes_unknown);
    topo_unplug(1);
    topo_settle();
    assert_null(net->encap);
}

/* What the other hypervisor's port is open to, it says itself. */
static void
peer_takes_unknown(void **state OVS_UNUSED)
{
    struct intent_net_place row = topo_net_place_row(1, 5);
    const struct lobject *net = &topo_find_network(1)->obj;

    assert_int_equal(n_flows_in(net, PIPELINE_UNKNOWN), 0);
    row.unknown_addresses = true;
    topology_update_net_place(&topo, &row);
    topo_settle();
    assert_int_equal(n_flows_in(net, PIPELINE_UNKNOWN), 1);
    assert_int_equal(n_flows_in(net, PIPELINE_REMOTE), 2);
}

/* Whatever port 5 is there, known by its address or not. */
static void
ip_addresses_are_answered(void **state OVS_UNUSED)
{
    char *addresses[] = {
        CONST_CAST(char *, "10.0.0.5"), CONST_CAST(char *, "nonsense"),
        CONST_CAST(char *, "fd00::5"), CONST_CAST(char *, "224.0.0.1"),
        CONST_CAST(char *, "fd00:0::5"),
    };
    struct intent_port_place row = topo_port_place_row(5, 1, 5, 1);

    row.ip_addresses = addresses;
    row.n_ip_addresses = ARRAY_SIZE(addresses);
    topology_update_port_place(&topo, &row);
    assert_int_equal(topo_settle(), 2);
    assert_int_equal(n_flows_in(&topo_find_port(5)->obj, PIPELINE_ANSWER), 2);
}

/* A row that makes no sense leaves its port without flows. */
static void
malformed_mac(void **state OVS_UNUSED)
{
    static const char *macs[] = { "", "x", "01:00:00:00:00:01" };
    struct intent_port_place row = topo_port_place_row(5, 1, 5, 1);

    for (size_t i = 0; i < ARRAY_SIZE(macs); i++) {
        row.mac_address = CONST_CAST(char *, macs[i]);
        topology_update_port_place(&topo, &row);
        topo_settle();
        assert_object_flows(&topo_find_port(5)->obj, "");
    }
    topo_port_place(5, 1, 5, 1);
    topo_settle();
    assert_object_flows(&topo_find_port(5)->obj, TO_PORT_5);
}

/* Whoever says that port 1 is there and in another network is not believed. */
static void
place_in_another_network(void **state OVS_UNUSED)
{
    topo_unplug(1);
    topo_port(2, 1, true);
    topo_plug(2, 2);
    topo_port_place(1, 1, 5, 7);
    topo_settle();
    assert_int_equal(ovs_list_size(&topo_find_port(1)->obj.owner.flows), 1);
    topo_port_place(1, 2, 5, 7);
    topo_settle();
    assert_object_flows(&topo_find_port(1)->obj, "");
}

/* Of rows that name different networks the one that wins counts, whichever
 * came first. */
static void
places_in_different_networks(void **state OVS_UNUSED)
{
    topo_port_place(5, 2, 3, 1);
    topo_port_place(5, 1, 5, 2);
    topo_settle();
    assert_ptr_equal(topo_find_port(5)->net, topo_find_network(1));
    assert_int_equal(ovs_list_size(&topo_find_port(5)->obj.owner.flows), 1);
    topo_delete_port_place(5, 5);
    topo_settle();
    assert_ptr_equal(topo_find_port(5)->net, topo_find_network(2));
}

/* In any order. */

/* Makes 'order' the next permutation; false after the last. */
static bool
next_order(size_t order[N_STEPS])
{
    size_t i = N_STEPS - 1, j = N_STEPS - 1;

    while (i && order[i - 1] > order[i]) {
        i--;
    }
    if (!i) {
        return false;
    }
    while (order[j] < order[i - 1]) {
        j--;
    }
    size_t tmp = order[i - 1];
    order[i - 1] = order[j];
    order[j] = tmp;
    for (j = N_STEPS - 1; i < j; i++, j--) {
        tmp = order[i];
        order[i] = order[j];
        order[j] = tmp;
    }
    return true;
}

static char *
flows_after(const size_t order[N_STEPS])
{
    char *flows;

    topo_setup_ready(NULL);
    for (size_t i = 0; i < N_STEPS; i++) {
        steps[order[i]]();
        topo_settle();
    }
    topo_assert_fault(&topo_find_network(1)->obj, NULL);
    topo_assert_fault(&topo_find_port(5)->obj, NULL);
    assert_object_flows(&topo_find_port(5)->obj, TO_PORT_5);
    flows = topo_flows_text();
    topo_teardown(NULL);
    return flows;
}

static void
every_order(void **state OVS_UNUSED)
{
    size_t order[N_STEPS] = { 0, 1, 2, 3, 4 };
    char *first = flows_after(order);
    int n = 1;

    while (next_order(order)) {
        char *flows = flows_after(order);

        assert_string_equal(flows, first);
        free(flows);
        n++;
    }
    assert_int_equal(n, 2 * 3 * 4 * 5);
    free(first);
}

/* Whatever is missing, it is not sent there. */
static void
nothing_without_each(void **state OVS_UNUSED)
{
    for (size_t missing = 0; missing < N_STEPS; missing++) {
        struct uuid uuid = unit_uuid(UNIT_PORT, 5);
        const struct lport *port;

        if (steps[missing] == port_comes) {
            continue;           /* Prepared in advance. */
        }
        topo_setup_ready(NULL);
        for (size_t i = 0; i < N_STEPS; i++) {
            if (i != missing) {
                steps[i]();
            }
        }
        topo_settle();
        port = topology_find_port(&topo, &uuid);
        assert_true(!port || ovs_list_is_empty(&port->obj.owner.flows));
        topo_teardown(NULL);
    }
}

/* Whatever comes twice changes nothing. */
static void
repeated(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < N_STEPS; i++) {
        if (steps[i] != port_comes) {
            steps[i]();
            assert_true(ovs_list_is_empty(&topo.dirty));
        }
    }
}

/* Our own row is no other hypervisor. */
static void
own_rows(void **state OVS_UNUSED)
{
    char *flows = topo_flows_text();

    topo_net_place(1, 1);
    topo_port_place(1, 1, 1, 1);
    assert_int_equal(topo_settle(), 0);
    assert_flows_are(flows);
    assert_true(topo_find_port(1)->wired);
}

/* Until our name is another. */
static void
name_changes(void **state OVS_UNUSED)
{
    struct vtep vtep = topo_vtep_row();
    const struct lobject *net = &topo_find_network(1)->obj;

    topo_net_place(1, 1);
    topo_settle();
    vtep.host = CONST_CAST(char *, "hv5");
    assert_true(encap_ip_from_string("192.168.0.5", &vtep.ip));
    topology_update_vtep(&topo, &vtep);
    topo_settle();
    topo_assert_fault(net, NULL);
    assert_int_equal(n_flows_in(net, PIPELINE_REMOTE), 1);
    assert_null(topo_find_port(5)->elsewhere);
    assert_non_null(topo_find_peer(1));
    assert_int_equal(hmap_count(&topo.objects), 4);
}

/* Taken away. */

static void
place_goes(void **state OVS_UNUSED)
{
    const struct uuid uuid = unit_uuid(UNIT_PORT, 5);

    topo_delete_port_place(5, 5);
    assert_int_equal(topo_settle(), 1);
    assert_null(topology_find_port(&topo, &uuid));
}

static void
peer_goes_first(void **state OVS_UNUSED)
{
    topo_delete_net_place(1, 5);
    /* The peer, the port, and the flood that has only itself left. */
    assert_int_equal(topo_settle(), 3);
    assert_object_flows(&topo_find_port(5)->obj, "");
    topo_net_place(1, 5);
    assert_int_equal(topo_settle(), 3);
    assert_object_flows(&topo_find_port(5)->obj, TO_PORT_5);
}

static void
network_goes(void **state OVS_UNUSED)
{
    topo_delete_network(1);
    topo_settle();
    assert_object_flows(&topo_find_port(5)->obj, "");
    topo_overlay(1);
    topo_settle();
    assert_object_flows(&topo_find_port(5)->obj, TO_PORT_5);
}

/* It becomes another network, with another number, or none. */
static void
network_changes(void **state OVS_UNUSED)
{
    char *flows = topo_flows_text();
    struct intent_network row = topo_network_row(1);

    topology_update_network(&topo, &row);
    topo_settle();
    assert_object_flows(&topo_find_port(5)->obj, "");
    assert_null(topo_find_network(1)->encap);
    topo_overlay(1);
    topo_settle();
    assert_flows_are(flows);
}

/* Nobody speaks of anything any more, in any order. */
static void
all_goes(void **state OVS_UNUSED)
{
    size_t order[N_STEPS] = { 0, 1, 2, 3, 4 };

    do {
        for (size_t i = 0; i < N_STEPS; i++) {
            steps[i]();
        }
        topo_settle();
        for (size_t i = 0; i < N_STEPS; i++) {
            switch (order[i]) {
            case 0: topo_delete_network(1); break;
            case 1: topo_delete_port(1); break;
            case 2: topo_unplug(1); break;
            case 3: topo_delete_net_place(1, 5); break;
            case 4: topo_delete_port_place(5, 5); break;
            }
            topo_settle();
        }
        assert_int_equal(hmap_count(&topo.objects), 0);
    } while (next_order(order));
}

/* What is asked for. */

static void
assert_overlay_interest(unsigned int n_ports, unsigned int n_overlays)
{
    const struct uuid port = unit_uuid(UNIT_PORT, 1);
    const struct uuid net = unit_uuid(UNIT_NETWORK, 1);
    struct interest interest;

    interest_init(&interest);
    topology_get_interest(&topo, &interest);
    assert_int_equal(uuidset_count(&interest.located_ports), n_ports);
    assert_int_equal(uuidset_count(&interest.overlays), n_overlays);
    assert_true(!n_ports
                || uuidset_contains(&interest.located_ports, &port));
    assert_true(!n_overlays || uuidset_contains(&interest.overlays, &net));
    interest_destroy(&interest);
}

/* Only what is here makes us ask: not what others say. */
static void
interest_of_overlays(void **state OVS_UNUSED)
{
    assert_overlay_interest(1, 1);
    topo_assert_interest(1, 1, 1);
    topo_network(1, true);
    assert_overlay_interest(1, 0);
    topo_overlay(1);
    assert_overlay_interest(1, 1);
    topo_delete_port(1);
    assert_overlay_interest(1, 0);
    topo_unplug(1);
    assert_overlay_interest(0, 0);
    topo_assert_interest(0, 0, 0);
}

static void
interest_in_addresses(void **state OVS_UNUSED)
{
    struct uuid allocation = unit_uuid(UNIT_IFACE, 7);
    struct intent_port row = topo_port_row(1, 1);
    struct interest interest;

    topo.interest_dirty = false;
    row.allocations = &allocation;
    row.n_allocations = 1;
    topology_update_port(&topo, &row);
    assert_true(topo.interest_dirty);
    interest_init(&interest);
    topology_get_interest(&topo, &interest);
    assert_int_equal(uuidset_count(&interest.allocations), 1);
    assert_true(uuidset_contains(&interest.allocations, &allocation));
    interest_destroy(&interest);
}

static void
others_change_no_interest(void **state OVS_UNUSED)
{
    topo.interest_dirty = false;
    topo_port_place(6, 1, 6, 1);
    topo_net_place(1, 6);
    topo_port_place(1, 1, 6, 100);
    topo_settle();
    topo_delete_net_place(1, 5);
    topo_delete_port_place(5, 5);
    topo_settle();
    assert_false(topo.interest_dirty);
}

/* Synchronization anew. */

static void
sync_deletes_places(void **state OVS_UNUSED)
{
    topo_port_place(6, 1, 6, 1);
    topo_net_place(1, 6);
    topo_settle();
    topology_sync_begin(&topo);
    topo_port(1, 1, true);
    topo_overlay(1);
    topo_net_place(1, 5);
    topo_port_place(6, 1, 6, 1);
    topology_sync_end(&topo);
    topo_settle();
    /* Port 5 has gone, and hv6, so that port 6 cannot be reached. */
    assert_object_flows(&topo_find_port(6)->obj, "");
    assert_int_equal(hmap_count(&topo.objects), 4);
    assert_non_null(topo_find_peer(5));
}

static void
sync_of_the_same_is_nothing(void **state OVS_UNUSED)
{
    topology_sync_begin(&topo);
    topo_overlay(1);
    topo_port(1, 1, true);
    topo_net_place(1, 5);
    topo_port_place(5, 1, 5, 1);
    topology_sync_end(&topo);
    assert_true(ovs_list_is_empty(&topo.dirty));
}

/* Every port has gone, and every place brings in a network that nobody knew:
 * no port is passed over while these are added. */
static void
sync_with_networks_of_places(void **state OVS_UNUSED)
{
    for (unsigned int n = 100; n < 600; n++) {
        topo_port(n, 1, true);
        topo_port_place(n, n, 5, 1);
    }
    topo_settle();
    topology_sync_begin(&topo);
    for (unsigned int n = 100; n < 600; n++) {
        topo_port_place(n, n, 5, 1);
    }
    topology_sync_end(&topo);
    for (unsigned int n = 100; n < 600; n++) {
        assert_false(topo_find_port(n)->obj.known);
    }
    topo_settle();
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, topo_teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(port_elsewhere_has_flows),
        TEST(peer_has_a_flow),
        TEST(network_says_how_it_is_reached),
        TEST(peer_takes_unknown),
        TEST(ip_addresses_are_answered),
        TEST(malformed_mac),
        TEST(place_in_another_network),
        TEST(places_in_different_networks),
        cmocka_unit_test(every_order),
        cmocka_unit_test(nothing_without_each),
        TEST(repeated),
        TEST(own_rows),
        TEST(name_changes),
        TEST(place_goes),
        TEST(peer_goes_first),
        TEST(network_goes),
        TEST(network_changes),
        TEST(all_goes),
        TEST(interest_of_overlays),
        TEST(interest_in_addresses),
        TEST(others_change_no_interest),
        TEST(sync_deletes_places),
        TEST(sync_of_the_same_is_nothing),
        TEST(sync_with_networks_of_places),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
