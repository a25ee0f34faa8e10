/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Where messages end.  See framer.h.
 *
 * A message that is whole in the bytes fed is copied once, to memory of its
 * own size; only one that is cut up grows in a buffer, which leaves with it.
 * After an error nothing is held but the words. */

#include <config.h>

#include "rpc/framer.h"

#include <string.h>

#include "util.h"

void
rpc_framer_init(struct rpc_framer *f, size_t max)
{
    *f = (struct rpc_framer) { .max = max };
}

void
rpc_framer_destroy(struct rpc_framer *f)
{
    if (f) {
        free(f->buf);
        free(f->error);
        rpc_framer_init(f, f->max);
    }
}

/* Enters the state of error; takes 'error'. */
static enum rpc_framer_status
fail(struct rpc_framer *f, char *error)
{
    free(f->buf);
    f->buf = NULL;
    f->len = f->allocated = 0;
    f->error = error;
    return RPC_FRAMER_ERROR;
}

static bool
is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Follows 'c' inside of a message.  False if it cannot be. */
static bool
step(struct rpc_framer *f, char c)
{
    if (!c) {
        return false;
    } else if (f->in_string) {
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
        return ++f->depth <= RPC_FRAMER_MAX_DEPTH;
    } else if (c == '}' || c == ']') {
        f->depth--;
    }
    return true;
}

/* Appends 'n' bytes to what there is of the message; the buffer doubles, so
 * that a byte is moved a bounded number of times. */
static void
append(struct rpc_framer *f, const char *data, size_t n)
{
    if (f->len + n + 1 > f->allocated) {
        f->allocated = MAX(f->len + n + 1, MIN(2 * f->allocated, f->max + 1));
        f->buf = xrealloc(f->buf, f->allocated);
    }
    memcpy(f->buf + f->len, data, n);
    f->len += n;
    f->buf[f->len] = '\0';
}

/* Hands the message out. */
static char *
take(struct rpc_framer *f, size_t *len)
{
    char *message = f->buf;

    *len = f->len;
    f->buf = NULL;
    f->len = f->allocated = 0;
    return message;
}

static char *
bad_byte(const struct rpc_framer *f, char c)
{
    if (!c) {
        return xstrdup("a null byte");
    } else if (f->depth) {
        return xasprintf("nesting deeper than %d", RPC_FRAMER_MAX_DEPTH);
    }
    return xasprintf("a message that begins with byte 0x%02x: neither an "
                     "object nor an array", (unsigned char) c);
}

enum rpc_framer_status
rpc_framer_feed(struct rpc_framer *f, const char *data, size_t n,
                size_t *used, char **message, size_t *len)
{
    size_t start = 0;

    *used = 0;
    if (f->error) {
        return RPC_FRAMER_ERROR;
    }
    if (!f->depth) {
        while (start < n && is_white(data[start])) {
            start++;
        }
        if (start < n && data[start] != '{' && data[start] != '[') {
            return fail(f, bad_byte(f, data[start]));
        }
    }

    size_t room = f->max - f->len;
    size_t end = n - start > room ? start + room : n;
    for (size_t i = start; i < end; i++) {
        if (!step(f, data[i])) {
            return fail(f, bad_byte(f, data[i]));
        }
        if (!f->depth) {
            append(f, data + start, i + 1 - start);
            *used = i + 1;
            *message = take(f, len);
            return RPC_FRAMER_MESSAGE;
        }
    }
    if (end < n) {
        return fail(f, xasprintf("a message of more than %"PRIuSIZE" bytes",
                                 f->max));
    }
    if (start < n) {
        append(f, data + start, n - start);
    }
    *used = n;
    return RPC_FRAMER_MORE;
}
