/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The notifier's journal: what was changed, when, by whom, and when each
 * hypervisor applied it, in an SQLite file (WAL mode).
 *
 * Every change of an API object is an entry with a sequence number.  Entries
 * are committed BEFORE the event of a change is sent, so that a notifier that
 * is killed can neither lose an event nor send one twice: what was sent is in
 * the file, and what is in the file and was not sent is found by the client
 * that resumes.  Beside the entries is the last known state of every object,
 * changed in the same transaction; what differs from it at start was changed
 * while the notifier was down.
 *
 * One pass of the notifier's loop is one transaction:
 *
 *     journal_append(); journal_append(); ... journal_commit();
 *
 * Errors: a function that can fail returns NULL or a message for the caller to
 * free, which names the file.  When journal_commit() fails (disk full, I/O
 * error) NOTHING of the pass is in the file, neither entry nor state, and the
 * sequence numbers it gave out are given out again.  The caller must not send
 * the pass's events; it keeps the entries and appends them again later (the
 * next pass, not sooner than JOURNAL_RETRY_MSEC), or forgets them and compares
 * with the last known state, which is still the one before them, so that the
 * same changes are found again.  Meanwhile journal_problem() says what is
 * wrong, for the status and /readyz.
 *
 * A read sees what is committed, never the entries of a pass under way.
 *
 * Strings are UTF-8, never NULL in what is read; a NULL in what is written
 * means "".  Times are msec of the UTC wall clock (time_wall_msec()).
 *
 * Single-threaded, except that checkpoints are made by a thread of the
 * journal's own: open it after the last fork (daemonize_start()). */

#ifndef JOURNAL_H
#define JOURNAL_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

struct journal;
struct latency;

enum journal_verb {
    JOURNAL_CREATED,
    JOURNAL_UPDATED,
    JOURNAL_DELETED,
    JOURNAL_APPLIED,            /* A hypervisor has made a change live. */
    JOURNAL_N_VERBS
};

/* "created" and so on; the reverse, which returns false if it is none. */
const char *journal_verb_to_string(enum journal_verb);
bool journal_verb_from_string(const char *, enum journal_verb *);

struct journal_entry {
    uint64_t seq;               /* From 1.  Given by journal_append(). */
    long long int at_msec;      /* When the notifier saw it. */
    enum journal_verb verb;
    bool visible;               /* False: changed nothing that GET shows, so
                                 * there is no event, only history. */
    bool recovered;             /* Found by comparing at start: at_msec, by and
                                 * comment are then not those of the change. */

    /* Which object. */
    const char *resource;       /* "port". */
    const char *id;
    const char *name;
    const char *network_id;     /* A network's own id; "" if it has none. */
    const char *project_id;

    /* The hypervisors concerned, "" for none.  Of a port, where it is bound
     * and, if that was changed, where it was bound before.  Of an applied
     * entry, who applied it (and old_host is ""). */
    const char *host;
    const char *old_host;

    int64_t revision;           /* The object's after the change; of an applied
                                 * entry, the one applied. */
    const char *object;         /* JSON: the inner API object; its last state
                                 * if it was deleted. */
    const char *internal;       /* What the recorder wants back from
                                 * journal_state_get(); shown to nobody and
                                 * not kept in the entry. */
    const char *changes;        /* JSON, {"attribute": [old, new]}; or "".  Of
                                 * the changes, those of "revision_number" are
                                 * the ones that hypervisors apply. */
    const char *by;             /* "api:alice"; "" if unknown. */
    const char *comment;        /* Of the transaction. */
};

/* Opening and closing. */

/* Retention: an entry goes when it is older than 'max_age_sec' or when the
 * file is larger than 'max_bytes', the oldest first. */
struct journal_limits {
    long long int max_age_sec;
    uint64_t max_bytes;
};

/* 30 days answer "what was changed last week?"; 1 GiB is about a million
 * entries. */
