/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Turns what commands ask for into conditions of the IDL.  See nbctl-fetch.h.
 *
 * Stands between the commands (nbctl-find.h, mostly) and the IDL, of which it
 * alone sets conditions.  Only "==" clauses: the server has a hash for them,
 * and gives it up for the whole table when there is any other.
 *
 * No function here fails.  What cannot be had because the connection is lost
 * has not arrived; that the connection is lost is the main loop's matter. */

#include <config.h>

#include "nbctl-fetch.h"

#include "lib/sluice-nb-idl.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "util.h"

struct fetch {
    struct ovsdb_idl *idl;
    struct fetch_table {
        bool used;              /* Has columns that somebody reads? */
        struct ovsdb_idl_condition condition;
    } tables[NBREC_N_TABLES];

    /* While the IDL is connected anew, it takes each condition as fulfilled
     * before the rows are there: true from the loss of the connection until
     * the IDL's sequence number has moved on from 'stale_seqno'. */
    bool stale;
    unsigned int stale_seqno;
};

/* The IDL has no column for a row's UUID, but a clause needs only the name
 * and the type. */
static char uuid_column_name[] = "_uuid";
static const struct ovsdb_idl_column uuid_column = {
    .name = uuid_column_name,
    .type = OVSDB_TYPE_SCALAR_INITIALIZER(OVSDB_BASE_UUID_INIT),
};

static bool add_clause(struct fetch *, const struct ovsdb_idl_table_class *,
                       const struct ovsdb_idl_column *, union ovsdb_atom *);
static bool is_fresh(struct fetch *);
static struct fetch_table *table_of(struct fetch *,
                                    const struct ovsdb_idl_table_class *);
static const struct ovsdb_idl_table_class *class_of(
    const struct ovsdb_idl_column *);

struct fetch *
fetch_create(struct ovsdb_idl *idl)
{
    struct fetch *fetch = xzalloc(sizeof *fetch);

    fetch->idl = idl;
    fetch->stale = true;
    fetch->stale_seqno = ovsdb_idl_get_seqno(idl);
    for (size_t i = 0; i < ARRAY_SIZE(fetch->tables); i++) {
        ovsdb_idl_condition_init(&fetch->tables[i].condition);
    }
    return fetch;
}

void
fetch_destroy(struct fetch *fetch)
{
    if (fetch) {
        for (size_t i = 0; i < ARRAY_SIZE(fetch->tables); i++) {
            ovsdb_idl_condition_destroy(&fetch->tables[i].condition);
        }
        free(fetch);
    }
}

void
fetch_column(struct fetch *fetch, const struct ovsdb_idl_column *column)
{
    const struct ovsdb_idl_table_class *class = class_of(column);
    struct fetch_table *table = table_of(fetch, class);

    ovsdb_idl_add_column(fetch->idl, column);
    if (!table->used) {
        /* No row has this UUID.  It is there so that no later condition brings
         * in a column, _uuid, that this session's first did not have:
         * ovsdb-server 3.1, whose sessions share a monitor, then reads beyond
         * the rows that still wait to be sent to another, and crashes. */
        union ovsdb_atom atom = { .uuid = UUID_ZERO };

        table->used = true;

        /* Or the IDL takes a table none of whose columns the server has for
         * one that the server does not have. */
        ovsdb_idl_add_table(fetch->idl, class);
        add_clause(fetch, class, &uuid_column, &atom);
    }
}

bool
fetch_all(struct fetch *fetch, const struct ovsdb_idl_table_class *class)
{
    struct ovsdb_idl_condition *condition = &table_of(fetch, class)->condition;

    if (ovsdb_idl_condition_is_true(condition)) {
        return true;
    }
    ovsdb_idl_condition_add_clause_true(condition);
    poll_immediate_wake();      /* For fetch_arrived() to ask. */
    return false;
}

void
fetch_everything(struct fetch *fetch)
{
    for (size_t i = 0; i < ARRAY_SIZE(fetch->tables); i++) {
        fetch_all(fetch, &nbrec_table_classes[i]);
    }
}

bool
fetch_uuid(struct fetch *fetch, const struct ovsdb_idl_table_class *class,
           const struct uuid *uuid)
{
    union ovsdb_atom atom = { .uuid = *uuid };

    return add_clause(fetch, class, &uuid_column, &atom);
}

