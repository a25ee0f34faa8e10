/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef FACTS_H
#define FACTS_H 1

/* The facts behind a topology (see topo.h), in tables of the test's own, and
 * random changes of them.  Each change is handed to the topology at once.
 * Objects are numbered from 1. */

#include "unit.h"

#define FACTS_N_PORTS 24
#define FACTS_N_NETWORKS 6
#define FACTS_N_VIFS 20
#define FACTS_N_PHYSNETS 2

struct fact_port {
    bool known;
    unsigned int network;
    bool up, unknown, bad_mac, shared_mac;
    int64_t revision;
    bool refused;
};

struct fact_network {
    bool known;
    bool up;
    unsigned int physnet;       /* 0: a local network. */
    int64_t vlan;
    int64_t revision;
};

struct facts {
    struct fact_port ports[FACTS_N_PORTS + 1];
    struct fact_network networks[FACTS_N_NETWORKS + 1];
    unsigned int vifs[FACTS_N_VIFS + 1]; /* The port each has; 0: none. */
    bool physnets[FACTS_N_PHYSNETS + 1]; /* Which can be reached. */
    bool host_up;
    bool refused;               /* Has the switch refused anything? */
};

extern struct facts facts;

void facts_init(void);

/* The VIF that port 'i' has; 0: none. */
unsigned int facts_vif_of(unsigned int i);

/* True once in 'n' times. */
bool one_in(int n);

/* Hands everything to the topology. */
void facts_tell(void);

/* Random changes. */
void facts_change_port(void);
void facts_delete_port(void);
void facts_change_network(void);
void facts_delete_network(void);
void facts_change_vif(void);
void facts_change_physnets(void);
void facts_change_host(void);

/* The switch refuses a flow of some port or network. */
void facts_refuse(void);

/* Everything is told again, but for a few objects that were deleted
 * meanwhile. */
void facts_resync(void);

/* Has everything computed again, what was refused too. */
void facts_recompute(void);

/* Takes everything away. */
void facts_clear(void);

#endif /* tests/unit/facts.h */
