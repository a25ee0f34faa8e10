/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A port that several hypervisors hold, one after the other or at once: only
 * one delivers, and who receives it makes that known. */

#include <config.h>

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "flow.h"
#include "ovs-agent/interest.h"
#include "ovs-agent/oflow.h"
#include "ovs-agent/pipeline.h"
#include "topo.h"

/* Network 1 is an overlay, with hv2 and hv3 in it; port 9 is here to stay. */
static int
setup(void **state)
{
    topo_setup_ready(state);
    topo_vtep();
    topo_overlay(1);
    topo_net_place(1, 2);
    topo_net_place(1, 3);
    topo_port(9, 1, true);
    topo_plug(9, 9);
    topo_settle();
    while (topology_next_arrival(&topo)) {
        continue;
    }
    topo_find_port(9)->arrival = ARRIVAL_NONE;
    return 0;
}

/* Port 1, wanted at hypervisor 'hv'; 0: anywhere. */
static void
want(unsigned int hv)
{
    struct intent_port row = topo_port_row(1, 1);
    char host[16] = "";

    if (hv) {
        snprintf(host, sizeof host, "hv%u", hv);
    }
    row.host = host;
    topology_update_port(&topo, &row);
    topo_settle();
}

static void
plug(void)
{
    topo_plug(1, 1);
    topo_settle();
}

static void
unplug(void)
{
    topo_unplug(1);
    topo_settle();
}

/* Hypervisor 'hv' says that it holds port 1. */
static void
claim(unsigned int hv, int64_t number)
{
    topo_port_place(1, 1, hv, number);
    topo_settle();
}

static void
let_go(unsigned int hv)
{
    topo_delete_port_place(1, hv);
    topo_settle();
}

/* What we claim comes back to us from the database. */
static void
write_back(void)
{
    const struct lport *port = topo_find_port(1);

    if (port->claimed) {
        topo_port_place(1, 1, 1, port->claim);
    } else {
        topo_delete_port_place(1, 1);
    }
    assert_int_equal(topo_settle(), 0);
}

/* Fails unless port 1 is here, and we claim it so. */
static void
assert_here(int64_t number)
{
    const struct lport *port = topo_find_port(1);

    assert_true(port->claimed);
    assert_true(port->claim == number);
    assert_true(port->wired);
    assert_null(port->elsewhere);
    assert_int_equal(ovs_list_size(&port->obj.owner.flows), 3);
    assert_int_equal(topo_find_network(1)->n_wired, 2);
}

/* Fails unless port 1 is at 'host', and has one flow, which sends it there. */
static void
assert_at(const char *host)
{
    const struct lport *port = topo_find_port(1);
    const struct oflow *flow;

    assert_false(port->wired);
    assert_string_equal(port->elsewhere, host);
    assert_int_equal(ovs_list_size(&port->obj.owner.flows), 1);
    flow = CONTAINER_OF(ovs_list_front(&port->obj.owner.flows), struct oflow,
                        node);
    assert_int_equal(flow->table, PIPELINE_L2);
    assert_int_equal(topo_find_network(1)->n_wired, 1);
}

/* Likewise; we hold it, too. */
static void
assert_waiting(const char *host, int64_t number)
{
    const struct lport *port = topo_find_port(1);

    assert_at(host);
    assert_true(port->claimed);
    assert_true(port->claim == number);
}

/* Fails unless the ports that have arrived are port 1, in that way. */
static void
assert_arrived(enum arrival arrival)
{
    struct lport *port = topology_next_arrival(&topo);

    if (arrival == ARRIVAL_NONE) {
        assert_null(port);
    } else {
        assert_ptr_equal(port, topo_find_port(1));
        assert_int_equal(port->arrival, arrival);
        port->arrival = ARRIVAL_NONE;
        assert_null(topology_next_arrival(&topo));
    }
}

/* One after the other. */

static void
comes_from_nowhere(void **state OVS_UNUSED)
{
    want(0);
    plug();
    assert_here(1);
    assert_arrived(ARRIVAL_NEW);
    write_back();
    assert_here(1);
    assert_arrived(ARRIVAL_NONE);
}

