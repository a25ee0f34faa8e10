/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Commands about connections: see command.h. */

#include <config.h>

#include "command.h"

#include <inttypes.h>
#include <stdlib.h>

#include "random.h"
#include "util.h"

/* How soon to try again when the server's queue of connections is full, and
 * how much later at most if it does not get shorter. */
#define RETRY_MSEC 1
#define RETRY_MAX_MSEC 32

/* Samples. */

void
samples_add(struct samples *samples, long long int nsec)
{
    if (samples->n >= samples->allocated) {
        samples->nsec = x2nrealloc(samples->nsec, &samples->allocated,
                                   sizeof *samples->nsec);
    }
    samples->nsec[samples->n++] = nsec;
}

void
samples_destroy(struct samples *samples)
{
    free(samples->nsec);
}

static int
compare_nsec(const void *a_, const void *b_)
{
    const long long int *a = a_, *b = b_;

    return *a < *b ? -1 : *a > *b;
}

/* By nearest rank: a value that was measured. */
static double
percentile_msec(const struct samples *samples, unsigned int percent)
{
    size_t rank = DIV_ROUND_UP(samples->n * percent, 100);

    return samples->nsec[MAX(rank, 1) - 1] / 1e6;
}

void
samples_put(struct samples *samples, const char *name, bool all,
            struct ds *s)
{
    static const unsigned int percents[] = { 50, 90, 99, 100 };
    static const char *const names[] = { "p50", "p90", "p99", "max" };

    if (all) {
        ds_put_format(s, ", \"%s_us\": [", name);
        for (size_t i = 0; i < samples->n; i++) {
            ds_put_format(s, "%s%.1f", i ? ", " : "", samples->nsec[i] / 1e3);
        }
        ds_put_char(s, ']');
    }
    if (samples->n) {
        qsort(samples->nsec, samples->n, sizeof *samples->nsec, compare_nsec);
        ds_put_format(s, ", \"%s_ms\": {", name);
        for (size_t i = 0; i < ARRAY_SIZE(percents); i++) {
            ds_put_format(s, "%s\"%s\": %.3f", i ? ", " : "", names[i],
                          percentile_msec(samples, percents[i]));
        }
        ds_put_char(s, '}');
    }
}

void
watch_put(const struct watch *watch, struct ds *s)
{
    ds_put_format(s, ", \"bytes_to_others\": %"PRIu64
                  ", \"updates_to_others\": %"PRIu64,
                  watch->others_bytes, watch->others_updates);
}

struct agent *
random_agent(struct swarm *swarm, struct range range, bool stalled)
{
    unsigned int n = range.b - range.a;
    unsigned int start = n ? random_range(n) : 0;

    for (unsigned int i = 0; i < n; i++) {
        struct agent *agent = &swarm->agents[range.a + (start + i) % n];

        if (agent->state == AGENT_SYNCED
            && (stalled || !agent->conn.stalled)) {
            return agent;
        }
    }
    return NULL;
}

/* Connecting. */

static uint64_t
bytes_in(const struct swarm *swarm, struct range range)
{
    uint64_t sum = 0;

    for (unsigned int i = range.a; i < range.b; i++) {
        sum += swarm->agents[i].conn.n_in;
    }
    return sum;
}

static void
disconnect_all(struct swarm *swarm, struct range range, bool forget)
{
    for (unsigned int i = range.a; i < range.b; i++) {
        agent_disconnect(&swarm->agents[i], forget);
    }
}

/* Connects those of the range that are down, as fast as the server accepts
 * them, and waits for all.  Returns false if it takes too long. */
static bool
connect_all(struct swarm *swarm, struct range range, long long int deadline)
{
    unsigned int next = range.a;
    int retry = RETRY_MSEC;

    for (;;) {
        unsigned int first = next;

        while (next < range.b && (swarm->agents[next].state != AGENT_DOWN
                                  || agent_connect(&swarm->agents[next]))) {
            next++;
        }
        if (next == range.b && !swarm->n_syncing) {
            return true;
        } else if (conn_now() > deadline) {
            return false;
        }
        retry = next > first ? RETRY_MSEC : MIN(retry * 2, RETRY_MAX_MSEC);
        conn_run_all(-1, next < range.b ? retry : 100);
    }
}

