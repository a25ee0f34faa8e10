/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef JOURNAL_FIXTURE_H
#define JOURNAL_FIXTURE_H 1

/* A journal in a directory of its own, for the tests of notifier/journal/.
 *
 * Include this after "unit.h".  A function whose name begins with "fixture_"
 * fails the test if what it does fails. */

#include <stdbool.h>
#include <stdint.h>

#include "journal/journal.h"

struct sqlite3;

/* The directory, the journal's file in it, and the journal that is open.  They
 * are made and removed for each test by fixture_setup() and
 * fixture_teardown(). */
extern char *fixture_dir;
extern char *fixture_path;
extern struct journal *fixture_journal;
extern struct journal_limits fixture_limits;

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Opens fixture_path as fixture_journal; closes that. */
void fixture_open(void);
void fixture_close(void);
void fixture_reopen(void);

/* Fails unless opening 'path' does, with a message that has 'path', or the
 * name of the file it stands for, and 'reason' in it. */
void fixture_refused(const char *path, const char *reason);

/* The name of a file in fixture_dir, for the caller to free. */
char *fixture_file(const char *name);

/* An entry about "port-ID", updated at ID * 1000 msec, visible and with every
 * member filled; a few are made at a time, in static storage. */
struct journal_entry fixture_entry(unsigned int id);

/* Appends the entry, alone or not, and commits. */
uint64_t fixture_append(struct journal_entry *);
void fixture_commit(void);

/* Runs SQL on the file with a connection of its own. */
void fixture_sql(const char *sql);

/* Fails unless every member is the same, but for 'internal', which is not
 * kept. */
void fixture_assert_entry(const struct journal_entry *,
                          const struct journal_entry *expected);

#endif /* tests/unit/journal-fixture.h */
