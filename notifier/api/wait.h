/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_WAIT_H
#define API_WAIT_H 1

/* ?wait=applied: who waits for hypervisors.
 *
 * The hypervisors concerned are those with a binding, as for sluice-nbctl's
 * --wait=hv: a Port_Binding of the port, a Network_Binding of the network, the
 * Agent row of the hypervisor itself.  One has applied a revision when its
 * binding says so without a fault, and a deletion when its binding is gone.  A
 * hypervisor without a binding is not concerned, so a port that is plugged
 * nowhere does not wait.  A fault at the revision is the hypervisor's answer:
 * it is late, and not waited for; so is one that is not alive.
 *
 * State, not events: a change of a binding marks those who wait for its
 * object, found by an index, and each of them then looks at the bindings there
 * are.
 *
 * There are no errors.  Single-threaded. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nb/columns.h"
#include "uuid.h"

struct nb_change;
struct replica;
struct svec;
struct wait;
struct waits;

/* How long to wait unless told otherwise: a hypervisor under load answers in a
 * second; one that takes ten is worth a look. */
#define WAIT_DEFAULT_SECONDS 10

/* The longest that can be asked for.  A client that wants to know later reads
 * the bindings' state, or the events. */
#define WAIT_MAX_SECONDS 300

/* What has to be applied. */
struct wait_target {
    enum nb_table table;        /* NB_PORT, NB_NETWORK or NB_AGENT. */
    struct uuid id;             /* Of the row; of an agent, its Agent row. */
    int64_t revision;           /* Of the row; of an agent, its Host row's. */
    bool deleted;               /* Waits for the bindings to be gone. */
};

/* 'is_alive' tells of an Agent row by its id. */
struct waits *waits_create(const struct replica *,
                           bool (*is_alive)(const struct uuid *agent,
                                            void *aux),
                           void *aux);

/* No one may wait any more. */
void waits_destroy(struct waits *);

/* Calls 'done' once, with the hypervisors that are late, sorted, when no other
 * is waited for or at 'deadline' (time_msec()); from waits_run(), not before
 * this returns. */
struct wait *wait_start(struct waits *, const struct wait_target *, size_t n,
                        long long int deadline,
                        void (*done)(const struct svec *late, void *aux),
                        void *aux);

/* Ends a wait without a word. */
void wait_cancel(struct wait *);

/* To be told of every change of the replica: O(1) for what nobody waits
 * for. */
void waits_change(struct waits *, const struct nb_change *);

void waits_run(struct waits *);
void waits_wait(const struct waits *);

/* How many are waiting. */
size_t waits_count(const struct waits *);

#endif /* api/wait.h */
