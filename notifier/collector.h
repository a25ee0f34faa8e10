/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Deletes what a hypervisor has left behind.
 *
 * Bindings and locations are an agent's own rows, and it takes them back when
 * their port or network is gone.  One that is itself gone cannot: a row is
 * garbage when what it is about does not exist and neither does a live agent
 * of its host.  Such rows are looked for at the start and then every
 * COLLECTOR_INTERVAL_MSEC, which costs a look at each row, and deleted, some
 * at a time.  Several notifiers may find the same: a row is deleted by
 * whoever is first.
 *
 * Errors: what could not be deleted is found again.  Single-threaded. */

#ifndef NOTIFIER_COLLECTOR_H
#define NOTIFIER_COLLECTOR_H 1

#include <stdbool.h>
#include <stdint.h>

struct collector;
struct nb_row;
struct replica;

/* Garbage does no harm but to be there. */
#define COLLECTOR_INTERVAL_MSEC (60 * 1000)

/* Rows in one transaction: it must not hold up anybody else's. */
#define COLLECTOR_BATCH 1000

/* 'alive' is asked for an Agent row. */
struct collector *collector_create(struct replica *,
                                   bool (*alive)(const struct nb_row *agent,
                                                 void *aux), void *aux);
void collector_destroy(struct collector *);

void collector_run(struct collector *);
void collector_wait(struct collector *);

/* Rows deleted so far. */
uint64_t collector_count(const struct collector *);

#endif /* notifier/collector.h */
