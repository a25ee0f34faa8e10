/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef ANNOUNCE_H
#define ANNOUNCE_H 1

/* Tells a port's network that the port is here, on its behalf: a machine that
 * was moved does not know that it was, and switches on the way, physical ones
 * above all, go on sending where it was until they hear from it.
 *
 * What is sent is a request by RARP (RFC 903) from the port's Ethernet address,
 * as hypervisors do at the end of a migration: every switch learns from it and
 * no host minds it.  It enters the pipeline as if the port had sent it, so that
 * it goes where the port's own frames would, and is dropped where they would.
 *
 * On a physical network a frame may be lost, so it is sent ANNOUNCE_ROUNDS
 * times.  In an overlay, agents are told where ports are; there it is sent
 * once, for who learns addresses behind a port, and only after a move: to plug
 * a port is to be nobody else's business.
 *
 * Errors: what is lost is lost.  Not thread-safe. */

#include "openvswitch/list.h"

struct ofswitch;
struct topology;

/* How often it is sent, and by how much longer than the time before it is
 * waited each time, in ms: at 0, 50, 150, 300, 500 ms. */
#define ANNOUNCE_ROUNDS 5
#define ANNOUNCE_STEP_MS 50

struct announcer {
    struct ovs_list pending;    /* "struct announcement"s. */
};

void announcer_init(struct announcer *);
void announcer_destroy(struct announcer *);

/* Takes the ports that have arrived from 'topology' and sends what is due. */
void announcer_run(struct announcer *, struct topology *, struct ofswitch *);
void announcer_wait(const struct announcer *);

#endif /* announce.h */
