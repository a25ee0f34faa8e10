/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SWARM_AGENT_H
#define SWARM_AGENT_H 1

/* Simulated sluice-agents: what their IDL says on the wire, and what they are
 * told.
 *
 * An agent connects, takes its lock, monitors _Server, then its rows, and
 * keeps a replica of these.  What must not happen, its connection's end among
 * it, is a fault, counted and named: nothing ends the program but a server
 * that speaks no JSON-RPC to those who command. */

#include <stdbool.h>
#include <stdint.h>

#include "conn.h"
#include "fault.h"
#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"
#include "rows.h"
#include "svec.h"
#include "world.h"

enum agent_state {
    AGENT_DOWN,                 /* Also: connection lost. */
    AGENT_OPENING,
    AGENT_PREPARING,            /* Waits for what precedes the data. */
    AGENT_SYNCING,              /* Has asked for its rows. */
    AGENT_SYNCED
};

struct agent {
    struct conn conn;
    struct swarm *swarm;
    unsigned int number;
    enum agent_state state;
    struct hmap rows;           /* Contains "struct row"s. */
    unsigned int *slots;        /* Ports plugged that have no host. */
    struct uuid last_id;        /* Zero: ask for everything. */
    bool found;                 /* Was 'last_id' known to the server? */
    bool owed_condition;        /* Awaits the reply to a changed condition. */
    bool owed_echo;
    long long int synced_at;    /* conn_now(). */
};

/* What is waited for, and what was seen of others meanwhile. */
struct watch {
    bool on;
    const struct agent *agent;  /* The one concerned; NULL: nobody is. */
    struct uuid uuid;           /* Its row. */
    long long int seen;         /* When it was told of that row; 0: not yet. */
    uint64_t others_bytes;      /* Of updates to anybody else. */
    uint64_t others_updates;
};

struct swarm {
    struct world world;
    struct svec remotes;        /* Where agents connect, in turn. */
    const char *nb;             /* Of the northbound database itself. */
    bool server_db;             /* Do agents monitor _Server? */
    bool get_schema;            /* ... ask for its schema first? */
    bool lock;                  /* ... take their lock? */
    long long int timeout;      /* Of a command, in ns. */

    struct agent *agents;
    struct agent **holders;     /* By port: whose slot has it; NULL: none. */
    unsigned int *spares;       /* One port for each agent that nobody has. */
    size_t n_syncing;           /* Agents neither down nor synced. */
    size_t n_owed;              /* Conditions and echoes. */
    uint64_t n_rows;            /* In all replicas. */
    uint64_t n_server_updates;  /* Of _Server. */
    struct watch watch;
    struct faults faults;
};

/* Makes the agents, all down. */
void swarm_init(struct swarm *);
void swarm_destroy(struct swarm *);

/* For swarm_init() and swarm_destroy(). */
void agent_init(struct agent *, struct swarm *, unsigned int number);
void agent_destroy(struct agent *);

/* Begins to connect 'agent', which must be down.  Returns false if that has to
 * be tried again.  agent->state tells what comes of it. */
bool agent_connect(struct agent *);

/* Closes its connection abruptly.  With 'forget' it knows nothing then;
 * otherwise it will ask for what has changed since. */
void agent_disconnect(struct agent *, bool forget);

/* Takes port 'number' into slot 'slot' instead of what is there, and tells the
 * server.  agent->owed_condition until that has replied. */
void agent_take_port(struct agent *, unsigned int slot, unsigned int number);

/* Sends an echo request.  agent->owed_echo until the reply. */
void agent_echo(struct agent *);

/* The hypervisor's ports as text, conditions included (see request.c). */
void request_put_monitor(struct ds *, const struct agent *);
void request_put_condition(struct ds *, const struct agent *);
void request_put_server_monitor(struct ds *);
void request_put_lock(struct ds *, const struct agent *);

/* Whether 'row' is one that the agent asks for (see view.c). */
bool view_wants(const struct agent *, const struct row *);

/* Applies an update of version 'version' (as in "update2") to the replica. */
void view_apply(struct agent *, struct cursor *, int version);

/* Empties the replica. */
void view_clear(struct agent *);

/* Numbers of requests, for replies to be told apart. */
enum request_id {
    REQUEST_LOCK = 1,
    REQUEST_SCHEMA,
    REQUEST_SERVER_MONITOR,
    REQUEST_CHANGE_AWARE,
    REQUEST_MONITOR,
    REQUEST_CONDITION,
    REQUEST_CANCEL,
    REQUEST_ECHO
};

/* How monitors are called on the wire. */
#define MONITOR_ID "[\"monid\",\"" WORLD_DATABASE "\"]"
#define SERVER_MONITOR_ID "[\"monid\",\"_Server\"]"

#endif /* agent.h */
