/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_FACTS_H
#define EVENTS_FACTS_H 1

/* What decides who is told of an event or of an object, read from the
 * journal.
 *
 * Errors: an object that is no JSON has none of the attributes looked for; it
 * is the journal's own, so that does not happen.  One thread. */

#include "events/topic.h"

/* Borrows strings from 'entry'.  Does not know 'shared': see
 * facts_is_shared(), which costs more. */
void facts_from_entry(const struct journal_entry *entry,
                      struct topic_facts *);

/* Whether every project may see the object of 'entry', or might before the
 * change: a shared network, and a subnet of one. */
bool facts_is_shared(struct journal *, const struct journal_entry *entry);

/* An object as it is.  'facts' borrows from 'state' and from 'owner', which
 * facts_state_destroy() frees.  'shared' is known of networks alone: a subnet
 * has its network's. */
struct facts_state {
    struct topic_facts facts;
    void *owner;
};
void facts_state_init(struct facts_state *, const struct journal_state *);
void facts_state_destroy(struct facts_state *);

#endif /* events/facts.h */
