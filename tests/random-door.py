#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The notifier's OVSDB door against ovsdb-server: the same sessions at both,
with random monitors, conditions and reconnections, while random transactions
change the database.  At quiet points each session's copy, made of nothing but
the updates it was sent, is held against the other's and against a model of
what conditions mean (door/).

A failure prints the seed, and SLUICE_SEED=SEED does the same again.  What is
told when is still up to the servers: a race may need several runs.  Further
settings, all by environment: SLUICE_OPERATIONS, how many steps;
SLUICE_TEST_DOOR, the server under test (door/servers.py)."""

import os
import random
import time

from door.run import Run
from door.servers import Door, kind
from lab import tap
from lab.nbserver import NbServer

SEED = int(os.environ.get("SLUICE_SEED") or random.SystemRandom().getrandbits(
    32))
N_STEPS = int(os.environ.get("SLUICE_OPERATIONS", 3000))

# Seconds: far more than it takes on a slow machine, under sanitizers.
TIMEOUT = 120 + N_STEPS / 5


def compare(seed, clustered, steps):
    tap.note("SLUICE_SEED=%d" % seed)
    started = time.monotonic()
    with NbServer(clustered=clustered) as nb, Door(nb) as door:
        run = Run([("ovsdb-server", nb.socket), (kind(), door.socket)], seed)
        try:
            run.run(steps)
        except BaseException:
            tap.note(run.history())
            tap.note("SLUICE_SEED=%d" % seed)
            # Of whom nobody answers that is the reason.
            door.check_alive()
            raise
        finally:
            run.close()
        tap.note("%s; %d resumed; %.0f s" % (
            ", ".join("%d %s" % (n, what) for what, n in sorted(
                run.counts.items())), run.n_resumed(),
            time.monotonic() - started))
        run.check()


# A relay has no history of a database that gives its transactions no names.
if kind() == "notifier":
    @tap.case("as a lone ovsdb-server tells it", timeout=TIMEOUT)
    def standalone():
        compare(SEED, False, N_STEPS)


@tap.case("as a cluster tells it", timeout=TIMEOUT)
def clustered():
    compare(SEED + 1, True, N_STEPS)


tap.main(tools=("ovsdb-server", "ovsdb-tool"))
