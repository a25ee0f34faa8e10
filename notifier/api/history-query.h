/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_HISTORY_QUERY_H
#define API_HISTORY_QUERY_H 1

/* The query of GET /v2.0/history:
 *
 *     resource, id, name, host, by, project_id   as the entry has it
 *     verb                     repeatable
 *     since, until             times, see history_parse_time()
 *     limit, marker            a page, after the entry with that "seq"
 *     sort_dir                 asc or desc (the default): by "seq"
 *
 * Pure functions of their arguments. */

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "journal/journal.h"

struct api_error;
struct http_pair;

/* Fills '*query', which borrows the values.  Refuses what is none of these. */
struct api_error *history_query_parse(const struct http_pair *, size_t n,
                                      struct journal_query *query)
    OVS_WARN_UNUSED_RESULT;

/* Room for "2026-11-22T14:44:44.123Z" and its null. */
#define HISTORY_TIME_SIZE sizeof "2026-11-22T14:44:44.123Z"

/* Parses a moment in UTC, "2026-11-22", "2026-11-22T14:44:44" or
 * "2026-11-22T14:44:44.123", each with or without a "Z", to msec since 1970.
 * False if it is none. */
bool history_parse_time(const char *, long long int *msec);
void history_format_time(long long int msec, char s[HISTORY_TIME_SIZE]);

#endif /* api/history-query.h */
