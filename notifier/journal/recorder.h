/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Turns changes of the replica into entries of the journal, and entries that
 * are committed into events.
 *
 *     replica --rows--> recorder --objects--> journal --> events
 *
 * A row that changes marks the objects that show it; when the server's
 * transaction is complete, each marked object is shown anew and compared with
 * its last known state, which is in the journal's file.  What differs becomes
 * an entry; a row that changed without any object looking different becomes
 * none.  A binding that moved on to a newer revision becomes an "applied"
 * entry.  So the cost of a change is that of the objects it shows in.
 *
 * After a full synchronization every object is compared so, which finds what
 * was changed while the notifier, or its connection, was down.  The very first
 * synchronization of a new journal only takes note of what is there.
 *
 * Errors: when the journal cannot be written, no event is sent, and after
 * JOURNAL_RETRY_MSEC everything is compared again, which finds the same
 * changes again; nothing is lost but the order and the moment of changes
 * meanwhile.  journal_problem() says what is wrong.
 *
 * Single-threaded. */

#ifndef JOURNAL_RECORDER_H
#define JOURNAL_RECORDER_H 1

#include <stdbool.h>

struct api_view;
struct journal;
struct journal_entry;
struct nb_change;
struct recorder;
struct uuid;

/* Called for each visible entry, in order, once it is committed; the entry is
 * good during the call.  'seen_usec' is when the change was seen
 * (time_usec()). */
typedef void recorder_publish(const struct journal_entry *,
                              long long int seen_usec, void *aux);

/* 'view' sees everything and outlives the recorder, like 'journal'. */
struct recorder *recorder_create(struct journal *journal,
                                 const struct api_view *view,
                                 recorder_publish *publish, void *aux);
void recorder_destroy(struct recorder *);

/* As struct replica_observer has it. */
void recorder_change(struct recorder *, const struct nb_change *);
void recorder_committed(struct recorder *);

/* The agent whose row is 'id' has come to life or has died. */
void recorder_agent_changed(struct recorder *, const struct uuid *id);

/* Commits the journal's pass and publishes.  To be called once in each pass
 * of the loop, after replica_run() and before requests are answered. */
void recorder_run(struct recorder *);
void recorder_wait(struct recorder *);

/* Whether what the journal knows is what the replica has seen. */
bool recorder_is_ready(const struct recorder *);

#endif /* journal/recorder.h */
