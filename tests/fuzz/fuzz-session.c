/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Fuzz target: what a client of the OVSDB door sends, through the door as a
 * whole: a socket, a session, its methods, monitors, locks and transactions.
 * Inputs are those of fuzz-door.c.
 *
 * The door has the database of fuzz-database.h, which changes meanwhile, and
 * no server behind it.  The client reads now and then, and goes politely or
 * not.  Whatever it sends, all that it gets are messages of JSON-RPC; nothing
 * is left of it when it is gone; and another client, there all the time, gets
 * exactly what it asked for. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "door/door.h"
#include "door/private.h"
#include "fuzz-database.h"
#include "fuzz-main.h"
#include "hash.h"
#include "jsonrpc.h"
#include "nb/feed.h"
#include "nb/replica-private.h"
#include "openvswitch/json.h"
#include "ovsdb-error.h"
#include "ovsdb/ovsdb.h"
#include "rpc/framer.h"
#include "rpc/internal.h"
#include "svec.h"
#include "util.h"

/* Bytes of a message, so few that some are too long. */
#define MAX_MESSAGE 65536

/* Pieces of a stream are shorter. */
#define MAX_PIECE 1024

/* Passes of the main loop until nothing happens; no input needs more. */
#define MAX_PASSES 10000

/* What the other client asks for and gets. */
#define PORT "0000000b-0000-0001-0000-000000000001"
static const char good_request[] =
    "{\"id\":1,\"method\":\"monitor_cond\",\"params\":["
    "\"Sluice_Northbound\",7,{\"Port\":{\"columns\":[\"name\"],\"where\":["
    "[\"_uuid\",\"==\",[\"uuid\",\"" PORT "\"]]]}}]}";
static const char good_reply[] =
    "{\"id\":1,\"error\":null,\"result\":{\"Port\":{"
    "\"" PORT "\":{\"initial\":{\"name\":\"x\"}}}}}";
#define TOLD(NAME) \
    "{\"id\":null,\"method\":\"update2\",\"params\":[7,{\"Port\":{" \
    "\"" PORT "\":{\"modify\":{\"name\":\"" NAME "\"}}}}]}"

struct client {
    int fd;
    struct rpc_framer framer;   /* Of what it gets. */
    bool over;                  /* The door has closed the connection. */
};

static struct replica *replica;
static struct door *door;
static struct client good;

/* Clients. */

static void
open_client(struct client *client)
{
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds)) {
        ovs_fatal(errno, "socketpair");
    }
    rpc_conn_create(door->rpc, fds[0], xstrdup("fuzz"), NULL);
    client->fd = fds[1];
    client->over = false;
    rpc_framer_init(&client->framer, SIZE_MAX - 1);
}

static void
check_message(const char *text)
{
    struct json *json = json_from_string(text);
    struct jsonrpc_msg *msg;

    ovs_assert(json->type == JSON_OBJECT);
    ovs_assert(!jsonrpc_msg_from_json(json, &msg));
    jsonrpc_msg_destroy(msg);
}

static void
check_messages(struct client *client, const char *data, size_t n)
{
    while (n) {
        enum rpc_framer_status status;
        size_t used, len;
        char *message;

        status = rpc_framer_feed(&client->framer, data, n, &used, &message,
                                 &len);
        ovs_assert(status != RPC_FRAMER_ERROR);
        if (status == RPC_FRAMER_MESSAGE) {
            check_message(message);
            free(message);
        }
        data += used;
        n -= used;
    }
}

/* Reads once; returns whether there was something. */
static bool
read_client(struct client *client)
{
    char buffer[8192];
    ssize_t n = (client->over
                 ? -1 : recv(client->fd, buffer, sizeof buffer, 0));

    if (n > 0) {
        check_messages(client, buffer, n);
    } else if (!client->over && (!n || errno != EAGAIN)) {
        client->over = true;
    }
    return n > 0;
}

/* Runs the door until nothing happens any more; the client reads if
 * 'read'. */
