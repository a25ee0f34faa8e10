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

/* Borrows strings from 'entry'.  Leaves 'shared' false: whether it is, is
 * known to facts_is_shared() and costs more. */
void facts_from_entry(const struct journal_entry *entry,
                      struct topic_facts *);

/* Whether every project may see the object of 'entry', or might before the
 * change: a shared network, and a subnet of one. */
bool facts_is_shared(struct journal *, const struct journal_entry *entry);

/* Fills an entry that says of 'state' what an entry of an update would, with
 * strings from 'state' and from the object returned, which
 * facts_state_free() frees. */
void *facts_from_state(const struct journal_state *state,
                       struct journal_entry *entry);
void facts_state_free(void *);

#endif /* events/facts.h */
