/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_CLAIMS_H
#define API_CLAIMS_H 1

/* Who is about to change which row.
 *
 * Two transactions computed from the same state of a row cannot both succeed.
 * The database sees to that; here those of this notifier are kept from trying,
 * so that a thousand requests for one row are a thousand transactions, and not
 * half a million of which all but one fail each time.
 *
 * A claimant holds any number of rows.  One that finds a row held gives up
 * what it holds and is told when it is worth trying again, in turn; so nobody
 * holds one row and waits for another.
 *
 * There are no errors.  Single-threaded. */

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/list.h"
#include "uuid.h"

struct claims;
struct claim;

struct claimant {
    struct claims *claims;
    struct ovs_list held;       /* "struct claim"s. */
    struct ovs_list waiting;    /* In a claim's queue, or empty. */
    void (*retry)(struct claimant *); /* Called when it is its turn. */
};

struct claims *claims_create(void);

/* Nobody may hold or wait any more. */
void claims_destroy(struct claims *);

void claimant_init(struct claimant *, struct claims *,
                   void (*retry)(struct claimant *));

/* Takes the row 'id' and returns true, also if it was taken before; returns
 * false if somebody else has it. */
bool claimant_take(struct claimant *, const struct uuid *id);

/* Waits for 'id' and returns true, or returns false if nobody has it any more.
 * The claimant must hold nothing. */
bool claimant_wait(struct claimant *, const struct uuid *id);

/* Gives up all that it holds, and what it waits for; calls 'retry' of
 * others. */
void claimant_release(struct claimant *);

#endif /* api/claims.h */
