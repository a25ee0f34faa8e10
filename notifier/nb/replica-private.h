/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What replica.c and write.c share: the session, and transactions whose
 * answers are awaited on it. */

#ifndef NB_REPLICA_PRIVATE_H
#define NB_REPLICA_PRIVATE_H 1

#include "nb/index.h"
#include "nb/replica.h"
#include "openvswitch/hmap.h"

struct jsonrpc_msg;
struct ovsdb;
struct ovsdb_cs;
struct ovsdb_schema;

#define NB_DATABASE "Sluice_Northbound"

struct replica {
    struct ovsdb_cs *cs;
    const struct replica_observer *observer;
    char *remotes;

    struct ovsdb *db;           /* NULL until something came. */
    struct ovsdb_schema *schema; /* Of the next update, if it is another. */
    struct nb_index index;

    bool current;               /* Synchronized in this session. */
    long long int stale_since;  /* Wall clock, msec; 0 while current. */
    char *schema_problem;       /* What the schema lacks, NULL if nothing. */
    char *problem;              /* Cache of replica_problem(). */
    uint64_t n_updates, n_syncs;

    struct hmap sent;           /* "struct sent_txn"s; see write.c. */
};

/* Tells whoever sent the transaction that 'msg' is the answer to. */
void nb_write_answered(struct replica *, const struct jsonrpc_msg *msg);

/* Tells whoever awaits an answer that none will come. */
void nb_write_lost(struct replica *);

#endif /* nb/replica-private.h */
