# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Throughput and latency from VM to VM, by Sluice's flows and by bridges of
the same two ovs-vswitchds that learn by themselves, joined by a static tunnel.

Both take turns in short blocks of one run, one first in one block, the other
in the next.  TCP is one stream.  Packets of UDP are sent at an even pace, and
what counts is the processor time that both ovs-vswitchds take for one, in
which there is less chance than in throughput: sender, receiver and both
ovs-vswitchds share the processors.  Round trips are ping's.  A ratio is the
median of those within a block."""

import json
import re
import statistics
import subprocess

from lab import Lab, process, run, wait_until

from . import plain, report, world

# What fits into an underlay of 1500; all the same within one hypervisor.
MTU = 1450
UDP_SIZE = 1400

# What is measured of a Way.
RESULTS = ("tcp", "cpu", "trips")

# Before TCP is measured, in seconds: caches and its window fill.
OMIT = 1

PINGS = 1000
ROUND_TRIP = re.compile(r" time=([0-9.]+) ms")


def add_arguments(parser):
    parser.add_argument("--blocks", type=int, default=5,
                        help="turns of each (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=3,
                        help="of TCP in a turn (default: %(default)s)")
    parser.add_argument("--udp-seconds", type=int, default=2,
                        help="of UDP in a turn (default: %(default)s)")
    parser.add_argument("--udp-rate", type=int, default=100,
                        help="Mbit/s of UDP (default: %(default)s)")
    parser.add_argument("--types", default="vxlan,geneve,local",
                        help="networks; local: within one hypervisor "
                        "(default: %(default)s)")


def main(args):
    world.build_programs()
    print("Medians of %d turns of %d s of TCP and %d s of UDP (%d bytes, %d "
          "Mbit/s); round trips:\np50 / p99 of %d pings.  %s; the VMs are "
          "on the same.\n" % (args.blocks, args.seconds, args.udp_seconds,
                             UDP_SIZE, args.udp_rate, args.blocks * PINGS,
                             report.machine()))
    table = report.Table("network", "flows", "TCP, Mbit/s", "ratio",
                         "both ovs-vswitchds' CPU for a packet, us", "ratio",
                         "round trip, ms", "ratio (p50)")
    with Lab(agents=False) as lab:
        bench = Overlay(lab, args)
        for kind in args.types.split(","):
            ways = [bench.alone(kind), bench.ours(kind)]
            for i in range(args.blocks):
                for way in ways[::-1 if i % 2 else 1]:
                    world.await_idle([d for d in lab.daemons() if d.pid])
                    way.measure(args)
            for way in ways:
                table.row(kind, way.name, *cells(way, ways[0]))
            for way in ways:
                way.close()


def cells(way, alone):
    tcp, cpu, trips = (way.results[k] for k in RESULTS)
    all_trips = sum(trips, [])
    medians = [[report.percentile(t, 50) for t in w.results["trips"]]
               for w in (way, alone)]
    return ("%.0f" % statistics.median(tcp), ratio(tcp, alone.results["tcp"]),
            "%.1f" % statistics.median(cpu), ratio(cpu, alone.results["cpu"]),
            " / ".join("%.3f" % report.percentile(all_trips, p)
                       for p in (50, 99)), ratio(*medians))


def ratio(ours, others):
    """Returns the median of the ratios within blocks."""
    return "%.2f" % statistics.median(a / b for a, b in zip(ours, others))


class Overlay:
    def __init__(self, lab, args):
        self.lab = lab
        self.underlay = lab.add_underlay()
        self.hvs = [lab.add_hypervisor(underlay=self.underlay,
                                       sluice_encap_type="vxlan,geneve")
                    for _ in range(2)]
        for hv in self.hvs:
            hv.start_agent()
            hv.wait_in_step()

    def ours(self, kind):
        """Returns a Way by Sluice."""
        vms = [self._vm(hv) for hv in self._ends(kind)]
        name = "net-" + kind
        self.lab.nb.ctl("net-add", name, "network_type=" + kind)
        ports = self.lab.nb.add_ports(name, [vm.mac for vm in vms])
        for vm, port in zip(vms, ports):
            vm.hypervisor.plug(vm.name, port)
        for vm in vms:
            vm.hypervisor.wait_status(vm.name, "up")
        return Way("sluice", self.hvs, *vms)

    def alone(self, kind):
        """Returns a Way by Open vSwitch alone."""
        vms = [self._vm(hv) for hv in self._ends(kind)]
        bridge = "br-" + kind
        if kind == "local":
            plain.add_bridge(self.hvs[0], bridge)
        else:
            plain.add_pair(self.underlay, self.hvs, bridge, kind)
        for vm in vms:
            plain.plug(vm, bridge)
        return Way("NORMAL", self.hvs, *vms)

    def _ends(self, kind):
        return self.hvs[:1] * 2 if kind == "local" else self.hvs

    def _vm(self, hv):
        number = len(self.lab.namespaces)
        vm = hv.add_vm(mac=self.lab.next_mac(), ip="10.0.0.%d/24" % number)
        vm.netns.ip("link set eth0 mtu %d" % MTU)
        return vm


class Way:
    """One VM that sends to another, and what was measured of that, a value for
    each turn: Mbit/s, us, and the round trips in ms."""

    def __init__(self, name, hypervisors, sender, receiver):
        self.name, self.sender, self.receiver = name, sender, receiver
        self.vswitchds = [hv.vswitchd for hv in hypervisors]
        self.results = {key: [] for key in RESULTS}
        wait_until(lambda: sender.ping(receiver) == 3, 30, "a ping")
        self.server = receiver.netns.popen(
            "iperf3", "--server", stdout=subprocess.DEVNULL)
        wait_until(lambda: ":5201" in receiver.run("ss", "-tlnH"),
                   what="iperf3")

    def measure(self, args):
        tcp = self._iperf(args.seconds, "--omit=%d" % OMIT)["sum_received"]
        self.results["tcp"].append(tcp["bits_per_second"] / 1e6)
        self.results["cpu"].append(self._packet_usec(args))
        self.results["trips"].append([float(t) for t in ROUND_TRIP.findall(
            self.sender.run("ping", "-n", "-i", "0.001", "-c", PINGS,
                            self.receiver.ip))])

    def _packet_usec(self, args):
        """Returns the processor time that a packet of UDP takes, in us."""
        before = sum(v.cpu_seconds() for v in self.vswitchds)
        udp = self._iperf(args.udp_seconds, "--udp", "--bitrate=%dM"
                          % args.udp_rate, "--length=%d" % UDP_SIZE)["sum"]
        used = sum(v.cpu_seconds() for v in self.vswitchds) - before
        return used / udp["packets"] * 1e6

    def close(self):
        process.kill(self.server.pid)
        self.server.wait()

    def _iperf(self, seconds, *options):
        text = run([*self.sender.netns.enter(), "iperf3", "--json",
                    "--client", self.receiver.ip, "--time", seconds,
                    *options], timeout=seconds + 30)
        return json.loads(text)["end"]
