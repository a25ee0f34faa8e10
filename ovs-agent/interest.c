/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See interest.h. */

#include <config.h>

#include "interest.h"

#include "openvswitch/dynamic-string.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

#define N_SETS 6

/* Every set of 'interest', to do the same to each. */
static void
get_sets(struct interest *interest, struct uuidset *sets[N_SETS])
{
    sets[0] = &interest->ports;
    sets[1] = &interest->networks;
    sets[2] = &interest->segments;
    sets[3] = &interest->allocations;
    sets[4] = &interest->located_ports;
    sets[5] = &interest->overlays;
}

void
interest_init(struct interest *interest)
{
    struct uuidset *sets[N_SETS];

    get_sets(interest, sets);
    for (size_t i = 0; i < N_SETS; i++) {
        uuidset_init(sets[i]);
    }
}

void
interest_destroy(struct interest *interest)
{
    struct uuidset *sets[N_SETS];

    get_sets(interest, sets);
    for (size_t i = 0; i < N_SETS; i++) {
        uuidset_destroy(sets[i]);
    }
}

void
interest_clone(struct interest *dst, const struct interest *src)
{
    struct uuidset *from[N_SETS], *to[N_SETS];
    const struct uuidset_node *node;

    get_sets(CONST_CAST(struct interest *, src), from);
    get_sets(dst, to);
    for (size_t i = 0; i < N_SETS; i++) {
        uuidset_init(to[i]);
        UUIDSET_FOR_EACH (node, from[i]) {
            uuidset_insert(to[i], &node->uuid);
        }
    }
}

void
interest_swap(struct interest *a, struct interest *b)
{
    struct uuidset *in_a[N_SETS], *in_b[N_SETS];

    get_sets(a, in_a);
    get_sets(b, in_b);
    for (size_t i = 0; i < N_SETS; i++) {
        hmap_swap(&in_a[i]->uuids, &in_b[i]->uuids);
    }
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
    struct uuidset *in_a[N_SETS], *in_b[N_SETS];

    get_sets(CONST_CAST(struct interest *, a), in_a);
    get_sets(CONST_CAST(struct interest *, b), in_b);
    for (size_t i = 0; i < N_SETS; i++) {
        if (!set_equal(in_a[i], in_b[i])) {
            return false;
        }
    }
    return true;
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
    smap_add_format(out, "IP_Allocation", "%"PRIuSIZE" by _uuid",
                    uuidset_count(&interest->allocations));
    smap_add_format(out, "Port_Location",
                    "host == %s, %"PRIuSIZE" by port, %"PRIuSIZE" by network",
                    host, uuidset_count(&interest->located_ports),
                    uuidset_count(&interest->overlays));
    smap_add_format(out, "Network_Location",
                    "host == %s, %"PRIuSIZE" by network", host,
                    uuidset_count(&interest->networks));
}

static void
format_set(const char *table, const char *column, const struct uuidset *set,
           struct ds *out)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, set) {
        ds_put_format(out, "%-16s %s == "UUID_FMT"\n", table, column,
                      UUID_ARGS(&node->uuid));
    }
}

void
interest_format(const struct interest *interest, const char *host,
                struct ds *out)
{
    static const char *by_host[] = {
        "Agent", "Host", "Network_Binding", "Network_Location", "Port",
        "Port_Binding", "Port_Location",
    };

    for (size_t i = 0; i < ARRAY_SIZE(by_host); i++) {
        ds_put_format(out, "%-16s host == %s\n", by_host[i], host);
    }
    format_set("Port", "_uuid", &interest->ports, out);
    format_set("Network", "_uuid", &interest->networks, out);
    format_set("Segment", "_uuid", &interest->segments, out);
    format_set("IP_Allocation", "_uuid", &interest->allocations, out);
    format_set("Port_Location", "port", &interest->located_ports, out);
    format_set("Port_Location", "network", &interest->overlays, out);
    format_set("Network_Location", "network", &interest->networks, out);
}
