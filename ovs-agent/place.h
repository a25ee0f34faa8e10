/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef PLACE_H
#define PLACE_H 1

/* Where a port is, when more than one hypervisor holds an interface of it: the
 * rule of Port_Location in sluice-nb(5).
 *
 * Everybody computes the same place from the same rows, so that nobody has to
 * be asked, and a row changes only when its own hypervisor says so.
 *
 * Pure.  Thread-safe. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A Port_Location row, as far as it matters here. */
struct place_claim {
    const char *host;
    int64_t claim;
};

/* Does 'a' win over 'b'? */
bool place_wins(const struct place_claim *a, const struct place_claim *b);

/* The claim that wins, NULL if there is none. */
const struct place_claim *place_find(const struct place_claim *, size_t n);

/* What 'self', a hypervisor that holds an interface of the port, is to claim.
 *
 * 'others' are the claims of all others; 'own' is our row's claim, NULL if we
 * have no row, which means that the interface has just appeared.  'wanted' is
 * the Port's column "host", "" for none. */
int64_t place_claim(const char *self, const int64_t *own,
                    const struct place_claim *others, size_t n_others,
                    const char *wanted);

#endif /* place.h */
