/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* --wait=hv: returns when the hypervisors that host what was changed have
 * applied it.
 *
 * They are those with a binding: a Port_Binding of the port, a Network_Binding
 * of the network, the Agent of the host.  One has applied a revision when its
 * binding says so and has no fault, and a deletion when its binding is gone.
 * A hypervisor without a binding is never asked, so a port that is plugged
 * nowhere does not wait; a binding that disappears is not waited for any
 * longer; nor is a hypervisor that is down (see nbctl-alive.h), and standard
 * error says so.
 *
 * A fault at the revision asked for is the hypervisor's answer: what follows
 * is not going to be better.  So a fault does not make the wait longer; it
 * makes it fail. */

#ifndef NBCTL_WAIT_H
#define NBCTL_WAIT_H 1

struct fetch;
struct intent;
struct nbctl;

/* Asks for the columns that nbctl_wait() reads.  Before the first connection
 * only. */
void nbctl_wait_fetch_columns(struct fetch *);

/* Waits for the objects in 'intent', which is committed, until all has been
 * applied or 'nbctl->deadline' has passed.  Returns the exit status:
 * EXIT_SUCCESS, or NBCTL_EXIT_NOT_APPLIED after naming on standard error each
 * hypervisor that has not. */
int nbctl_wait(struct nbctl *, const struct intent *);

#endif /* nbctl-wait.h */
