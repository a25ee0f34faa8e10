# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""How long it takes from plugging a VM until it is reached from another
hypervisor.

The clock starts when the transaction is sent that adds the VM's port to the
hypervisor's Open_vSwitch database.  A VM on the other hypervisor has been
pinging it once a millisecond, without ARP; the clock stops when the first
answer is there, by the kernel's time stamp.  A real ping, from the VM that is
plugged and with ARP, runs beside.  "known": the network has another port on
that hypervisor.  "new": it has none.  "announced": nor that, but the port's
host is set.  The network's other hypervisor has a port of it in each case.

The alternative takes turns with it: bridges of the same two ovs-vswitchds that
learn by themselves, with a static tunnel or VLAN.  What they need,
ovs-vswitchd needs.

Stages are by the same clock, medians: ovs-vswitchd has the interface, the last
flow is in the switch here, the Port_Location is in the northbound database,
the last flow is in the switch of the other hypervisor."""

import os
import time

from lab import Lab, wait_until
from lab.agentsdoor import AgentsDoor
from lab.ovsdb import OvsdbClient, Watcher

from . import echoes, observe, plain, report, world

# Plugs that a subject has before it is the next one's turn.
BLOCK = 10

# A plug that has no effect in this time, in seconds, never will.
TIMEOUT = 30

# Pings that nobody answers before a VM is plugged.
UNANSWERED = 20

# When no flow has changed for so long, in ms, none will.
QUIET_MSEC = 40

SOURCE = "10.0.0.9"
TAG = 4000
MGMT = "172.31.0.1"


def add_arguments(parser):
    parser.add_argument("--plugs", type=int, default=50,
                        help="plugs of each kind (default: %(default)s)")
    parser.add_argument("--ports", type=int, default=100000,
                        help="ports in the database, in the last section "
                        "(default: %(default)s)")


def main(args):
    world.build_programs()
    print("Milliseconds from the transaction that plugs a VM to the first "
          "ping answered,\np50 / p90 / p99 of %d plugs.  %s.\n" % (
              args.plugs, report.machine()))
    table = report.Table(
        "agents at", "ports in the database", "network", "first ping",
        "of which Open vSwitch alone (p50)", "a real ping's first",
        "interface", "flows here", "location", "flows there")
    with Lab(agents=False) as lab:
        bench = Plug(lab, args, table)
        bench.section("ovsdb-server", bench.overlays + bench.vlans)
        bench.use_notifier()
        bench.section("notifier", bench.overlays)
        bench.grow(args.ports)
        bench.section("notifier", bench.overlays)
        bench.use_server()
        bench.section("ovsdb-server", bench.overlays)
        bench.watch.close()


class Plug:
    """Two hypervisors; VMs are plugged into hv1, and ping from hv2."""

    def __init__(self, lab, args, table):
        self.lab, self.args, self.table = lab, args, table
        underlay, wire = lab.add_underlay(), lab.add_wire()
        self.hvs = [lab.add_hypervisor(
            underlay=underlay, sluice_bridge_mappings="physnet:br-phys")
            for _ in range(2)]
        for hv in self.hvs:
            hv.add_physical(wire)
            hv.start_agent()
            hv.wait_in_step()
        plain.add_pair(underlay, self.hvs, "br-plain", "vxlan")
        self.intent = world.Intent(lab.nb)
        self.watch = Watch(lab, self.hvs)
        self.overlays = [Alone(self, "vxlan", "br-plain")] + [
            Ours(self, "vxlan", how) for how in ("known", "new", "announced")]
        self.vlans = [Alone(self, "vlan", "br-phys", TAG)] + [
            Ours(self, "vlan", how) for how in ("known", "new")]

    def grow(self, n_ports):
        self.intent.grow(n_ports)

    def use_notifier(self):
        door = AgentsDoor(self.lab.mgmt, self.lab.nb, MGMT,
                          os.path.join(self.lab.dir, "door"))
        door.start()
        self.lab.door = door
        self._use(door.remote)

    def use_server(self):
        self._use(self.lab.nb.remote)

    def _use(self, remote):
        for hv in self.hvs:
            hv.configure(sluice_remote=remote)
            wait_until(lambda: remote in hv.agent.appctl("status"),
                       what="%s to use %s" % (hv.name, remote))
            hv.wait_in_step()

    def section(self, where, subjects):
        """Measures `subjects` and prints their rows."""
        for subject in subjects:
            subject.samples = []
        world.await_idle([d for d in self.lab.daemons() if d.pid])
        for done in range(0, self.args.plugs, BLOCK):
            for subject in subjects:
                for _ in range(min(BLOCK, self.args.plugs - done)):
                    subject.samples.append(subject.plug())
        for subject in subjects:
            alone = next(s for s in subjects if s.kind == subject.kind)
            self.table.row(where, "{:,}".format(self.intent.n_ports),
                           subject.name,
                           *cells(subject.samples, alone.samples))


def cells(samples, alone):
    times = list(zip(*samples))
    return ([report.percentiles(times[0]),
             "%.0f%%" % (100 * report.percentile(next(zip(*alone)), 50)
                         / report.percentile(times[0], 50)),
             report.percentiles(times[1])]
            + [stage_median(stage) for stage in times[2:]])


def stage_median(times):
    """Returns the median of those where the stage was seen before the VM was
    unplugged; nothing if that was seldom so."""
    seen = [t for t in times if t is not None]
    return (report.milliseconds(report.percentile(seen, 50))
            if len(seen) > len(times) / 2 else "")


class Watch:
    """What happens meanwhile.  Times are CLOCK_MONOTONIC in us."""

    def __init__(self, lab, hvs):
        self.flows = [observe.Flows(hv, hv.bridge) for hv in hvs]
        self.interfaces = Watcher(hvs[0].db, "Open_vSwitch",
                                  {"Interface": ["name", "ofport"]})
        self.locations = lab.nb.watch({"Port_Location": ["port", "host"]})

    def close(self):
        for flows in self.flows:
            flows.close()
        self.interfaces.close()
        self.locations.close()

    def wait_quiet(self):
        """Waits until flows are settled."""
        def quiet():
            changes = [f.changes for f in self.flows]
            last = max((c[-1][0] for c in changes if c), default=0)
            return time.monotonic() * 1000 - last > QUIET_MSEC
        wait_until(quiet, TIMEOUT, "the flows to be settled")

    def forget(self):
        """What comes from now on is looked at."""
        self.seen = [len(f.changes) for f in self.flows]
        del self.interfaces.times[:], self.locations.times[:]

    def stages(self, vif):
        """Returns when each stage was reached; None: it was not."""
        here, there = (f.changes[seen:] for f, seen in zip(self.flows,
                                                           self.seen))
        return (first(self.interfaces, "Interface", lambda row:
                      row["name"] == vif and isinstance(row["ofport"], int)),
                here[-1][0] * 1000 if here else None,
                first(self.locations, "Port_Location", bool),
                there[-1][0] * 1000 if there else None)


def first(watcher, table, condition):
    """Returns when a row that fulfils `condition` was first announced."""
    for when, update in watcher.times:
        for change in update.get(table, {}).values():
            if "new" in change and condition(change["new"]):
                return when / 1000
    return None


class Subject:
    """Two VMs: `pinger` is there, `vm` is plugged, and unplugged again."""

    def __init__(self, bench, kind, bridge, tag=None):
        self.bench, self.kind, self.bridge, self.tag = (bench, kind, bridge,
                                                        tag)
        self.samples = []
        here, there = bench.hvs
        self.vm = here.add_vm(mac=bench.lab.next_mac(), ip="10.0.0.1/24")
        self.pinger = there.add_vm(mac=bench.lab.next_mac(),
                                   ip="10.0.0.2/24")
        self.client = OvsdbClient(here.db, "Open_vSwitch")
        echoes.ask_often(self.vm)

    def plug(self):
        """Plugs the VM and unplugs it; returns how long it took, all in us:
        to the first answer, to that of a real ping, and the stages."""
        iface_id = self.prepare()
        echoes.know_neighbour(self.vm, SOURCE, self.pinger.mac)
        self.bench.watch.wait_quiet()
        pings = [echoes.Echoes(self.pinger, self.vm, SOURCE, 1),
                 echoes.Ping(self.vm, self.pinger)]
        wait_until(lambda: pings[0].sent > UNANSWERED, what="pings")
        self.bench.watch.forget()
        started = time.monotonic_ns()
        self._add_port(iface_id)
        times = [p.wait(TIMEOUT) / 1000 for p in pings]
        for ping in pings:
            ping.close()
        self.bench.watch.wait_quiet()
        times += self.bench.watch.stages(self.vm.name)
        self.vm.hypervisor.vsctl("del-port", self.bridge, self.vm.name)
        self.await_gone(iface_id)
        return [t and t - started / 1000 for t in times]

    def _add_port(self, iface_id):
        interface = {"name": self.vm.name}
        port = {"name": self.vm.name, "interfaces": ["named-uuid", "i"]}
        if iface_id:
            interface["external_ids"] = ["map", [["iface-id", iface_id]]]
        if self.tag:
            port["tag"] = self.tag
        self.client.transact(
            {"op": "insert", "table": "Interface", "row": interface,
             "uuid-name": "i"},
            {"op": "insert", "table": "Port", "row": port, "uuid-name": "p"},
            {"op": "mutate", "table": "Bridge",
             "where": [["name", "==", self.bridge]],
             "mutations": [["ports", "insert",
                            ["set", [["named-uuid", "p"]]]]]})


class Alone(Subject):
    """Open vSwitch alone."""

    def __init__(self, bench, kind, bridge, tag=None):
        super().__init__(bench, kind, bridge, tag)
        self.name = "%s, Open vSwitch alone" % kind
        plain.plug(self.pinger, bridge, tag)

    def prepare(self):
        return None

    def await_gone(self, _):
        pass


class Ours(Subject):
    """A port of a network.  Its VM is another one each time, but for its
    namespace."""

    def __init__(self, bench, kind, how):
        here, there = bench.hvs
        super().__init__(bench, kind, here.bridge)
        self.nb, self.how = bench.lab.nb, how
        self.name = "%s, %s" % (kind, how)
        self.network = "%s-%s" % (kind, how)
        self.nb.ctl("net-add", self.network, "network_type=" + kind,
                    *(["physical_network=physnet", "segmentation_id=%d" % (
                        100 + len(bench.lab.namespaces))]
                      if kind == "vlan" else []))
        stay, = self.nb.add_ports(self.network, [self.pinger.mac])
        there.plug(self.pinger.name, stay)
        there.wait_status(self.pinger.name, "up")
        if how == "known":
            here.add_cheap_vifs(self.nb.add_ports(
                self.network, [bench.lab.next_mac()]))

    def prepare(self):
        """Declares a port, and returns its UUID."""
        self.vm.mac = self.bench.lab.next_mac()
        self.vm.netns.ip("link set eth0 address " + self.vm.mac)
        port, = self.nb.add_ports(self.network, [self.vm.mac])
        if self.how == "announced":
            self.nb.ctl("set", "Port", port, "host=hv1")
        return port

    def await_gone(self, port):
        self.nb.ctl("destroy", "Port", port)
        here = ["host", "==", self.vm.hypervisor.name]
        network = ["network", "==", ["uuid", self.nb.uuid("Network",
                                                          self.network)]]
        conditions = {t: ["port", "==", ["uuid", port]] for t in (
            "Port_Location", "Port_Binding")}
        if self.how != "known":
            conditions.update({t: network for t in ("Network_Location",
                                                    "Network_Binding")})
        wait_until(lambda: not any(
            self.nb.rows(t, where=[here, c])
            for t, c in conditions.items()), TIMEOUT, "the port to go")
