/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_COMPOSE_H
#define MONITOR_COMPOSE_H 1

/* What is sent of one row: a <row-update> (RFC 7047 section 4.1.6) or a
 * <row-update2> (ovsdb-server(7), section 4.1.14), as JSON text.
 *
 * Text, not a tree of JSON values: this is most of what a first
 * synchronization costs.  Pure; there are no errors. */

#include <stdbool.h>

#include "monitor/shape.h"

struct ds;
struct ovsdb_datum;
struct ovsdb_row;
struct ovsdb_type;
struct uuid;

/* Which of the three methods the client monitors with. */
enum mon_protocol {
    MON_V1,                     /* "monitor", "update". */
    MON_V2,                     /* "monitor_cond", "update2". */
    MON_V3,                     /* "monitor_cond_since", "update3". */
};

/* Appends what a client that asked for 'shape' is to be told when a row it
 * knows as 'old' is now 'new', a change of 'kind': 'old' is not looked at for
 * MON_INITIAL and MON_INSERT, 'new' is not for MON_DELETE.  Returns false, and
 * appends nothing, if nothing is to be said. */
bool mon_compose_row(struct ds *, const struct mon_shape *,
                     enum mon_protocol, enum mon_kind,
                     const struct ovsdb_row *old,
                     const struct ovsdb_row *new);

/* Appends a <value> of 'type', a UUID as string. */
void mon_compose_datum(struct ds *, const struct ovsdb_datum *,
                       const struct ovsdb_type *);
void mon_compose_uuid(struct ds *, const struct uuid *);

#endif /* monitor/compose.h */
