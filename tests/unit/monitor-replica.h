/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_REPLICA_H
#define MONITOR_REPLICA_H 1

/* What a client makes of what it is told, in the tests of monitors: rows.  It
 * is stricter than clients are: a row that comes and is known, or one that
 * changes or goes and is not, or a change that changes nothing, fails the
 * test, as does a table that was not asked for. */

#include "monitor/compose.h"

struct json;
struct ovsdb;
struct ovsdb_table;
struct uuid;

struct monitor_replica {
    struct ovsdb *ovsdb;
    struct uuid last;           /* The state it saw last; zero: none. */
};

void monitor_replica_init(struct monitor_replica *);
void monitor_replica_destroy(struct monitor_replica *);

/* Forgets all rows and the state. */
void monitor_replica_clear(struct monitor_replica *);

/* Takes the result of a request for a monitor with 'protocol'.  Returns
 * whether its state was found. */
bool monitor_replica_reply(struct monitor_replica *, enum mon_protocol,
                           const char *text);

/* Takes a notification, or nothing for ""; it must have rows, or else, if
 * 'state_alone', the name of a state. */
void monitor_replica_notify(struct monitor_replica *, enum mon_protocol,
                            const char *text, bool state_alone);

#endif /* tests/unit/monitor-replica.h */
