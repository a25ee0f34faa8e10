/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef AGENT_H
#define AGENT_H 1

/* The agent: its parts, and the order in which data passes through them.
 *
 *     ovs-local (what is plugged) --+
 *                                   +--> topology --> ofswitch --> status
 *     nb (what is wanted) ----------+
 *
 * One pass of agent_run() carries a change from either database to the
 * switch. */

#include <stdbool.h>

#include "announce.h"
#include "vswitchd.h"

struct agent {
    struct ovs_local *local;
    struct nb *nb;
    struct topology *topology;
    struct ofswitch *ofswitch;
    struct announcer announcer;
    struct status *status;
    struct vswitchd vswitchd;   /* What commands ask it. */
    bool nb_was_settled;
    bool nb_was_connected;
};

struct agent *agent_create(const char *ovs_remote, bool self_check);
void agent_destroy(struct agent *);
void agent_run(struct agent *);
void agent_wait(struct agent *);

#endif /* agent.h */
