/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Waits for hypervisors.  See wait.h. */

#include <config.h>

#include "api/wait.h"

#include "heap.h"
#include "nb/replica.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

struct waits {
    const struct replica *replica;
    bool (*is_alive)(const struct uuid *, void *aux);
    void *aux;

    struct hmap targets;        /* "struct awaited"s by id. */
    struct heap deadlines;      /* "struct wait"s, the earliest first. */
    struct ovs_list due;        /* "struct wait"s to be looked at. */
};

/* A target of a wait, in the index. */
struct awaited {
    struct hmap_node node;      /* In struct waits's 'targets'. */
    struct wait_target target;
    struct wait *wait;
};

struct wait {
    struct waits *waits;
    struct heap_node heap_node; /* In 'deadlines'. */
    struct ovs_list due_node;   /* In 'due', or empty. */
    long long int deadline;
    struct awaited *awaited;
    size_t n;
    void (*done)(const struct svec *late, void *aux);
    void *aux;
};

/* Where bindings of a kind of object are. */
static const struct bindings {
    enum nb_table table;        /* Of what is waited for. */
    enum nb_table binding_table;
    enum nb_column object, host, revision, fault;
} bindings[] = {
    { NB_PORT, NB_PORT_BINDING, NB_PORT_BINDING_PORT, NB_PORT_BINDING_HOST,
      NB_PORT_BINDING_REVISION_NUMBER, NB_PORT_BINDING_FAULT },
    { NB_NETWORK, NB_NETWORK_BINDING, NB_NETWORK_BINDING_NETWORK,
      NB_NETWORK_BINDING_HOST, NB_NETWORK_BINDING_REVISION_NUMBER,
      NB_NETWORK_BINDING_FAULT },
};

struct waits *
waits_create(const struct replica *replica,
             bool (*is_alive)(const struct uuid *, void *aux), void *aux)
{
    struct waits *waits = xzalloc(sizeof *waits);

    waits->replica = replica;
    waits->is_alive = is_alive;
    waits->aux = aux;
    hmap_init(&waits->targets);
    heap_init(&waits->deadlines);
    ovs_list_init(&waits->due);
    return waits;
}

void
waits_destroy(struct waits *waits)
{
    if (waits) {
        ovs_assert(hmap_is_empty(&waits->targets));
        hmap_destroy(&waits->targets);
        heap_destroy(&waits->deadlines);
        free(waits);
    }
}

static void
mark_due(struct wait *wait)
{
    if (ovs_list_is_empty(&wait->due_node)) {
        ovs_list_push_back(&wait->waits->due, &wait->due_node);
    }
}

struct wait *
wait_start(struct waits *waits, const struct wait_target *targets, size_t n,
           long long int deadline,
           void (*done)(const struct svec *late, void *aux), void *aux)
{
    struct wait *wait = xzalloc(sizeof *wait);

    wait->waits = waits;
    wait->deadline = deadline;
    wait->done = done;
    wait->aux = aux;
    wait->n = n;
    wait->awaited = xcalloc(n, sizeof *wait->awaited);
    for (size_t i = 0; i < n; i++) {
        struct awaited *awaited = &wait->awaited[i];

        awaited->target = targets[i];
        awaited->wait = wait;
        hmap_insert(&waits->targets, &awaited->node,
                    uuid_hash(&targets[i].id));
    }
    /* The heap has the largest on top. */
    heap_insert(&waits->deadlines, &wait->heap_node, UINT64_MAX - deadline);
    ovs_list_init(&wait->due_node);
    mark_due(wait);
    return wait;
}

void
wait_cancel(struct wait *wait)
{
    struct waits *waits = wait->waits;

    for (size_t i = 0; i < wait->n; i++) {
        hmap_remove(&waits->targets, &wait->awaited[i].node);
    }
    heap_remove(&waits->deadlines, &wait->heap_node);
    ovs_list_remove(&wait->due_node);
    free(wait->awaited);
    free(wait);
}

static void
mark_object(struct waits *waits, enum nb_table table, const struct uuid *id)
{
    struct awaited *awaited;

    HMAP_FOR_EACH_WITH_HASH (awaited, node, uuid_hash(id), &waits->targets) {
        if (awaited->target.table == table
            && uuid_equals(&awaited->target.id, id)) {
            mark_due(awaited->wait);
        }
    }
}

