/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef SWARM_MESSAGE_H
#define SWARM_MESSAGE_H 1

/* JSON-RPC messages, taken apart without being copied. */

#include <stdbool.h>

#include "cursor.h"

/* The members of a message as they stand, the method without its quotes.
 * Absent ones are empty. */
struct message {
    struct span id, method, params, result, error;
};

/* Returns false if 'text' is no message. */
bool message_parse(struct span text, struct message *);

/* Whether the reply to a message is an error. */
bool message_is_error(const struct message *);

/* Whether 'updates', the first rows of _Server's table Database as
 * "monitor_cond" gives them, say that our database is there and connected. */
bool message_server_is_fine(struct span updates);

#endif /* message.h */
