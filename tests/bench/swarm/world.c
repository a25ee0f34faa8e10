/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See world.h.  generate.c writes the database. */

#include <config.h>

#include "world.h"

#include <stdint.h>
#include <stdio.h>

#include "util.h"
#include "uuid.h"

/* One port in this many is at home where it is plugged, whatever its host
 * says: that of those whose host is not known in advance. */
#define SLOT_SHARE 10

/* Marks UUIDs as ours. */
#define MARK 0x51ce4000u
#define VARIANT 0x80000000u

unsigned int
world_n_slots(const struct world *world)
{
    return DIV_ROUND_UP(world->n_ports, SLOT_SHARE);
}

unsigned int
world_first_port(const struct world *world, unsigned int agent)
{
    return agent * (world->n_ports + 1);
}

unsigned int
world_first_slot(const struct world *world, unsigned int agent)
{
    return (world_first_port(world, agent) + world->n_ports
            - world_n_slots(world));
}

unsigned int
world_first_network(const struct world *world, unsigned int agent)
{
    return agent * world->n_networks;
}

unsigned int
world_spare(const struct world *world, unsigned int agent)
{
    return world_first_port(world, agent) + world->n_ports;
}

unsigned int
world_total_ports(const struct world *world)
{
    return world->n_agents * (world->n_ports + 1);
}

/* Hash tables of UUIDs take the first 32 bits for a hash: neighbours must
 * differ in them.  No two numbers have the same result. */
static uint32_t
scatter(uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352dU;
    x ^= x >> 15;
    x *= 0x846ca68bU;
    x ^= x >> 16;
    return x;
}

struct uuid
world_uuid(enum world_kind kind, unsigned int number)
{
    return (struct uuid) {
        .parts = {
            scatter(number + kind * 0x9e3779b9U),
            MARK | kind,
            VARIANT,
            number
        }
    };
}

bool
world_number(enum world_kind kind, const struct uuid *uuid,
             unsigned int *number)
{
    struct uuid expected = world_uuid(kind, uuid->parts[3]);

    *number = uuid->parts[3];
    return uuid_equals(uuid, &expected);
}

void
world_host(unsigned int agent, char *name, size_t size)
{
    snprintf(name, size, "hv%u", agent);
}
