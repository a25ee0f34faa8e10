/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef OVS_LOCAL_H
#define OVS_LOCAL_H 1

/* The hypervisor's own Open_vSwitch database: where the agent's configuration
 * and what is plugged enter, and where an operator reads a port's status.
 *
 *     Open_vSwitch.external_ids -> ovs_local_config()
 *     Interfaces of the bridge  -> vif.h -> topology_update_vif()
 *     patch ports of mappings   -> topology_update_physnets()
 *     topology                  -> Interface external_ids:sluice-status
 *
 * Makes the integration bridge if it is missing; one that exists and is not
 * fail_mode=secure is refused, with a status on the bridge.
 *
 * Errors: a database that cannot be reached is tried again for ever, and what
 * is known stays in force.  Not thread-safe. */

#include <stdbool.h>

#include "agent-config.h"

struct ovs_local;
struct topology;
struct uuid;
struct vif_table;

struct ovs_local *ovs_local_create(const char *remote);
void ovs_local_destroy(struct ovs_local *);

/* Takes changes in and hands VIFs and physical networks to 'topology'. */
void ovs_local_run(struct ovs_local *, struct topology *);

/* Writes what is due: the bridge, patch ports, statuses.  'nb_settled' and
 * 'nb_connected' tell what it means that a port is not known. */
void ovs_local_write(struct ovs_local *, struct topology *, bool nb_settled,
                     bool nb_connected);
void ovs_local_wait(struct ovs_local *);

/* The status of the VIF that holds 'port', or of all, is due. */
void ovs_local_recheck_status(struct ovs_local *, const struct uuid *port);
void ovs_local_recheck_all_status(struct ovs_local *);

/* NULL until the database has been read; may change with each run. */
const struct agent_config *ovs_local_config(const struct ovs_local *);

/* True when the bridge is there and is ours to program. */
bool ovs_local_bridge_ready(const struct ovs_local *);

/* The datapath_type that the bridge has or is about to be made with, "system"
 * if it does not say. */
const char *ovs_local_datapath_type(const struct ovs_local *);

const struct vif_table *ovs_local_vifs(const struct ovs_local *);

/* The state of the connection and of the bridge in words; the caller frees
 * it. */
char *ovs_local_status(const struct ovs_local *);

#endif /* ovs-local.h */
