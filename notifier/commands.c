/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What "ovs-appctl -t sluice-notifier" can ask. */

#include <config.h>

#include "commands.h"

#include "answer.h"
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

/* Begins an answer about the door.  Returns NULL if there is no door, or no
 * such format, and that has been said. */
static struct answer *
begin_door(struct unixctl_conn *conn, int *argc, const char *argv[],
           void *notifier, enum answer_default def, struct door **doorp)
{
    *doorp = door_for(conn, notifier);
    return *doorp ? answer_create(conn, argc, argv, def) : NULL;
}

/* What clients ask for is too much for a line. */
static void
session_list_command(struct unixctl_conn *conn, int argc, const char *argv[],
                     void *notifier)
{
    struct door *door;
    struct answer *answer = begin_door(conn, &argc, argv, notifier,
                                       ANSWER_LIST, &door);

    if (answer) {
        door_sessions(door, answer);
        answer_reply(answer, NULL);
    }
}

static void
session_who_command(struct unixctl_conn *conn, int argc, const char *argv[],
                    void *notifier)
{
    struct door *door;
    struct answer *answer = begin_door(conn, &argc, argv, notifier,
                                       ANSWER_TABLE, &door);
    char *error;

    if (!answer) {
        return;
    }
    error = (argc == 3 ? door_who(door, argv[1], argv[2], answer)
             : xstrdup("session/who takes a table and a row's UUID"));
    if (error) {
        answer_reply_error(answer, error);
        free(error);
    } else {
        answer_reply(answer, NULL);
    }
}

static void
notify_latency_command(struct unixctl_conn *conn, int argc,
                       const char *argv[], void *notifier)
{
    struct door *door;
    struct answer *answer = begin_door(conn, &argc, argv, notifier,
                                       ANSWER_TABLE, &door);

    if (answer) {
        door_latency(door, answer);
        answer_reply(answer, NULL);
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
    unixctl_command_register("session/list", "[-f FORMAT]", 0, 2,
                             session_list_command, notifier);
    unixctl_command_register("session/who", "[-f FORMAT] TABLE UUID", 2, 4,
                             session_who_command, notifier);
    unixctl_command_register("notify/latency", "[-f FORMAT]", 0, 2,
                             notify_latency_command, notifier);
    unixctl_command_register("exit", "", 0, 0, exit_command, exiting);
}
