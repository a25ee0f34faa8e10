/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What the parts of sluice-nbctl share.
 *
 *     sluice-nbctl.c     main loop
 *     nbctl-options.c    command line
 *     nbctl-run.c        one attempt at a transaction with all the commands
 *       nbctl-cmds-*.c   the commands
 *       nbctl-generic.c  what "set", "list", ... of db-ctl-base need from us
 *       nbctl-find.c     a network or port from its name
 *       nbctl-segment.c  the wire of a new network
 *       nbctl-global.c   settings of all of Sluice
 *       nbctl-places.c   where ports and networks are
 *       nbctl-fetch.c    which rows are downloaded at all
 *       nbctl-intent.c   revision numbers, and who raised them
 *         nbctl-author.c   who that is
 *         nbctl-row.c      columns of rows in the transaction
 *       nbctl-history.c  history, as a table
 *       nbctl-http.c     what a notifier is asked with
 *     nbctl-wait.c       --wait=hv, after the commit
 *       nbctl-alive.c    which hypervisors are there to be waited for
 *
 * Errors: a command reports its own with ctl_error() and returns; nothing is
 * committed then.  What ends the program ends it through ctl_fatal(). */

#ifndef NBCTL_H
#define NBCTL_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db-ctl-base.h"
#include "svec.h"
#include "table.h"

struct alive;
struct fetch;

/* Exit status when the change is committed but not applied by all the
 * hypervisors that --wait=hv waited for. */
#define NBCTL_EXIT_NOT_APPLIED 2

struct nbctl {
    /* From the command line. */
    char *db;                   /* --db: remotes, separated by commas. */
    bool oneline;               /* --oneline. */
    bool dry_run;               /* --dry-run. */
    bool wait_hv;               /* --wait=hv. */
    bool retry;                 /* --retry. */
    bool leader_only;           /* --leader-only. */
    bool shuffle_remotes;       /* --shuffle-remotes. */
    unsigned int timeout;       /* --timeout, in seconds; 0: none. */
    char *ca_cert;              /* -C, NULL: none. */
    struct table_style style;   /* -f and others. */
    bool style_chosen;          /* Was -f given? */
    char *args;                 /* All of it, for the database's log. */
    struct ctl_command *commands;
    size_t n_commands;

    /* The connection. */
    long long int deadline;     /* When 'timeout' is over, LLONG_MAX: never. */
    struct ovsdb_idl *idl;
    struct ovsdb_idl_txn *txn;  /* The transaction under way, or NULL. */
    struct fetch *fetch;
    struct alive *alive;        /* NULL until somebody asks. */

    /* MAC addresses made up by "port-add".  They stay the same when the
     * commands are run again, because their uniqueness takes a question to
     * the server: the Nth "port-add" that needs one takes the Nth. */
    struct svec made_macs;
    size_t next_mac;

    /* Likewise, what VNIs are guessed from: a random number for each
     * "net-add". */
    uint32_t *vni_seeds;
    size_t n_vni_seeds;
    size_t next_vni_seed;
};

/* The context that commands get. */
struct nbctl_context {
    struct ctl_context base;
    struct nbctl *nbctl;
};

/* Returns the program that runs the command with 'ctx'. */
static inline struct nbctl *
nbctl_from_ctx(struct ctl_context *ctx)
{
    return CONTAINER_OF(ctx, struct nbctl_context, base)->nbctl;
}

/* Returns what the command with 'ctx' fetches rows with. */
static inline struct fetch *
nbctl_fetch(struct ctl_context *ctx)
{
    return nbctl_from_ctx(ctx)->fetch;
}

/* nbctl-options.c. */

/* Fills 'nbctl', which is all zeros, from the command line.  Prints what
 * options like --help ask for and exits, and also exits if it is wrong. */
void nbctl_parse_command_line(struct nbctl *, int argc, char *argv[]);

/* sluice-nbctl.c. */

/* Returns what knows which hypervisors are there, made on first use. */
struct alive *nbctl_alive(struct nbctl *);

/* nbctl-run.c. */

/* Lets the commands say what they read, before the first connection. */
void nbctl_run_prerequisites(struct nbctl *);

/* Runs the commands in one transaction, commits it and prints what they have
 * to say.  Returns false if that has to be done again when the replica has
 * changed or more of it has arrived.  When it returns true '*status' is the
 * exit status; a failure does not return. */
bool nbctl_run(struct nbctl *, int *status);

/* Runs the commands, none of which needs the database, and prints what they
 * have to say.  A failure does not return. */
void nbctl_run_without_database(struct nbctl *);

/* The commands, terminated by an all-NULL element each. */
extern const struct ctl_command_syntax nbctl_global_commands[];
extern const struct ctl_command_syntax nbctl_history_commands[];
extern const struct ctl_command_syntax nbctl_host_commands[];
extern const struct ctl_command_syntax nbctl_net_add_commands[];
extern const struct ctl_command_syntax nbctl_network_commands[];
extern const struct ctl_command_syntax nbctl_port_add_commands[];
extern const struct ctl_command_syntax nbctl_port_commands[];
extern const struct ctl_command_syntax nbctl_port_show_commands[];
extern const struct ctl_command_syntax nbctl_remote_commands[];
extern const struct ctl_command_syntax nbctl_show_commands[];

#endif /* nbctl.h */
