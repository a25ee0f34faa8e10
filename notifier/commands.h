/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef NOTIFIER_COMMANDS_H
#define NOTIFIER_COMMANDS_H 1

#include <stdbool.h>

struct notifier;

/* Registers the unixctl commands that sluice-notifier(8) documents; "exit"
 * sets '*exiting'. */
void commands_register(struct notifier *, bool *exiting);

#endif /* notifier/commands.h */
