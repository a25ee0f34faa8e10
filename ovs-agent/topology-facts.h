/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TOPOLOGY_FACTS_H
#define TOPOLOGY_FACTS_H 1

/* From an object of the topology to the facts that pipeline.h makes flows of:
 * here it is checked whether they make sense.
 *
 * Each function looks at the topology and changes nothing, so that the same
 * can be computed again, to compare.  It appends the object's flows to 'flows'
 * and returns what is wrong with the object, in words, for the caller to free;
 * NULL if nothing is.
 *
 * Used by topology-compute.c.  Not thread-safe. */

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/types.h"

struct lnet;
struct lpeer;
struct lport;
struct ovs_list;
struct topology;

/* What else follows for a port. */
struct port_facts {
    bool claimed;               /* We hold it, and say so */
    int64_t claim;              /* with this claim. */
    bool news;                  /* It is not what our row says yet. */
    bool contested;             /* Others claim the port, too. */
    const char *elsewhere;      /* Where it is, if not here; or NULL. */
    bool wired;                 /* Its flows are those of a port here. */
};

/* Is the row of the port's network on its way?  Then the port has no flows
 * yet, and no fault. */
bool topology_is_awaiting(const struct topology *, const struct lport *);

char *topology_port_flows(const struct topology *, const struct lport *,
                          struct port_facts *, struct ovs_list *flows);

/* All flows of a network but its gate's.  '*encap', for the caller to free,
 * becomes how we take the network's packets, NULL if we do not; and
 * '*takes_unknown' whether a port here takes unknown addresses. */
char *topology_network_flows(const struct topology *, const struct lnet *,
                             char **encap, bool *takes_unknown,
                             struct ovs_list *flows);
void topology_gate_flows(const struct lnet *, struct ovs_list *flows);

char *topology_peer_flows(const struct topology *, const struct lpeer *,
                          struct ovs_list *flows);

/* Why 'peer' cannot be reached as its networks want it, in words, for the
 * caller to free; NULL if it can. */
char *topology_peer_fault(const struct topology *, const struct lpeer *peer);

void topology_host_flows(const struct topology *, struct ovs_list *flows);

/* The tunnel by which the overlay 'net' reaches 'peer', or OFPP_NONE. */
ofp_port_t topology_find_tunnel(const struct topology *, const struct lnet *,
                                const struct lpeer *peer);

#endif /* topology-facts.h */
