# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Many agents at once, each with its own subscription: what a change costs,
how soon the one concerned has it, and what the others get; a first sync, a
changed condition and a reconnect of all; memory.

The same swarm and the same database for each peer: ovsdb-server alone, a relay
in front of it, the notifier.  Agent I asks for its ports by host and by UUID,
and for its networks by UUID, as sluice-agent does.

Processor time is the door's, to which the agents are connected, and behind the
plus sign that of the northbound ovsdb-server if it is another process.  What
they use while nothing changes is taken off.

A peer whose agents do not all have their rows within the time limit is given
up, when it is plain that they will not.  What a change costs it is then
measured with a database that has the rows of a few hypervisors alone, which is
in its favour, and marked with a star."""

import json
import os
import resource
import shutil
import tempfile

from lab import paths

from . import figures, report, swarms
from .subject import Subject

# Hypervisors that have rows in the small database.
SMALL = 10

# Memory that a port takes in an ovsdb-server, in bytes, generously; and how
# many servers there are when all peers run at once.
PORT_BYTES = 7000
SERVERS = 5


def add_arguments(parser):
    parser.add_argument("--agents", default="100,1000,3000,10000",
                        help="agents, ascending (default: %(default)s)")
    parser.add_argument("--ports", type=int, default=100,
                        help="ports of each (default: %(default)s)")
    parser.add_argument("--networks", type=int, default=10,
                        help="networks of each (default: %(default)s)")
    parser.add_argument("--changes", type=int, default=300,
                        help="changes with each number of agents (default: "
                        "%(default)s)")
    parser.add_argument("--moves", type=int, default=30,
                        help="changed conditions with each number of agents "
                        "(default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3,
                        help="peers take turns this often (default: "
                        "%(default)s)")
    parser.add_argument("--peers", default="server,relay,notifier",
                        help="which to measure (default: %(default)s)")
    parser.add_argument("--time-limit", type=int, default=300, metavar="S",
                        help="seconds for a first sync, or a reconnect, of "
                        "all (default: %(default)s)")
    parser.add_argument("--quick", action="store_true",
                        help="100 and 1,000 agents, few changes, and a time "
                        "limit of 20 s")
    parser.add_argument("--markdown", metavar="FILE",
                        help="write the table to FILE as well")
    parser.add_argument("--svg", metavar="FILE",
                        help="draw processor time per change against agents")
    parser.add_argument("--raw", metavar="FILE",
                        help="write all figures to FILE, as JSON")


def main(args):
    if args.quick:
        args.agents, args.changes, args.moves = "100,1000", 90, 3
        args.time_limit = min(args.time_limit, 20)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    bench = Bench(args)
    try:
        for count in (int(n) for n in args.agents.split(",")):
            bench.measure(count)
    finally:
        bench.close()
    bench.explain()
    bench.write()


class Bench:
    """All sizes, one after the other, and what comes of them."""

    def __init__(self, args):
        self.args = args
        self.dir = tempfile.mkdtemp(prefix="slufan-")
        self.figures = []
        self.subjects = []
        # How many agents each peer served last, in how many seconds; how
        # many it could not serve.
        self.synced, self.beaten = {}, {}
        self.lines = []
        self._say("%s.  %d ports of each agent.  Milliseconds; processor "
                  "time: door + northbound server.\n" % (
                      report.machine(), args.ports))
        self.table = report.Table(*figures.HEADINGS, copy=self.lines)

    def _say(self, text):
        print(text)
        self.lines.append(text)

    def explain(self):
        """Says what a star means, if there is one."""
        if any(f.get("small") for f in self.figures):
            self._say("\n* with the rows of %d hypervisors alone in the "
                      "database." % SMALL)

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def measure(self, count):
        """Measures all peers with `count` agents, and prints their rows."""
        names = self.args.peers.split(",")
        groups = [names]
        whole = [n for n in names if not self._hopeless(n, count)]
        if (count * self.args.ports * PORT_BYTES * SERVERS > available()
                and len(whole) > 1):
            groups = [[n] for n in names]
        rows = []
        for group in groups:
            rows += self._measure_group(count, group)
        notifier = [r for r in rows if r["peer"] == "notifier"]
        for row in rows:
            self.table.row(*figures.cells(
                row, notifier[0] if notifier else None))
        self.figures += rows
        self.write()

    def _measure_group(self, count, names):
        """Measures those peers, which take turns; returns their figures."""
        try:
            subjects = [self._connect(name, count) for name in names]
            alive = [s for s in subjects if s.alive]
            for _ in range(self.args.rounds):
                for subject in alive:
                    subject.round(
                        max(self.args.changes // self.args.rounds, 1),
                        max(self.args.moves // self.args.rounds, 1))
            for subject in alive:
                subject.finish()
            return [subject.figures for subject in subjects]
        finally:
            for subject in self.subjects:
                subject.stop()
            self.subjects.clear()

    def _connect(self, name, count):
        """Returns a Subject whose agents all have their rows: if need be,
        those of a small database.  Without that it is not `alive`."""
        shape = swarms.World(count, self.args.ports, self.args.networks,
                             count)
        why = self._hopeless(name, count)
        if not why:
            subject = self._subject(name, shape)
            if subject.first_sync():
                self.synced[name] = (
                    count, subject.figures["first_sync"]["seconds"])
                return subject
            subject.stop()
            self.beaten[name] = count
            why = subject.figures["first_sync"]
        subject = self._subject(name, shape._replace(
            written=min(SMALL, count)))
        if not subject.first_sync():
            subject.stop()
            subject.alive = False
        subject.figures.update(small=True, first_sync=why)
        return subject

    def _hopeless(self, name, count):
        """Says in words why a first sync need not be tried; None if it is to
        be.  One agent's takes time in proportion to the database, so that of
        all takes the square; the notifier's does not, and is quick enough."""
        limit = self.args.time_limit
        if name in self.beaten:
            return "not tried: not within %d s at %s" % (
                limit, "{:,}".format(self.beaten[name]))
        before, seconds = self.synced.get(name, (count, 0))
        if seconds * (count / before) ** 2 > 2 * limit:
            return "not tried: %.0f s at %s, and it grows by the square" % (
                seconds, "{:,}".format(before))
        return None

    def _subject(self, name, shape):
        subject = Subject(self, name, shape)
        self.subjects.append(subject)
        return subject

    def database(self, shape):
        """Returns the path of a database file of a World; one is kept."""
        path = os.path.join(self.dir, "%d.db" % shape.written)
        if not os.path.exists(path):
            for name in os.listdir(self.dir):
                if name.endswith(".db"):
                    os.remove(os.path.join(self.dir, name))
            swarms.write_database(path, paths.NB_SCHEMA, shape)
        return path

    def write(self):
        """Writes the files that were asked for, as far as there is
        anything."""
        if self.args.markdown:
            with open(self.args.markdown, "w") as f:
                f.write("\n".join(self.lines) + "\n")
        if self.args.raw:
            with open(self.args.raw, "w") as f:
                json.dump(self.figures, f, indent=1)
        if self.args.svg and any(f["rounds"] for f in self.figures):
            with open(self.args.svg, "w") as f:
                f.write(figures.picture(
                    self.figures, self.args.peers.split(",")))


def available():
    """Returns how much memory there is to be had, in bytes."""
    with open("/proc/meminfo") as f:
        for line in f:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0
