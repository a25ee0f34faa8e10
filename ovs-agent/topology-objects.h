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

#include "encap.h"
#include "flow-table.h"
#include "intent.h"
#include "latency.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/shash.h"
#include "openvswitch/types.h"
#include "sset.h"


enum lkind { LKIND_HOST, LKIND_NETWORK, LKIND_PORT, LKIND_PEER };

/* When the last change of an object passed each stage, in microseconds of
 * time_usec(); 0: not yet. */
struct stage_times {
    long long int received;     /* The change was seen. */
    long long int computed;     /* Its flows were known and sent. */
    long long int acked;        /* The switch had them in force. */
    long long int changed_wall; /* 'received', as time_wall_msec(). */
};

/* What ports, networks, peers and the host have in common. */
struct lobject {
    enum lkind kind;
    struct uuid uuid;           /* Zero for the host, made up for a peer. */
    struct hmap_node node;      /* In topology's 'objects'. */
    struct ovs_list dirty_node; /* In topology's 'dirty' or 'sending'. */
    struct ovs_list unacked_node; /* In topology's 'unacked'. */
    struct ovs_list status_node; /* In topology's 'status_due'. */
    struct flow_owner owner;

    bool known;                 /* Is its row in the replica? */
    bool stale;                 /* During a resync: not seen again yet. */
    uint64_t seq;               /* In force when ofswitch.c says so, */
    int64_t sent_revision;      /* of this revision. */
    uint64_t next_seq;          /* Sent since; 0: nothing. */
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
    struct ovs_list places;     /* "struct net_place"s, by 'net_node'. */
    size_t n_wired;             /* How many of its ports are wired. */
    bool flood_dirty;           /* More than the gate is to be computed. */

    char *encap;                /* How we take its packets, for others to know;
                                 * NULL: we do not. */
    bool takes_unknown;         /* Does a wired port take unknown addresses? */
};

/* A port's coming to this hypervisor. */
enum arrival {
    ARRIVAL_NONE,
    ARRIVAL_NEW,                /* It was nowhere before, as far as we know. */
    ARRIVAL_MOVED,              /* It was elsewhere. */
};

/* A Port that is local: plugged, or with our host in its row, or both; or one
 * of an overlay that is here, wherever it is. */
struct lport {
    struct lobject obj;
    struct intent_port intent;  /* If obj.known. */
    struct lnet *net;           /* Of the row; or of the first place. */
    struct ovs_list net_node;   /* In net's 'ports'. */
    struct ovs_list places;     /* "struct port_place"s, by 'port_node'. */

    bool plugged;               /* A VIF holds it. */
    ofp_port_t ofport;          /* If plugged. */
    char *vif_name;             /* If plugged. */

    bool claimed;               /* We hold it, and say so */
    int64_t claim;              /* with this claim. */
    bool reclaim;               /* It has to be above all others. */
    char *elsewhere;            /* The hypervisor where it is; NULL: here, or
                                 * nowhere. */
    bool wired;                 /* It has flows as a port that is here, */
    ofp_port_t wired_ofport;    /* with this OpenFlow port, */
    bool wired_unknown;         /* and open to unknown addresses. */
    enum arrival arrival;       /* What others have to be told of it, */
    struct ovs_list arrival_node; /* by way of topology's 'arrivals'. */
};

/* Another hypervisor, as one type of tunnel reaches it.  Two hypervisors that
 * say the same of themselves are one peer, and at fault. */
struct lpeer {
    struct lobject obj;
    struct encap encap;
    struct ovs_list places;     /* "struct net_place"s, by 'peer_node'. */
    const char *other;          /* Of two hosts in 'places', the one that is
                                 * not the first's; NULL: all are one. */
};

/* What a hypervisor, perhaps we, says of a port it holds. */
struct port_place {
    struct hmap_node node;      /* In topology's 'port_places' by 'row'. */
    struct ovs_list port_node;  /* In port's 'places'. */
    struct intent_port_place intent;
    struct lport *port;
    bool stale;                 /* During a resync: not seen again yet. */
};

