/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef INTEREST_H
#define INTEREST_H 1

/* What this hypervisor asks the northbound database for.
 *
 * Made by topology.c from what is plugged and from the rows that came, turned
 * by nb.c into conditions of the IDL.  Everything else in the database is
 * none of this hypervisor's business and never sent to it.
 *
 * Pure.  Not thread-safe. */

#include <stdbool.h>

#include "uuidset.h"

struct ds;
struct smap;

struct interest {
    struct uuidset ports;       /* Plugged here, whatever their host column
                                 * says; those with our host come besides. */
    struct uuidset networks;    /* Of the ports that came. */
    struct uuidset segments;    /* Of the networks that came. */
    struct uuidset allocations; /* Of the ports that came. */
    struct uuidset located_ports; /* Whose places we ask for: all of ours. */
    struct uuidset overlays;    /* Whose ports' places we ask for. */
};

void interest_init(struct interest *);
void interest_destroy(struct interest *);
void interest_clone(struct interest *dst, const struct interest *src);
void interest_swap(struct interest *, struct interest *);
bool interest_equal(const struct interest *, const struct interest *);

/* Fills 'out' with a line of words per table, as in Agent.subscriptions: which
 * tables 'host' subscribes to and how many rows it names. */
void interest_summarize(const struct interest *, const char *host,
                        struct smap *out);

/* Appends every clause, a line each. */
void interest_format(const struct interest *, const char *host, struct ds *);

#endif /* interest.h */