/* A restarted agent finds its own row, and tells nobody. */
static void
agent_restarts(void **state OVS_UNUSED)
{
    topo_port_place(1, 1, 1, 7);
    topo_plug(1, 1);
    want(0);
    assert_here(7);
    assert_arrived(ARRIVAL_NONE);
}

/* Likewise with somebody else who waits. */
static void
agent_restarts_contested(void **state OVS_UNUSED)
{
    topo_port_place(1, 1, 2, 6);
    topo_port_place(1, 1, 1, 7);
    topo_plug(1, 1);
    want(0);
    assert_here(7);
    assert_arrived(ARRIVAL_NONE);
}

/* It has been elsewhere; where its row said, or where it did not. */
static void
comes_from_elsewhere(void **state OVS_UNUSED)
{
    claim(2, 3);
    assert_at("hv2");
    want(0);
    assert_at("hv2");
    plug();
    assert_here(4);
    assert_arrived(ARRIVAL_MOVED);
    write_back();
    let_go(2);
    assert_here(4);
    assert_arrived(ARRIVAL_NONE);
}

/* That it is elsewhere, and that it is here, is seen at once. */
static void
comes_from_elsewhere_at_once(void **state OVS_UNUSED)
{
    topo_port_place(1, 1, 2, 3);
    topo_plug(1, 1);
    want(0);
    assert_here(4);
    assert_arrived(ARRIVAL_MOVED);
}

static void
goes_and_comes_back(void **state OVS_UNUSED)
{
    char *flows;

    want(0);
    plug();
    write_back();
    assert_arrived(ARRIVAL_NEW);
    flows = topo_flows_text();

    claim(2, 2);
    assert_waiting("hv2", 1);
    unplug();
    write_back();
    assert_at("hv2");
    assert_arrived(ARRIVAL_NONE);

    plug();
    assert_here(3);
    assert_arrived(ARRIVAL_MOVED);
    char *after = topo_flows_text();
    assert_string_equal(after, flows);
    free(after);
    free(flows);
}

/* The database says where first; then the machine comes up there. */
static void
host_is_set_first(void **state OVS_UNUSED)
{
    want(1);
    plug();
    write_back();
    want(2);
    assert_here(1);
    claim(2, 2);
    assert_waiting("hv2", 1);
}

/* Or the machine comes up first, and waits. */
static void
machine_comes_first(void **state OVS_UNUSED)
{
    claim(2, 1);
    want(2);
    plug();
    assert_waiting("hv2", 0);
    write_back();
    assert_arrived(ARRIVAL_NONE);
    want(1);
    assert_here(2);
    assert_arrived(ARRIVAL_MOVED);
}

/* The migration is given up. */
static void
machine_comes_in_vain(void **state OVS_UNUSED)
{
    claim(2, 1);
    want(2);
    plug();
    write_back();
    unplug();
    assert_at("hv2");
    assert_false(topo_find_port(1)->claimed);
    assert_arrived(ARRIVAL_NONE);
}

/* While our claim is on its way, somebody else claims without knowing of it:
 * what we wrote stays what we claim. */
static void
claims_cross(void **state OVS_UNUSED)
{
    want(0);
    plug();
    assert_here(1);
    claim(2, 1);
    assert_here(2);
    topo_port_place(1, 1, 1, 1);
    topo_settle();
    assert_waiting("hv2", 1);
}

/* The winner lets go: who is left has it. */
static void
other_lets_go(void **state OVS_UNUSED)
{
    claim(2, 1);
    want(2);
    plug();
    write_back();
    let_go(2);
    assert_here(0);
    assert_arrived(ARRIVAL_MOVED);
}

static void
three_hold_it(void **state OVS_UNUSED)
{
    claim(2, 5);
    claim(3, 6);
    want(2);
    plug();
    write_back();
    assert_waiting("hv3", 4);
    claim(2, 7);
    assert_waiting("hv2", 4);
    let_go(2);
    assert_waiting("hv3", 4);
    let_go(3);
    assert_here(4);
}

