/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Which hypervisors are there, by the locks of their agents.
 *
 * Who gets the lock of an agent, at once or while waiting for it, knows that
 * there is none; see lib/agent-lock.h.
 *
 * That takes a connection of our own, since the IDL's may hold one lock only,
 * and one standalone server, since several, in a cluster or not, do not share
 * locks.  Or doors of notifiers in front of such a server, whose locks they
 * pass on, and who say so with each answer (see notifier/door/locks.h).
 *
 * Driven by events.  It never fails: as long as the server does not answer, a
 * hypervisor's state is ALIVE_UNKNOWN. */

#ifndef NBCTL_ALIVE_LOCKS_H
#define NBCTL_ALIVE_LOCKS_H 1

#include <stdbool.h>

#include "nbctl-alive.h"

/* Opens a connection to the server at 'remotes', separated by commas. */
struct alive_locks *alive_locks_create(const char *remotes);
void alive_locks_destroy(struct alive_locks *);

/* Returns what is known of the agent on 'host', and asks the server if that
 * is nothing. */
enum alive_state alive_locks_get(struct alive_locks *, const char *host);

/* False if the locks of this server prove nothing: it is one of several, or
 * has none. */
bool alive_locks_prove(const struct alive_locks *);

void alive_locks_run(struct alive_locks *);
void alive_locks_wait(struct alive_locks *);

#endif /* nbctl-alive-locks.h */
