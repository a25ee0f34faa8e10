/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What an object shows beside its own row is told by api/resource.h's tables;
 * this is the other direction. */

#include <config.h>

#include "journal/marks.h"

#include "hash.h"
#include "nb/replica.h"
#include "util.h"
#include "uuid.h"

void
marks_init(struct marks *marks)
{
    hmap_init(&marks->marks);
    for (size_t i = 0; i < OBJECT_N_KINDS; i++) {
        ovs_list_init(&marks->order[i]);
    }
}

void
marks_destroy(struct marks *marks)
{
    struct mark *mark;

    while ((mark = marks_pop(marks)) != NULL) {
        mark_free(mark);
    }
    hmap_destroy(&marks->marks);
}

static void
add(struct marks *marks, enum object_kind kind, const struct uuid *id)
{
    uint32_t hash = hash_int(kind, uuid_hash(id));
    struct mark *mark;

    HMAP_FOR_EACH_WITH_HASH (mark, node, hash, &marks->marks) {
        if (mark->kind == kind && uuid_equals(&mark->id, id)) {
            return;
        }
    }
    mark = xzalloc(sizeof *mark);
    mark->kind = kind;
    mark->id = *id;
    hmap_insert(&marks->marks, &mark->node, hash);
    ovs_list_push_back(&marks->order[kind], &mark->list_node);
}

void
marks_add(struct marks *marks, enum object_kind kind, const struct uuid *id)
{
    add(marks, kind, id);
}

static void
add_rows(struct marks *marks, enum object_kind kind, struct nb_rows rows)
{
    for (size_t i = 0; i < rows.n; i++) {
        add(marks, kind, nb_row_id(rows.rows[i]));
    }
}

/* A network lists its subnets. */
static void
mark_subnet(struct marks *marks, const struct nb_change *change)
{
    const struct nb_row *row = change->new ? change->new : change->old;

    add(marks, OBJECT_SUBNET, nb_row_id(row));
    if (!change->old || !change->new
        || !nb_row_same(change->old, change->new, NB_SUBNET_NETWORK)) {
        for (size_t i = 0; i < 2; i++) {
            const struct nb_row *side = i ? change->new : change->old;

            if (side) {
                struct uuid network = nb_row_uuid(side, NB_SUBNET_NETWORK);
                add(marks, OBJECT_NETWORK, &network);
            }
        }
    }
}

/* How a port is bound depends on whether there is an agent, and on what it
 * says of its bridge. */
static void
mark_agent(struct marks *marks, const struct replica *replica,
           const struct nb_change *change)
{
    const struct nb_row *row = change->new ? change->new : change->old;

    if (change->old && change->new
        && !nb_row_differs(change->old, change->new, NB_AGENT_HEARTBEAT)) {
        return;                 /* See health.h for those. */
    }
    add(marks, OBJECT_AGENT, nb_row_id(row));
    add(marks, OBJECT_HOST_BINDING, nb_row_id(row));
    if (!change->old || !change->new
        || !nb_row_same(change->old, change->new, NB_AGENT_BRIDGE)
        || !nb_row_same(change->old, change->new, NB_AGENT_DATAPATH_TYPE)) {
        add_rows(marks, OBJECT_PORT,
                 replica_find(replica, NB_PORT_HOST,
                              nb_row_string(row, NB_AGENT_HOST)));
    }
}

/* The part of a port's or a network's object that is in another row. */
static void
mark_referrers(struct marks *marks, const struct replica *replica,
               const struct nb_row *row, enum object_kind kind,
               enum nb_column column)
{
    add_rows(marks, kind,
             replica_find_uuid(replica, column, nb_row_id(row)));
}

static void
mark_port_binding(struct marks *marks, const struct nb_row *row)
{
    struct uuid port = nb_row_uuid(row, NB_PORT_BINDING_PORT);

    add(marks, OBJECT_PORT, &port);
    add(marks, OBJECT_PORT_BINDING, nb_row_id(row));
}

void
marks_change(struct marks *marks, const struct replica *replica,
             const struct nb_change *change)
{
    const struct nb_row *row = change->new ? change->new : change->old;

    switch (change->table) {
    case NB_NETWORK:
        add(marks, OBJECT_NETWORK, nb_row_id(row));
        break;
    case NB_SEGMENT:
        mark_referrers(marks, replica, row, OBJECT_NETWORK,
                       NB_NETWORK_SEGMENT);
        break;
    case NB_SUBNET:
        mark_subnet(marks, change);
        break;
    case NB_PORT:
        add(marks, OBJECT_PORT, nb_row_id(row));
        break;
    case NB_ALLOCATION:
        mark_referrers(marks, replica, row, OBJECT_PORT,
                       NB_PORT_IP_ALLOCATIONS);
        break;
    case NB_HOST:
        add_rows(marks, OBJECT_AGENT,
                 replica_find(replica, NB_AGENT_HOST,
                              nb_row_string(row, NB_HOST_HOST)));
        break;
    case NB_AGENT:
        mark_agent(marks, replica, change);
        break;
    case NB_PORT_BINDING:
        mark_port_binding(marks, row);
        break;
    case NB_NETWORK_BINDING:
        add(marks, OBJECT_NETWORK_BINDING, nb_row_id(row));
        break;
    case NB_GLOBAL:
    case NB_PORT_LOCATION:      /* Agents tell each other; no object. */
    case NB_NETWORK_LOCATION:
    case NB_N_TABLES:
        break;
    }
}

bool
marks_is_empty(const struct marks *marks)
{
    return hmap_is_empty(&marks->marks);
}

struct mark *
marks_pop(struct marks *marks)
{
    for (size_t i = 0; i < OBJECT_N_KINDS; i++) {
        if (!ovs_list_is_empty(&marks->order[i])) {
            struct mark *mark
                = CONTAINER_OF(ovs_list_pop_front(&marks->order[i]),
                               struct mark, list_node);

            hmap_remove(&marks->marks, &mark->node);
            return mark;
        }
    }
    return NULL;
}

void
mark_free(struct mark *mark)
{
    free(mark);
}
