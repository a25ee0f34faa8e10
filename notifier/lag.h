/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* How long it takes from a change until a hypervisor has applied it.
 *
 * The latest change of each object is remembered until it is applied for the
 * first time on every hypervisor, that is, until there are LAG_MAX_OBJECTS
 * more recent ones: what is never applied must not fill the memory.
 *
 * Pure; single-threaded. */

#ifndef NOTIFIER_LAG_H
#define NOTIFIER_LAG_H 1

#include <stdint.h>

struct journal_entry;
struct lag;

/* Changes of the last seconds, at 1,000 a second; some 150 bytes each. */
#define LAG_MAX_OBJECTS 10000

struct lag *lag_create(void);
void lag_destroy(struct lag *);

/* Takes note of an entry that was published; 'seen_usec' is when the notifier
 * saw the change.  For an applied entry returns the microseconds since the
 * change that led to the revision applied, if it is remembered; otherwise
 * -1. */
long long int lag_note(struct lag *, const struct journal_entry *,
                       long long int seen_usec);

#endif /* notifier/lag.h */
