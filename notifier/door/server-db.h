/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef DOOR_SERVER_DB_H
#define DOOR_SERVER_DB_H 1

/* The database _Server (ovsdb-server(5)), in which a server tells its clients
 * of its databases.
 *
 * The northbound database is shown as an ovsdb-server relay shows one: its
 * model is "relay", it is never a leader's, it has no index, and it is
 * connected while the server behind us is, so that clients know when to go
 * elsewhere. */

#include <stdbool.h>

#include "nb/index.h"

struct json;
struct mon_db;
struct ovsdb;

struct server_db {
    struct ovsdb *ovsdb;
    struct nb_index index;
    struct mon_db *monitors;
};

struct server_db *server_db_create(void);
void server_db_destroy(struct server_db *);

/* Tells of the northbound database: its schema, as JSON text, NULL while it is
 * not known, and whether the server is there. */
void server_db_update(struct server_db *, const char *schema, bool connected);

/* Returns the results of a "transact" request, which can only read, that came
 * 'elapsed' milliseconds ago; or NULL if it has a "wait" that is not fulfilled
 * and has not timed out, which it does '*timeout' milliseconds after it
 * came. */
struct json *server_db_execute(struct server_db *, const struct json *params,
                               long long int elapsed,
                               long long int *timeout);

#endif /* door/server-db.h */
