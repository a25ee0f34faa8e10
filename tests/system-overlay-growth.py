#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What one hypervisor is told and installs when another joins its network, or
a port is plugged, moves or is disabled there, with few and with a thousand
others.  The others are rows in the database, such as their agents write."""

import threading
import uuid

from lab import Lab, tap, wait_until
from lab.overlay import Scene

FEW, MANY = 10, 1000

# Rows are inserted in transactions of this many.
BATCH = 250


def address(number):
    """Returns the underlay address of other `number`."""
    return "10.99.%d.%d" % (1 + number // 250, number % 250 + 1)


class Crowd:
    """A real hypervisor, hv1, with port net-1 of network `net`, and others."""

    def __init__(self, lab, hosts=1):
        self.scene = Scene(lab, hosts=hosts)
        self.nb, self.hv = lab.nb, self.scene.hvs[0]
        self.scene.declare("net", "vxlan", 7)
        self.scene.add_port(self.hv, "net-1")
        self.network = ["uuid", self.nb.uuid("Network", "net")]
        self.n = 0

    def grow(self, n):
        """Has others join until there are `n`."""
        while self.n < n:
            self.nb.transact(*(self._join()
                               for _ in range(min(BATCH, n - self.n))))
        self.await_others()

    def _join(self):
        self.n += 1
        return {"op": "insert", "table": "Network_Location", "row": {
            "network": self.network, "host": "other%d" % self.n,
            "encap": "vxlan:" + address(self.n)}}

    def make_reachable(self):
        """Has hv1 send to the others, who are nobody, as if they were on its
        underlay."""
        vswitchd = self.hv.vswitchd
        self.hv.netns.ip("addr add 10.99.0.1/16 dev br-under")
        wait_until(lambda: "10.99.0.0/16" in vswitchd.appctl(
            "ovs/route/show"), what="a route")
        for number in range(1, self.n + 1):
            vswitchd.appctl("tnl/neigh/set", "br-under", address(number),
                            "0a:bb:00:00:%02x:%02x" % divmod(number, 256))

    def join(self):
        self.nb.transact(self._join())
        self.await_others()

    def leave(self):
        self.nb.transact({"op": "delete", "table": "Network_Location",
                          "where": [["host", "==", "other%d" % self.n]]})
        self.n -= 1
        self.await_others()

    def await_others(self):
        """Waits until the switch floods to so many."""
        def flooded():
            flows = [f for f in self.hv.flows() if "table=44," in f]
            return (sum(f.count("->tun_dst") for f in flows)
                    == self.n + len(self.scene.hvs) - 1)
        wait_until(flooded, 30, "flows to %d others" % self.n)
        self.hv.wait_in_step()

    def plug(self, port, host, claim):
        """Port `port`, a UUID, is at one of the others."""
        self.nb.transact({"op": "insert", "table": "Port_Location", "row": {
            "port": ["uuid", port], "network": self.network,
            "host": "other%d" % host, "claim": claim,
            "mac_address": "0a:aa:00:00:00:01",
            "ip_addresses": "10.0.0.77"}})
        wait_until(lambda: any("dl_dst=0a:aa:00:00:00:01" in f
                               and address(host) in f
                               for f in self.hv.flows()),
                   what="the port at " + address(host))
        self.hv.wait_in_step()

    def acknowledge(self):
        """Every other one says that it has applied the network's last
        change."""
        for first in range(0, self.n, BATCH):
            self.nb.transact(*({
                "op": "insert", "table": "Network_Binding", "row": {
                    "network": self.network, "host": "other%d" % (number + 1),
                    "revision_number": self.n}}
                for number in range(first, min(first + BATCH, self.n))))

    def cost(self, what):
        """Returns how many bytes the agent was sent while `what` was done, and
        how many flow_mods it sent."""
        before = self.hv.nb_bytes_received(), self.flow_mods()
        what()
        return (self.hv.nb_bytes_received() - before[0],
                self.flow_mods() - before[1])

    def flow_mods(self):
        return self.hv.agent.coverage()["agent_flow_mod"]


@tap.case("what one hypervisor costs another does not depend on how many there "
          "are", timeout=120)
def growth():
    with Lab() as lab:
        crowd, costs = Crowd(lab), {}
        for size in (FEW, MANY):
            crowd.grow(size)
            port = str(uuid.uuid4())
            costs[size] = {
                "joins": crowd.cost(crowd.join),
                "leaves": crowd.cost(crowd.leave),
                "is plugged": crowd.cost(lambda: crowd.plug(port, 1, 1)),
                "moves": crowd.cost(lambda: crowd.plug(port, 2, 2))}
            lab.nb.transact({"op": "delete", "table": "Port_Location",
                             "where": [["port", "==", ["uuid", port]]]})
            tap.note("%d others: %s" % (size, costs[size]))
        for what, (size, flow_mods) in costs[MANY].items():
            few = costs[FEW][what]
            # Names and addresses are some digits longer.
            assert 0 < size <= few[0] + 20, (what, costs)
            # A flow of the flood; now and then a leaf becomes a node.
            assert 0 < flow_mods <= 20, (what, costs)


@tap.case("a broadcast to a thousand, more than fits into the actions of one "
          "packet, reaches those who are there, once", timeout=120)
def broadcast():
    with Lab() as lab:
        crowd = Crowd(lab, hosts=3)
        for number in (2, 3):
            crowd.scene.add_port(crowd.scene.hvs[number - 1],
                                 "net-%d" % number)
        crowd.grow(MANY)
        crowd.make_reachable()
        crowd.scene.wait(*crowd.scene.groups())
        resumed = crowd.hv.agent.coverage()["agent_flood_resumed"]
        crowd.scene.check(*crowd.scene.groups())
        assert crowd.hv.agent.coverage()["agent_flood_resumed"] > resumed
        # Nobody but the agent is asked for help, and only for floods.
        crowd.hv.agent.stop()
        assert ("net-1", "net-2") in crowd.scene.reach().unicast


@tap.case("a machine that sends nothing but broadcasts to a thousand holds up "
          "nobody else's changes", timeout=120)
def storm():
    with Lab() as lab:
        crowd = Crowd(lab)
        crowd.grow(MANY)
        crowd.make_reachable()
        lab.nb.ctl("net-add", "quiet")
        crowd.hv.add_port("quiet", "quiet-1")
        vm = crowd.scene.vms["net-1"]
        frame = bytes.fromhex("ff" * 6 + vm.mac.replace(":", "") + "88b5")
        ended = threading.Event()

        def send():
            with vm.packet_socket() as sock:
                while not ended.wait(0.0005):
                    sock.send(frame + bytes(46))

        def cut():
            return crowd.hv.agent.coverage().get("agent_flood_cut", 0)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            wait_until(cut, what="floods to be too many")
            for verb in ("disable", "enable") * 3:
                before = cut()
                lab.nb.ctl("--wait=hv", "port-%s" % verb, "quiet-1")
                wait_until(lambda: cut() > before, what="more of them")
        finally:
            ended.set()
            thread.join()


@tap.case("what the others acknowledge is told to nobody else", timeout=90)
def acknowledgements():
    with Lab() as lab:
        crowd = Crowd(lab)
        crowd.grow(MANY)
        assert crowd.cost(crowd.acknowledge) == (0, 0)
        # One gate, however many there are.
        lab.nb.ctl("net-disable", "net")
        crowd.scene.wait_applied("net", "hv1")
        assert crowd.cost(lambda: (lab.nb.ctl("net-enable", "net"),
                                   crowd.scene.wait_applied("net", "hv1"))
                          )[1] == 1


tap.main()