/* Of equal claims the last name wins: ours is hv1. */
static void
equal_claims(void **state OVS_UNUSED)
{
    want(0);
    plug();
    write_back();
    claim(2, 1);
    assert_waiting("hv2", 1);
    claim(3, 1);
    assert_waiting("hv3", 1);
}

/* What does not make it ours. */

/* A port that has no flows here is not ours to claim. */
static void
faulty_port(void **state OVS_UNUSED)
{
    struct intent_port row = topo_port_row(1, 1);

    claim(2, 3);
    plug();
    row.mac_address = CONST_CAST(char *, "x");
    topology_update_port(&topo, &row);
    topo_settle();
    assert_at("hv2");
    assert_false(topo_find_port(1)->claimed);
}

static void
port_without_row(void **state OVS_UNUSED)
{
    plug();
    assert_false(topo_find_port(1)->claimed);
    claim(2, 3);
    assert_at("hv2");
    assert_false(topo_find_port(1)->claimed);
}

static void
port_without_interface(void **state OVS_UNUSED)
{
    want(1);
    assert_false(topo_find_port(1)->claimed);
    claim(2, 3);
    assert_at("hv2");
    assert_false(topo_find_port(1)->claimed);
}

/* Our own row may outlive the interface for a moment. */
static void
own_row_without_interface(void **state OVS_UNUSED)
{
    want(1);
    claim(1, 7);
    assert_null(topo_find_port(1)->elsewhere);
    assert_false(topo_find_port(1)->claimed);
    assert_true(ovs_list_is_empty(&topo_find_port(1)->obj.owner.flows));
    claim(2, 3);
    assert_at("hv2");
}

/* It is down: it moves all the same. */
static void
port_is_down(void **state OVS_UNUSED)
{
    claim(2, 3);
    topo_port(1, 1, false);
    plug();
    assert_here(4);
    write_back();
    claim(2, 5);
    assert_waiting("hv2", 4);
}

/* We get another name: our rows under the former one are somebody else's, and
 * nobody writes them any more. */

static void
rename_to(unsigned int hv)
{
    struct vtep vtep = topo_vtep_row();
    char host[16];

    snprintf(host, sizeof host, "hv%u", hv);
    vtep.host = host;
    topology_update_vtep(&topo, &vtep);
    topo_settle();
}

static void
name_changes(void **state OVS_UNUSED)
{
    want(0);
    plug();
    write_back();
    rename_to(7);
    assert_here(2);
    claim(7, 2);
    assert_here(2);
    let_go(1);
    assert_here(2);
}

/* Who wants it where we were wants it here. */
static void
former_name_is_wanted(void **state OVS_UNUSED)
{
    want(1);
    plug();
    write_back();
    rename_to(7);
    assert_here(2);
    claim(7, 2);
    claim(2, 2);
    assert_here(2);
    claim(2, 3);
    assert_here(4);
}

/* Somebody else has our former name now, and holds the port, too: he has it,
 * and we do not outbid him. */
static void
former_name_is_anothers(void **state OVS_UNUSED)
{
    struct intent_net_place row = topo_net_place_row(1, 1);

    row.encap = CONST_CAST(char *, "vxlan:192.168.0.9");
    topology_update_net_place(&topo, &row);
    want(1);
    plug();
    write_back();
    rename_to(7);
    claim(7, 2);
    assert_here(2);
    claim(1, 3);
    assert_waiting("hv1", 2);
    claim(2, 4);
    claim(1, 5);
    assert_waiting("hv1", 2);
}

/* Of a port that nobody told us of, only our own row. */
static void
own_row_becomes_anothers(void **state OVS_UNUSED)
{
    topo_net_place(1, 1);
    claim(1, 3);
    rename_to(7);
    assert_string_equal(topo_find_port(1)->elsewhere, "hv1");
    assert_ptr_equal(topo_find_port(1)->net, topo_find_network(1));
    rename_to(1);
    assert_null(topo_find_port(1)->elsewhere);
    assert_null(topo_find_port(1)->net);
}

