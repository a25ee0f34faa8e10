/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SWARM_WORLD_H
#define SWARM_WORLD_H 1

/* The world that a swarm lives in: what is in the northbound database, and
 * which agent is concerned by what.
 *
 * Everything follows from three numbers, so that those who write a database
 * and those who connect to it agree without a word.  Hypervisor I is called
 * "hvI".  It has 'n_networks' networks of its own, and 'n_ports' + 1 ports in
 * these: the first have its name as their host; the next, one tenth of
 * 'n_ports', have no host, and are the agent's because they are plugged; the
 * last has none and is plugged nowhere, so that somebody can take it.
 * Hypervisor I's ports are numbers I * (n_ports + 1) and following, its
 * networks I * n_networks and following.
 *
 * UUIDs are functions of those numbers, and the numbers can be had back.
 * Nothing here fails. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"

#define WORLD_DATABASE "Sluice_Northbound"

struct world {
    unsigned int n_agents;
    unsigned int n_ports;       /* Plugged at each hypervisor. */
    unsigned int n_networks;    /* Of each hypervisor. */
};

enum world_kind {
    WORLD_NETWORK,
    WORLD_PORT,
    WORLD_AGENT
};

/* How many ports of a hypervisor are its own by being plugged alone. */
unsigned int world_n_slots(const struct world *);

/* The numbers of hypervisor 'agent''s first port and network, and of the
 * first port that has no host. */
unsigned int world_first_port(const struct world *, unsigned int agent);
unsigned int world_first_slot(const struct world *, unsigned int agent);
unsigned int world_first_network(const struct world *, unsigned int agent);

/* The number of the port that is plugged nowhere at first. */
unsigned int world_spare(const struct world *, unsigned int agent);

/* How many ports there are in all. */
unsigned int world_total_ports(const struct world *);

/* The UUID of row 'number' of a kind.  'number' may be at most 2^32 - 1. */
struct uuid world_uuid(enum world_kind, unsigned int number);

/* The contrary: whether 'uuid' is one of that kind, and its number. */
bool world_number(enum world_kind, const struct uuid *uuid,
                  unsigned int *number);

/* Writes hypervisor 'agent''s name into the 'size' bytes at 'name'. */
void world_host(unsigned int agent, char *name, size_t size);

/* Appends the world to 'file', a new standalone database of schema
 * Sluice_Northbound that nobody has open.  Any error ends the program. */
void world_write(const struct world *, const char *file);

#endif /* world.h */
