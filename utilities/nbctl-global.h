/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The options of NB_Global, for the commands that they concern (see
 * lib/nb-options.h), and checked when a command has written them: whoever sets
 * one is to hear that it makes no sense, not whoever needs it later. */

#ifndef NBCTL_GLOBAL_H
#define NBCTL_GLOBAL_H 1

#include "compiler.h"

struct fetch;
struct nb_options;
struct ovsdb_idl;

/* Asks for the options.  Before the first connection only. */
void global_fetch_options(struct fetch *);

/* Puts them into 'options', to which they belong until the replica or the
 * transaction changes.  In a database that nobody has initialized there are
 * none. */
void global_get_options(const struct ovsdb_idl *, struct nb_options *);

/* Returns NULL, or, if an option that the transaction changes makes no sense,
 * a message for the caller to free; then the transaction must not be
 * committed. */
char *global_check(const struct ovsdb_idl *) OVS_WARN_UNUSED_RESULT;

#endif /* nbctl-global.h */
