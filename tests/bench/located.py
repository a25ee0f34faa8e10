# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A hypervisor whose networks extend to many simulated ones; by one of two
ways it comes to know where their ports are.

"told": every port has a Port_Location.  "learned": there are none; the ports
here and those there are such behind which any address may be, so that the
switch learns where frames come from, and floods what it does not know.  How
far a network extends is told either way."""

import select
import time
import uuid

from lab import wait_until

from . import fleet, observe, world
from .frames import ARP_REPLY, ARP_REQUEST, arp, mac
from .stamped import PACKET_OUTGOING

# What is waited for comes within this time, in seconds.
TIMEOUT = 60

# When no flow has changed for so long, none will.
QUIET_SECONDS = 0.03

NOBODY = "00:00:00:00:00:00"


class Remote:
    """A port of a network that simulated hypervisor `number` has."""

    def __init__(self, number, index):
        self.uuid, self.number, self.claim = str(uuid.uuid4()), number, 0
        self.mac = world.mac(0x100000 + index)
        self.ip = "10.0.%d.%d" % (100 + index // 250 % 100, index % 250 + 1)


class Net:
    """A network with one real VM here, `vm`, and `remotes`."""

    def __init__(self, name, network, vni, vm):
        self.name, self.uuid, self.vni, self.vm = name, network, vni, vm
        self.socket = vm.packet_socket()
        self.socket.setblocking(False)
        self.remotes = []

    def ask(self, remote):
        """Sends an ARP request from the VM."""
        self.socket.send(arp(ARP_REQUEST, self.vm.mac, self.vm.ip,
                             NOBODY, remote.ip))

    def has_answer(self, remote):
        """Has the VM been told `remote`'s address, since the last call?"""
        found = False
        while select.select([self.socket], [], [], 0)[0]:
            data, address = self.socket.recvfrom(128)
            found |= (address[2] != PACKET_OUTGOING
                      and data[22:28] == mac(remote.mac))
        return found


