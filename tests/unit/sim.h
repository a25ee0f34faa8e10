/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SIM_H
#define SIM_H 1

/* Where a frame goes by the flows that an agent wants, followed as a switch
 * does: for tests of several hypervisors at once, and of many states that they
 * can be in.  It knows the actions that the pipeline uses, and learns nothing.
 * (That a switch does the same is for the system tests to show.) */

#include "unit.h"

#include "openvswitch/types.h"

struct flow;
struct flow_table;

/* Called for each copy of the frame that leaves by 'port'; 'frame' is as it
 * leaves. */
typedef void sim_output(ofp_port_t port, const struct flow *frame, void *aux);

/* Has 'frame', with its in_port and, from a tunnel, its tunnel's fields, enter
 * the pipeline. */
void sim_frame(const struct flow_table *, const struct flow *frame,
               sim_output *, void *aux);

#endif /* tests/unit/sim.h */
