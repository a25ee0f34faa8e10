/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Where ports and networks are, from what hypervisors say.
 *
 * A port is where its Port_Location with the greatest claim is, of equal
 * claims where the host is the last in the alphabet.  Other hypervisors with a
 * row have it too, while it moves.  If there is none, its agents may be older
 * than that table: then it is where a Port_Binding says that it is up. */

#ifndef NBCTL_PLACES_H
#define NBCTL_PLACES_H 1

#include <stdbool.h>
#include <stddef.h>

struct ds;
struct fetch;
struct nbrec_network;
struct ovsdb_idl;
struct uuid;

/* Hosts of many objects, those of one beside each other. */
struct place_list {
    struct place *places;
    size_t n, allocated;
};

struct places {
    struct place_list locations, bindings; /* Of ports. */
    struct place_list extents;             /* Of networks. */
};

/* Asks for the columns.  Before the first connection only. */
void places_fetch_columns(struct fetch *);

/* Asks for the rows of 'network' and its ports, or all if it is NULL.  As
 * functions of nbctl-fetch.h, returns true if they are there. */
bool places_fetch(struct fetch *, const struct nbrec_network *network);

/* Fills 'places' from the rows that are there, to which it refers. */
void places_init(struct places *, const struct ovsdb_idl *);
void places_destroy(struct places *);

/* The host where a port is, by its locations alone; NULL if it has none. */
const char *places_find_port(const struct places *, const struct uuid *port);

/* Append to 'out' where a port is, a line like "        plugged into: hv1 (also
 * hv2)", or nothing; and a line "    on hypervisor "hv1": vxlan:192.0.2.1" for
 * each hypervisor that an overlay extends to. */
void places_put_port(const struct places *, const struct uuid *port,
                     struct ds *out);
void places_put_network(const struct places *, const struct uuid *network,
                        struct ds *out);

#endif /* nbctl-places.h */
