/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_TOPIC_INDEX_H
#define EVENTS_TOPIC_INDEX_H 1

/* Finds those who are to be told of an event, at a cost in proportion to
 * them and not to how many there are.
 *
 * Each topic is filed under the values of the key that tells the fewest
 * events apart from its own: id, else network, host, project, resource, else
 * under "all".  An event is looked up under each value it has itself, and the
 * topics found there are compared in full.
 *
 * The viewer's own restriction files like project_id=, and besides under
 * "shared".
 *
 * One thread. */

#include <stddef.h>
#include <stdint.h>

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"

struct topic;
struct topic_facts;

/* Somebody who is to be told; embed it. */
struct topic_watcher {
    const struct topic *topic;
    struct topic_member *members; /* One for each value it is filed under. */
    size_t n_members;
    uint64_t serial;            /* The last event it was considered for. */
};

struct topic_index {
    struct hmap buckets;        /* "struct topic_bucket"s. */
    size_t n_members;           /* In all buckets. */
    size_t n_restricted;        /* Watchers who may not see everything. */
    uint64_t serial;            /* Of the event in hand. */

    /* Ever since: events looked up, watchers compared with one, and told of
     * it. */
    uint64_t n_events;
    uint64_t n_visited;
    uint64_t n_matched;
};

void topic_index_init(struct topic_index *);

/* Every watcher must have been removed. */
void topic_index_destroy(struct topic_index *);

/* Files 'watcher' for 'topic', which has to live until it is removed. */
void topic_index_add(struct topic_index *, struct topic_watcher *,
                     const struct topic *);
void topic_index_remove(struct topic_index *, struct topic_watcher *);

/* Calls 'cb' once for each watcher whose topic matches, in no particular
 * order.  'cb' must not add or remove watchers. */
void topic_index_dispatch(struct topic_index *, const struct topic_facts *,
                          void (*cb)(struct topic_watcher *, void *aux),
                          void *aux);

#endif /* events/topic-index.h */
