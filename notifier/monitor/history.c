/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See history.h.  A change knows its postings, so that it can be taken out of
 * them when it is the oldest; it is then the first of each. */

#include <config.h>

#include "monitor/history.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "monitor/version.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb-data.h"
#include "ovsdb/column.h"
#include "ovsdb/row.h"
#include "ovsdb/table.h"
#include "util.h"

struct mon_past_change {
    struct mon_version *old;
    struct ovsdb_row *new;      /* A copy; NULL: gone. */
    size_t bytes;               /* Of both, estimated. */
    struct posting **postings;
    size_t n_postings;
};

/* A state that the database was in before change 'seq'. */
struct mon_past_state {
    struct ovs_list node;       /* In 'states'. */
    struct hmap_node hmap_node; /* In 'states_by_id'. */
    struct uuid id;
    uint64_t seq;
};

/* The changes that are listed under one value. */
struct posting {
    struct hmap_node node;
    const struct ovsdb_column *column;
    struct ovsdb_datum value;
    uint64_t *seqs;             /* Ascending; those before 'begin' are gone. */
    size_t begin, n, allocated;
};

struct listed_table {
    struct hmap_node node;
    const struct ovsdb_table *table;
    const struct ovsdb_column **columns;
    size_t n_columns;
};

void
mon_history_init(struct mon_history *history, size_t max)
{
    *history = (struct mon_history) { .max = max };
    ovs_list_init(&history->states);
    hmap_init(&history->states_by_id);
    hmap_init(&history->postings);
    hmap_init(&history->tables);
}

static struct mon_past_change *
change_at(const struct mon_history *history, uint64_t seq)
{
    return &history->changes[seq % history->allocated];
}

/* Postings. */

static uint32_t
posting_hash(const struct ovsdb_column *column,
             const struct ovsdb_datum *value)
{
    return ovsdb_datum_hash(value, &column->type, hash_pointer(column, 0));
}

static struct posting *
find_posting(const struct mon_history *history,
             const struct ovsdb_column *column,
             const struct ovsdb_datum *value)
{
    struct posting *posting;

    HMAP_FOR_EACH_WITH_HASH (posting, node, posting_hash(column, value),
                             &history->postings) {
        if (posting->column == column
            && ovsdb_datum_equals(&posting->value, value, &column->type)) {
            return posting;
        }
    }
    return NULL;
}

static struct posting *
posting_create(struct mon_history *history, const struct ovsdb_column *column,
               const struct ovsdb_datum *value)
{
    struct posting *posting = xzalloc(sizeof *posting);

    posting->column = column;
    ovsdb_datum_clone(&posting->value, value);
    hmap_insert(&history->postings, &posting->node,
                posting_hash(column, value));
    return posting;
}

static void
posting_destroy(struct mon_history *history, struct posting *posting)
{
    hmap_remove(&history->postings, &posting->node);
    ovsdb_datum_destroy(&posting->value, &posting->column->type);
    free(posting->seqs);
    free(posting);
}

static void
posting_add(struct posting *posting, uint64_t seq)
{
    if (posting->n == posting->allocated && posting->begin
        && posting->begin >= posting->n / 2) {
        posting->n -= posting->begin;
        memmove(posting->seqs, posting->seqs + posting->begin,
                posting->n * sizeof *posting->seqs);
        posting->begin = 0;
    }
    if (posting->n == posting->allocated) {
        posting->seqs = x2nrealloc(posting->seqs, &posting->allocated,
                                   sizeof *posting->seqs);
    }
    posting->seqs[posting->n++] = seq;
}

/* Lists change 'seq' under 'value', unless it is already. */
static void
list_under(struct mon_history *history, uint64_t seq,
           const struct ovsdb_column *column, const struct ovsdb_datum *value)
{
    struct mon_past_change *change = change_at(history, seq);
    struct posting *posting = find_posting(history, column, value);

    if (!posting) {
        posting = posting_create(history, column, value);
    } else if (posting->n && posting->seqs[posting->n - 1] == seq) {
        return;
    }
    posting_add(posting, seq);
    change->postings = xrealloc(change->postings,
                                ((change->n_postings + 1)
                                 * sizeof *change->postings));
    change->postings[change->n_postings++] = posting;
}

