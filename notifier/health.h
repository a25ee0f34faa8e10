/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Which agents are alive, by their heartbeats.
 *
 * An agent that is connected to the database writes its Agent row's heartbeat
 * now and then.  It is alive for HEALTH_TIMEOUT_MSEC after we have seen that
 * change: by our clock alone, so that it does not matter how its clock is
 * set.  Only where no change was seen, at the start, the heartbeat's own time
 * is believed.  While the database is away nobody dies: an agent that cannot
 * be heard is not an agent that is gone.
 *
 * Each heartbeat costs O(1), and so does a pass in which nobody dies.  Pure:
 * the time is handed in.  Single-threaded. */

#ifndef NOTIFIER_HEALTH_H
#define NOTIFIER_HEALTH_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uuid.h"

/* Agents beat once a minute: three of them lost. */
#define HEALTH_TIMEOUT_MSEC (180 * 1000)

struct health;

/* 'changed' is called when the agent whose row is 'id' has come to life or
 * has died, but not when its row goes. */
struct health *health_create(void (*changed)(const struct uuid *id,
                                             void *aux), void *aux);
void health_destroy(struct health *);

/* An Agent row came, or its heartbeat changed to 'heartbeat' (wall clock,
 * msec; 0: none).  'now' is time_msec(), 'wall' time_wall_msec(). */
void health_beat(struct health *, const struct uuid *id, int64_t heartbeat,
                 long long int now, long long int wall);

/* The row went. */
void health_gone(struct health *, const struct uuid *id);

/* The database is there again at 'now': everyone who was alive gets the time
 * to be heard. */
void health_resume(struct health *, long long int now);

/* Lets those die who were not heard for too long. */
void health_run(struct health *, long long int now);

/* When health_run() is due, LLONG_MAX for never. */
long long int health_next(const struct health *);

bool health_is_alive(const struct health *, const struct uuid *id);

/* How many are known, and how many of them are alive. */
void health_count(const struct health *, size_t *n, size_t *alive);

#endif /* notifier/health.h */
