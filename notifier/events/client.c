/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See client.h.  What is published to a client; catch-up.c has what is read
 * from the journal for it. */

#include <config.h>

#include "events/client.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "events/hub.h"
#include "events/text.h"
#include "events/topic.h"
#include "journal/journal.h"
#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "timeval.h"
#include "util.h"

static void
client_set_due(struct client *c, size_t n_before)
{
    c->hub->n_due += c->due.n;
    c->hub->n_due -= n_before;
}

static void
client_due_clear(struct client *c)
{
    size_t n = c->due.n;

    due_clear(&c->due);
    client_set_due(c, n);
}

void
client_due_pop(struct client *c)
{
    size_t n = c->due.n;

    due_pop(&c->due);
    client_set_due(c, n);
}

/* Puts 'c' where events_run() finds it if it has something to do. */
static void
client_schedule(struct client *c)
{
    if (ovs_list_is_empty(&c->work_node) && client_can_catch_up(c)) {
        ovs_list_push_back(&c->hub->work, &c->work_node);
    }
}

bool
client_can_catch_up(const struct client *c)
{
    return (c->state != CLIENT_LIVE
            && outbox_has_room(&c->outbox, OUTBOX_MAX / 2));
}

static void
client_writable(struct http_stream *http, void *c_)
{
    struct client *c = c_;

    outbox_flush(&c->outbox, http);
    client_schedule(c);
}

static void
client_closed(struct http_stream *http OVS_UNUSED, void *c)
{
    client_destroy(c);
}

const struct http_stream_class client_class = {
    .writable = client_writable,
    .closed = client_closed,
};

struct client *
client_create(struct hub *hub, struct topic *topic, const char *viewer)
{
    struct client *c = xzalloc(sizeof *c);

    c->hub = hub;
    c->topic = topic;
    c->viewer = xstrdup(viewer);
    c->at_id = xstrdup("");
    outbox_init(&c->outbox);
    due_init(&c->due);
    c->reached = hub->published;

    topic_index_add(&hub->index, &c->watcher, topic);
    ovs_list_push_back(&hub->streams, &c->node);
    ovs_list_init(&c->work_node);
    ovs_list_push_back(&hub->quiet, &c->quiet_node);
    c->spoke = time_msec();
    hub->n_streams++;
    hub->n_values += topic_n_values(topic);
    return c;
}

void
client_destroy(struct client *c)
{
    c->hub->n_streams--;
    c->hub->n_values -= topic_n_values(c->topic);
    topic_index_remove(&c->hub->index, &c->watcher);
    ovs_list_remove(&c->node);
    ovs_list_remove(&c->work_node);
    ovs_list_remove(&c->quiet_node);
    client_due_clear(c);
    due_destroy(&c->due);
    outbox_destroy(&c->outbox);
    topic_destroy(c->topic);
    if (c->http) {
        http_stream_close(c->http);
    }
    free(c->at_id);
    free(c->viewer);
    free(c);
}

static void
client_put(struct client *c, struct event_text *text)
{
    outbox_put(&c->outbox, c->http, text);
    c->spoke = time_msec();
    ovs_list_remove(&c->quiet_node);
    ovs_list_push_back(&c->hub->quiet, &c->quiet_node);
}

void
client_say(struct client *c, struct event_text *text)
{
    client_put(c, text);
    event_text_unref(text);
}

void
client_tell(struct client *c, struct hub_event *event)
{
    client_put(c, hub_event_text(event, !c->topic->only_project));
    c->n_sent++;
    c->hub->n_sent++;
    if (event->with_id) {
        c->last_id = event->entry->seq;
    }
}

/* Where a client comes in that says 'last_event_id'. */
static void
client_resume(struct client *c, const char *last_event_id)
{
    const struct journal *journal = c->hub->config.journal;
    const char *reason;
    uint64_t seq;

    if (!last_event_id || !last_event_id[0]) {
        c->last_id = c->reached;
    } else if (!strcmp(last_event_id, "0")) {
        client_resync(c, "asked for");
    } else if ((reason = journal_resume(journal, last_event_id, &seq))) {
        client_resync(c, reason);
    } else {
        c->last_id = seq;
        if (seq < c->reached) {
            c->reached = seq;
            c->state = CLIENT_REPLAYING;
            client_schedule(c);
        }
    }
}

