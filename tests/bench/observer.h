/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef BENCH_OBSERVER_H
#define BENCH_OBSERVER_H 1

/* Sees every change to a bridge's flows, whoever makes it, through an
 * OpenFlow 1.5 flow monitor: the one clock by which everything that is
 * measured is measured alike.
 *
 * The switch sends an update when it has applied the change, within the same
 * round of its main loop.
 *
 * A benchmark that cannot observe is worth nothing, so each error ends the
 * program with a message that names the bridge. */

#include <stdbool.h>
#include <stdint.h>

struct observer;

/* One message of changes. */
struct observation {
    long long int when;         /* Nanoseconds, bench_now(). */
    int n_changes;              /* Of the cookie observed; may be 0. */
};

/* Opens a flow monitor on all tables of the bridge whose management socket
 * is 'bridge' (e.g. "unix:/run/openvswitch/br-int.mgmt"). */
struct observer *observer_open(const char *bridge);
void observer_close(struct observer *);

/* Counts changes of flows with this cookie alone; 0, the default, means of
 * any flow. */
void observer_set_cookie(struct observer *, uint64_t cookie);

/* Reads one message, if there is one.  Returns true if it held changes. */
bool observer_run(struct observer *, struct observation *);

/* Makes poll_block() wake up when observer_run() has something to do. */
void observer_wait(struct observer *);

/* CLOCK_MONOTONIC, in nanoseconds. */
long long int bench_now(void);

#endif /* observer.h */
