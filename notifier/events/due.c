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
    uint64_t n_events;          /* That it stands for. */
    bool known;                 /* It was told who has applied the object, but
                                 * not that it was created. */
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
    item->n_events = 0;
    item->known = false;
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
    hmap_remove(&due->items, &item->node);
    ovs_list_remove(&item->of_object);
    ovs_list_remove(&item->in_order);
    due->n--;
    free(item);
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
    due->n_events = due->n_gone = 0;
    due->merged = false;
}

/* Nothing of what was due of 'object' matters any more.  Returns how many
 * events that stood for. */
static uint64_t
object_supersede(struct due *due, struct due_object *object)
{
    struct due_item *item;
    uint64_t n_events = 0;

    LIST_FOR_EACH_SAFE (item, of_object, &object->items) {
        n_events += item->n_events;
        item_destroy(due, item);
    }
    return n_events;
}

/* The latest event of all, of 'object', which is deleted. */
static void
due_add_deleted(struct due *due, uint64_t seq, struct due_object *object)
{
    struct due_item *item = item_find(due, object, "");
    bool known = item && item->known;
    bool unknown = item && item->event.verb == JOURNAL_CREATED && !known;
    uint64_t n_events = object_supersede(due, object) + 1;

    due->merged |= n_events > 1;
    if (unknown) {
        due->n_gone += n_events;
        object_release(due, object);
        return;
    }
    item = item_create(due, object, "");
    item->event = (struct due_event) { seq, JOURNAL_DELETED };
    item->known = known;
    item->n_events = n_events;
}

/* Any other: that 'host' has applied it, or "". */
static void
due_add_latest(struct due *due, uint64_t seq, enum journal_verb verb,
               struct due_object *object, const char *host)
{
    struct due_item *item = item_find(due, object, host);

    if (!item) {
        item = item_create(due, object, host);
    } else {
        due->merged = true;
        if (verb != JOURNAL_APPLIED) {
            /* Of an object deleted and created again nothing was told. */
            verb = (item->event.verb == JOURNAL_CREATED || item->known
                    ? JOURNAL_CREATED : JOURNAL_UPDATED);
        }
        ovs_list_remove(&item->in_order);
        ovs_list_push_back(&due->order, &item->in_order);
    }
    item->event = (struct due_event) { seq, verb };
    item->n_events++;
}

void
due_add(struct due *due, uint64_t seq, enum journal_verb verb,
        const char *resource, const char *id, const char *host)
{
    struct due_object *object = object_get(due, resource, id);

    due->n_events++;
    if (verb == JOURNAL_DELETED) {
        due_add_deleted(due, seq, object);
    } else {
        due_add_latest(due, seq, verb, object,
                       verb == JOURNAL_APPLIED ? host : "");
    }
}

void
due_told(struct due *due)
{
    due->n_events -= due->n_gone;
    due->n_gone = 0;
    due->merged = false;
}

/* What comes out next, or NULL. */
static struct due_item *
due_first(const struct due *due)
{
    return (due_is_empty(due) ? NULL
            : CONTAINER_OF(ovs_list_front(&due->order), struct due_item,
                           in_order));
}

bool
due_peek(const struct due *due, struct due_event *event)
{
    const struct due_item *item = due_first(due);

    if (item) {
        *event = item->event;
    }
    return item != NULL;
}

void
due_pop(struct due *due)
{
    struct due_item *item = due_first(due);
    struct due_object *object = item->object;

    if (item->event.verb == JOURNAL_APPLIED) {
        struct due_item *own = item_find(due, object, "");

        if (own && own->event.verb == JOURNAL_CREATED) {
            own->known = true;
        }
    }
    due->n_events -= item->n_events;
    item_destroy(due, item);
    object_release(due, object);
}
