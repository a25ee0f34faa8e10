/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See interest.h. */

#include <config.h>

#include "interest.h"

#include "openvswitch/dynamic-string.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

void
interest_init(struct interest *interest)
{
    uuidset_init(&interest->ports);
    uuidset_init(&interest->networks);
    uuidset_init(&interest->segments);
}

void
interest_destroy(struct interest *interest)
{
    uuidset_destroy(&interest->ports);
    uuidset_destroy(&interest->networks);
    uuidset_destroy(&interest->segments);
}

void
interest_swap(struct interest *a, struct interest *b)
{
    hmap_swap(&a->ports.uuids, &b->ports.uuids);
    hmap_swap(&a->networks.uuids, &b->networks.uuids);
    hmap_swap(&a->segments.uuids, &b->segments.uuids);
}

static bool
set_equal(const struct uuidset *a, const struct uuidset *b)
{
    const struct uuidset_node *node;

    if (uuidset_count(a) != uuidset_count(b)) {
        return false;
    }
    UUIDSET_FOR_EACH (node, a) {
        if (!uuidset_contains(b, &node->uuid)) {
            return false;
        }
    }
    return true;
}

bool
interest_equal(const struct interest *a, const struct interest *b)
{
    return (set_equal(&a->ports, &b->ports)
            && set_equal(&a->networks, &b->networks)
            && set_equal(&a->segments, &b->segments));
}

void
interest_summarize(const struct interest *interest, const char *host,
                   struct smap *out)
{
    smap_add_format(out, "Host", "host == %s", host);
    smap_add_format(out, "Port", "host == %s, %"PRIuSIZE" by _uuid", host,
                    uuidset_count(&interest->ports));
    smap_add_format(out, "Network", "%"PRIuSIZE" by _uuid",
                    uuidset_count(&interest->networks));
    smap_add_format(out, "Segment", "%"PRIuSIZE" by _uuid",
                    uuidset_count(&interest->segments));
}

static void
format_set(const char *table, const struct uuidset *set, struct ds *out)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, set) {
        ds_put_format(out, "%-16s _uuid == "UUID_FMT"\n", table,
                      UUID_ARGS(&node->uuid));
    }
}

void
interest_format(const struct interest *interest, const char *host,
                struct ds *out)
{
    static const char *by_host[] = {
        "Agent", "Host", "Network_Binding", "Port", "Port_Binding",
    };

    for (size_t i = 0; i < ARRAY_SIZE(by_host); i++) {
        ds_put_format(out, "%-16s host == %s\n", by_host[i], host);
    }
    format_set("Port", &interest->ports, out);
    format_set("Network", &interest->networks, out);
    format_set("Segment", &interest->segments, out);
}
