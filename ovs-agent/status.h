/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef STATUS_H
#define STATUS_H 1

/* What this hypervisor says of itself in the northbound database: its
 * Port_Binding and Network_Binding rows, and its Agent row.
 *
 * Takes objects whose state is due from topology.c, after the switch has
 * acknowledged them, and writes what differs from the rows there are, many in
 * one transaction.  Removes rows of ours that nothing stands behind.
 *
 * Errors: what could not be written stays due.  Not thread-safe. */

#include <stdbool.h>

struct agent_config;
struct latency;
struct nb;
struct ovs_local;
struct status;
struct topology;

/* To be called before the first nb_run(). */
struct status *status_create(struct nb *);
void status_destroy(struct status *);

/* Collects what is due, for 'local' too, and writes it. */
void status_run(struct status *, struct topology *, struct ovs_local *local,
                const struct agent_config *);
void status_wait(struct status *);

/* What we subscribe to changed: it is in our Agent row. */
void status_recheck_agent(struct status *);

/* Why the database refused what was last written, or NULL: with roles, our
 * certificate has another name than the host.  Ours until status_run(). */
const char *status_refusal(const struct status *);

/* How long commits took. */
struct latency *status_latency(struct status *);

#endif /* status.h */