static void
list_by(struct mon_history *history, uint64_t seq,
        const struct ovsdb_column *column)
{
    const struct mon_past_change *change = change_at(history, seq);

    if (change->old->row) {
        list_under(history, seq, column,
                   &change->old->row->fields[column->index]);
    }
    if (change->new) {
        list_under(history, seq, column, &change->new->fields[column->index]);
    }
}

/* Columns. */

static struct listed_table *
find_table(const struct mon_history *history, const struct ovsdb_table *table)
{
    struct listed_table *listed;

    HMAP_FOR_EACH_WITH_HASH (listed, node, hash_pointer(table, 0),
                             &history->tables) {
        if (listed->table == table) {
            return listed;
        }
    }
    return NULL;
}

void
mon_history_add_column(struct mon_history *history,
                       const struct ovsdb_table *table,
                       const struct ovsdb_column *column)
{
    struct listed_table *listed = find_table(history, table);

    if (!listed) {
        listed = xzalloc(sizeof *listed);
        listed->table = table;
        hmap_insert(&history->tables, &listed->node, hash_pointer(table, 0));
    }
    for (size_t i = 0; i < listed->n_columns; i++) {
        if (listed->columns[i] == column) {
            return;
        }
    }
    listed->columns = xrealloc(listed->columns,
                               ((listed->n_columns + 1)
                                * sizeof *listed->columns));
    listed->columns[listed->n_columns++] = column;
    for (uint64_t seq = history->tail; seq < history->head; seq++) {
        if (change_at(history, seq)->old->table == table) {
            list_by(history, seq, column);
        }
    }
}

/* Changes. */

static void
state_destroy(struct mon_history *history, struct mon_past_state *state)
{
    ovs_list_remove(&state->node);
    hmap_remove(&history->states_by_id, &state->hmap_node);
    free(state);
}

static void
drop_oldest(struct mon_history *history)
{
    struct mon_past_change *change = change_at(history, history->tail);
    struct mon_past_state *state;

    for (size_t i = 0; i < change->n_postings; i++) {
        struct posting *posting = change->postings[i];

        ovs_assert(posting->seqs[posting->begin] == history->tail);
        if (++posting->begin == posting->n) {
            posting_destroy(history, posting);
        }
    }
    free(change->postings);
    mon_version_unref(change->old);
    ovsdb_row_destroy(change->new);
    history->bytes -= change->bytes;
    history->tail++;
    LIST_FOR_EACH_SAFE (state, node, &history->states) {
        if (state->seq >= history->tail) {
            break;
        }
        state_destroy(history, state);
    }
}

/* Makes room in the ring, which grows up to 'max'. */
static void
make_room(struct mon_history *history)
{
    size_t n = history->head - history->tail;
    struct mon_past_change *changes;
    size_t allocated;

    if (n < history->allocated) {
        return;
    }
    if (n == history->max) {
        drop_oldest(history);
        return;
    }
    allocated = MIN(history->max, MAX(64, 2 * history->allocated));
    changes = xcalloc(allocated, sizeof *changes);
    for (uint64_t seq = history->tail; seq < history->head; seq++) {
        changes[seq % allocated] = *change_at(history, seq);
    }
    free(history->changes);
    history->changes = changes;
    history->allocated = allocated;
}

static size_t
estimate_atoms(const union ovsdb_atom *atoms, size_t n,
               enum ovsdb_atomic_type type)
{
    size_t bytes = n * sizeof *atoms;

    for (size_t i = 0; type == OVSDB_TYPE_STRING && i < n; i++) {
        bytes += strlen(json_string(atoms[i].s));
    }
    return bytes;
}

