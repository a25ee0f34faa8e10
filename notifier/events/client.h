/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_CLIENT_H
#define EVENTS_CLIENT_H 1

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
 *     data: {"coalesced":{"events":512,"objects":3}}
 *
 * which says for how many events the objects stand that follow, together with
 * those that came and went meanwhile; it comes again when more were merged
 * before all had been sent.
 *
 * replaying: after Last-Event-ID.  Missed events are read from the journal,
 * each, in order, as fast as the client takes them; then it is live.
 *
 * resync: after Last-Event-ID: 0, or when what was missed cannot be told any
 * more.
 *
 *     event: resync
 *     data: {"resync":{"reason":"..."}}
 *
 * The client forgets what it knows.  The present objects that the topic is
 * about, whatever verbs it names, come as "updated" without id; what changes
 * meanwhile comes after them; then
 *
 *     event: synced
 *     id: 0f3a2b1c-1234
 *     data: {"synced":{}}
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

#include "compiler.h"
#include "events/due.h"
#include "events/outbox.h"
#include "events/topic-index.h"
#include "http/stream.h"
#include "openvswitch/list.h"

struct ds;
struct event_text;
struct hub;
struct hub_event;

/* Items that a slow client is due, at most; beyond that it is resynchronized.
 * 2 MB. */
#define CLIENT_MAX_DUE 10000

/* Items that all slow clients are due together, 200 MB; beyond that each may
 * have CLIENT_MIN_DUE alone. */
#define CLIENT_MAX_DUE_TOTAL 1000000
#define CLIENT_MIN_DUE 100

/* Clients come back after a time between these, in ms, so that those of a
 * notifier that is restarted do not all come at once. */
#define CLIENT_RETRY_MIN_MS 1000
#define CLIENT_RETRY_MAX_MS 5000

enum client_state {
    CLIENT_LIVE,
    CLIENT_BEHIND,
    CLIENT_REPLAYING,
    CLIENT_RESYNC,              /* To be told that there will be one. */
    CLIENT_RESYNC_OBJECTS,      /* The present objects. */
    CLIENT_RESYNC_CHANGES       /* What changed meanwhile. */
};

struct client {
    struct hub *hub;
    struct topic_watcher watcher;
    struct topic *topic;        /* Owned. */
    char *viewer;
    struct http_stream *http;
    struct outbox outbox;
    enum client_state state;

    /* No event up to here is to be published to this stream: it has been told,
     * or will be by what 'state' says. */
    uint64_t reached;
    struct due due;

    /* In a resync: why; up to which object the client has been told of what is
     * there; which number "synced" will have. */
    const char *reason;
    size_t at_resource;         /* In topic_resources. */
    char *at_id;                /* "" before the first. */
    uint64_t cut;

    struct ovs_list node;       /* In hub's 'streams'. */
    struct ovs_list work_node;  /* In hub's 'work' if it could catch up. */
    struct ovs_list quiet_node; /* In hub's 'quiet', by 'spoke'. */
    long long int spoke;        /* When something was last sent, time_msec. */

    uint64_t n_sent;            /* Events. */
    uint64_t last_id;           /* Last sequence number sent as an id. */
};

/* For http_request_detach(), with the stream as 'aux'. */
extern const struct http_stream_class client_class;

/* Takes over 'topic'.  The stream has to be started or destroyed. */
struct client *client_create(struct hub *, struct topic *topic,
                             const char *viewer);

/* Says hello on 'http', which is taken over, and goes on after
 * 'last_event_id': see events_subscribe(). */
void client_start(struct client *, struct http_stream *http,
                  const char *last_event_id);

/* Closes the connection, if there is one. */
void client_destroy(struct client *);

/* Tells the stream of an event that its topic is about.  Returns true if the
 * kernel has all of it. */
bool client_publish(struct client *, struct hub_event *);

/* Whether there is something to catch up with, and room for it. */
bool client_can_catch_up(const struct client *);

/* Says that the stream is alive. */
void client_keep_alive(struct client *);

void client_format(const struct client *, struct ds *);

/* For catch-up.c. */

/* Sends 'text', which it takes over. */
void client_say(struct client *, struct event_text *text);

/* Sends an event that the viewer may see. */
void client_tell(struct client *, struct hub_event *);

/* The client is to be told of everything anew. */
void client_resync(struct client *, const char *reason);

/* Takes the first item from what is due. */
void client_due_pop(struct client *);

#endif /* events/client.h */
