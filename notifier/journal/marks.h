/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Which objects a changed row shows in.
 *
 * A set of marks, each an object to be looked at again.  Marking is cheap and
 * may be too much: an object that turns out to look as before is no change.
 * It must never be too little.
 *
 * Single-threaded; no errors. */

#ifndef JOURNAL_MARKS_H
#define JOURNAL_MARKS_H 1

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/uuid.h"

struct nb_change;
struct replica;

/* What can be looked at again: API objects, and then what hypervisors have
 * applied, so that the news of a change comes before that of its being
 * live. */
enum object_kind {
    OBJECT_NETWORK,
    OBJECT_SUBNET,
    OBJECT_PORT,
    OBJECT_AGENT,
    OBJECT_N_SHOWN,
    OBJECT_PORT_BINDING = OBJECT_N_SHOWN,
    OBJECT_NETWORK_BINDING,
    OBJECT_HOST_BINDING,        /* Host's revision in an Agent row. */
    OBJECT_N_KINDS
};

struct mark {
    struct hmap_node node;
    struct ovs_list list_node;  /* In 'order[kind]'. */
    enum object_kind kind;
    struct uuid id;
};

struct marks {
    struct hmap marks;
    struct ovs_list order[OBJECT_N_KINDS]; /* As they were made. */
};

void marks_init(struct marks *);
void marks_destroy(struct marks *);

/* Marks the objects that 'change' shows in, as 'replica' is after it. */
void marks_change(struct marks *, const struct replica *,
                  const struct nb_change *change);

void marks_add(struct marks *, enum object_kind, const struct uuid *id);

bool marks_is_empty(const struct marks *);

/* Takes out the next mark, for the caller to mark_free(), in the order of
 * kinds and then in that of their making; NULL if there is none. */
struct mark *marks_pop(struct marks *);
void mark_free(struct mark *);

#endif /* journal/marks.h */