#define JOURNAL_DEFAULT_MAX_AGE_SEC (30LL * 24 * 60 * 60)
#define JOURNAL_DEFAULT_MAX_BYTES (UINT64_C(1) << 30)

/* Opens, or makes, the journal in file 'path', with its lock (a second
 * notifier is refused).  The directory must exist. */
char *journal_open(const char *path, const struct journal_limits *,
                   struct journal **) OVS_WARN_UNUSED_RESULT;

/* Rolls back a pass that was not committed and closes the file. */
void journal_close(struct journal *);

/* Deletes what is past retention, a little at a time.  Call it in each pass of
 * the loop, after journal_commit(). */
void journal_run(struct journal *);
void journal_wait(struct journal *);

/* Writing. */

/* How soon it is worth trying again after journal_commit() has failed. */
#define JOURNAL_RETRY_MSEC 1000

/* Adds an entry to the pass's transaction, which it begins if need be, and
 * sets entry->seq.  Of created and updated ones "object" and "internal" become
 * the object's last known state; a deleted one has none afterward; an applied
 * one leaves it alone.  An error is reported by journal_commit(). */
void journal_append(struct journal *, struct journal_entry *);

/* Changes an object's last known state without an entry, in the pass's
 * transaction: for the first start, and for what is not worth one. */
void journal_state_put(struct journal *, const char *resource, const char *id,
                       const char *object, const char *internal);
void journal_state_delete(struct journal *, const char *resource,
                          const char *id);

/* Keeps a word of the recorder's own, in the pass's transaction ("baseline":
 * "the last known state is complete"). */
void journal_note_put(struct journal *, const char *key, const char *value);

/* Commits the pass.  Nothing to do if it has no transaction. */
char *journal_commit(struct journal *) OVS_WARN_UNUSED_RESULT;

/* What was wrong with the last transaction, NULL if nothing. */
const char *journal_problem(const struct journal *);

/* The last known state.  These see the pass under way, too. */

struct journal_state {
    const char *resource;
    const char *id;
    const char *object;
    const char *internal;
};

/* Returns false if there is none; otherwise the caller frees '*object' and
 * '*internal'; either pointer may be NULL.  A failing disk is "none", and a
 * problem that the next journal_commit() reports. */
bool journal_state_get(struct journal *, const char *resource, const char *id,
                       char **object, char **internal);

/* Calls 'cb' for at most 'max' objects of 'resource' whose id comes after
 * 'after' ("" for the first), in the order of their ids.  Returns how many
 * they were: less than 'max' when there are no more.  'cb' must not use the
 * journal; what it gets is its own during the call. */
size_t journal_state_each(struct journal *, const char *resource,
                          const char *after, size_t max,
                          void (*cb)(const struct journal_state *, void *aux),
                          void *aux);

/* Returns the note, for the caller to free, or NULL. */
char *journal_note_get(struct journal *, const char *key);

/* Identity. */

/* The journal's own number, made with the file. */
uint32_t journal_uuid(const struct journal *);

/* The last sequence number committed, 0 if there is none; the oldest that is
 * still there (head + 1 if none is). */
uint64_t journal_head(const struct journal *);
uint64_t journal_tail(const struct journal *);

/* Room for "0123abcd-18446744073709551615" and its null. */
#define JOURNAL_ID_SIZE 30

/* Formats the id of an event of this journal, and parses one of whichever
 * journal; false if it is none. */
void journal_id_format(const struct journal *, uint64_t seq,
                       char id[JOURNAL_ID_SIZE]);
bool journal_id_parse(const char *id, uint32_t *uuid, uint64_t *seq);

/* Returns NULL and sets '*seq' if everything that came after the event 'id'
 * can be read with journal_read() from '*seq'; otherwise why not, in words for
 * the client: it has to be told of the present objects instead. */
const char *journal_resume(const struct journal *, const char *id,
                           uint64_t *seq);

