/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See cursor.h. */

#include <config.h>

#include "cursor.h"

#include <string.h>

#include "openvswitch/uuid.h"
#include "uuid.h"

struct cursor
cursor_of(struct span span)
{
    return (struct cursor) { .p = span.p, .end = span.p + span.n };
}

char
cursor_peek(struct cursor *c)
{
    while (c->p < c->end
           && (*c->p == ' ' || *c->p == '\n' || *c->p == '\t'
               || *c->p == '\r')) {
        c->p++;
    }
    return c->p < c->end && !c->bad ? *c->p : 0;
}

bool
cursor_take(struct cursor *c, char what)
{
    bool there = cursor_peek(c) == what;

    c->p += there;
    return there;
}

bool
cursor_expect(struct cursor *c, char what)
{
    if (!cursor_take(c, what)) {
        c->bad = true;
    }
    return !c->bad;
}

bool
cursor_next(struct cursor *c, char close, unsigned int *i)
{
    if (cursor_take(c, close)) {
        return false;
    }
    return !(*i)++ ? cursor_peek(c) != 0 : cursor_expect(c, ',');
}

/* Sets 'c' to behind the closing quote of the string whose first character is
 * next. */
static void
pass_string(struct cursor *c)
{
    while (c->p < c->end && *c->p != '"') {
        c->p += *c->p == '\\' ? 2 : 1;
    }
    if (c->p < c->end) {
        c->p++;
    } else {
        c->bad = true;
    }
}

struct span
cursor_string(struct cursor *c)
{
    struct span span = { "", 0 };

    if (cursor_expect(c, '"')) {
        const char *start = c->p;

        pass_string(c);
        if (!c->bad) {
            span = (struct span) { start, c->p - start - 1 };
        }
    }
    return span;
}

struct span
cursor_name(struct cursor *c)
{
    struct span name = cursor_string(c);

    cursor_expect(c, ':');
    return name;
}

/* Steps over an array or object. */
static void
pass_nested(struct cursor *c)
{
    int depth = 0;

    do {
        char ch = *c->p++;

        if (ch == '"') {
            pass_string(c);
        } else if (ch == '{' || ch == '[') {
            depth++;
        } else if (ch == '}' || ch == ']') {
            depth--;
        }
    } while (depth && c->p < c->end && !c->bad);
    c->bad = c->bad || depth;
}

struct span
cursor_skip(struct cursor *c)
{
    char next = cursor_peek(c);
    const char *start = c->p;

    if (next == '"') {
        cursor_string(c);
    } else if (next == '{' || next == '[') {
        pass_nested(c);
    } else {
        while (c->p < c->end && !memchr(",]} \n\t\r", *c->p, 7)) {
            c->p++;
        }
        c->bad = c->bad || c->p == start;
    }
    return c->bad ? (struct span) { "", 0 }
                  : (struct span) { start, c->p - start };
}

bool
span_equals(struct span span, const char *s)
{
    return !strncmp(span.p, s, span.n) && !s[span.n];
}

bool
span_uuid(struct span span, struct uuid *uuid)
{
    return span.n == UUID_LEN && uuid_from_string_prefix(uuid, span.p);
}

size_t
framer_feed(struct framer *f, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = p[i];

        if (f->in_string) {
            if (f->escaped) {
                f->escaped = false;
            } else if (c == '\\') {
                f->escaped = true;
            } else if (c == '"') {
                f->in_string = false;
            }
        } else if (c == '"') {
            f->in_string = true;
        } else if (c == '{' || c == '[') {
            f->depth++;
        } else if ((c == '}' || c == ']') && --f->depth <= 0) {
            f->depth = 0;
            return i + 1;
        }
    }
    return 0;
}
