/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See door.h.  What cannot be had at the start is told to the caller; later
 * there are no errors but a client's, and those end with its session. */

#include <config.h>

#include "door/private.h"

#include <limits.h>
#include <stdlib.h>

#include "coverage.h"
#include "monitor/db.h"
#include "monitor/monitor.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb/ovsdb.h"
#include "simap.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(door);

COVERAGE_DEFINE(door_pass_full);
COVERAGE_DEFINE(door_stalled_closed);

/* From the replica. */

static void
row_changed(const struct ovsdb_row *old, const struct ovsdb_row *new,
            void *door_)
{
    struct door *door = door_;

    if (!door->seen_usec) {
        door->seen_usec = time_usec();
    }
    mon_db_change(door->nb, old, new);
}

static void
committed(void *door_)
{
    struct door *door = door_;

    mon_db_commit(door->nb);
    door->retry_waiting = true;
}

static void
schema_going(void *door_)
{
    struct door *door = door_;

    monitors_end_nb(door);
    mon_db_destroy(door->nb);
    door->nb = NULL;
}

static void
schema_changed(void *door_)
{
    struct door *door = door_;
    struct json *json = ovsdb_schema_to_json(replica_schema(door->replica));

    door->nb = mon_db_create(replica_db(door->replica),
                             replica_index(door->replica), true,
                             door->history);
    free(door->nb_schema);
    door->nb_schema = json_to_string(json, JSSF_SORT);
    json_destroy(json);
    server_db_update(door->server_db, door->nb_schema, door->connected);
    door->retry_waiting = true;
}

static void
connected(bool is_connected, void *door_)
{
    struct door *door = door_;

    door->connected = is_connected;
    server_db_update(door->server_db, door->nb_schema, is_connected);
    door->retry_waiting = true;
}

/* Opening. */

static char *
listen_at(struct door *door, const struct door_config *config)
{
    const char *remote;
    char *error = NULL;
    size_t i;

    /* Without a CA it is HTTP's alone, and a remote that needs it says so. */
    if (config->tls.private_key && config->tls.certificate
        && config->tls.ca_cert) {
        error = rpc_server_set_tls(door->rpc, &config->tls);
    }
    SVEC_FOR_EACH (i, remote, config->remotes) {
        if (!error) {
            error = rpc_server_listen(door->rpc, remote);
        }
    }
    return error;
}

char *
door_create(const struct door_config *config, struct door **doorp)
{
    struct door *door = xzalloc(sizeof *door);
    char *error;

    door->replica = config->replica;
    door->role = config->role;
    door->history = config->history;
    uuid_generate(&door->server_id);
    ovs_list_init(&door->sessions);
    ovs_list_init(&door->ready);
    ovs_list_init(&door->reassure);
    ovs_list_init(&door->unsent);
    ovs_list_init(&door->waiting);
    door->next_retry = LLONG_MAX;
    door->server_db = server_db_create();
    door->locks = locks_create(config->nb, &session_lock_callbacks);
    door->rpc = rpc_server_create(&config->limits, &session_handler, door);
    door->feed = (struct replica_feed) {
        .change = row_changed,
        .committed = committed,
        .schema_going = schema_going,
        .schema_changed = schema_changed,
        .connected = connected,
        .aux = door,
    };
    error = listen_at(door, config);
    if (error) {
        door_destroy(door);
        door = NULL;
    } else {
        replica_set_feed(config->replica, &door->feed);
    }
    *doorp = door;
    return error;
}

void
door_destroy(struct door *door)
{
    struct session *session;

    if (!door) {
        return;
    }
    replica_set_feed(door->replica, NULL);
    LIST_FOR_EACH_SAFE (session, node, &door->sessions) {
        session_destroy(session);
    }
    rpc_server_destroy(door->rpc);
    locks_destroy(door->locks);
    mon_db_destroy(door->nb);
    server_db_destroy(door->server_db);
    free(door->nb_schema);
    free(door);
}

/* Running. */

/* Tells every client of what has changed, but those that are behind: they are
 * told when they have read what they were sent. */
static void
tell_due(struct mon_db *db)
{
    while (db && !ovs_list_is_empty(&db->due)) {
        struct monitor *monitor = CONTAINER_OF(ovs_list_front(&db->due),
                                               struct monitor, due_node);

        ovs_list_remove(&monitor->due_node);
        ovs_list_init(&monitor->due_node);
        session_tell_due(monitor->owner);
    }
}

/* Serves requests for as long as there is time in this pass. */
static void
serve(struct door *door)
{
    long long int end = time_usec() + DOOR_BUDGET_USEC;

    while (!ovs_list_is_empty(&door->ready)) {
        struct session *session = CONTAINER_OF(ovs_list_front(&door->ready),
                                               struct session, ready_node);

        session_serve(session);
        if (time_usec() >= end) {
            COVERAGE_INC(door_pass_full);
            break;
        }
    }
}

static void
reassure(struct door *door)
{
    struct session *session;

    LIST_FOR_EACH_SAFE (session, reassure_node, &door->reassure) {
        if (session->reassure_at > time_msec()) {
            break;
        }
        session_reassure(session);
    }
}

/* Of the sessions that have read nothing for 'msec' the one that has most to
 * read, or NULL. */
static struct session *
find_stalled(struct door *door, long long int msec)
{
    struct session *session, *worst = NULL;

    LIST_FOR_EACH (session, node, &door->sessions) {
        if (rpc_conn_stalled_msec(session->conn) >= msec
            && (!worst || rpc_conn_backlog(session->conn)
                > rpc_conn_backlog(worst->conn))) {
            worst = session;
        }
    }
    return worst;
}

/* One a pass: it is looked at every session only while there is too much. */
static void
limit_output(struct door *door)
{
    struct session *stalled;
    struct rpc_stats stats;

    rpc_server_get_stats(door->rpc, &stats);
    if (stats.output <= DOOR_MAX_OUTPUT) {
        return;
    }
    stalled = find_stalled(door, (stats.output > 2ull * DOOR_MAX_OUTPUT
                                  ? 0 : DOOR_STALLED_MSEC));
    if (stalled) {
        COVERAGE_INC(door_stalled_closed);
        session_close(stalled, "does not read, and too much waits for "
                      "clients to read it");
    }
}

void
door_run(struct door *door)
{
    tell_due(door->nb);
    tell_due(door->server_db->monitors);
    door->seen_usec = 0;
    forward_run(door);
    rpc_server_run(door->rpc);
    locks_run(door->locks);
    serve(door);
    reassure(door);
    limit_output(door);
}

void
door_wait(struct door *door)
{
    rpc_server_wait(door->rpc);
    locks_wait(door->locks);
    forward_wait(door);
    if (!ovs_list_is_empty(&door->ready)) {
        poll_immediate_wake();
    }
}
