/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The replica as the OVSDB door needs it: whole rows of every table, of
 * whatever schema, and requests passed on as they are.
 *
 * For code on the side of Open vSwitch's JSON; what is said in replica.h and
 * write.h of sessions, errors and threads holds here too. */

#ifndef NB_FEED_H
#define NB_FEED_H 1

#include <stdbool.h>

struct json;
struct jsonrpc_msg;
struct nb_index;
struct ovsdb;
struct ovsdb_column;
struct ovsdb_row;
struct ovsdb_schema;
struct ovsdb_table;
struct replica;

struct replica_feed {
    /* A row of any table came ('old' is NULL), went ('new' is NULL) or
     * changed.  When it is called every row of the transaction is in the
     * tables in its new state; 'old' can be read during the call alone. */
    void (*change)(const struct ovsdb_row *old, const struct ovsdb_row *new,
                   void *aux);

    /* All that the server sent together has been reported. */
    void (*committed)(void *aux);

    /* The database, with all of its rows, columns and its index, is about to
     * go: nothing of it may be used any more.  When it is replaced by one of a
     * new schema, 'schema_changed' follows, before any further change. */
    void (*schema_going)(void *aux);
    void (*schema_changed)(void *aux);

    /* The session has come or gone. */
    void (*connected)(bool, void *aux);
    void *aux;
};

/* Sets who is told; 'feed' must live as long as the replica. */
void replica_set_feed(struct replica *, const struct replica_feed *feed);

/* The tables; NULL until the schema is known.  To be read alone: it is the
 * server's schema but for what nb_layout_relax() takes out. */
struct ovsdb *replica_db(const struct replica *);

/* The server's schema as it is, references and all; NULL until known. */
const struct ovsdb_schema *replica_schema(const struct replica *);

/* The index of rows; columns may be added to it. */
struct nb_index *replica_index(struct replica *);

/* A request whose answer is awaited. */
struct nb_sent;

/* Called with the server's answer, or NULL if the session ended before it
 * came, so that nobody knows whether the transaction was committed.  All that
 * it changed has been reported before. */
typedef void nb_answered_cb(const struct jsonrpc_msg *answer, void *aux);

/* Sends a "transact" request with 'params', the array of database and
 * operations, which is consumed.  Returns NULL, and does nothing, if there is
 * no session.  The request ends with the call of 'answered'. */
struct nb_sent *nb_send(struct replica *, struct json *params,
                        nb_answered_cb *answered, void *aux);

/* Lets the answer to 'sent' go to nobody. */
void nb_sent_forget(struct nb_sent *);

/* For nb/ alone: the answer to some request is there; no answer will come to
 * any. */
void nb_sent_answered(struct replica *, const struct jsonrpc_msg *);
void nb_sent_lost(struct replica *);

#endif /* nb/feed.h */
