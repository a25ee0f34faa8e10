/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See outbox.h.  Between a stream and its connection, whose errors are the
 * connection's to report. */

#include <config.h>

#include "events/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "events/text.h"
#include "http/stream.h"
#include "util.h"

void
outbox_init(struct outbox *outbox)
{
    memset(outbox, 0, sizeof *outbox);
}

void
outbox_destroy(struct outbox *outbox)
{
    for (size_t i = 0; i < outbox->n; i++) {
        event_text_unref(outbox->texts[(outbox->head + i)
                                       % outbox->allocated]);
    }
    free(outbox->texts);
}

bool
outbox_is_empty(const struct outbox *outbox)
{
    return !outbox->n;
}

bool
outbox_has_room(const struct outbox *outbox, size_t len)
{
    return (outbox_is_empty(outbox)
            || (outbox->bytes + len <= OUTBOX_MAX
                && event_text_total() + len <= OUTBOX_MAX_TOTAL));
}

static void
outbox_grow(struct outbox *outbox)
{
    size_t allocated = MAX(8, outbox->allocated * 2);
    struct event_text **texts = xmalloc(allocated * sizeof *texts);

    for (size_t i = 0; i < outbox->n; i++) {
        texts[i] = outbox->texts[(outbox->head + i) % outbox->allocated];
    }
    free(outbox->texts);
    outbox->texts = texts;
    outbox->allocated = allocated;
    outbox->head = 0;
}

void
outbox_put(struct outbox *outbox, struct http_stream *http,
           struct event_text *text)
{
    size_t sent = 0;

    if (outbox_is_empty(outbox)) {
        sent = http_stream_send(http, text->bytes, text->len);
        if (sent == text->len) {
            return;
        }
        outbox->sent = sent;
    }
    if (outbox->n == outbox->allocated) {
        outbox_grow(outbox);
    }
    outbox->texts[(outbox->head + outbox->n++) % outbox->allocated]
        = event_text_ref(text);
    outbox->bytes += text->len - sent;
}

void
outbox_flush(struct outbox *outbox, struct http_stream *http)
{
    while (outbox->n) {
        struct event_text *text = outbox->texts[outbox->head];
        size_t left = text->len - outbox->sent;
        size_t n = http_stream_send(http, text->bytes + outbox->sent, left);

        outbox->bytes -= n;
        outbox->sent += n;
        if (n < left) {
            return;
        }
        outbox->sent = 0;
        outbox->head = (outbox->head + 1) % outbox->allocated;
        outbox->n--;
        event_text_unref(text);
    }

    /* Most streams are never behind: they need no ring. */
    free(outbox->texts);
    outbox_init(outbox);
}
