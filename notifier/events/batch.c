/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See batch.h.  Between the journal and catch-up.c. */

#include <config.h>

#include "events/batch.h"

#include <stdlib.h>
#include <string.h>

#include "events/facts.h"
#include "util.h"

/* Copies '*s' to 'p', makes it point there, and returns what comes after. */
static char *
move_string(const char **s, char *p)
{
    size_t size = strlen(*s) + 1;

    memcpy(p, *s, size);
    *s = p;
    return p + size;
}

static void
batch_add(struct batch *batch, const struct journal_entry *entry)
{
    struct journal_entry *copy = &batch->entries[batch->n];
    const char **strings[] = {
        &copy->resource, &copy->id, &copy->network_id, &copy->project_id,
        &copy->host, &copy->old_host, &copy->object, &copy->changes,
    };
    size_t size = 0;
    char *p;

    *copy = *entry;
    copy->name = copy->internal = copy->by = copy->comment = "";
    for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
        size += strlen(*strings[i]) + 1;
    }
    batch->blocks[batch->n++] = p = xmalloc(size);
    for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
        p = move_string(strings[i], p);
    }
}

static bool
batch_add_entry(const struct journal_entry *entry, void *batch)
{
    batch_add(batch, entry);
    return true;
}

char *
batch_read(struct batch *batch, struct journal *journal, uint64_t after,
           const struct journal_filter *filter, size_t max,
           uint64_t *reached)
{
    batch->n = 0;
    return journal_read(journal, after, filter, MIN(max, BATCH_MAX),
                        batch_add_entry, batch, reached);
}

static void
batch_add_state(const struct journal_state *state, void *batch)
{
    struct journal_entry entry;
    void *owner = facts_from_state(state, &entry);

    batch_add(batch, &entry);
    facts_state_free(owner);
}

/* Reads the objects among 'ids' from the 'i'th on. */
static void
batch_read_ids(struct batch *batch, struct journal *journal,
               const char *resource, const struct journal_strings *ids,
               size_t i, char **last)
{
    size_t end = MIN(ids->n, i + BATCH_MAX);

    for (; i < end; i++) {
        struct journal_state state = {
            .resource = resource,
            .id = ids->strings[i],
            .internal = "",
        };
        char *object;

        if (journal_state_get(journal, resource, state.id, &object, NULL)) {
            state.object = object;
            batch_add_state(&state, batch);
            free(object);
        }
    }
    *last = end < ids->n ? xstrdup(ids->strings[end - 1]) : NULL;
}

void
batch_read_objects(struct batch *batch, struct journal *journal,
                   const char *resource, const char *after,
                   const struct journal_strings *ids, char **last)
{
    batch->n = 0;
    if (ids->n) {
        size_t i = 0;

        while (i < ids->n && strcmp(ids->strings[i], after) <= 0) {
            i++;
        }
        batch_read_ids(batch, journal, resource, ids, i, last);
        return;
    }
    journal_state_each(journal, resource, after, BATCH_MAX, batch_add_state,
                       batch);
    *last = (batch->n == BATCH_MAX
             ? xstrdup(batch->entries[batch->n - 1].id) : NULL);
}

void
batch_destroy(struct batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        free(batch->blocks[i]);
    }
    batch->n = 0;
}
