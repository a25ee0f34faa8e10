/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See unit.h; what is about flows is in unit-flows.c. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "openvswitch/vlog.h"

void
unit_init(const char *argv0)
{
    set_program_name(argv0);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
}

unsigned int
unit_env(const char *name, unsigned int def)
{
    const char *value = getenv(name);
    unsigned int number;

    if (!value || !value[0]) {
        return def;
    } else if (!str_to_uint(value, 0, &number)) {
        ovs_fatal(0, "%s: \"%s\" is not a number", name, value);
    }
    return number;
}

struct uuid
unit_uuid(enum unit_kind kind, unsigned int n)
{
    struct uuid uuid = { .parts = { kind, n, 0, n } };

    return uuid;
}
