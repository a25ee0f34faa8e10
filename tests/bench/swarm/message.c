/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See message.h. */

#include <config.h>

#include "message.h"

#include "world.h"

bool
message_parse(struct span text, struct message *m)
{
    const struct span none = { "", 0 };
    struct cursor c = cursor_of(text);
    unsigned int i = 0;

    *m = (struct message) { none, none, none, none, none };
    cursor_expect(&c, '{');
    while (cursor_next(&c, '}', &i)) {
        struct span name = cursor_name(&c);
        bool is_method = span_equals(name, "method");
        struct span value = is_method ? cursor_string(&c) : cursor_skip(&c);

        if (is_method) {
            m->method = value;
        } else if (span_equals(name, "id")) {
            m->id = value;
        } else if (span_equals(name, "params")) {
            m->params = value;
        } else if (span_equals(name, "result")) {
            m->result = value;
        } else if (span_equals(name, "error")) {
            m->error = value;
        }
    }
    return !c.bad;
}

bool
message_is_error(const struct message *m)
{
    return m->error.n && !span_equals(m->error, "null");
}

static bool
server_row_is_fine(struct span row)
{
    struct cursor c = cursor_of(row);
    bool ours = false, connected = false;
    unsigned int i = 0;

    cursor_expect(&c, '{');
    while (cursor_next(&c, '}', &i)) {
        struct span name = cursor_name(&c);
        struct span value = cursor_skip(&c);

        if (span_equals(name, "name")) {
            ours = span_equals(value, "\"" WORLD_DATABASE "\"");
        } else if (span_equals(name, "connected")) {
            connected = span_equals(value, "true");
        }
    }
    return !c.bad && ours && connected;
}

bool
message_server_is_fine(struct span updates)
{
    struct cursor c = cursor_of(updates);
    unsigned int n_tables = 0, n_rows = 0, n = 0;
    bool fine = false;

    cursor_expect(&c, '{');
    while (cursor_next(&c, '}', &n_tables)) {
        cursor_name(&c);
        cursor_expect(&c, '{');
        while (cursor_next(&c, '}', &n_rows)) {
            cursor_name(&c);
            cursor_expect(&c, '{');
            for (n = 0; cursor_next(&c, '}', &n); ) {
                cursor_name(&c);
                fine |= server_row_is_fine(cursor_skip(&c));
            }
        }
    }
    return fine && !c.bad;
}
