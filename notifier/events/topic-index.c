/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See topic-index.h.  Between an event that is published and the streams that
 * may be concerned. */

#include <config.h>

#include "events/topic-index.h"

#include <string.h>

#include "events/topic.h"
#include "hash.h"
#include "util.h"

/* What watchers are filed under, the most selective first. */
enum dimension { ID, NETWORK, HOST, PROJECT, RESOURCE, SHARED, ALL };

/* The watchers filed under one value. */
struct topic_bucket {
    struct hmap_node node;      /* In topic_index's 'buckets'. */
    struct ovs_list members;    /* "struct topic_member"s. */
    enum dimension dimension;
    char value[];
};

/* A watcher in a bucket. */
struct topic_member {
    struct ovs_list node;
    struct topic_bucket *bucket;
    struct topic_watcher *watcher;
};

void
topic_index_init(struct topic_index *index)
{
    memset(index, 0, sizeof *index);
    hmap_init(&index->buckets);
}

void
topic_index_destroy(struct topic_index *index)
{
    ovs_assert(hmap_is_empty(&index->buckets));
    hmap_destroy(&index->buckets);
}

static uint32_t
bucket_hash(enum dimension dimension, const char *value)
{
    return hash_string(value, dimension);
}

static struct topic_bucket *
bucket_find(const struct topic_index *index, enum dimension dimension,
            const char *value)
{
    struct topic_bucket *bucket;

    HMAP_FOR_EACH_WITH_HASH (bucket, node, bucket_hash(dimension, value),
                             &index->buckets) {
        if (bucket->dimension == dimension && !strcmp(bucket->value, value)) {
            return bucket;
        }
    }
    return NULL;
}

static struct topic_bucket *
bucket_get(struct topic_index *index, enum dimension dimension,
           const char *value)
{
    struct topic_bucket *bucket = bucket_find(index, dimension, value);

    if (!bucket) {
        size_t size = strlen(value) + 1;

        bucket = xmalloc(sizeof *bucket + size);
        ovs_list_init(&bucket->members);
        bucket->dimension = dimension;
        memcpy(bucket->value, value, size);
        hmap_insert(&index->buckets, &bucket->node,
                    bucket_hash(dimension, value));
    }
    return bucket;
}

/* Files 'watcher', whose 'members' has room, under one more value. */
static void
index_file(struct topic_index *index, struct topic_watcher *watcher,
           enum dimension dimension, const char *value)
{
    struct topic_member *member = &watcher->members[watcher->n_members++];

    member->bucket = bucket_get(index, dimension, value);
    member->watcher = watcher;
    ovs_list_push_back(&member->bucket->members, &member->node);
    index->n_members++;
}

/* The values of the most selective key that 'topic' has. */
static const struct journal_strings *
topic_selective(const struct topic *topic, enum dimension *dimension)
{
    const struct journal_filter *filter = &topic->filter;
    const struct journal_strings *const keys[] = {
        [ID] = &filter->ids,
        [NETWORK] = &filter->network_ids,
        [HOST] = &filter->hosts,
        [PROJECT] = &filter->project_ids,
        [RESOURCE] = &filter->resources,
    };

    /* The viewer's own project is more selective than a resource. */
    enum dimension end = topic->only_project ? RESOURCE : RESOURCE + 1;

    for (enum dimension d = ID; d < end; d++) {
        if (keys[d]->n) {
            *dimension = d;
            return keys[d];
        }
    }
    return NULL;
}

void
topic_index_add(struct topic_index *index, struct topic_watcher *watcher,
                const struct topic *topic)
{
    enum dimension dimension;
    const struct journal_strings *values = topic_selective(topic, &dimension);
    /* An own project and what is shared are two. */
    size_t n = values ? values->n : 2;

    index->n_restricted += topic->only_project != NULL;
    watcher->topic = topic;
    watcher->members = xmalloc(n * sizeof *watcher->members);
    watcher->n_members = 0;
    watcher->serial = 0;
    if (values) {
        for (size_t i = 0; i < values->n; i++) {
            index_file(index, watcher, dimension, values->strings[i]);
        }
    } else if (topic->only_project) {
        index_file(index, watcher, PROJECT, topic->only_project);
        index_file(index, watcher, SHARED, "");
    } else {
        index_file(index, watcher, ALL, "");
    }
}

void
topic_index_remove(struct topic_index *index, struct topic_watcher *watcher)
{
    for (size_t i = 0; i < watcher->n_members; i++) {
        struct topic_member *member = &watcher->members[i];

        ovs_list_remove(&member->node);
        if (ovs_list_is_empty(&member->bucket->members)) {
            hmap_remove(&index->buckets, &member->bucket->node);
            free(member->bucket);
        }
    }
    index->n_members -= watcher->n_members;
    index->n_restricted -= watcher->topic->only_project != NULL;
    free(watcher->members);
    watcher->members = NULL;
    watcher->n_members = 0;
}

/* What a dispatch carries along. */
struct dispatch {
    struct topic_index *index;
    const struct topic_facts *facts;
    void (*cb)(struct topic_watcher *, void *aux);
    void *aux;
};

/* Considers those filed under 'value' who have not been considered yet. */
static void
dispatch_bucket(struct dispatch *d, enum dimension dimension,
                const char *value)
{
    const struct topic_bucket *bucket = bucket_find(d->index, dimension,
                                                    value);
    struct topic_member *member;

    if (!bucket) {
        return;
    }
    LIST_FOR_EACH (member, node, &bucket->members) {
        struct topic_watcher *watcher = member->watcher;

        if (watcher->serial != d->index->serial) {
            watcher->serial = d->index->serial;
            d->index->n_visited++;
            if (topic_matches(watcher->topic, d->facts)) {
                d->index->n_matched++;
                d->cb(watcher, d->aux);
            }
        }
    }
}

void
topic_index_dispatch(struct topic_index *index,
                     const struct topic_facts *facts,
                     void (*cb)(struct topic_watcher *, void *aux), void *aux)
{
    struct dispatch d = { index, facts, cb, aux };

    index->serial++;
    index->n_events++;
    dispatch_bucket(&d, ID, facts->id);
    dispatch_bucket(&d, NETWORK, facts->network_id);
    dispatch_bucket(&d, HOST, facts->hosts[0]);
    dispatch_bucket(&d, HOST, facts->hosts[1]);
    dispatch_bucket(&d, PROJECT, facts->project_id);
    dispatch_bucket(&d, RESOURCE, facts->resource);
    if (facts->shared) {
        dispatch_bucket(&d, SHARED, "");
    }
    dispatch_bucket(&d, ALL, "");
}
