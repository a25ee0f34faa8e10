/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Runs the commands of the command line in one transaction.
 *
 * Stands between the main loop (sluice-nbctl.c), which calls nbctl_run() each
 * time the replica has news, and the commands.  An attempt ends in one of
 * three ways: it is done; it has to be made again, because a command fetches
 * more or waits for something, or because another client was faster (the
 * server found that a row changed under us); or it fails, which ends the
 * program with nothing committed. */

#include <config.h>

#include "nbctl.h"

#include "nbctl-fetch.h"
#include "nbctl-generic.h"
#include "nbctl-global.h"
#include "nbctl-intent.h"
#include "nbctl-wait.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(nbctl_run);

static void context_init(struct nbctl_context *, struct nbctl *,
                         struct ctl_command *, struct ovsdb_symbol_table *);
static bool run_commands(struct nbctl *, struct ovsdb_symbol_table *);
static void check_symbols(const struct ovsdb_symbol_table *);
static bool commit(struct nbctl *);
static bool lost_race(struct nbctl *, unsigned int seqno);
static void postprocess(struct nbctl *, struct ovsdb_symbol_table *);
static void print_output(struct nbctl *);
static void print_command(struct nbctl *, struct ctl_command *);
static void clear_output(struct nbctl *);

void
nbctl_run_prerequisites(struct nbctl *nbctl)
{
    for (size_t i = 0; i < nbctl->n_commands; i++) {
        struct ctl_command *command = &nbctl->commands[i];
        struct nbctl_context ctx;

        ds_init(&command->output);
        command->table = NULL;
        context_init(&ctx, nbctl, command, NULL);
        generic_prepare(&ctx.base, command);
        if (command->syntax->prerequisites) {
            command->syntax->prerequisites(&ctx.base);
        }
        if (ctx.base.error) {
            ctl_fatal("%s", ctx.base.error);
        }
        ctl_context_done(&ctx.base, command);
    }
    if (nbctl->wait_hv) {
        nbctl_wait_fetch_columns(nbctl->fetch);
    }
}

bool
nbctl_run(struct nbctl *nbctl, int *status)
{
    struct ovsdb_symbol_table *symtab = ovsdb_symbol_table_create();
    struct intent intent;
    bool done = false;

    nbctl->txn = ovsdb_idl_txn_create(nbctl->idl);
    ovsdb_idl_txn_add_comment(nbctl->txn, "%s", nbctl->args);
    if (nbctl->dry_run) {
        ovsdb_idl_txn_set_dry_run(nbctl->txn);
    }

    intent_begin(&intent, nbctl->idl, nbctl->args);
    if (run_commands(nbctl, symtab)) {
        check_symbols(symtab);
        char *error = intent_complete(&intent);
        if (!error) {
            error = global_check(nbctl->idl);
        }
        if (error) {
            ctl_fatal("%s", error);
        }
        done = commit(nbctl);
    }
    if (done) {
        intent_committed(&intent, nbctl->txn);
        postprocess(nbctl, symtab);
        print_output(nbctl);
    }
    clear_output(nbctl);
    ovsdb_symbol_table_destroy(symtab);
    ovsdb_idl_txn_destroy(nbctl->txn);
    nbctl->txn = NULL;

    if (done) {
        *status = (nbctl->wait_hv && !nbctl->dry_run
                   ? nbctl_wait(nbctl, &intent) : EXIT_SUCCESS);
    }
    intent_destroy(&intent);
    return done;
}

void
nbctl_run_without_database(struct nbctl *nbctl)
{
    for (size_t i = 0; i < nbctl->n_commands; i++) {
        struct ctl_command *command = &nbctl->commands[i];
        struct nbctl_context ctx;

        ds_init(&command->output);
        command->table = NULL;
        context_init(&ctx, nbctl, command, NULL);
        command->syntax->run(&ctx.base);
        if (ctx.base.error) {
            ctl_fatal("%s", ctx.base.error);
        }
        ctl_context_done(&ctx.base, command);
    }
    print_output(nbctl);
    clear_output(nbctl);
}

static void
context_init(struct nbctl_context *ctx, struct nbctl *nbctl,
             struct ctl_command *command, struct ovsdb_symbol_table *symtab)
{
    ctx->nbctl = nbctl;
    ctl_context_init(&ctx->base, command, nbctl->idl, nbctl->txn, symtab,
                     NULL);
}

/* Returns true if every command has run, false if they have to be run again.
 * Stops at the first that has to be: the next may build on what it does. */
