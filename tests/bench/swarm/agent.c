/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See agent.h.  An agent's side of the conversation; request.c has its words,
 * view.c what it learns. */

#include <config.h>

#include "agent.h"
#include "message.h"
#include "util.h"
#include "uuid.h"

static void agent_opened(struct conn *);
static void agent_message(struct conn *, struct span);
static void agent_closed(struct conn *, int error);

static const struct conn_ops agent_ops = {
    .opened = agent_opened,
    .message = agent_message,
    .closed = agent_closed,
};

static struct agent *
agent_cast(struct conn *conn)
{
    return CONTAINER_OF(conn, struct agent, conn);
}

void
agent_init(struct agent *agent, struct swarm *swarm, unsigned int number)
{
    agent->swarm = swarm;
    agent->number = number;
    conn_init(&agent->conn, &agent_ops);
    hmap_init(&agent->rows);
}

void
agent_destroy(struct agent *agent)
{
    conn_destroy(&agent->conn);
    view_clear(agent);
    hmap_destroy(&agent->rows);
    free(agent->slots);
}

/* States. */

static bool
is_syncing(enum agent_state state)
{
    return state != AGENT_DOWN && state != AGENT_SYNCED;
}

static void
set_state(struct agent *agent, enum agent_state state)
{
    agent->swarm->n_syncing += is_syncing(state);
    agent->swarm->n_syncing -= is_syncing(agent->state);
    agent->state = state;
}

static void
set_owed(struct agent *agent, bool *owed, bool value)
{
    agent->swarm->n_owed += value;
    agent->swarm->n_owed -= *owed;
    *owed = value;
}

static void
go_down(struct agent *agent)
{
    set_state(agent, AGENT_DOWN);
    set_owed(agent, &agent->owed_condition, false);
    set_owed(agent, &agent->owed_echo, false);
}

bool
agent_connect(struct agent *agent)
{
    const struct svec *remotes = &agent->swarm->remotes;

    ovs_assert(agent->state == AGENT_DOWN);
    set_state(agent, AGENT_OPENING);
    if (!conn_open(&agent->conn,
                   remotes->names[agent->number % remotes->n])) {
        set_state(agent, AGENT_DOWN);
        return false;
    }
    return true;
}

void
agent_disconnect(struct agent *agent, bool forget)
{
    conn_close(&agent->conn);
    go_down(agent);
    if (forget) {
        view_clear(agent);
        agent->last_id = UUID_ZERO;
    }
}

static void
agent_closed(struct conn *conn, int error)
{
    struct agent *agent = agent_cast(conn);
    bool was_opening = agent->state == AGENT_OPENING;

    go_down(agent);
    fault(&agent->swarm->faults,
          was_opening ? "cannot connect" : "unexpected close", agent->number,
          "%s", error ? ovs_strerror(error) : "end of file");
}

/* Sending. */

static void
agent_send(struct agent *agent, struct ds *s)
{
    conn_send(&agent->conn, s->string, s->length);
    ds_destroy(s);
}

/* Asks for what precedes the data, if anything; otherwise, or if that has
 * come, for the data. */
static void
ask_for_data(struct agent *agent)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "{\"id\":%d,\"method\":\"set_db_change_aware\","
                  "\"params\":[true]}", REQUEST_CHANGE_AWARE);
    request_put_monitor(&s, agent);
    set_state(agent, AGENT_SYNCING);
    agent_send(agent, &s);
}

static void
begin_monitoring(struct agent *agent)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    set_state(agent, AGENT_PREPARING);
    if (agent->swarm->get_schema) {
        ds_put_format(&s, "{\"id\":%d,\"method\":\"get_schema\","
                      "\"params\":[\"_Server\"]}", REQUEST_SCHEMA);
        agent_send(agent, &s);
    } else if (agent->swarm->server_db) {
        request_put_server_monitor(&s);
        agent_send(agent, &s);
    } else {
        ask_for_data(agent);
    }
}

static void
agent_opened(struct conn *conn)
{
    struct agent *agent = agent_cast(conn);

    if (agent->swarm->lock) {
        struct ds s = DS_EMPTY_INITIALIZER;

        request_put_lock(&s, agent);
        agent_send(agent, &s);
    }
    begin_monitoring(agent);
}

void
agent_take_port(struct agent *agent, unsigned int slot, unsigned int number)
{
    struct swarm *swarm = agent->swarm;
    struct ds s = DS_EMPTY_INITIALIZER;

    swarm->holders[agent->slots[slot]] = NULL;
    swarm->holders[number] = agent;
    agent->slots[slot] = number;
    set_owed(agent, &agent->owed_condition, true);
    request_put_condition(&s, agent);
    agent_send(agent, &s);
}

void
agent_echo(struct agent *agent)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    set_owed(agent, &agent->owed_echo, true);
    ds_put_format(&s, "{\"id\":%d,\"method\":\"echo\",\"params\":[]}",
                  REQUEST_ECHO);
    agent_send(agent, &s);
}

/* Replies. */

