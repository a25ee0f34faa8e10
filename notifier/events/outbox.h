/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_OUTBOX_H
#define EVENTS_OUTBOX_H 1

/* What a stream has been given and the kernel does not take yet: whole texts
 * in order, within bounds.  One thread. */

#include <stdbool.h>
#include <stddef.h>

struct event_text;
struct http_stream;

/* Bytes kept for one stream beyond what the kernel keeps
 * (HTTP_STREAM_SNDBUF): some hundred events, a burst that is to be had in
 * full.  What comes beyond is coalesced. */
#define OUTBOX_MAX (256 * 1024)

/* Bytes of all texts kept for anybody, each counted once.  Beyond that a
 * stream is given a text only when it has none. */
#define OUTBOX_MAX_TOTAL (256 * 1024 * 1024)

struct outbox {
    struct event_text **texts;  /* A ring; the first is texts[head]. */
    size_t n, head, allocated;
    size_t sent;                /* Bytes of the first that have gone. */
    size_t bytes;               /* That have not, of all. */
};

void outbox_init(struct outbox *);
void outbox_destroy(struct outbox *);
bool outbox_is_empty(const struct outbox *);

/* Whether there is room for 'len' bytes more. */
bool outbox_has_room(const struct outbox *, size_t len);

/* Sends 'text' to 'http', or keeps what of it does not go yet; takes a
 * reference of its own.  The caller has asked for room, or has good reason not
 * to (bounded by itself). */
void outbox_put(struct outbox *, struct http_stream *http,
                struct event_text *text);

/* Sends what goes of what was kept. */
void outbox_flush(struct outbox *, struct http_stream *http);

#endif /* events/outbox.h */
