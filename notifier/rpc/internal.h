/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef RPC_INTERNAL_H
#define RPC_INTERNAL_H 1

/* What the files of the server share; see rpc.h for what it does.
 *
 *     rpc      the server: listeners, one pass
 *     conn     the life of a connection, and its events
 *     input    messages from it
 *     output   bytes to it
 *     silence  who has been silent for too long
 *
 * A connection goes through states in this order only:
 *
 *     handshake   TLS is not agreed upon; the owner does not know of it
 *     open        the owner knows of it
 *     failed      it is over, but the owner has not been told: that is done
 *                 from rpc_server_run() alone, so that nothing an owner calls
 *                 takes a connection away below its feet
 *     gone        nobody knows of it; freed at the end of rpc_server_run()
 *
 * Descriptors are watched by edges: what an event says is true until a call
 * returns -EAGAIN.  Whoever stops before that puts the connection in the list
 * 'turns', and is called again in the next pass. */

#include "openvswitch/list.h"
#include "openvswitch/types.h"
#include "rpc/framer.h"
#include "rpc/listen.h"
#include "rpc/rpc.h"
#include "rpc/wire.h"
#include "watch.h"

/* Bytes of one read, and of all reads of one rpc_conn_next(): others have
 * their turn in between. */
#define RPC_READ_SIZE (64 * 1024)
#define RPC_READ_MAX (2 * RPC_READ_SIZE)

/* Steps of handshakes in one pass; each is a millisecond of arithmetic. */
#define RPC_HANDSHAKE_BATCH 8

enum rpc_state { RPC_HANDSHAKE, RPC_OPEN, RPC_FAILED, RPC_GONE };

struct rpc_conn {
    struct rpc_server *server;
    struct watch watch;
    struct rpc_wire wire;
    enum rpc_state state;
    struct ovs_list node;       /* In server's list of its state; in 'conns'
                                 * also when failed. */
    struct ovs_list turn_node;  /* In server's 'turns', or nowhere. */
    struct ovs_list failed_node; /* In server's 'failed', or nowhere. */
    char *peer;
    char *identity;
    char *reason;               /* Why it has failed. */
    void *aux;

    /* Input. */
    struct rpc_framer framer;
    char *rest;                 /* Read, and not framed yet; or NULL. */
    size_t rest_len, rest_ofs;
    struct ovs_list input_node; /* In server's 'inputs' while 'input' > 0. */
    size_t input;               /* Bytes held, of framer and rest. */
    bool readable;              /* There may be something to read. */
    bool hung_up;               /* There is an end or an error to read. */

    /* Output: from 'out_ofs' to 'out_len'. */
    char *out;
    size_t out_len, out_ofs, out_allocated;
    bool blocked;               /* The owner is told when all is out. */
    long long int progress;     /* When bytes went out, or the first came. */
    uint64_t bytes_sent;

    /* Silence. */
    struct ovs_list silence_node; /* In server's 'quiet' or 'probed', or
                                   * nowhere. */
    long long int since;        /* When heard of, or probed; or accepted. */
    bool probed;
    bool local;                 /* By a unix socket. */
    bool spoke;                 /* It has sent a whole message. */
};

struct rpc_door {
    struct rpc_listener listener;
    struct rpc_server *server;
    struct ovs_list node;       /* In server's 'doors'. */
    struct watch watch;
    bool pending;               /* There may be a client. */
};

struct rpc_server {
    struct rpc_limits limits;
    const struct rpc_handler *handler;
    void *aux;
    struct rpc_tls *tls;        /* NULL: not configured. */
    struct watches watches;
    struct rpc_stats stats;
    struct ovs_list doors;
    long long int accept_after; /* No descriptors were left: ms. */

    struct ovs_list handshakes; /* Oldest first, so in order of deadlines. */
    struct ovs_list conns;      /* Oldest first. */
    struct ovs_list quiet;      /* Longest silent first. */
    struct ovs_list probed;     /* Likewise; they owe an answer. */
    struct ovs_list inputs;     /* With something in 'input'. */
    struct ovs_list turns;
    int handshake_steps;        /* In this pass. */
    struct ovs_list failed;
    struct ovs_list gone;       /* By 'node'. */
    char read_buffer[RPC_READ_SIZE];
};

/* conn.c */
void rpc_conn_create(struct rpc_server *, int fd, char *peer,
                     struct ssl_st *);
void rpc_conn_fail(struct rpc_conn *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);
void rpc_conn_want_turn(struct rpc_conn *);
void rpc_conns_take_turns(struct rpc_server *);
void rpc_conns_tell_failed(struct rpc_server *);
void rpc_conns_free_gone(struct rpc_server *);
void rpc_conn_bury(struct rpc_conn *, bool politely);

/* input.c */
void rpc_input_init(struct rpc_conn *);
void rpc_input_destroy(struct rpc_conn *);
bool rpc_input_is_unread(const struct rpc_conn *);

/* output.c */
void rpc_output_destroy(struct rpc_conn *);

/* silence.c */
void rpc_silence_begin(struct rpc_conn *);
void rpc_silence_heard(struct rpc_conn *);
void rpc_silence_end(struct rpc_conn *);
void rpc_silence_run(struct rpc_server *);
void rpc_silence_wait(const struct rpc_server *);

#endif /* rpc/internal.h */
