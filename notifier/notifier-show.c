/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What the notifier tells of itself: /healthz, /readyz, /metrics, and
 * ovs-appctl. */

#include <config.h>

#include "notifier.h"

#include <inttypes.h>

#include "api/api.h"
#include "collector.h"
#include "door/door.h"
#include "events/events.h"
#include "health.h"
#include "http/server.h"
#include "journal/journal.h"
#include "journal/recorder.h"
#include "latency.h"
#include "metrics.h"
#include "notifier-private.h"
#include "openvswitch/dynamic-string.h"
#include "simap.h"
#include "timeval.h"
#include "util.h"

void
notifier_show_init(struct notifier *notifier)
{
    notifier->lag_time = metrics_histogram(
        notifier->metrics, "sluice_commit_to_applied_seconds",
        "From seeing a change in the database to seeing that a hypervisor "
        "has applied it.", "");
    notifier->agents = metrics_gauge(
        notifier->metrics, "sluice_agents", "Agents registered.", "");
    notifier->agents_alive = metrics_gauge(
        notifier->metrics, "sluice_agents_alive", "Agents heard of.", "");
}

void
notifier_show_lag(struct notifier *notifier, long long int usec)
{
    metrics_observe_usec(notifier->lag_time, usec);
}

/* We answer, so we are well. */
bool
notifier_show_healthy(struct ds *text, void *notifier OVS_UNUSED)
{
    ds_put_cstr(text, "ok\n");
    return true;
}

bool
notifier_show_ready(struct ds *text, void *notifier_)
{
    struct notifier *notifier = notifier_;
    const char *problem = replica_problem(notifier->replica);
    bool ready = true;

    if (problem) {
        ds_put_format(text, "northbound database: %s\n", problem);
        ready = false;
    }
    problem = journal_problem(notifier->journal);
    if (problem) {
        ds_put_format(text, "journal: %s\n", problem);
        ready = false;
    } else if (!recorder_is_ready(notifier->recorder)) {
        ds_put_cstr(text, "journal: not compared with the database yet\n");
        ready = false;
    }
    if (ready) {
        ds_put_cstr(text, "ok\n");
    }
    return ready;
}

void
notifier_show_metrics(struct ds *text, void *notifier_)
{
    struct notifier *notifier = notifier_;
    size_t n, alive;

    health_count(notifier->health, &n, &alive);
    notifier->agents->value = n;
    notifier->agents_alive->value = alive;
    metrics_format(notifier->metrics, text);
}

static void
show_journal(struct notifier *notifier, struct ds *out)
{
    struct journal_status status;

    journal_get_status(notifier->journal, &status);
    ds_put_format(out, "journal: %s\n", status.path);
    ds_put_format(out, "  state: %s\n",
                  status.problem ? status.problem
                  : recorder_is_ready(notifier->recorder) ? "current"
                  : "not compared with the database yet");
    ds_put_format(out, "  entries: %"PRIu64" (%"PRIu64" to %"PRIu64"), "
                  "%"PRIu64" expired\n", status.n_entries, status.tail,
                  status.head, status.n_expired);
    ds_put_format(out, "  objects: %"PRIu64"\n", status.n_states);
    ds_put_format(out, "  size: %"PRIu64" bytes, log %"PRIu64" bytes\n",
                  status.bytes, status.wal_bytes);
    ds_put_format(out, "  commits: %"PRIu64", %"PRIu64" failed\n",
                  status.n_commits, status.n_failures);
}

static void
show_events(const struct notifier *notifier, struct ds *out)
{
    struct events_stats events;

    events_get_stats(notifier->events, &events);
    ds_put_format(out, "events: %u streams, %"PRIu64" sent\n",
                  events.streams, events.sent);
    ds_put_format(out, "  compared: %"PRIu64", matched: %"PRIu64
                  ", due: %"PRIuSIZE"\n", events.visited, events.matched,
                  events.due);
}

