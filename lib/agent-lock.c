/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Names the OVSDB lock of an agent after its host.  See agent-lock.h. */

#include <config.h>

#include "agent-lock.h"

#include "openvswitch/dynamic-string.h"

static bool may_stand_as_is(char);

char *
agent_lock_name(const char *host)
{
    struct ds name = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&name, AGENT_LOCK_PREFIX);
    for (const char *p = host; *p; p++) {
        if (may_stand_as_is(*p)) {
            ds_put_char(&name, *p);
        } else {
            ds_put_format(&name, "_%02x", (unsigned char) *p);
        }
    }
    return ds_steal_cstr(&name);
}

/* Not isalnum(): that one depends on the locale, and the two sides must agree
 * whatever theirs are. */
static bool
may_stand_as_is(char c)
{
    return ((c >= 'a' && c <= 'z')
            || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9'));
}
