/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef OVS_TUNNEL_H
#define OVS_TUNNEL_H 1

/* The integration bridge's tunnel ports, as rows of the Open_vSwitch database:
 * one for each type in sluice-encap-type, however many hypervisors are behind
 * it, because each flow says where its packets go (remote_ip=flow, key=flow in
 * ovs-vswitchd.conf.db(5)).
 *
 * For ovs-local.c alone; stateless, like ovs-bridge.h. */

#include <stdbool.h>

struct agent_config;
struct ovsdb_idl;
struct ovsdb_idl_txn;
struct ovsrec_bridge;
struct vtep;

/* Fills in the OpenFlow ports of 'vtep', OFPP_NONE where there is none. */
void ovs_tunnel_find(const struct ovsrec_bridge *, struct vtep *);

/* True if tunnel ports are missing, left over, here or on another bridge, or
 * not as they should be.  If 'txn' is not NULL, it gets what makes them
 * right. */
bool ovs_tunnel_fix(struct ovsdb_idl_txn *txn, const struct ovsdb_idl *,
                    const struct ovsrec_bridge *, const struct agent_config *);

#endif /* ovs-tunnel.h */
