/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What is wrong with an overlay is said in words that name both sides, and
 * touches nothing that works. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "openvswitch/ofp-actions.h"
#include "ovs-agent/oflow.h"
#include "ovs-agent/pipeline.h"
#include "ovs-agent/topology-facts.h"
#include "topo.h"

/* Networks 1 and 2 are overlays, with port 1 or 2 here; hv2 is in both, and
 * has port 11 in the first and 12 in the second. */
static int
setup(void **state)
{
    topo_setup_ready(state);
    topo_vtep();
    for (unsigned int i = 1; i <= 2; i++) {
        topo_overlay(i);
        topo_port(i, i, true);
        topo_plug(i, i);
        topo_net_place(i, 2);
        topo_port_place(i + 10, i, 2, 1);
    }
    topo_settle();
    return 0;
}

/* How many hypervisors network 'n' floods to. */
static size_t
n_remotes(unsigned int n)
{
    const struct oflow *flow;
    const struct ofpact *a;
    size_t n_outputs = 0;

    LIST_FOR_EACH (flow, node, &topo_find_network(n)->obj.owner.flows) {
        if (flow->table == PIPELINE_REMOTE) {
            OFPACT_FOR_EACH (a, flow->ofpacts, flow->ofpacts_len) {
                n_outputs += a->type == OFPACT_OUTPUT;
            }
        }
    }
    return n_outputs;
}

/* Is port 'n', which is at hv2, reached there? */
static bool
is_reached(unsigned int n)
{
    return !ovs_list_is_empty(&topo_find_port(n)->obj.owner.flows);
}

/* Settles and fails unless network 1 has 'fault', its own port works, and
 * network 2 is as ever. */
static void
assert_fault(const char *fault)
{
    topo_settle();
    topo_assert_fault(&topo_find_network(1)->obj, fault);
    topo_assert_fault(&topo_find_port(1)->obj, NULL);
    assert_true(topo_find_port(1)->wired);
    assert_int_equal(ovs_list_size(&topo_find_network(1)->gate.flows), 1);
    topo_assert_fault(&topo_find_network(2)->obj, NULL);
    assert_true(is_reached(12));
    assert_int_equal(n_remotes(2), 1);
}

/* Likewise of both networks, in whose faults "vxlan" is the same. */
static void
assert_fault_of_both(const char *fault)
{
    topo_settle();
    for (unsigned int i = 1; i <= 2; i++) {
        topo_assert_fault(&topo_find_network(i)->obj, fault);
        assert_true(topo_find_port(i)->wired);
        topo_assert_fault(&topo_find_port(i)->obj, NULL);
        assert_int_equal(n_remotes(i), 0);
        assert_false(is_reached(i + 10));
    }
}

static void
assert_mended(void)
{
    assert_fault(NULL);
    assert_int_equal(n_remotes(1), 1);
    assert_true(is_reached(11));
}

/* The other side. */

static void
tell_encap(unsigned int hv, const char *encap)
{
    struct intent_net_place row = topo_net_place_row(1, hv);

    row.encap = CONST_CAST(char *, encap);
    topology_update_net_place(&topo, &row);
}

static void
malformed_encap(void **state OVS_UNUSED)
{
    static const char *encaps[] = {
        "vxlan", "gre:192.168.0.2", "vxlan:hv2", "vxlan:0.0.0.0", "x",
    };

    for (size_t i = 0; i < ARRAY_SIZE(encaps); i++) {
        char *fault = xasprintf("hypervisor hv2 (%s) cannot be reached from "
                                "hv1 (vxlan:192.168.0.1): its encap is "
                                "malformed", encaps[i]);

        tell_encap(2, encaps[i]);
        assert_fault(fault);
        assert_false(is_reached(11));
        assert_int_equal(n_remotes(1), 0);
        free(fault);
    }
    tell_encap(2, "vxlan:192.168.0.2");
    assert_mended();
}

static void
no_tunnels_there(void **state OVS_UNUSED)
{
    tell_encap(2, "");
    assert_fault("hypervisor hv2 (no encap) cannot be reached from hv1 "
                 "(vxlan:192.168.0.1): it has no tunnels");
    assert_false(is_reached(11));
    tell_encap(2, "vxlan:192.168.0.2");
    assert_mended();
}

