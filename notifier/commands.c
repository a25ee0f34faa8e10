/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What "ovs-appctl -t sluice-notifier" can ask. */

#include <config.h>

#include "commands.h"

#include "door/door.h"
#include "notifier.h"
#include "openvswitch/dynamic-string.h"
#include "unixctl.h"
#include "util.h"

/* Entries that journal/show shows when it is not told how many. */
#define DEFAULT_ENTRIES 20

static void
reply(struct unixctl_conn *conn, struct ds *out)
{
    unixctl_command_reply(conn, ds_cstr(out));
    ds_destroy(out);
}

static void
status_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
               const char *argv[] OVS_UNUSED, void *notifier)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    notifier_status(notifier, &out);
    reply(conn, &out);
}

static void
client_list_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
                    const char *argv[] OVS_UNUSED, void *notifier)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    notifier_clients(notifier, &out);
    reply(conn, &out);
}

static void
journal_show_command(struct unixctl_conn *conn, int argc, const char *argv[],
                     void *notifier)
{
    struct ds out = DS_EMPTY_INITIALIZER;
    unsigned int n = DEFAULT_ENTRIES;

    if (argc > 1 && (!str_to_uint(argv[1], 10, &n) || !n)) {
        char *error = xasprintf("%s: not a number of entries", argv[1]);

        unixctl_command_reply_error(conn, error);
        free(error);
        return;
    }
    notifier_journal(notifier, n, &out);
    reply(conn, &out);
}

/* What the OVSDB door answers.  Returns it, or NULL when there is none, and
 * that has been said. */
static struct door *
door_for(struct unixctl_conn *conn, void *notifier)
{
    struct door *door = notifier_door(notifier);

    if (!door) {
        unixctl_command_reply_error(conn, "there is no OVSDB door: start "
                                    "sluice-notifier with --remote");
    }
    return door;
}

static void
session_list_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
                     const char *argv[] OVS_UNUSED, void *notifier)
{
    struct door *door = door_for(conn, notifier);
    struct ds out = DS_EMPTY_INITIALIZER;

    if (door) {
        door_sessions(door, &out);
        reply(conn, &out);
    }
}

static void
session_who_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
                    const char *argv[], void *notifier)
{
    struct door *door = door_for(conn, notifier);
    struct ds out = DS_EMPTY_INITIALIZER;
    char *error;

    if (!door) {
        return;
    }
    error = door_who(door, argv[1], argv[2], &out);
    if (error) {
        unixctl_command_reply_error(conn, error);
        ds_destroy(&out);
        free(error);
    } else {
        reply(conn, &out);
    }
}

static void
notify_latency_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
                       const char *argv[] OVS_UNUSED, void *notifier)
{
    struct door *door = door_for(conn, notifier);
    struct ds out = DS_EMPTY_INITIALIZER;

    if (door) {
        door_latency(door, &out);
        reply(conn, &out);
    }
}

static void
exit_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *exiting_)
{
    bool *exiting = exiting_;

    *exiting = true;
    unixctl_command_reply(conn, NULL);
}

void
commands_register(struct notifier *notifier, bool *exiting)
{
    unixctl_command_register("status", "", 0, 0, status_command, notifier);
    unixctl_command_register("client/list", "", 0, 0, client_list_command,
                             notifier);
    unixctl_command_register("journal/show", "[N]", 0, 1,
                             journal_show_command, notifier);
    unixctl_command_register("session/list", "", 0, 0, session_list_command,
                             notifier);
    unixctl_command_register("session/who", "TABLE UUID", 2, 2,
                             session_who_command, notifier);
    unixctl_command_register("notify/latency", "", 0, 0,
                             notify_latency_command, notifier);
    unixctl_command_register("exit", "", 0, 0, exit_command, exiting);
}
