/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The requests of agents, as text.  See nb.c of sluice-agent for what it asks
 * for, and why there are no clauses but "==" and one that no row meets.  Only
 * what an agent's number decides differs between agents. */

#include <config.h>

#include "agent.h"
#include "util.h"
#include "uuid.h"

/* Escaped as lib/agent-lock.h says; the digits and letters of our hosts stay
 * as they are. */
void
request_put_lock(struct ds *s, const struct agent *agent)
{
    ds_put_format(s, "{\"id\":%d,\"method\":\"lock\",\"params\":"
                  "[\"sluice_agent_hv%u\"]}", REQUEST_LOCK, agent->number);
}

void
request_put_server_monitor(struct ds *s)
{
    ds_put_format(s, "{\"id\":%d,\"method\":\"monitor_cond\",\"params\":"
                  "[\"_Server\","SERVER_MONITOR_ID",{\"Database\":"
                  "[{\"columns\":[\"cid\",\"connected\",\"index\","
                  "\"leader\",\"model\",\"name\",\"schema\"]}]}]}",
                  REQUEST_SERVER_MONITOR);
}

static void
put_uuid(struct ds *s, const struct uuid *uuid, bool first)
{
    ds_put_format(s, "%s[\"_uuid\",\"==\",[\"uuid\",\""UUID_FMT"\"]]",
                  first ? "" : ",", UUID_ARGS(uuid));
}

static void
put_port_condition(struct ds *s, const struct agent *agent)
{
    const struct world *world = &agent->swarm->world;
    unsigned int first = world_first_port(world, agent->number);
    unsigned int n_slots = world_n_slots(world);

    ds_put_format(s, "[[\"host\",\"==\",\"hv%u\"],", agent->number);
    put_uuid(s, &UUID_ZERO, true);
    for (unsigned int i = 0; i < world->n_ports; i++) {
        unsigned int hosted = world->n_ports - n_slots;
        struct uuid uuid = world_uuid(
            WORLD_PORT, i < hosted ? first + i : agent->slots[i - hosted]);

        put_uuid(s, &uuid, false);
    }
    ds_put_char(s, ']');
}

static void
put_network_condition(struct ds *s, const struct agent *agent)
{
    const struct world *world = &agent->swarm->world;

    ds_put_char(s, '[');
    put_uuid(s, &UUID_ZERO, true);
    for (unsigned int i = 0; i < world->n_networks; i++) {
        struct uuid uuid = world_uuid(
            WORLD_NETWORK, world_first_network(world, agent->number) + i);

        put_uuid(s, &uuid, false);
    }
    ds_put_char(s, ']');
}

static void
put_where(struct ds *s, const struct agent *agent, enum row_table_id table)
{
    switch (table) {
    case ROW_AGENT:
    case ROW_HOST:
    case ROW_NETWORK_BINDING:
    case ROW_PORT_BINDING:
        ds_put_format(s, "[[\"host\",\"==\",\"hv%u\"]]", agent->number);
        break;
    case ROW_PORT:
        put_port_condition(s, agent);
        break;
    case ROW_NETWORK:
        put_network_condition(s, agent);
        break;
    case ROW_SEGMENT:
        ds_put_char(s, '[');
        put_uuid(s, &UUID_ZERO, true);
        ds_put_char(s, ']');
        break;
    case ROW_N_TABLES:
    default:
        OVS_NOT_REACHED();
    }
}

void
request_put_monitor(struct ds *s, const struct agent *agent)
{
    ds_put_format(s, "{\"id\":%d,\"method\":\"monitor_cond_since\","
                  "\"params\":[\""WORLD_DATABASE"\","MONITOR_ID",{",
                  REQUEST_MONITOR);
    for (int i = 0; i < ROW_N_TABLES; i++) {
        ds_put_format(s, "%s\"%s\":[{\"columns\":[", i ? "," : "",
                      row_tables[i].name);
        for (size_t j = 0; j < row_tables[i].n_columns; j++) {
            ds_put_format(s, "%s\"%s\"", j ? "," : "",
                          row_tables[i].columns[j].name);
        }
        ds_put_cstr(s, "],\"where\":");
        put_where(s, agent, i);
        ds_put_cstr(s, "}]");
    }
    ds_put_format(s, "},\""UUID_FMT"\"]}", UUID_ARGS(&agent->last_id));
}

void
request_put_condition(struct ds *s, const struct agent *agent)
{
    ds_put_format(s, "{\"id\":%d,\"method\":\"monitor_cond_change\","
                  "\"params\":["MONITOR_ID","MONITOR_ID",{\"Port\":"
                  "[{\"where\":", REQUEST_CONDITION);
    put_port_condition(s, agent);
    ds_put_cstr(s, "}]}]}");
}
