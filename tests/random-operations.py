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
SLUICE_HYPERVISORS; SLUICE_REPLAY=FILE does those of an operations.log instead,
lines of which may be removed to find out which are needed."""

import json
import os
import random
import time

from lab import Lab, process, tap
from randomised import compare, disturbances
from randomised.operations import OPERATIONS
from randomised.world import Batch, World

SEED = int(os.environ.get("SLUICE_SEED", random.SystemRandom().getrandbits(
    32)))
N_OPERATIONS = int(os.environ.get("SLUICE_OPERATIONS", 3000))
N_HYPERVISORS = int(os.environ.get("SLUICE_HYPERVISORS", 2))
REPLAY = os.environ.get("SLUICE_REPLAY")

# How many operations lie between two quiet points, on average.
BATCH = 25

# How long, in seconds, everything may take to come to rest.  Usually it is a
# few milliseconds, but after the northbound database was away its agents come
# back with pauses.
LIMIT = 60

# How much of the past a failure shows.
SHOWN = 30


class Different(AssertionError):
    """The world is not what the model says."""


class Run:
    """One run: what is done and what was done."""

    def __init__(self, lab, seed):
        self.rng = random.Random(seed)
        self.world = World(lab, random.Random(seed), N_HYPERVISORS)
        self.world.spoken = set()
        self.log = open(os.path.join(lab.dir, "operations.log"), "w")
        self.past = []

    def step(self, name, arguments, then):
        """Does an operation, and `then`: "hold" it back to be sent with the
        next, "send" it, or "wait" for it to be seen."""
        line = json.dumps([name, arguments, then])
        self.log.write(line + "\n")
        self.log.flush()
        self.past.append(line)
        self.world.tick()
        done = OPERATIONS[name].apply(self.world, **arguments)
        if then != "hold":
            self.world.send()
        if then == "wait":
            self.world.linger()
        return done

    def quiet(self):
        """Lets everything come to rest and compares everything."""
        self.log.write("[]\n")
        self.past.append("quiet")
        world, wrong = self.world, None

        def at_rest():
            nonlocal wrong
            wrong = compare.said(world)
            return not wrong
        world.settle()
        try:
            process.wait_until(at_rest, LIMIT)
        except process.WaitError:
            self.fail(["not so within %d s:" % LIMIT] + wrong)
        world.model.settle()
        # An iface-id changed in place may leave no trace in what is said.
        wrong = compare.flow_diffs(world, world.batch.reclaimed)
        wrong += compare.traced(world)
        wrong += compare.delivered(world, self.rng)
        wrong += compare.flow_diffs(world, world.switches)
        if self.rng.random() < 0.2:
            wrong += compare.recomputed(world)
        if wrong:
            self.fail(wrong)
        world.batch = Batch(world)

    def fail(self, wrong):
        raise Different("\n".join(
            ["seed %d; the last of %d operations:" % (SEED, len(self.past))]
            + self.past[-SHOWN:] + ["differences:"] + wrong))


def choose(rng, world):
    """Returns an operation that can happen now: its name and arguments."""
    names = list(OPERATIONS)
    weights = [OPERATIONS[n].weight for n in names]
    while True:
        name = rng.choices(names, weights)[0]
        arguments = OPERATIONS[name].choose(rng, world)
        if arguments is not None:
            return name, arguments


def random_steps(run, count):
    """Yields what to do: (name, arguments, then), or None to be quiet."""
    while count > 0:
        for _ in range(min(count, 1 + int(run.rng.expovariate(1 / BATCH)))):
            count -= 1
            yield (*choose(run.rng, run.world),
                   run.rng.choices(["hold", "send", "wait"], [4, 4, 2])[0])
        yield None


def steps_of(path):
    with open(path) as f:
        for line in f:
            yield json.loads(line) or None


@tap.case("random operations", timeout=60 + 2 * N_OPERATIONS)
def operations():
    tap.note("SLUICE_SEED=%d" % SEED)
    with Lab() as lab:
        run = Run(lab, SEED)
        started, n_quiet = time.monotonic(), 0
        for step in (steps_of(REPLAY) if REPLAY
                     else random_steps(run, N_OPERATIONS)):
            if step:
                run.step(*step)
            else:
                run.quiet()
                lab.check_alive()
                n_quiet += 1
        tap.note("%d operations, %d quiet points, %.0f s" % (
            len(run.past) - n_quiet, n_quiet, time.monotonic() - started))


tap.main()
