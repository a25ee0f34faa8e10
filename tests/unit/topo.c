/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See topo.h. */

#include <config.h>

#include "topo.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "ovs-agent/interest.h"
#include "ovs-agent/oflow.h"
#include "ovs-agent/vif.h"
#include "uuid.h"

struct topology topo;
static uint64_t last_seq;

int
topo_setup(void **state OVS_UNUSED)
{
    topology_init(&topo);
    last_seq = 0;
    return 0;
}

int
topo_setup_ready(void **state)
{
    topo_setup(state);
    topo_settle();
    return 0;
}

int
topo_teardown(void **state OVS_UNUSED)
{
    topology_destroy(&topo);
    return 0;
}

/* Rows. */

struct intent_port
topo_port_row(unsigned int n, unsigned int network)
{
    static struct uuid no_allocations[1]; /* An array, if an empty one. */
    static char mac[18];
    struct intent_port row = {
        .uuid = unit_uuid(UNIT_PORT, n),
        .network = unit_uuid(UNIT_NETWORK, network),
        .name = CONST_CAST(char *, "a port"),
        .mac_address = mac,
        .host = CONST_CAST(char *, ""),
        .admin_state_up = true,
        .port_security_enabled = true,
        .revision_number = 1,
        .allocations = no_allocations,
    };

    snprintf(mac, sizeof mac, "02:00:00:00:%02x:%02x", n >> 8 & 0xff,
             n & 0xff);
    return row;
}

struct intent_network
topo_network_row(unsigned int n)
{
    struct intent_network row = {
        .uuid = unit_uuid(UNIT_NETWORK, n),
        .name = CONST_CAST(char *, "a network"),
        .admin_state_up = true,
        .revision_number = 1,
    };

    return row;
}

void
topo_port(unsigned int n, unsigned int network, bool up)
{
    struct intent_port row = topo_port_row(n, network);

    row.admin_state_up = up;
    topology_update_port(&topo, &row);
}

void
topo_network(unsigned int n, bool up)
{
    struct intent_network row = topo_network_row(n);

    row.admin_state_up = up;
    topology_update_network(&topo, &row);
}

void
topo_vlan(unsigned int n, const char *physnet, int64_t vlan)
{
    struct intent_network row = topo_network_row(n);

    row.segment = unit_uuid(UNIT_SEGMENT, n);
    row.network_type = CONST_CAST(char *, "vlan");
    row.physical_network = CONST_CAST(char *, physnet);
    row.segmentation_id = vlan;
    topology_update_network(&topo, &row);
}

void
topo_overlay(unsigned int n)
{
    struct intent_network row = topo_network_row(n);

    row.segment = unit_uuid(UNIT_SEGMENT, n);
    row.network_type = CONST_CAST(char *, "vxlan");
    row.physical_network = CONST_CAST(char *, "");
    row.segmentation_id = 5000 + n;
    topology_update_network(&topo, &row);
}

void
topo_delete_port(unsigned int n)
{
    const struct uuid uuid = unit_uuid(UNIT_PORT, n);

    topology_delete_port(&topo, &uuid);
}

void
topo_delete_network(unsigned int n)
{
    const struct uuid uuid = unit_uuid(UNIT_NETWORK, n);

    topology_delete_network(&topo, &uuid);
}

void
topo_host(bool up)
{
    const struct intent_host host = { .admin_state_up = up };

    topology_update_host(&topo, &host);
}

/* Places. */

static char *
hv_name(unsigned int hv)
{
    static char name[16];

    snprintf(name, sizeof name, "hv%u", hv);
    return name;
}

/* The UUID of the row of 'hv' about object 'n'. */
static struct uuid
place_uuid(unsigned int n, unsigned int hv)
{
    return unit_uuid(UNIT_PLACE, n * 10000 + hv);
}

struct intent_port_place
topo_port_place_row(unsigned int port, unsigned int network, unsigned int hv,
                    int64_t claim)
{
    struct intent_port port_row = topo_port_row(port, network);
    struct intent_port_place row = {
        .row = place_uuid(port, hv),
        .port = port_row.uuid,
        .network = port_row.network,
        .host = hv_name(hv),
        .claim = claim,
        .mac_address = port_row.mac_address,
    };

    return row;
}

struct intent_net_place
topo_net_place_row(unsigned int network, unsigned int hv)
{
    static char encap[32];
    struct intent_net_place row = {
        .row = place_uuid(network, hv),
        .network = unit_uuid(UNIT_NETWORK, network),
        .host = hv_name(hv),
        .encap = encap,
    };

    snprintf(encap, sizeof encap, "vxlan:192.168.%u.%u", hv >> 8, hv & 0xff);
    return row;
}

void
topo_port_place(unsigned int port, unsigned int network, unsigned int hv,
                int64_t claim)
{
    const struct intent_port_place row = topo_port_place_row(port, network,
                                                             hv, claim);

    topology_update_port_place(&topo, &row);
}

void
topo_net_place(unsigned int network, unsigned int hv)
{
    const struct intent_net_place row = topo_net_place_row(network, hv);

    topology_update_net_place(&topo, &row);
}

void
topo_delete_port_place(unsigned int port, unsigned int hv)
{
    const struct uuid row = place_uuid(port, hv);

    topology_delete_port_place(&topo, &row);
}

void
topo_delete_net_place(unsigned int network, unsigned int hv)
{
    const struct uuid row = place_uuid(network, hv);

    topology_delete_net_place(&topo, &row);
}

