/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See recorder.h.  Entries of a pass are kept until it is committed, and then
 * published; if it cannot be committed they are forgotten, and found again. */

#include <config.h>

#include "journal/recorder.h"

#include "api/resource.h"
#include "coverage.h"
#include "journal/compare.h"
#include "journal/journal.h"
#include "journal/marks.h"
#include "nb/replica.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(recorder);

COVERAGE_DEFINE(recorder_entry);
COVERAGE_DEFINE(recorder_compare_all);

/* The journal's note that its states are complete, so that an object without
 * one is new. */
#define BASELINE "baseline"

/* States looked at in one read when everything is compared. */
#define STATES_PER_READ 1000

/* An entry that is in the pass under way, with strings of its own. */
struct pending {
    struct ovs_list node;       /* In struct recorder's 'pending'. */
    struct journal_entry entry;
    long long int seen_usec;
};

struct recorder {
    struct comparison comparison;
    recorder_publish *publish;
    void *aux;

    struct marks marks;
    struct ovs_list pending;
    long long int seen_usec;    /* When the changes in hand were seen. */
    bool recovering;            /* What is found was changed at some time. */

    bool compare_due;           /* Marks are not enough: see recorder.h. */
    long long int compare_at;   /* Not before (time_msec()). */
    bool dirty;                 /* The journal's pass has something. */
};

static void
pending_free(struct pending *pending)
{
    struct journal_entry *e = &pending->entry;
    const char *strings[] = { e->resource, e->id, e->name, e->network_id,
                              e->project_id, e->host, e->old_host, e->object,
                              e->changes, e->by, e->comment };

    for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
        free(CONST_CAST(char *, strings[i]));
    }
    free(pending);
}

static void
forget_pending(struct recorder *recorder)
{
    struct pending *pending;

    LIST_FOR_EACH_POP (pending, node, &recorder->pending) {
        pending_free(pending);
    }
}

/* Appends 'entry' to the journal, and keeps a copy to be published. */
static void
append(struct journal_entry *entry, void *recorder_)
{
    struct recorder *recorder = recorder_;
    struct pending *pending;

    COVERAGE_INC(recorder_entry);
    entry->at_msec = time_wall_msec();
    entry->recovered = recorder->recovering;
    journal_append(recorder->comparison.journal, entry);
    if (!entry->visible) {
        return;
    }

    pending = xmalloc(sizeof *pending);
    pending->entry = *entry;
    pending->seen_usec = recorder->seen_usec;
    pending->entry.resource = xstrdup(entry->resource);
    pending->entry.id = xstrdup(entry->id);
    pending->entry.name = xstrdup(entry->name);
    pending->entry.network_id = xstrdup(entry->network_id);
    pending->entry.project_id = xstrdup(entry->project_id);
    pending->entry.host = xstrdup(entry->host);
    pending->entry.old_host = xstrdup(entry->old_host);
    pending->entry.object = xstrdup(entry->object);
    pending->entry.changes = xstrdup(entry->changes);
    pending->entry.by = xstrdup(entry->by);
    pending->entry.comment = xstrdup(entry->comment);
    pending->entry.internal = "";
    ovs_list_push_back(&recorder->pending, &pending->node);
}

struct recorder *
recorder_create(struct journal *journal, const struct api_view *view,
                recorder_publish *publish, void *aux)
{
    struct recorder *recorder = xzalloc(sizeof *recorder);

    recorder->comparison = (struct comparison) {
        .journal = journal, .view = view, .append = append, .aux = recorder,
    };
    recorder->publish = publish;
    recorder->aux = aux;
    recorder->compare_due = true;
    marks_init(&recorder->marks);
    ovs_list_init(&recorder->pending);
    return recorder;
}

void
recorder_destroy(struct recorder *recorder)
{
    if (recorder) {
        forget_pending(recorder);
        marks_destroy(&recorder->marks);
        free(recorder);
    }
}

static void
compare_marks(struct recorder *recorder)
{
    struct mark *mark;

    while ((mark = marks_pop(&recorder->marks)) != NULL) {
        if (compare_object(&recorder->comparison, mark->kind, &mark->id)) {
            recorder->dirty = true;
        }
        mark_free(mark);
    }
}

static const struct replica *
get_replica(const struct recorder *recorder)
{
    return recorder->comparison.view->replica;
}

/* Marks the objects that have a state and no row any more. */
struct gone {
    struct recorder *recorder;
    enum object_kind kind;
    char *last;                 /* Id of the last state seen. */
};