/* An arrival is told of when its flows are in force, and not before; and not
 * when the port has gone meanwhile. */

static void
arrival_waits_for_the_switch(void **state OVS_UNUSED)
{
    uint64_t seq;

    want(0);
    topo_plug(1, 1);
    assert_arrived(ARRIVAL_NONE);
    seq = topo_send();
    assert_arrived(ARRIVAL_NONE);
    topo_ack_up_to(seq);
    assert_arrived(ARRIVAL_NEW);
}

static void
arrival_is_overtaken(void **state OVS_UNUSED)
{
    want(0);
    topo_plug(1, 1);
    topo_send();
    unplug();
    assert_arrived(ARRIVAL_NONE);
}

/* Before the network's Segment is here, there is nobody to be told. */
static void
arrival_waits_for_what_carries_the_network(void **state OVS_UNUSED)
{
    struct intent_network row = topo_network_row(2);

    row.segment = unit_uuid(UNIT_SEGMENT, 2);
    topology_update_network(&topo, &row);
    topo_port(1, 2, true);
    plug();
    assert_true(topo_find_port(1)->wired);
    assert_arrived(ARRIVAL_NONE);
    topo_vlan(2, "physnet", 7);
    topo_settle();
    assert_arrived(ARRIVAL_NEW);
}

/* Another OpenFlow port, another state: it was here all the time. */
static void
no_arrival(void **state OVS_UNUSED)
{
    want(0);
    plug();
    assert_arrived(ARRIVAL_NEW);
    topo_plug(1, 5);
    topo_port(1, 1, false);
    topo_settle();
    assert_arrived(ARRIVAL_NONE);
    topo_port(1, 1, true);
    topo_settle();
    assert_arrived(ARRIVAL_NONE);
}

/* What is asked for does not depend on where it is. */
static void
interest_stays(void **state OVS_UNUSED)
{
    struct interest before, after;

    want(0);
    plug();
    write_back();
    interest_init(&before);
    topology_get_interest(&topo, &before);
    claim(2, 9);
    assert_waiting("hv2", 1);
    interest_init(&after);
    topology_get_interest(&topo, &after);
    assert_true(interest_equal(&before, &after));
    interest_destroy(&before);
    interest_destroy(&after);
}

/* In a network of another kind places count, too: in a VLAN it is not here
 * while it is elsewhere, and nothing but the wire leads there. */
static void
vlan(void **state OVS_UNUSED)
{
    topo_physnet("p", 100, NULL);
    topo_vlan(1, "p", 300);
    want(0);
    plug();
    assert_here(1);
    assert_arrived(ARRIVAL_NEW);
    write_back();
    claim(2, 2);
    assert_false(topo_find_port(1)->wired);
    assert_true(ovs_list_is_empty(&topo_find_port(1)->obj.owner.flows));
    let_go(2);
    assert_here(1);
    assert_arrived(ARRIVAL_MOVED);
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, topo_teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(comes_from_nowhere),
        TEST(agent_restarts),
        TEST(agent_restarts_contested),
        TEST(comes_from_elsewhere),
        TEST(comes_from_elsewhere_at_once),
        TEST(goes_and_comes_back),
        TEST(host_is_set_first),
        TEST(machine_comes_first),
        TEST(machine_comes_in_vain),
        TEST(other_lets_go),
        TEST(three_hold_it),
        TEST(equal_claims),
        TEST(claims_cross),
        TEST(faulty_port),
        TEST(port_without_row),
        TEST(port_without_interface),
        TEST(own_row_without_interface),
        TEST(port_is_down),
        TEST(name_changes),
        TEST(former_name_is_wanted),
        TEST(former_name_is_anothers),
        TEST(own_row_becomes_anothers),
        TEST(arrival_waits_for_the_switch),
        TEST(arrival_is_overtaken),
        TEST(arrival_waits_for_what_carries_the_network),
        TEST(no_arrival),
        TEST(interest_stays),
        TEST(vlan),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
