/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Prints each change to a bridge's flows as it happens: CLOCK_MONOTONIC in
 * microseconds and the number of changes in that message, one line a message.
 * The first line, "watching", says that nothing will be missed from now on.
 *
 * Owns one observer; runs until it is killed or the bridge goes away. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "observer.h"
#include "openvswitch/poll-loop.h"
#include "util.h"

int
main(int argc, char *argv[])
{
    struct observation seen;
    struct observer *observer;

    ovs_set_program_name(argv[0], "1.0");
    if (argc < 2 || argc > 3) {
        ovs_fatal(0, "usage: %s BRIDGE [COOKIE]\n"
                  "BRIDGE is a bridge's management socket (unix:FILE), "
                  "COOKIE in hex.", argv[0]);
    }

    setvbuf(stdout, NULL, _IOLBF, 0);
    observer = observer_open(argv[1]);
    if (argc == 3) {
        observer_set_cookie(observer, strtoull(argv[2], NULL, 16));
    }
    puts("watching");
    for (;;) {
        while (observer_run(observer, &seen)) {
            printf("%lld %d\n", seen.when / 1000, seen.n_changes);
        }
        observer_wait(observer);
        poll_block();
    }
}
