/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_OPERATION_H
#define API_OPERATION_H 1

/* A request that writes, from its parsed body to its answer.
 *
 *     build --> commit --> [wait for hypervisors] --> answer
 *       ^          |
 *       +-- conflict: somebody else was quicker
 *
 * An operation's build() puts a transaction together from what the request
 * asks for and the replica as it is, with conditions that make the database
 * refuse it if that is no longer so.  When it is refused for such a reason
 * (another notifier took the address, the row was changed), what made it so is
 * in the replica by then, and build() is called again: it either finds another
 * way or the error that the client has to be told.  So what is an error and
 * what is an accident is decided in one place, by looking at the rows.
 *
 * build() is called again, likewise, when another operation of this notifier
 * is about to change the same row (api/claims.h).
 *
 * Errors are replies: those of build() as they are; 503 if the database is
 * away, if the connection was lost before it answered (the outcome is not
 * known then, and the message says so), and if OPERATION_MAX_TRIES were not
 * enough; 500 for what the database refused for a reason that should have been
 * found here.  Single-threaded. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/addresses.h"
#include "api/body.h"
#include "api/claims.h"
#include "api/resource.h"
#include "api/wait.h"
#include "nb/write.h"
#include "openvswitch/list.h"
#include "openvswitch/shash.h"
#include "sset.h"
#include "svec.h"

struct api;
struct api_call;
struct api_error;
struct http_request;
struct operation;

/* Transactions that an operation tries.  Each failure is due to a success of
 * somebody else at another notifier at the same moment; with a thousand
 * writers and random choices three are rare. */
#define OPERATION_MAX_TRIES 20

/* After so many of these it tries again not at once, but after a random part
 * of so many milliseconds.  Two notifiers that try at once, each as soon as it
 * hears of the other's success, are in step, and the same one wins each
 * time. */
#define OPERATION_EAGER_TRIES 3
#define OPERATION_DELAY_MS 8

struct operation_class {
    /* Fills op->txn, and what else it is for, from the replica.  On error what
     * it did is undone. */
    struct api_error *(*build)(struct operation *);

    /* Ends op->request: what was asked for is done, but by the hypervisors
     * 'late', which are NULL or some. */
    void (*answer)(struct operation *, const struct svec *late);
};

/* An object that an operation is about. */
struct operation_object {
    struct uuid id;             /* As in the API. */
    struct wait_target target;
};

/* An address that the transaction asks for. */
struct operation_address {
    struct uuid subnet;
    struct ip_addr address;
};

/* A subnet that the transaction makes. */
struct operation_cidr {
    struct uuid network;
    struct ip_prefix cidr;
};

struct operation {
    struct ovs_list delayed;    /* In struct api's 'delayed', or empty. */
    long long int retry_at;     /* When it is: time_msec(). */
    struct api *api;
    const struct operation_class *class;
    struct http_request *request;
    const struct api_resource *resource;
    struct api_viewer viewer;   /* Strings are the operation's own. */
    char *who;                  /* "api:NAME", as updated_by has it. */
    bool cancelled;             /* The client is gone. */

    /* What is asked for. */
    char *id;                   /* Of the object, as the client wrote it; NULL
                                 * in a POST. */
    bool has_if_match;
    int64_t if_match;           /* The revision_number it has to have. */
    struct api_body body;       /* Of POST and PUT of objects. */
    struct svec tags;           /* Of tags/. */
    bool wait_applied;
    int wait_seconds;

    /* The present try. */
    unsigned int tries;         /* Transactions that were refused. */
    enum nb_table duplicate;    /* Whose index refused the last one;
                                 * NB_N_TABLES: none did. */
    struct nb_txn *txn;
    bool writes;                /* Is there anything in 'txn' to commit? */
    struct claimant claimant;
    bool blocked;               /* By another operation, at the row: */
    struct uuid blocked_on;
    struct uuid *stamped;       /* Rows whose revision was raised. */
    size_t n_stamped, allocated_stamped;
    struct operation_object *objects;
    size_t n_objects, allocated_objects;
    struct operation_address *addresses;
    size_t n_addresses, allocated_addresses;
    struct sset unique;         /* Of what it makes: see below. */
    struct operation_cidr *cidrs; /* Of subnets that it makes. */
    size_t n_cidrs, allocated_cidrs;
    struct shash segment_pools; /* Of api/segment.c, by network_type. */
    struct svec deleted;        /* Ids of rows of intent. */

    struct wait *wait;
};

/* A new operation for 'call', not started.  Refuses an If-Match or ?wait= that
 * makes no sense, and a viewer that may only read; otherwise sets '*opp'. */
struct api_error *operation_create(const struct api_call *,
                                   const struct operation_class *,
                                   struct operation **opp)
    OVS_WARN_UNUSED_RESULT;

/* Starts it, unless 'error', which is taken over, is the answer.  It ends the
 * request and destroys itself. */
void operation_start(struct operation *, struct api_error *error);

/* The client is gone: ends what only waits; a transaction that is on its way
 * is waited for. */
void operation_cancel(struct operation *);

/* Goes on with those whose time has come. */
void operations_run(struct api *);
void operations_wait(const struct api *);

struct api_view operation_view(const struct operation *);

/* For build(): notes an object that the answer shows and ?wait= waits for. */
void operation_add_object(struct operation *, const struct uuid *id,
                          const struct wait_target *);

/* For build(): notes 'key', which is freed, of something that there may be
 * once; returns false if this transaction has it already, where the database's
 * index would refuse it for ever. */
bool operation_add_unique(struct operation *, char *key);

/* For build(): notes the subnet. */
void operation_add_cidr(struct operation *, const struct uuid *network,
                        struct ip_prefix);

/* For build(): keeps an address from others while the transaction is on its
 * way. */
void operation_reserve(struct operation *, const struct uuid *subnet,
                       struct ip_addr);

/* For build(): the row whose 'revision' column it is must be as it is now when
 * the transaction is carried out, and nobody else here changes it till
 * then. */
void operation_require(struct operation *, const struct nb_row *,
                       enum nb_column revision);

/* For operation-run.c: undoes what build() did; frees an operation; tries
 * again when the row that it waited for is free. */
void operation_forget_try(struct operation *);
void operation_destroy(struct operation *);
void operation_retry_claim(struct claimant *);

#endif /* api/operation.h */
