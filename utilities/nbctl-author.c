/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Who makes a change.  See nbctl-author.h. */

#include <config.h>

#include "nbctl-author.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* As RFC 1035 has it, and gethostname() its null. */
#define MAX_HOST_NAME 255

char *
author_get(void)
{
    const struct passwd *user = getpwuid(getuid());
    char host[MAX_HOST_NAME + 1] = "";

    gethostname(host, sizeof host - 1);
    return (user ? xasprintf("nbctl:%s@%s", user->pw_name, host)
            : xasprintf("nbctl:%u@%s", (unsigned int) getuid(), host));
}

void
author_put_comment(struct ds *out, const char *comment, size_t max)
{
    size_t n = strnlen(comment, max + 1);

    if (n <= max) {
        ds_put_cstr(out, comment);
        return;
    }

    /* Not in the middle of a character of UTF-8. */
    for (n = max; n > 0 && (comment[n] & 0xc0) == 0x80; n--) {
        continue;
    }
    ds_put_buffer(out, comment, n);
    ds_put_cstr(out, "...");
}