class Side:
    """A hypervisor, its networks and `mode`, "told" or "learned"."""

    def __init__(self, lab, underlay, others, mode):
        self.lab, self.fleet, self.mode = lab, others, mode
        self.learns = mode == "learned"
        self.hv = lab.add_hypervisor(underlay=underlay)
        world.add_bridge(self.hv, self.hv.bridge)
        others.introduce(self.hv)
        self.nets, self.n_ports, self.next_remote = [], 0, 0

    # The world.

    def add_network(self, locals_, numbers):
        """Adds a network with that many ports here, one of them a VM's, and a
        port on each of the simulated hypervisors `numbers`; returns it."""
        nb, name = self.lab.nb, "%s%d" % (self.mode, len(self.nets))
        nb.ctl("net-add", name, "network_type=vxlan")
        network = nb.uuid("Network", name)
        vm = self.hv.add_vm(mac=self.lab.next_mac(), ip="10.0.0.1/16")
        macs = [vm.mac] + [self.lab.next_mac() for _ in range(locals_ - 1)]
        ports = nb.add_ports(name, macs)
        if self.learns:
            nb.transact(*({"op": "update", "table": "Port",
                           "where": [["_uuid", "==", ["uuid", p]]],
                           "row": {"port_security_enabled": False}}
                          for p in ports))
        self.hv.plug(vm.name, ports[0])
        if ports[1:]:
            self.hv.add_cheap_vifs(ports[1:])
        net = Net(name, network, self._vni(name), vm)
        self.nets.append(net)
        self.n_ports += locals_
        self.fleet.transact(self.join(net, numbers))
        return net

    def _vni(self, name):
        segment = self.lab.nb.rows("Network", ["segment"], [
            ["name", "==", name]])[0]["segment"]
        return self.lab.nb.rows("Segment", ["segmentation_id"], [
            ["_uuid", "==", segment]])[0]["segmentation_id"]

    def join(self, net, numbers):
        """Returns the operations by which hypervisors `numbers` get a port of
        `net`, their first."""
        operations = []
        for number in numbers:
            operations += [fleet.network_row(net.uuid, number, self.learns)]
            operations += self.plug(net, number)
        return operations

    def leave(self, net, numbers):
        """Returns the operations that undo the last join()."""
        operations = []
        for number in reversed(numbers):
            remote = net.remotes.pop()
            operations += [
                fleet.delete("Network_Location", "network", net.uuid, number),
                fleet.delete("Port_Location", "port", remote.uuid, number)]
        return operations

    def plug(self, net, number):
        """Returns the operations by which hypervisor `number` gets another
        port of `net`."""
        remote = Remote(number, self.next_remote)
        self.next_remote += 1
        net.remotes.append(remote)
        return [] if self.learns else [fleet.port_row(
            remote.uuid, net.uuid, number, remote.mac, remote.ip)]

    # The agent.

    def start(self):
        """Starts the agent; returns when all ports here are up, how long that
        took, in seconds."""
        started = time.monotonic()
        self.hv.start_agent()
        wait_until(self._all_up, TIMEOUT, "%s's ports to be up" % self.mode)
        return time.monotonic() - started

    def _all_up(self):
        rows = self.lab.nb.rows("Port_Binding", ["port", "up"], [
            ["host", "==", self.hv.name]])
        return len([r for r in rows if r["up"]]) == self.n_ports

    def watch(self):
        """Begins to watch flows, until unwatch()."""
        self.flows = observe.Flows(self.hv, self.hv.bridge)

    def unwatch(self):
        self.flows.close()

    def settle(self):
        """Waits until no flow changes any more, and returns the changes."""
        def settled():
            changes = self.flows.changes
            return (not changes or time.monotonic() * 1000 - changes[-1][0]
                    > QUIET_SECONDS * 1000) and (changes, )
        return wait_until(settled, TIMEOUT, "flows to be settled")[0]

    def after(self, action):
        """Does action(), and returns the time to the first change of flows
        and to the last, in ms, and how many there were."""
        seen = len(self.settle())
        started = time.monotonic()
        action()
        wait_until(lambda: len(self.flows.changes) > seen, TIMEOUT,
                   "a change of %s's flows" % self.mode)
        changes = self.settle()[seen:]
        return (changes[0][0] - started * 1000,
                changes[-1][0] - started * 1000, sum(n for _, n in changes))

    def dump(self, *match):
        """Returns the flows, of those alone that `match`."""
        text = self.hv.ofctl("dump-flows", self.hv.bridge, *match)
        return [line for line in text.splitlines() if "actions=" in line]

    def bytes(self):
        return self.hv.nb_bytes_received()

    def idle(self):
        world.await_idle([d for d in self.lab.daemons() if d.pid])

    # Frames.

    def announce(self, net, remote):
        """Has `remote`'s hypervisor send a gratuitous ARP request."""
        self.fleet.send(self.hv, remote.number, net.vni, arp(
            ARP_REQUEST, remote.mac, remote.ip, NOBODY, remote.ip))

    def ask(self, net, remote):
        """Has the VM ask for `remote`'s Ethernet address and `remote` answer
        if it is asked; returns how many packets came to hypervisors."""
        net.ask(remote)
        n = 0
        deadline = time.monotonic() + TIMEOUT
        owner = fleet.address(remote.number)
        answered = False
        while not answered or n % len(net.remotes):
            packet = self.fleet.receive()
            if packet and packet[0]:
                n += 1
                if packet[0] == owner:
                    self.fleet.send(self.hv, remote.number, net.vni, arp(
                        ARP_REPLY, remote.mac, remote.ip, net.vm.mac,
                        net.vm.ip))
            elif not packet:
                answered = answered or net.has_answer(remote)
                if time.monotonic() > deadline:
                        raise RuntimeError("%s: nobody answers" % remote.ip)
        return n
