/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The table that the command history answers with, from the JSON that a
 * notifier answers with (GET /v2.0/history).
 *
 * What an entry lacks, or has in another form than expected, is an empty
 * cell: the server may be of another version. */

#ifndef NBCTL_HISTORY_H
#define NBCTL_HISTORY_H 1

#include <stdbool.h>
#include <stdint.h>

struct ctl_command;
struct ctl_context;
struct json;
struct table;

/* Makes the table that is the answer of the command with 'ctx'. */
struct table *history_make_table(struct ctl_context *);

/* Adds a row for an entry.  Returns its sequence number, 0 if it has none. */
uint64_t history_add_entry(struct table *, const struct json *entry);

/* Returns true if 'command' is history, which needs no database. */
bool history_is(const struct ctl_command *);

#endif /* nbctl-history.h */
