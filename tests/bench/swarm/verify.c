/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Whether agents know what is true: see command.h.
 *
 * The database is read whole, by "monitor", on a connection of its own that is
 * closed afterwards, and each row is held against the replicas of those who
 * should have it.  What a replica has besides is wrong as well. */

#include <config.h>

#include "command.h"

#include <inttypes.h>
#include <string.h>

#include "util.h"
#include "uuid.h"

/* Reading a million rows takes a busy server a while. */
#define READ_TIMEOUT_NSEC (600 * 1000000000LL)

#define MAX_EXAMPLES 10

struct check {
    struct swarm *swarm;
    uint8_t round;              /* Rows found right are marked with it. */
    bool *wrong;                /* By agent. */
    uint64_t n_rows;            /* Of the database. */
    size_t n_examples;
    struct ds examples;
};

static bool
is_checked(const struct agent *agent)
{
    return agent->state == AGENT_SYNCED && !agent->conn.stalled;
}

static void
complain(struct check *check, const struct agent *agent, const char *what,
         const struct row *row, const char *column)
{
    check->wrong[agent->number] = true;
    if (check->n_examples < MAX_EXAMPLES) {
        ds_put_format(&check->examples, "%s\"hv%u %s %s "UUID_FMT"%s%s\"",
                      check->n_examples++ ? ", " : "", agent->number, what,
                      row_tables[row->table].name, UUID_ARGS(&row->uuid),
                      column ? " in " : "", column ? column : "");
    }
}

/* Compares 'row' with what the agent has. */
static void
check_row(struct check *check, const struct agent *agent,
          const struct row *row)
{
    struct row *mine;

    if (!is_checked(agent)) {
        return;
    }
    mine = row_find(&agent->rows, &row->uuid);
    if (!mine) {
        complain(check, agent, "lacks", row, NULL);
        return;
    }
    mine->seen = check->round;
    if (mine->table != row->table || row_differs(mine, row)) {
        complain(check, agent, "differs in", row, row_differs(mine, row));
    }
}

/* Compares 'row' with what those who should have it have. */
static void
check_row_everywhere(struct check *check, const struct row *row)
{
    struct swarm *swarm = check->swarm;
    const struct agent *host = NULL, *holder = NULL;
    unsigned int number;

    if (row->host < swarm->world.n_agents) {
        host = &swarm->agents[row->host];
        check_row(check, host, row);
    }
    if (row->table == ROW_PORT
        && world_number(WORLD_PORT, &row->uuid, &number)
        && number < world_total_ports(&swarm->world)) {
        holder = swarm->holders[number];
    } else if (row->table == ROW_NETWORK
               && world_number(WORLD_NETWORK, &row->uuid, &number)) {
        number /= swarm->world.n_networks;
        holder = (number < swarm->world.n_agents ? &swarm->agents[number]
                  : NULL);
    }
    if (holder && holder != host) {
        check_row(check, holder, row);
    }
}

/* Takes one row of the database, {"new": ROW}. */
static void
take_row(struct check *check, struct cursor *c, int table)
{
    unsigned int i = 0;
    struct row *row;
    struct uuid uuid;

    if (!span_uuid(cursor_name(c), &uuid)) {
        c->bad = true;
        return;
    }
    row = row_create(table, &uuid);
    cursor_expect(c, '{');
    while (cursor_next(c, '}', &i)) {
        cursor_name(c);
        row_read(row, c, false);
    }
    check_row_everywhere(check, row);
    check->n_rows++;
    row_destroy(row);
}

static void
take_database(struct nb *nb, struct span result, void *check_)
{
    struct check *check = check_;
    struct cursor c = cursor_of(result);
    unsigned int n_tables = 0;

    cursor_expect(&c, '{');
    while (cursor_next(&c, '}', &n_tables)) {
        int table = row_table_by_name(cursor_name(&c));
        unsigned int n_rows = 0;

        ovs_assert(table != ROW_N_TABLES);
        cursor_expect(&c, '{');
        while (cursor_next(&c, '}', &n_rows)) {
            take_row(check, &c, table);
        }
    }
    if (c.bad) {
        ovs_fatal(0, "%s: rows not understood", nb->remote);
    }
}

static void
read_database(struct check *check)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct nb nb;

    ds_put_cstr(&s, "{\"id\":1,\"method\":\"monitor\",\"params\":"
                "[\""WORLD_DATABASE"\",null,{");
    for (int i = 0; i < ROW_N_TABLES; i++) {
        ds_put_format(&s, "%s\"%s\":{\"columns\":[", i ? "," : "",
                      row_tables[i].name);
        for (size_t j = 0; j < row_tables[i].n_columns; j++) {
            ds_put_format(&s, "%s\"%s\"", j ? "," : "",
                          row_tables[i].columns[j].name);
        }
        ds_put_cstr(&s, "]}");
    }
    ds_put_cstr(&s, "}]}");

    nb_init(&nb, check->swarm->nb);
    nb_open(&nb);
    nb.take_result = take_database;
    nb.aux = check;
    nb_request(&nb, &s);
    nb_wait(&nb, conn_now() + READ_TIMEOUT_NSEC);
    nb_close(&nb);
    ds_destroy(&s);
}

/* Complains of rows that no row of the database has marked. */
static void
check_for_more(struct check *check, const struct agent *agent)
{
    const struct row *row;

    HMAP_FOR_EACH (row, hmap_node, &agent->rows) {
        if (row->seen != check->round) {
            complain(check, agent, "should not have", row, NULL);
        }
    }
}

/* Compares everything once. */
static void
verify_once(struct check *check, unsigned int *n_ok, unsigned int *n_wrong)
{
    static uint8_t round;
    struct swarm *swarm = check->swarm;

    check->round = round = round % UINT8_MAX + 1;
    check->n_rows = check->n_examples = *n_ok = *n_wrong = 0;
    ds_clear(&check->examples);
    memset(check->wrong, 0, swarm->world.n_agents * sizeof *check->wrong);
    read_database(check);
    for (unsigned int i = 0; i < swarm->world.n_agents; i++) {
        const struct agent *agent = &swarm->agents[i];

        if (is_checked(agent)) {
            check_for_more(check, agent);
            *n_ok += !check->wrong[i];
            *n_wrong += check->wrong[i];
        }
    }
}

void
command_verify(struct swarm *swarm, unsigned int seconds, struct ds *s)
{
    struct check check = {
        .swarm = swarm,
        .wrong = xcalloc(swarm->world.n_agents, sizeof *check.wrong),
        .examples = DS_EMPTY_INITIALIZER,
    };
    long long int deadline = conn_now() + seconds * 1000000000LL;
    unsigned int n_ok, n_wrong;

    command_settle(swarm, s);
    verify_once(&check, &n_ok, &n_wrong);
    while (n_wrong && conn_now() < deadline) {
        conn_run_all(-1, 100);
        verify_once(&check, &n_ok, &n_wrong);
    }
    ds_put_format(s, ", \"ok\": %u, \"wrong\": %u, \"skipped\": %u, "
                  "\"database_rows\": %"PRIu64", \"first_wrong\": [%s]",
                  n_ok, n_wrong, swarm->world.n_agents - n_ok - n_wrong,
                  check.n_rows, ds_cstr(&check.examples));
    ds_destroy(&check.examples);
    free(check.wrong);
}
