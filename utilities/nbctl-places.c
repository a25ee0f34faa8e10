/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Where ports and networks are.  See nbctl-places.h. */

#include <config.h>

#include "nbctl-places.h"

#include <stdlib.h>
#include <string.h>

#include "lib/sluice-nb-idl.h"
#include "nbctl-fetch.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/uuid.h"
#include "ovsdb-idl.h"
#include "util.h"

/* That an object is on a host. */
struct place {
    struct uuid object;
    int64_t claim;              /* Of a Port_Location, otherwise 0. */
    const char *host;
    const char *encap;          /* Of a network, otherwise NULL. */
};

static void add(struct place_list *, const struct uuid *object, int64_t claim,
                const char *host, const char *encap);
static void sort(struct place_list *,
                 int (*compare)(const void *, const void *));
static int compare_claims(const void *, const void *);
static int compare_hosts(const void *, const void *);
static const struct place *find(const struct place_list *,
                                const struct uuid *object, size_t *n);

void
places_fetch_columns(struct fetch *fetch)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_port_location_col_port, &nbrec_port_location_col_network,
        &nbrec_port_location_col_host, &nbrec_port_location_col_claim,
        &nbrec_port_binding_col_port, &nbrec_port_binding_col_network,
        &nbrec_port_binding_col_host, &nbrec_port_binding_col_up,
        &nbrec_network_location_col_network,
        &nbrec_network_location_col_host, &nbrec_network_location_col_encap,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        fetch_column(fetch, columns[i]);
    }
}

bool
places_fetch(struct fetch *fetch, const struct nbrec_network *network)
{
    static const struct {
        const struct ovsdb_idl_table_class *class;
        const struct ovsdb_idl_column *network;
    } tables[] = {
        { &nbrec_table_port_location, &nbrec_port_location_col_network },
        { &nbrec_table_port_binding, &nbrec_port_binding_col_network },
        { &nbrec_table_network_location,
          &nbrec_network_location_col_network },
    };
    bool asked = true;

    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        asked &= (network
                  ? fetch_uuid_eq(fetch, tables[i].network,
                                  &network->header_.uuid)
                  : fetch_all(fetch, tables[i].class));
    }
    return asked;
}

void
places_init(struct places *places, const struct ovsdb_idl *idl)
{
    const struct nbrec_network_location *nl;
    const struct nbrec_port_location *pl;
    const struct nbrec_port_binding *pb;

    *places = (struct places) { .locations.n = 0 };
    NBREC_PORT_LOCATION_FOR_EACH (pl, idl) {
        add(&places->locations, &pl->port, pl->claim, pl->host, NULL);
    }
    NBREC_PORT_BINDING_FOR_EACH (pb, idl) {
        if (pb->up) {
            add(&places->bindings, &pb->port, 0, pb->host, NULL);
        }
    }
    NBREC_NETWORK_LOCATION_FOR_EACH (nl, idl) {
        add(&places->extents, &nl->network, 0, nl->host, nl->encap);
    }
    sort(&places->locations, compare_claims);
    sort(&places->bindings, compare_hosts);
    sort(&places->extents, compare_hosts);
}

void
places_destroy(struct places *places)
{
    free(places->locations.places);
    free(places->bindings.places);
    free(places->extents.places);
}

const char *
places_find_port(const struct places *places, const struct uuid *port)
{
    size_t n;
    const struct place *place = find(&places->locations, port, &n);

    return n ? place->host : NULL;
}

void
places_put_port(const struct places *places, const struct uuid *port,
                struct ds *out)
{
    size_t n;
    const struct place *place = find(&places->locations, port, &n);

    if (!n) {
        place = find(&places->bindings, port, &n);
    }
    if (n) {
        ds_put_format(out, "        plugged into: %s", place->host);
        for (size_t i = 1; i < n; i++) {
            ds_put_format(out, "%s%s", i == 1 ? " (also " : ", ",
                          place[i].host);
        }
        ds_put_cstr(out, n > 1 ? ")\n" : "\n");
    }
}

void
places_put_network(const struct places *places, const struct uuid *network,
                   struct ds *out)
{
    size_t n;
    const struct place *place = find(&places->extents, network, &n);

    for (size_t i = 0; i < n; i++) {
        ds_put_format(out, "    on hypervisor \"%s\": %s\n", place[i].host,
                      place[i].encap[0] ? place[i].encap : "no tunnel");
    }
}

static void
add(struct place_list *list, const struct uuid *object, int64_t claim,
    const char *host, const char *encap)
{
    if (list->n >= list->allocated) {
        list->places = x2nrealloc(list->places, &list->allocated,
                                  sizeof *list->places);
    }
    list->places[list->n++] = (struct place) { *object, claim, host, encap };
}

static void
sort(struct place_list *list, int (*compare)(const void *, const void *))
{
    if (list->n) {
        qsort(list->places, list->n, sizeof *list->places, compare);
    }
}

/* By object, and the one that has it first. */
static int
compare_claims(const void *a_, const void *b_)
{
    const struct place *a = a_;
    const struct place *b = b_;
    int cmp = uuid_compare_3way(&a->object, &b->object);

    return (cmp ? cmp
            : a->claim != b->claim ? (a->claim > b->claim ? -1 : 1)
            : strcmp(b->host, a->host));
}

/* By object, in the order of the alphabet. */
static int
compare_hosts(const void *a_, const void *b_)
{
    const struct place *a = a_;
    const struct place *b = b_;
    int cmp = uuid_compare_3way(&a->object, &b->object);

    return cmp ? cmp : strcmp(a->host, b->host);
}

/* Returns the first of the '*n' places of 'object'. */
static const struct place *
find(const struct place_list *list, const struct uuid *object, size_t *n)
{
    size_t low = 0;
    size_t high = list->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (uuid_compare_3way(&list->places[middle].object, object) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }

    for (*n = 0; (low + *n < list->n
                  && uuid_equals(&list->places[low + *n].object, object));
         ++*n) {
        /* Counts. */
    }
    return &list->places[low];
}
