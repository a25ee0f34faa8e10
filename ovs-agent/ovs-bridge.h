/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef OVS_BRIDGE_H
#define OVS_BRIDGE_H 1

/* The integration bridge and its patch ports, as rows of the Open_vSwitch
 * database.  For ovs-local.c alone; stateless: each call looks at the replica
 * and says or writes what is missing. */

#include <stdbool.h>

#include "openvswitch/shash.h"

struct agent_config;
struct ovsdb_idl;
struct ovsdb_idl_txn;
struct ovsrec_bridge;
struct ovsrec_open_vswitch;

/* Registers the columns that are needed here. */
void ovs_bridge_register(struct ovsdb_idl *);

/* The bridge called 'name', or NULL. */
const struct ovsrec_bridge *ovs_bridge_find(const struct ovsdb_idl *,
                                            const char *name);

/* Why 'bridge' cannot be an integration bridge, for the caller to free, or
 * NULL if it can. */
char *ovs_bridge_check(const struct ovsrec_bridge *);

/* Would a controller's address on 'bridge' bring hidden flows of vswitchd that
 * forward past ours?  It would, unless other_config:disable-in-band is
 * set. */
bool ovs_bridge_is_in_band(const struct ovsrec_bridge *);
void ovs_bridge_disable_in_band(const struct ovsrec_bridge *);

/* Adds the integration bridge to 'txn'. */
void ovs_bridge_create(struct ovsdb_idl_txn *,
                       const struct ovsrec_open_vswitch *,
                       const struct agent_config *);

/* Adds a port of one interface, both called 'name', to 'bridge'.  Returns the
 * interface. */
const struct ovsrec_interface *ovs_bridge_add_port(
    struct ovsdb_idl_txn *, const struct ovsrec_bridge *, const char *name,
    const char *type);

/* Fills 'physnets' with a "struct physnet" for each mapping of 'config'. */
void ovs_bridge_find_physnets(const struct ovsdb_idl *,
                              const struct ovsrec_bridge *,
                              const struct agent_config *,
                              struct shash *physnets);

/* True if patch ports are missing or left over.  If 'txn' is not NULL, it gets
 * what makes them right. */
bool ovs_bridge_fix_patches(struct ovsdb_idl_txn *txn,
                            const struct ovsdb_idl *,
                            const struct ovsrec_bridge *,
                            const struct agent_config *);

#endif /* ovs-bridge.h */
