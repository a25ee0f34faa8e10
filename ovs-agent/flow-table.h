/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef FLOW_TABLE_H
#define FLOW_TABLE_H 1

/* The flows the agent wants, each with the object it is for, and what has to
 * be told to the switch to get there.
 *
 * topology.c stages the new flows of every object that changed, then commits
 * them together, so that a key that passes from one object to another (an
 * iface-id changed in place) is one replacement.  What differs comes out as
 * changes, in ofswitch.c's hands from then on.  The cost is that of the
 * objects staged.
 *
 * Not thread-safe. */

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/uuid.h"

struct oflow;

/* What flows are for.  Embedded in its object; initialize with
 * flow_owner_init(). */
struct flow_owner {
    struct uuid uuid;           /* The object's, to find it again. */
    struct ovs_list flows;      /* "struct oflow"s wanted, by 'node'. */
    struct ovs_list staged;     /* Those that are to replace them. */
    struct ovs_list stage_node; /* In flow_table's 'stage'. */
    bool yields;                /* Only hearsay: others' claims to a key go
                                 * before its own. */
    bool conflict;              /* Lost a key to another owner. */
    struct ovs_list conflict_node; /* If so, in flow_table's 'conflicts'. */
};

struct flow_table {
    struct hmap flows;          /* "struct oflow"s wanted, of all owners. */
    struct ovs_list stage;      /* "struct flow_owner"s with a staged list. */
    struct ovs_list changes;    /* "struct flow_change"s, in order. */
    size_t n_changes;
    struct ovs_list conflicts;  /* "struct flow_owner"s with 'conflict'. */
    bool released;              /* A key was given up, for topology.c to
                                 * stage 'conflicts' again and clear this. */
};

/* A message for the switch.  'flow' is a copy. */
struct flow_change {
    struct ovs_list node;
    bool add;                   /* Otherwise delete. */
    bool closing;               /* May it stop what passed before? */
    struct oflow *flow;
    struct uuid owner;
};

void flow_table_init(struct flow_table *);

/* Every owner must have been cleared. */
void flow_table_destroy(struct flow_table *);

void flow_owner_init(struct flow_owner *, const struct uuid *);

/* Makes 'flows' (moved out of the list) what 'owner' is to have from the next
 * flow_table_commit() on; an empty list takes everything away. */
void flow_table_stage(struct flow_table *, struct flow_owner *,
                      struct ovs_list *flows);

/* Applies what is staged and appends the differences to 'changes'.  An owner
 * that wants a key another owner has gets all its flows but that one, and
 * 'conflict' true; unless the other yields and it does not: then it is the
 * other that loses the key, and that is said by 'released', too. */
void flow_table_commit(struct flow_table *);

/* Takes all flows of 'owner' away at once; it may then be freed. */
void flow_table_remove(struct flow_table *, struct flow_owner *);

/* Forgets the changes: the switch is going to be read and compared anyway. */
void flow_table_clear_changes(struct flow_table *);

/* 'old' is the flow that is replaced or deleted, or NULL. */
struct flow_change *flow_change_create(bool add, const struct oflow *,
                                       const struct oflow *old,
                                       const struct uuid *owner);
void flow_change_destroy(struct flow_change *);

/* Whether 'owner' wants exactly 'flows', in any order. */
bool flow_owner_wants(const struct flow_owner *, const struct ovs_list *flows);

#endif /* flow-table.h */
