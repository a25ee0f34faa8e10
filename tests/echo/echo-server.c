/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A server for tests of notifier/http/ with real sockets.
 *
 * Usage: echo-server [--NAME=VALUE]...
 *
 * where NAME is "listen" (default 127.0.0.1:0), "certificate", "private-key"
 * or a limit, see http_config.  Prints its port when it listens.
 *
 *     /hold          answered when /release is asked for
 *     /release       lets go of all that are held
 *     /stream        a stream, which gets what is published
 *     /publish       sends the body to every stream
 *     /flood         a stream that is sent as much as it takes
 *     /end           closes every stream from this side
 *     /size?bytes=N  a reply of N bytes
 *     /stats         the server's statistics, and what happened to requests
 *     /metrics
 *     /exit          destroys the server, with what is held, and exits
 *     any other      the request, as JSON */

#include <config.h>

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fatal-signal.h"
#include "http/request.h"
#include "http/server.h"
#include "http/stream.h"
#include "metrics.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "util.h"

/* A request that is held, in its 'owner'. */
struct held {
    struct ovs_list node;
    struct http_request *request;
};

struct client {
    struct ovs_list node;
    struct http_stream *stream;
    bool flood;
};

static struct ovs_list held = OVS_LIST_INITIALIZER(&held);
static struct ovs_list clients = OVS_LIST_INITIALIZER(&clients);
static unsigned int n_cancelled, n_closed, n_writable;
static unsigned long long int flooded;
static bool exiting;
static struct http_server *server;
static struct metrics *metrics;

static void
reply_json(struct http_request *request, unsigned int status, json_t *json)
{
    char *body = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    http_reply(request, status, "application/json", body, strlen(body),
               NULL, 0);
}

/* Jansson takes UTF-8 alone; headers and bodies may be anything. */
static json_t *
text_to_json(const char *s)
{
    json_t *json = json_string(s);
    return json ? json : json_string("(not UTF-8)");
}

static json_t *
pairs_to_json(const struct http_pair *pairs, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(array, json_pack(
            "[so]", pairs[i].name, text_to_json(pairs[i].value)));
    }
    return array;
}

static void
echo(struct http_request *r)
{
    json_t *segments = json_array();
    for (size_t i = 0; i < r->n_segments; i++) {
        json_array_append_new(segments, json_string(r->segments[i]));
    }
    reply_json(r, 200, json_pack(
        "{ss ss ss so so so sI so ss sb}", "method", r->method,
        "target", r->target, "path", r->path, "segments", segments,
        "query", pairs_to_json(r->query, r->n_query),
        "headers", pairs_to_json(r->headers, r->n_headers),
        "length", (json_int_t) r->body_len,
        "body", r->body_len < 4096 ? text_to_json(r->body) : json_null(),
        "peer", r->peer, "tls", r->tls));
}

static void
hold(struct http_request *request)
{
    struct held *h = xmalloc(sizeof *h);
    h->request = request;
    ovs_list_push_back(&held, &h->node);
    request->owner = h;
}

static void
release(struct http_request *request)
{
    struct held *h;
    int n = 0;

    LIST_FOR_EACH_POP (h, node, &held) {
        reply_json(h->request, 200, json_pack("{sb}", "released", 1));
        free(h);
        n++;
    }
    reply_json(request, 200, json_pack("{si}", "n", n));
}

static void
flood(struct client *client)
{
    static const char data[16384];
    size_t n;

    do {
        n = http_stream_send(client->stream, data, sizeof data);
        flooded += n;
    } while (n == sizeof data);
}

static void
writable(struct http_stream *stream OVS_UNUSED, void *client_)
{
    struct client *client = client_;

    n_writable++;
    if (client->flood) {
        flood(client);
    }
}

static void
close_client(struct client *client)
{
    http_stream_close(client->stream);
    ovs_list_remove(&client->node);
    free(client);
}

static void
closed(struct http_stream *stream OVS_UNUSED, void *client)
{
    n_closed++;
    close_client(client);
}

static void
detach(struct http_request *request, bool is_flood)
{
    static const struct http_stream_class class = { writable, closed };
    static const struct http_pair header = { "X-Test", "yes" };
    struct client *client = xzalloc(sizeof *client);

    client->flood = is_flood;
    client->stream = http_request_detach(request, &class, client, &header, 1);
    if (!client->stream) {
        free(client);
        return;
    }
    ovs_list_push_back(&clients, &client->node);
    if (is_flood) {
        flood(client);
    }
}

static void
publish(struct http_request *request)
{
    struct client *client;
    size_t sent = 0;

    LIST_FOR_EACH (client, node, &clients) {
        sent += http_stream_send(client->stream, request->body,
                                 request->body_len);
    }
    reply_json(request, 200, json_pack("{sI}", "sent", (json_int_t) sent));
}

