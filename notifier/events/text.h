/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_TEXT_H
#define EVENTS_TEXT_H 1

/* The bytes of events, as the WHATWG's "Server-sent events" has them: made
 * once, shared by all the streams that get them.  JSON is compact, like that
 * of the API's replies.
 *
 * A text is counted by references; it is made with one, for the caller.  One
 * thread. */

#include <stddef.h>
#include <stdint.h>

#include "journal/journal.h"

struct event_text {
    size_t n_refs;
    size_t len;
    char bytes[];
};

struct event_text *event_text_ref(struct event_text *);
void event_text_unref(struct event_text *);

/* Bytes of all texts there are. */
size_t event_text_total(void);

/* Data {"RESOURCE":OBJECT}, as GET answers; 'id' NULL for none.  A newline in
 * 'object', which would end the event, becomes a space: JSON has them between
 * tokens alone. */
struct event_text *event_text_object(const char *verb, const char *id,
                                     const char *resource,
                                     const char *object);

/* The same with verb "applied" and, beside the object, "applied":{"host":HOST,
 * "revision_number":REVISION}; without "host" if 'host' is NULL. */
struct event_text *event_text_applied(const char *id, const char *resource,
                                      const char *object, const char *host,
                                      int64_t revision);

/* What a stream begins with: when to come back after it has ended, and after
 * which event, should no other come ('id' NULL: none). */
struct event_text *event_text_hello(unsigned int retry_ms, const char *id);

/* For a quiet stream; with 'id' unless NULL. */
struct event_text *event_text_keep_alive(const char *id);

/* What follows are 'objects' events that stand for 'events'. */
struct event_text *event_text_coalesced(uint64_t events, uint64_t objects);

/* Forget what you know: here are the present objects. */
struct event_text *event_text_resync(const char *reason);

/* These were all. */
struct event_text *event_text_synced(const char *id);

#endif /* events/text.h */
