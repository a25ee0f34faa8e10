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
 * what was applied of the object.  (If the client has been told of that before
 * it was of "created", which had been merged with a later update, there is
 * something to delete.)  Only the journal's sequence number of an
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

    uint64_t n_events;          /* That the items stand for, and 'n_gone'. */
    uint64_t n_gone;            /* Since due_told(): came to nothing. */
    bool merged;                /* Since due_told(): has any been? */
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
 * applied it, for JOURNAL_APPLIED, and is not looked at otherwise. */
void due_add(struct due *, uint64_t seq, enum journal_verb,
             const char *resource, const char *id, const char *host);

/* To be called when the client has been told that events were merged
 * ('merged'): 'n_events' of them, of which 'n' are left. */
void due_told(struct due *);

/* Sets '*event' to the next item and returns true, or returns false if there
 * is none.  due_pop() takes it away. */
bool due_peek(const struct due *, struct due_event *event);
void due_pop(struct due *);

#endif /* events/due.h */