/* What a row takes; values that it shares with others are counted too. */
static size_t
estimate(const struct ovsdb_row *row)
{
    const struct shash_node *node;
    size_t bytes = sizeof *row;

    SHASH_FOR_EACH (node, &row->table->schema->columns) {
        const struct ovsdb_column *column = node->data;
        const struct ovsdb_datum *datum = &row->fields[column->index];

        bytes += sizeof *datum;
        bytes += estimate_atoms(datum->keys, datum->n, column->type.key.type);
        if (ovsdb_type_is_map(&column->type)) {
            bytes += estimate_atoms(datum->values, datum->n,
                                    column->type.value.type);
        }
    }
    return bytes;
}

static void
limit_bytes(struct mon_history *history)
{
    while (history->bytes > history->max * MON_HISTORY_ROW_BYTES
           && history->tail < history->head) {
        drop_oldest(history);
    }
}

void
mon_history_add(struct mon_history *history, struct mon_version *old,
                const struct ovsdb_row *new)
{
    const struct listed_table *listed = find_table(history, old->table);
    uint64_t seq;

    if (!history->max) {
        return;
    }
    make_room(history);
    seq = history->head++;
    *change_at(history, seq) = (struct mon_past_change) {
        .old = mon_version_ref(old),
        .new = new ? ovsdb_row_datum_clone(new) : NULL,
        .bytes = estimate(new ? new : old->row),
    };
    history->bytes += change_at(history, seq)->bytes;
    for (size_t i = 0; listed && i < listed->n_columns; i++) {
        list_by(history, seq, listed->columns[i]);
    }
    limit_bytes(history);
}

void
mon_history_commit(struct mon_history *history, const struct uuid *id)
{
    struct mon_past_state *state = xmalloc(sizeof *state);

    if (!ovs_list_is_empty(&history->states)) {
        struct mon_past_state *last = CONTAINER_OF(
            ovs_list_back(&history->states), struct mon_past_state, node);

        if (last->seq == history->head) {
            state_destroy(history, last);
        }
    }
    state->id = *id;
    state->seq = history->head;
    ovs_list_push_back(&history->states, &state->node);
    hmap_insert(&history->states_by_id, &state->hmap_node, uuid_hash(id));
}

void
mon_history_clear(struct mon_history *history, bool keep_columns)
{
    struct mon_past_state *state;
    struct listed_table *listed;

    while (history->tail < history->head) {
        drop_oldest(history);
    }
    LIST_FOR_EACH_SAFE (state, node, &history->states) {
        state_destroy(history, state);
    }
    if (!keep_columns) {
        HMAP_FOR_EACH_POP (listed, node, &history->tables) {
            free(listed->columns);
            free(listed);
        }
    }
}

void
mon_history_destroy(struct mon_history *history)
{
    mon_history_clear(history, false);
    free(history->changes);
    hmap_destroy(&history->states_by_id);
    hmap_destroy(&history->postings);
    hmap_destroy(&history->tables);
}

/* Looking back. */

bool
mon_history_find(const struct mon_history *history, const struct uuid *id,
                 uint64_t *seqp)
{
    const struct mon_past_state *state;
    bool found = false;

    HMAP_FOR_EACH_WITH_HASH (state, hmap_node, uuid_hash(id),
                             &history->states_by_id) {
        if (uuid_equals(&state->id, id) && (!found || state->seq > *seqp)) {
            *seqp = state->seq;
            found = true;
        }
    }
    return found;
}

struct mon_version *
mon_history_get(const struct mon_history *history, uint64_t seq)
{
    return change_at(history, seq)->old;
}

/* Index of the first of the posting's changes from 'seq' on. */
static size_t
first_from(const struct posting *posting, uint64_t seq)
{
    size_t low = posting->begin, high = posting->n;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (posting->seqs[middle] < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void
mon_history_for_each(const struct mon_history *history,
                     const struct ovsdb_column *column,
                     const struct ovsdb_datum *value, uint64_t seq,
                     void (*cb)(uint64_t seq, void *aux), void *aux)
{
    const struct posting *posting = find_posting(history, column, value);

    for (size_t i = posting ? first_from(posting, seq) : 0;
         posting && i < posting->n; i++) {
        cb(posting->seqs[i], aux);
    }
}