static void
mark_if_gone(const struct journal_state *state, void *gone_)
{
    struct gone *gone = gone_;
    struct uuid id;

    free(gone->last);
    gone->last = xstrdup(state->id);
    if (uuid_from_string(&id, state->id)
        && !replica_get(get_replica(gone->recorder),
                        compare_table(gone->kind), &id)) {
        marks_add(&gone->recorder->marks, gone->kind, &id);
    }
}

static void
mark_gone(struct recorder *recorder, enum object_kind kind)
{
    struct gone gone = { recorder, kind, xstrdup("") };
    size_t n;

    do {
        char *after = xstrdup(gone.last);

        n = journal_state_each(recorder->comparison.journal,
                               compare_resource(kind), after,
                               STATES_PER_READ, mark_if_gone, &gone);
        free(after);
    } while (n == STATES_PER_READ);
    free(gone.last);
}

static int
compare_ids(const void *a_, const void *b_)
{
    const struct nb_row *const *a = a_;
    const struct nb_row *const *b = b_;

    return uuid_compare_3way(nb_row_id(*a), nb_row_id(*b));
}

/* Compares every object of 'kind' with its last known state, or, where there
 * are no states yet, takes note of what it is. */
static void
compare_kind(struct recorder *recorder, enum object_kind kind, bool baseline)
{
    size_t n = replica_count(get_replica(recorder), compare_table(kind));
    const struct nb_row **rows = replica_rows(get_replica(recorder),
                                              compare_table(kind));

    /* As the journal has its states, so that each page is read or written
     * once. */
    qsort(rows, n, sizeof *rows, compare_ids);
    for (size_t i = 0; i < n; i++) {
        if (baseline) {
            compare_take_note(&recorder->comparison, kind, rows[i]);
        } else if (compare_object(&recorder->comparison, kind,
                                  nb_row_id(rows[i]))) {
            recorder->dirty = true;
        }
    }
    free(rows);
}

static void
compare_all(struct recorder *recorder)
{
    struct journal *journal = recorder->comparison.journal;
    char *note = journal_note_get(journal, BASELINE);
    long long int begun = time_msec();

    COVERAGE_INC(recorder_compare_all);
    recorder->compare_due = false;
    recorder->seen_usec = time_usec();
    recorder->recovering = true;

    /* One transaction for all: it need not be looked up for each state
     * whether somebody else has written to the file. */
    journal_note_put(journal, BASELINE, "complete");
    recorder->dirty = true;
    for (enum object_kind kind = 0; kind < OBJECT_N_KINDS; kind++) {
        mark_gone(recorder, kind);
        compare_kind(recorder, kind, !note);
    }
    compare_marks(recorder);
    recorder->recovering = false;
    free(note);
    VLOG_INFO("compared everything with the journal in %lld ms",
              time_msec() - begun);
}

void
recorder_change(struct recorder *recorder, const struct nb_change *change)
{
    if (!recorder->compare_due) {
        marks_change(&recorder->marks, get_replica(recorder), change);
    }
}

void
recorder_committed(struct recorder *recorder)
{
    if (!recorder->compare_due) {
        recorder->seen_usec = time_usec();
        compare_marks(recorder);
    }
}

void
recorder_agent_changed(struct recorder *recorder, const struct uuid *id)
{
    if (!recorder->compare_due) {
        marks_add(&recorder->marks, OBJECT_AGENT, id);
    }
}

/* Nothing of the pass is in the journal. */
static void
failed(struct recorder *recorder, char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

    VLOG_ERR_RL(&rl, "no event is sent until the journal can be written: %s",
                error);
    free(error);
    forget_pending(recorder);
    recorder->compare_due = true;
    recorder->compare_at = time_msec() + JOURNAL_RETRY_MSEC;
}

void
recorder_run(struct recorder *recorder)
{
    struct pending *pending;
    char *error;

    if (recorder->compare_due && time_msec() >= recorder->compare_at
        && replica_has_data(get_replica(recorder))) {
        compare_all(recorder);
    }
    compare_marks(recorder);    /* Of agents that died. */
    if (!recorder->dirty) {
        return;
    }
    recorder->dirty = false;
    error = journal_commit(recorder->comparison.journal);
    if (error) {
        failed(recorder, error);
        return;
    }
    LIST_FOR_EACH_POP (pending, node, &recorder->pending) {
        recorder->publish(&pending->entry, pending->seen_usec,
                          recorder->aux);
        pending_free(pending);
    }
}

void
recorder_wait(struct recorder *recorder)
{
    if (recorder->dirty || !marks_is_empty(&recorder->marks)) {
        poll_immediate_wake();
    } else if (recorder->compare_due
               && replica_has_data(get_replica(recorder))) {
        poll_timer_wait_until(recorder->compare_at);
    }
}

bool
recorder_is_ready(const struct recorder *recorder)
{
    return !recorder->compare_due;
}
