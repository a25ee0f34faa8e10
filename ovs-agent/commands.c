/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See commands.h. */

#include <config.h>

#include "commands.h"

#include "agent.h"
#include "openvswitch/hmap.h"
#include "simap.h"
#include "topology.h"
#include "unixctl.h"

static void
cmd_exit(struct unixctl_conn *conn, int argc OVS_UNUSED,
         const char *argv[] OVS_UNUSED, void *exiting_)
{
    bool *exiting = exiting_;

    *exiting = true;
    unixctl_command_reply(conn, NULL);
}

void
commands_register(struct agent *agent OVS_UNUSED, bool *exiting)
{
    unixctl_command_register("exit", "", 0, 0, cmd_exit, exiting);
}

void
commands_memory_usage(const struct agent *agent, struct simap *usage)
{
    simap_increase(usage, "objects", hmap_count(&agent->topology->objects));
    simap_increase(usage, "flows",
                   hmap_count(&agent->topology->flows.flows));
}
