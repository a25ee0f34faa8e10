/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* An agent's replica: see agent.h.  A server's word that cannot be true is a
 * fault, and is followed all the same as far as it can be. */

#include <config.h>

#include "agent.h"
#include "util.h"
#include "uuid.h"

static bool
wants_port(const struct agent *agent, const struct uuid *uuid)
{
    const struct swarm *swarm = agent->swarm;
    unsigned int number;

    /* Those that have its name as their host are wanted by that alone. */
    return (world_number(WORLD_PORT, uuid, &number)
            && number < world_total_ports(&swarm->world)
            && swarm->holders[number] == agent);
}

static bool
wants_network(const struct agent *agent, const struct uuid *uuid)
{
    unsigned int number;

    return (world_number(WORLD_NETWORK, uuid, &number)
            && number / agent->swarm->world.n_networks == agent->number);
}

bool
view_wants(const struct agent *agent, const struct row *row)
{
    switch ((enum row_table_id) row->table) {
    case ROW_NETWORK:
        return wants_network(agent, &row->uuid);
    case ROW_PORT:
        return (row->host == agent->number
                || wants_port(agent, &row->uuid));
    case ROW_SEGMENT:
        return false;
    case ROW_AGENT:
    case ROW_HOST:
    case ROW_NETWORK_BINDING:
    case ROW_PORT_BINDING:
        return row->host == agent->number;
    case ROW_N_TABLES:
    default:
        OVS_NOT_REACHED();
    }
}

static void
row_fault(struct agent *agent, const char *kind, int table,
          const struct uuid *uuid)
{
    fault(&agent->swarm->faults, kind, agent->number, "%s "UUID_FMT,
          row_tables[table].name, UUID_ARGS(uuid));
}

static void
remove_row(struct agent *agent, struct row *row)
{
    hmap_remove(&agent->rows, &row->hmap_node);
    row_destroy(row);
    agent->swarm->n_rows--;
}

static void
insert_row(struct agent *agent, struct cursor *c, int table,
           const struct uuid *uuid, struct row *old)
{
    struct row *row = row_create(table, uuid);

    row_read(row, c, false);
    if (old) {
        row_fault(agent, "insert of a row it has", table, uuid);
        remove_row(agent, old);
    }
    if (!view_wants(agent, row)) {
        row_fault(agent, "row not asked for", table, uuid);
    }
    hmap_insert(&agent->rows, &row->hmap_node, uuid_hash(uuid));
    agent->swarm->n_rows++;
}

static void
modify_row(struct agent *agent, struct cursor *c, int table,
           const struct uuid *uuid, struct row *old, bool diff)
{
    if (old) {
        row_read(old, c, diff);
    } else {
        row_fault(agent, "modify of a row it has not", table, uuid);
        cursor_skip(c);
    }
}

static void
delete_row(struct agent *agent, int table, const struct uuid *uuid,
           struct row *old)
{
    if (old) {
        remove_row(agent, old);
    } else {
        row_fault(agent, "delete of a row it has not", table, uuid);
    }
}

/* Takes the value of member 'what' of a row's update. */
static void
apply_member(struct agent *agent, struct cursor *c, struct span what,
             int table, const struct uuid *uuid)
{
    struct row *old = row_find(&agent->rows, uuid);

    if (span_equals(what, "initial") || span_equals(what, "insert")) {
        insert_row(agent, c, table, uuid, old);
    } else if (span_equals(what, "modify")) {
        modify_row(agent, c, table, uuid, old, true);
    } else if (span_equals(what, "delete")) {
        cursor_skip(c);
        delete_row(agent, table, uuid, old);
    } else {
        c->bad = true;
    }
}

/* Takes a row's update as update2 and update3 write it. */
static void
apply_row(struct agent *agent, struct cursor *c, int table,
          const struct uuid *uuid)
{
    unsigned int i = 0;

    cursor_expect(c, '{');
    while (cursor_next(c, '}', &i)) {
        apply_member(agent, c, cursor_name(c), table, uuid);
    }
}

/* Takes a row's update as "update" writes it: "old" has the columns that have
 * changed, "new" the whole row. */
static void
apply_row_v1(struct agent *agent, struct cursor *c, int table,
             const struct uuid *uuid)
{
    struct row *old = row_find(&agent->rows, uuid);
    bool has_old = false, has_new = false;
    unsigned int i = 0;

    cursor_expect(c, '{');
    while (cursor_next(c, '}', &i)) {
        if (span_equals(cursor_name(c), "old")) {
            has_old = true;
            cursor_skip(c);
        } else {
            struct cursor at = *c;

            has_new = true;
            cursor_skip(c);
            if (old) {
                row_read(old, &at, false);
            } else {
                insert_row(agent, &at, table, uuid, NULL);
            }
        }
    }
    if (has_old && !old) {
        row_fault(agent, has_new ? "modify of a row it has not"
                  : "delete of a row it has not", table, uuid);
    } else if (has_old && !has_new) {
        remove_row(agent, old);
    }
}

static void
apply_table(struct agent *agent, struct cursor *c, int table, int version)
{
    struct watch *watch = &agent->swarm->watch;
    unsigned int i = 0;

    cursor_expect(c, '{');
    while (cursor_next(c, '}', &i)) {
        struct uuid uuid;

        if (!span_uuid(cursor_name(c), &uuid)) {
            c->bad = true;
            return;
        }
        if (version == 1) {
            apply_row_v1(agent, c, table, &uuid);
        } else {
            apply_row(agent, c, table, &uuid);
        }
        if (watch->agent == agent && uuid_equals(&uuid, &watch->uuid)) {
            watch->seen = conn_now();
        }
    }
}

void
view_apply(struct agent *agent, struct cursor *c, int version)
{
    unsigned int i = 0;

    cursor_expect(c, '{');
    while (cursor_next(c, '}', &i)) {
        int table = row_table_by_name(cursor_name(c));

        if (table == ROW_N_TABLES) {
            c->bad = true;
            return;
        }
        apply_table(agent, c, table, version);
    }
    if (c->bad) {
        fault(&agent->swarm->faults, "update not understood", agent->number,
              "version %d", version);
    }
}

void
view_clear(struct agent *agent)
{
    agent->swarm->n_rows -= hmap_count(&agent->rows);
    row_clear(&agent->rows);
}
