/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Which hypervisors are there.
 *
 * An agent holds a lock of its own on its session with the database server
 * (lib/agent-lock.h), which the server drops the moment that session ends.  So
 * to ask for the lock is to ask whether the agent lives: who gets it, at once
 * or while waiting for it, knows that there is none.
 *
 * That takes one standalone server, with or without notifiers in front of it.
 * Otherwise a hypervisor is down when its Agent row has no heartbeat of the
 * last ALIVE_HEARTBEAT_MS.
 *
 * Driven by events: call alive_run() and alive_wait() in each turn of the poll
 * loop.  It never fails: as long as the server does not answer, a hypervisor's
 * state is ALIVE_UNKNOWN. */

#ifndef NBCTL_ALIVE_H
#define NBCTL_ALIVE_H 1

struct fetch;
struct ovsdb_idl;

/* Agents write their heartbeat once a minute: three of them lost. */
#define ALIVE_HEARTBEAT_MS (180 * 1000)

enum alive_state {
    ALIVE_UNKNOWN,              /* Not known yet. */
    ALIVE_UP,
    ALIVE_DOWN                  /* Stays so, even if the agent comes back. */
};

/* Asks for the columns that this reads, by way of the IDL, where there are no
 * locks.  Before the first connection only. */
void alive_fetch_columns(struct fetch *);

/* Opens a connection to the server at 'remotes' (separated by commas).  'idl'
 * and 'fetch' are for the rows of agents. */
struct alive *alive_create(const char *remotes, const struct ovsdb_idl *idl,
                           struct fetch *fetch);
void alive_destroy(struct alive *);

/* Returns what is known of the agent on 'host', and asks the server if that
 * is nothing. */
enum alive_state alive_get(struct alive *, const char *host);

void alive_run(struct alive *);
void alive_wait(struct alive *);

/* Waits until every host that alive_get() was called for is known to be up or
 * down.  Its rows must have been fetched. */
void alive_block(struct alive *);

#endif /* nbctl-alive.h */
