# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Watching from outside: the switch, the northbound database, the agent's
log.  All times are CLOCK_MONOTONIC in ms."""

import datetime
import os
import time

from lab import process, wait_until

from . import world

STATUS_TABLES = ("Agent", "Port_Binding", "Network_Binding")


class Flows:
    """Every change to the flows of `bridge`, by watch.c.  `changes` has
    (time, number) for each message."""

    def __init__(self, hypervisor, bridge):
        self.path = os.path.join(hypervisor.dir, "watch.out")
        with open(self.path, "w") as out:
            self.process = process.popen(
                [world.program("watch"), world.mgmt(hypervisor, bridge)],
                stdout=out)
        wait_until(self._lines, what="the flow monitor")

    @property
    def changes(self):
        pairs = [line.split() for line in self._lines()[1:]]
        return [(int(when) / 1000, int(n)) for when, n in pairs]

    def count(self):
        return sum(n for _, n in self.changes)

    def last(self):
        """When the last change was seen."""
        return self.changes[-1][0]

    def close(self):
        process.kill(self.process.pid)
        self.process.wait()

    def _lines(self):
        with open(self.path) as f:
            return [line for line in f if line.endswith("\n")]


class Rows:
    """Every change to the rows that agents write.  count() and last() are
    as those of Flows."""

    def __init__(self, nb):
        self.watcher = nb.watch({t: ["_version"] for t in STATUS_TABLES})

    def count(self):
        """Rows written, in all tables."""
        return sum(len(rows) for _, update in self.watcher.times
                   for rows in update.values())

    def last(self):
        return self.watcher.times[-1][0] / 1e6

    def close(self):
        self.watcher.close()


class Log:
    """What a daemon's log says from now on."""

    def __init__(self, path):
        self.path = path
        self.offset = os.path.getsize(path) if os.path.exists(path) else 0

    def find(self, *words):
        """Returns the time and text of the first line with all `words`, or
        None."""
        if not os.path.exists(self.path):
            return None
        with open(self.path) as f:
            f.seek(self.offset)
            for line in f:
                if all(word in line for word in words):
                    return _monotonic(line.split("|")[0]), line
        return None


def _monotonic(stamp):
    when = datetime.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S.%fZ")
    when = when.replace(tzinfo=datetime.timezone.utc).timestamp()
    return (when - time.time() + time.monotonic()) * 1000
