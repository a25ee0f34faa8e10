/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See agent.h.  This is the only file that knows every part; it passes data
 * on and decides nothing about it. */

#include <config.h>

#include "agent.h"

#include "agent-config.h"
#include "interest.h"
#include "nb.h"
#include "ofswitch.h"
#include "ovs-local.h"
#include "status.h"
#include "topology.h"
#include "util.h"

struct agent *
agent_create(const char *ovs_remote, bool self_check)
{
    struct agent *agent = xzalloc(sizeof *agent);

    agent->local = ovs_local_create(ovs_remote);
    agent->nb = nb_create();
    agent->topology = xzalloc(sizeof *agent->topology);
    topology_init(agent->topology);
    agent->topology->self_check = self_check;
    agent->ofswitch = ofswitch_create();
    announcer_init(&agent->announcer);
    agent->status = status_create(agent->nb);
    vswitchd_init(&agent->vswitchd);
    return agent;
}

void
agent_destroy(struct agent *agent)
{
    if (agent) {
        vswitchd_destroy(&agent->vswitchd);
        status_destroy(agent->status);
        announcer_destroy(&agent->announcer);
        ofswitch_destroy(agent->ofswitch);
        nb_destroy(agent->nb);
        ovs_local_destroy(agent->local);
        topology_destroy(agent->topology);
        free(agent->topology);
        free(agent);
    }
}

/* Asks for what the topology has turned out to need. */
static void
run_interest(struct agent *agent)
{
    struct interest interest;

    if (!agent->topology->interest_dirty) {
        return;
    }
    agent->topology->interest_dirty = false;
    interest_init(&interest);
    topology_get_interest(agent->topology, &interest);
    nb_set_interest(agent->nb, &interest);
    interest_destroy(&interest);
    status_recheck_agent(agent->status);
}

/* What it means that a port is not known depends on these. */
static void
run_nb_state(struct agent *agent)
{
    bool connected = nb_is_connected(agent->nb);
    bool settled = nb_is_settled(agent->nb);

    if (connected != agent->nb_was_connected
        || settled != agent->nb_was_settled) {
        agent->nb_was_connected = connected;
        agent->nb_was_settled = settled;
        ovs_local_recheck_all_status(agent->local);
    }
}

void
agent_run(struct agent *agent)
{
    const struct agent_config *config;

    vswitchd_run(&agent->vswitchd);
    ovs_local_run(agent->local, agent->topology);
    config = ovs_local_config(agent->local);
    if (!config) {
        return;
    }

    nb_configure(agent->nb, config->remote, config->host,
                 config->probe_interval);
    run_interest(agent);
    nb_run(agent->nb, agent->topology);
    run_interest(agent);
    run_nb_state(agent);

    ofswitch_set_bridge(agent->ofswitch,
                        (ovs_local_bridge_ready(agent->local)
                         ? config->bridge : NULL));
    topology_run(agent->topology, nb_is_settled(agent->nb));
    topology_sent(agent->topology,
                  ofswitch_send(agent->ofswitch, &agent->topology->flows));
    ofswitch_run(agent->ofswitch, agent->topology);
    topology_acked(agent->topology, ofswitch_acked(agent->ofswitch));
    announcer_run(&agent->announcer, agent->topology, agent->ofswitch);

    status_run(agent->status, agent->topology, agent->local, config);
    ovs_local_write(agent->local, agent->topology, agent->nb_was_settled,
                    agent->nb_was_connected);
}

void
agent_wait(struct agent *agent)
{
    vswitchd_wait(&agent->vswitchd);
    ovs_local_wait(agent->local);
    if (!ovs_local_config(agent->local)) {
        return;                 /* As agent_run() did. */
    }
    nb_wait(agent->nb);
    ofswitch_wait(agent->ofswitch);
    announcer_wait(&agent->announcer);
    status_wait(agent->status);
    topology_wait(agent->topology);
}
