/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef OFLOW_H
#define OFLOW_H 1

/* An OpenFlow flow as the agent wants it: what pipeline.h makes, flow-table.h
 * keeps and ofswitch.h sends.
 *
 * Not thread-safe: like the whole agent, used by one thread. */

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-protocol.h"
#include "openvswitch/uuid.h"

struct ds;
struct flow_owner;
struct ofpbuf;

/* The one protocol the agent speaks: bundles, xxregs and learn need no
 * other, and one protocol means one canonical form to compare flows in. */
#define OFLOW_PROTOCOL OFPUTIL_P_OF15_OXM
#define OFLOW_VERSION OFP15_VERSION

struct oflow {
    struct hmap_node hmap_node; /* In flow-table.c's or flow-dump.c's hmap. */
    struct ovs_list node;       /* In a list of its owner's flows. */
    struct flow_owner *owner;   /* Set by flow-table.c. */

    /* The key: no two flows of a switch have all three alike. */
    uint8_t table;
    uint16_t priority;
    struct minimatch match;
    uint32_t hash;              /* Of the key. */

    /* What the key's flow does and whose it is. */
    uint64_t cookie;
    struct ofpact *ofpacts;
    size_t ofpacts_len;

    /* Of a flow read from a switch. */
    uint64_t n_packets;
    uint64_t n_bytes;
    int idle_age;               /* Seconds since its last packet, or since it
                                 * was installed; -1 if not known. */
};

/* Returns a new flow, the caller's to free with oflow_destroy().  'match' and
 * 'ofpacts' are copied. */
struct oflow *oflow_create(uint8_t table, uint16_t priority, uint64_t cookie,
                           const struct match *match,
                           const struct ofpact *ofpacts, size_t ofpacts_len);
struct oflow *oflow_clone(const struct oflow *);
void oflow_destroy(struct oflow *);

/* Frees every flow in 'flows', a list linked through 'node'. */
void oflow_list_clear(struct ovs_list *flows);

/* The cookie of everything that is made for the object 'uuid': its first 64
 * bits, so that "cookie=0x" and the first 16 hex digits of the UUID find its
 * flows in "ovs-ofctl dump-flows". */
uint64_t oflow_cookie(const struct uuid *);

/* Compares keys; a hash of a key is in 'hash'. */
bool oflow_same_key(const struct oflow *, const struct oflow *);

/* Compares what two flows of one key do, and whose they are, byte for byte. */
bool oflow_same_effect(const struct oflow *, const struct oflow *);

/* As oflow_same_effect() for a flow read back from a switch: where the bytes
 * differ, 'desired' is encoded and decoded as it is on its way to a switch
 * and back, since a switch reports actions in a canonical form, and both are
 * compared as text. */
bool oflow_same_as_installed(const struct oflow *desired,
                             const struct oflow *installed);

/* Looks in 'flows', an hmap of oflows by key; NULL if there is none. */
struct oflow *oflow_lookup(const struct hmap *flows, const struct oflow *key);

/* Encodes an OFPFC_ADD, which replaces a flow of the same key and starts its
 * counters at zero, or an OFPFC_DELETE_STRICT. */
struct ofpbuf *oflow_encode_add(const struct oflow *);
struct ofpbuf *oflow_encode_delete(const struct oflow *);

/* Appends the flow as ovs-ofctl(8) writes and reads it, without newline. */
void oflow_format(const struct oflow *, struct ds *);

#endif /* oflow.h */