void
waits_change(struct waits *waits, const struct nb_change *change)
{
    const struct nb_row *row = change->new ? change->new : change->old;

    if (hmap_is_empty(&waits->targets)) {
        return;
    }
    if (change->table == NB_AGENT) {
        mark_object(waits, NB_AGENT, nb_row_id(row));
    }
    for (size_t i = 0; i < ARRAY_SIZE(bindings); i++) {
        if (change->table == bindings[i].binding_table) {
            struct uuid id = nb_row_uuid(row, bindings[i].object);

            mark_object(waits, bindings[i].table, &id);
        }
    }
}

/* A look at those concerned. */
struct look {
    const struct waits *waits;
    struct svec late;
    bool waiting;               /* Is one of them worth waiting for? */
};

static bool
is_alive(const struct waits *waits, const char *host)
{
    const struct nb_row *agent = replica_find_one(waits->replica,
                                                  NB_AGENT_HOST, host);

    return agent && waits->is_alive(nb_row_id(agent), waits->aux);
}

/* 'reached': has 'host' come to the revision; 'final': will it say no more? */
static void
look_at_host(struct look *look, const char *host, bool reached, bool final)
{
    if (!reached) {
        svec_add(&look->late, host);
        look->waiting |= !final && is_alive(look->waits, host);
    }
}

static void
look_at_bindings(struct look *look, const struct bindings *b,
                 const struct wait_target *target)
{
    struct nb_rows rows = replica_find_uuid(look->waits->replica, b->object,
                                            &target->id);

    for (size_t i = 0; i < rows.n; i++) {
        const struct nb_row *row = rows.rows[i];
        bool there = (!target->deleted
                      && nb_row_integer(row, b->revision) >= target->revision);
        /* A network's admin state is in force whatever is the matter with its
         * way to other hypervisors. */
        bool fault = (b->table == NB_PORT
                      && nb_row_string(row, b->fault)[0] != '\0');

        look_at_host(look, nb_row_string(row, b->host), there && !fault,
                     there);
    }
}

static void
look_at_agent(struct look *look, const struct wait_target *target)
{
    const struct nb_row *agent = replica_get(look->waits->replica, NB_AGENT,
                                             &target->id);

    if (agent && !target->deleted) {
        look_at_host(look, nb_row_string(agent, NB_AGENT_HOST),
                     nb_row_integer(agent, NB_AGENT_HOST_REVISION_NUMBER)
                     >= target->revision, false);
    }
}

static void
look_at(struct look *look, const struct wait *wait)
{
    for (size_t i = 0; i < wait->n; i++) {
        const struct wait_target *target = &wait->awaited[i].target;

        if (target->table == NB_AGENT) {
            look_at_agent(look, target);
        }
        for (size_t j = 0; j < ARRAY_SIZE(bindings); j++) {
            if (target->table == bindings[j].table) {
                look_at_bindings(look, &bindings[j], target);
            }
        }
    }
}

static void
run_wait(struct wait *wait, long long int now)
{
    struct look look = {
        .waits = wait->waits,
        .late = SVEC_EMPTY_INITIALIZER,
    };

    look_at(&look, wait);
    if (!look.waiting || now >= wait->deadline) {
        void (*done)(const struct svec *, void *) = wait->done;
        void *aux = wait->aux;

        svec_sort_unique(&look.late);
        wait_cancel(wait);
        done(&look.late, aux);
    }
    svec_destroy(&look.late);
}

static struct wait *
first_deadline(const struct waits *waits)
{
    return (heap_is_empty(&waits->deadlines) ? NULL
            : CONTAINER_OF(heap_max(&waits->deadlines), struct wait,
                           heap_node));
}

void
waits_run(struct waits *waits)
{
    long long int now = time_msec();
    struct wait *wait;

    while (!ovs_list_is_empty(&waits->due)) {
        wait = CONTAINER_OF(ovs_list_pop_front(&waits->due), struct wait,
                            due_node);
        ovs_list_init(&wait->due_node);
        run_wait(wait, now);
    }
    while ((wait = first_deadline(waits)) != NULL && wait->deadline <= now) {
        run_wait(wait, now);
    }
}

void
waits_wait(const struct waits *waits)
{
    const struct wait *wait = first_deadline(waits);

    if (!ovs_list_is_empty(&waits->due)) {
        poll_immediate_wake();
    } else if (wait) {
        poll_timer_wait_until(wait->deadline);
    }
}

size_t
waits_count(const struct waits *waits)
{
    return heap_count(&waits->deadlines);
}
