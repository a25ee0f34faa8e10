/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See lag.h. */

#include <config.h>

#include "lag.h"

#include <string.h>

#include "hash.h"
#include "journal/journal.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "util.h"

/* The latest change of an object. */
struct lag_change {
    struct hmap_node node;      /* By id. */
    struct ovs_list list_node;  /* The oldest first. */
    char *id;
    int64_t revision;
    long long int seen_usec;
};

struct lag {
    struct hmap changes;
    struct ovs_list order;
};

struct lag *
lag_create(void)
{
    struct lag *lag = xmalloc(sizeof *lag);

    hmap_init(&lag->changes);
    ovs_list_init(&lag->order);
    return lag;
}

static void
forget(struct lag *lag, struct lag_change *change)
{
    hmap_remove(&lag->changes, &change->node);
    ovs_list_remove(&change->list_node);
    free(change->id);
    free(change);
}

void
lag_destroy(struct lag *lag)
{
    struct lag_change *change;

    if (lag) {
        LIST_FOR_EACH_SAFE (change, list_node, &lag->order) {
            forget(lag, change);
        }
        hmap_destroy(&lag->changes);
        free(lag);
    }
}

static struct lag_change *
find(const struct lag *lag, const char *id)
{
    struct lag_change *change;

    HMAP_FOR_EACH_WITH_HASH (change, node, hash_string(id, 0),
                             &lag->changes) {
        if (!strcmp(change->id, id)) {
            return change;
        }
    }
    return NULL;
}

/* An object that changed without a new revision, because its status did, is
 * not to be applied by anybody. */
static void
remember(struct lag *lag, const struct journal_entry *entry,
         long long int seen_usec)
{
    struct lag_change *change = find(lag, entry->id);

    if (change && change->revision == entry->revision) {
        return;
    }
    if (change) {
        forget(lag, change);
    } else if (hmap_count(&lag->changes) >= LAG_MAX_OBJECTS) {
        forget(lag, CONTAINER_OF(ovs_list_front(&lag->order),
                                 struct lag_change, list_node));
    }
    change = xmalloc(sizeof *change);
    change->id = xstrdup(entry->id);
    change->revision = entry->revision;
    change->seen_usec = seen_usec;
    hmap_insert(&lag->changes, &change->node, hash_string(entry->id, 0));
    ovs_list_push_back(&lag->order, &change->list_node);
}

long long int
lag_note(struct lag *lag, const struct journal_entry *entry,
         long long int seen_usec)
{
    struct lag_change *change;

    switch (entry->verb) {
    case JOURNAL_CREATED:
    case JOURNAL_UPDATED:
        if (!entry->recovered) {
            remember(lag, entry, seen_usec);
        }
        return -1;

    case JOURNAL_APPLIED:
        change = find(lag, entry->id);
        return (change && change->revision == entry->revision
                ? seen_usec - change->seen_usec : -1);

    case JOURNAL_DELETED:
        change = find(lag, entry->id);
        if (change) {
            forget(lag, change);
        }
        return -1;

    case JOURNAL_N_VERBS:
        break;
    }
    OVS_NOT_REACHED();
}
