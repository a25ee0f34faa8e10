/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef VSWITCHD_H
#define VSWITCHD_H 1

/* Asks ovs-vswitchd through its control socket, the one that ovs-appctl(8)
 * would use, without waiting for it.
 *
 * Errors: a question that cannot be asked, that is refused, or that has not
 * been answered after VSWITCHD_TIMEOUT_MS is answered with an error in words.
 *
 * Not thread-safe. */

#include <stddef.h>

#include "openvswitch/list.h"

struct jsonrpc;

/* After so long, in ms, nobody waits any more. */
#define VSWITCHD_TIMEOUT_MS 5000

/* Opens a connection to the control socket, the caller's to close.  Returns 0
 * or a positive errno. */
int vswitchd_connect(struct jsonrpc **);

/* Questions under way, each on a connection of its own. */
struct vswitchd {
    struct ovs_list questions;  /* "struct question"s. */
};

void vswitchd_init(struct vswitchd *);

/* Answers what is under way with an error. */
void vswitchd_destroy(struct vswitchd *);

/* Exactly one of 'answer' and 'error' is not NULL; both are valid during the
 * call only. */
typedef void vswitchd_cb(const char *answer, const char *error, void *aux);

/* Has command 'argv[0]' done with the other 'argc - 1' arguments.  'cb' is
 * called once, now or from vswitchd_run(). */
void vswitchd_ask(struct vswitchd *, const char *const argv[], size_t argc,
                  vswitchd_cb *, void *aux);

void vswitchd_run(struct vswitchd *);
void vswitchd_wait(const struct vswitchd *);

#endif /* vswitchd.h */
