/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See since.h.  The rows that have changed become due, in the order of their
 * changes, so that each is due as the client knows it; then they are told. */

#include <config.h>

#include "monitor/since.h"

#include <stdlib.h>

#include "monitor/condition.h"
#include "monitor/db.h"
#include "monitor/history.h"
#include "monitor/monitor.h"
#include "monitor/rows.h"
#include "monitor/table.h"
#include "monitor/version.h"
#include "monitor/view.h"
#include "ovsdb/table.h"
#include "util.h"

/* Numbers of changes. */
struct seqs {
    uint64_t *seqs;
    size_t n, allocated;
};

static void
add_seq(uint64_t seq, void *seqs_)
{
    struct seqs *seqs = seqs_;

    if (seqs->n == seqs->allocated) {
        seqs->seqs = x2nrealloc(seqs->seqs, &seqs->allocated,
                                sizeof *seqs->seqs);
    }
    seqs->seqs[seqs->n++] = seq;
}

static int
compare_seqs(const void *a_, const void *b_)
{
    const uint64_t *a = a_;
    const uint64_t *b = b_;

    return (*a > *b) - (*a < *b);
}

/* Every change since of the table, for a condition whose rows cannot be
 * looked up. */
static void
collect_all(const struct mon_view *view, uint64_t seq, struct seqs *seqs)
{
    const struct mon_history *history = &view->monitor->db->history;

    for (; seq < mon_history_head(history); seq++) {
        if (mon_history_get(history, seq)->table == view->table->table) {
            add_seq(seq, seqs);
        }
    }
}

static void
collect(const struct mon_view *view, uint64_t seq, struct seqs *seqs)
{
    const struct mon_history *history = &view->monitor->db->history;
    const struct mon_clause *clause;

    if (view->condition.kind != MON_COND_EQUALS) {
        collect_all(view, seq, seqs);
        return;
    }
    HMAP_FOR_EACH (clause, node, &view->condition.clauses) {
        mon_history_for_each(history, clause->column, &clause->value, seq,
                             add_seq, seqs);
    }
    if (seqs->n) {
        qsort(seqs->seqs, seqs->n, sizeof *seqs->seqs, compare_seqs);
    }
}

static void
count_row(const struct ovsdb_row *row OVS_UNUSED, void *n_)
{
    size_t *n = n_;

    (*n)++;
}

void
mon_since_tell(struct mon_view *view, uint64_t seq, struct mon_update *update)
{
    const struct mon_db *db = view->monitor->db;
    struct seqs seqs = { NULL, 0, 0 };
    size_t n_rows = 0;

    collect(view, seq, &seqs);
    for (size_t i = 0; i < seqs.n; i++) {
        mon_view_add_due(view, mon_history_get(&db->history, seqs.seqs[i]));
    }
    free(seqs.seqs);
    mon_view_tell_due(view, update, db->n_commits);
    if (view->condition.kind == MON_COND_ALL) {
        n_rows = hmap_count(&view->table->table->rows);
    } else {
        mon_rows_for_each(db->index, view->table, &view->condition, NULL,
                          count_row, &n_rows);
    }
    view->n_rows = n_rows;
}
