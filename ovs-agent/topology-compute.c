/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See topology-compute.h.  What is wrong with an object is found here and
 * becomes its fault, logged once. */

#include <config.h>

#include "topology-compute.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "oflow.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "pipeline.h"
#include "topology-objects.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(topology);

COVERAGE_DEFINE(agent_host_computed);
COVERAGE_DEFINE(agent_network_computed);
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

static char *
check_port(const struct lport *port, struct eth_addr *mac)
{
    if (port->obj.refused) {
        return xstrdup(port->obj.refused);
    } else if (!eth_addr_from_string(port->intent.mac_address, mac)
               || eth_addr_is_multicast(*mac) || eth_addr_is_zero(*mac)) {
        return xasprintf("mac_address \"%s\" is not a unicast Ethernet "
                         "address", port->intent.mac_address);
    } else if (!port->net->obj.known) {
        return xasprintf("network "UUID_FMT" is not in the northbound "
                         "database", UUID_ARGS(&port->intent.network));
    }
    return NULL;
}

/* Is the row of the port's network on its way? */
static bool
is_awaiting(const struct topology *topology, const struct lport *port)
{
    return port->obj.known && !port->net->obj.known && !topology->complete;
}

/* The port's flows, in 'flows', and returns its fault, NULL if it has none. */
static char *
port_flows(const struct topology *topology, const struct lport *port,
           struct ovs_list *flows)
{
    struct eth_addr mac;
    char *fault = NULL;

    if (port->obj.known && port->plugged && !is_awaiting(topology, port)) {
        fault = check_port(port, &mac);
        if (!fault) {
            const struct pipeline_port facts = {
                .uuid = port->obj.uuid,
                .network = port->intent.network,
                .mac = mac,
                .ofport = port->ofport,
                .admin_up = port->intent.admin_state_up,
                .unknown = !port->intent.port_security_enabled,
            };

            pipeline_port_flows(&facts, flows);
        }
    }
    return fault;
}

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
        port->net->n_wired += wired;
        port->net->n_wired -= port->wired;
        topology_mark_flood(topology, port->net);
    }
    port->wired = wired;
    port->wired_ofport = ofport;
    port->wired_unknown = unknown;
}

void
topology_compute_port(struct topology *topology, struct lport *port)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    char *fault = port_flows(topology, port, &flows);

    COVERAGE_INC(agent_port_computed);
    topology->awaiting |= is_awaiting(topology, port);
    set_fault(&port->obj, port->obj.known ? port->intent.name : "", fault);
    set_wired(topology, port, !ovs_list_is_empty(&flows));
    port->obj.computed_revision = port->intent.revision_number;
    flow_table_stage(&topology->flows, &port->obj.owner, &flows);
}

/* Networks. */

/* Where 'net' meets its physical network, into 'wire'; and returns its fault,
 * NULL if it has none. */
static char *
find_wire(const struct topology *topology, const struct lnet *net,
          struct pipeline_network *wire)
{
    const struct intent_network *intent = &net->intent;
    const struct physnet *physnet;
    bool vlan;

    if (!intent->network_type) {
        /* A local network; or its Segment is still on its way. */
        return NULL;
    }
    if (!intent->network_type[0]) {
        /* Not among those in the schema: the IDL has logged the row. */
        return xstrdup("network_type is none that this agent knows");
    }
    vlan = !strcmp(intent->network_type, "vlan");
    if (!vlan && strcmp(intent->network_type, "flat")) {
        return xasprintf("network_type \"%s\" is not carried beyond the "
                         "hypervisor by this agent", intent->network_type);
    } else if (vlan && (intent->segmentation_id < 1
                        || intent->segmentation_id > 4094)) {
        return xasprintf("segmentation_id %"PRId64" is not a VLAN ID (1 to "
                         "4094)", intent->segmentation_id);
    }
    physnet = shash_find_data(&topology->physnets, intent->physical_network);
    if (!physnet) {
        return xasprintf("physical_network \"%s\" is not in "
                         "sluice-bridge-mappings", intent->physical_network);
    } else if (physnet->fault) {
        return xstrdup(physnet->fault);
    }
    wire->wire = physnet->ofport;
    wire->wire_vlan = vlan ? intent->segmentation_id : 0;
    return NULL;
}

static void
gate_flows(const struct lnet *net, struct ovs_list *flows)
{
    if (net->obj.known && net->n_wired && !net->obj.refused) {
        pipeline_gate_flows(&net->obj.uuid, net->intent.admin_state_up,
                            flows);
    }
}

/* All flows of 'net' but its gate's; returns its fault. */
static char *
network_flows(const struct topology *topology, const struct lnet *net,
              struct ovs_list *flows)
{
    struct pipeline_network facts = {
        .uuid = net->obj.uuid,
        .wire = OFPP_NONE,
    };
    struct pipeline_member *members;
    const struct lport *port;
    char *fault;

    if (net->obj.refused) {
        return xstrdup(net->obj.refused);
    } else if (!net->obj.known || !net->n_wired) {
        return NULL;
    }

    members = xmalloc(net->n_wired * sizeof *members);
    LIST_FOR_EACH (port, net_node, &net->ports) {
        if (port->wired) {
            members[facts.n_members++] = (struct pipeline_member) {
                .port = port->obj.uuid,
                .ofport = port->wired_ofport,
                .unknown = port->wired_unknown,
            };
        }
    }
    qsort(members, facts.n_members, sizeof *members,
          pipeline_compare_members);
    facts.members = members;

    fault = find_wire(topology, net, &facts);
    pipeline_network_flows(&facts, flows);
    free(members);
    return fault;
}

void
topology_compute_network(struct topology *topology, struct lnet *net)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    COVERAGE_INC(agent_network_computed);
    gate_flows(net, &flows);
    flow_table_stage(&topology->flows, &net->gate, &flows);
    if (net->flood_dirty) {
        char *fault = network_flows(topology, net, &flows);

        net->flood_dirty = false;
        set_fault(&net->obj, net->obj.known ? net->intent.name : "", fault);
        flow_table_stage(&topology->flows, &net->obj.owner, &flows);
    }
    net->obj.computed_revision = net->intent.revision_number;
}

void
topology_compute_host(struct topology *topology)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    COVERAGE_INC(agent_host_computed);
    pipeline_base_flows(topology->host_intent.admin_state_up, &flows);
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
verify_object(const struct topology *topology, const struct lobject *obj)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);

    if (obj->kind == LKIND_PORT) {
        free(port_flows(topology, lport_cast(obj), &flows));
        return verify(obj, &obj->owner, "port", &flows);
    }

    const struct lnet *net = lnet_cast(obj);
    gate_flows(net, &flows);
    bool ok = verify(obj, &net->gate, "gate", &flows);
    free(network_flows(topology, net, &flows));
    return verify(obj, &obj->owner, "network", &flows) && ok;
}

size_t
topology_verify(struct topology *topology)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    const struct lobject *obj;
    size_t n_wrong = 0;

    pipeline_base_flows(topology->host_intent.admin_state_up, &flows);
    n_wrong += !verify(&topology->host, &topology->host.owner, "base",
                       &flows);
    HMAP_FOR_EACH (obj, node, &topology->objects) {
        n_wrong += !verify_object(topology, obj);
    }
    return n_wrong;
}
