# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""One run of the randomised test: what is done, what was done, and when it is
compared.

What is done is a list of steps, each [NAME, ARGUMENTS] or, for an operation,
[NAME, ARGUMENTS, THEN], which are written down in operations.log and can be
done again from there."""

import json
import os
import random

from lab.process import WaitError, wait_until

from . import compare, disturbances  # noqa: F401: registers operations.
from .operations import OPERATIONS
from .world import World

# How many operations lie between two quiet points, on average.
BATCH = 25

# How likely a series of batches is one of these, and how many they are: for
# one hypervisor alone, without a northbound database.
FOCUSED, FOCUSED_BATCHES = 0.1, 3
AWAY = 0.06

# What follows an operation, and how likely: it is held back to be sent with
# the next, sent, or waited for.
THEN = ["hold", "send", "wait"], [4, 4, 2]

# How likely a quiet point has everything computed from nothing.
RECOMPUTED = 0.2

# How long, in seconds, everything may take to come to rest.  Usually it is a
# few milliseconds, but after the northbound database was away its agents come
# back with pauses.
LIMIT = 60

# How much of the past a failure shows.
SHOWN = 40


class Different(AssertionError):
    """The world is not what the model says."""


class Run:
    def __init__(self, lab, seed, hvs):
        self.rng = random.Random(seed)
        self.compare_rng = random.Random(seed)
        self.world = World(lab, random.Random(seed), hvs)
        self.log = open(os.path.join(lab.dir, "operations.log"), "w")
        self.past = []
        self.n_operations = self.n_quiet = 0

    def steps(self, count):
        """Yields random steps with `count` operations, until after the last
        everything was compared.  What is chosen depends on what was done
        before, hence each has to be done before the next is asked for."""
        while self.n_operations < count:
            dice = self.rng.random()
            if dice < FOCUSED:
                yield from self._focused()
            elif dice < FOCUSED + AWAY:
                yield from self._away()
            else:
                yield from self._batch()

    def _batch(self, allowed=lambda operation, arguments: True, count=False):
        for _ in range(1 + int(self.rng.expovariate(1 / BATCH))):
            name, arguments = self._choose(allowed)
            yield name, arguments, self.rng.choices(*THEN)[0]
        yield "quiet", {"count": count}

    def _focused(self):
        """Operations on one hypervisor, of which the others are not told."""
        hv = self.rng.choice(self.world.model.hvs)

        def allowed(operation, arguments):
            return (not operation.everybody
                    and self.world.concerns(arguments) <= {hv})
        yield "quiet", {"count": True}
        for number in range(FOCUSED_BATCHES):
            yield from self._batch(allowed, number == FOCUSED_BATCHES - 1)

    def _away(self):
        """What is plugged is handled with what is known."""
        yield "quiet", {"count": False}
        yield "leave", {}
        yield from self._batch(lambda operation, arguments: operation.local)
        yield "come-back", {"after": self.rng.randrange(10)}

    def _choose(self, allowed):
        names = list(OPERATIONS)
        weights = [OPERATIONS[n].weight for n in names]
        while True:
            name = self.rng.choices(names, weights)[0]
            arguments = OPERATIONS[name].choose(self.rng, self.world)
            if arguments is not None and allowed(OPERATIONS[name], arguments):
                return name, arguments

    # Doing.

    def do(self, step):
        line = json.dumps(step)
        self.log.write(line + "\n")
        self.log.flush()
        self.past.append(line)
        if step[0] == "quiet":
            self._quiet(**step[1])
        elif step[0] == "leave":
            self.world.leave()
        elif step[0] == "come-back":
            self.world.come_back(**step[1])
        else:
            self._operate(*step)

    def _operate(self, name, arguments, then):
        self.n_operations += 1
        self.world.tick()
        OPERATIONS[name].apply(self.world, **arguments)
        if then != "hold":
            self.world.send()
        if then == "wait":
            self.world.linger()

    def _quiet(self, count):
        """Lets everything come to rest and compares everything."""
        world, wrong = self.world, []

        def at_rest():
            wrong[:] = compare.said(world)
            return not wrong
        world.settle()
        try:
            wait_until(at_rest, LIMIT)
        except WaitError:
            wrong.insert(0, "not so within %d s:" % LIMIT)
            raise Different("\n".join(wrong)) from None
        # An iface-id changed in place may leave no trace in what is said.
        wrong += compare.flow_diffs(world, world.batch.reclaimed)
        # At once: what is said to be in force must be.
        wrong += compare.delivered(world, self.compare_rng)
        wrong += compare.traced(world, self.compare_rng)
        wrong += compare.flow_diffs(world, world.switches)
        wrong += compare.overheard(world)
        if self.compare_rng.random() < RECOMPUTED:
            wrong += compare.recomputed(world)
        world.next_batch()
        if count:
            wrong += compare.counted(world)
        if wrong:
            raise Different("\n".join(wrong))
        self.n_quiet += 1

    def history(self):
        """Returns the last steps, in words."""
        return "\n".join(["the last of %d operations:" % self.n_operations]
                         + self.past[-SHOWN:])
