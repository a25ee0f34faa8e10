/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TOPOLOGY_PLACES_H
#define TOPOLOGY_PLACES_H 1

/* What topology.c alone asks of topology-places.c; the rest is in
 * topology.h. */

struct lport;
struct topology;

/* Puts 'port', whose row is not known, into the network that its places
 * say, or into none. */
void topology_places_follow(struct topology *, struct lport *port);

/* As topology_sync_begin() and topology_sync_end(). */
void topology_places_sync_begin(struct topology *);
void topology_places_sync_end(struct topology *);

/* After this hypervisor's own name has changed: tells anew which rows are
 * others'. */
void topology_places_rename(struct topology *);

#endif /* topology-places.h */
