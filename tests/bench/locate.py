# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Where a MAC lives: told by the database, or learned by the switch?

Two real hypervisors with as many networks, each with ports here and on
simulated hypervisors.  One is told where those are (Port_Location), the other
has ports behind which any address may be, and its switch learns: see
located.py.  All else is the same, and they take turns.

Then one network on more and more hypervisors: what an agent receives and its
switch is sent when one more joins, and what a flood costs.

Simulated hypervisors send and receive real packets, all from one device on the
underlay."""

import collections
import re
import time

from lab import Lab

from . import fleet, report, world
from .frames import BROADCAST, ethernet
from .located import Side

MODES = ("told", "learned")

# Broadcasts are sent so long after each other, in seconds.
FLOOD_PERIOD = 0.05

# How often ports move to and fro.
BACK_AND_FORTH = 3

# Frames to a MAC that has moved without a word.
SILENT_FRAMES = 100
SILENT_PERIOD = 0.05

ETHERTYPE = 0x88b5


def add_arguments(parser):
    parser.add_argument("--hypervisors", type=int, default=1000,
                        help="simulated ones (default: %(default)s)")
    parser.add_argument("--networks", type=int, default=10,
                        help="networks here (default: %(default)s)")
    parser.add_argument("--ports", type=int, default=100,
                        help="ports of each (default: %(default)s)")
    parser.add_argument("--local", type=int, default=10,
                        help="of which are here (default: %(default)s)")
    parser.add_argument("--changes", type=int, default=50,
                        help="plugs, and moves (default: %(default)s)")
    parser.add_argument("--sizes", default="10,100,1000",
                        help="hypervisors of the one network, ascending "
                        "(default: %(default)s)")
    parser.add_argument("--joins", type=int, default=20,
                        help="joins at each size, and broadcasts "
                        "(default: %(default)s)")


def main(args):
    world.build_programs()
    print("%d networks of %d ports, %d of them here, the others on %d "
          "hypervisors.\nTimes in ms, p50 / p90 / p99 of %d.  %s.\n" % (
              args.networks, args.ports, args.local, args.hypervisors,
              args.changes, report.machine()))
    with Lab(agents=False) as lab:
        underlay = lab.add_underlay()
        others = fleet.Fleet(lab, underlay)
        sides = [Side(lab, underlay, others, mode) for mode in MODES]
        for side in sides:
            side.bench = Locate(side, args)
        compare(sides)
        grow(sides, args)
        for side in sides:
            side.unwatch()


def compare(sides):
    """Prints what either way measured, a figure in a row."""
    table = report.Table("", *(side.mode for side in sides))
    for function in (Locate.start, Locate.talk, Locate.plug, Locate.move,
                     Locate.move_back, Locate.move_silently):
        columns = [function(side.bench) for side in sides]
        for name in columns[0]:
            table.row(name, *(column[name] for column in columns))
    print()


class Locate:
    """What is measured of a Side.  Each function returns a dict from the names
    of figures to them."""

    def __init__(self, side, args):
        self.side, self.args = side, args
        self.nets, self.moved = [], []

    def start(self):
        side, args = self.side, self.args
        there = args.ports - args.local
        for i in range(args.networks):
            self.nets.append(side.add_network(args.local, [
                (i * there + j) % args.hypervisors for j in range(there)]))
        side.idle()
        seconds = side.start()
        side.idle()
        side.watch()
        return {"until all ports are up, s": "%.1f" % seconds,
                "bytes from the database at the start":
                "{:,}".format(side.bytes()),
                "flows at the start": len(side.dump())}

    def talk(self):
        """Has each network's VM ask for the address of all remote ports."""
        side = self.side
        side.fleet.forget()
        before, began = side.hv.vswitchd.cpu_seconds(), time.monotonic()
        packets = sum(side.ask(net, remote) for net in self.nets
                      for remote in net.remotes)
        took = time.monotonic() - began
        cpu = side.hv.vswitchd.cpu_seconds() - before
        asked = sum(len(net.remotes) for net in self.nets)
        side.settle()
        return {"addresses asked for by ARP, one VM a network":
                "{:,}".format(asked),
                "packets in tunnels for that": "{:,}".format(packets),
                "ovs-vswitchd's CPU for that, s (of s)":
                "%.2f (%.1f)" % (cpu, took),
                "flows learned": len(side.dump("table=32")),
                "flows then": len(side.dump())}

    def plug(self):
        """Ports appear on hypervisors where the network has one already."""
        side, n = self.side, self.args.changes
        before, times, changes = side.bytes(), [], 0
        for net, number in self._places(n):
            if side.learns:
                side.plug(net, number)
                first, last, k = side.after(
                    lambda: side.announce(net, net.remotes[-1]))
            else:
                row = side.plug(net, number)
                first, last, k = side.after(lambda: side.fleet.transact(row))
            times.append(last)
            changes += k
        side.idle()
        return {"remote plug: until its flow": percentiles(times),
                "remote plug: bytes from the database":
                "%.0f" % ((side.bytes() - before) / n),
                "remote plug: changes of flows": "%.1f" % (changes / n)}

    def _places(self, n):
        for i in range(n):
            net = self.nets[i % len(self.nets)]
            yield net, net.remotes[i // len(self.nets)].number

    def move(self):
        """Ports move to another hypervisor that has ports of the network."""
        side, n = self.side, self.args.changes
        before, times, changes = side.bytes(), [], 0
        for i in range(n):
            net = self.nets[i % len(self.nets)]
            remote, other = (net.remotes[i // len(self.nets) + k]
                             for k in (0, self.args.changes))
            self.moved = self.moved[1 - len(self.nets):] + [
                (net, remote, remote.number)]
            _, last, k = self._move(net, remote, other.number)
            times.append(last)
            changes += k
        side.idle()
        return {"move, announced: until the flow is right":
                percentiles(times),
                "move: bytes from the database":
                "%.0f" % ((side.bytes() - before) / n),
                "move: changes of flows": "%.1f" % (changes / n)}

    def _move(self, net, remote, number):
        """Moves a remote port, and returns what Side.after() does."""
        side = self.side
        old, remote.number = remote.number, number
        if side.learns:
            return side.after(lambda: side.announce(net, remote))
        remote.claim += 1
        result = side.after(lambda: side.fleet.transact([fleet.port_row(
            remote.uuid, net.uuid, number, remote.mac, remote.ip,
            remote.claim)]))
        side.fleet.transact([fleet.delete("Port_Location", "port",
                                          remote.uuid, old)])
        return result

    def move_back(self):
        """The last ones that moved go to and fro, while all that was cached
        of them still is."""
        times = []
        for _ in range(BACK_AND_FORTH):
            for i, (net, remote, number) in enumerate(self.moved):
                self.moved[i] = net, remote, remote.number
                times.append(self._move(net, remote, number)[1])
        return {"move to and fro: until the flow is right":
                percentiles(times)}

    def move_silently(self):
        """A port moves and nobody says so (but the database, where there is
        one that is asked); the VM goes on sending to it."""
        side, net = self.side, self.nets[0]
        remote = net.remotes[1]
        self._move(net, remote, remote.number + 1)
        if side.learns:
            remote.number += 1
        else:
            self._move(net, remote, remote.number + 1)
        side.fleet.forget()
        frame = ethernet(remote.mac, net.vm.mac, ETHERTYPE, b"")
        places = collections.Counter()
        for _ in range(SILENT_FRAMES):
            net.socket.send(frame)
            time.sleep(SILENT_PERIOD)
            places.update(self._places_of_packets())
        right = places[fleet.address(remote.number)]
        name = "move that nobody announces: of %d frames in %d s" % (
            SILENT_FRAMES, SILENT_FRAMES * SILENT_PERIOD)
        return {name: "%d right, %d wrong" % (
                    right, sum(places.values()) - right),
                "what was learned of it is then forgotten in, s, "
                "if nobody sends to it": self._seconds_left(remote)}

    def _places_of_packets(self):
        """Yields the addresses that packets have come to."""
        packet = self.side.fleet.receive()
        while packet:
            if packet[0]:
                yield packet[0]
            packet = self.side.fleet.receive()

    def _seconds_left(self, remote):
        """Returns how long it takes until what was learned of a port is
        forgotten, if nobody sends to it."""
        for flow in self.side.dump("table=32,dl_dst=" + remote.mac):
            timeout, = re.findall(r"idle_timeout=(\d+)", flow)
            age = re.findall(r"idle_age=(\d+)", flow)
            return int(timeout) - (int(age[0]) if age else 0)
        return ""


def percentiles(times):
    return report.percentiles([t * 1000 for t in times])


# Growth.

def grow(sides, args):
    print("One network, a port here and one on each other hypervisor: when "
          "one joins (means of %d),\nand what a broadcast of the VM's costs."
          "\n" % args.joins)
    table = report.Table(
        "hypervisors", "way", "bytes from the database", "changes of flows",
        "flow_mods", "agent's CPU, ms", "ovs-vswitchd's",
        "until the last flow, ms",
        "packets of a broadcast", "ovs-vswitchd's CPU for it, ms",
        "agent's")
    nets = [side.add_network(1, []) for side in sides]
    number = 0
    for size in map(int, args.sizes.split(",")):
        for side, net in zip(sides, nets):
            side.fleet.transact(side.join(net, range(number, size)))
        for side, net in zip(sides, nets):
            side.idle()
            table.row("{:,}".format(size), side.mode,
                      *join(side, net, size, args.joins),
                      *flood(side, net, args.joins))
        number = size


def join(side, net, size, n):
    """Has `n` more hypervisors join a network, one after the other, and leave
    again; returns figures of the joins."""
    side.settle()
    bytes_ = side.bytes()
    mods = side.hv.agent.coverage()["agent_flow_mod"]
    daemons = side.hv.agent, side.hv.vswitchd
    before = [d.cpu_seconds() for d in daemons]
    times, changes = [], 0
    for i in range(n):
        operations = side.join(net, [size + i])
        _, last, k = side.after(lambda: side.fleet.transact(operations))
        times.append(last)
        changes += k
    cpu = [d.cpu_seconds() - b for d, b in zip(daemons, before)]
    bytes_ = side.bytes() - bytes_
    mods = side.hv.agent.coverage()["agent_flow_mod"] - mods
    side.fleet.transact(side.leave(net, range(size, size + n)))
    side.settle()
    return ("%.0f" % (bytes_ / n), "%.1f" % (changes / n), "%.1f" % (mods / n),
            *("%.2f" % (c / n * 1000) for c in cpu), percentiles(times))


def flood(side, net, n):
    """Has the VM send `n` broadcasts; returns how many packets came of one,
    and the processor time for one, of ovs-vswitchd and of the agent."""
    frame = ethernet(BROADCAST, net.vm.mac, ETHERTYPE, b"")
    daemons = side.hv.vswitchd, side.hv.agent
    used, packets = [], side.fleet.n_received()
    for send in (lambda: None, lambda: net.socket.send(frame)):
        side.idle()
        before = [d.cpu_seconds() for d in daemons]
        for _ in range(n):
            send()
            time.sleep(FLOOD_PERIOD)
        side.idle()
        used.append([d.cpu_seconds() - b for d, b in zip(daemons, before)])
    packets = side.fleet.n_received() - packets
    return ("{:,.1f}".format(packets / n),
            *("%.2f" % ((sent - quiet) / n * 1000)
              for quiet, sent in zip(*used)))
