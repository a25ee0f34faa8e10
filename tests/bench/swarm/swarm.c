/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* All agents, and who has which port: see agent.h. */

#include <config.h>

#include "agent.h"
#include "util.h"

static void
init_agent(struct swarm *swarm, unsigned int number)
{
    struct agent *agent = &swarm->agents[number];
    unsigned int n_slots = world_n_slots(&swarm->world);

    agent_init(agent, swarm, number);
    agent->slots = xcalloc(n_slots, sizeof *agent->slots);
    for (unsigned int i = 0; i < n_slots; i++) {
        agent->slots[i] = world_first_slot(&swarm->world, number) + i;
        swarm->holders[agent->slots[i]] = agent;
    }
    swarm->spares[number] = world_spare(&swarm->world, number);
}

void
swarm_init(struct swarm *swarm)
{
    const struct world *world = &swarm->world;

    swarm->agents = xcalloc(world->n_agents, sizeof *swarm->agents);
    swarm->spares = xcalloc(world->n_agents, sizeof *swarm->spares);
    swarm->holders = xcalloc(world_total_ports(world),
                             sizeof *swarm->holders);
    for (unsigned int i = 0; i < world->n_agents; i++) {
        init_agent(swarm, i);
    }
}

void
swarm_destroy(struct swarm *swarm)
{
    for (unsigned int i = 0; i < swarm->world.n_agents; i++) {
        agent_destroy(&swarm->agents[i]);
    }
    free(swarm->agents);
    free(swarm->spares);
    free(swarm->holders);
    svec_destroy(&swarm->remotes);
    faults_destroy(&swarm->faults);
}
