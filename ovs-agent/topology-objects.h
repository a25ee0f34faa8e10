/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TOPOLOGY_OBJECTS_H
#define TOPOLOGY_OBJECTS_H 1

/* The objects of the agent's picture (see topology.h), the lists they stand
 * in on their way through it, and nothing of what happens to them.
 *
 * An object enters 'dirty' when something about it changed, 'sending' when its
 * flows were computed, 'unacked' when the switch was given them, and
 * 'status_due' when they are in force.
 *
 * Not thread-safe. */

#include <stdbool.h>
#include <stdint.h>

#include "flow-table.h"
#include "intent.h"
#include "latency.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/shash.h"
#include "openvswitch/types.h"


enum lkind { LKIND_HOST, LKIND_NETWORK, LKIND_PORT };

/* When the last change of an object passed each stage, in microseconds of
 * time_usec(); 0: not yet. */
struct stage_times {
    long long int received;     /* The change was seen. */
    long long int computed;     /* Its flows were known and sent. */
    long long int acked;        /* The switch had them in force. */
    long long int changed_wall; /* 'received', as time_wall_msec(). */
};

/* What ports, networks and the host have in common. */
struct lobject {
    enum lkind kind;
    struct uuid uuid;           /* Zero for the host. */
    struct hmap_node node;      /* In topology's 'objects'. */
    struct ovs_list dirty_node; /* In topology's 'dirty' or 'sending'. */
    struct ovs_list unacked_node; /* In topology's 'unacked'. */
    struct ovs_list status_node; /* In topology's 'status_due'. */
    struct flow_owner owner;

    bool known;                 /* Is its row in the replica? */
    bool stale;                 /* During a resync: not seen again yet. */
    uint64_t seq;               /* In force when ofswitch.c says so. */
    int64_t computed_revision;  /* The revision its flows were made from. */
    int64_t applied_revision;   /* The revision that is in force. */
    bool applied;               /* Anything in force at all? */
    char *refused;              /* Why the switch took no flow; or NULL. */
    char *fault;                /* Why it does not work, or NULL. */
    struct stage_times times;
};

/* A Network with a local port. */
struct lnet {
    struct lobject obj;         /* Its 'owner' has all flows but the gate. */
    struct flow_owner gate;     /* The one flow of its admin state. */
    struct intent_network intent; /* If obj.known. */
    struct ovs_list ports;      /* "struct lport"s, by 'net_node'. */
    size_t n_wired;             /* How many of them are wired. */
    bool flood_dirty;           /* More than the gate is to be computed. */
};

/* A Port that is local: plugged, or with our host in its row, or both. */
struct lport {
    struct lobject obj;
    struct intent_port intent;  /* If obj.known. */
    struct lnet *net;           /* If obj.known. */
    struct ovs_list net_node;   /* In net's 'ports'. */

    bool plugged;               /* A VIF holds it. */
    ofp_port_t ofport;          /* If plugged. */
    char *vif_name;             /* If plugged. */

    bool wired;                 /* It has flows, */
    ofp_port_t wired_ofport;    /* with this OpenFlow port, */
    bool wired_unknown;         /* and open to unknown addresses. */
};

/* Where a physical network is reached: a patch port of the bridge. */
struct physnet {
    ofp_port_t ofport;          /* OFPP_NONE while it cannot be reached. */
    char *fault;                /* Why; NULL if it can. */
};

struct topology {
    struct hmap objects;        /* "struct lobject"s by 'uuid', but the host */
    struct lobject host;        /* Its 'owner' has the base flows. */
    struct intent_host host_intent;
    struct shash physnets;      /* Name to "struct physnet". */
    struct flow_table flows;

    struct ovs_list dirty;      /* To be computed. */
    struct ovs_list sending;    /* Computed, not given to the switch. */
    struct ovs_list unacked;    /* Given, in order of 'seq'. */
    struct ovs_list status_due; /* State to be reported anew. */
    bool ready;                 /* Flows are computed; see topology_run(). */
    bool complete;              /* Everything asked for has come. */
    bool awaiting;              /* A port waits for its network's row. */
    bool interest_dirty;
    bool self_check;

    struct latency computing;   /* Change seen to flows computed. */
    struct latency applying;    /* Flows computed to in force. */
    struct latency total;       /* Change seen to in force. */
};

void topology_init(struct topology *);
void topology_destroy(struct topology *);

struct lport *topology_find_port(const struct topology *, const struct uuid *);
struct lnet *topology_find_network(const struct topology *,
                                   const struct uuid *);
struct lport *lport_cast(const struct lobject *);
struct lnet *lnet_cast(const struct lobject *);

/* As topology_find_*(), but makes the object if there is none. */
struct lport *topology_get_port(struct topology *, const struct uuid *);
struct lnet *topology_get_network(struct topology *, const struct uuid *);

/* Frees an object, which must have no ports, and its flows. */
void topology_destroy_port(struct topology *, struct lport *);
void topology_destroy_network(struct topology *, struct lnet *);

/* Puts an object in 'dirty'. */
void topology_set_dirty(struct topology *, struct lobject *);

/* Likewise, because something new is known of it, now. */
void topology_mark(struct topology *, struct lobject *);

/* Likewise, because everything of 'net' but its gate is due. */
void topology_mark_flood(struct topology *, struct lnet *net);

/* Moves 'node' from the list it is in, if any, to the end of 'list'. */
void topology_move(struct ovs_list *list, struct ovs_list *node);

/* Empties a map of "struct physnet"s. */
void physnets_clear(struct shash *);

#endif /* topology-objects.h */
