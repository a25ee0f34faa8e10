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
#define FACTS_N_HVS 5           /* We are number 1. */

/* What a hypervisor says of a port: a row of Port_Location. */
struct fact_port_place {
    bool known;
    int64_t claim;
    bool bad_mac, shared_mac;
};

struct fact_port {
    bool known;
    unsigned int network;
    unsigned int host;          /* Where it is wanted; 0: anywhere. */
    bool up, unknown, bad_mac, shared_mac;
    int64_t revision;
    bool refused;
    struct fact_port_place places[FACTS_N_HVS + 1];
};

/* What a hypervisor says of an overlay: a row of Network_Location. */
struct fact_net_place {
    bool known;
    const char *encap;
    bool unknown;
};

enum fact_kind { FACT_LOCAL, FACT_WIRE, FACT_VXLAN, FACT_GENEVE };

struct fact_network {
    bool known;
    bool up;
    enum fact_kind kind;
    unsigned int physnet;       /* Of a wire. */
    int64_t number;             /* Its VLAN, or VNI. */
    int64_t revision;
    struct fact_net_place places[FACTS_N_HVS + 1];
};

/* How we are in overlays. */
struct fact_vtep {
    const char *ip;             /* NULL: none. */
    bool enabled[2];            /* VXLAN and Geneve; */
    bool has_port[2];           /* of those enabled. */
};

struct facts {
    struct fact_port ports[FACTS_N_PORTS + 1];
    struct fact_network networks[FACTS_N_NETWORKS + 1];
    unsigned int vifs[FACTS_N_VIFS + 1]; /* The port each has; 0: none. */
    bool physnets[FACTS_N_PHYSNETS + 1]; /* Which can be reached. */
    struct fact_vtep vtep;
    bool host_up;
    bool refused;               /* Has the switch refused anything? */
};

extern struct facts facts;

void facts_init(void);

/* The VIF that port 'i' has; 0: none. */
unsigned int facts_vif_of(unsigned int i);

/* Has port 'i' all that it takes to be claimed by us? */
bool facts_is_held(unsigned int i);

/* The hypervisor where port 'i' is; 0: nowhere. */
unsigned int facts_place_of(unsigned int i);

/* Can a port of network 'network' be reached at hypervisor 'hv'? */
bool facts_is_reachable(unsigned int network, unsigned int hv);

/* True once in 'n' times, and a number from 1 to 'n'. */
bool one_in(int n);
unsigned int pick(unsigned int n);

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

/* Of overlays; in facts-overlay.c. */
void facts_change_port_place(void);
void facts_change_net_place(void);
void facts_change_vtep(void);

/* Our own row of some port, or of all, becomes what we claim. */
void facts_write_place(void);
void facts_write_all_places(void);

/* For facts.c: hands the rows of a port, or a network, to the topology; or
 * takes them away. */
void facts_tell_port_places(unsigned int i);
void facts_tell_net_places(unsigned int i);
void facts_delete_port_places(unsigned int i);
void facts_clear_overlays(void);

/* Returns whether it was new. */
bool facts_tell_vtep(void);

/* For facts.c: of all places told again, a few are not. */
void facts_resync_places(void);

/* The switch refuses a flow of some port or network. */
void facts_refuse(void);

/* Everything is told again, but for a few objects that were deleted
 * meanwhile. */
void facts_resync(void);

/* What was refused is tried again. */
void facts_forget_refusals(void);

/* Has everything computed again, what was refused too. */
void facts_recompute(void);

/* Takes everything away. */
void facts_clear(void);

#endif /* tests/unit/facts.h */
