/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Sends the OVSDB transactions of standard input, one a line, over one
 * session, and prints what load.h says: the floor that a server in front of
 * the database is measured against.
 *
 * A line is the "params" of a "transact" request: a JSON array of the
 * database's name and operations.  At most WINDOW transactions are on their
 * way at a time.  Any error, also of a single operation, ends the program with
 * a message. */

#include <config.h>

#include <stdlib.h>

#include "fatal-signal.h"
#include "jsonrpc.h"
#include "load.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "stream.h"
#include "util.h"

#define CONNECT_TIMEOUT_MSEC 5000

struct client {
    struct load load;
    struct jsonrpc *nb;
    struct json **params;       /* Of the load's requests, till sent. */
    size_t window;
    long long int first_id;     /* Requests have consecutive ids. */
};

static void
client_open(struct client *client, const char *nb)
{
    struct stream *stream;
    int error = stream_open_block(jsonrpc_stream_open(nb, &stream, 0),
                                  CONNECT_TIMEOUT_MSEC, &stream);

    if (error) {
        ovs_fatal(error, "%s: cannot connect", nb);
    }
    client->nb = jsonrpc_open(stream);
    client->params = xcalloc(client->load.n, sizeof *client->params);
    for (size_t i = 0; i < client->load.n; i++) {
        client->params[i] = json_from_string(client->load.requests[i]);
    }
}

static void
client_send(struct client *client)
{
    struct load *load = &client->load;

    while (load_has_more(load)
           && load->n_begun - load->n_ended < client->window) {
        size_t i = load_begin(load);
        struct json *id;
        int error = jsonrpc_send(client->nb, jsonrpc_create_request(
                                     "transact", client->params[i], &id));

        if (error) {
            ovs_fatal(error, "cannot send");
        }
        if (!i) {
            client->first_id = json_integer(id);
        }
        json_destroy(id);
    }
}

static void
check_results(const char *request, const struct json *results)
{
    for (size_t i = 0; i < json_array(results)->n; i++) {
        const struct json *result = json_array(results)->elems[i];

        if (result->type == JSON_OBJECT
            && shash_find(json_object(result), "error")) {
            ovs_fatal(0, "%s: failed: %s", request,
                      json_to_string(result, 0));
        }
    }
}

static void
client_receive(struct client *client)
{
    struct jsonrpc_msg *msg;
    int error;

    jsonrpc_run(client->nb);
    while (!(error = jsonrpc_recv(client->nb, &msg))) {
        if (msg->type == JSONRPC_REPLY) {
            size_t i = json_integer(msg->id) - client->first_id;

            load_end(&client->load, i, 0, 0);
            check_results(client->load.requests[i], msg->result);
        } else if (msg->type == JSONRPC_REQUEST) {
            jsonrpc_send(client->nb, jsonrpc_create_reply(
                             json_clone(msg->params), msg->id));
        } else {
            ovs_fatal(0, "transaction refused: %s",
                      jsonrpc_msg_to_string(msg));
        }
        jsonrpc_msg_destroy(msg);
    }
    if (error != EAGAIN) {
        ovs_fatal(error, "connection lost");
    }
}

int
main(int argc, char *argv[])
{
    struct client client = { .window = argc == 3 ? atoi(argv[1]) : 0 };

    ovs_set_program_name(argv[0], "1.0");
    fatal_ignore_sigpipe();
    if (!client.window) {
        ovs_fatal(0, "usage: %s WINDOW NB <TRANSACTIONS\n"
                  "NB is an OVSDB remote, each line of TRANSACTIONS a JSON "
                  "array: the parameters of \"transact\".", argv[0]);
    }
    load_read(&client.load, stdin);
    for (client_open(&client, argv[2]);; poll_block()) {
        client_receive(&client);
        if (load_is_over(&client.load)) {
            break;
        }
        client_send(&client);
        jsonrpc_wait(client.nb);
        jsonrpc_recv_wait(client.nb);
    }
    load_print(&client.load);
    jsonrpc_close(client.nb);
    free(client.params);
    load_destroy(&client.load);
    return 0;
}
