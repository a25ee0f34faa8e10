/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TESTS_UNIT_RPC_FIXTURE_H
#define TESTS_UNIT_RPC_FIXTURE_H 1

/* A server of notifier/rpc/ on real sockets, in a directory of its own, and
 * its owner, who writes down what it is told.  Clients are plain descriptors;
 * server and clients take turns in one thread. */

#include "openvswitch/dynamic-string.h"
#include "rpc/rpc.h"

#define RPC_MAX_SESSIONS 16

/* What the owner knows of a connection, in the order they were opened. */
struct rpc_session {
    struct rpc_conn *conn;      /* NULL: over. */
    char *reason;               /* Why, as told. */
    struct ds got;              /* Messages, a line each. */
    unsigned int n_got, n_readable, n_drained;
    size_t longest;             /* Bytes of a message. */
    bool hold;                  /* Do not ask when it is readable. */
};

struct rpc_fixture {
    char *dir;
    struct rpc_server *server;
    struct rpc_session sessions[RPC_MAX_SESSIONS];
    size_t n_sessions;

    /* Done besides; NULL: nothing. */
    void (*on_opened)(struct rpc_fixture *, struct rpc_session *);
    void (*on_readable)(struct rpc_fixture *, struct rpc_session *);
    void (*on_closed)(struct rpc_fixture *, struct rpc_session *);
    void *aux;
};

/* For setup and teardown of each test; the server has the limits given. */
struct rpc_fixture *rpc_fixture_create(const struct rpc_limits *);
void rpc_fixture_destroy(struct rpc_fixture *);

/* Listens at "punix:", in the directory, "ptcp:0:127.0.0.1" or
 * "pssl:0:127.0.0.1". */
void rpc_fixture_listen(struct rpc_fixture *, const char *remote);

/* Returns a client, non-blocking, of the last listener of the kind: "unix",
 * "tcp" or "ssl". */
int rpc_fixture_connect(struct rpc_fixture *, const char *kind);

/* Likewise, and lets the server open the connection. */
int rpc_fixture_open(struct rpc_fixture *, const char *kind,
                     struct rpc_session **);

/* Ends 'session' from the owner's side. */
void rpc_fixture_close(struct rpc_session *);

/* Asks for all messages there are, as the owner does by itself unless it
 * holds. */
void rpc_fixture_ask(struct rpc_session *);

/* Writes it all, while the server runs. */
void rpc_fixture_write(struct rpc_fixture *, int fd, const void *data,
                       size_t len);
void rpc_fixture_puts(struct rpc_fixture *, int fd, const char *);

/* Appends to 'out' what has come, if anything.  False at the end. */
bool rpc_fixture_read(int fd, struct ds *out);

/* One pass of the server, and a moment for something to happen. */
void rpc_fixture_pass(struct rpc_fixture *);

struct rpc_stats rpc_fixture_stats(const struct rpc_fixture *);

/* Runs the server until CONDITION.  A test that waits in vain is ended by
 * SIGALRM. */
#define AWAIT(FIXTURE, CONDITION) \
    do { \
        rpc_fixture_pass(FIXTURE); \
    } while (!(CONDITION))

#endif /* tests/unit/rpc-fixture.h */
