/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SWARM_CURSOR_H
#define SWARM_CURSOR_H 1

/* Reads JSON where it lies.
 *
 * Ten thousand agents' first sync is a third of a gigabyte of JSON, which one
 * process reads while the server that is measured writes it: a tree of each
 * message would cost more than all else the agents do, and they keep a hash of
 * a value anyhow.  A cursor goes over the text of one message once.
 *
 * What is not as expected makes a cursor bad, and it stays so: from then on
 * nothing is found, every iteration ends, and strings are empty.  So it is
 * enough to look at 'bad' at the end. */

#include <stdbool.h>
#include <stddef.h>

/* A part of a text that somebody else owns. */
struct span {
    const char *p;
    size_t n;
};

struct cursor {
    const char *p, *end;
    bool bad;
};

/* What a cursor needs to find the end of a message in a stream. */
struct framer {
    int depth;
    bool in_string, escaped;
};

struct uuid;

struct cursor cursor_of(struct span);

/* The next character that is not white space; 0 at the end. */
char cursor_peek(struct cursor *);

/* Steps over character 'c', if it is next.  Returns whether it was. */
bool cursor_take(struct cursor *, char c);

/* The same, and the cursor is bad if it was not. */
bool cursor_expect(struct cursor *, char c);

/* Iterates over an array or object whose opening bracket has been taken.
 * Returns true if there is another element, false at the 'close'ing bracket,
 * which it takes.  '*i' must be 0 at first, and counts them. */
bool cursor_next(struct cursor *, char close, unsigned int *i);

/* Takes a string; the name of a member and its colon; any value.  What comes
 * back is the text between the quotes as it stands, or the whole value. */
struct span cursor_string(struct cursor *);
struct span cursor_name(struct cursor *);
struct span cursor_skip(struct cursor *);

bool span_equals(struct span, const char *);

/* Whether the text is a UUID, which goes to '*uuid'. */
bool span_uuid(struct span, struct uuid *uuid);

/* Takes 'n' bytes at 'p', which follow those taken before.  Returns how many
 * of them belong to the message under way, if it ends among them, and is ready
 * for the next; otherwise 0. */
size_t framer_feed(struct framer *, const char *p, size_t n);

#endif /* cursor.h */
