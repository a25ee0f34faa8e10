/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Finding rows by what users call them.
 *
 * NET and PORT on the command line are a name or a UUID; HOST is a name.
 * Names need not be unique in the database.  One that two rows have is
 * refused, naming both UUIDs, since it does not say which is meant.
 *
 * Each find_*() fetches the row first (see nbctl-fetch.h).  It returns true if
 * the answer is there: '*rowp' is the row, or NULL if there is none.  When it
 * returns false the command has to return: ctx->try_again or ctx->error is
 * set. */

#ifndef NBCTL_FIND_H
#define NBCTL_FIND_H 1

#include <stdbool.h>

struct ctl_context;
struct nbrec_host;
struct nbrec_network;
struct nbrec_port;
struct ovsdb_idl_column;
struct ovsdb_idl_row;

/* Ask for the row in advance, from a command's prerequisites, so that it comes
 * with the first round. */
void find_ask_network(struct ctl_context *, const char *id);
void find_ask_port(struct ctl_context *, const char *id);
void find_ask_host(struct ctl_context *, const char *host);

bool find_network(struct ctl_context *, const char *id,
                  const struct nbrec_network **rowp);
bool find_port(struct ctl_context *, const char *id,
               const struct nbrec_port **rowp);
bool find_host(struct ctl_context *, const char *host,
               const struct nbrec_host **rowp);

/* The same for a row that must be there: when it is not, that is an error. */
bool find_network_must(struct ctl_context *, const char *id,
                       const struct nbrec_network **rowp);
bool find_port_must(struct ctl_context *, const char *id,
                    const struct nbrec_port **rowp);

/* Refuses, with ctx->error and false, a name that two rows have in the string
 * column 'name', among the rows that are there. */
bool find_check_unique(struct ctl_context *,
                       const struct ovsdb_idl_column *name, const char *value);

/* Returns true if a command before this one has just made 'row': then nothing
 * else in the database can refer to it, and its UUID, which is preliminary,
 * must not be fetched by (it is another one each time). */
bool find_is_new(const struct ovsdb_idl_row *);

#endif /* nbctl-find.h */
