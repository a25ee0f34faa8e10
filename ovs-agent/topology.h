/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TOPOLOGY_H
#define TOPOLOGY_H 1

/* The agent's own picture of the logical ports and networks that are local:
 * where what is plugged meets what is wanted.
 *
 *     ovs-local.c --VIFs----> +----------+ --flows-> flow-table.c -> ofswitch.c
 *     nb.c --------intent---> | topology | <-------- acknowledged up to seq
 *     nb.c <-----interest---- +----------+ --objects whose state is due->
 *                                                    status.c
 *
 * An update marks the object it is about; topology_run() computes the flows of
 * marked objects alone.  Every update says how things are, not what happened:
 * one repeated or skipped does no harm.
 *
 * Errors: what is wrong with one object, bad intent, a fault of its VIF, a
 * flow the switch refused, becomes that object's 'fault' and touches no other.
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

struct interest;
struct vif;

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

/* Intent, from nb.c.  Arguments are copied. */
void topology_update_port(struct topology *, const struct intent_port *);
void topology_delete_port(struct topology *, const struct uuid *);
void topology_update_network(struct topology *, const struct intent_network *);
void topology_delete_network(struct topology *, const struct uuid *);
void topology_update_host(struct topology *, const struct intent_host *);

/* Between these, every row there is is updated; what was not is gone. */
void topology_sync_begin(struct topology *);
void topology_sync_end(struct topology *);

/* What is plugged, from ovs-local.c; 'vif' NULL: nothing any more. */
void topology_update_vif(struct topology *, const struct uuid *port,
                         const struct vif *vif);

/* Replaces the physical networks by 'physnets' (moved out of it), which maps
 * names to "struct physnet"s. */
void topology_update_physnets(struct topology *, struct shash *physnets);
void physnets_clear(struct shash *);

/* Fills 'interest', initialized, with what should be asked for. */
void topology_get_interest(const struct topology *, struct interest *);

/* Computes what is marked and updates 'flows'.  Until 'complete' was true
 * once, everything that was asked for having come, it does nothing: a restart
 * must not take away what is only not known yet. */
void topology_run(struct topology *, bool complete);

/* Wakes the poll loop if topology_run() has something to do. */
void topology_wait(const struct topology *);

/* ofswitch.c has taken the changes of 'flows'; they are in force when it has
 * acknowledged 'seq'.  Call after topology_run(). */
void topology_sent(struct topology *, uint64_t seq);

/* Everything up to 'seq' is in force. */
void topology_acked(struct topology *, uint64_t seq);

/* The switch refused a flow of the object 'owner': it is quarantined until
 * something about it changes. */
void topology_refused(struct topology *, const struct uuid *owner,
                      const char *reason);

/* Marks everything, as if it had changed; returns how many objects. */
size_t topology_recompute(struct topology *);

/* Computes every object's flows from nothing and returns for how many they
 * are not what they are, which is a bug, and logged. */
size_t topology_verify(struct topology *);

/* Puts the object, if there is one, in 'status_due'; UUID_ZERO is the host. */
void topology_recheck_status(struct topology *, const struct uuid *);
void topology_recheck_all_status(struct topology *);

/* The next object of 'status_due', removed from it, or NULL. */
struct lobject *topology_next_status(struct topology *);

/* The caller has noted what 'obj', from topology_next_status(), comes to.  If
 * nothing speaks of it any more, no row, no VIF, no port, it is freed. */
void topology_status_taken(struct topology *, struct lobject *obj);

struct lport *topology_find_port(const struct topology *, const struct uuid *);
struct lnet *topology_find_network(const struct topology *,
                                   const struct uuid *);
struct lport *lport_cast(const struct lobject *);
struct lnet *lnet_cast(const struct lobject *);

#endif /* topology.h */
