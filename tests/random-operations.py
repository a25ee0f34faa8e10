#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Thousands of random operations on two hypervisors, everything that can
happen to a network, a port, a VIF or a daemon, in any order; and at quiet
points the switches, the databases and the agents held against a model of who
may talk to whom (randomised/model.py).

A failure prints the seed, and SLUICE_SEED=SEED does the same operations again.
What is done when is still up to the daemons: a race may need several runs.
Further settings, all by environment: SLUICE_OPERATIONS, how many;
SLUICE_HYPERVISORS; SLUICE_REPLAY=FILE does the steps of an operations.log
instead, lines of which may be removed to find out which are needed."""

import json
import os
import random
import time

from lab import Lab, tap
from randomised.run import Run

SEED = int(os.environ.get("SLUICE_SEED") or random.SystemRandom().getrandbits(
    32))
N_OPERATIONS = int(os.environ.get("SLUICE_OPERATIONS", 4000))
N_HYPERVISORS = int(os.environ.get("SLUICE_HYPERVISORS", 2))
REPLAY = os.environ.get("SLUICE_REPLAY")

# Seconds: far more than it takes on a slow machine, under sanitizers.
TIMEOUT = 120 + N_OPERATIONS


def steps(run):
    if not REPLAY:
        yield from run.steps(N_OPERATIONS)
        return
    with open(REPLAY) as f:
        for line in f:
            yield json.loads(line)


@tap.case("random operations", timeout=TIMEOUT)
def operations():
    tap.note("SLUICE_SEED=%d" % SEED)
    started = time.monotonic()
    with Lab() as lab:
        run = Run(lab, SEED, N_HYPERVISORS)
        try:
            for step in steps(run):
                run.do(step)
                lab.check_alive()
        except BaseException:
            tap.note(run.history())
            tap.note("SLUICE_SEED=%d" % SEED)
            # Of whom nobody answers that is the reason.
            lab.check_alive()
            raise
    tap.note("%d operations, %d quiet points, %d frames traced to %d places, "
             "%.0f s" % (run.n_operations, run.n_quiet, run.world.n_traced,
                         run.world.n_reached, time.monotonic() - started))
    assert run.world.n_reached, "nobody ever talked to anybody"


tap.main()
