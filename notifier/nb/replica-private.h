/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What replica.c and send.c share: the session, and requests whose answers are
 * awaited on it; and what write.c must know to make them. */

#ifndef NB_REPLICA_PRIVATE_H
#define NB_REPLICA_PRIVATE_H 1

#include "nb/index.h"
#include "nb/replica.h"
#include "openvswitch/hmap.h"

struct ovsdb;
struct ovsdb_cs;
struct ovsdb_schema;
struct replica_feed;

struct replica {
    struct ovsdb_cs *cs;
    const struct replica_observer *observer;
    const struct replica_feed *feed; /* NULL: none. */
    char *remotes;

    struct ovsdb *db;           /* NULL until something came. */
    struct ovsdb_schema *schema; /* Of the next update, if it is another. */
    struct ovsdb_schema *next_whole; /* The same, as the server has it. */
    struct ovsdb_schema *whole_schema; /* As the server has that of 'db'. */
    struct nb_index index;
    bool index_all;             /* Every INDEXED column, from the start. */

    bool current;               /* Synchronized in this session. */
    long long int stale_since;  /* Wall clock, msec; 0 while current. */
    char *schema_problem;       /* What the schema lacks, NULL if nothing. */
    char *problem;              /* Cache of replica_problem(). */
    uint64_t n_updates, n_syncs;

    struct hmap sent;           /* "struct nb_sent"s; see send.c. */
};

#endif /* nb/replica-private.h */
