# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Requests put on a notifier's HTTP door (http-load.c) and transactions put on
its database (ovsdb-load.c), with the processor time that both daemons take for
them."""

import collections

from . import report, world

# The longest that one run of a program may take, in seconds.
TIMEOUT = 1200

# When it began and how long it took, in us, and the size of its reply.
Sample = collections.namedtuple("Sample", "begun usec bytes")


class Load:
    """Samples of one kind of request, and what they cost.  `notifier_cpu` and
    `database_cpu` are in seconds, for all of them."""

    def __init__(self):
        self.samples = []
        self.seconds = self.notifier_cpu = self.database_cpu = 0

    def __iadd__(self, other):
        self.samples += other.samples
        self.seconds += other.seconds
        self.notifier_cpu += other.notifier_cpu
        self.database_cpu += other.database_cpu
        return self

    def rate(self):
        """Requests a second."""
        return len(self.samples) / self.seconds

    def percentile(self, percent):
        return report.percentile([s.usec for s in self.samples], percent)

    def times(self):
        """p50 and p99 in ms, written."""
        return " / ".join(report.milliseconds(self.percentile(p))
                          for p in (50, 99))

    def cpu(self):
        """Milliseconds of a processor for one request: the notifier's and
        the database's, written."""
        return " + ".join(
            "%.2f" % (seconds * 1000 / len(self.samples))
            for seconds in (self.notifier_cpu, self.database_cpu))

    def block_seconds(self, size):
        """How long each `size` requests in turn took: from the beginning of
        its first to that of the next block's."""
        begun = [s.begun for s in self.samples[::size]]
        begun.append(self.samples[-1].begun + self.samples[-1].usec)
        return [(b - a) / 1e6 for a, b in zip(begun, begun[1:])]


class Loader:
    """Runs loads in laboratory `lab`, on its database and on `notifier`."""

    def __init__(self, lab, notifier):
        self.lab, self.notifier = lab, notifier

    def http(self, lines, connections=1):
        """Sends HTTP requests and returns the Load."""
        return self._run(lines, self.notifier.netns.run, [
            world.program("http-load"), connections, self.notifier.address,
            self.notifier.port])

    def ovsdb(self, lines, window=1):
        """Sends transactions and returns the Load."""
        return self._run(lines, self.lab.mgmt.run, [
            world.program("ovsdb-load"), window, self.lab.nb.unix])

    def _run(self, lines, run, argv):
        daemons = [self.notifier, self.lab.nb.daemon]
        world.await_idle(daemons)
        before = [d.cpu_seconds() for d in daemons]
        text = run(*argv, stdin="\n".join(lines) + "\n", timeout=TIMEOUT)
        # What the notifier does after it has answered is its cost as well.
        world.await_idle(daemons)
        load = Load()
        load.notifier_cpu, load.database_cpu = (
            d.cpu_seconds() - b for d, b in zip(daemons, before))
        for line in text.splitlines():
            begun, usec, _status, size = line.split()
            load.samples.append(Sample(float(begun), float(usec), int(size)))
        load.seconds = (max(s.begun + s.usec for s in load.samples)
                        - load.samples[0].begun) / 1e6
        return load
