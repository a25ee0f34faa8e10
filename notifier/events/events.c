/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See events.h. */

#include <config.h>

#include "events/events.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "events/catch-up.h"
#include "events/facts.h"
#include "events/hub.h"
#include "events/client.h"
#include "events/text.h"
#include "events/topic.h"
#include "http/request.h"
#include "metrics.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "simap.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(events);

COVERAGE_DEFINE(events_published);
COVERAGE_DEFINE(events_catch_up);
COVERAGE_DEFINE(events_refused);

/* Microseconds of each pass of the loop that go to streams which catch up, so
 * that live events need not wait longer. */
#define CATCH_UP_USEC 2000

struct events {
    struct hub hub;
};

struct events *
events_create(const struct events_config *config)
{
    struct events *events = xzalloc(sizeof *events);
    struct hub *hub = &events->hub;

    hub->config = *config;
    topic_index_init(&hub->index);
    hub->published = journal_head(config->journal);
    ovs_list_init(&hub->streams);
    ovs_list_init(&hub->work);
    ovs_list_init(&hub->quiet);
    if (config->metrics) {
        hub->metric_latency = metrics_histogram(
            config->metrics, "sluice_event_seconds",
            "From when a change was seen until its event was sent, for each "
            "stream that keeps up.", "");
        hub->metric_sent = metrics_counter(
            config->metrics, "sluice_events_sent_total",
            "Events published to streams that keep up.", "");
        hub->metric_streams = metrics_gauge(
            config->metrics, "sluice_event_streams",
            "Clients of GET /events.", "");
    }
    return events;
}

void
events_destroy(struct events *events)
{
    if (events) {
        struct hub *hub = &events->hub;
        struct client *c;

        LIST_FOR_EACH_SAFE (c, node, &hub->streams) {
            client_destroy(c);
        }
        topic_index_destroy(&hub->index);
        free(events);
    }
}

/* Why there can be no stream with 'topic'. */
static char *
hub_refuse(const struct hub *hub, const struct topic *topic)
{
    if (hub->n_streams >= EVENTS_MAX_STREAMS) {
        return xasprintf("There are %u event streams already, as many as "
                         "there can be.", hub->n_streams);
    } else if (hub->n_values + topic_n_values(topic) > EVENTS_MAX_VALUES) {
        return xasprintf("The filters of all event streams have %"PRIuSIZE
                         " values already; with these there would be more "
                         "than %d.", hub->n_values, EVENTS_MAX_VALUES);
    }
    return NULL;
}

/* A browser that comes back sends both: what it got last is in the header. */
static char *
last_event_id(const struct http_request *request)
{
    const char *id = http_request_header(request, "Last-Event-ID");

    if (!id || !id[0]) {
        id = http_request_query(request, "last_event_id");
    }
    return nullable_xstrdup(id);
}

char *
events_subscribe(struct events *events, struct http_request *request,
                 struct topic *topic, const char *viewer)
{
    char *error = hub_refuse(&events->hub, topic);
    struct http_stream *http;
    struct client *c;
    char *last_id;

    if (error) {
        COVERAGE_INC(events_refused);
        topic_destroy(topic);
        return error;
    }
    last_id = last_event_id(request);
    c = client_create(&events->hub, topic, viewer);
    http = http_request_detach(request, &client_class, c, NULL, 0);
    if (http) {
        client_start(c, http, last_id);
    } else {
        client_destroy(c);
    }
    free(last_id);
    return NULL;
}

/* What a dispatch carries along. */
struct publication {
    struct hub *hub;
    struct hub_event event;
    long long int seen_usec;
};

static void
publish_to(struct topic_watcher *watcher, void *publication)
{
    struct client *c = CONTAINER_OF(watcher, struct client, watcher);
    struct publication *p = publication;

    if (client_publish(c, &p->event)) {
        long long int usec = time_usec() - p->seen_usec;

        latency_add(&p->hub->latency, usec);
        if (p->hub->metric_latency) {
            metrics_observe_usec(p->hub->metric_latency, usec);
            p->hub->metric_sent->value++;
        }
    }
}