bool
fetch_uuid_eq(struct fetch *fetch, const struct ovsdb_idl_column *column,
              const struct uuid *uuid)
{
    union ovsdb_atom atom = { .uuid = *uuid };

    return add_clause(fetch, class_of(column), column, &atom);
}

bool
fetch_string_eq(struct fetch *fetch, const struct ovsdb_idl_column *column,
                const char *s)
{
    union ovsdb_atom atom = { .s = ovsdb_atom_string_create(s) };

    return add_clause(fetch, class_of(column), column, &atom);
}

bool
fetch_integer_eq(struct fetch *fetch, const struct ovsdb_idl_column *column,
                 int64_t integer)
{
    union ovsdb_atom atom = { .integer = integer };

    return add_clause(fetch, class_of(column), column, &atom);
}

bool
fetch_arrived(struct fetch *fetch)
{
    unsigned int now = ovsdb_idl_get_condition_seqno(fetch->idl);
    bool acknowledged = true;

    for (size_t i = 0; i < ARRAY_SIZE(fetch->tables); i++) {
        struct fetch_table *table = &fetch->tables[i];

        /* Setting the condition that is set already only tells when it is
         * fulfilled.  That cannot be remembered from the first time: when the
         * connection is made anew the number changes. */
        if (table->used
            && ovsdb_idl_set_condition(fetch->idl, &nbrec_table_classes[i],
                                       &table->condition) != now) {
            acknowledged = false;
        }
    }
    return is_fresh(fetch) && acknowledged;
}

const char *
fetch_missing_table(const struct fetch *fetch)
{
    if (ovsdb_idl_has_ever_connected(fetch->idl)) {
        for (size_t i = 0; i < ARRAY_SIZE(fetch->tables); i++) {
            const struct ovsdb_idl_table_class *class
                = &nbrec_table_classes[i];

            if (fetch->tables[i].used
                && !ovsdb_idl_server_has_table(fetch->idl, class)) {
                return class->name;
            }
        }
    }
    return NULL;
}

/* Returns true if the replica's contents are from the present connection. */
static bool
is_fresh(struct fetch *fetch)
{
    unsigned int seqno = ovsdb_idl_get_seqno(fetch->idl);

    if (!ovsdb_idl_is_connected(fetch->idl)) {
        fetch->stale = true;
        fetch->stale_seqno = seqno;
    } else if (fetch->stale && seqno != fetch->stale_seqno) {
        fetch->stale = false;
    }
    return !fetch->stale;
}

/* Adds the clause "'column' == 'atom'" to the condition of 'class' and takes
 * what 'atom' points to.  Returns true if it was there. */
static bool
add_clause(struct fetch *fetch, const struct ovsdb_idl_table_class *class,
           const struct ovsdb_idl_column *column, union ovsdb_atom *atom)
{
    struct ovsdb_idl_condition *condition = &table_of(fetch, class)->condition;
    size_t n_clauses = hmap_count(&condition->clauses);
    bool asked = true;

    if (!ovsdb_idl_condition_is_true(condition)) {
        /* The clause's datum shares its keys with this one and counts them in
         * use, so they have to be on the heap. */
        struct ovsdb_datum datum;
        ovsdb_datum_init_empty(&datum);
        ovsdb_datum_add_unsafe(&datum, atom, NULL, &column->type, NULL);
        ovsdb_idl_condition_add_clause(condition, OVSDB_F_EQ, column, &datum);
        ovsdb_datum_destroy(&datum, &column->type);

        if (hmap_count(&condition->clauses) != n_clauses) {
            poll_immediate_wake();
            asked = false;
        }
    }
    ovsdb_atom_destroy(atom, column->type.key.type);
    return asked;
}

static struct fetch_table *
table_of(struct fetch *fetch, const struct ovsdb_idl_table_class *class)
{
    return &fetch->tables[class - nbrec_table_classes];
}

static const struct ovsdb_idl_table_class *
class_of(const struct ovsdb_idl_column *column)
{
    return ovsdb_idl_table_class_from_column(&nbrec_idl_class, column);
}
