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
up, when it is plain that they will not; what a change costs it is then measured
with a database that has the rows of a few hypervisors alone, which is in its
favour, and marked with a star."""

import json
import os
import resource
import shutil
import statistics
import tempfile
import time

from lab import paths, process

from . import chart, peers, report, swarms, world

# Hypervisors that have rows in the small database.
SMALL = 10

# After this share of the time limit it is looked at how far a first sync is.
LOOK = 0.2

# A first sync that takes longer than this, in seconds, is slow: then only a
# tenth of the agents reconnect.
SLOW = 60

# How long processes are looked at while nothing changes, in seconds.
QUIET = 3

# How long one change, or the like, may take, in seconds.
CHANGE_TIMEOUT = 120

# Memory that a port takes in an ovsdb-server, in bytes, generously; and how
# many servers there are when all peers run at once.
PORT_BYTES = 7000
SERVERS = 5

WARM_UP = 20


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
    parser.add_argument("--moves", type=int, default=9,
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
    bench.write()


class Bench:
    """All sizes, one after the other, and what comes of them."""

    def __init__(self, args):
        self.args = args
        self.dir = tempfile.mkdtemp(prefix="slufan-")
        self.figures = []
        # How many agents each peer could not serve.
        self.beaten = {}
        self.lines = []
        self._say("%s.  %d ports of each agent.  Milliseconds; processor "
                  "time: door + northbound server.\n" % (
                      report.machine(), args.ports))
        self.table = report.Table(
            "agents", "peer", "CPU per change", "of the notifier's",
            "sent to told, p50 / p99", "bytes to others",
            "first sync, s (CPU, s)", "changed condition (CPU)",
            "reconnect of all, s (CPU, s)", "memory, MB",
            copy=self.lines)

    def _say(self, text):
        print(text)
        self.lines.append(text)

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def measure(self, count):
        """Measures all peers with `count` agents, and prints their rows."""
        names = self.args.peers.split(",")
        groups = [names]
        if (count * self.args.ports * PORT_BYTES * SERVERS > available()
                and not all(n in self.beaten for n in names[:-1])):
            groups = [[n] for n in names]
        rows = []
        for group in groups:
            rows += self._measure_group(count, group)
        notifier = [r for r in rows if r["peer"] == "notifier"]
        for row in rows:
            self.table.row(*cells(row, notifier[0] if notifier else None))
        self.figures += rows
        self.write()

    def _measure_group(self, count, names):
        subjects = []
        try:
            for name in names:
                subjects.append(self._connect(name, count))
            for _ in range(self.args.rounds):
                for subject in subjects:
                    subject.round(self.args.changes // self.args.rounds,
                                  max(self.args.moves // self.args.rounds, 1))
            for subject in subjects:
                subject.finish()
            return [subject.figures for subject in subjects]
        finally:
            for subject in subjects:
                subject.stop()

    def _connect(self, name, count):
        """Returns a Subject whose agents all have their rows: if need be,
        those of a small database."""
        shape = swarms.World(count, self.args.ports, self.args.networks,
                             count)
        why = "not tried: not within %d s at %s" % (
            self.args.time_limit, "{:,}".format(self.beaten.get(name, 0)))
        if name not in self.beaten:
            subject = Subject(self, name, shape)
            if subject.first_sync():
                return subject
            subject.stop()
            self.beaten[name] = count
            why = subject.figures["first_sync"]
        subject = Subject(self, name, shape._replace(
            written=min(SMALL, count)))
        subject.first_sync()
        subject.figures.update(small=True, first_sync=why)
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
        if self.args.svg:
            with open(self.args.svg, "w") as f:
                f.write(picture(self.figures, self.args.peers.split(",")))


class Subject:
    """A peer with its swarm.  `figures` is what was measured: numbers, or
    words where there is none."""

    def __init__(self, bench, name, shape):
        self.args, self.shape = bench.args, shape
        self.figures = {"peer": name, "agents": shape.agents, "rounds": []}
        directory = os.path.join(bench.dir, "%s-%d-%d" % (
            name, shape.agents, shape.written))
        self.peer = peers.PEERS[name](directory)
        self.swarm = None
        try:
            self.peer.start(bench.database(shape))
            self.swarm = swarms.Swarm(shape, self.peer.remote,
                                      self.peer.nb_remote)
        except BaseException:
            self.stop()
            raise

    def stop(self):
        if self.swarm:
            self.swarm.close()
        self.peer.stop()

    def first_sync(self):
        """Connects all agents.  Returns false if that takes too long."""
        got = self._sync("connect", 0, self.shape.agents)
        self.figures["first_sync"] = got
        if isinstance(got, str):
            return False
        self.figures["memory"] = [d.rss_kb() for d in self.peer.daemons()]
        self.swarm.command("timeout", CHANGE_TIMEOUT)
        self.swarm.command("toggle", WARM_UP, 0, self.shape.written)
        self.figures["quiet"] = self._quiet()
        return True

    def _sync(self, command, first, end):
        """Returns a dict of seconds, processor times, and how many were
        found; or words, if it takes too long."""
        limit = self.args.time_limit
        before = self.peer.cpu()
        self.swarm.command("timeout", max(int(limit * LOOK), 1))
        result = self.swarm.command(command, first, end)
        seconds = result["seconds"]
        if result["timed_out"]:
            # At this pace it would take more than twice the time.
            if result["synced"] < (end - first) * LOOK / 2:
                return "not within %d s (%s of %s after %d s)" % (
                    limit, "{:,}".format(result["synced"]),
                    "{:,}".format(end - first), limit * LOOK)
            self.swarm.command("timeout", int(limit * (1 - LOOK)))
            result = self.swarm.command("connect", first, end)
            seconds = limit * LOOK + result["seconds"]
        if result["timed_out"]:
            return "not within %d s" % limit
        world.await_idle(self.peer.daemons())
        return {"seconds": seconds, "found": result["found"],
                "bytes": result["bytes"],
                "cpu": subtract(self.peer.cpu(), before)}

    def _quiet(self):
        """Returns the share of a processor that quiet agents cost."""
        world.await_idle(self.peer.daemons())
        before = self.peer.cpu()
        time.sleep(QUIET)
        return [c / QUIET for c in subtract(self.peer.cpu(), before)]

    def round(self, changes, moves):
        """Does one round of changes and of changed conditions."""
        toggle, toggle_cpu = self._cost("toggle", changes, 0,
                                        self.shape.written)
        settle = self.swarm.command("settle")
        move, move_cpu = self._cost("move", moves)
        self.figures["rounds"].append({
            "cpu": [c / changes for c in toggle_cpu],
            "sent_us": toggle["sent_us"], "replied_us": toggle["replied_us"],
            "bytes_to_others": settle["bytes_to_others"],
            "move_us": move["move_us"],
            "move_cpu": [c / moves for c in move_cpu]})

    def _cost(self, *command):
        """Runs a command; returns its result and the processor time it has
        cost beyond what quiet agents cost."""
        world.await_idle(self.peer.daemons())
        before, begun = self.peer.cpu(), time.monotonic()
        result = self.swarm.command(*command)
        world.await_idle(self.peer.daemons())
        spent = subtract(self.peer.cpu(), before)
        seconds = time.monotonic() - begun
        return result, [max(c - q * seconds, 0) for c, q in zip(
            spent, self.figures["quiet"])]

    def finish(self):
        """Has all agents reconnect, and checks what they know."""
        if not self.figures.get("small"):
            slow = self.figures["first_sync"]["seconds"] > SLOW
            some = self.shape.agents // 10 if slow else self.shape.agents
            got = self._sync("resync", 0, some)
            if slow and not isinstance(got, str):
                got["agents"] = some
            self.figures["reconnect"] = got
            if isinstance(got, str):
                return
        self.swarm.command("timeout", CHANGE_TIMEOUT)
        result = self.swarm.command("verify")
        if result["wrong"] or result["skipped"]:
            raise swarms.SwarmError("%s: %s" % (self.peer.name, result))


def subtract(after, before):
    return [a - b for a, b in zip(after, before)]


def available():
    """Returns how much memory there is to be had, in bytes."""
    with open("/proc/meminfo") as f:
        for line in f:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


def median_cpu(figures, key="cpu"):
    """Returns the median over the rounds of the door's processor time and of
    the northbound server's, in seconds."""
    return [statistics.median(r[key][i] for r in figures["rounds"])
            for i in range(2)]


