/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A door with nothing but locks, for tests of notifier/door/locks.h with a
 * real northbound server.
 *
 * Usage: lock-door REMOTES
 *
 * Reads commands, a line each, until the end of its input; CLIENT is any word,
 * and a client of that name is there from its first command on:
 *
 *     CLIENT lock LOCK      prints "CLIENT lock LOCK true" or false, by and by
 *     CLIENT steal LOCK     likewise
 *     CLIENT unlock LOCK    prints "CLIENT unlock LOCK {}"
 *     CLIENT holds LOCK     prints "CLIENT holds LOCK true" or false
 *     CLIENT show           prints what lock_client_format() says
 *     CLIENT close          ends the client's session
 *     CLIENT status         prints what locks_format() says
 *
 * An error is printed as "CLIENT error JSON", a notification as "CLIENT locked
 * LOCK" or "CLIENT stolen LOCK". */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "door/locks.h"
#include "fatal-signal.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "ovsdb-error.h"
#include "util.h"

struct client {
    struct lock_client up;
    const char *name;           /* In 'clients'. */
};

static struct locks *locks;
static int input_fd;            /* Not 0, which a poll loop does not take. */
static struct shash clients = SHASH_INITIALIZER(&clients);

static const char *
client_name(const struct lock_client *up)
{
    return CONTAINER_OF(up, struct client, up)->name;
}

static void
answered(struct lock_client *client, const struct json *id, bool locked,
         enum lock_word word OVS_UNUSED)
{
    printf("%s %s %s\n", client_name(client), json_string(id),
           locked ? "true" : "false");
}

static void
notify(struct lock_client *client, const char *method, const char *name)
{
    printf("%s %s %s\n", client_name(client), method, name);
}

static void
close_client(const char *name)
{
    struct client *client = shash_find_and_delete(&clients, name);

    locks_forget(locks, &client->up);
    free(client);
}

static struct client *
get_client(const char *name)
{
    struct client *client = shash_find_data(&clients, name);

    if (!client) {
        client = xmalloc(sizeof *client);
        lock_client_init(&client->up);
        client->name = shash_add(&clients, name, client)->name;
    }
    return client;
}

/* Prints 'error', if it is one; returns whether it is. */
static bool
print_error(const struct client *client, struct ovsdb_error *error)
{
    if (!error) {
        return false;
    }
    struct json *json = ovsdb_error_to_json_free(error);
    char *text = json_to_string(json, JSSF_SORT);

    printf("%s error %s\n", client->name, text);
    free(text);
    json_destroy(json);
    return true;
}

static void
request(struct client *client, const char *method, const char *lock)
{
    struct json *params = json_array_create_1(json_string_create(lock));
    struct json *id = json_string_create_nocopy(xasprintf("%s %s", method,
                                                          lock));

    if (strcmp(method, "unlock")) {
        print_error(client, locks_request(locks, &client->up, method, params,
                                          id));
    } else if (!print_error(client, locks_release(locks, &client->up,
                                                  params))) {
        printf("%s unlock %s {}\n", client->name, lock);
    }
    json_destroy(id);
    json_destroy(params);
}

static void
run_command(char *line)
{
    char *save = NULL;
    const char *name = strtok_r(line, " ", &save);
    const char *what = strtok_r(NULL, " ", &save);
    const char *lock = strtok_r(NULL, " ", &save);
    struct client *client = get_client(name);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (lock && !strcmp(what, "holds")) {
        ds_put_cstr(&s, locks_holds(&client->up, lock) ? "true" : "false");
        printf("%s holds %s %s\n", name, lock, ds_cstr(&s));
    } else if (lock) {
        request(client, what, lock);
    } else if (!strcmp(what, "show")) {
        lock_client_format(&client->up, &s);
        printf("%s: %"PRIuSIZE": %s\n", name, locks_count(&client->up),
               ds_cstr(&s));
    } else if (!strcmp(what, "status")) {
        locks_format(locks, &s);
        fputs(ds_cstr(&s), stdout);
    } else if (!strcmp(what, "close")) {
        close_client(name);
    } else {
        ovs_fatal(0, "%s: unknown command", what);
    }
    ds_destroy(&s);
}

/* Runs what commands have come; returns false when there will be none. */
static bool
run_commands(struct ds *input)
{
    char buffer[4096];
    ssize_t n = read(input_fd, buffer, sizeof buffer);

    if (n < 0 && errno != EAGAIN) {
        ovs_fatal(errno, "read");
    }
    ds_put_buffer(input, buffer, MAX(n, 0));
    for (;;) {
        char *end = memchr(ds_cstr(input), '\n', input->length);

        if (!end) {
            break;
        }
        size_t length = end - input->string;
        char *line = xmemdup0(input->string, length);

        run_command(line);
        free(line);
        memmove(input->string, end + 1, input->length - length - 1);
        ds_truncate(input, input->length - length - 1);
    }
    return n != 0;
}

int
main(int argc, char *argv[])
{
    static const struct lock_callbacks callbacks = { answered, notify };
    struct ds input = DS_EMPTY_INITIALIZER;
    const struct shash_node *node;

    set_program_name(argv[0]);
    fatal_ignore_sigpipe();
    if (argc != 2) {
        ovs_fatal(0, "usage: %s REMOTES", program_name);
    }
    input_fd = dup(STDIN_FILENO);
    if (input_fd < 0 || fcntl(input_fd, F_SETFL, O_NONBLOCK)) {
        ovs_fatal(errno, "standard input");
    }
    locks = locks_create(argv[1], &callbacks);
    while (run_commands(&input)) {
        locks_run(locks);
        fflush(stdout);
        locks_wait(locks);
        poll_fd_wait(input_fd, POLLIN);
        poll_block();
    }
    SHASH_FOR_EACH_SAFE (node, &clients) {
        close_client(node->name);
    }
    locks_destroy(locks);
    shash_destroy(&clients);
    ds_destroy(&input);
    return 0;
}
