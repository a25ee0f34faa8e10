/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Compares one object, as the replica has it, with its last known state, which
 * the journal has, and makes an entry of the difference.
 *
 * An object's last known state is in the journal under its resource's name;
 * what a hypervisor has applied under the name of the binding's table, its
 * revision in place of an object.
 *
 * Whoever raises an object's revision also signs it, so the author of a change
 * is known if the revision changed with it; who deleted an object, if the
 * database says so of the latest deletion.
 *
 * Single-threaded; errors are those of the journal, which its commit
 * reports. */

#ifndef JOURNAL_COMPARE_H
#define JOURNAL_COMPARE_H 1

#include <stdbool.h>

#include "journal/marks.h"
#include "nb/columns.h"

struct api_view;
struct journal;
struct journal_entry;
struct nb_row;
struct uuid;

struct comparison {
    struct journal *journal;
    const struct api_view *view; /* Sees everything. */

    /* Appends an entry; its strings are good during the call. */
    void (*append)(struct journal_entry *, void *aux);
    void *aux;
};

/* The table whose rows objects of a kind are, and the name under which their
 * states are kept. */
enum nb_table compare_table(enum object_kind);
const char *compare_resource(enum object_kind);

/* Returns true if the journal's pass has something in it that it had not
 * before. */
bool compare_object(const struct comparison *, enum object_kind,
                    const struct uuid *id);

/* Takes note of 'row', an object of 'kind', as its last known state. */
void compare_take_note(const struct comparison *, enum object_kind,
                       const struct nb_row *row);

#endif /* journal/compare.h */