/* Appends when each agent had its rows. */
static void
put_synced(const struct swarm *swarm, struct range range,
           long long int begun, struct ds *s)
{
    struct samples samples = { .n = 0 };
    unsigned int n_found = 0;
    long long int last = begun;
    uint64_t n_rows = 0;

    for (unsigned int i = range.a; i < range.b; i++) {
        const struct agent *agent = &swarm->agents[i];

        if (agent->state == AGENT_SYNCED && agent->synced_at >= begun) {
            samples_add(&samples, agent->synced_at - begun);
            last = MAX(last, agent->synced_at);
            n_found += agent->found;
            n_rows += hmap_count(&agent->rows);
        }
    }
    ds_put_format(s, ", \"synced\": %"PRIuSIZE", \"found\": %u, "
                  "\"rows\": %"PRIu64", \"seconds\": %.3f", samples.n,
                  n_found, n_rows, (last - begun) / 1e9);
    samples_put(&samples, "agent", false, s);
    samples_destroy(&samples);
}

void
command_connect(struct swarm *swarm, struct range range, bool resync,
                struct ds *s)
{
    uint64_t bytes = bytes_in(swarm, range);
    long long int begun = conn_now();
    bool done;

    if (resync) {
        disconnect_all(swarm, range, false);
    }
    done = connect_all(swarm, range, begun + swarm->timeout);
    ds_put_format(s, ", \"agents\": %u, \"timed_out\": %s, "
                  "\"bytes\": %"PRIu64, range.b - range.a,
                  done ? "false" : "true", bytes_in(swarm, range) - bytes);
    put_synced(swarm, range, begun, s);
}

void
command_disconnect(struct swarm *swarm, struct range range, struct ds *s)
{
    disconnect_all(swarm, range, true);
    ds_put_format(s, ", \"agents\": %u", range.b - range.a);
}

void
command_stall(struct swarm *swarm, struct range range, bool stall,
              struct ds *s)
{
    for (unsigned int i = range.a; i < range.b; i++) {
        conn_stall(&swarm->agents[i].conn, stall);
    }
    ds_put_format(s, ", \"agents\": %u", range.b - range.a);
}

/* Others. */

void
command_settle(struct swarm *swarm, struct ds *s)
{
    long long int begun = conn_now();

    for (unsigned int i = 0; i < swarm->world.n_agents; i++) {
        struct agent *agent = &swarm->agents[i];

        if (agent->state == AGENT_SYNCED && !agent->conn.stalled) {
            agent_echo(agent);
        }
    }
    while ((swarm->n_owed || swarm->n_syncing)
           && conn_now() < begun + swarm->timeout) {
        conn_run_all(-1, 100);
    }
    ds_put_format(s, ", \"timed_out\": %s, \"seconds\": %.3f",
                  swarm->n_owed || swarm->n_syncing ? "true" : "false",
                  (conn_now() - begun) / 1e9);
    watch_put(&swarm->watch, s);
}

void
command_stats(const struct swarm *swarm, struct ds *s)
{
    unsigned int n_synced = 0, n_stalled = 0, n_down = 0;
    uint64_t n_out = 0;

    for (unsigned int i = 0; i < swarm->world.n_agents; i++) {
        const struct agent *agent = &swarm->agents[i];

        n_synced += agent->state == AGENT_SYNCED;
        n_down += agent->state == AGENT_DOWN;
        n_stalled += agent->conn.stalled;
        n_out += agent->conn.n_out;
    }
    ds_put_format(s, ", \"agents\": %u, \"synced\": %u, \"down\": %u, "
                  "\"stalled\": %u, \"rows\": %"PRIu64", "
                  "\"bytes_in\": %"PRIu64", \"bytes_out\": %"PRIu64", "
                  "\"server_updates\": %"PRIu64, swarm->world.n_agents,
                  n_synced, n_down, n_stalled, swarm->n_rows,
                  bytes_in(swarm, (struct range) { 0,
                                                   swarm->world.n_agents }),
                  n_out, swarm->n_server_updates);
    watch_put(&swarm->watch, s);
}