static void
no_common_type(void **state OVS_UNUSED)
{
    tell_encap(2, "geneve:192.168.0.2");
    assert_fault("hypervisor hv2 (geneve:192.168.0.2) cannot be reached from "
                 "hv1 (vxlan:192.168.0.1): no common type of tunnel");
    assert_false(is_reached(11));
    assert_int_equal(n_remotes(1), 0);
    tell_encap(2, "vxlan:192.168.0.2");
    assert_mended();
}

static void
our_own_ip(void **state OVS_UNUSED)
{
    tell_encap(2, "vxlan:192.168.0.1");
    assert_fault("hypervisor hv2 (vxlan:192.168.0.1) cannot be reached from "
                 "hv1 (vxlan:192.168.0.1): both have the same "
                 "sluice-encap-ip");
    assert_false(is_reached(11));
    assert_int_equal(n_remotes(1), 0);
}

static void
other_family(void **state OVS_UNUSED)
{
    tell_encap(2, "vxlan:2001:db8::2");
    assert_fault("hypervisor hv2 (vxlan:2001:db8::2) cannot be reached from "
                 "hv1 (vxlan:192.168.0.1): one's sluice-encap-ip is IPv4, the "
                 "other's IPv6");
    assert_false(is_reached(11));
    assert_int_equal(n_remotes(1), 0);
}

/* Two who say the same: whatever is for either goes there, once. */
static void
two_of_one_encap(void **state OVS_UNUSED)
{
    tell_encap(3, "vxlan:192.168.0.2");
    topo_settle();
    topo_assert_fault(&topo_find_network(1)->obj,
                      "hypervisors hv2 and hv3 have the same encap, "
                      "vxlan:192.168.0.2");
    assert_int_equal(n_remotes(1), 1);
    assert_true(is_reached(11));
    /* It is so of hv2 in every network. */
    topo_assert_fault(&topo_find_network(2)->obj,
                      "hypervisors hv2 and hv3 have the same encap, "
                      "vxlan:192.168.0.2");
    assert_int_equal(n_remotes(2), 1);
    topo_delete_net_place(1, 3);
    assert_mended();
}

static void
assert_mended_with(size_t n)
{
    topo_settle();
    topo_assert_fault(&topo_find_network(1)->obj, NULL);
    assert_int_equal(n_remotes(1), n);
}

/* One of them takes unknown addresses: so it is reached by those. */
static void
two_of_one_encap_unknown(void **state OVS_UNUSED)
{
    struct intent_net_place row = topo_net_place_row(1, 3);

    row.encap = CONST_CAST(char *, "vxlan:192.168.0.2");
    row.unknown_addresses = true;
    topology_update_net_place(&topo, &row);
    topo_settle();
    assert_int_equal(n_remotes(1), 1 + 1);
    topo_net_place(1, 3);
    assert_mended_with(2);
}

/* In different networks they are as much one. */
static void
two_of_one_encap_apart(void **state OVS_UNUSED)
{
    topo_delete_net_place(1, 2);
    tell_encap(3, "vxlan:192.168.0.2");
    topo_settle();
    for (unsigned int i = 1; i <= 2; i++) {
        const char *fault = topo_find_network(i)->obj.fault;

        assert_non_null(strstr(fault, "hv2"));
        assert_non_null(strstr(fault, "hv3"));
        assert_int_equal(n_remotes(i), 1);
    }
    topo_net_place(1, 3);
    assert_mended_with(1);
    topo_assert_fault(&topo_find_network(2)->obj, NULL);
}

/* A few are named, and those that are right work.  One more changes nothing
 * that would be written. */
static void
many(void **state OVS_UNUSED)
{
    for (unsigned int hv = 11; hv <= 13; hv++) {
        tell_encap(hv, "");
    }
    for (unsigned int hv = 14; hv <= 15; hv++) {
        tell_encap(hv, "");
        assert_fault("hypervisor hv11 (no encap) cannot be reached from hv1 "
                     "(vxlan:192.168.0.1): it has no tunnels; "
                     "hypervisor hv12 (no encap) cannot be reached from hv1 "
                     "(vxlan:192.168.0.1): it has no tunnels; "
                     "hypervisor hv13 (no encap) cannot be reached from hv1 "
                     "(vxlan:192.168.0.1): it has no tunnels; and more");
    }
    assert_int_equal(n_remotes(1), 1);
    assert_true(is_reached(11));
}

