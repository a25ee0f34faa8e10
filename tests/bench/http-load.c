/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Sends the HTTP requests of standard input, one a line, over a number of
 * kept-alive connections, each of which sends its next request when it has the
 * reply to the last; prints what load.h says.
 *
 * A line is METHOD TARGET [BODY], with one space between.  Connections are
 * made, and each has answered one GET of the first line's server's "/", before
 * the first request: what is measured are requests alone.
 *
 * It speaks no more of HTTP than it has to: a reply has a Content-Length or no
 * body, and the connection stays open.  All else, and each error, ends the
 * program with a message; so does a reply that is not a 2xx, for what is
 * refused costs less. */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

#define MAX_CONNS 256

/* The head of a reply has to fit; bodies are read in such pieces. */
#define BUFFER_SIZE 65536

#define WARM_UP "GET / HTTP/1.1\r\nHost: bench\r\n\r\n"

struct conn {
    int fd;
    struct ds out;              /* The request, while it is made. */
    size_t request;             /* Its number; SIZE_MAX: the one before. */

    char in[BUFFER_SIZE + 1];   /* The head, as far as it has come. */
    size_t n_in;
    bool in_body;
    int status;
    size_t length, received;    /* Of the body. */
};

struct client {
    struct load load;
    struct conn conns[MAX_CONNS];
    int n_conns;
    int n_warm;                 /* Have answered what was before. */
    int epoll;
};

static void
conn_open(struct client *client, struct conn *conn,
          const struct sockaddr_in *address)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = conn };
    int on = 1;

    ds_init(&conn->out);
    conn->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (conn->fd < 0
        || connect(conn->fd, (const struct sockaddr *) address,
                   sizeof *address)
        || setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on)
        || epoll_ctl(client->epoll, EPOLL_CTL_ADD, conn->fd, &event)) {
        ovs_fatal(errno, "cannot connect");
    }
}

static void
conn_send(struct conn *conn)
{
    size_t sent = 0;

    while (sent < conn->out.length) {
        ssize_t n = send(conn->fd, conn->out.string + sent,
                         conn->out.length - sent, MSG_NOSIGNAL);
        if (n < 0) {
            ovs_fatal(errno, "cannot send");
        }
        sent += n;
    }
    conn->n_in = conn->length = conn->received = 0;
    conn->in_body = false;
}

/* Writes 'line' as HTTP has it. */
static void
compose(const char *line, struct ds *out)
{
    size_t method = strcspn(line, " ");
    const char *target = line + method + (line[method] != '\0');
    size_t target_len = strcspn(target, " ");
    const char *body = target + target_len;

    if (!target_len) {
        ovs_fatal(0, "%s: no request; METHOD TARGET [BODY] is needed", line);
    }
    ds_clear(out);
    ds_put_format(out, "%.*s %.*s HTTP/1.1\r\nHost: bench\r\n", (int) method,
                  line, (int) target_len, target);
    if (body[0]) {
        body++;
        ds_put_format(out, "Content-Type: application/json\r\n"
                      "Content-Length: %"PRIuSIZE"\r\n\r\n%s",
                      strlen(body), body);
    } else {
        ds_put_cstr(out, "\r\n");
    }
}

static void
next_request(struct client *client, struct conn *conn)
{
    if (load_has_more(&client->load)) {
        compose(client->load.requests[client->load.n_begun], &conn->out);
        conn->request = load_begin(&client->load);
        conn_send(conn);
    }
}

static void
conn_answered(struct client *client, struct conn *conn)
{
    if (conn->request == SIZE_MAX) {
        if (++client->n_warm == client->n_conns) {
            for (int i = 0; i < client->n_conns; i++) {
                next_request(client, &client->conns[i]);
            }
        }
        return;
    }
    if (conn->status / 100 != 2) {
        ovs_fatal(0, "%s: answered by %d",
                  client->load.requests[conn->request], conn->status);
    }
    load_end(&client->load, conn->request, conn->status, conn->length);
    next_request(client, conn);
}

/* Looks for the end of the head in what has come. */
static void
parse_head(struct conn *conn)
{
    char *end, *line, *next;

    conn->in[conn->n_in] = '\0';
    end = strstr(conn->in, "\r\n\r\n");
    if (!end) {
        if (conn->n_in == BUFFER_SIZE) {
            ovs_fatal(0, "a reply's head has more than %d bytes",
                      BUFFER_SIZE);
        }
        return;
    }
    conn->received = conn->in + conn->n_in - (end + 4);
    conn->in_body = true;
    end[2] = '\0';
    if (!ovs_scan(conn->in, "HTTP/1.1 %d", &conn->status)) {
        ovs_fatal(0, "not a reply: %s", conn->in);
    }
    for (line = strchr(conn->in, '\n') + 1; *line; line = next) {
        next = strchr(line, '\n') + 1;
        if (!strncasecmp(line, "Content-Length:", 15)) {
            conn->length = strtoull(line + 15, NULL, 10);
        } else if (!strncasecmp(line, "Transfer-Encoding:", 18)
                   || !strncasecmp(line, "Connection: close", 17)) {
            ovs_fatal(0, "a reply of a kind not known here: %s", conn->in);
        }
    }
}

static void
conn_receive(struct client *client, struct conn *conn)
{
    char *at = conn->in + (conn->in_body ? 0 : conn->n_in);
    ssize_t n = recv(conn->fd, at, conn->in + BUFFER_SIZE - at, MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN) {
        return;
    } else if (n <= 0) {
        ovs_fatal(n ? errno : 0, "connection closed by the server");
    }
    if (conn->in_body) {
        conn->received += n;
    } else {
        conn->n_in += n;
        parse_head(conn);
    }
    if (conn->in_body && conn->received >= conn->length) {
        conn_answered(client, conn);
    }
}

static void
client_open(struct client *client, const char *host, const char *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(atoi(port)),
    };

    if (!inet_pton(AF_INET, host, &address.sin_addr)) {
        ovs_fatal(0, "%s: not an IPv4 address", host);
    }
    client->epoll = epoll_create1(0);
    for (int i = 0; i < client->n_conns; i++) {
        struct conn *conn = &client->conns[i];

        conn_open(client, conn, &address);
        conn->request = SIZE_MAX;
        ds_put_cstr(&conn->out, WARM_UP);
        conn_send(conn);
    }
}

int
main(int argc, char *argv[])
{
    struct client *client = xzalloc(sizeof *client);

    ovs_set_program_name(argv[0], "1.0");
    client->n_conns = argc == 4 ? atoi(argv[1]) : 0;
    if (client->n_conns < 1 || client->n_conns > MAX_CONNS) {
        ovs_fatal(0, "usage: %s CONNECTIONS HOST PORT <REQUESTS\n"
                  "with at most %d CONNECTIONS; each line of REQUESTS is "
                  "METHOD TARGET [BODY]", argv[0], MAX_CONNS);
    }
    load_read(&client->load, stdin);
    client_open(client, argv[2], argv[3]);
    while (!load_is_over(&client->load)) {
        struct epoll_event events[MAX_CONNS];
        int n = epoll_wait(client->epoll, events, MAX_CONNS, -1);

        for (int i = 0; i < n; i++) {
            conn_receive(client, events[i].data.ptr);
        }
    }
    load_print(&client->load);
    load_destroy(&client->load);
    for (int i = 0; i < client->n_conns; i++) {
        close(client->conns[i].fd);
        ds_destroy(&client->conns[i].out);
    }
    close(client->epoll);
    free(client);
    return 0;
}
