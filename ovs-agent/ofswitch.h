/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef OFSWITCH_H
#define OFSWITCH_H 1

/* The OpenFlow connection to the integration bridge: where flows leave the
 * agent and acknowledgements come back.
 *
 * On each connection it reads back what is installed and sends the difference
 * to what is wanted; from then on it sends changes as they come, each set as
 * one atomic bundle with a barrier.  A flow monitor tells it when somebody
 * else touched the flows; then it reads back again.
 *
 * A sequence number stands for each set sent; it is acknowledged when the
 * switch has the flows in force.  For a set that stops traffic, that is when
 * no packet passes by a datapath flow cached before (see dp-sync.h).
 *
 * Errors: a flow that the switch refuses is reported with its owner
 * (topology_refused()), the others are sent again without it; the connection
 * is never dropped for it.  A lost connection is tried again every 20 ms.
 *
 * Not thread-safe. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/types.h"

struct flow_dump;
struct flow_table;
struct ofswitch;
struct topology;

struct ofswitch *ofswitch_create(void);
void ofswitch_destroy(struct ofswitch *);

/* Connects to the management socket of 'bridge', NULL: to none. */
void ofswitch_set_bridge(struct ofswitch *, const char *bridge);

/* Receives.  Once 'topology' is ready, brings the switch to its flow table. */
void ofswitch_run(struct ofswitch *, struct topology *);
void ofswitch_wait(struct ofswitch *);

/* Sends the changes of 'ft', or, while there is no synchronized connection,
 * drops them, since they are part of the next synchronization.  Returns the
 * sequence number whose acknowledgement says that all of it is in force. */
uint64_t ofswitch_send(struct ofswitch *, struct flow_table *ft);

/* The highest sequence number in force. */
uint64_t ofswitch_acked(const struct ofswitch *);

/* Reads back and compares again. */
void ofswitch_resync(struct ofswitch *);

/* Asks the switch for its flows with 'cookie' in the bits of 'cookie_mask'.
 * 'cb' is called once, from ofswitch_run(), with NULL if the connection was
 * lost or there is none.  'dump' is valid during the call only. */
typedef void ofswitch_dump_cb(const struct flow_dump *dump, void *aux);
void ofswitch_read_flows(struct ofswitch *, uint64_t cookie,
                         uint64_t cookie_mask, ofswitch_dump_cb *, void *aux);

/* Likewise, for the flows of 'table'. */
void ofswitch_read_table(struct ofswitch *, uint8_t table, ofswitch_dump_cb *,
                         void *aux);

/* Has the switch treat 'frame', an Ethernet frame of 'len' bytes, as if it had
 * come in by 'ofport'.  Lost if there is no connection. */
void ofswitch_inject(struct ofswitch *, ofp_port_t ofport, const void *frame,
                     size_t len);

/* How long the switch took from a set of changes to its barrier's reply. */
struct latency;
const struct latency *ofswitch_barrier_latency(const struct ofswitch *);

/* How long the datapath then took to follow, and how that is known. */
const struct latency *ofswitch_proof_latency(const struct ofswitch *);
const char *ofswitch_proof_status(const struct ofswitch *);

/* The connection's state in words; the caller frees it. */
char *ofswitch_status(const struct ofswitch *);
bool ofswitch_is_synced(const struct ofswitch *);

#endif /* ofswitch.h */
