/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_H
#define EVENTS_H 1

/* GET /events: Server-Sent Events, to each client those it asked for.
 *
 *     event: updated
 *     id: 0f3a2b1c-1234
 *     data: {"port":{...}}
 *
 * The data is what GET of that object answers; see events/client.h for what
 * else is sent, and when.  Live events come from events_publish(), missed ones
 * from the journal.  An event costs in proportion to those who are told of
 * it, and is made into text once for all who may see the same of it.
 *
 * In the notifier's loop:
 *
 *     journal_append() ... journal_commit();
 *     events_publish() for each visible entry;
 *     http_server_run();
 *     events_run();
 *
 * Errors: those of a client's making are its own (400, 503, or its stream is
 * resynchronized or closed).  A journal that cannot be read ends the stream
 * that wanted to read it, with a log line: the client comes back.  One
 * thread. */

#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

struct ds;
struct events;
struct http_request;
struct journal;
struct journal_entry;
struct metrics;
struct simap;
struct topic;

/* Streams; one more is refused.  A quiet one costs some 1.1 kB here, and
 * its socket. */
#define EVENTS_MAX_STREAMS 20000

/* Values in the filters of all streams; a stream that would exceed that is
 * refused.  Each costs some 200 bytes, so 200 MB. */
#define EVENTS_MAX_VALUES 1000000

/* What is sent to a quiet stream, and after how many ms, so that proxies do
 * not take it for dead. */
#define EVENTS_KEEP_ALIVE_MS 15000

struct events_config {
    struct journal *journal;

    /* Returns, from malloc(), an object's text as those see it who are not
     * admins. */
    char *(*strip)(const char *resource, const char *object);

    struct metrics *metrics;    /* Where to count; NULL: nowhere. */
};

/* Borrows what 'config' points to. */
struct events *events_create(const struct events_config *);

/* Ends all streams. */
void events_destroy(struct events *);

/* Ends 'request' by making it the stream of 'topic', which is taken over.  It
 * goes on where the header Last-Event-ID, or else last_event_id in the query,
 * says; without either, with what is published from now on.  'viewer' is who
 * asks, for events_format_clients().
 *
 * Returns NULL, or why not, for the caller to free and to answer 'request'
 * with: a 503. */
char *events_subscribe(struct events *, struct http_request *request,
                       struct topic *topic, const char *viewer)
    OVS_WARN_UNUSED_RESULT;

/* Sends an entry that has been committed, in the order of their numbers.
 * 'seen_usec' is when the notifier learned of the change (time_usec()). */
void events_publish(struct events *, const struct journal_entry *,
                    long long int seen_usec);

/* Goes on with the streams that have something to catch up with, for a
 * bounded time; tells quiet ones that they are alive. */
void events_run(struct events *);
void events_wait(struct events *);

struct events_stats {
    unsigned int streams;
    size_t values;              /* In their filters. */
    uint64_t sent;              /* Events, of all streams ever. */
    uint64_t resyncs;           /* Likewise: begun. */
    uint64_t visited, matched;  /* As in "struct topic_index". */
    size_t queued;              /* Bytes of events kept, each once. */
    size_t due;                 /* Items that slow clients are due. */
};
void events_get_stats(const struct events *, struct events_stats *);

/* Appends a table, a line for each stream: "client/list". */
void events_format_clients(const struct events *, struct ds *);

/* Appends the histograms of lib/latency.h: from 'seen_usec' until the kernel
 * has it. */
void events_format_latency(const struct events *, struct ds *);

void events_memory_usage(const struct events *, struct simap *);

#endif /* events/events.h */
