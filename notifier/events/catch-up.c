/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See catch-up.h.  Between the journal and a stream. */

#include <config.h>

#include "events/catch-up.h"

#include <stdlib.h>
#include <string.h>

#include "events/batch.h"
#include "events/facts.h"
#include "events/hub.h"
#include "events/client.h"
#include "events/text.h"
#include "events/topic.h"
#include "util.h"

static const char past_retention[] =
    "what was missed is not kept any longer";

static struct journal *
client_journal(const struct client *c)
{
    return c->hub->config.journal;
}

/* What decides whether the client is told of 'entry', which was read. */
static void
client_facts(const struct client *c, const struct journal_entry *entry,
             struct topic_facts *facts)
{
    facts_from_entry(entry, facts);
    if (c->topic->only_project) {
        facts->shared = facts_is_shared(client_journal(c), entry);
    }
}

static void
client_tell_entry(struct client *c, const struct journal_entry *entry,
                  enum journal_verb verb, bool with_id)
{
    struct hub_event event;

    hub_event_init(&event, c->hub, entry);
    event.verb = verb;
    event.with_id = with_id;
    client_tell(c, &event);
    hub_event_destroy(&event);
}

static char *
client_replay(struct client *c)
{
    struct batch batch;
    char *error;

    if (c->reached + 1 < journal_tail(client_journal(c))) {
        client_resync(c, past_retention);
        return NULL;
    }
    error = batch_read(&batch, client_journal(c), c->reached,
                       &c->topic->filter, BATCH_MAX, &c->reached);
    for (size_t i = 0; !error && i < batch.n; i++) {
        const struct journal_entry *entry = &batch.entries[i];
        struct topic_facts facts;

        client_facts(c, entry, &facts);
        if (topic_may_see(c->topic, &facts)) {
            client_tell_entry(c, entry, entry->verb, true);
        }
    }
    batch_destroy(&batch);
    if (!error && c->reached >= journal_head(client_journal(c))) {
        c->state = CLIENT_LIVE;
    }
    return error;
}

/* Tells what is due first, which is 'due'. */
static char *
client_tell_due(struct client *c, const struct due_event *due, bool with_id)
{
    struct batch batch;
    uint64_t reached;
    char *error;

    error = batch_read(&batch, client_journal(c), due->seq - 1, NULL, 1,
                       &reached);
    if (!error && batch.n && batch.entries[0].seq == due->seq) {
        client_tell_entry(c, &batch.entries[0], due->verb, with_id);
        client_due_pop(c);
    } else if (!error) {
        client_resync(c, past_retention);
    }
    batch_destroy(&batch);
    return error;
}

/* Tells what is due up to number 'cut', for as long as there is room.  Sets
 * '*done' if that is all told. */
static char *
client_tell_all_due(struct client *c, uint64_t cut, bool with_id, bool *done)
{
    enum client_state state = c->state;
    struct due_event due;

    *done = false;
    for (int i = 0; i < BATCH_MAX && c->state == state; i++) {
        if (!due_peek(&c->due, &due) || due.seq > cut) {
            *done = true;
            return NULL;
        } else if (!outbox_has_room(&c->outbox, 0)) {
            return NULL;
        }

        char *error = client_tell_due(c, &due, with_id);
        if (error) {
            return error;
        }
    }
    return NULL;
}

static char *
client_drain(struct client *c)
{
    char *error;
    bool done;

    if (c->due.merged) {
        client_say(c, event_text_coalesced(c->due.n_events, c->due.n));
        due_told(&c->due);
    }
    error = client_tell_all_due(c, UINT64_MAX, true, &done);
    if (done) {
        c->state = CLIENT_LIVE;
    }
    return error;
}

static char *
client_begin_resync(struct client *c)
{
    client_say(c, event_text_resync(c->reason));
    c->state = CLIENT_RESYNC_OBJECTS;
    c->reached = c->hub->published;
    c->at_resource = 0;
    free(c->at_id);
    c->at_id = xstrdup("");
    return NULL;
}

/* What the present objects of the next resource are there to be told of. */
static bool
client_skips_resource(const struct client *c, const char *resource)
{
    const struct journal_strings *resources = &c->topic->filter.resources;

    for (size_t i = 0; i < resources->n; i++) {
        if (!strcmp(resources->strings[i], resource)) {
            return false;
        }
    }
    return resources->n > 0;
}

/* Goes on after object 'last', or with the next resource if that is NULL. */
static void
client_advance(struct client *c, char *last)
{
    free(c->at_id);
    c->at_id = last ? last : xstrdup("");
    if (!last && ++c->at_resource == TOPIC_N_RESOURCES) {
        c->state = CLIENT_RESYNC_CHANGES;
        c->cut = c->hub->published;
    }
}

static char *
client_tell_objects(struct client *c)
{
    const char *resource = topic_resources[c->at_resource];
    struct batch batch;
    char *last;

    if (client_skips_resource(c, resource)) {
        client_advance(c, NULL);
        return NULL;
    }
    batch_read_objects(&batch, client_journal(c), resource, c->at_id,
                       &c->topic->filter.ids, &last);
    for (size_t i = 0; i < batch.n; i++) {
        const struct journal_entry *entry = &batch.entries[i];
        struct topic_facts facts;

        client_facts(c, entry, &facts);
        if (topic_matches_object(c->topic, &facts)) {
            client_tell_entry(c, entry, JOURNAL_UPDATED, false);
        }
    }
    batch_destroy(&batch);
    client_advance(c, last);
    return NULL;
}

static char *
client_finish_resync(struct client *c)
{
    char id[JOURNAL_ID_SIZE];
    char *error;
    bool done;

    error = client_tell_all_due(c, c->cut, false, &done);
    if (done) {
        journal_id_format(client_journal(c), c->cut, id);
        client_say(c, event_text_synced(id));
        c->last_id = c->cut;

        /* What is still due came after that, and is told as such. */
        due_told(&c->due);
        c->state = due_is_empty(&c->due) ? CLIENT_LIVE : CLIENT_BEHIND;
    }
    return error;
}

char *
client_catch_up(struct client *c)
{
    switch (c->state) {
    case CLIENT_BEHIND:
        return client_drain(c);
    case CLIENT_REPLAYING:
        return client_replay(c);
    case CLIENT_RESYNC:
        return client_begin_resync(c);
    case CLIENT_RESYNC_OBJECTS:
        return client_tell_objects(c);
    case CLIENT_RESYNC_CHANGES:
        return client_finish_resync(c);
    case CLIENT_LIVE:
    default:
        OVS_NOT_REACHED();
    }
}
