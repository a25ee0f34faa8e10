/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H 1

/* One "monitor", "monitor_cond" or "monitor_cond_since" of a client: views of
 * tables of one database, and the messages that tell of them (RFC 7047
 * sections 4.1.5 and 4.1.6; ovsdb-server(7), sections 4.1.12 to 4.1.15).
 *
 * What is sent is put together when it is about to go: a message tells the
 * difference from what the client knows to what is so now, whatever happened
 * between.
 *
 * One thread.  Errors of a request are a "struct ovsdb_error", as ovsdb-server
 * would give it. */

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "monitor/view.h"

struct ds;
struct json;
struct mon_db;
struct ovsdb_error;
struct ovsdb_row;
struct uuid;

struct monitor {
    struct hmap_node node;      /* For its owner, by 'id'. */
    char *id;                   /* JSON text, members sorted. */
    void *owner;
    size_t bytes;               /* For its owner: of the request for it. */
    enum mon_protocol protocol;
    struct mon_db *db;
    struct mon_view *views;
    size_t n_views;
    bool begun;                 /* Are its views registered? */
    struct ovs_list due_node;   /* In db's 'due', or by itself. */
};

/* Makes a monitor of what 'requests', <monitor-requests>, ask for.  'id' is
 * the client's, as JSON text, 'owner' the caller's. */
struct ovsdb_error *monitor_create(struct mon_db *, enum mon_protocol,
                                   const char *id,
                                   const struct json *requests, void *owner,
                                   struct monitor **)
    OVS_WARN_UNUSED_RESULT;
void monitor_destroy(struct monitor *);

/* Appends the result that the client gets, and from now on takes note of
 * changes.  'last' is the state the client saw last, NULL or zero for none
 * (MON_V3 alone looks at it). */
void monitor_begin(struct monitor *, const struct uuid *last,
                   struct ds *result);

/* Lets the monitor ask for what 'requests', <monitor-cond-update-requests>,
 * say, under the name of 'id'.  Nothing must be due.  Appends a notification to
 * 'out' if that changes what the client sees, and, with MON_V3, if it changes
 * what it asks for, with the state from which on it does.  If it fails, nothing
 * is changed. */
struct ovsdb_error *monitor_change(struct monitor *, const char *id,
                                   const struct json *requests,
                                   struct ds *out)
    OVS_WARN_UNUSED_RESULT;

/* Whether rows are due, and how many at most. */
size_t monitor_n_due(const struct monitor *);

/* Appends the notification of all that is due, if there is anything to tell.
 * Then nothing is due. */
void monitor_tell_due(struct monitor *, struct ds *out);

/* Rows that the client knows. */
size_t monitor_n_rows(const struct monitor *);

/* The view that 'row' is in, or NULL. */
const struct mon_view *monitor_view_of(const struct monitor *,
                                       const struct ovsdb_row *row);

#endif /* monitor/monitor.h */
