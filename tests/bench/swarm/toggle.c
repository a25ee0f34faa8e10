/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Commands that change something and measure who is told: see command.h. */

#include <config.h>

#include "command.h"

#include "random.h"
#include "util.h"
#include "uuid.h"

/* Index of a column in a Port's row. */
#define ADMIN_STATE_UP 0

/* Begins to watch: 'agent' is concerned by its row 'uuid'. */
static void
watch_begin(struct watch *watch, const struct agent *agent,
            const struct uuid *uuid)
{
    watch->on = true;
    watch->agent = agent;
    watch->uuid = *uuid;
    watch->seen = 0;
}

static void
watch_reset(struct watch *watch)
{
    watch->others_bytes = watch->others_updates = 0;
}

/* Toggles. */

/* The result of a transaction that changes one row by two operations. */
static void
check_result(struct nb *nb, struct span result, void *aux OVS_UNUSED)
{
    if (!span_equals(result, "[{\"count\":1},{\"count\":1}]")) {
        ovs_fatal(0, "%s: transaction failed: %.*s", nb->remote,
                  (int) result.n, result.p);
    }
}

static struct uuid
random_port(const struct agent *agent)
{
    const struct world *world = &agent->swarm->world;
    unsigned int hosted = world->n_ports - world_n_slots(world);
    unsigned int i = random_range(world->n_ports);

    return world_uuid(WORLD_PORT,
                      i < hosted ? world_first_port(world, agent->number) + i
                                 : agent->slots[i - hosted]);
}

static void
send_toggle(struct nb *nb, const struct uuid *uuid, bool up)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    char *where = xasprintf("\"table\":\"Port\",\"where\":[[\"_uuid\","
                            "\"==\",[\"uuid\",\""UUID_FMT"\"]]]",
                            UUID_ARGS(uuid));

    ds_put_format(&s, "{\"id\":1,\"method\":\"transact\",\"params\":["
                  "\""WORLD_DATABASE"\",{\"op\":\"update\",%s,"
                  "\"row\":{\"admin_state_up\":%s}},{\"op\":\"mutate\",%s,"
                  "\"mutations\":[[\"revision_number\",\"+=\",1]]}]}",
                  where, up ? "true" : "false", where);
    nb_request(nb, &s);
    ds_destroy(&s);
    free(where);
}

/* Times of one change. */
struct toggle_samples {
    struct samples sent;        /* From sending the transaction. */
    struct samples replied;     /* From its reply, 0 if that was later. */
    unsigned int n_stalled;
};

/* Changes a port of 'agent' and waits until it was told. */
static void
toggle_one(struct swarm *swarm, struct nb *nb, struct agent *agent,
           struct toggle_samples *samples)
{
    struct watch *watch = &swarm->watch;
    struct uuid uuid = random_port(agent);
    const struct row *row = row_find(&agent->rows, &uuid);
    long long int deadline, sent;

    if (!row) {
        fault(&swarm->faults, "lacks a port", agent->number, UUID_FMT,
              UUID_ARGS(&uuid));
        return;
    }
    watch_begin(watch, agent, &uuid);
    sent = conn_now();
    deadline = sent + swarm->timeout;
    send_toggle(nb, &uuid, !row->values[ADMIN_STATE_UP]);
    nb_wait(nb, deadline);
    if (agent->conn.stalled) {
        samples->n_stalled++;
        return;
    }
    while (!watch->seen && agent->state != AGENT_DOWN
           && conn_now() < deadline) {
        conn_run_all(-1, 100);
    }
    if (watch->seen) {
        samples_add(&samples->sent, watch->seen - sent);
        samples_add(&samples->replied,
                    MAX(watch->seen - nb->replied_at, 0));
    } else {
        fault(&swarm->faults, "not told of a change", agent->number, UUID_FMT,
              UUID_ARGS(&uuid));
    }
}

void
command_toggle(struct swarm *swarm, struct nb *nb, unsigned int count,
               struct range range, struct ds *s)
{
    struct toggle_samples samples = { .n_stalled = 0 };
    long long int begun = conn_now();

    nb_open(nb);
    nb->take_result = check_result;
    watch_reset(&swarm->watch);
    for (unsigned int i = 0; i < count; i++) {
        struct agent *agent = random_agent(swarm, range, true);

        if (agent) {
            toggle_one(swarm, nb, agent, &samples);
        }
    }
    ds_put_format(s, ", \"changes\": %"PRIuSIZE", \"stalled\": %u, "
                  "\"seconds\": %.3f", samples.sent.n, samples.n_stalled,
                  (conn_now() - begun) / 1e9);
    watch_put(&swarm->watch, s);
    samples_put(&samples.sent, "sent", true, s);
    samples_put(&samples.replied, "replied", true, s);
    samples_destroy(&samples.sent);
    samples_destroy(&samples.replied);
}

/* Moves. */

/* Has 'agent' drop a port and take another, and waits until it is told. */
static void
move_one(struct swarm *swarm, struct agent *agent, struct range range,
         struct samples *samples)
{
    unsigned int slot = random_range(world_n_slots(&swarm->world));
    unsigned int spare = range.a + random_range(range.b - range.a);
    struct uuid new = world_uuid(WORLD_PORT, swarm->spares[spare]);
    struct uuid old = world_uuid(WORLD_PORT, agent->slots[slot]);
    unsigned int dropped = agent->slots[slot];
    long long int begun = conn_now();
    bool done = false;

    watch_begin(&swarm->watch, agent, &new);
    agent_take_port(agent, slot, swarm->spares[spare]);
    swarm->spares[spare] = dropped;
    while (!done && conn_now() < begun + swarm->timeout
           && agent->state == AGENT_SYNCED) {
        conn_run_all(-1, 100);
        done = (!agent->owed_condition && row_find(&agent->rows, &new)
                && !row_find(&agent->rows, &old));
    }
    if (done) {
        samples_add(samples, conn_now() - begun);
    } else {
        fault(&swarm->faults, "did not get what it asked for", agent->number,
              UUID_FMT, UUID_ARGS(&new));
    }
}

void
command_move(struct swarm *swarm, unsigned int count, struct range range,
             struct ds *s)
{
    struct samples samples = { .n = 0 };

    watch_reset(&swarm->watch);
    for (unsigned int i = 0; i < count; i++) {
        struct agent *agent = random_agent(swarm, range, false);

        if (agent) {
            move_one(swarm, agent, range, &samples);
        }
    }
    ds_put_format(s, ", \"moves\": %"PRIuSIZE, samples.n);
    watch_put(&swarm->watch, s);
    samples_put(&samples, "move", true, s);
    samples_destroy(&samples);
}
