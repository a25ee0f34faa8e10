/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The living are in a list, whoever was heard last at its end: since all have
 * the same time, the first is who dies next. */

#include <config.h>

#include "health.h"

#include <limits.h>

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "util.h"
#include "uuid.h"

struct agent_health {
    struct hmap_node node;      /* In struct health's 'agents'. */
    struct ovs_list list_node;  /* In 'living', if alive. */
    struct uuid id;
    bool alive;
    long long int deadline;     /* time_msec(). */
};

struct health {
    struct hmap agents;
    struct ovs_list living;
    size_t n_alive;
    void (*changed)(const struct uuid *, void *aux);
    void *aux;
};

struct health *
health_create(void (*changed)(const struct uuid *, void *aux), void *aux)
{
    struct health *health = xzalloc(sizeof *health);

    hmap_init(&health->agents);
    ovs_list_init(&health->living);
    health->changed = changed;
    health->aux = aux;
    return health;
}

void
health_destroy(struct health *health)
{
    struct agent_health *agent;

    if (health) {
        HMAP_FOR_EACH_POP (agent, node, &health->agents) {
            free(agent);
        }
        hmap_destroy(&health->agents);
        free(health);
    }
}

static struct agent_health *
find(const struct health *health, const struct uuid *id)
{
    struct agent_health *agent;

    HMAP_FOR_EACH_WITH_HASH (agent, node, uuid_hash(id), &health->agents) {
        if (uuid_equals(&agent->id, id)) {
            return agent;
        }
    }
    return NULL;
}

static void
set_alive(struct health *health, struct agent_health *agent, bool alive)
{
    agent->alive = alive;
    if (alive) {
        health->n_alive++;
        ovs_list_push_back(&health->living, &agent->list_node);
    } else {
        health->n_alive--;
        ovs_list_remove(&agent->list_node);
    }
}

void
health_beat(struct health *health, const struct uuid *id, int64_t heartbeat,
            long long int now, long long int wall)
{
    struct agent_health *agent = find(health, id);

    if (!agent) {
        agent = xzalloc(sizeof *agent);
        agent->id = *id;
        hmap_insert(&health->agents, &agent->node, uuid_hash(id));
        if (heartbeat < wall - HEALTH_TIMEOUT_MSEC) {
            return;             /* Long dead; no news. */
        }
    } else if (!heartbeat) {
        return;                 /* A restarted server forgets it. */
    }
    agent->deadline = now + HEALTH_TIMEOUT_MSEC;
    if (agent->alive) {
        ovs_list_remove(&agent->list_node);
        ovs_list_push_back(&health->living, &agent->list_node);
    } else {
        set_alive(health, agent, true);
        health->changed(id, health->aux);
    }
}

void
health_gone(struct health *health, const struct uuid *id)
{
    struct agent_health *agent = find(health, id);

    if (agent) {
        if (agent->alive) {
            set_alive(health, agent, false);
        }
        hmap_remove(&health->agents, &agent->node);
        free(agent);
    }
}

void
health_resume(struct health *health, long long int now)
{
    struct agent_health *agent;

    LIST_FOR_EACH (agent, list_node, &health->living) {
        agent->deadline = now + HEALTH_TIMEOUT_MSEC;
    }
}

void
health_run(struct health *health, long long int now)
{
    while (now >= health_next(health)) {
        struct agent_health *agent
            = CONTAINER_OF(ovs_list_front(&health->living),
                           struct agent_health, list_node);

        set_alive(health, agent, false);
        health->changed(&agent->id, health->aux);
    }
}

long long int
health_next(const struct health *health)
{
    if (ovs_list_is_empty(&health->living)) {
        return LLONG_MAX;
    }
    return CONTAINER_OF(ovs_list_front(&health->living),
                        struct agent_health, list_node)->deadline;
}

bool
health_is_alive(const struct health *health, const struct uuid *id)
{
    const struct agent_health *agent = find(health, id);

    return agent && agent->alive;
}

void
health_count(const struct health *health, size_t *n, size_t *alive)
{
    *n = hmap_count(&health->agents);
    *alive = health->n_alive;
}
