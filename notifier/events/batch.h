/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_BATCH_H
#define EVENTS_BATCH_H 1

/* A bounded number of entries, or of objects, read from the journal in one go
 * and kept, so that the journal can be asked more about each.
 *
 * Errors: a message of the journal's, for the caller to free.  One thread. */

#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "journal/journal.h"

#define BATCH_MAX 64

struct batch {
    /* Without name, internal, by and comment.  Of an object: an update with
     * what facts_from_state() knows. */
    struct journal_entry entries[BATCH_MAX];
    void *blocks[BATCH_MAX];    /* Their strings. */
    size_t n;
};

/* Reads at most 'max' entries after 'after', and sets '*reached' as
 * journal_read() does. */
char *batch_read(struct batch *, struct journal *, uint64_t after,
                 const struct journal_filter *, size_t max,
                 uint64_t *reached) OVS_WARN_UNUSED_RESULT;

/* Reads objects of 'resource' whose id comes after 'after', in order; of those
 * in 'ids' alone, unless that is empty.  Sets '*last', for the caller to free,
 * to the id to go on after, or to NULL if there are no more. */
void batch_read_objects(struct batch *, struct journal *,
                        const char *resource, const char *after,
                        const struct journal_strings *ids, char **last);

void batch_destroy(struct batch *);

#endif /* events/batch.h */