/* The reply to monitor_cond_since: [found, last ID, updates]. */
static void
take_first_rows(struct agent *agent, struct span result)
{
    struct cursor c = cursor_of(result);

    cursor_expect(&c, '[');
    agent->found = span_equals(cursor_skip(&c), "true");
    cursor_expect(&c, ',');
    if (!span_uuid(cursor_string(&c), &agent->last_id)) {
        c.bad = true;
    }
    cursor_expect(&c, ',');
    if (!agent->found) {
        view_clear(agent);
    }
    view_apply(agent, &c, 3);
    agent->synced_at = conn_now();
    set_state(agent, AGENT_SYNCED);
}

static void
agent_reply(struct agent *agent, const struct message *m)
{
    char id = m->id.n == 1 ? m->id.p[0] : 0;

    if (message_is_error(m)) {
        fault(&agent->swarm->faults, "error reply", agent->number, "%.*s",
              (int) MIN(m->error.n, 200), m->error.p);
        agent_disconnect(agent, false);
    } else if (id == '0' + REQUEST_SCHEMA) {
        struct ds s = DS_EMPTY_INITIALIZER;

        request_put_server_monitor(&s);
        agent_send(agent, &s);
    } else if (id == '0' + REQUEST_SERVER_MONITOR) {
        if (message_server_is_fine(m->result)) {
            ask_for_data(agent);
        } else {
            fault(&agent->swarm->faults, "sent elsewhere", agent->number,
                  "%.*s", (int) MIN(m->result.n, 200), m->result.p);
            agent_disconnect(agent, false);
        }
    } else if (id == '0' + REQUEST_MONITOR) {
        take_first_rows(agent, m->result);
    } else if (id == '0' + REQUEST_CONDITION) {
        set_owed(agent, &agent->owed_condition, false);
    } else if (id == '0' + REQUEST_ECHO) {
        set_owed(agent, &agent->owed_echo, false);
    }
}

/* Notifications and requests. */

static void
answer_echo(struct agent *agent, const struct message *m)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "{\"id\":%.*s,\"result\":%.*s,\"error\":null}",
                  (int) m->id.n, m->id.p, (int) m->params.n, m->params.p);
    agent_send(agent, &s);
}

static void
count_for_others(struct agent *agent, size_t n_bytes)
{
    struct watch *watch = &agent->swarm->watch;

    if (watch->on && watch->agent != agent) {
        watch->others_bytes += n_bytes;
        watch->others_updates++;
    }
}

/* Takes the parameters of "update", "update2" or "update3". */
static void
agent_update(struct agent *agent, const struct message *m, int version)
{
    struct cursor c = cursor_of(m->params);
    struct span monitor;

    count_for_others(agent, m->params.n);
    cursor_expect(&c, '[');
    monitor = cursor_skip(&c);
    if (span_equals(monitor, SERVER_MONITOR_ID)) {
        agent->swarm->n_server_updates++;
        return;
    }
    cursor_expect(&c, ',');
    if (!span_equals(monitor, MONITOR_ID)) {
        c.bad = true;
    } else if (version == 3) {
        if (!span_uuid(cursor_string(&c), &agent->last_id)) {
            c.bad = true;
        }
        cursor_expect(&c, ',');
    }
    view_apply(agent, &c, version);
}

/* Begins anew on the same connection, as the IDL does. */
static void
agent_canceled(struct agent *agent, const struct message *m)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!span_equals(m->params, "["MONITOR_ID"]")
        && !span_equals(m->params, "["SERVER_MONITOR_ID"]")) {
        fault(&agent->swarm->faults, "unknown monitor", agent->number,
              "%.*s", (int) MIN(m->params.n, 200), m->params.p);
        return;
    }
    if (agent->swarm->server_db) {
        ds_put_format(&s, "{\"id\":%d,\"method\":\"monitor_cancel\","
                      "\"params\":["SERVER_MONITOR_ID"]}", REQUEST_CANCEL);
        agent_send(agent, &s);
    }
    begin_monitoring(agent);
}

static void
agent_notice(struct agent *agent, const struct message *m)
{
    if (span_equals(m->method, "update3")) {
        agent_update(agent, m, 3);
    } else if (span_equals(m->method, "update2")) {
        agent_update(agent, m, 2);
    } else if (span_equals(m->method, "update")) {
        agent_update(agent, m, 1);
    } else if (span_equals(m->method, "monitor_canceled")) {
        agent_canceled(agent, m);
    } else if (!span_equals(m->method, "locked")
               && !span_equals(m->method, "stolen")) {
        fault(&agent->swarm->faults, "unknown method", agent->number, "%.*s",
              (int) m->method.n, m->method.p);
    }
}

static void
agent_message(struct conn *conn, struct span text)
{
    struct agent *agent = agent_cast(conn);
    struct message m;

    if (!message_parse(text, &m)) {
        fault(&agent->swarm->faults, "message not understood", agent->number,
              "%.*s", (int) MIN(text.n, 200), text.p);
    } else if (!m.method.n) {
        agent_reply(agent, &m);
    } else if (span_equals(m.method, "echo")) {
        answer_echo(agent, &m);
    } else {
        agent_notice(agent, &m);
    }
}
