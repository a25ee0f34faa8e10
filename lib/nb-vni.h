/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The VNIs that are given to overlays whose creator names none.
 *
 * A pool is made from the ranges that the operator allows.  It does not know
 * which of its VNIs are in use; nobody wants to look at 100,000 segments to
 * find one that is free.  So there are two ways to get one:
 *
 *   - guess, and ask the database whether that one is in use.  With fewer than
 *     half of them in use, eight guesses fail once in 256 times at most;
 *
 *   - remove from the pool what is in use, all of it, and take one of what is
 *     left.  This finds the last one, and knows when there is none.
 *
 * Either way it is any of them, with the same probability, so that of several
 * who choose at the same moment few choose the same.  Who loses is told by the
 * database, whose index it is that keeps VNIs unique, and chooses again.
 *
 * A pool takes a bit for each of its VNIs from the first call of
 * nb_vni_pool_remove() or nb_vni_pool_take() on; these cost at most a look at
 * each of them, 64 at a time.  Threads: one for each pool. */

#ifndef NB_VNI_H
#define NB_VNI_H 1

#include <stdint.h>

#include "compiler.h"

struct nb_vni_pool;

/* Guesses that are worth while before all that is in use is looked at. */
#define NB_VNI_GUESSES 8

/* Makes '*poolp' of 's', ranges FIRST:LAST separated by commas.  Returns NULL,
 * or why 's' is none, for the caller to free; then there is no pool. */
char *nb_vni_pool_create(const char *s, struct nb_vni_pool **poolp)
    OVS_WARN_UNUSED_RESULT;

/* Accepts NULL. */
void nb_vni_pool_destroy(struct nb_vni_pool *);

/* Returns the 'i'th guess that follows from 'seed', a random number: one of
 * the pool's VNIs, in use or not, and for the same arguments the same. */
int64_t nb_vni_pool_guess(const struct nb_vni_pool *, uint32_t seed,
                          unsigned int i);

/* Takes 'vni' out of the pool, if it is there. */
void nb_vni_pool_remove(struct nb_vni_pool *, int64_t vni);

/* Takes one out of the pool, which 'random' chooses, and returns it; 0 if
 * there is none left. */
int64_t nb_vni_pool_take(struct nb_vni_pool *, uint32_t random);

#endif /* nb-vni.h */
