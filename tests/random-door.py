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

from door.client import Closed, Silence
from door.run import Run
from door.servers import Door, kind
from lab import tap
from lab.nbserver import NbServer

SEED = int(os.environ.get("SLUICE_SEED") or random.SystemRandom().getrandbits(
    32))
N_STEPS = int(os.environ.get("SLUICE_OPERATIONS", 3000))

# Seconds: far more than it takes on a slow machine, under sanitizers.
TIMEOUT = 300 + N_STEPS / 5


# Runs that came to nothing, in a row, before that is a failure.
ATTEMPTS = 5


class Void(Exception):
    """A run from which nothing follows about the server under test."""


def fault_of_the_database(nb):
    """Says what is wrong with the ovsdb-server that everything is held
    against, if it has one of the faults of version 3.1: it dies of alike
    monitors with conditions on columns that they do not monitor, and a
    cluster's can forget a transaction until the next one."""
    if nb.daemon.died():
        return "ovsdb-server has died"
    if "triggers:" in nb.daemon.appctl("memory/show"):
        return "ovsdb-server does not end a transaction"
    return None


def run_once(seed, clustered, steps):
    tap.note("SLUICE_SEED=%d" % seed)
    started = time.monotonic()
    with NbServer(clustered=clustered) as nb, Door(nb) as door:
        run = Run([("ovsdb-server", nb.socket), (kind(), door.socket)], seed)
        try:
            run.run(steps)
        except (Closed, OSError, Silence) as e:
            door.check_alive()
            fault = fault_of_the_database(nb)
            if not fault:
                tap.note(run.history())
                raise
            raise Void(fault) from e
        except BaseException:
            tap.note(run.history())
            door.check_alive()
            raise
        finally:
            run.close()
        tap.note("%s; %d resumed; %.0f s" % (
            ", ".join("%d %s" % (n, what) for what, n in sorted(
                run.counts.items())), run.n_resumed(),
            time.monotonic() - started))
        run.check()


def compare(seed, clustered, steps):
    for attempt in range(ATTEMPTS):
        try:
            run_once(seed + 1000 * attempt, clustered, steps)
            return
        except Void as e:
            tap.note("SLUICE_SEED=%d: %s" % (seed + 1000 * attempt, e))
    raise AssertionError("no run came to an end")


# A relay has no history of a database that gives its transactions no names.
if kind() == "notifier":
    @tap.case("as a lone ovsdb-server tells it", timeout=TIMEOUT)
    def standalone():
        compare(SEED, False, N_STEPS)


@tap.case("as a cluster tells it", timeout=TIMEOUT)
def clustered():
    compare(SEED + 1, True, N_STEPS)


tap.main(tools=("ovsdb-server", "ovsdb-tool"))