void
client_start(struct client *c, struct http_stream *http,
             const char *last_event_id)
{
    unsigned int retry = (CLIENT_RETRY_MIN_MS
                          + random_range(CLIENT_RETRY_MAX_MS
                                         - CLIENT_RETRY_MIN_MS));
    char id[JOURNAL_ID_SIZE];

    c->http = http;
    client_resume(c, last_event_id);
    journal_id_format(c->hub->config.journal, c->last_id, id);
    client_say(c, event_text_hello(retry,
                                   c->state == CLIENT_LIVE ? id : NULL));
}

void
client_resync(struct client *c, const char *reason)
{
    client_due_clear(c);
    c->state = CLIENT_RESYNC;
    c->reason = reason;
    c->hub->n_resyncs++;
    client_schedule(c);
}

/* Keeps for later that there is 'entry'. */
static void
client_add_due(struct client *c, const struct journal_entry *entry)
{
    size_t max = (c->hub->n_due < CLIENT_MAX_DUE_TOTAL
                  ? CLIENT_MAX_DUE : CLIENT_MIN_DUE);
    size_t n = c->due.n;

    due_add(&c->due, entry->seq, entry->verb, entry->resource, entry->id,
            entry->host);
    client_set_due(c, n);
    if (c->due.n > max) {
        client_resync(c, "too many objects changed for a client this slow");
    }
}

/* Whether a resync has passed the place of the object of 'entry', so that its
 * changes come after. */
static bool
client_has_passed(const struct client *c, const struct journal_entry *entry)
{
    for (size_t i = c->at_resource; i < TOPIC_N_RESOURCES; i++) {
        if (!strcmp(entry->resource, topic_resources[i])) {
            return i == c->at_resource && strcmp(entry->id, c->at_id) <= 0;
        }
    }
    return true;
}

/* The client is told at once if it keeps up. */
static bool
client_publish_live(struct client *c, struct hub_event *event)
{
    struct event_text *text = hub_event_text(event, !c->topic->only_project);

    if (outbox_has_room(&c->outbox, text->len)) {
        client_tell(c, event);
        return outbox_is_empty(&c->outbox);
    }
    c->state = CLIENT_BEHIND;
    client_add_due(c, event->entry);
    return false;
}

bool
client_publish(struct client *c, struct hub_event *event)
{
    const struct journal_entry *entry = event->entry;

    if (entry->seq <= c->reached || c->state == CLIENT_REPLAYING) {
        return false;
    }
    c->reached = entry->seq;
    switch (c->state) {
    case CLIENT_LIVE:
        return client_publish_live(c, event);
    case CLIENT_BEHIND:
    case CLIENT_RESYNC_CHANGES:
        client_add_due(c, entry);
        return false;
    case CLIENT_RESYNC_OBJECTS:
        /* What has not been passed will be found in its new state, but for
         * who has applied it. */
        if (entry->verb == JOURNAL_APPLIED || client_has_passed(c, entry)) {
            client_add_due(c, entry);
        }
        return false;
    case CLIENT_REPLAYING:      /* Reads it from the journal. */
    case CLIENT_RESYNC:         /* Finds it among the present objects. */
        return false;
    default:
        OVS_NOT_REACHED();
    }
}

void
client_keep_alive(struct client *c)
{
    uint64_t published = c->hub->published;
    char id[JOURNAL_ID_SIZE];
    bool news = c->state == CLIENT_LIVE && published > c->last_id;

    if (!outbox_is_empty(&c->outbox)) {
        /* It does not read: there is enough for it to find. */
        c->spoke = time_msec();
        ovs_list_remove(&c->quiet_node);
        ovs_list_push_back(&c->hub->quiet, &c->quiet_node);
        return;
    }

    /* A client that comes back need not ask for what was not for it. */
    if (news) {
        journal_id_format(c->hub->config.journal, published, id);
        c->last_id = published;
    }
    client_say(c, event_text_keep_alive(news ? id : NULL));
}

void
client_format(const struct client *c, struct ds *out)
{
    static const char *const states[] = {
        [CLIENT_LIVE] = "live",
        [CLIENT_BEHIND] = "behind",
        [CLIENT_REPLAYING] = "replaying",
        [CLIENT_RESYNC] = "resync",
        [CLIENT_RESYNC_OBJECTS] = "resync",
        [CLIENT_RESYNC_CHANGES] = "resync",
    };

    ds_put_format(out, "%-22s %-12s %-9s %10"PRIu64" %7"PRIuSIZE" %8"PRIuSIZE
                  " %10"PRIu64" ", http_stream_peer(c->http),
                  c->viewer[0] ? c->viewer : "-", states[c->state],
                  c->n_sent, c->due.n, c->outbox.bytes, c->last_id);
    topic_format(c->topic, out);
    ds_put_char(out, '\n');
}
