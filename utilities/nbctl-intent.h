/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The record that goes with every change of intent.
 *
 * Whoever changes a Network, Subnet, Port or Host raises its revision_number
 * by one and sets updated_at and updated_by; a new row gets created_at and,
 * unless told otherwise, is admin up.  Who deleted what is written into
 * NB_Global.  That is done here, in one place, for whatever command made the
 * change, "set" and "create" included: after the commands have run and before
 * the commit.
 *
 * The raised revision is written on condition that nobody else has raised it
 * meanwhile; otherwise the transaction is tried again with what is there then.
 * So of two changes at the same moment both count.  A write that changes
 * nothing raises nothing.
 *
 * The result also says which objects the transaction was about, with the
 * revision that a hypervisor must have applied: what --wait=hv waits for. */

#ifndef NBCTL_INTENT_H
#define NBCTL_INTENT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/uuid.h"

struct fetch;
struct ovsdb_idl;
struct ovsdb_idl_table;
struct ovsdb_idl_table_class;
struct ovsdb_idl_txn;

enum intent_kind {
    INTENT_NETWORK,
    INTENT_PORT,
    INTENT_HOST,
    INTENT_SUBNET,
    N_INTENT_KINDS
};

/* An object that a transaction wrote, be it with the value it had before, or
 * deleted. */
struct intent_object {
    enum intent_kind kind;
    struct uuid uuid;
    char *name;                 /* Host: the hypervisor. */
    int64_t revision;           /* After the transaction. */
    bool deleted;
};

/* The intent changed by one transaction. */
struct intent {
    const struct ovsdb_idl *idl;
    char *author;               /* As updated_by has it. */
    const char *comment;        /* The transaction's. */
    struct ovsdb_idl_table *tables[N_INTENT_KINDS]; /* NULL: no row so far. */
    struct intent_object *objects;
    size_t n, allocated;
};

/* Returns true if the table is one of those with revisions. */
bool intent_has_table(const struct ovsdb_idl_table_class *);

/* Asks for the columns that are needed to change rows of that table (which
 * may be one without revisions).  Before the first connection only. */
void intent_fetch_columns(struct fetch *,
                          const struct ovsdb_idl_table_class *);

/* Starts the record of a transaction just created on 'idl' with 'comment',
 * which has to outlive the record. */
void intent_begin(struct intent *, const struct ovsdb_idl *idl,
                  const char *comment);

/* Completes the changed rows and lists them in 'intent->objects'.  To be
 * called after all commands and before the commit.  Returns NULL, or a
 * message for the caller to free if the user wrote what is not his to write;
 * then the transaction must not be committed. */
char *intent_complete(struct intent *) OVS_WARN_UNUSED_RESULT;

/* Replaces the preliminary UUIDs of new rows, after 'txn' has committed. */
void intent_committed(struct intent *, const struct ovsdb_idl_txn *txn);

void intent_destroy(struct intent *);

/* Returns what a row of that kind is called in messages, e.g. "port". */
const char *intent_kind_name(enum intent_kind);

#endif /* nbctl-intent.h */