/* Our side. */

static void
no_ip_here(void **state OVS_UNUSED)
{
    struct vtep vtep = topo_vtep_row();

    vtep.has_ip = false;
    vtep.ip = in6addr_any;
    topology_update_vtep(&topo, &vtep);
    assert_fault_of_both("sluice-encap-ip of hv1 is not set or is not an IP "
                         "address");
    assert_string_equal(topo_find_network(1)->encap, "");
    topo_vtep();
    assert_mended();
    assert_string_equal(topo_find_network(1)->encap, "vxlan:192.168.0.1");
}

static void
type_is_off_here(void **state OVS_UNUSED)
{
    struct vtep vtep = topo_vtep_row();

    vtep.tunnels[ENCAP_VXLAN].enabled = false;
    vtep.tunnels[ENCAP_VXLAN].ofport = OFPP_NONE;
    topology_update_vtep(&topo, &vtep);
    assert_fault_of_both("hypervisor hv2 (vxlan:192.168.0.2) cannot be "
                         "reached from hv1 (geneve:192.168.0.1): no common "
                         "type of tunnel; "
                         "vxlan is not in sluice-encap-type of hv1");
    /* So that the other side can say so, too. */
    assert_string_equal(topo_find_network(1)->encap, "geneve:192.168.0.1");
    topo_vtep();
    assert_mended();
}

static void
no_type_here(void **state OVS_UNUSED)
{
    struct vtep vtep = topo_vtep_row();

    for (int i = 0; i < ENCAP_N_TYPES; i++) {
        vtep.tunnels[i].enabled = false;
        vtep.tunnels[i].ofport = OFPP_NONE;
    }
    topology_update_vtep(&topo, &vtep);
    assert_fault_of_both("hypervisor hv2 (vxlan:192.168.0.2) cannot be "
                         "reached from hv1 (no encap): no common type of "
                         "tunnel; vxlan is not in sluice-encap-type of hv1");
    assert_string_equal(topo_find_network(1)->encap, "");
    assert_int_equal(topo_find_peer(2)->obj.owner.conflict, false);
    assert_true(ovs_list_is_empty(&topo_find_peer(2)->obj.owner.flows));
}

static void
no_tunnel_port(void **state OVS_UNUSED)
{
    struct vtep vtep = topo_vtep_row();

    vtep.tunnels[ENCAP_VXLAN].ofport = OFPP_NONE;
    topology_update_vtep(&topo, &vtep);
    assert_fault_of_both("the tunnel port for vxlan has no OpenFlow port "
                         "number");
    topo_vtep();
    assert_mended();
}

/* The network itself. */

static void
tell_vni(int64_t vni)
{
    struct intent_network row = topo_network_row(1);

    row.segment = unit_uuid(UNIT_SEGMENT, 1);
    row.network_type = CONST_CAST(char *, "vxlan");
    row.physical_network = CONST_CAST(char *, "");
    row.segmentation_id = vni;
    topology_update_network(&topo, &row);
}

static void
bad_vni(void **state OVS_UNUSED)
{
    static const int64_t vnis[] = { 0, -1, 1 << 24, 1ll << 32, INT64_MAX };

    for (size_t i = 0; i < ARRAY_SIZE(vnis); i++) {
        char *fault = xasprintf("segmentation_id %lld is not a VNI (1 to "
                                "16777215)", (long long int) vnis[i]);

        tell_vni(vnis[i]);
        assert_fault(fault);
        assert_int_equal(n_remotes(1), 0);
        assert_false(is_reached(11));
        assert_null(topo_find_network(1)->encap);
        free(fault);
    }
}

static void
good_vni(void **state OVS_UNUSED)
{
    tell_vni(1);
    assert_mended();
    tell_vni((1 << 24) - 1);
    assert_mended();
}

