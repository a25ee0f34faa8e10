/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Locks (RFC 7047 sections 4.1.8 to 4.1.10) for clients at the door.
 *
 * A lock is one lock, wherever it is asked for: the notifier asks the
 * northbound server for it, on a session of its own, as long as any client
 * here wants it.  Clients of this door queue for it, first come first served;
 * the first of them has the lock when the server has granted it to us.  So a
 * client here, one of another notifier's and one of the server's own exclude
 * each other, and whoever gets the lock of an agent from the server knows
 * that no agent holds it at any door of that server.  (Each server of a
 * cluster has locks of its own; so it is without the door, too.)
 *
 * Stealing is as at ovsdb-server: who is robbed and had the lock by "lock"
 * waits for it again, first of all; who had it by "steal" has lost it, until
 * it says "unlock".
 *
 * While the server is away, clients keep what they have been told they hold:
 * nobody else can get it, and one that is told otherwise would stop its work
 * for nothing.  But locks_holds() is false, for it is uncertain, and a new
 * request is answered "not locked".  When the server is back, all locks are
 * asked for at once.  A holder whose lock is somebody else's by now is told
 * "stolen", and "locked" when it gets it back, which is what makes a client
 * of the OVSDB IDL right: it holds, does not, holds again.
 *
 * Who asks for an agent's lock to learn whether the agent lives (see
 * agent-lock.h) must know whose locks these are: those of an ovsdb-server
 * relay or of one server of a cluster are no proof.  So an answer comes with a
 * word on that; see enum lock_word.
 *
 * What a request, a release, the end of a session and a message of the server
 * cost does not depend on how many locks and clients there are.
 *
 * Errors: the server that is away is tried for ever; one that refuses a lock
 * (because it is read-only) is one that does not grant it.
 *
 * One thread. */

#ifndef DOOR_LOCKS_H
#define DOOR_LOCKS_H 1

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "openvswitch/hmap.h"

struct ds;
struct json;
struct lock_client;
struct locks;
struct ovsdb_error;

/* What can be concluded from an answer. */
enum lock_word {
    /* It is not known who else has a lock of this name: the northbound server
     * is one of several, or a relay, or refuses locks. */
    LOCK_WORD_NONE,

    /* Nothing, now: there is no session with the server, or not for long
     * enough that everybody has come back who held a lock before. */
    LOCK_WORD_LATER,

    /* It is the word of the only northbound server there is. */
    LOCK_WORD_NORTHBOUND
};

/* What a client is to be told.  These send a message and call nothing of this
 * module. */
struct lock_callbacks {
    /* The reply to the request 'id': {"locked": 'locked'}, and a member that
     * clients of RFC 7047 ignore: "northbound", true for LOCK_WORD_NORTHBOUND
     * and false for LOCK_WORD_LATER. */
    void (*answered)(struct lock_client *, const struct json *id,
                     bool locked, enum lock_word);

    /* Notification 'method', "locked" or "stolen", of lock 'name'. */
    void (*notify)(struct lock_client *, const char *method,
                   const char *name);
};

/* A client, part of the structure of the door's session. */
struct lock_client {
    struct hmap requests;       /* This module's: what it asked for. */
};

void lock_client_init(struct lock_client *);

/* Connects to 'remotes', in the syntax of ovsdb-client, comma-separated (of
 * more than one, LOCK_WORD_NORTHBOUND is not said: locks may be at another).
 * 'callbacks' must live as long. */
struct locks *locks_create(const char *remotes,
                           const struct lock_callbacks *callbacks);

/* All clients must be forgotten before. */
void locks_destroy(struct locks *);

void locks_run(struct locks *);
void locks_wait(struct locks *);

/* Request 'method', "lock" or "steal", with its 'params' and 'id', which are
 * copied.  The reply is told by answered(), during this call or, if it is the
 * server's to say, later.  Returns an error, for the caller to free and to
 * reply with, if 'params' are not a lock's name or 'client' has asked for that
 * lock already: then there will be no answered(). */
struct ovsdb_error *locks_request(struct locks *, struct lock_client *,
                                  const char *method,
                                  const struct json *params,
                                  const struct json *id)
    OVS_WARN_UNUSED_RESULT;

/* Request "unlock", whose reply is {} if this returns NULL and the error, for
 * the caller to free, otherwise.  A "lock" or "steal" that has no reply yet
 * gets it first: not locked. */
struct ovsdb_error *locks_release(struct locks *, struct lock_client *,
                                  const struct json *params)
    OVS_WARN_UNUSED_RESULT;

/* The session of 'client' is over: whatever it holds or waits for is
 * released, and it is told nothing any more.  It must be initialized again
 * before it is used again. */
void locks_forget(struct locks *, struct lock_client *);

/* Whether 'client' holds lock 'name' for certain, as operation "assert"
 * asks. */
bool locks_holds(const struct lock_client *, const char *name);

/* How many requests 'client' has made that it has not released, so that the
 * owner can bound them. */
size_t locks_count(const struct lock_client *);

/* Appends to 'out', for people: the state of the session, and how many locks
 * there are in which state. */
void locks_format(const struct locks *, struct ds *out);

/* Appends to 'out', for people, the locks of 'client', each with "held",
 * "held, uncertain", "waiting" or "lost", separated by ", ". */
void lock_client_format(const struct lock_client *, struct ds *out);

#endif /* door/locks.h */
