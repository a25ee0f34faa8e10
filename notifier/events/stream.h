/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_STREAM_H
#define EVENTS_STREAM_H 1

/* One client of GET /events.
 *
 *                        bounds exceeded
 *             live --------------------------> behind
 *              ^  ^ <------------------------     |
 *              |  |      nothing is due any more  |
 *              |  |                               | too much is due, or it is
 *              |  +--- replaying                  | no longer in the journal
 *       synced |           |                      |
 *              |           v                      |
 *            resync <-----------------------------+
 *
 * live: an event is sent when it is published.
 *
 * behind: the client does not read fast enough.  Events are merged for each
 * object (due.h).  Before what was merged comes
 *
 *     event: coalesced
 *     data: {"coalesced": {"events": 512, "objects": 3}}
 *
 * what follows up to the next of its kind, or to the end of 3 objects, stands
 * for 512 events.
 *
 * replaying: after Last-Event-ID.  Missed events are read from the journal,
 * each, in order, as fast as the client takes them; then it is live.
 *
 * resync: after Last-Event-ID: 0, or when what was missed cannot be told any
 * more.
 *
 *     event: resync
 *     data: {"resync": {"reason": "..."}}
 *
 * The client forgets what it knows.  The present objects that the topic is
 * about, whatever verbs it names, come as "updated" without id; what changes
 * meanwhile comes after them; then
 *
 *     event: synced
 *     id: 0f3a2b1c-1234
 *     data: {"synced": {}}
 *
 * and it is live.  A client that is cut off before has no new id, so asks for
 * the same again.
 *
 * Ids ascend.  A client that comes back with the last one it got is sent what
 * came after; of what had been merged, the later part: an "updated" of an
 * object it does not know yet, a "deleted" of one it does not know any more.
 * Every event has the whole object, so it takes the first as created and the
 * second as nothing.
 *
 * One thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "events/due.h"
#include "events/outbox.h"
#include "events/topic-index.h"
#include "openvswitch/list.h"

struct hub;
struct journal_entry;

/* Items that a slow client is due, at most; beyond that it is resynchronized.
 * 2 MB. */
#define STREAM_MAX_DUE 10000

/* Items that all slow clients are due together, 200 MB; beyond that each may
 * have STREAM_MIN_DUE alone. */
#define STREAM_MAX_DUE_TOTAL 1000000
#define STREAM_MIN_DUE 100

/* Entries, or objects, read from the journal in one go for one stream. */
#define STREAM_BATCH 64

/* Clients come back after a time between these, in ms, so that those of a
 * notifier that is restarted do not all come at once. */
#define STREAM_RETRY_MIN_MS 1000
#define STREAM_RETRY_MAX_MS 5000

enum stream_state {
    STREAM_LIVE,
    STREAM_BEHIND,
    STREAM_REPLAYING,
    STREAM_RESYNC_OBJECTS,      /* The present objects. */
    STREAM_RESYNC_CHANGES       /* What changed meanwhile. */
};

struct stream {
    struct hub *hub;
    struct topic_watcher watcher;
    struct topic *topic;        /* Owned. */
    char *viewer;
    struct http_stream *http;
    struct outbox outbox;
    enum stream_state state;

    /* Everything up to here is sent, or kept to be, as far as 'state' lets
     * it. */
    uint64_t reached;
    struct due due;

    /* In a resync: what the client has been told of, up to this object; which
     * number "synced" will have. */
    size_t at_resource;         /* In topic_resources. */
    char *at_id;                /* "" before the first. */
    uint64_t cut;

    struct ovs_list node;       /* In hub's 'streams'. */
    struct ovs_list work_node;  /* In hub's 'work' if there is any. */
    struct ovs_list quiet_node; /* In hub's 'quiet', by 'spoke'. */
    long long int spoke;        /* When something was last sent, time_msec. */

    uint64_t n_sent;            /* Events. */
    uint64_t last_id;           /* Last sequence number sent as an id. */
};

#endif /* events/stream.h */
