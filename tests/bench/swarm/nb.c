/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See nb.h. */

#include <config.h>

#include "nb.h"

#include <string.h>

#include "message.h"
#include "util.h"

/* How long a local server may take to accept a connection, busy as it may be
 * with thousands of agents. */
#define OPEN_TIMEOUT_NSEC (120 * 1000000000LL)

static void nb_opened(struct conn *);
static void nb_message(struct conn *, struct span);
static void nb_closed(struct conn *, int error);

static const struct conn_ops nb_ops = {
    .opened = nb_opened,
    .message = nb_message,
    .closed = nb_closed,
};

static struct nb *
nb_cast(struct conn *conn)
{
    return CONTAINER_OF(conn, struct nb, conn);
}

void
nb_init(struct nb *nb, const char *remote)
{
    *nb = (struct nb) { .remote = remote };
    conn_init(&nb->conn, &nb_ops);
}

void
nb_open(struct nb *nb)
{
    long long int deadline = conn_now() + OPEN_TIMEOUT_NSEC;
    bool begun = false;

    nb->busy = true;
    while (!nb->open) {
        if (conn_now() > deadline) {
            ovs_fatal(0, "%s: cannot connect in time", nb->remote);
        }
        begun = begun || conn_open(&nb->conn, nb->remote);
        conn_run_all(-1, 1);
    }
    nb->busy = false;
}

void
nb_close(struct nb *nb)
{
    conn_destroy(&nb->conn);
}

void
nb_request(struct nb *nb, const struct ds *s)
{
    nb->replied_at = 0;
    nb->busy = true;
    conn_send(&nb->conn, s->string, s->length);
}

void
nb_wait(struct nb *nb, long long int deadline)
{
    while (!nb->replied_at) {
        if (conn_now() > deadline) {
            ovs_fatal(0, "%s: no reply in time", nb->remote);
        }
        conn_run_all(-1, 100);
    }
    nb->busy = false;
}

static void
nb_opened(struct conn *conn)
{
    static const char aware[] = "{\"id\":2,\"method\":"
        "\"set_db_change_aware\",\"params\":[true]}";

    /* Otherwise a new schema would end the connection. */
    conn_send(conn, aware, strlen(aware));
    nb_cast(conn)->open = true;
}

static void
nb_closed(struct conn *conn, int error)
{
    struct nb *nb = nb_cast(conn);

    if (nb->busy) {
        ovs_fatal(error, "%s: connection lost", nb->remote);
    }
    nb->open = false;
}

static void
answer_echo(struct nb *nb, const struct message *m)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "{\"id\":%.*s,\"result\":%.*s,\"error\":null}",
                  (int) m->id.n, m->id.p, (int) m->params.n, m->params.p);
    conn_send(&nb->conn, s.string, s.length);
    ds_destroy(&s);
}

static void
nb_message(struct conn *conn, struct span text)
{
    struct nb *nb = nb_cast(conn);
    long long int now = conn_now();
    struct message m;

    if (!message_parse(text, &m)) {
        ovs_fatal(0, "%s: not understood: %.*s", nb->remote,
                  (int) MIN(text.n, 200), text.p);
    } else if (message_is_error(&m)) {
        ovs_fatal(0, "%s: error: %.*s", nb->remote, (int) m.error.n,
                  m.error.p);
    } else if (span_equals(m.method, "echo")) {
        answer_echo(nb, &m);
    } else if (span_equals(m.id, "1")) {
        if (nb->take_result) {
            nb->take_result(nb, m.result, nb->aux);
        }
        nb->replied_at = now;
    }
}
