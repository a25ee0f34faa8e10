/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Keeps revision_number and its companions.  See nbctl-intent.h.
 *
 * The IDL keeps no list of a transaction's rows for others to read, but it
 * marks each row that is part of one, so this walks the replica of the four
 * tables.  That holds what the commands asked for, usually one row.
 *
 * Nothing fails here but what the user may not do; conflicts with other
 * writers are found by the server at the commit. */

#include <config.h>

#include "nbctl-intent.h"

#include "lib/sluice-nb-idl.h"
#include "nbctl-author.h"
#include "nbctl-fetch.h"
#include "nbctl-row.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "util.h"

/* The columns that matter here, of each table with revisions. */
static const struct intent_table {
    const struct ovsdb_idl_table_class *class;
    const char *what;           /* A row, in messages. */
    const struct ovsdb_idl_column *name;
    const struct ovsdb_idl_column *revision_number;
    const struct ovsdb_idl_column *created_at;
    const struct ovsdb_idl_column *updated_at;
    const struct ovsdb_idl_column *updated_by;
    const struct ovsdb_idl_column *admin_state_up; /* May be NULL. */
} intent_tables[N_INTENT_KINDS] = {
    [INTENT_NETWORK] = {
        &nbrec_table_network, "network",
        &nbrec_network_col_name, &nbrec_network_col_revision_number,
        &nbrec_network_col_created_at, &nbrec_network_col_updated_at,
        &nbrec_network_col_updated_by,
        &nbrec_network_col_admin_state_up,
    },
    [INTENT_PORT] = {
        &nbrec_table_port, "port",
        &nbrec_port_col_name, &nbrec_port_col_revision_number,
        &nbrec_port_col_created_at, &nbrec_port_col_updated_at,
        &nbrec_port_col_updated_by,
        &nbrec_port_col_admin_state_up,
    },
    [INTENT_HOST] = {
        &nbrec_table_host, "host",
        &nbrec_host_col_host, &nbrec_host_col_revision_number,
        &nbrec_host_col_created_at, &nbrec_host_col_updated_at,
        &nbrec_host_col_updated_by,
        &nbrec_host_col_admin_state_up,
    },
    [INTENT_SUBNET] = {
        &nbrec_table_subnet, "subnet",
        &nbrec_subnet_col_name, &nbrec_subnet_col_revision_number,
        &nbrec_subnet_col_created_at, &nbrec_subnet_col_updated_at,
        &nbrec_subnet_col_updated_by,
        NULL,
    },
};

static const struct intent_table *find_table(
    const struct ovsdb_idl_table_class *);
static char *complete_row(struct intent *, enum intent_kind,
                          struct ovsdb_idl_row *);
static void complete_new_row(const struct intent *,
                             const struct intent_table *,
                             struct ovsdb_idl_row *);
static void raise_revision(const struct intent *, const struct intent_table *,
                           struct ovsdb_idl_row *);
static void write_update(const struct intent *, const struct intent_table *,
                         struct ovsdb_idl_row *);
static char *check_written(const struct intent_table *,
                           const struct ovsdb_idl_row *);
static void add_object(struct intent *, enum intent_kind,
                       const struct ovsdb_idl_row *, bool deleted);
static void record_deletion(const struct intent *);

bool
intent_has_table(const struct ovsdb_idl_table_class *class)
{
    return find_table(class) != NULL;
}

void
intent_fetch_columns(struct fetch *fetch,
                     const struct ovsdb_idl_table_class *class)
{
    const struct intent_table *table = find_table(class);

    if (table) {
        fetch_column(fetch, table->name);
        fetch_column(fetch, table->revision_number);
        fetch_column(fetch, table->updated_at);
        fetch_column(fetch, table->updated_by);

        /* For last_deletion. */
        fetch_column(fetch, &nbrec_nb_global_col_last_deletion);
        fetch_all(fetch, &nbrec_table_nb_global);
    }
}

void
intent_begin(struct intent *intent, const struct ovsdb_idl *idl,
             const char *comment)
{
    *intent = (struct intent) {
        .idl = idl, .author = author_get(), .comment = comment };
    for (int kind = 0; kind < N_INTENT_KINDS; kind++) {
        /* Now, because rows that a command deletes cannot be got at from the
         * IDL any more, only from their table. */
        const struct ovsdb_idl_row *row
            = ovsdb_idl_first_row(idl, intent_tables[kind].class);
        intent->tables[kind] = row ? row->table : NULL;
    }
}

char *
intent_complete(struct intent *intent)
{
    for (int kind = 0; kind < N_INTENT_KINDS; kind++) {
        struct ovsdb_idl_table *table = intent->tables[kind];
        struct ovsdb_idl_row *row;

        if (!table) {
            const struct ovsdb_idl_row *first
                = ovsdb_idl_first_row(intent->idl, intent_tables[kind].class);
            if (!first) {
                continue;
            }
            table = first->table;
        }
        HMAP_FOR_EACH (row, hmap_node, &table->rows) {
            if (!hmap_node_is_null(&row->txn_node)) {
                char *error = complete_row(intent, kind, row);
                if (error) {
                    return error;
                }
            }
        }
    }
    record_deletion(intent);
    return NULL;
}

void
intent_committed(struct intent *intent, const struct ovsdb_idl_txn *txn)
{
    for (size_t i = 0; i < intent->n; i++) {
        struct intent_object *object = &intent->objects[i];
        const struct uuid *uuid = ovsdb_idl_txn_get_insert_uuid(txn,
                                                                &object->uuid);
        if (uuid) {
            object->uuid = *uuid;
        }
    }
}

