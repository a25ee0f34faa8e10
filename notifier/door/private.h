/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef DOOR_PRIVATE_H
#define DOOR_PRIVATE_H 1

/* What the files of the door share; nobody else includes this.
 *
 *     door.c       opening, one pass, what comes from the replica
 *     session.c    a client: its queue of requests, its messages
 *     method.c     requests: which there are, and the simple ones
 *     monitors.c   monitor, monitor_cond_change, monitor_cancel
 *     forward.c    transact; operations.c what is in it
 *     show.c       what people ask */

#include "door/access.h"
#include "door/door.h"
#include "door/locks.h"
#include "door/server-db.h"
#include "latency.h"
#include "nb/feed.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "uuid.h"

struct json;
struct jsonrpc_msg;
struct mon_db;
struct monitor;

/* A client's transactions that are not answered yet, in number and in bytes of
 * text, before we stop reading its requests; with so many bytes of all clients
 * we stop reading any further one of a client that has one.  (A tree of JSON
 * takes some twenty times its text.) */
#define SESSION_MAX_FORWARDS 64
#define SESSION_MAX_FORWARD_BYTES (1024 * 1024)
#define DOOR_MAX_FORWARD_BYTES (32 * 1024 * 1024)

/* With so many bytes a further transaction is an error, whoever's. */
#define DOOR_REFUSE_FORWARD_BYTES (64 * 1024 * 1024)

/* "select"s in one transaction: "ovsdb-client dump" has one for each table. */
#define FORWARD_MAX_SELECTS 64

/* Its monitors, in number and in bytes of the requests for them, and its locks,
 * before further ones are errors. */
#define SESSION_MAX_MONITORS 256
#define SESSION_MAX_MONITOR_BYTES (16 * 1024 * 1024)
#define DOOR_MAX_MONITOR_BYTES (512 * 1024 * 1024)
#define SESSION_MAX_LOCKS 1024

/* Of a client's transactions, those with a "select": each reply can be as
 * large as the database, and they all come though the client does not read. */
#define SESSION_MAX_SELECTS 4

/* What a client that does not read is told of its locks before it is cut off:
 * others can take and release them as long as they like. */
#define SESSION_MAX_NOTICES 1000

/* A client whose request has waited so long is sent an echo request, and again
 * after as long: half of what an IDL client gives a server by default. */
#define SESSION_REASSURE_MSEC 2500

struct door {
    struct replica *replica;
    struct replica_feed feed;
    struct rpc_server *rpc;
    struct locks *locks;
    const char *role;
    size_t history;
    struct uuid server_id;

    struct server_db *server_db;
    struct mon_db *nb;          /* NULL until the schema is known. */
    char *nb_schema;            /* As JSON text; NULL until known. */
    bool connected;             /* Is the server behind us there? */

    struct ovs_list sessions;
    size_t n_sessions;
    struct ovs_list ready;      /* Sessions that may have a request, in the
                                 * order in which they got one. */
    size_t n_ready;
    struct ovs_list reassure;   /* Of these, in the order in which they are
                                 * to be sent an echo request. */

    struct ovs_list unsent;     /* Transactions for when there is a server. */
    struct ovs_list waiting;    /* Those whose "wait" is not fulfilled. */
    long long int next_retry;   /* When the first of these times out. */
    bool retry_waiting;         /* The database has changed. */
    size_t forward_bytes;       /* Of all transactions. */
    size_t monitor_bytes;       /* Of all requests for monitors. */

    long long int seen_usec;    /* The first change of this pass; 0: none. */
    struct latency latency;     /* From there to the socket. */
    struct latency behind;      /* The same, of clients that were not ready
                                 * to be told at once. */
    uint64_t n_requests, n_notified;
};

struct session {
    struct door *door;
    struct ovs_list node;       /* In door's 'sessions'. */
    struct rpc_conn *conn;
    struct access_session access;
    struct lock_client locks;
    unsigned int n_notices;     /* Of locks, while it does not read. */
    bool change_aware;          /* See "set_db_change_aware". */

    struct ovs_list ready_node; /* In door's 'ready'. */
    struct ovs_list reassure_node; /* In door's 'reassure'. */
    bool ready;
    long long int reassure_at;  /* time_msec(). */

    size_t serving;             /* Bytes of the request that is served. */
    struct hmap monitors;       /* By their ids. */
    size_t monitor_bytes;       /* Of the requests for them. */
    struct hmap forwards;       /* "struct forward"s by their ids. */
    size_t forward_bytes;
    size_t n_selects;           /* Of these, with a "select". */

    long long int due_usec;     /* Since when something is due that could not
                                 * be told at once; 0: nothing. */
    long long int connected_msec, told_msec; /* time_wall_msec(). */
    uint64_t n_told;            /* Notifications. */
};

/* session.c */

extern const struct rpc_handler session_handler;
void session_close(struct session *, const char *reason);
void session_destroy(struct session *);

/* Serves one request of a session that is ready. */
void session_serve(struct session *);

/* It may have a request that can be served now. */
void session_set_ready(struct session *);

/* Tells what is due, if the client takes it now. */
void session_tell_due(struct session *);

/* Send a reply: 'result' is JSON text; 'error' is consumed.  What is due is
 * told before: a client has the effects of a transaction when it has its
 * result. */
void session_reply(struct session *, const struct json *id,
                   const char *result);
void session_reply_json(struct session *, const struct json *id,
                        struct json *result);
void session_reply_error(struct session *, const struct json *id,
                         struct json *error);

/* Send notification 'method' with one parameter, JSON text. */
void session_notify(struct session *, const char *method, const char *param);

void session_reassure(struct session *);

/* method.c */

void method_request(struct session *, struct jsonrpc_msg *);
void method_notification(struct session *, const struct jsonrpc_msg *);

extern const struct lock_callbacks session_lock_callbacks;

/* Returns NULL and stores in '*dbp' the database that 'params' begin with, or
 * returns the error for the client. */
struct json *method_find_db(const struct session *,
                            const struct jsonrpc_msg *, struct mon_db **dbp);

/* monitors.c: return NULL, when they have replied, or the error. */

struct json *monitors_begin(struct session *, const struct jsonrpc_msg *);
struct json *monitors_change(struct session *, const struct jsonrpc_msg *);
struct json *monitors_cancel(struct session *, const struct jsonrpc_msg *);
void monitors_end(struct session *, struct monitor *);

/* Ends every monitor of the northbound database, whose tables go. */
void monitors_end_nb(struct door *);

/* forward.c */

struct json *forward_begin(struct session *, const struct jsonrpc_msg *);
void forward_cancel(struct session *, const struct json *id);
void forward_end_all(struct session *);

/* Sends what waits for a server; tries again what waits for a change or has
 * waited long enough. */
void forward_run(struct door *);
void forward_wait(const struct door *);

#endif /* door/private.h */
