/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What locks.c, the queues of clients, and locks-session.c, the session with
 * the northbound server, share.
 *
 * A lock is destroyed, and given back to the server, when nobody queues for
 * it.  What the server says of an earlier request for it can still be under
 * way: replies are known by their id, and a notification counts only when the
 * reply to the latest request has come, for the server sends in order. */

#ifndef DOOR_LOCKS_PRIVATE_H
#define DOOR_LOCKS_PRIVATE_H 1

#include "door/locks.h"
#include "openvswitch/list.h"

struct jsonrpc_session;

struct locks {
    const struct lock_callbacks *callbacks;
    struct jsonrpc_session *session;
    unsigned int seqno;         /* The session's, when last looked at. */
    bool connected;
    bool was_connected;         /* Has there been a session before? */
    long long int settled_at;   /* When all are back; time_msec(). */
    struct hmap by_name;        /* "struct lock"s. */
    struct hmap by_id;          /* Those that are LOCK_ASKED for. */

    /* How the server keeps the northbound database. */
    enum {
        LOCKS_MODEL_UNKNOWN,    /* It has not said yet, on this session. */
        LOCKS_MODEL_ALONE,      /* Nobody else has it. */
        LOCKS_MODEL_OTHER
    } model;
    bool one_server;            /* Are we told of no other server? */
    struct json *model_id;      /* Of the request for it; NULL: none. */
};

/* What the server has said of a lock on the present session. */
enum lock_state {
    LOCK_UNASKED,
    LOCK_ASKED,                      /* It has not replied. */
    LOCK_WAITING,                    /* Another's, ours when that lets go. */
    LOCK_HELD                        /* Ours. */
};

struct lock {
    struct hmap_node name_node;
    char *name;
    struct ovs_list queue;      /* "struct lock_request"s, never empty. */
    bool given;                 /* Has the first been told it holds it? */

    enum lock_state state;
    bool by_steal;              /* How it was asked for. */
    struct hmap_node id_node;   /* While LOCK_ASKED. */
    struct json *id;            /* Likewise. */
};

/* What a client asked for and has not unlocked. */
struct lock_request {
    struct hmap_node node;      /* In struct lock_client's 'requests'. */
    struct lock_client *client;
    char *name;
    struct lock *lock;          /* NULL: it was stolen for good. */
    struct ovs_list queued;     /* In 'lock', if any. */
    bool steal;
    struct json *id;            /* Of the request; NULL once answered. */
};

static inline struct lock_request *
lock_first(const struct lock *lock)
{
    return CONTAINER_OF(ovs_list_front(&lock->queue), struct lock_request,
                        queued);
}

static inline bool
lock_request_holds(const struct lock_request *request)
{
    return (request->lock && request->lock->given
            && lock_first(request->lock) == request);
}

/* The lock of that name, or NULL. */
struct lock *locks_find(const struct locks *, const char *name);

/* In locks-session.c.  What an answer of now is worth. */
enum lock_word locks_word(const struct locks *);

/* In locks.c. */

/* Replies to 'request', if it has no reply yet. */
void locks_answer(struct locks *, struct lock_request *, bool locked);

/* Makes the first, if it has the lock, one that has lost it. */
void locks_take_away(struct locks *, struct lock *);

/* Does what follows from a queue or a state that has changed: asks the server,
 * gives the lock to the first, or destroys it because nobody wants it. */
void locks_settle(struct locks *, struct lock *);

/* In locks-session.c. */

/* Asks the server for the lock, for its first. */
void locks_ask(struct locks *, struct lock *);

/* Tells the server that nobody wants the lock; does nothing if it has not been
 * asked. */
void locks_give_back(struct locks *, struct lock *);

#endif /* door/locks-private.h */
