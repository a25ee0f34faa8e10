/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TOPOLOGY_H
#define TOPOLOGY_H 1

/* The agent's own picture of the logical ports and networks that are local:
 * where what is plugged meets what is wanted.
 *
 *     ovs-local.c --VIFs---> +----------+ --flows-> flow-table.c -> ofswitch.c
 *     nb.c -------intent---> | topology | <-------- acknowledged up to seq
 *     nb.c <----interest---- +----------+ --objects whose state is due->
 *                                                   status.c
 *
 * An update marks the object it is about; topology_run() computes the flows of
 * marked objects alone.  Every update says how things are, not what happened:
 * one repeated or skipped does no harm.
 *
 * Errors: what is wrong with one object, bad intent, a fault of its VIF, a
 * flow the switch refused, becomes that object's 'fault' and touches no other.
 *
 * Not thread-safe. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology-objects.h"

struct intent_host;
struct intent_net_place;
struct intent_network;
struct intent_port;
struct intent_port_place;
struct interest;
struct shash;
struct vif;

/* Intent, from nb.c.  Arguments are copied. */
void topology_update_port(struct topology *, const struct intent_port *);
void topology_delete_port(struct topology *, const struct uuid *);
void topology_update_network(struct topology *, const struct intent_network *);
void topology_delete_network(struct topology *, const struct uuid *);
void topology_update_host(struct topology *, const struct intent_host *);

/* Where ports are and overlays extend to, our own rows included, from nb.c; by
 * the rows' UUIDs.  In topology-places.c.  Arguments are copied. */
void topology_update_port_place(struct topology *,
                                const struct intent_port_place *);
void topology_delete_port_place(struct topology *, const struct uuid *row);
void topology_update_net_place(struct topology *,
                               const struct intent_net_place *);
void topology_delete_net_place(struct topology *, const struct uuid *row);

/* What 'host' says of 'net', NULL if it has no row. */
const struct net_place *topology_find_net_place(const struct topology *,
                                                const struct lnet *net,
                                                const char *host);

/* Between these, every row there is is updated; what was not is gone. */
void topology_sync_begin(struct topology *);
void topology_sync_end(struct topology *);

/* What is plugged, from ovs-local.c; 'vif' NULL: nothing any more. */
void topology_update_vif(struct topology *, const struct uuid *port,
                         const struct vif *vif);

/* Replaces the physical networks by 'physnets' (moved out of it), which maps
 * names to "struct physnet"s. */
void topology_update_physnets(struct topology *, struct shash *physnets);

/* How this hypervisor is in overlays; copied. */
void topology_update_vtep(struct topology *, const struct vtep *);

/* Fills 'interest', initialized, with what should be asked for. */
void topology_get_interest(const struct topology *, struct interest *);

/* Computes what is marked and updates 'flows'.  Until 'complete' was true
 * once, everything that was asked for having come, it does nothing: a restart
 * must not take away what is only not known yet. */
void topology_run(struct topology *, bool complete);

/* Wakes the poll loop if topology_run() has something to do. */
void topology_wait(const struct topology *);

/* ofswitch.c has taken the changes of 'flows'; they are in force when it has
 * acknowledged 'seq'.  Call after topology_run(). */
void topology_sent(struct topology *, uint64_t seq);

/* Everything up to 'seq' is in force. */
void topology_acked(struct topology *, uint64_t seq);

/* The switch refused a flow of the object 'owner': it is quarantined until
 * something about it changes.  Returns false if there is no such object. */
bool topology_refused(struct topology *, const struct uuid *owner,
                      const char *reason);

/* Marks everything, as if it had changed; returns how many objects. */
size_t topology_recompute(struct topology *);

/* Puts the object, if there is one, in 'status_due'; UUID_ZERO is the host. */
void topology_recheck_status(struct topology *, const struct uuid *);
void topology_recheck_all_status(struct topology *);

/* The next port that has arrived here and whose flows are in force, so that
 * others have to be told (see announce.h); NULL if there is none. */
struct lport *topology_next_arrival(struct topology *);

/* The next object of 'status_due', removed from it, or NULL. */
struct lobject *topology_next_status(struct topology *);

/* The caller has noted what 'obj', from topology_next_status(), comes to.  If
 * nothing speaks of it any more, no row, no VIF, no port, it is freed. */
void topology_status_taken(struct topology *, struct lobject *obj);

#endif /* topology.h */
