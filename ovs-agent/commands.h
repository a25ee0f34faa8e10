/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef COMMANDS_H
#define COMMANDS_H 1

/* What "ovs-appctl -t sluice-agent" can ask; see sluice-agent(8).
 *
 * commands.c has what is asked of the agent as a whole; the others, one thing
 * each, stand in files of their own. */

#include <stdbool.h>

struct agent;
struct simap;

/* Registers the commands; 'agent' must outlive them.  "exit" sets
 * '*exiting'. */
void commands_register(struct agent *agent, bool *exiting);

/* For commands_register(): those of the other files. */
void commands_show_register(struct agent *agent);
void commands_network_register(struct agent *agent);
void commands_tunnel_register(struct agent *agent);
void commands_trace_register(struct agent *agent);

/* What "memory/show" adds: how much of everything there is. */
void commands_memory_usage(const struct agent *, struct simap *usage);

#endif /* commands.h */