static bool
run_commands(struct nbctl *nbctl, struct ovsdb_symbol_table *symtab)
{
    nbctl->next_mac = 0;
    nbctl->next_vni_seed = 0;
    for (size_t i = 0; i < nbctl->n_commands; i++) {
        struct ctl_command *command = &nbctl->commands[i];
        struct nbctl_context ctx;

        /* Never the "last command", for which db-ctl-base would use partial
         * updates: nbctl-intent.c could not see those. */
        context_init(&ctx, nbctl, command, symtab);
        generic_check(&ctx.base, command);
        if (!ctx.base.error && command->syntax->run) {
            command->syntax->run(&ctx.base);
        }
        if (ctx.base.error) {
            ctl_fatal("%s", ctx.base.error);
        }

        bool try_again = ctx.base.try_again;
        ctl_context_done(&ctx.base, command);
        if (try_again) {
            return false;
        }
    }
    return true;
}

/* Refuses row names ("@x") that no command has defined, and warns of rows that
 * the server will not keep because nothing refers to them. */
static void
check_symbols(const struct ovsdb_symbol_table *symtab)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &symtab->sh) {
        const struct ovsdb_symbol *symbol = node->data;

        if (!symbol->created) {
            ctl_fatal("row id \"%s\" is referenced but never created (e.g. "
                      "with \"-- --id=%s create ...\")",
                      node->name, node->name);
        }
        if (!symbol->strong_ref) {
            VLOG_WARN("row id \"%s\" was created but %s reference to it was "
                      "inserted, so it will not actually appear in the "
                      "database", node->name,
                      symbol->weak_ref ? "only a weak" : "no");
        }
    }
}

/* Commits the transaction.  Returns false if it has to be tried again. */
static bool
commit(struct nbctl *nbctl)
{
    unsigned int seqno = ovsdb_idl_get_seqno(nbctl->idl);
    enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit_block(nbctl->txn);

    switch (status) {
    case TXN_UNCHANGED:
    case TXN_SUCCESS:
        return true;

    case TXN_TRY_AGAIN:
        return false;

    case TXN_ERROR:
        if (lost_race(nbctl, seqno)) {
            return false;
        }
        ctl_fatal("transaction error: %s",
                  ovsdb_idl_txn_get_error(nbctl->txn));

    case TXN_UNCOMMITTED:
    case TXN_INCOMPLETE:
    case TXN_ABORTED:
    case TXN_NOT_LOCKED:
    default:
        /* The IDL does not let these happen to a transaction that is
         * committed in one go and without a lock. */
        OVS_NOT_REACHED();
    }
}

/* Returns true if the transaction was refused for what another client had
 * done, of which the commands did not know when the replica was at 'seqno':
 * it made the same Host row, took the MAC address, or added a port to the
 * network to be deleted.  They know now, because the server tells of a change
 * before it answers. */
static bool
lost_race(struct nbctl *nbctl, unsigned int seqno)
{
    return (ovsdb_idl_get_seqno(nbctl->idl) != seqno
            && strstr(ovsdb_idl_txn_get_error(nbctl->txn), "violation"));
}

static void
postprocess(struct nbctl *nbctl, struct ovsdb_symbol_table *symtab)
{
    for (size_t i = 0; i < nbctl->n_commands; i++) {
        struct ctl_command *command = &nbctl->commands[i];
        struct nbctl_context ctx;

        if (command->syntax->postprocess) {
            context_init(&ctx, nbctl, command, symtab);
            command->syntax->postprocess(&ctx.base);
            if (ctx.base.error) {
                ctl_fatal("%s", ctx.base.error);
            }
            ctl_context_done(&ctx.base, command);
        }
    }
}

/* Prints what the commands have to say, and makes sure that it is out: a wait
 * that follows can take long, and can be killed. */
static void
print_output(struct nbctl *nbctl)
{
    for (size_t i = 0; i < nbctl->n_commands; i++) {
        print_command(nbctl, &nbctl->commands[i]);
    }
    fflush(stdout);
}

static void
print_command(struct nbctl *nbctl, struct ctl_command *command)
{
    struct ds *output = &command->output;

    /* A command with both has a text for people and a table for programs. */
    if (command->table && (nbctl->style_chosen || !output->length)) {
        struct table_style style = nbctl->style;

        if (!nbctl->style_chosen) {
            /* Rows of db-ctl-base's have many columns, ours fit a line. */
            style.format = generic_is(command) ? TF_LIST : TF_TABLE;
        }
        table_print(command->table, &style);
        return;
    }
    if (!nbctl->oneline) {
        fputs(ds_cstr(output), stdout);
        return;
    }

    ds_chomp(output, '\n');
    for (const char *p = ds_cstr(output); *p; p++) {
        if (*p == '\n') {
            fputs("\\n", stdout);
        } else if (*p == '\\') {
            fputs("\\\\", stdout);
        } else {
            putchar(*p);
        }
    }
    putchar('\n');
}

static void
clear_output(struct nbctl *nbctl)
{
    for (size_t i = 0; i < nbctl->n_commands; i++) {
        struct ctl_command *command = &nbctl->commands[i];

        ds_destroy(&command->output);
        ds_init(&command->output);
        table_destroy(command->table);
        free(command->table);
        command->table = NULL;
    }
}