struct vtep
topo_vtep_row(void)
{
    struct vtep vtep = { .host = hv_name(1), .has_ip = true };

    assert_true(encap_ip_from_string("192.168.0.1", &vtep.ip));
    vtep.tunnels[ENCAP_VXLAN].enabled = true;
    vtep.tunnels[ENCAP_VXLAN].ofport = TOPO_VXLAN;
    vtep.tunnels[ENCAP_GENEVE].enabled = true;
    vtep.tunnels[ENCAP_GENEVE].ofport = TOPO_GENEVE;
    return vtep;
}

void
topo_vtep(void)
{
    const struct vtep vtep = topo_vtep_row();

    topology_update_vtep(&topo, &vtep);
}

/* Physical networks and VIFs. */

void
topo_no_physnet(void)
{
    struct shash physnets = SHASH_INITIALIZER(&physnets);

    topology_update_physnets(&topo, &physnets);
    shash_destroy(&physnets);
}

void
topo_physnet(const char *name, unsigned int ofport, const char *fault)
{
    struct shash physnets = SHASH_INITIALIZER(&physnets);
    struct physnet *physnet = xzalloc(sizeof *physnet);

    physnet->ofport = fault ? OFPP_NONE : u16_to_ofp(ofport);
    physnet->fault = nullable_xstrdup(fault);
    shash_add(&physnets, name, physnet);
    topology_update_physnets(&topo, &physnets);
    shash_destroy(&physnets);
}

void
topo_plug(unsigned int port, unsigned int ofport)
{
    const struct uuid uuid = unit_uuid(UNIT_PORT, port);
    const struct vif vif = {
        .name = CONST_CAST(char *, "a vif"),
        .ofport = u16_to_ofp(ofport),
    };

    topology_update_vif(&topo, &uuid, &vif);
}

void
topo_unplug(unsigned int port)
{
    const struct uuid uuid = unit_uuid(UNIT_PORT, port);

    topology_update_vif(&topo, &uuid, NULL);
}

/* The switch. */

uint64_t
topo_send(void)
{
    topology_run(&topo, true);
    flow_table_clear_changes(&topo.flows);
    topology_sent(&topo, ++last_seq);
    return last_seq;
}

void
topo_ack(void)
{
    topo_ack_up_to(last_seq);
}

void
topo_ack_up_to(uint64_t seq)
{
    struct lobject *obj;

    topology_acked(&topo, seq);
    while ((obj = topology_next_status(&topo))) {
        topology_status_taken(&topo, obj);
    }
}

size_t
topo_settle(void)
{
    size_t n_changes;

    topology_run(&topo, true);
    n_changes = topo.flows.n_changes;
    flow_table_clear_changes(&topo.flows);
    topology_sent(&topo, ++last_seq);
    topo_ack();
    assert_int_equal(topology_verify(&topo), 0);
    return n_changes;
}

/* What came of it. */

struct lport *
topo_find_port(unsigned int n)
{
    const struct uuid uuid = unit_uuid(UNIT_PORT, n);
    struct lport *port = topology_find_port(&topo, &uuid);

    assert_non_null(port);
    return port;
}

struct lnet *
topo_find_network(unsigned int n)
{
    const struct uuid uuid = unit_uuid(UNIT_NETWORK, n);
    struct lnet *net = topology_find_network(&topo, &uuid);

    assert_non_null(net);
    return net;
}

struct lpeer *
topo_find_peer(unsigned int hv)
{
    const struct intent_net_place row = topo_net_place_row(0, hv);
    struct encap encap;
    size_t n = hmap_count(&topo.objects);
    struct lpeer *peer;

    assert_true(encap_from_string(row.encap, &encap));
    peer = topology_get_peer(&topo, &encap);
    assert_int_equal(hmap_count(&topo.objects), n); /* It was there. */
    return peer;
}

size_t
topo_n_dirty(enum lkind kind)
{
    const struct lobject *obj;
    size_t n = 0;

    LIST_FOR_EACH (obj, dirty_node, &topo.dirty) {
        n += obj->kind == kind;
    }
    return n;
}

char *
topo_flows_text(void)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    const struct oflow *flow;
    char *text;

    HMAP_FOR_EACH (flow, hmap_node, &topo.flows.flows) {
        ovs_list_push_back(&flows, &oflow_clone(flow)->node);
    }
    text = unit_flows_text(&flows);
    oflow_list_clear(&flows);
    return text;
}

size_t
topo_n_flows(void)
{
    return hmap_count(&topo.flows.flows);
}

static void
assert_only(const struct uuidset *set, enum unit_kind kind, unsigned int n)
{
    const struct uuid uuid = unit_uuid(kind, n);

    assert_int_equal(uuidset_count(set), n ? 1 : 0);
    assert_true(!n || uuidset_contains(set, &uuid));
}

void
topo_assert_interest(unsigned int port, unsigned int network,
                     unsigned int segment)
{
    struct interest interest;

    interest_init(&interest);
    topology_get_interest(&topo, &interest);
    assert_only(&interest.ports, UNIT_PORT, port);
    assert_only(&interest.networks, UNIT_NETWORK, network);
    assert_only(&interest.segments, UNIT_SEGMENT, segment);
    interest_destroy(&interest);
}

void
topo_assert_fault(const struct lobject *obj, const char *fault)
{
    if (!fault) {
        assert_null(obj->fault);
    } else {
        assert_non_null(obj->fault);
        assert_string_equal(obj->fault, fault);
    }
}
