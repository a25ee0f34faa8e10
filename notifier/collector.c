/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See collector.h. */

#include <config.h>

#include "collector.h"

#include "nb/replica.h"
#include "nb/write.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "random.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(collector);

struct collector {
    struct replica *replica;
    bool (*alive)(const struct nb_row *, void *aux);
    void *aux;

    long long int next;         /* time_msec(). */
    bool in_flight;             /* A transaction is not answered yet. */
    size_t n_asked;             /* Rows that it deletes. */
    uint64_t n_deleted;
};

/* Rows of hypervisors, and what they are about. */
static const struct {
    enum nb_table table;
    enum nb_column subject;
    enum nb_table subject_table;
    enum nb_column host;
} kinds[] = {
    { NB_PORT_BINDING, NB_PORT_BINDING_PORT, NB_PORT,
      NB_PORT_BINDING_HOST },
    { NB_NETWORK_BINDING, NB_NETWORK_BINDING_NETWORK, NB_NETWORK,
      NB_NETWORK_BINDING_HOST },
    { NB_PORT_LOCATION, NB_PORT_LOCATION_PORT, NB_PORT,
      NB_PORT_LOCATION_HOST },
    { NB_NETWORK_LOCATION, NB_NETWORK_LOCATION_NETWORK, NB_NETWORK,
      NB_NETWORK_LOCATION_HOST },
};

/* The next time, with some jitter: of several notifiers one will do. */
static void
schedule(struct collector *collector)
{
    collector->next = (time_msec() + COLLECTOR_INTERVAL_MSEC
                       + random_range(COLLECTOR_INTERVAL_MSEC / 4));
}

struct collector *
collector_create(struct replica *replica,
                 bool (*alive)(const struct nb_row *, void *aux), void *aux)
{
    struct collector *collector = xzalloc(sizeof *collector);

    collector->replica = replica;
    collector->alive = alive;
    collector->aux = aux;
    collector->next = time_msec();
    return collector;
}

/* There must be no transaction in flight: after replica_destroy(). */
void
collector_destroy(struct collector *collector)
{
    free(collector);
}

static bool
is_garbage(const struct collector *collector, size_t kind,
           const struct nb_row *row)
{
    struct uuid subject = nb_row_uuid(row, kinds[kind].subject);
    const struct nb_row *agent;

    if (replica_get(collector->replica, kinds[kind].subject_table,
                    &subject)) {
        return false;
    }
    agent = replica_find_one(collector->replica, NB_AGENT_HOST,
                             nb_row_string(row, kinds[kind].host));
    return !agent || !collector->alive(agent, collector->aux);
}

static void
deleted(const struct nb_outcome *outcome, void *collector_)
{
    struct collector *collector = collector_;

    collector->in_flight = false;
    if (outcome->result == NB_COMMITTED) {
        collector->n_deleted += collector->n_asked;
        VLOG_INFO("deleted %"PRIuSIZE" rows that hypervisors left behind",
                  collector->n_asked);
    } else {
        VLOG_WARN("rows that hypervisors left behind cannot be deleted: %s",
                  outcome->details);
    }
}

static void
collect(struct collector *collector)
{
    struct nb_txn *txn = nb_txn_create();
    size_t found = 0;

    for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
        size_t n = replica_count(collector->replica, kinds[kind].table);
        const struct nb_row **rows = replica_rows(collector->replica,
                                                  kinds[kind].table);

        for (size_t i = 0; i < n && found < COLLECTOR_BATCH; i++) {
            if (is_garbage(collector, kind, rows[i])) {
                nb_txn_delete(txn, kinds[kind].table, nb_row_id(rows[i]));
                found++;
            }
        }
        free(rows);
    }
    if (!found) {
        nb_txn_destroy(txn);
        return;
    }
    nb_txn_comment(txn, "sluice-notifier: rows of what is gone");
    collector->in_flight = true;
    collector->n_asked = found;
    nb_txn_commit(collector->replica, txn, deleted, collector);
}

void
collector_run(struct collector *collector)
{
    if (time_msec() >= collector->next && !collector->in_flight
        && replica_is_current(collector->replica)) {
        schedule(collector);
        collect(collector);
    }
}

void
collector_wait(struct collector *collector)
{
    if (!collector->in_flight && replica_is_current(collector->replica)) {
        poll_timer_wait_until(collector->next);
    }
}

uint64_t
collector_count(const struct collector *collector)
{
    return collector->n_deleted;
}
