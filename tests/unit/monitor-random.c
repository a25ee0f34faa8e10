/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See monitor-random.h. */

#include <config.h>

#include "unit.h"

#include "monitor-random.h"

#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "util.h"
#include "uuid.h"

const struct random_table random_tables[RANDOM_TABLES] = {
    {
        "Network", {
            { "name", RANDOM_STRING },
            { "mtu", RANDOM_INTEGER },
            { "shared", RANDOM_BOOLEAN },
            { "segment", RANDOM_UUID },
            { "tags", RANDOM_STRINGS },
            { "external_ids", RANDOM_MAP },
        },
    }, {
        "Port", {
            { "name", RANDOM_STRING },
            { "host", RANDOM_STRING },
            { "network", RANDOM_UUID },
            { "revision_number", RANDOM_INTEGER },
            { "tags", RANDOM_STRINGS },
            { "binding_profile", RANDOM_MAP },
        },
    },
};

struct uuid
random_row_id(int table, int row)
{
    return unit_uuid(table ? UNIT_PORT : UNIT_NETWORK, row + 1);
}

static void
put_strings(struct ds *out)
{
    bool any = false;

    ds_put_cstr(out, "['set', [");
    for (const char *p = "xyz"; *p; p++) {
        if (random_range(2)) {
            ds_put_format(out, "%s'%c'", any ? ", " : "", *p);
            any = true;
        }
    }
    ds_put_cstr(out, "]]");
}

static void
put_map(struct ds *out)
{
    bool any = false;

    ds_put_cstr(out, "['map', [");
    for (const char *p = "kl"; *p; p++) {
        if (random_range(2)) {
            ds_put_format(out, "%s['%c', '%c']", any ? ", " : "", *p,
                          "vw"[random_range(2)]);
            any = true;
        }
    }
    ds_put_cstr(out, "]]");
}

static void
put_value(struct ds *out, enum random_kind kind)
{
    struct uuid id;

    switch (kind) {
    case RANDOM_STRING:
        ds_put_format(out, "'%.*s'", random_range(4) != 0,
                      &"abc"[random_range(3)]);
        break;
    case RANDOM_INTEGER:
        ds_put_format(out, "%"PRIu32, random_range(3));
        break;
    case RANDOM_BOOLEAN:
        ds_put_cstr(out, random_range(2) ? "true" : "false");
        break;
    case RANDOM_UUID:
        id = random_row_id(0, random_range(RANDOM_ROWS));
        ds_put_format(out, "['uuid', '"UUID_FMT"']", UUID_ARGS(&id));
        break;
    case RANDOM_STRINGS:
        put_strings(out);
        break;
    case RANDOM_MAP:
        put_map(out);
        break;
    }
}

void
random_put_columns(struct ds *out, int table)
{
    for (int i = 0; i < RANDOM_COLUMNS; i++) {
        if (!random_range(3)) {
            ds_put_format(out, ", '%s': ",
                          random_tables[table].columns[i].name);
            put_value(out, random_tables[table].columns[i].kind);
        }
    }
}

void
random_put_clause(struct ds *out, int table, bool general)
{
    int i = (int) random_range(RANDOM_COLUMNS + 1) - 1;
    struct uuid id = random_row_id(table, random_range(RANDOM_ROWS));

    if (!random_range(20)) {
        ds_put_cstr(out, random_range(5) ? "false" : "true");
    } else if (i < 0) {
        ds_put_format(out, "['_uuid', '%s', ['uuid', '"UUID_FMT"']]",
                      general && random_range(2) ? "!=" : "==",
                      UUID_ARGS(&id));
    } else {
        static const char *const functions[] = {
            "==", "!=", "includes", "excludes", "<", ">=",
        };
        enum random_kind kind = random_tables[table].columns[i].kind;
        int n = kind == RANDOM_INTEGER ? 6 : 4;

        ds_put_format(out, "['%s', '%s', ",
                      random_tables[table].columns[i].name,
                      functions[general ? random_range(n) : 0]);
        put_value(out, kind);
        ds_put_char(out, ']');
    }
}
