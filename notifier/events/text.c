/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See text.h.  Between the journal's objects and the wire. */

#include <config.h>

#include "events/text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

static size_t total;

struct event_text *
event_text_ref(struct event_text *text)
{
    text->n_refs++;
    return text;
}

void
event_text_unref(struct event_text *text)
{
    if (text && !--text->n_refs) {
        total -= text->len;
        free(text);
    }
}

size_t
event_text_total(void)
{
    return total;
}

/* Takes over what is in 's'. */
static struct event_text *
event_text_from_ds(struct ds *s)
{
    struct event_text *text = xmalloc(sizeof *text + s->length);

    text->n_refs = 1;
    text->len = s->length;
    memcpy(text->bytes, s->string, s->length);
    total += text->len;
    ds_destroy(s);
    return text;
}

static void
put_head(struct ds *s, const char *event, const char *id)
{
    ds_put_format(s, "event: %s\n", event);
    if (id) {
        ds_put_format(s, "id: %s\n", id);
    }
    ds_put_cstr(s, "data: ");
}

static void
put_object(struct ds *s, const char *resource, const char *object)
{
    size_t start, i;

    ds_put_format(s, "{\"%s\":", resource);
    start = s->length;
    ds_put_cstr(s, object);
    for (i = start; i < s->length; i++) {
        if (s->string[i] == '\n' || s->string[i] == '\r') {
            s->string[i] = ' ';
        }
    }
}

struct event_text *
event_text_object(const char *verb, const char *id, const char *resource,
                  const char *object)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_reserve(&s, strlen(object) + 128);
    put_head(&s, verb, id);
    put_object(&s, resource, object);
    ds_put_cstr(&s, "}\n\n");
    return event_text_from_ds(&s);
}

/* Appends 'json', which it takes over, an object, from after its brace. */
static void
put_members(struct ds *s, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);

    ds_put_cstr(s, text + 1);
    free(text);
    json_decref(json);
}

struct event_text *
event_text_applied(const char *id, const char *resource, const char *object,
                   const char *host, int64_t revision)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_reserve(&s, strlen(object) + 256);
    put_head(&s, "applied", id);
    put_object(&s, resource, object);
    ds_put_char(&s, ',');
    put_members(&s, json_pack("{s:{s:s*, s:I}}", "applied", "host", host,
                              "revision_number", (json_int_t) revision));
    ds_put_cstr(&s, "\n\n");
    return event_text_from_ds(&s);
}

struct event_text *
event_text_hello(unsigned int retry_ms, const char *id)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "retry: %u\n", retry_ms);
    if (id) {
        ds_put_format(&s, "id: %s\n", id);
    }
    ds_put_char(&s, '\n');
    return event_text_from_ds(&s);
}

struct event_text *
event_text_keep_alive(const char *id)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, ": keep-alive\n");
    if (id) {
        ds_put_format(&s, "id: %s\n", id);
    }
    ds_put_char(&s, '\n');
    return event_text_from_ds(&s);
}

/* An event of the stream itself; takes over 'json'. */
static struct event_text *
event_text_control(const char *event, const char *id, json_t *json)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    put_head(&s, event, id);
    ds_put_char(&s, '{');
    put_members(&s, json);
    ds_put_cstr(&s, "\n\n");
    return event_text_from_ds(&s);
}

struct event_text *
event_text_coalesced(uint64_t events, uint64_t objects)
{
    return event_text_control(
        "coalesced", NULL,
        json_pack("{s:{s:I, s:I}}", "coalesced",
                  "events", (json_int_t) events,
                  "objects", (json_int_t) objects));
}

struct event_text *
event_text_resync(const char *reason)
{
    return event_text_control("resync", NULL, json_pack("{s:{s:s}}", "resync",
                                                        "reason", reason));
}

struct event_text *
event_text_synced(const char *id)
{
    return event_text_control("synced", id, json_pack("{s:{}}", "synced"));
}
