/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_HUB_H
#define EVENTS_HUB_H 1

/* What the streams have in common: where events come from, who is to be told,
 * who has work to do.  Made by events.c, known to it and to the streams.  One
 * thread. */

#include <stddef.h>
#include <stdint.h>

#include "events/events.h"
#include "events/topic-index.h"
#include "journal/journal.h"
#include "latency.h"
#include "openvswitch/list.h"

struct event_text;
struct metrics_counter;
struct metrics_gauge;
struct metrics_histogram;

struct hub {
    struct events_config config;
    struct topic_index index;
    uint64_t published;         /* The last number that was, or would be. */

    struct ovs_list streams;    /* "struct client"s, by 'node'. */
    struct ovs_list work;       /* Those that could catch up at once. */
    struct ovs_list quiet;      /* All, the longest quiet first. */

    unsigned int n_streams;
    size_t n_values;            /* In their topics. */
    size_t n_due;               /* Items that they are due. */
    uint64_t n_sent;            /* Events, by all streams ever. */
    uint64_t n_resyncs;

    struct latency latency;     /* From 'seen' until the kernel has it. */
    struct metrics_histogram *metric_latency; /* NULL: nobody wants them. */
    struct metrics_counter *metric_sent;
    struct metrics_gauge *metric_streams;
};

/* An event in hand: an entry and what has been made of it so far. */
struct hub_event {
    const struct hub *hub;
    const struct journal_entry *entry;
    enum journal_verb verb;     /* The entry's, or what it was merged to. */
    bool with_id;
    struct event_text *whole;   /* NULL: not made yet. */
    struct event_text *stripped; /* For those who are not admins. */
};

void hub_event_init(struct hub_event *, const struct hub *,
                    const struct journal_entry *);
void hub_event_destroy(struct hub_event *);

/* The text of 'event' for those who see all of it or for the others; made when
 * it is first asked for.  Belongs to 'event'. */
struct event_text *hub_event_text(struct hub_event *event, bool whole);

#endif /* events/hub.h */
