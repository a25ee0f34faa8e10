/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef OBJECTS_H
#define OBJECTS_H 1

/* Ports, networks and hypervisors by number, for tests of the pipeline.
 *
 * Port N has the MAC address 02:00:00:00:NN:NN and, in every network, the IP
 * addresses 10.0.NN.NN and fd00::NNNN.  Hypervisor N is reached at
 * 192.168.NN.NN or fd01::NNNN. */

#include "unit.h"

#include "ovs-agent/pipeline.h"

/* The wire's port and the tunnel's, where there is one. */
#define OBJECTS_WIRE OFP_PORT_C(9000)
#define OBJECTS_TUNNEL OFP_PORT_C(9001)

/* The addresses of port 'n'. */
#define OBJECTS_N_IPS 2
struct eth_addr objects_mac(unsigned int n);
void objects_ips(unsigned int n, struct in6_addr ips[OBJECTS_N_IPS]);

/* How hypervisor 'n' is reached. */
struct in6_addr objects_peer(unsigned int n, bool ipv6);

/* Appends the flows of port 'n', at OpenFlow port 'n', in 'network'. */
void objects_add_port(unsigned int network, unsigned int n, bool admin_up,
                      bool unknown, struct ovs_list *flows);

/* Likewise of port 'n' at hypervisor 'peer'. */
void objects_add_remote_port(unsigned int network, unsigned int n,
                             unsigned int peer, bool ipv6,
                             struct ovs_list *flows);

/* Appends the flow of hypervisor 'n'. */
void objects_add_peer(unsigned int n, bool ipv6, struct ovs_list *flows);

/* Fills in ports 1 to 'n', of which every third, if 'unknown', takes unknown
 * addresses. */
void objects_make_members(struct pipeline_member *, size_t n, bool unknown);

/* Likewise hypervisors. */
void objects_make_remotes(struct pipeline_remote *, size_t n, bool unknown,
                          bool ipv6);

/* Appends the flows of 'network' with those ports. */
void objects_add_network(unsigned int network, size_t n, bool unknown,
                         ofp_port_t wire, uint16_t vlan,
                         struct ovs_list *flows);

/* Appends the flows of 'network', whose number is 5000 and its own, with 'n'
 * of those ports and 'n_remotes' of those hypervisors. */
void objects_add_overlay(unsigned int network, size_t n, size_t n_remotes,
                         bool unknown, bool ipv6, struct ovs_list *flows);

/* Calls 'obey' with the flows of every kind of object, one after the other,
 * and the cookie that names it.  It empties 'flows'. */
typedef void objects_law(struct ovs_list *flows, uint64_t cookie);
void objects_each(objects_law *obey);

#endif /* tests/unit/objects.h */
