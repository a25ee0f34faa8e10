/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Floods; see pipeline.h.
 *
 * A flood's receivers are the leaves of a tree, in which a receiver's place
 * follows from a hash of its own: its first digits, in base 16, are the way.
 * A node with PIPELINE_FLOOD_LEAF receivers or fewer is a flow that serves
 * them; one with more is a flow that resubmits to its children.  So the tree
 * is the same in whatever order its receivers came, and one more is one leaf
 * changed, or, seldom, a leaf that becomes a node. */

#include <config.h>

#include "pipeline-private.h"

#include <stdlib.h>

#include "flow.h"
#include "jhash.h"
#include "oflow.h"
#include "util.h"
#include "uuid.h"

#define DIGIT_BITS 4
#define N_DIGITS 16

/* So many digits fit into REG_FLOOD, below the kind of flood and a one that
 * says how many there are.  What then still shares a node stays together. */
#define MAX_DEPTH 7

enum kind { ALL, UNKNOWN_ONLY };

struct receiver {
    uint32_t hash;
    const void *id;             /* What the hash is of, */
    size_t id_len;              /* to order those with one hash. */
    ofp_port_t ofport;          /* A port here; or OFPP_NONE, */
    const struct in6_addr *peer; /* and another hypervisor. */
};

struct tree {
    const struct pipeline_network *net;
    enum kind kind;
    uint8_t table;
    struct ovs_list *flows;
};

static int
compare_receivers(const void *a_, const void *b_)
{
    const struct receiver *a = a_;
    const struct receiver *b = b_;

    return (a->hash != b->hash ? (a->hash < b->hash ? -1 : 1)
            : memcmp(a->id, b->id, a->id_len));
}

/* What REG_FLOOD is at the node that 'hash' leads to at 'depth'. */
static uint32_t
node_number(const struct tree *tree, uint32_t hash, int depth)
{
    uint32_t way = depth ? hash >> (32 - DIGIT_BITS * depth) : 0;

    return ((uint32_t) tree->kind << 31 | UINT32_C(1) << (DIGIT_BITS * depth)
            | way);
}

/* Appends what goes to the node. */
static void
put_node(const struct tree *tree, uint32_t number, struct ofpbuf *actions)
{
    put_load(actions, REG_FLOOD, number);
    put_resubmit(actions, tree->table);
}

static void
put_receiver(const struct tree *tree, const struct receiver *receiver,
             struct ofpbuf *actions)
{
    if (receiver->peer) {
        put_peer(actions, receiver->peer);
        put_output(actions, tree->net->tunnel);
    } else {
        put_deliver(actions, receiver->ofport);
    }
}

/* How many of 'n' receivers, sorted, share the first one's way to 'depth'. */
static size_t
count_branch(const struct receiver *receivers, size_t n, int depth)
{
    int shift = 32 - DIGIT_BITS * depth;
    size_t i = 1;

    while (i < n && receivers[i].hash >> shift == receivers[0].hash >> shift) {
        i++;
    }
    return i;
}

/* Adds the node at 'depth' of 'n' receivers, sorted, more than none, and all
 * nodes below it.  Recursion ends at MAX_DEPTH. */
static void
add_nodes(const struct tree *tree, const struct receiver *receivers, size_t n,
          int depth)
{
    struct ofpbuf actions;
    struct match match;

    ofpbuf_init(&actions, 256);
    if (n <= PIPELINE_FLOOD_LEAF || depth == MAX_DEPTH) {
        for (size_t i = 0; i < n; i++) {
            put_receiver(tree, &receivers[i], &actions);
        }
    } else {
        bool pauses = (tree->table == PIPELINE_REMOTE && !depth
                       && n > PIPELINE_FLOOD_WHOLE);

        for (size_t i = 0; i < n; ) {
            size_t m = count_branch(&receivers[i], n - i, depth + 1);

            if (pauses && i) {
                put_pause(&actions);
            }
            put_node(tree, node_number(tree, receivers[i].hash, depth + 1),
                     &actions);
            add_nodes(tree, &receivers[i], m, depth + 1);
            i += m;
        }
    }
    match_in_network(&match, &tree->net->uuid);
    match_set_reg(&match, REG_FLOOD,
                  node_number(tree, receivers[0].hash, depth));
    add_flow(tree->flows, tree->table, PRI_OBJECT,
             oflow_cookie(&tree->net->uuid), &match, &actions);
    ofpbuf_uninit(&actions);
}

/* Looks at the whole UUID, which a client may have counted up in any part,
 * and is the same for every build: a new agent finds the old one's flows. */
static uint32_t
hash_uuid(const struct uuid *uuid)
{
    return jhash_words(uuid->parts, ARRAY_SIZE(uuid->parts), 0);
}

static size_t
gather_members(const struct pipeline_network *net, bool unknown_only,
               struct receiver *receivers)
{
    size_t n = 0;

    for (size_t i = 0; i < net->n_members; i++) {
        const struct pipeline_member *member = &net->members[i];

        if (!unknown_only || member->unknown) {
            receivers[n++] = (struct receiver) {
                .hash = hash_uuid(&member->port),
                .id = &member->port,
                .id_len = sizeof member->port,
                .ofport = member->ofport,
            };
        }
    }
    return n;
}

static size_t
gather_remotes(const struct pipeline_network *net, bool unknown_only,
               struct receiver *receivers)
{
    size_t n = 0;

    for (size_t i = 0; i < net->n_remotes; i++) {
        const struct pipeline_remote *remote = &net->remotes[i];

        if (!unknown_only || remote->unknown) {
            receivers[n++] = (struct receiver) {
                .hash = jhash_bytes(&remote->peer, sizeof remote->peer, 0),
                .id = &remote->peer,
                .id_len = sizeof remote->peer,
                .ofport = OFPP_NONE,
                .peer = &remote->peer,
            };
        }
    }
    return n;
}

/* Adds the tree of 'n' receivers, if any, and appends what goes to its root,
 * which is the same whatever it consists of. */
static void
put_tree(const struct tree *tree, struct receiver *receivers, size_t n,
         struct ofpbuf *actions)
{
    if (n) {
        qsort(receivers, n, sizeof *receivers, compare_receivers);
        add_nodes(tree, receivers, n, 0);
    }
    put_node(tree, node_number(tree, 0, 0), actions);
}

void
pipeline_put_flood(const struct pipeline_network *net, bool unknown_only,
                   struct ofpbuf *actions, struct ovs_list *flows)
{
    const struct tree tree = {
        .net = net,
        .kind = unknown_only ? UNKNOWN_ONLY : ALL,
        .table = PIPELINE_FLOOD,
        .flows = flows,
    };
    struct receiver *receivers
        = xmalloc(net->n_members * sizeof *receivers + 1);

    put_tree(&tree, receivers, gather_members(net, unknown_only, receivers),
             actions);
    free(receivers);
}

void
pipeline_put_remote_flood(const struct pipeline_network *net,
                          bool unknown_only, struct ofpbuf *actions,
                          struct ovs_list *flows)
{
    const struct tree tree = {
        .net = net,
        .kind = unknown_only ? UNKNOWN_ONLY : ALL,
        .table = PIPELINE_REMOTE,
        .flows = flows,
    };
    struct receiver *receivers
        = xmalloc(net->n_remotes * sizeof *receivers + 1);
    ovs_be64 tunnel_id = htonll(net->tunnel_id);

    put_set_field(actions, MFF_TUN_ID, &tunnel_id);
    put_tree(&tree, receivers, gather_remotes(net, unknown_only, receivers),
             actions);
    free(receivers);
}