static void
settle(struct client *client, bool read)
{
    int idle = 0;

    for (int i = 0; idle < 3; i++) {
        ovs_assert(i < MAX_PASSES);
        door_run(door);
        idle = ((read && read_client(client)) || !ovs_list_is_empty(
                    &door->ready) ? 0 : idle + 1);
    }
}

static void
send_piece(struct client *client, const char *data, size_t n, bool read)
{
    while (n && !client->over) {
        ssize_t sent = send(client->fd, data, n, MSG_NOSIGNAL);

        if (sent > 0) {
            data += sent;
            n -= sent;
        } else if (errno != EAGAIN) {
            client->over = true;
        } else if (!read) {
            return;             /* It is not read from, nor does it read. */
        }
        settle(client, read);
    }
}

/* The other client. */

/* Fails unless it is told 'expected', and no more. */
static void
expect(const char *expected)
{
    char buffer[1024];
    ssize_t n = recv(good.fd, buffer, sizeof buffer - 1, 0);

    buffer[MAX(n, 0)] = '\0';
    if (strcmp(buffer, expected)) {
        ovs_abort(0, "\"%s\", not \"%s\"", buffer, expected);
    }
}

static void
change_database(struct client *client, bool read)
{
    static const char *const told[] = { TOLD("y"), TOLD("x") };

    for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
        fuzz_database_change();
        settle(client, read);
        expect(told[i]);
    }
}

/* The door. */

static void
open_replica(void)
{
    static const struct replica_observer observer;
    struct ovsdb_error *error;

    replica = replica_create("unix:none", &observer);
    error = ovsdb_schema_from_file(SCHEMA_FILE, &replica->whole_schema);
    if (error) {
        ovs_fatal(0, "%s", ovsdb_error_to_string_free(error));
    }
    fuzz_database_set_index(&replica->index);
    replica->db = fuzz_database()->ovsdb;
    replica->n_syncs = 1;
}

static void
open_door(void)
{
    struct svec remotes = SVEC_EMPTY_INITIALIZER;
    const struct door_config config = {
        .replica = replica,
        .nb = "unix:none",
        .remotes = &remotes,
        /* The other client answers no probes. */
        .limits = {
            .max_message = MAX_MESSAGE,
            .probe_interval = 24 * 60 * 60 * 1000,
        },
        .role = "agent",
        .history = 16,
    };
    char *error = door_create(&config, &door);

    if (error) {
        ovs_fatal(0, "%s", error);
    }
    fuzz_database_set_feed(replica->feed);
    replica->feed->schema_changed(replica->feed->aux);
    replica->feed->committed(replica->feed->aux);
    replica->feed->connected(true, replica->feed->aux);
}

static void
begin(void)
{
    open_replica();
    open_door();
    open_client(&good);
    if (send(good.fd, good_request, strlen(good_request), 0)
        != strlen(good_request)) {
        ovs_fatal(errno, "send");
    }
    settle(&good, false);
    expect(good_reply);
}

static void
close_client(struct client *client, bool politely)
{
    if (politely) {
        shutdown(client->fd, SHUT_WR);
        settle(client, true);
        ovs_assert(client->over);
    }
    close(client->fd);
    settle(&good, false);
    rpc_framer_destroy(&client->framer);
    ovs_assert(door->n_sessions == 1);
    ovs_assert(ovs_list_is_empty(&door->unsent));
    ovs_assert(ovs_list_is_empty(&door->waiting));
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    uint32_t random = hash_bytes(data, size, 0);
    struct client client;
    bool read = random % 4;

    if (!door) {
        begin();
    }
    open_client(&client);
    for (size_t i = 0; i < size && !client.over; ) {
        size_t n = MIN(size - i, 1 + (random >> 4) % MAX_PIECE);

        send_piece(&client, (const char *) data + i, n, read);
        i += n;
        random = hash_finish(random, i);
    }
    change_database(&client, read);
    close_client(&client, random % 2);
    expect("");
}