def pooled(figures, key):
    return [v for r in figures["rounds"] for v in r[key]]


# How figures are written.

def plus(pair, form):
    """Writes the door's figure and, if that is another process, the
    northbound server's."""
    return " + ".join(form % v for i, v in enumerate(pair) if v or not i)


def cells(figures, notifier):
    cpu = median_cpu(figures)
    star = "*" if figures.get("small") else ""
    moves = pooled(figures, "move_us")
    condition = "" if star else "%s (%s)" % (
        report.milliseconds(statistics.median(moves)),
        plus([c * 1e3 for c in median_cpu(figures, "move_cpu")], "%.2f"))
    return ("{:,}".format(figures["agents"]), figures["peer"],
            plus([c * 1e3 for c in cpu], "%.3f") + star,
            ratio(cpu, notifier), latency(figures) + star,
            sum(pooled_bytes(figures)), sync(figures["first_sync"]),
            condition, sync(figures.get("reconnect", "")),
            "" if star else plus(
                [kb / 1024 for kb in reversed(figures["memory"])], "%.0f"))


def ratio(cpu, notifier):
    """Writes how many times the notifier's processor time this is: the
    door's alone, and of both processes."""
    if not notifier:
        return ""
    base = median_cpu(notifier)
    return "%.1f (%.1f)" % (cpu[0] / base[0], sum(cpu) / sum(base))


def latency(figures):
    sent = pooled(figures, "sent_us")
    return " / ".join(report.milliseconds(report.percentile(sent, p))
                      for p in (50, 99))


def pooled_bytes(figures):
    return [r["bytes_to_others"] for r in figures["rounds"]]


def sync(got):
    """Writes a first sync or a reconnect."""
    if isinstance(got, str):
        return got
    some = ", {:,} of them".format(got["agents"]) if "agents" in got else ""
    return "%.1f (%s)%s" % (got["seconds"], plus(got["cpu"], "%.1f"), some)


def picture(figures, names):
    lines = []
    for name in names:
        lines.append((peers.PEERS[name].name, [
            (f["agents"], max(median_cpu(f)[0] * 1e3, 1e-4),
             bool(f.get("small")))
            for f in figures if f["peer"] == name]))
    hollow = any(p[2] for _, line in lines for p in line)
    return chart.draw(
        "Processor time of the process that agents are connected to",
        "agents connected" + (", hollow: with rows of %d of them" % SMALL
                              if hollow else ""),
        "ms per change that concerns one agent", lines)