/* What a hypervisor, perhaps we, says of an overlay that it is in. */
struct net_place {
    struct hmap_node node;      /* In topology's 'net_places' by 'row'. */
    struct hmap_node host_node; /* In 'net_places_by_host'. */
    struct ovs_list net_node;   /* In net's 'places'. */
    struct ovs_list peer_node;  /* In peer's 'places', if there is one. */
    struct intent_net_place intent;
    struct lnet *net;
    struct lpeer *peer;         /* NULL: it is we, or 'encap' is malformed. */
    bool stale;                 /* During a resync: not seen again yet. */
};

/* This hypervisor as others reach it: its tunnel endpoint (VTEP). */
struct vtep {
    char *host;                 /* Our name. */
    bool has_ip;
    struct in6_addr ip;         /* If so. */
    bool no_device;             /* No device has 'ip'. */
    int mtu;                    /* The underlay's, in bytes; 0: not known. */
    struct {
        bool enabled;           /* In sluice-encap-type. */
        ofp_port_t ofport;      /* Its port; OFPP_NONE: none yet. */
    } tunnels[ENCAP_N_TYPES];
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
    struct vtep vtep;
    struct sset former_names;   /* That 'vtep' had. */
    struct hmap port_places;
    struct hmap net_places;
    struct hmap net_places_by_host; /* By network and host. */
    struct flow_table flows;

    struct ovs_list dirty;      /* To be computed. */
    struct ovs_list sending;    /* Computed, not given to the switch. */
    struct ovs_list unacked;    /* Given, in order of 'seq'. */
    struct ovs_list status_due; /* State to be reported anew. */
    struct ovs_list arrivals;   /* "struct lport"s; topology_next_arrival() */
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
struct lpeer *lpeer_cast(const struct lobject *);

/* Is it a port of this hypervisor's, not only one of an overlay's? */
bool lport_is_local(const struct lport *);

/* What 'host' says of 'port', NULL if it has no row. */
const struct port_place *lport_find_place(const struct lport *,
                                          const char *host);

/* Has the switch not yet said that the latest is in force? */
bool lobject_is_pending(const struct lobject *);

/* The peer of that encap, NULL if there is none. */
struct lpeer *topology_find_peer(const struct topology *,
                                 const struct encap *);

/* As topology_find_*(), but makes the object if there is none. */
struct lport *topology_get_port(struct topology *, const struct uuid *);
struct lnet *topology_get_network(struct topology *, const struct uuid *);
struct lpeer *topology_get_peer(struct topology *, const struct encap *);

/* Frees an object, which must have no ports and no places, and its flows. */
void topology_destroy_port(struct topology *, struct lport *);
void topology_destroy_network(struct topology *, struct lnet *);
void topology_destroy_peer(struct topology *, struct lpeer *);

/* Puts an object in 'dirty'. */
void topology_set_dirty(struct topology *, struct lobject *);

/* Likewise, because something new is known of it, now. */
void topology_mark(struct topology *, struct lobject *);

/* Likewise, every port of 'net'. */
void topology_mark_ports(struct topology *, struct lnet *net);

/* Puts an object in 'status_due'. */
void topology_queue_status(struct topology *, struct lobject *);

/* As topology_mark(), because everything of 'net' but its gate is due. */
void topology_mark_flood(struct topology *, struct lnet *net);

/* Likewise, every port of 'net' that is elsewhere; 'host' NULL, or at
 * 'host'. */
void topology_mark_elsewhere(struct topology *, struct lnet *net,
                             const char *host);

/* So many more, or fewer, ports of 'net' are wired, perhaps 0, and its flood is
 * due.  With the first and the last the ports elsewhere get and lose their
 * flows, too. */
void topology_count_wired(struct topology *, struct lnet *net, int change);

/* Moves 'port' to the list of 'net', NULL for none; 'net' stays the one of its
 * flood if that is what it was. */
void topology_set_network(struct topology *, struct lport *, struct lnet *net);

/* Moves 'node' from the list it is in, if any, to the end of 'list'. */
void topology_move(struct ovs_list *list, struct ovs_list *node);

/* Empties a map of "struct physnet"s. */
void physnets_clear(struct shash *);

void vtep_clone(struct vtep *, const struct vtep *);
void vtep_destroy(struct vtep *);
bool vtep_equal(const struct vtep *, const struct vtep *);

#endif /* topology-objects.h */
