# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The Networking API of a notifier, beside the same change by a bare OVSDB
transaction on the same database in the same run.

Time is from sending a request to the last byte of its reply.  Floor and API
take turns in blocks, so that whatever else the machine does hits both; the
notifier follows the database all the while, and writes its journal for the
floor's changes as for its own.  Its processor time is all that it takes for a
change, also after the reply.  The floor of a read is a "select" of the same
rows, without what is joined to them."""

import glob
import itertools
import os
import statistics
import time

from lab import Lab

from . import apiworld, report, world
from .loads import Load, Loader

# Requests of one subject before it is the other's turn.
BLOCK = 100

# What "at the beginning" and "at the end" mean of ports created.
CREATE_BLOCK = 1000


def add_arguments(parser):
    parser.add_argument("--sizes", default="100,10000",
                        help="ports in the northbound database, ascending "
                        "(default: %(default)s)")
    parser.add_argument("--creates", type=int, default=10000,
                        help="ports to create at each size, and to list "
                        "(default: %(default)s)")
    parser.add_argument("--connections", type=int, default=8,
                        help="connections that create and get ports, and "
                        "transactions under way (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=1000,
                        help="gets and toggles at each size (default: "
                        "%(default)s)")
    parser.add_argument("--lists", type=int, default=20,
                        help="lists at each size (default: %(default)s)")
    parser.add_argument("--starts", type=int, default=3,
                        help="starts of each kind at each size (default: "
                        "%(default)s)")


def main(args):
    world.build_programs()
    sizes = [int(s) for s in args.sizes.split(",")]
    results = []
    with Lab(agents=False) as lab:
        tenants = apiworld.Tenants(lab.nb)
        notifier = lab.add_notifier(start=False)
        print("%s.  Milliseconds; p50 / p99; CPU is of notifier + "
              "ovsdb-server.\n" % report.machine())
        table = report.Table(
            "ports", "request", "connections", "per second", "time",
            "CPU per request", "floor per second", "floor's time",
            "floor's CPU", "added to p50")
        for size in sizes:
            tenants.grow(size)
            bench = Api(args, lab, tenants, notifier)
            results.append((size, bench.starts()))
            bench.requests(table, "{:,}".format(size))
            results[-1] += (bench.created,)
            notifier.stop()
    print_created(args, results)
    print_starts(results)


def print_created(args, results):
    print("\nSeconds for each %d of %d single POSTs in turn.\n" % (
        CREATE_BLOCK, args.creates))
    table = report.Table("ports at the beginning", "first", "median", "last",
                         "last / first", "floor: first", "last")
    for size, _, (api, floor) in results:
        blocks = api.block_seconds(CREATE_BLOCK)
        bare = floor.block_seconds(CREATE_BLOCK)
        table.row("{:,}".format(size), *("%.2f" % s for s in (
            blocks[0], statistics.median(blocks), blocks[-1],
            blocks[-1] / blocks[0], bare[0], bare[-1])))


def print_starts(results):
    print("\nFrom the start of the notifier until /readyz says yes, medians."
          "\n")
    table = report.Table("ports", "journal", "seconds", "of which CPU",
                         "memory (own)")
    for size, starts, _ in results:
        for journal, rounds in starts.items():
            seconds, cpu, memory = zip(*rounds)
            table.row("{:,}".format(size), journal,
                      "%.2f" % statistics.median(seconds),
                      "%.2f" % statistics.median(cpu),
                      report.memory(sorted(memory)[len(memory) // 2]))


class Api:
    """One size's measurements.  The notifier runs from starts() on."""

    def __init__(self, args, lab, tenants, notifier):
        self.args, self.lab, self.tenants = args, lab, tenants
        self.notifier = notifier
        self.loader = Loader(lab, notifier)
        self.created = None
        self.revisions = itertools.count(1000000)

    def starts(self):
        """Starts the notifier without a journal, and where it has been.
        Returns, for each, tuples of seconds, CPU and memory."""
        rounds = {"empty": [], "as it left it": []}
        for journal, samples in rounds.items():
            for _ in range(self.args.starts):
                self.notifier.stop()
                if journal == "empty":
                    self._remove_journal()
                world.await_idle([self.lab.nb.daemon])
                samples.append(self._start())
        return rounds

    def _remove_journal(self):
        for path in glob.glob(self.notifier.journal + "*"):
            os.remove(path)

    def _start(self):
        begun = time.monotonic()
        self.notifier.start(ready=False)
        self.notifier.wait_ready(timeout=300)
        seconds = time.monotonic() - begun
        world.await_idle([self.notifier, self.lab.nb.daemon])
        return (seconds, self.notifier.cpu_seconds(),
                world.memory(self.notifier))

    def requests(self, table, size):
        """Measures every kind of request and writes its row."""
        n = self.args.connections
        ports = self._some_ports()
        for name, connections, measure in (
                ("get", 1, lambda n: self._turns(self._gets(ports), n)),
                ("get", n, lambda n: self._turns(self._gets(ports), n)),
                ("toggle", 1, lambda n: self._turns(self._toggles(ports), n)),
                ("toggle", n, lambda n: self._turns(self._toggles(ports), n)),
                ("create", n, self._create),
                ("list of {:,}".format(self.args.creates), 1, self._list)):
            api, floor = measure(connections)
            table.row(size, name, connections, "%.0f" % api.rate(),
                      api.times(), api.cpu(), "%.0f" % floor.rate(),
                      floor.times(), floor.cpu(), report.milliseconds(
                          api.percentile(50) - floor.percentile(50)))

    def _some_ports(self):
        """Returns as many ports as there are requests, or all."""
        step = max(len(self.tenants.ports) // self.args.requests, 1)
        return self.tenants.ports[::step][:self.args.requests]

    def _turns(self, lines, n):
        """Has the API's lines and the floor's measured in turn, by blocks;
        returns the Load of each."""
        loads = Load(), Load()
        for i in range(0, len(lines[0]), BLOCK):
            for load, run, mine in zip(
                    loads, (self.loader.http, self.loader.ovsdb), lines):
                load += run(mine[i:i + BLOCK], n)
        return loads

    def _gets(self, ports):
        ports = list(itertools.islice(itertools.cycle(ports),
                                      self.args.requests))
        return ([apiworld.http_get(p) for p in ports],
                [apiworld.ovsdb_get(p) for p in ports])

    def _toggles(self, ports):
        """All down, all up again; each has ports of its own."""
        api, floor = [], []
        for up in itertools.cycle((False, True)):
            api += [apiworld.http_toggle(p, up) for p in ports[::2]]
            floor += [apiworld.ovsdb_toggle(p, up, next(self.revisions))
                      for p in ports[1::2]]
            if len(api) >= self.args.requests:
                return (api[:self.args.requests],
                        floor[:self.args.requests])

    def _create(self, n):
        """Each alone, to see how it goes on; each finds the database as the
        other did."""
        net = self.tenants.add_network(prefix_length=16)
        lines = [apiworld.transaction(*self.tenants.port(net)[1])
                 for _ in range(self.args.creates)]
        floor = self.loader.ovsdb(lines, n)
        self.tenants.remove_ports(net)
        self.net = self.tenants.add_network(prefix_length=16)
        api = self.loader.http(
            [apiworld.http_create(self.net)] * self.args.creates, n)
        self.created = api, floor
        return api, floor

    def _list(self, _n):
        """Of the ports just created, which are then removed."""
        loads = (
            self.loader.http([apiworld.http_list(self.net)]
                             * self.args.lists),
            self.loader.ovsdb([apiworld.ovsdb_list(self.net)]
                              * self.args.lists))
        self.tenants.remove_ports(self.net)
        world.await_idle([self.notifier, self.lab.nb.daemon])
        return loads