void
events_publish(struct events *events, const struct journal_entry *entry,
               long long int seen_usec)
{
    struct hub *hub = &events->hub;
    struct publication p = { .hub = hub, .seen_usec = seen_usec };
    struct topic_facts facts;

    COVERAGE_INC(events_published);
    hub->published = MAX(hub->published, entry->seq);
    facts_from_entry(entry, &facts);
    if (hub->index.n_restricted) {
        facts.shared = facts_is_shared(hub->config.journal, entry);
    }
    hub_event_init(&p.event, hub, entry);
    topic_index_dispatch(&hub->index, &facts, publish_to, &p);
    hub_event_destroy(&p.event);
}

/* Does a part of what there is to do for 'c', which is in no list. */
static void
catch_up(struct hub *hub, struct client *c)
{
    char *error = client_catch_up(c);

    COVERAGE_INC(events_catch_up);
    if (error) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

        VLOG_ERR_RL(&rl, "%s: closing the event stream: %s",
                    http_stream_peer(c->http), error);
        free(error);
        client_destroy(c);
    } else if (ovs_list_is_empty(&c->work_node) && client_can_catch_up(c)) {
        ovs_list_push_back(&hub->work, &c->work_node);
    }
}

static void
run_work(struct hub *hub)
{
    long long int deadline;

    if (ovs_list_is_empty(&hub->work)) {
        return;
    }
    deadline = time_usec() + CATCH_UP_USEC;
    do {
        struct client *c = CONTAINER_OF(ovs_list_pop_front(&hub->work),
                                        struct client, work_node);

        ovs_list_init(&c->work_node);
        catch_up(hub, c);
    } while (!ovs_list_is_empty(&hub->work) && time_usec() < deadline);
}

/* The stream that has been quiet for longest, or NULL. */
static struct client *
most_quiet(const struct hub *hub)
{
    return (ovs_list_is_empty(&hub->quiet) ? NULL
            : CONTAINER_OF(ovs_list_front(&hub->quiet), struct client,
                           quiet_node));
}

static void
run_keep_alive(struct hub *hub)
{
    long long int due = time_msec() - EVENTS_KEEP_ALIVE_MS;
    struct client *c;

    while ((c = most_quiet(hub)) && c->spoke <= due) {
        client_keep_alive(c);
    }
}

void
events_run(struct events *events)
{
    struct hub *hub = &events->hub;

    run_work(hub);
    run_keep_alive(hub);
    if (hub->metric_streams) {
        hub->metric_streams->value = hub->n_streams;
    }
}

void
events_wait(struct events *events)
{
    const struct hub *hub = &events->hub;
    const struct client *c = most_quiet(hub);

    if (!ovs_list_is_empty(&hub->work)) {
        poll_immediate_wake();
    } else if (c) {
        poll_timer_wait_until(c->spoke + EVENTS_KEEP_ALIVE_MS);
    }
}

void
events_get_stats(const struct events *events, struct events_stats *stats)
{
    const struct hub *hub = &events->hub;

    *stats = (struct events_stats) {
        .streams = hub->n_streams,
        .values = hub->n_values,
        .sent = hub->n_sent,
        .resyncs = hub->n_resyncs,
        .visited = hub->index.n_visited,
        .matched = hub->index.n_matched,
        .queued = event_text_total(),
        .due = hub->n_due,
    };
}

void
events_format_clients(const struct events *events, struct ds *out)
{
    const struct client *c;

    ds_put_format(out, "%-22s %-12s %-9s %10s %7s %8s %10s %s\n", "peer",
                  "viewer", "state", "sent", "due", "unsent", "last id",
                  "topic");
    LIST_FOR_EACH (c, node, &events->hub.streams) {
        client_format(c, out);
    }
}

void
events_format_latency(const struct events *events, struct ds *out)
{
    latency_format(&events->hub.latency, "change to event", out);
}

void
events_memory_usage(const struct events *events, struct simap *usage)
{
    const struct hub *hub = &events->hub;

    simap_increase(usage, "event-streams", hub->n_streams);
    simap_increase(usage, "event-filter-values", hub->n_values);
    simap_increase(usage, "events-due", hub->n_due);
    simap_increase(usage, "event-bytes", event_text_total());
}
