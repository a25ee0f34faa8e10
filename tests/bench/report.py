# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Percentiles, and tables in Markdown."""

import math
import os
import platform

from lab import run


def percentile(samples, percent):
    """Returns the `percent`th percentile of `samples` by nearest rank: a
    value that was measured, not one between two."""
    ordered = sorted(samples)
    rank = math.ceil(len(ordered) * percent / 100)
    return ordered[max(rank, 1) - 1]


def milliseconds(usec):
    return "%.2f" % (usec / 1000)


def percentiles(samples):
    """Returns "p50 / p90 / p99" of `samples`, in us, written in ms."""
    return " / ".join(milliseconds(percentile(samples, p))
                      for p in (50, 90, 99))


def memory(sizes):
    """Writes what world.memory() returned."""
    return "%.1f (%.1f) MB" % tuple(kb / 1024 for kb in sizes)


class Table:
    """A Markdown table that is printed row by row, so that a long run shows
    how far it is.  Its lines are also appended to list `copy`."""

    def __init__(self, *headings, copy=None):
        self.headings, self.copy = headings, copy
        self._print("| %s |" % " | ".join(headings))
        self._print("|%s" % ("---:|" * len(headings)))

    def row(self, *cells):
        assert len(cells) == len(self.headings)
        self._print("| %s |" % " | ".join(str(c) for c in cells))

    def _print(self, line):
        print(line, flush=True)
        if self.copy is not None:
            self.copy.append(line)


def machine():
    """Returns one line on where this was measured."""
    version = run(["ovs-vswitchd", "--version"]).splitlines()[0]
    return "%d CPUs (%s), Linux %s, %s, userspace datapath" % (
        os.cpu_count(), _cpu_model(), platform.release(),
        version.replace("ovs-vswitchd (Open vSwitch)", "Open vSwitch"))


def _cpu_model():
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
