/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See topology-compute.h.  What is wrong with an object becomes its fault,
 * logged once. */

#include <config.h>

#include "topology-compute.h"

#include <stdlib.h>

#include "coverage.h"
#include "oflow.h"
#include "openvswitch/vlog.h"
#include "topology-facts.h"
#include "topology-objects.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(topology);

COVERAGE_DEFINE(agent_flood_computed);
COVERAGE_DEFINE(agent_host_computed);
COVERAGE_DEFINE(agent_network_computed);
COVERAGE_DEFINE(agent_peer_computed);
COVERAGE_DEFINE(agent_port_computed);

/* A thousand bad ports are a thousand faults in the database but not a
 * thousand lines at once in the log. */
static struct vlog_rate_limit fault_rl = VLOG_RATE_LIMIT_INIT(60, 20);

/* Sets 'fault' (taken over; NULL: none) and says so once. */
static void
set_fault(struct lobject *obj, const char *name, char *fault)
{
    static const char *kinds[] = {
        [LKIND_HOST] = "hypervisor",
        [LKIND_NETWORK] = "network",
        [LKIND_PEER] = "peer",
        [LKIND_PORT] = "port",
    };

    if (!nullable_string_is_equal(obj->fault, fault)) {
        if (fault) {
            VLOG_WARN_RL(&fault_rl, "%s %s ("UUID_FMT"): %s",
                         kinds[obj->kind], name, UUID_ARGS(&obj->uuid),
                         fault);
        } else {
            VLOG_INFO_RL(&fault_rl, "%s %s ("UUID_FMT"): no fault any more",
                         kinds[obj->kind], name, UUID_ARGS(&obj->uuid));
        }
    }
    free(obj->fault);
    obj->fault = fault;
}

/* Ports. */

/* Notes whether and how 'port' takes part in its network's flood. */
static void
set_wired(struct topology *topology, struct lport *port, bool wired)
{
    bool unknown = wired && !port->intent.port_security_enabled;
    ofp_port_t ofport = wired ? port->ofport : OFPP_NONE;

    if (port->wired == wired && port->wired_ofport == ofport
        && port->wired_unknown == unknown) {
        return;
    }
    if (port->net) {
        topology_count_wired(topology, port->net, wired - port->wired);
    }
    port->wired = wired;
    port->wired_ofport = ofport;
    port->wired_unknown = unknown;
}

/* Notes where the port is, and whether that has to be made known: when it has
 * come here, from nowhere or from elsewhere, and not when only the agent is
 * new. */
static void
set_place(struct lport *port, const struct port_facts *facts)
{
    bool moved = port->elsewhere || facts->contested;

    if (!facts->wired) {
        port->arrival = ARRIVAL_NONE;
    } else if (!port->wired && (facts->news || port->elsewhere)) {
        port->arrival = moved ? ARRIVAL_MOVED : ARRIVAL_NEW;
    }
    port->reclaim = port->reclaim && facts->news;
    port->claimed = facts->claimed;
    port->claim = facts->claim;
    if (!nullable_string_is_equal(port->elsewhere, facts->elsewhere)) {
        free(port->elsewhere);
        port->elsewhere = nullable_xstrdup(facts->elsewhere);
    }
}

void
topology_compute_port(struct topology *topology, struct lport *port)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    struct port_facts facts;
    char *fault = topology_port_flows(topology, port, &facts, &flows);

    COVERAGE_INC(agent_port_computed);
    topology->awaiting |= topology_is_awaiting(topology, port);
    set_fault(&port->obj, port->obj.known ? port->intent.name : "", fault);
    set_place(port, &facts);
    set_wired(topology, port, facts.wired);
    port->obj.computed_revision = port->intent.revision_number;
    /* What a row of another hypervisor says of a port elsewhere may be of a
     * port that is no more: it does not go before a port that is here. */
    port->obj.owner.yields = !facts.wired;
    flow_table_stage(&topology->flows, &port->obj.owner, &flows);
}

/* Networks. */

static void
compute_flood(struct topology *topology, struct lnet *net)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    char *fault;

    COVERAGE_INC(agent_flood_computed);
    free(net->encap);
    fault = topology_network_flows(topology, net, &net->encap,
                                   &net->takes_unknown, &flows);
    net->flood_dirty = false;
    set_fault(&net->obj, net->obj.known ? net->intent.name : "", fault);
    flow_table_stage(&topology->flows, &net->obj.owner, &flows);
}

void
topology_compute_network(struct topology *topology, struct lnet *net)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    COVERAGE_INC(agent_network_computed);
    topology_gate_flows(net, &flows);
    flow_table_stage(&topology->flows, &net->gate, &flows);
    if (net->flood_dirty) {
        compute_flood(topology, net);
    }
    net->obj.computed_revision = net->intent.revision_number;
}

/* The rest. */

void
topology_compute_peer(struct topology *topology, struct lpeer *peer)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    char *fault = topology_peer_flows(topology, peer, &flows);

    COVERAGE_INC(agent_peer_computed);
    set_fault(&peer->obj, "", fault);
    flow_table_stage(&topology->flows, &peer->obj.owner, &flows);
}

void
topology_compute_host(struct topology *topology)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    COVERAGE_INC(agent_host_computed);
    topology_host_flows(topology, &flows);
    topology->host.computed_revision = topology->host_intent.revision_number;
    flow_table_stage(&topology->flows, &topology->host.owner, &flows);
}

void
topology_computed(struct lobject *obj)
{
    if (obj->owner.conflict) {
        set_fault(obj, "", xstrdup("another object of this hypervisor "
                                   "already has one of its flows"));
    }
}

/* Checks. */

static bool
verify(const struct lobject *obj, const struct flow_owner *owner,
       const char *what, struct ovs_list *flows)
{
    bool ok = owner->conflict || flow_owner_wants(owner, flows);

    if (!ok) {
        VLOG_ERR(UUID_FMT": %s flows are not those computed from nothing",
                 UUID_ARGS(&obj->uuid), what);
    }
    oflow_list_clear(flows);
    return ok;
}

static bool
verify_port(const struct topology *topology, const struct lport *port)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    struct port_facts facts;

    free(topology_port_flows(topology, port, &facts, &flows));
    return verify(&port->obj, &port->obj.owner, "port", &flows);
}

static bool
verify_network(const struct topology *topology, const struct lnet *net)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    bool ok, unknown;
    char *encap;

    topology_gate_flows(net, &flows);
    ok = verify(&net->obj, &net->gate, "gate", &flows);
    free(topology_network_flows(topology, net, &encap, &unknown, &flows));
    free(encap);
    return verify(&net->obj, &net->obj.owner, "network", &flows) && ok;
}

static bool
verify_peer(const struct topology *topology, const struct lpeer *peer)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    free(topology_peer_flows(topology, peer, &flows));
    return verify(&peer->obj, &peer->obj.owner, "peer", &flows);
}

static bool
verify_object(const struct topology *topology, const struct lobject *obj)
{
    return (obj->kind == LKIND_PORT ? verify_port(topology, lport_cast(obj))
            : obj->kind == LKIND_PEER ? verify_peer(topology, lpeer_cast(obj))
            : verify_network(topology, lnet_cast(obj)));
}

size_t
topology_verify(struct topology *topology)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    const struct lobject *obj;
    size_t n_wrong = 0;

    topology_host_flows(topology, &flows);
    n_wrong += !verify(&topology->host, &topology->host.owner, "base",
                       &flows);
    HMAP_FOR_EACH (obj, node, &topology->objects) {
        n_wrong += !verify_object(topology, obj);
    }
    return n_wrong;
}