static void
show_http(const struct notifier *notifier, struct ds *out)
{
    struct http_stats stats;

    if (!notifier->http) {
        ds_put_cstr(out, "HTTP: none\n");
        return;
    }
    http_server_get_stats(notifier->http, &stats);
    ds_put_format(out, "HTTP: %s\n", notifier->listen);
    ds_put_format(out, "  access: %s\n",
                  notifier->auth ? "tokens" : "everybody is an admin");
    ds_put_format(out, "  connections: %u, streams: %u, requests waiting: "
                  "%u\n", stats.connections, stats.streams, stats.waiting);
    api_status(notifier->api, out);
}

static void
show_latency(const struct notifier *notifier, struct ds *out)
{
    struct journal_status status;

    ds_put_cstr(out, "latency (microseconds):\n");
    latency_format_heading(out);
    journal_get_status(notifier->journal, &status);
    latency_format(status.commit, "journal commit", out);
    events_format_latency(notifier->events, out);
}

void
notifier_status(struct notifier *notifier, struct ds *out)
{
    size_t n, alive;

    replica_status(notifier->replica, out);
    health_count(notifier->health, &n, &alive);
    ds_put_format(out, "agents: %"PRIuSIZE", %"PRIuSIZE" alive\n", n, alive);
    ds_put_format(out, "  bindings and locations collected: %"PRIu64"\n",
                  collector_count(notifier->collector));
    if (notifier->door) {
        door_status(notifier->door, out);
    } else {
        ds_put_cstr(out, "OVSDB: none\n");
    }
    if (notifier->journal) {
        show_journal(notifier, out);
        show_events(notifier, out);
    } else {
        ds_put_cstr(out, "journal: none\n");
    }
    show_http(notifier, out);
    if (notifier->journal) {
        show_latency(notifier, out);
    }
}

void
notifier_clients(const struct notifier *notifier, struct ds *out)
{
    if (notifier->events) {
        events_format_clients(notifier->events, out);
    }
}

static void
show_entry(const struct journal_row *row, void *out_)
{
    const struct journal_entry *entry = &row->entry;
    struct ds *out = out_;
    char *when = xastrftime_msec("%Y-%m-%d %H:%M:%S.###", entry->at_msec,
                                 true);

    ds_put_format(out, "%"PRIu64" %s %s %s %s", entry->seq, when,
                  journal_verb_to_string(entry->verb), entry->resource,
                  entry->id);
    if (entry->name[0]) {
        ds_put_format(out, " (%s)", entry->name);
    }
    if (entry->verb == JOURNAL_APPLIED) {
        ds_put_format(out, " revision %"PRId64" on %s", entry->revision,
                      entry->host);
    }
    if (entry->changes[0]) {
        ds_put_format(out, " %s", entry->changes);
    }
    if (entry->by[0]) {
        ds_put_format(out, " by %s", entry->by);
    }
    if (entry->comment[0]) {
        ds_put_format(out, ": %s", entry->comment);
    }
    ds_put_cstr(out, entry->recovered ? " [recovered]\n" : "\n");
    free(when);
}

void
notifier_journal(struct notifier *notifier, unsigned int n, struct ds *out)
{
    struct journal_query query = {
        .verbs = (1u << JOURNAL_N_VERBS) - 1,
        .limit = n,
    };
    char *error;
    bool more;

    if (!notifier->journal) {
        ds_put_cstr(out, "there is no journal\n");
        return;
    }
    error = journal_history(notifier->journal, &query, show_entry, out,
                            &more);
    if (error) {
        ds_put_format(out, "%s\n", error);
        free(error);
    }
}

void
notifier_memory_usage(const struct notifier *notifier, struct simap *usage)
{
    replica_memory_usage(notifier->replica, usage);
    if (notifier->door) {
        door_memory_usage(notifier->door, usage);
    }
    if (notifier->events) {
        events_memory_usage(notifier->events, usage);
    }
    if (notifier->api) {
        api_memory_usage(notifier->api, usage);
    }
}
