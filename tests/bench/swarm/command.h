/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SWARM_COMMAND_H
#define SWARM_COMMAND_H 1

/* The commands that main.c reads.  Each returns when it is done, and appends
 * members to the JSON object that is its result, each with a comma in front.
 * A command that has taken swarm->timeout gives up and says so
 * ("timed_out"). */

#include "agent.h"
#include "nb.h"

/* Samples of durations. */
struct samples {
    long long int *nsec;
    size_t n, allocated;
};

/* Which agents a command is about: 'a' to 'b' - 1. */
struct range {
    unsigned int a, b;
};

/* Connects agents of the range that are down, all at once, and waits until all
 * have their rows.  With 'resync' those that are connected are disconnected
 * first, all at once, and each asks for what has changed since. */
void command_connect(struct swarm *, struct range, bool resync, struct ds *);
void command_disconnect(struct swarm *, struct range, struct ds *);
void command_stall(struct swarm *, struct range, bool stall, struct ds *);

/* Waits until every connected agent that reads has got all that had been sent
 * to it: until it has a reply to an echo request, and its rows if a sync is
 * under way. */
void command_settle(struct swarm *, struct ds *);
void command_stats(const struct swarm *, struct ds *);

/* Flips 'count' random ports of random agents of the range, one after the
 * other, each when the agent concerned was told of the one before (unless it
 * is stalled). */
void command_toggle(struct swarm *, struct nb *, unsigned int count,
                    struct range, struct ds *);

/* Has 'count' random agents of the range drop a port and take another, one of
 * the range's hypervisors', in turn. */
void command_move(struct swarm *, unsigned int count, struct range,
                  struct ds *);

/* Compares the replicas of all agents that are synced and read with what the
 * database has.  As long as some are wrong, and until 'seconds' have passed,
 * that is done again: a server may have more for an agent that was stalled
 * than it has sent before its reply to an echo request. */
void command_verify(struct swarm *, unsigned int seconds, struct ds *);

/* For the above. */
void samples_add(struct samples *, long long int nsec);
void samples_destroy(struct samples *);

/* Appends percentiles of the samples in milliseconds as member 'name', and
 * with 'all' also all of them, in microseconds. */
void samples_put(struct samples *, const char *name, bool all, struct ds *);

/* Appends what others were told of, as watched. */
void watch_put(const struct watch *, struct ds *);

/* Returns a random agent of the range that is synced, stalled or not as
 * 'stalled' allows; NULL if there is none. */
struct agent *random_agent(struct swarm *, struct range, bool stalled);

#endif /* command.h */
