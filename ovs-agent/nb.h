/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef NB_H
#define NB_H 1

/* The replica of what is local in the northbound database: where intent
 * enters the agent.
 *
 * nb_run() takes what came and hands every row that changed to topology.c as
 * plain copies (intent.h).  After a connection was lost the whole view comes
 * anew, without word of what was deleted meanwhile; then every row is handed
 * over between topology_sync_begin() and topology_sync_end().
 *
 * Errors: a connection that fails is tried again, with backoff and jitter,
 * for ever; nb_status() says in words how it stands.  Not thread-safe. */

#include <stdbool.h>

struct interest;
struct nb;
struct ovsdb_idl;
struct topology;

/* By how much longer than it must an agent waits before it connects again, at
 * most, in milliseconds; a random time of its own: when a database comes back,
 * its agents come one after the other. */
#define NB_RECONNECT_JITTER_MS 1000

struct nb *nb_create(void);
void nb_destroy(struct nb *);

/* Sets the remotes (comma-separated, as in ovsdb(7); NULL: none), our name,
 * and the inactivity probe in ms (0: none, -1: the library's default). */
void nb_configure(struct nb *, const char *remote, const char *host,
                  int probe_interval);

/* Asks for 'interest' from now on; copied. */
void nb_set_interest(struct nb *, const struct interest *);

void nb_run(struct nb *, struct topology *);
void nb_wait(struct nb *);

/* True when connected and everything asked for has arrived. */
bool nb_is_settled(const struct nb *);
bool nb_is_connected(const struct nb *);

/* The replica, for status.c to write our own rows in. */
struct ovsdb_idl *nb_idl(const struct nb *);

/* True, once, after the whole view came anew. */
bool nb_take_resynced(struct nb *);

/* The connection's state in words; a static string. */
const char *nb_status(const struct nb *);

#endif /* nb.h */