static void
end(struct http_request *request)
{
    struct client *client;

    LIST_FOR_EACH_SAFE (client, node, &clients) {
        close_client(client);
    }
    http_reply(request, 204, NULL, NULL, 0, NULL, 0);
}

static void
size(struct http_request *request)
{
    const char *bytes = http_request_query(request, "bytes");
    size_t n = bytes ? strtoul(bytes, NULL, 10) : 0;
    char *body = xmalloc(n + 1);
    memset(body, 'x', n);
    http_reply(request, 200, "text/plain", body, n, NULL, 0);
}

static void
stats(struct http_request *request)
{
    struct http_stats s;

    http_server_get_stats(server, &s);
    reply_json(request, 200, json_pack(
        "{si si si sI si si si sI}", "connections", s.connections,
        "streams", s.streams, "waiting", s.waiting,
        "bodies", (json_int_t) s.bodies, "cancelled", n_cancelled,
        "closed", n_closed, "writable", n_writable,
        "flooded", (json_int_t) flooded));
}

static void
show_metrics(struct http_request *request)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    metrics_format(metrics, &s);
    size_t length = s.length;
    http_reply(request, 200, METRICS_CONTENT_TYPE, ds_steal_cstr(&s), length,
               NULL, 0);
}

static void
handle(struct http_request *r, void *aux OVS_UNUSED)
{
    const char *what = r->n_segments == 1 ? r->segments[0] : "";

    if (!strcmp(what, "hold")) {
        hold(r);
    } else if (!strcmp(what, "release")) {
        release(r);
    } else if (!strcmp(what, "stream") || !strcmp(what, "flood")) {
        detach(r, what[0] == 'f');
    } else if (!strcmp(what, "publish")) {
        publish(r);
    } else if (!strcmp(what, "end")) {
        end(r);
    } else if (!strcmp(what, "size")) {
        size(r);
    } else if (!strcmp(what, "stats")) {
        stats(r);
    } else if (!strcmp(what, "metrics")) {
        show_metrics(r);
    } else if (!strcmp(what, "exit")) {
        exiting = true;
        http_reply(r, 204, NULL, NULL, 0, NULL, 0);
    } else {
        echo(r);
    }
}

static void
cancelled(struct http_request *request, void *aux OVS_UNUSED)
{
    struct held *h = request->owner;

    n_cancelled++;
    ovs_list_remove(&h->node);
    free(h);
    http_request_abandon(request);
}

static char *
error_body(unsigned int status, const char *message,
           const char **content_type, void *aux OVS_UNUSED)
{
    json_t *json = json_pack("{si ss}", "status", status, "message", message);
    char *body = json_dumps(json, 0);

    json_decref(json);
    *content_type = "application/json";
    return body;
}

/* Takes "--NAME=VALUE". */
static void
parse_option(char *option, struct http_config *config)
{
    struct http_limits *l = &config->limits;
    char *value = strchr(option, '=');
    if (strncmp(option, "--", 2) || !value) {
        ovs_fatal(0, "%s: not --NAME=VALUE", option);
    }
    *value++ = '\0';

    const char *name = option + 2;
    int n = atoi(value);
    if (!strcmp(name, "listen")) {
        config->listen = value;
    } else if (!strcmp(name, "certificate")) {
        config->certificate = value;
    } else if (!strcmp(name, "private-key")) {
        config->private_key = value;
    } else if (!strcmp(name, "body")) {
        l->body = n;
    } else if (!strcmp(name, "bodies")) {
        l->bodies = n;
    } else if (!strcmp(name, "head")) {
        l->head = n;
    } else if (!strcmp(name, "connections")) {
        l->connections = n;
    } else if (!strcmp(name, "streams")) {
        l->streams = n;
    } else if (!strcmp(name, "waiting")) {
        l->waiting = n;
    } else if (!strcmp(name, "idle-ms")) {
        l->idle_ms = n;
    } else if (!strcmp(name, "request-ms")) {
        l->request_ms = n;
    } else if (!strcmp(name, "reply-ms")) {
        l->reply_ms = n;
    } else {
        ovs_fatal(0, "%s: unknown option", name);
    }
}

int
main(int argc, char *argv[])
{
    static const struct http_handler handler = {
        handle, cancelled, error_body
    };
    struct http_config config = { .listen = "127.0.0.1:0" };

    set_program_name(argv[0]);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_DBG);
    for (int i = 1; i < argc; i++) {
        parse_option(argv[i], &config);
    }
    config.metrics = metrics = metrics_create();
    char *error = http_server_create(&config, &handler, NULL, &server);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    printf("%d\n", http_server_port(server));
    fflush(stdout);
    while (!exiting) {
        http_server_run(server);
        if (!exiting) {
            http_server_wait(server);
            poll_block();
        }
    }
    http_server_destroy(server);
    metrics_destroy(metrics);
    return 0;
}
