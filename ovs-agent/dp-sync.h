/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef DP_SYNC_H
#define DP_SYNC_H 1

/* When has the datapath followed the flow tables?
 *
 * A barrier reply says that new packets to be classified meet the new flows.
 * Packets of flows that the datapath has cached go on as before until
 * vswitchd's revalidators have looked at those: 0.2 ms later with a few
 * cached flows, 150 ms with 20,000.  An acknowledgement that may be trusted
 * has to wait for them.
 *
 * vswitchd's "revalidator/wait" returns when a pass over all cached flows has
 * ended.  What is wanted is the end of a pass that began after our change:
 *
 *  1. vswitchd confirms a change before it tells its revalidators of it, which
 *     it does at the start of its main loop's next round.  It serves control
 *     connections in the order they were opened, once a round; so when a
 *     command on a later one has been answered, a command on an earlier one
 *     is served in the next round at the earliest.
 *  2. "revalidator/wait", on the earlier one: the end of a pass, which may
 *     have begun before the change.
 *  3. "revalidator/wait" again: that of a pass which began after it.
 *
 * A pass begins when flows change, or else every half second; so with each
 * wait goes a change that changes nothing (a "nudge").
 *
 * Only changes that stop traffic need this; nothing waits for it but their
 * acknowledgement.
 *
 * Errors: where vswitchd's control socket does not answer, or it has two kinds
 * of datapath, which "revalidator/wait" does not serve, a proof is replaced by
 * a delay of DP_SYNC_BLIND_MS, and dp_sync_status() says so.  Not
 * thread-safe. */

#include <stdbool.h>

/* Twice other_config:max-revalidator's default, in ms. */
#define DP_SYNC_BLIND_MS 1000

/* A pass never begins within 5 ms of the one before; a nudge that came too
 * early for its wait is repeated after this many ms, or twice the time the
 * last pass took. */
#define DP_SYNC_RENUDGE_MS 7

struct dp_sync;

enum dp_sync_state {
    DP_SYNC_IDLE,               /* Nothing to prove. */
    DP_SYNC_BUSY,
    DP_SYNC_NUDGE,              /* The caller is to send a change of flows
                                 * now, see pipeline_nudge_flow(). */
    DP_SYNC_DONE,               /* Proven; said once. */
};

struct dp_sync *dp_sync_create(void);
void dp_sync_destroy(struct dp_sync *);

bool dp_sync_is_idle(const struct dp_sync *);

/* Begins to prove that what the switch has confirmed by now is in force in the
 * datapath.  Only while idle. */
void dp_sync_start(struct dp_sync *);

/* Gives up what is being proven. */
void dp_sync_cancel(struct dp_sync *);

/* To be called until it says something else than DP_SYNC_NUDGE. */
enum dp_sync_state dp_sync_run(struct dp_sync *);
void dp_sync_wait(struct dp_sync *);

/* How the last proof was come by, in words; static. */
const char *dp_sync_status(const struct dp_sync *);

#endif /* dp-sync.h */
