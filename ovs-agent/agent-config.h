/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H 1

/* The agent's configuration: what Open_vSwitch.external_ids says.
 *
 * Pure: parses a map, touches nothing.  A key that cannot be parsed is left
 * out, named with the reason in 'faults', and takes nothing else with it. */

#include <stdbool.h>
#include <stddef.h>

#include "smap.h"
#include "sset.h"

struct agent_config {
    char *remote;               /* sluice-remote; NULL if not set. */
    char *host;                 /* sluice-host, else system-id, else name. */
    char *bridge;               /* sluice-bridge; br-int. */
    char *datapath_type;        /* sluice-datapath-type; NULL: OVS's own. */
    char *encap_ip;             /* sluice-encap-ip; NULL if not set. */
    struct sset encap_types;    /* sluice-encap-type; by default, all. */
    struct smap bridge_mappings; /* sluice-bridge-mappings: physical network
                                  * to bridge. */
    int probe_interval;         /* sluice-remote-probe-interval, ms; 0: none;
                                 * -1 not set. */
    int heartbeat_interval;     /* sluice-heartbeat-interval, seconds. */
    struct sset faults;         /* What could not be parsed, in words. */
};

/* Seconds between heartbeats unless configured: each is a commit of the
 * northbound database, and 10,000 agents share it. */
#define AGENT_CONFIG_HEARTBEAT_S 60

/* What a hypervisor with a sluice-encap-ip offers unless configured. */
#define AGENT_CONFIG_ENCAP_TYPES "geneve,vxlan"

/* Parses 'external_ids' of the Open_vSwitch table.  'hostname' is the host's
 * name if no key says otherwise.  The caller destroys what is returned. */
struct agent_config *agent_config_parse(const struct smap *external_ids,
                                        const char *hostname);
void agent_config_destroy(struct agent_config *);
bool agent_config_equal(const struct agent_config *,
                        const struct agent_config *);

#endif /* agent-config.h */
