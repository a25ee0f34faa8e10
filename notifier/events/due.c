/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See due.h.  Between what is published and a client that does not read it;
 * how much may be kept is decided by client.c. */

#include <config.h>

#include "events/due.h"

#include <string.h>

#include "hash.h"
#include "util.h"

/* An object of which anything is due. */
struct due_object {
    struct hmap_node node;      /* In due's 'objects'. */
    struct ovs_list items;      /* "struct due_item"s, by 'of_object'. */
    char *resource;
    char *id;
};

/* One event that is due: of an object, or that 'host' has applied it. */
struct due_item {
    struct hmap_node node;      /* In due's 'items'. */
    struct ovs_list in_order;   /* In due's 'order'. */
    struct ovs_list of_object;  /* In object's 'items'. */
    struct due_object *object;
    struct due_event event;
    uint64_t round;             /* When 'n_events' were counted. */
    uint64_t n_events;          /* In it, since the last due_told(). */
    char host[];                /* "" but for applied. */
};

void
due_init(struct due *due)
{
    memset(due, 0, sizeof *due);
    hmap_init(&due->objects);
    hmap_init(&due->items);
    ovs_list_init(&due->order);
}

void
due_destroy(struct due *due)
{
    due_clear(due);
    hmap_destroy(&due->objects);
    hmap_destroy(&due->items);
}

bool
due_is_empty(const struct due *due)
{
    return ovs_list_is_empty(&due->order);
}

static uint32_t
object_hash(const char *resource, const char *id)
{
    return hash_string(id, hash_string(resource, 0));
}

static struct due_object *
object_find(const struct due *due, const char *resource, const char *id)
{
    struct due_object *object;

    HMAP_FOR_EACH_WITH_HASH (object, node, object_hash(resource, id),
                             &due->objects) {
        if (!strcmp(object->id, id) && !strcmp(object->resource, resource)) {
            return object;
        }
    }
    return NULL;
}

static struct due_object *
object_get(struct due *due, const char *resource, const char *id)
{
    struct due_object *object = object_find(due, resource, id);

    if (!object) {
        object = xmalloc(sizeof *object);
        ovs_list_init(&object->items);
        object->resource = xstrdup(resource);
        object->id = xstrdup(id);
        hmap_insert(&due->objects, &object->node, object_hash(resource, id));
    }
    return object;
}

/* Frees 'object' if nothing of it is due any more. */
static void
object_release(struct due *due, struct due_object *object)
{
    if (ovs_list_is_empty(&object->items)) {
        hmap_remove(&due->objects, &object->node);
        free(object->resource);
        free(object->id);
        free(object);
    }
}

static uint32_t
item_hash(const struct due_object *object, const char *host)
{
    return hash_string(host, hash_pointer(object, 0));
}

static struct due_item *
item_find(const struct due *due, const struct due_object *object,
          const char *host)
{
    struct due_item *item;

    HMAP_FOR_EACH_WITH_HASH (item, node, item_hash(object, host),
                             &due->items) {
        if (item->object == object && !strcmp(item->host, host)) {
            return item;
        }
    }
    return NULL;
}

static struct due_item *
item_create(struct due *due, struct due_object *object, const char *host)
{
    size_t size = strlen(host) + 1;
    struct due_item *item = xmalloc(sizeof *item + size);

    memcpy(item->host, host, size);
    item->object = object;
    item->round = due->round;
    item->n_events = 0;
    hmap_insert(&due->items, &item->node, item_hash(object, host));
    ovs_list_push_back(&object->items, &item->of_object);
    ovs_list_push_back(&due->order, &item->in_order);
    due->n++;
    return item;
}

/* Forgets 'item', whose events stay counted. */
static void
item_destroy(struct due *due, struct due_item *item)
{
    if (item->round == due->round && item->n_events) {
        due->n_objects--;
    }
    hmap_remove(&due->items, &item->node);
    ovs_list_remove(&item->of_object);
    ovs_list_remove(&item->in_order);
    due->n--;
    free(item);
}

/* One more event is in 'item', the latest of all. */
static void
item_count(struct due *due, struct due_item *item, uint64_t seq)
{
    if (item->round != due->round) {
        item->round = due->round;
        item->n_events = 0;
    }
    if (!item->n_events++) {
        due->n_objects++;
    }
    item->event.seq = seq;
    ovs_list_remove(&item->in_order);
    ovs_list_push_back(&due->order, &item->in_order);
}

void
due_clear(struct due *due)
{
    struct due_item *item;

    LIST_FOR_EACH_SAFE (item, in_order, &due->order) {
        struct due_object *object = item->object;

        item_destroy(due, item);
        object_release(due, object);
    }
    due->n_events = due->n_objects = 0;
}

/* What a client that knows nothing of an object's events 'a' and 'b' is to be
 * told in one; not created + deleted. */
static enum journal_verb
verbs_merge(enum journal_verb a, enum journal_verb b)
{
    if (b == JOURNAL_DELETED) {
        return JOURNAL_DELETED;
    }
    return a == JOURNAL_CREATED ? JOURNAL_CREATED : JOURNAL_UPDATED;
}

/* Nothing of what was due of 'object' matters any more. */
static void
object_supersede(struct due *due, struct due_object *object)
{
    struct due_item *item;

    LIST_FOR_EACH_SAFE (item, of_object, &object->items) {
        item_destroy(due, item);
    }
}

void
due_add(struct due *due, uint64_t seq, enum journal_verb verb,
        const char *resource, const char *id, const char *host)
{
    struct due_object *object = object_get(due, resource, id);
    const char *key = verb == JOURNAL_APPLIED ? host : "";
    struct due_item *item = item_find(due, object, key);
    bool created = item && item->event.verb == JOURNAL_CREATED;

    due->n_events++;
    if (verb == JOURNAL_DELETED) {
        object_supersede(due, object);
        if (created) {
            object_release(due, object);
            return;
        }
        item = NULL;
    } else if (verb != JOURNAL_APPLIED && item) {
        verb = verbs_merge(item->event.verb, verb);
    }
    if (!item) {
        item = item_create(due, object, key);
    }
    item->event.verb = verb;
    item_count(due, item, seq);
}

bool
due_is_merged(const struct due *due)
{
    return due->n_events > due->n_objects;
}

void
due_told(struct due *due)
{
    due->n_events = due->n_objects = 0;
    due->round++;
}

bool
due_peek(const struct due *due, struct due_event *event)
{
    if (due_is_empty(due)) {
        return false;
    }

    const struct due_item *item = CONTAINER_OF(ovs_list_front(&due->order),
                                               struct due_item, in_order);
    *event = item->event;
    return true;
}

void
due_pop(struct due *due)
{
    struct due_item *item = CONTAINER_OF(ovs_list_front(&due->order),
                                         struct due_item, in_order);
    struct due_object *object = item->object;

    if (item->round == due->round) {
        due->n_events -= item->n_events;
    }
    item_destroy(due, item);
    object_release(due, object);
}
