/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_RECORD_H
#define API_RECORD_H 1

/* What every row of intent has of its own history: revision_number,
 * created_at, updated_at, updated_by; and the record of deletions.  For
 * build() of an operation.  Single-threaded. */

#include <stdint.h>

#include "compiler.h"
#include "nb/columns.h"

struct api_error;
struct nb_op;
struct nb_row;
struct operation;
struct uuid;

/* The revision_number of a row that was just made. */
#define RECORD_FIRST_REVISION 1

/* Bytes of a comment in NB_Global.last_deletion, which is sent to everybody
 * who watches the database. */
#define RECORD_MAX_COMMENT 1000

/* Adds the insertion of a row of intent with a new id, which goes to '*id'. */
struct nb_op *record_insert(struct operation *, enum nb_table,
                            struct uuid *id);

/* Adds the update of a row of intent: requires its revision and raises it.
 * Returns NULL if that was done before in this transaction. */
struct nb_op *record_update(struct operation *, const struct nb_row *);

/* Adds the deletion of a row of intent: requires its revision and notes that
 * it goes. */
void record_delete(struct operation *, const struct nb_row *);

/* Says in NB_Global who deletes what, if anything is deleted. */
void record_deletions(struct operation *);

/* 412 if the request is for another revision than 'row' has; NULL if it is for
 * any. */
struct api_error *record_check_if_match(const struct operation *,
                                        const struct nb_row *row)
    OVS_WARN_UNUSED_RESULT;

int64_t record_revision(const struct nb_row *);

#endif /* api/record.h */