/* Reading: events to resume with. */

/* A set of strings; n == 0 means "any". */
struct journal_strings {
    const char *const *strings;
    size_t n;
};

/* Different members all have to match, of one member any string: */
struct journal_filter {
    struct journal_strings resources;
    struct journal_strings ids;
    struct journal_strings network_ids;
    struct journal_strings hosts; /* host or old_host. */
    struct journal_strings project_ids;
    unsigned int verbs;         /* 1 << JOURNAL_CREATED, ...; 0: any. */
};

/* Calls 'cb' for the visible entries after 'after' that match 'filter' (NULL:
 * all), in order, until it has been called 'max' times or 'cb' returns false.
 * Sets '*reached' to the sequence number up to which everything has been
 * reported, from which the next call goes on; it has all when that is
 * journal_head().  It can be less without any entry reported: one call looks
 * at a bounded number of entries, so that the loop is not held up.
 *
 * Served by an index when there are ids, hosts or network_ids.  'cb' may not
 * use the journal but for journal_id_format() and the like; what it gets is
 * its own during the call. */
char *journal_read(struct journal *, uint64_t after,
                   const struct journal_filter *, size_t max,
                   bool (*cb)(const struct journal_entry *, void *aux),
                   void *aux, uint64_t *reached) OVS_WARN_UNUSED_RESULT;

/* Reading: history, for people. */

struct journal_query {
    const char *resource;       /* NULL: any; likewise the other strings.  No
                                 * entry has an empty name, host or by. */
    const char *id;
    const char *name;           /* That the object had after the change. */
    const char *host;
    const char *by;
    const char *project_id;
    unsigned int verbs;         /* 0: created, updated and deleted. */
    long long int since_msec;   /* Inclusive; 0: no bound. */
    long long int until_msec;   /* Exclusive; 0: no bound. */
    uint64_t marker;            /* Goes on after this entry; 0: from the end
                                 * where it begins. */
    bool oldest_first;
    size_t limit;               /* 0: JOURNAL_MAX_HISTORY. */
};

/* Most rows of one answer, so that one request cannot hold up the others. */
#define JOURNAL_MAX_HISTORY 1000

/* Most hypervisors told of one change.  The network of a thousand has more
 * than anybody reads, and counting them all would make history slow. */
#define JOURNAL_MAX_APPLIED 64

struct journal_applied {
    const char *host;
    long long int at_msec;
    long long int after_msec;   /* From the entry to this. */
    int64_t revision;           /* Applied; the entry's or a later one. */
};

struct journal_row {
    struct journal_entry entry;
    struct journal_applied applied[JOURNAL_MAX_APPLIED];
    size_t n_applied;           /* Each hypervisor once, the first first. */
    bool more_applied;          /* There are more. */
};

/* Calls 'cb' for each entry that matches, invisible ones too, and sets '*more'
 * if there are others after the last.  Fails if the answer would need looking
 * at too many entries. */
char *journal_history(struct journal *, const struct journal_query *,
                      void (*cb)(const struct journal_row *, void *aux),
                      void *aux, bool *more) OVS_WARN_UNUSED_RESULT;

/* Status. */

struct journal_status {
    const char *path;
    uint64_t n_entries;
    uint64_t n_states;
    uint64_t head, tail;        /* As the functions. */
    long long int oldest_msec;  /* Of the oldest entry; 0 if there is none. */
    uint64_t bytes;             /* Of the file, without the WAL. */
    uint64_t wal_bytes;
    uint64_t n_commits;
    uint64_t n_failures;        /* Of journal_commit(). */
    uint64_t n_checkpoints;
    uint64_t n_expired;         /* Entries deleted by retention. */
    const char *problem;        /* As journal_problem(). */
    const struct latency *commit; /* Duration of commits. */
};

/* Strings and histogram belong to the journal. */
void journal_get_status(struct journal *, struct journal_status *);

#endif /* journal/journal.h */