/* Two networks that say the same number: the database refuses it; if it did
 * not, the first has it, and the second says so. */
static void
same_vni(void **state OVS_UNUSED)
{
    topo_assert_fault(&topo_find_network(1)->obj, NULL);
    tell_vni(5002);
    assert_fault("another object of this hypervisor already has one of its "
                 "flows");
    tell_vni(5001);
    topo_settle();
    assert_mended();
}

/* A hypervisor that is gone has left the row of a port that is no more, whose
 * addresses have been given to another: the one that is here works, and gets
 * back all when it comes second. */
static void
addresses_of_a_port_that_is_no_more(void **state OVS_UNUSED)
{
    struct intent_port_place place = topo_port_place_row(50, 1, 2, 1);
    struct intent_port row = topo_port_row(51, 1);
    char *ip = CONST_CAST(char *, "10.0.0.1");
    struct lport *port;

    place.mac_address = row.mac_address;
    place.ip_addresses = row.ip_addresses = &ip;
    place.n_ip_addresses = row.n_ip_addresses = 1;
    topology_update_port_place(&topo, &place);
    topo_settle();
    assert_int_equal(ovs_list_size(&topo_find_port(50)->obj.owner.flows), 2);

    topology_update_port(&topo, &row);
    topo_plug(51, 51);
    topo_settle();
    topo_settle();
    port = topo_find_port(51);
    topo_assert_fault(&port->obj, NULL);
    assert_int_equal(ovs_list_size(&port->obj.owner.flows), 5);
    assert_true(topo_find_port(50)->obj.owner.conflict);
    assert_non_null(topo_find_port(50)->obj.fault);

    topo_unplug(51);
    topo_settle();
    topo_settle();
    assert_int_equal(ovs_list_size(&topo_find_port(50)->obj.owner.flows), 2);
    topo_assert_fault(&topo_find_port(50)->obj, NULL);
}

/* MTU. */

static void
tell_mtu(int64_t mtu)
{
    struct intent_network row = topo_network_row(1);

    row.segment = unit_uuid(UNIT_SEGMENT, 1);
    row.network_type = CONST_CAST(char *, "vxlan");
    row.physical_network = CONST_CAST(char *, "");
    row.segmentation_id = 5001;
    row.mtu = mtu;
    topology_update_network(&topo, &row);
}

static void
tell_underlay(int mtu)
{
    struct vtep vtep = topo_vtep_row();

    vtep.mtu = mtu;
    topology_update_vtep(&topo, &vtep);
}

#define TOO_LONG                                                        \
    "mtu 1451 does not fit into vxlan:192.168.0.1: the device with "    \
    "that address has mtu 1500, which is 1450 for the network's packets"

/* Short packets pass all the same. */
static void
mtu_does_not_fit(void **state OVS_UNUSED)
{
    tell_underlay(1500);
    tell_mtu(1451);
    assert_fault(TOO_LONG);
    assert_int_equal(n_remotes(1), 1);
    assert_true(is_reached(11));
    tell_mtu(1450);
    assert_mended();
}

static void
underlay_changes(void **state OVS_UNUSED)
{
    tell_mtu(1451);
    assert_mended();            /* It is not known. */
    tell_underlay(1500);
    assert_fault(TOO_LONG);
    tell_underlay(1501);
    assert_mended();
    tell_underlay(0);
    assert_mended();
}

static void
mtu_by_ipv6(void **state OVS_UNUSED)
{
    struct vtep vtep = topo_vtep_row();

    assert_true(encap_ip_from_string("2001:db8::1", &vtep.ip));
    vtep.mtu = 1500;
    topology_update_vtep(&topo, &vtep);
    topo_delete_net_place(1, 2);
    tell_mtu(1430);
    topo_settle();
    topo_assert_fault(&topo_find_network(1)->obj, NULL);
    tell_mtu(1431);
    topo_settle();
    topo_assert_fault(&topo_find_network(1)->obj,
                      "mtu 1431 does not fit into vxlan:2001:db8::1: the "
                      "device with that address has mtu 1500, which is 1430 "
                      "for the network's packets");
}

/* What the switch refuses. */

