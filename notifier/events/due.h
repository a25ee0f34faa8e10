/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_DUE_H
#define EVENTS_DUE_H 1

/* What a client that does not keep up is still to be told: of each object the
 * latest, not everything.
 *
 * Events of one object become one, that of the latest with a verb that is
 * right for a client that has seen none of them:
 *
 *     created + updated = created        updated + deleted = deleted
 *     created + deleted = (nothing)      deleted + created = updated
 *
 * "applied" is kept apart, for each object and host; a delete takes with it
 * what was applied of the object.  Only the journal's sequence number of an
 * event is kept, so an item costs some 200 bytes, whatever the object.
 *
 * Items come out in the order of their numbers.  Pure; one thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/journal.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"

struct due {
    struct hmap objects;        /* "struct due_object"s. */
    struct hmap items;          /* "struct due_item"s. */
    struct ovs_list order;      /* The items, lowest number first. */
    size_t n;                   /* Items. */

    /* Since the last due_told(): events added, and items they are in now
     * (an item that vanished is in none). */
    uint64_t n_events;
    uint64_t n_objects;
    uint64_t round;             /* Counts due_told()s. */
};

/* What comes out. */
struct due_event {
    uint64_t seq;
    enum journal_verb verb;
};

void due_init(struct due *);
void due_destroy(struct due *);
void due_clear(struct due *);
bool due_is_empty(const struct due *);

/* Adds an event; 'seq' is higher than all before.  'host' says who has
 * applied it, for JOURNAL_APPLIED alone. */
void due_add(struct due *, uint64_t seq, enum journal_verb,
             const char *resource, const char *id, const char *host);

/* Whether events were merged since the last due_told(): 'n_events' of them
 * are in 'n_objects' items.  The client is to be told before it gets them. */
bool due_is_merged(const struct due *);
void due_told(struct due *);

/* Sets '*event' to the next item and returns true, or returns false if there
 * is none.  due_pop() takes it away. */
bool due_peek(const struct due *, struct due_event *event);
void due_pop(struct due *);

#endif /* events/due.h */
