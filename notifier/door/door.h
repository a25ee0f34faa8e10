/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef DOOR_DOOR_H
#define DOOR_DOOR_H 1

/* The OVSDB door: a server of the OVSDB protocol (RFC 7047 and ovsdb-server(7))
 * in front of the northbound database, for agents, sluice-nbctl, ovsdb-client
 * and every other client of ovsdb-server.
 *
 *     rpc/ --> session --> method --> monitor/ (what a client asks for)
 *      ^           |            \---> forward  (transactions: to the server)
 *      |           |             \--> locks    (held at the server)
 *      |           v
 *      +------- messages <-- monitor/ <-- replica (what has changed)
 *
 * A change costs what those cost that it concerns.  Requests wait in one
 * queue, of which each pass takes so many as fit into DOOR_BUDGET_USEC: when
 * all clients come at once, each has its turn, and a change does not wait
 * behind them.  To one that waits long an echo request is sent, so that it
 * does not take us for dead.
 *
 * It is single-threaded.  This header knows neither JSON library. */

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "rpc/rpc.h"

struct answer;
struct door;
struct ds;
struct replica;
struct simap;
struct svec;

/* Changes of rows that are remembered for those who come back: of rows as they
 * are, some 100 MB, and at most twice as much. */
#define DOOR_DEFAULT_HISTORY 100000

/* So long are requests served in one pass of the main loop: what is added, at
 * most, to the time until somebody is told of a change. */
#define DOOR_BUDGET_USEC 1500

/* When more than so many bytes wait for clients to read them, those who have
 * read nothing for so long are cut off, the largest first; with twice as many
 * also those who read slowly.  (What a client can
 * make us keep otherwise is a few messages and the rows it is due.) */
#define DOOR_MAX_OUTPUT (1024u * 1024 * 1024)
#define DOOR_STALLED_MSEC 10000

struct door_config {
    struct replica *replica;
    const char *nb;             /* Its remotes, for locks. */
    const struct svec *remotes; /* Where to listen. */
    struct rpc_tls_config tls;
    struct rpc_limits limits;
    const char *role;           /* NULL: clients may write anything. */
    size_t history;             /* Changes that are remembered. */
};

/* Opens the door.  Strings are borrowed for as long as it is open.  Returns
 * NULL, or what is wrong, in words for the caller to free. */
char *door_create(const struct door_config *, struct door **)
    OVS_WARN_UNUSED_RESULT;

/* To be called before replica_destroy(). */
void door_destroy(struct door *);

/* To be called right after replica_run(): what changed goes out here. */
void door_run(struct door *);
void door_wait(struct door *);

/* For people. */
void door_status(const struct door *, struct ds *out);

/* Fill a table: sessions, and how long it takes to tell them. */
void door_sessions(const struct door *, struct answer *);
void door_latency(const struct door *, struct answer *);

/* Fills a table with who would be told of the row 'id' of 'table', and why.
 * Returns NULL, or what is wrong with the arguments, for the caller to
 * free. */
char *door_who(const struct door *, const char *table, const char *id,
               struct answer *) OVS_WARN_UNUSED_RESULT;

void door_memory_usage(const struct door *, struct simap *);

#endif /* door/door.h */