void
intent_destroy(struct intent *intent)
{
    for (size_t i = 0; i < intent->n; i++) {
        free(intent->objects[i].name);
    }
    free(intent->objects);
    free(intent->author);
    *intent = (struct intent) { .idl = NULL };
}

const char *
intent_kind_name(enum intent_kind kind)
{
    return intent_tables[kind].what;
}

static const struct intent_table *
find_table(const struct ovsdb_idl_table_class *class)
{
    for (int kind = 0; kind < N_INTENT_KINDS; kind++) {
        if (intent_tables[kind].class == class) {
            return &intent_tables[kind];
        }
    }
    return NULL;
}

/* Completes 'row', which is part of the transaction. */
static char *
complete_row(struct intent *intent, enum intent_kind kind,
             struct ovsdb_idl_row *row)
{
    const struct intent_table *table = &intent_tables[kind];

    if (!row->new_datum) {
        add_object(intent, kind, row, true);
        return NULL;
    }
    if (row->old_datum && !row->written) {
        return NULL;            /* Only read, by "get". */
    }

    char *error = check_written(table, row);
    if (error) {
        return error;
    }
    if (!row->old_datum) {
        complete_new_row(intent, table, row);
    } else {
        raise_revision(intent, table, row);
    }
    add_object(intent, kind, row, false);
    return NULL;
}

static void
complete_new_row(const struct intent *intent, const struct intent_table *table,
                 struct ovsdb_idl_row *row)
{
    row_write_integer(row, table->revision_number, 1);
    if (!row_is_written(row, table->created_at)) {
        row_write_now(row, table->created_at);
    }
    write_update(intent, table, row);
    if (table->admin_state_up && !row_is_written(row, table->admin_state_up)) {
        row_write_atom(row, table->admin_state_up,
                       &(union ovsdb_atom) { .boolean = true });
    }
}

static void
raise_revision(const struct intent *intent, const struct intent_table *table,
               struct ovsdb_idl_row *row)
{
    int64_t revision = row_read_atom(row, table->revision_number)->integer;

    /* Also if nothing is changed: by the time of the commit, what is written
     * could be a change, were the row another by then. */
    ovsdb_idl_txn_verify(row, table->revision_number);
    if (row_is_changed(row)) {
        row_write_integer(row, table->revision_number, revision + 1);
        write_update(intent, table, row);
    }
}

/* Writes when and by whom 'row' is updated. */
static void
write_update(const struct intent *intent, const struct intent_table *table,
             struct ovsdb_idl_row *row)
{
    row_write_now(row, table->updated_at);

    /* A server with the schema before 1.1 does not have it. */
    if (ovsdb_idl_server_has_column(intent->idl, table->updated_by)) {
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_format(&s, "%s: ", intent->author);
        author_put_comment(&s, intent->comment, AUTHOR_MAX_UPDATE);
        row_write_string(row, table->updated_by, ds_cstr(&s));
        ds_destroy(&s);
    }
}

/* The revision is what hypervisors acknowledge, so it has to count changes
 * and cannot be chosen. */
static char *
check_written(const struct intent_table *table,
              const struct ovsdb_idl_row *row)
{
    const struct ovsdb_idl_column *column
        = (row_is_written(row, table->revision_number) ? table->revision_number
           : row_is_written(row, table->updated_at) ? table->updated_at
           : row_is_written(row, table->updated_by) ? table->updated_by
           : NULL);

    return !column ? NULL : xasprintf(
        "%s of %s \"%s\" cannot be set: sluice-nbctl itself writes it with "
        "every change", column->name, table->what,
        json_string(row_read_atom(row, table->name)->s));
}

static void
add_object(struct intent *intent, enum intent_kind kind,
           const struct ovsdb_idl_row *row, bool deleted)
{
    const struct intent_table *table = &intent_tables[kind];
    struct intent_object *object;

    if (intent->n >= intent->allocated) {
        intent->objects = x2nrealloc(intent->objects, &intent->allocated,
                                     sizeof *intent->objects);
    }
    object = &intent->objects[intent->n++];
    object->kind = kind;
    object->uuid = row->uuid;
    object->name = xstrdup(json_string(row_read_atom(row, table->name)->s));
    object->revision = row_read_atom(row, table->revision_number)->integer;
    object->deleted = deleted;
}

/* Says who deleted what, if anything was.  Not in a database that nobody has
 * initialized, or with the schema before 1.1: there is no place for it. */
static void
record_deletion(const struct intent *intent)
{
    const struct nbrec_nb_global *global = nbrec_nb_global_first(intent->idl);
    const struct ovsdb_idl_column *column = &nbrec_nb_global_col_last_deletion;
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < intent->n; i++) {
        if (intent->objects[i].deleted) {
            ds_put_format(&s, "%s"UUID_FMT, s.length ? "," : "",
                          UUID_ARGS(&intent->objects[i].uuid));
        }
    }
    if (s.length && global
        && ovsdb_idl_server_has_column(intent->idl, column)) {
        ds_put_format(&s, " by %s: ", intent->author);
        author_put_comment(&s, intent->comment, AUTHOR_MAX_DELETION);
        row_write_string(&global->header_, column, ds_cstr(&s));
    }
    ds_destroy(&s);
}
