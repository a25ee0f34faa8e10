/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See state.h. */

#include <config.h>

#include "monitor/state.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb/column.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"
#include "util.h"

/* Everything with its length or of a fixed size, so that no two rows have the
 * same bytes. */
static void
put_string(struct ds *out, const char *s)
{
    uint32_t length = strlen(s);

    ds_put_buffer(out, (const char *) &length, sizeof length);
    ds_put_buffer(out, s, length);
}

static void
put_atoms(struct ds *out, const union ovsdb_atom *atoms, size_t n,
          enum ovsdb_atomic_type type)
{
    for (size_t i = 0; i < n; i++) {
        const union ovsdb_atom *atom = &atoms[i];

        switch (type) {
        case OVSDB_TYPE_INTEGER:
            ds_put_buffer(out, (const char *) &atom->integer,
                          sizeof atom->integer);
            break;
        case OVSDB_TYPE_REAL:
            ds_put_buffer(out, (const char *) &atom->real,
                          sizeof atom->real);
            break;
        case OVSDB_TYPE_BOOLEAN:
            ds_put_char(out, atom->boolean);
            break;
        case OVSDB_TYPE_STRING:
            put_string(out, json_string(atom->s));
            break;
        case OVSDB_TYPE_UUID:
            ds_put_buffer(out, (const char *) &atom->uuid,
                          sizeof atom->uuid);
            break;
        case OVSDB_TYPE_VOID:
        case OVSDB_N_TYPES:
            OVS_NOT_REACHED();
        }
    }
}

static void
put_column(struct ds *out, const struct ovsdb_column *column,
           const struct ovsdb_row *row)
{
    const struct ovsdb_datum *datum = &row->fields[column->index];
    uint32_t n = datum->n;

    put_string(out, column->name);
    ds_put_buffer(out, (const char *) &n, sizeof n);
    put_atoms(out, datum->keys, n, column->type.key.type);
    if (ovsdb_type_is_map(&column->type)) {
        put_atoms(out, datum->values, n, column->type.value.type);
    }
}

static int
compare_names(const void *a_, const void *b_)
{
    const struct ovsdb_column *const *a = a_;
    const struct ovsdb_column *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

/* The columns that are hashed, in the order of their names, which is the same
 * everywhere. */
static size_t
hashed_columns(const struct ovsdb_row *row,
               const struct ovsdb_column *columns[])
{
    const struct shash_node *node;
    size_t n = 0;

    SHASH_FOR_EACH (node, &row->table->schema->columns) {
        const struct ovsdb_column *column = node->data;

        if (column->index >= OVSDB_N_STD_COLUMNS
            && !ovsdb_datum_is_default(&row->fields[column->index],
                                       &column->type)) {
            columns[n++] = column;
        }
    }
    qsort(columns, n, sizeof *columns, compare_names);
    return n;
}

static struct mon_state
hash_row(const struct ovsdb_row *row)
{
    const struct ovsdb_column **columns
        = xmalloc(shash_count(&row->table->schema->columns)
                  * sizeof *columns);
    size_t n = hashed_columns(row, columns);
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct ds bytes = DS_EMPTY_INITIALIZER;
    struct mon_state state;

    put_string(&bytes, row->table->schema->name);
    ds_put_buffer(&bytes, (const char *) ovsdb_row_get_uuid(row),
                  sizeof(struct uuid));
    for (size_t i = 0; i < n; i++) {
        put_column(&bytes, columns[i], row);
    }
    if (!EVP_Digest(bytes.string, bytes.length, digest, NULL, EVP_sha256(),
                    NULL)) {
        ovs_fatal(0, "SHA-256 is not to be had from the OpenSSL library");
    }
    memcpy(&state, digest, sizeof state);
    ds_destroy(&bytes);
    free(columns);
    return state;
}

void
mon_state_add(struct mon_state *state, const struct ovsdb_row *row)
{
    struct mon_state hash = hash_row(row);

    state->low += hash.low;
    state->high += hash.high + (state->low < hash.low);
}

void
mon_state_remove(struct mon_state *state, const struct ovsdb_row *row)
{
    struct mon_state hash = hash_row(row);

    state->high -= hash.high + (state->low < hash.low);
    state->low -= hash.low;
}

struct uuid
mon_state_id(const struct mon_state *state)
{
    struct uuid id;

    memcpy(&id, state, sizeof id);
    if (uuid_is_zero(&id)) {
        id.parts[0] = 1;
    }
    return id;
}
