/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef PLACE_WRITER_H
#define PLACE_WRITER_H 1

/* Port_Location and Network_Location rows of our own: what we tell other
 * hypervisors of the ports we hold and the overlays we are in.  For status.c,
 * whose transaction it fills.
 *
 * State, not events: each call compares the row that is there with what it
 * should be, and writes the difference.  A server whose schema has no such
 * tables is told nothing.  Not thread-safe. */

struct lnet;
struct lport;
struct ovsdb_idl;
struct ovsdb_idl_index;
struct ovsdb_idl_txn;
struct uuid;

struct place_writer {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_index *ports;    /* Of Port_Location, by port, host. */
    struct ovsdb_idl_index *networks; /* Of Network_Location, likewise. */
};

/* The indexes go with 'idl'. */
void place_writer_init(struct place_writer *, struct ovsdb_idl *);

/* Brings the row of 'uuid', by 'host', to what 'port' or 'net' says; NULL:
 * there is none such any more. */
void place_writer_port(const struct place_writer *, struct ovsdb_idl_txn *,
                       const char *host, const struct uuid *uuid,
                       const struct lport *port);
void place_writer_network(const struct place_writer *, struct ovsdb_idl_txn *,
                          const char *host, const struct uuid *uuid,
                          const struct lnet *net);

#endif /* place-writer.h */