#define REFUSED "refused by the switch: no reason"

static void
peer_is_refused(void **state OVS_UNUSED)
{
    struct lpeer *peer = topo_find_peer(2);

    assert_true(topology_refused(&topo, &peer->obj.uuid, "no reason"));
    assert_fault(NULL);
    topo_assert_fault(&peer->obj, REFUSED);
    assert_true(ovs_list_is_empty(&peer->obj.owner.flows));
    topology_recompute(&topo);
    assert_mended();
    topo_assert_fault(&peer->obj, NULL);
}

static void
port_elsewhere_is_refused(void **state OVS_UNUSED)
{
    const struct uuid uuid = unit_uuid(UNIT_PORT, 11);

    assert_true(topology_refused(&topo, &uuid, "no reason"));
    assert_fault(NULL);
    assert_false(is_reached(11));
    topo_assert_fault(&topo_find_port(11)->obj, REFUSED);
    topo_port_place(11, 1, 2, 2);
    assert_mended();
}

/* The same of a peer alone, as tunnel/list shows it. */

static void
assert_peer_fault(const char *encap_text, const char *fault)
{
    struct encap encap;
    char *actual;

    topo_settle();
    assert_true(encap_from_string(encap_text, &encap));
    actual = topology_peer_fault(&topo, topology_get_peer(&topo, &encap));
    if (fault) {
        assert_non_null(actual);
        assert_string_equal(actual, fault);
    } else {
        assert_null(actual);
    }
    free(actual);
}

static void
peer_faults_there(void **state OVS_UNUSED)
{
    assert_peer_fault("vxlan:192.168.0.2", NULL);
    tell_encap(3, "vxlan:192.168.0.2");
    assert_peer_fault("vxlan:192.168.0.2", "two hypervisors have this encap");
    tell_encap(3, "geneve:192.168.0.3");
    assert_peer_fault("geneve:192.168.0.3", "no common type of tunnel");
    tell_encap(3, "vxlan:192.168.0.1");
    assert_peer_fault("vxlan:192.168.0.1",
                      "both have the same sluice-encap-ip");
    tell_encap(3, "vxlan:2001:db8::3");
    assert_peer_fault("vxlan:2001:db8::3",
                      "one's sluice-encap-ip is IPv4, the other's IPv6");
    assert_peer_fault("vxlan:192.168.0.2", NULL);
}

static void
peer_faults_here(void **state OVS_UNUSED)
{
    struct vtep vtep = topo_vtep_row();

    vtep.tunnels[ENCAP_VXLAN].ofport = OFPP_NONE;
    topology_update_vtep(&topo, &vtep);
    assert_peer_fault("vxlan:192.168.0.2",
                      "the tunnel port has no OpenFlow port number");
    vtep.has_ip = false;
    topology_update_vtep(&topo, &vtep);
    assert_peer_fault("vxlan:192.168.0.2",
                      "sluice-encap-ip of hv1 is not set or is not an IP "
                      "address");
    topo_vtep();
    topology_refused(&topo, &topo_find_peer(2)->obj.uuid, "no reason");
    assert_peer_fault("vxlan:192.168.0.2", REFUSED);
}

#define TEST(FUNCTION) \
    cmocka_unit_test_setup_teardown(FUNCTION, setup, topo_teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(malformed_encap),
        TEST(no_tunnels_there),
        TEST(no_common_type),
        TEST(our_own_ip),
        TEST(other_family),
        TEST(two_of_one_encap),
        TEST(two_of_one_encap_unknown),
        TEST(two_of_one_encap_apart),
        TEST(many),
        TEST(no_ip_here),
        TEST(type_is_off_here),
        TEST(no_type_here),
        TEST(no_tunnel_port),
        TEST(bad_vni),
        TEST(good_vni),
        TEST(same_vni),
        TEST(addresses_of_a_port_that_is_no_more),
        TEST(mtu_does_not_fit),
        TEST(underlay_changes),
        TEST(mtu_by_ipv6),
        TEST(peer_is_refused),
        TEST(port_elsewhere_is_refused),
        TEST(peer_faults_there),
        TEST(peer_faults_here),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
