/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TOPOLOGY_COMPUTE_H
#define TOPOLOGY_COMPUTE_H 1

/* The step from an object to its flows, for topology.c: has them made (see
 * topology-facts.h), stages them, and notes what else follows. */

#include <stddef.h>

struct lnet;
struct lobject;
struct lpeer;
struct lport;
struct topology;

void topology_compute_host(struct topology *);
void topology_compute_peer(struct topology *, struct lpeer *);
void topology_compute_network(struct topology *, struct lnet *);

/* Marks the port's network where its flood changes with it. */
void topology_compute_port(struct topology *, struct lport *);

/* After the flow table was committed: looks whether 'obj' got its flows. */
void topology_computed(struct lobject *obj);

/* Computes every object's flows from nothing and returns for how many they
 * are not what they are, which is a bug, and logged. */
size_t topology_verify(struct topology *);

#endif /* topology-compute.h */
