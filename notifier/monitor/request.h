/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_REQUEST_H
#define MONITOR_REQUEST_H 1

/* What clients ask for, from JSON: tables, columns, kinds of changes,
 * conditions.  Errors are those that ovsdb-server gives, in its words. */

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"

struct json;
struct mon_condition;
struct mon_db;
struct mon_view;
struct ovsdb_error;

/* Parses <monitor-requests>, those with 'conditions' as of monitor_cond, into
 * an array of views, one for each table, for the caller to free when it has
 * taken them apart.  On error the array has what was parsed so far. */
struct ovsdb_error *mon_request_parse(struct mon_db *,
                                      const struct json *requests,
                                      bool conditions,
                                      struct mon_view **views,
                                      size_t *n_views)
    OVS_WARN_UNUSED_RESULT;

/* Parses <monitor-cond-update-requests> for a monitor of 'views' into an array
 * parallel to it, which has a new condition where one is asked for, and is
 * freed with mon_request_free_change().  On error there is none. */
struct ovsdb_error *mon_request_parse_change(const struct json *requests,
                                             const struct mon_view *views,
                                             size_t n_views, struct mon_db *,
                                             struct mon_condition ***)
    OVS_WARN_UNUSED_RESULT;
void mon_request_free_change(struct mon_condition **, size_t n);

#endif /* monitor/request.h */
