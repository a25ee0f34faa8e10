/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The commands of db-ctl-base ("list", "set", "create", ...) as sluice-nbctl
 * wants them: they know nothing of revisions, and would download whole tables.
 * The functions do nothing for commands that are sluice-nbctl's own. */

#ifndef NBCTL_GENERIC_H
#define NBCTL_GENERIC_H 1

#include <stdbool.h>

struct ctl_command;
struct ctl_context;

/* Returns true if 'command' is one of db-ctl-base. */
bool generic_is(const struct ctl_command *);

/* Asks for the rows that 'command' can be about, and for what a change of
 * theirs takes.  Before the first connection. */
void generic_prepare(struct ctl_context *, const struct ctl_command *);

/* Called before 'command' is run: sets ctx->error if it names a row
 * ambiguously. */
void generic_check(struct ctl_context *, const struct ctl_command *);

#endif /* nbctl-generic.h */
