/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TOPO_H
#define TOPO_H 1

/* A topology for tests to feed, and what stands around it in the agent: rows
 * that come, VIFs that are plugged, a switch that takes what it is sent and
 * acknowledges it.
 *
 * Ports, networks and segments are numbered; see unit_uuid().  Port N has the
 * MAC address 02:00:00:00:NN:NN, whatever its network.  So are hypervisors: N
 * is called hvN and takes overlays' packets at 192.168.NN.NN by VXLAN; we are
 * hv1. */

#include "unit.h"

#include "ovs-agent/topology.h"
#include "ovs-agent/topology-compute.h"

struct interest;

extern struct topology topo;

/* Setup and teardown of a test.  topo_setup_ready() has done topo_settle()
 * once. */
int topo_setup(void **state);
int topo_setup_ready(void **state);
int topo_teardown(void **state);

/* Rows.  A row to be changed before it is handed over is made, changed and
 * given to topology_update_*(); its strings must be static. */
struct intent_port topo_port_row(unsigned int n, unsigned int network);
struct intent_network topo_network_row(unsigned int n);
void topo_port(unsigned int n, unsigned int network, bool up);
void topo_network(unsigned int n, bool up);
void topo_vlan(unsigned int n, const char *physnet, int64_t vlan);
void topo_delete_port(unsigned int n);
void topo_delete_network(unsigned int n);
void topo_host(bool up);

/* Network 'n' is an overlay by VXLAN; its number is 5000 and its own. */
void topo_overlay(unsigned int n);

/* Where ports are and overlays extend to, rows likewise. */
struct intent_port_place topo_port_place_row(unsigned int port,
                                             unsigned int network,
                                             unsigned int hv, int64_t claim);
struct intent_net_place topo_net_place_row(unsigned int network,
                                           unsigned int hv);
void topo_port_place(unsigned int port, unsigned int network, unsigned int hv,
                     int64_t claim);
void topo_net_place(unsigned int network, unsigned int hv);
void topo_delete_port_place(unsigned int port, unsigned int hv);
void topo_delete_net_place(unsigned int network, unsigned int hv);

/* How this hypervisor is in overlays: with both types of tunnels, at OpenFlow
 * ports TOPO_VXLAN and TOPO_GENEVE, and an underlay whose MTU is not known.
 * The caller of the first changes it and hands it over. */
#define TOPO_VXLAN OFP_PORT_C(901)
#define TOPO_GENEVE OFP_PORT_C(902)
struct vtep topo_vtep_row(void);
void topo_vtep(void);

/* Physical networks: one, and none. */
void topo_physnet(const char *name, unsigned int ofport, const char *fault);
void topo_no_physnet(void);

/* VIFs. */
void topo_plug(unsigned int port, unsigned int ofport);
void topo_unplug(unsigned int port);

/* Computes, everything having come, and sends; returns the sequence number. */
uint64_t topo_send(void);

/* Acknowledges everything, or up to 'seq', and takes all status that is
 * due. */
void topo_ack(void);
void topo_ack_up_to(uint64_t seq);

/* Both.  Returns how many flows were changed, and verifies that they are what
 * they would be computed from nothing. */
size_t topo_settle(void);

/* The objects; they must be there. */
struct lport *topo_find_port(unsigned int n);
struct lnet *topo_find_network(unsigned int n);
struct lpeer *topo_find_peer(unsigned int hv);

/* How many objects of 'kind' are to be computed. */
size_t topo_n_dirty(enum lkind kind);

/* Every flow wanted, as unit_flows_text(), for the caller to free. */
char *topo_flows_text(void);

/* How many flows are wanted. */
size_t topo_n_flows(void);

/* Fails unless what is asked for are these port, network and segment; 0:
 * none. */
void topo_assert_interest(unsigned int port, unsigned int network,
                          unsigned int segment);

/* Fails unless the object has the fault; NULL: none. */
void topo_assert_fault(const struct lobject *, const char *fault);

#endif /* tests/unit/topo.h */
