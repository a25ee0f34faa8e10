/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See hub.h. */

#include <config.h>

#include "events/hub.h"

#include <stdlib.h>

#include "events/text.h"
#include "journal/journal.h"
#include "util.h"

void
hub_event_init(struct hub_event *event, const struct hub *hub,
               const struct journal_entry *entry)
{
    *event = (struct hub_event) {
        .hub = hub,
        .entry = entry,
        .verb = entry->verb,
        .with_id = true,
    };
}

void
hub_event_destroy(struct hub_event *event)
{
    event_text_unref(event->whole);
    event_text_unref(event->stripped);
}

/* Where things are is for admins: 'whole' says that one is to be told. */
static struct event_text *
make_text(const struct hub_event *event, const char *object, bool whole)
{
    const struct journal_entry *entry = event->entry;
    char id[JOURNAL_ID_SIZE];

    journal_id_format(event->hub->config.journal, entry->seq, id);
    if (event->verb == JOURNAL_APPLIED) {
        return event_text_applied(event->with_id ? id : NULL,
                                  entry->resource, object,
                                  whole ? entry->host : NULL,
                                  entry->revision);
    }
    return event_text_object(journal_verb_to_string(event->verb),
                             event->with_id ? id : NULL, entry->resource,
                             object);
}

struct event_text *
hub_event_text(struct hub_event *event, bool whole)
{
    struct event_text **textp = whole ? &event->whole : &event->stripped;

    if (!*textp && whole) {
        *textp = make_text(event, event->entry->object, true);
    } else if (!*textp) {
        char *object = event->hub->config.strip(event->entry->resource,
                                                event->entry->object);

        *textp = make_text(event, object, false);
        free(object);
    }
    return *textp;
}
