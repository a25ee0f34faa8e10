/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef PIPELINE_PRIVATE_H
#define PIPELINE_PRIVATE_H 1

/* What the files of the pipeline (see pipeline.h) share: how matches and
 * actions are put together.
 *
 * Pure, as the pipeline. */

#include "openvswitch/match.h"
#include "openvswitch/meta-flow.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "pipeline.h"

/* Registers.  xxreg0, that is, reg0 to reg3, is the network. */
#define REG_OUTPUT 5            /* OpenFlow port about to be delivered to. */
#define REG_FLOOD 6             /* Where in a flood's tree. */

/* The bit that makes an Ethernet address a group's. */
extern const struct eth_addr pipeline_group_bit;

/* Actions. */

void put_output(struct ofpbuf *actions, ofp_port_t);
void put_resubmit(struct ofpbuf *actions, uint8_t table);
void put_goto(struct ofpbuf *actions, uint8_t table);

/* Sets the whole of a field to 'value', in network byte order. */
void put_set_field(struct ofpbuf *actions, enum mf_field_id,
                   const void *value);
void put_load(struct ofpbuf *actions, int reg, uint32_t value);
void put_move(struct ofpbuf *actions, enum mf_field_id src,
              enum mf_field_id dst);

/* Says which network the packet is in. */
void put_network(struct ofpbuf *actions, const struct uuid *network);

/* Delivers to 'port' through its gate in EGRESS, and goes on. */
void put_deliver(struct ofpbuf *actions, ofp_port_t port);

/* Hands the packet to the agent, which has the switch go on with it where it
 * is: with room for another 64 kB of datapath actions. */
void put_pause(struct ofpbuf *actions);

/* Says to which hypervisor a tunnel is to carry the packet. */
void put_peer(struct ofpbuf *actions, const struct in6_addr *peer);

/* Remembers, in LEARNED, that the packet's source in its network is behind
 * the port it came in by; and, if that is a tunnel, behind which hypervisor.
 * The learned flow dies with the flow that has this action, so that nothing
 * points at a port that is gone; and all it does is load, so that the gates in
 * EGRESS still decide. */
enum pipeline_origin { FROM_PORT, FROM_IPV4_TUNNEL, FROM_IPV6_TUNNEL };
void put_learn(struct ofpbuf *actions, uint64_t cookie, enum pipeline_origin);

/* Matches and flows. */

/* Starts a match on Ethernet frames, as a switch reports every match that has
 * an Ethernet field. */
void match_ethernet(struct match *);

void match_in_network(struct match *, const struct uuid *network);

/* Matches untagged frames from 'port'.  Tagged ones are not admitted: a
 * network's VLAN is the hypervisor's business, not the VM's. */
void match_untagged_from(struct match *, ofp_port_t port);

/* Appends a flow to 'flows' and empties 'actions'. */
void add_flow(struct ovs_list *flows, uint8_t table, uint16_t priority,
              uint64_t cookie, const struct match *, struct ofpbuf *actions);

/* The parts of the pipeline, each in a file of its own. */

/* pipeline-answer.c: answers about 'ips' of a port with 'mac'; 'self' is the
 * port, if it is here, OFPP_NONE if it is not. */
void pipeline_answer_flows(const struct uuid *port, const struct uuid *network,
                           struct eth_addr mac, const struct in6_addr *ips,
                           size_t n_ips, ofp_port_t self,
                           struct ovs_list *flows);
void pipeline_answer_base_flows(struct ovs_list *flows);

/* pipeline-flood.c: appends to 'actions' what floods to the ports here, or to
 * other hypervisors, and to 'flows' the flood's tree; of those that take
 * unknown addresses, if 'unknown_only'. */
void pipeline_put_flood(const struct pipeline_network *, bool unknown_only,
                        struct ofpbuf *actions, struct ovs_list *flows);
void pipeline_put_remote_flood(const struct pipeline_network *,
                               bool unknown_only, struct ofpbuf *actions,
                               struct ovs_list *flows);

#endif /* pipeline-private.h */
