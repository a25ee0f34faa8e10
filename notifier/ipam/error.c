/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "ipam/error.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* How much of a value that cannot be read a message repeats: room for any
 * prefix with something wrong in it. */
#define MAX_QUOTED 64

/* Takes 'message'. */
static struct ipam_error *
create(int status, const char *type, char *message)
{
    struct ipam_error *error = xmalloc(sizeof *error);

    error->status = status;
    error->type = type;
    error->message = message;
    return error;
}

struct ipam_error *
ipam_error(int status, const char *type, const char *format, ...)
{
    va_list args;
    char *message;

    va_start(args, format);
    message = xvasprintf(format, args);
    va_end(args);
    return create(status, type, message);
}

struct ipam_error *
ipam_error_input(const char *format, ...)
{
    va_list args;
    char *reason, *message;

    va_start(args, format);
    reason = xvasprintf(format, args);
    va_end(args);
    message = xasprintf("Invalid input for operation: %s.", reason);
    free(reason);
    return create(400, "InvalidInput", message);
}

struct ipam_error *
ipam_error_attribute(const char *attribute, const char *format, ...)
{
    va_list args;
    char *reason, *message;

    va_start(args, format);
    reason = xvasprintf(format, args);
    va_end(args);
    message = xasprintf("Invalid input for %s. Reason: %s.", attribute,
                        reason);
    free(reason);
    return create(400, "HTTPBadRequest", message);
}

void
ipam_error_destroy(struct ipam_error *error)
{
    if (error) {
        free(error->message);
        free(error);
    }
}

char *
ipam_quote(const char *s)
{
    size_t n = strnlen(s, MAX_QUOTED + 1);

    if (n <= MAX_QUOTED) {
        return xasprintf("'%s'", s);
    }
    for (n = MAX_QUOTED; n && ((unsigned char) s[n] & 0xc0) == 0x80; n--) {
        continue;
    }
    return xasprintf("'%.*s...'", (int) n, s);
}
