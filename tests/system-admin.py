#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What admin states stop, and what never passes whatever they are: isolation
between networks, learned addresses, multicast, tags.  And what it costs to
disable a network."""

import contextlib

from lab import Lab, frame, probe, send_frames, tap, wait_until

BROADCAST = "ff:ff:ff:ff:ff:ff"
MULTICAST = "01:00:5e:00:00:fb"
STRANGER = "0a:ff:00:00:00:01"


class Scene:
    """A hypervisor with networks blue (a, b and the open o, behind which
    other addresses may be) and red (r, and the open q)."""

    def __init__(self, lab):
        self.lab, self.nb = lab, lab.nb
        self.hv = lab.add_hypervisor("hv1")
        for network in ("blue", "red"):
            self.nb.ctl("net-add", network)
        self.vms = {}
        for name in "abo":
            self.add("blue", name)
        for name in "rq":
            self.add("red", name)
        self.hv.wait_in_step()

    def add(self, network, name):
        open_ = ["port_security_enabled=false"] if name in "oq" else []
        vm = self.hv.add_port(network, name, columns=open_)
        self.vms[name] = vm
        setattr(self, name, vm)

    def pairs(self):
        """Returns who reaches whom, unicast and broadcast alike."""
        names = {vm.name: name for name, vm in self.vms.items()}
        reach = probe(self.vms.values())
        assert reach.unicast == reach.broadcast, vars(reach)
        assert not reach.repeated and not reach.tagged, vars(reach)
        return {names[x] + names[y] for x, y in reach.unicast}

    def send(self, sender, dst, **options):
        """Sends a frame; returns the names of those who got it, joined."""
        return self.send_all(sender, [frame(dst, **options)])[0]

    def send_all(self, sender, frames):
        """Likewise for each of `frames`."""
        names = {vm.name: name for name, vm in self.vms.items()}
        return ["".join(sorted(names[x] for x in got)) for got in
                send_frames(sender, frames, self.vms.values())]


BLUE = {"ab", "ao", "ba", "bo", "oa", "ob"}
RED = {"rq", "qr"}


def without(name):
    return {pair for pair in BLUE | RED if name not in pair}


@contextlib.contextmanager
def one_hypervisor():
    with Lab() as lab:
        scene = Scene(lab)
        yield scene
        scene.hv.wait_in_step()


def ctl(scene, *commands):
    words = []
    for command in commands:
        words += ["--", *command.split()]
    scene.nb.ctl("--wait=hv", *words)


# Admin states.

@tap.case("a port that is down neither sends nor receives")
def port_down():
    with one_hypervisor() as scene:
        assert scene.pairs() == BLUE | RED
        for name in "bo":
            ctl(scene, "port-disable " + name)
            assert scene.pairs() == without(name)
            assert scene.hv.status(scene.vms[name].name) == "down"
            ctl(scene, "port-enable " + name)
            assert scene.pairs() == BLUE | RED


@tap.case("a network that is down carries nothing, the others all")
def network_down():
    with one_hypervisor() as scene:
        ctl(scene, "net-disable blue")
        assert scene.pairs() == RED
        # Its ports have not changed.
        for name in "abo":
            assert scene.hv.status(scene.vms[name].name) == "up"
        ctl(scene, "net-enable blue", "net-disable red")
        assert scene.pairs() == BLUE
        ctl(scene, "net-enable red")
        assert scene.pairs() == BLUE | RED


@tap.case("a hypervisor that is down carries nothing")
def host_down():
    with one_hypervisor() as scene:
        ctl(scene, "host-disable hv1")
        assert scene.pairs() == set()
        ctl(scene, "host-enable hv1")
        assert scene.pairs() == BLUE | RED


@tap.case("port, network and hypervisor: all must be up")
def combined():
    with one_hypervisor() as scene:
        ctl(scene, "port-disable a", "net-disable blue", "host-disable hv1")
        assert scene.pairs() == set()
        ctl(scene, "net-enable blue")
        assert scene.pairs() == set()
        ctl(scene, "host-enable hv1")
        assert scene.pairs() == without("a")
        ctl(scene, "net-disable blue", "port-enable a")
        assert scene.pairs() == RED
        ctl(scene, "net-enable blue")
        assert scene.pairs() == BLUE | RED


@tap.case("a port made down, in a network made down, comes up when told")
def born_down():
    with one_hypervisor() as scene:
        scene.nb.ctl("net-add", "green", "admin_state_up=false")
        for name in "xyz":
            columns = ["admin_state_up=false"] if name == "x" else []
            scene.vms[name] = scene.hv.add_port(
                "green", name, columns=columns, wait=False)
        wait_until(lambda: len(scene.nb.rows("Port_Binding")) == 8,
                   what="all bindings")
        assert scene.pairs() == BLUE | RED
        ctl(scene, "net-enable green")
        assert scene.pairs() == BLUE | RED | {"yz", "zy"}
        ctl(scene, "port-enable x")
        assert len(scene.pairs()) == len(BLUE | RED) + 6


@tap.case("what flows already stops, all that flows")
def running_flows():
    with one_hypervisor() as scene:
        flows = [scene.a.start_flow(scene.b, pps=300),
                 scene.b.start_flow(scene.a, pps=300),
                 scene.a.start_flow(scene.b, pps=300, mac=BROADCAST),
                 scene.b.start_flow(scene.a, pps=300, mac=MULTICAST),
                 scene.a.start_flow(scene.b, pps=300, vary="l4", flows=50)]
        for down, up in (("port-disable b", "port-enable b"),
                         ("net-disable blue", "net-enable blue"),
                         ("host-disable hv1", "host-enable hv1")):
            for flow in flows:
                flow.wait_received(50)
            ctl(scene, down)
            before = [(f.report()["received"], f.sent()) for f in flows]
            for flow, (_, sent) in zip(flows, before):
                wait_until(lambda: flow.sent() >= sent + 100,
                           what="more packets to be sent")
            assert [f.report()["received"] for f in flows] == [
                received for received, _ in before], down
            ctl(scene, up)
        for flow in flows:
            flow.wait_received(50)
        # The senders first: a receiver ends when nothing comes any more.
        for flow in flows:
            flow.sender.stop()
        for flow in flows:
            flow.receivers[0].stop()


# Learned addresses.

MACS = ["0a:ee:00:00:00:%02x" % i for i in range(20)]


def learn(scene, vm=None):
    """Lets a host behind o, for each of MACS, say something."""
    scene.send_all(vm or scene.o, [frame(scene.a.mac, src=mac)
                                   for mac in MACS])


@tap.case("addresses are learned behind ports that allow it, and only there")
def learned():
    with one_hypervisor() as scene:
        # Not known yet: to all who may have it.
        assert scene.send(scene.a, MACS[0]) == "o"
        scene.add("blue", "p")
        scene.nb.ctl("set", "Port", "p", "port_security_enabled=false")
        scene.hv.wait_in_step()
        wait_until(lambda: scene.send(scene.a, MACS[0]) == "op",
                   what="p to be open")
        learn(scene)
        assert scene.send(scene.a, MACS[0]) == "o"
        assert scene.send(scene.b, MACS[-1]) == "o"
        # It moves.
        learn(scene, scene.p)
        assert scene.send(scene.a, MACS[0]) == "p"
        # Nobody else may be where it was not allowed.
        scene.send(scene.b, scene.a.mac, src=MACS[0])
        assert scene.send(scene.a, MACS[0]) == "p"


@tap.case("learned addresses do not pass a port, network or hypervisor down")
def learned_down():
    with one_hypervisor() as scene:
        learn(scene)
        assert scene.send(scene.a, MACS[0]) == "o"
        for down, up in (("port-disable o", "port-enable o"),
                         ("net-disable blue", "net-enable blue"),
                         ("host-disable hv1", "host-enable hv1")):
            ctl(scene, down)
            got = scene.send_all(scene.a, [frame(mac) for mac in MACS])
            got += scene.send_all(scene.o, [frame(scene.a.mac, src=mac)
                                            for mac in MACS])
            assert not any(got), (down, got)
            ctl(scene, up)
            assert scene.send(scene.a, MACS[0]) == "o"


@tap.case("a flow to a learned address stops with its port")
def learned_flow():
    with one_hypervisor() as scene:
        learn(scene)
        flow = scene.a.start_flow(scene.o, pps=500, mac=MACS[3])
        flow.wait_received(100)
        ctl(scene, "port-disable o")
        received, sent = flow.report()["received"], flow.sent()
        wait_until(lambda: flow.sent() >= sent + 200, what="more packets")
        assert flow.report()["received"] == received
        flow.stop()


def count_learned(scene):
    return scene.hv.ofctl("dump-flows", "br-int",
                          "table=32").count("table=32,")


@tap.case("who sends from ever new addresses does not fill the switch")
def learned_limit():
    with one_hypervisor() as scene:
        learn(scene)
        macs = ["0a:ef:00:00:%02x:%02x" % (i >> 8, i & 255)
                for i in range(2400)]
        for i in range(0, len(macs), 200):
            scene.send_all(scene.o, [frame(scene.a.mac, src=mac)
                                     for mac in macs[i:i + 200]])
        wait_until(lambda: count_learned(scene) == 2048,
                   what="as many as can be")
        # Those learned before are still known, and nobody is cut off.
        assert scene.send(scene.a, MACS[0]) == "o"
        assert scene.send(scene.a, macs[-1]) == "o"
        scene.hv.wait_in_step()
        assert count_learned(scene) == 2048


@tap.case("what was learned goes when its port is closed or unplugged")
def learned_gone():
    with one_hypervisor() as scene:
        learn(scene)
        scene.nb.ctl("set", "Port", "o", "port_security_enabled=true")
        wait_until(lambda: "table=32," not in scene.hv.ofctl(
            "dump-flows", "br-int", "table=32"), what="it to be forgotten")
        assert scene.send(scene.a, MACS[0]) == ""
        assert scene.send(scene.a, scene.o.mac) == "o"
        scene.nb.ctl("set", "Port", "o", "port_security_enabled=false")
        wait_until(lambda: scene.send(scene.a, MACS[0]) == "o",
                   what="o to be open")
        learn(scene)
        scene.hv.unplug(scene.o.name)
        wait_until(lambda: "table=32," not in scene.hv.ofctl(
            "dump-flows", "br-int", "table=32"), what="it to be forgotten")


@tap.case("a declared address is not taken over by who sends from it")
def declared_wins():
    with one_hypervisor() as scene:
        scene.send(scene.o, scene.a.mac, src=scene.b.mac)
        assert scene.send(scene.a, scene.b.mac) == "b"


# What never passes.

@tap.case("networks are apart, with the same MAC and IP in both")
def isolation():
    with one_hypervisor() as scene:
        for network, name in (("green", "g"), ("gray", "h")):
            scene.nb.ctl("net-add", network)
            port = scene.nb.ctl("port-add", network, name,
                                "mac_address=" + STRANGER)
            vm = scene.hv.add_vif(port, mac=STRANGER, ip="10.0.0.1/24")
            scene.vms[name] = vm
            scene.hv.wait_status(vm.name, "up")
            scene.vms[name + "2"] = scene.hv.add_port(network, name + "2",
                                                      ip="10.0.0.2/24")
        for network in "gh":
            other = scene.vms[network + "2"]
            assert other.reaches(scene.vms[network])
            assert scene.send(other, STRANGER) == network
            assert scene.send(other, BROADCAST) == network
        ctl(scene, "port-disable g")
        assert not scene.vms["g2"].reaches(scene.vms["g"])
        assert scene.vms["h2"].reaches(scene.vms["h"])


@tap.case("an address learned in one network is not known in another")
def learned_apart():
    with one_hypervisor() as scene:
        learn(scene)
        scene.send(scene.q, scene.r.mac, src=MACS[0])
        assert scene.send(scene.a, MACS[0]) == "o"
        assert scene.send(scene.r, MACS[0]) == "q"


@tap.case("multicast and unknown unicast stay in their network")
def no_leak():
    with one_hypervisor() as scene:
        assert scene.send(scene.a, MULTICAST) == "bo"
        assert scene.send(scene.a, BROADCAST) == "bo"
        assert scene.send(scene.r, MULTICAST) == "q"
        # Unknown: to those alone behind whom it may be.
        assert scene.send(scene.a, STRANGER) == "o"
        assert scene.send(scene.o, STRANGER) == ""
        assert scene.send(scene.r, STRANGER) == "q"
        # Known, but elsewhere: unknown here.
        assert scene.send(scene.a, scene.r.mac) == "o"
        scene.nb.ctl("set", "Port", "o", "port_security_enabled=true")
        wait_until(lambda: scene.send(scene.a, STRANGER) == "",
                   what="o to be closed")


@tap.case("nothing comes back to who sent it")
def no_hairpin():
    with one_hypervisor() as scene:
        for name in "ao":
            vm = scene.vms[name]
            assert scene.send(vm, vm.mac) == ""
            assert name not in scene.send(vm, BROADCAST)


@tap.case("what no bridge forwards is not forwarded")
def reserved():
    with one_hypervisor() as scene:
        for vm in (scene.a, scene.o):
            got = scene.send_all(vm, [frame("01:80:c2:00:00:%02x" % last)
                                      for last in range(16)])
            assert not any(got), got
        assert scene.send(scene.a, "01:80:c2:00:00:20") == "bo"
        # A group is nobody's source.
        assert scene.send(scene.a, BROADCAST, src=MULTICAST) == ""


@tap.case("tagged frames of a VM are not admitted")
def tagged():
    with one_hypervisor() as scene:
        frames = [frame(dst, vlan=vlan) for vlan in (0, 1, 100, 4095)
                  for dst in (scene.b.mac, BROADCAST, STRANGER)]
        for vm in (scene.a, scene.o):
            got = scene.send_all(vm, frames)
            assert not any(got), got
        assert scene.send(scene.a, scene.b.mac) == "b"


@tap.case("an interface without a port sends and receives nothing")
def portless():
    with one_hypervisor() as scene:
        stray = scene.hv.add_vif()
        scene.vms["s"] = stray
        assert scene.pairs() == BLUE | RED
        assert scene.send(stray, BROADCAST) == ""
        assert scene.send(stray, scene.a.mac) == ""


# What it costs.

class Cost:
    """Counts, from the constructor on, the flow changes and the rows written
    for something."""

    def __init__(self, scene):
        self.scene = scene
        self.counters = scene.hv.agent.coverage()
        self.flows = scene.hv.watch_flows()
        self.rows = scene.nb.watch({table: ["_version"] for table in (
            "Port_Binding", "Network_Binding", "Agent")})
        self.statuses = self._statuses()

    def check(self, flow_mods, rows, statuses=0):
        hv = self.scene.hv
        # Its waiting for counters is long enough for what comes late.
        now = hv.agent.coverage()
        assert now["agent_flow_mod"] - self.counters["agent_flow_mod"] \
            == flow_mods, now
        assert now["agent_binding_written"] \
            - self.counters["agent_binding_written"] == rows, now
        changes = self.flows.changes()
        assert len(changes) == flow_mods, changes
        self.flows.close()
        written = [len(changed) for _, update in self.rows.times
                   for changed in update.values()]
        assert sum(written) == rows, written
        self.rows.close()
        old, new = self.statuses.split("\n"), self._statuses().split("\n")
        assert len(old) == len(new)
        assert sum(x != y for x, y in zip(old, new)) == statuses

    def _statuses(self):
        return self.scene.hv.vsctl("--columns=external_ids", "--format=csv",
                                   "list", "Interface")


@tap.case("to disable a network costs one flow_mod and one row")
def cost_network():
    with one_hypervisor() as scene:
        for command in ("net-disable blue", "net-enable blue"):
            cost = Cost(scene)
            ctl(scene, command)
            cost.check(flow_mods=1, rows=1)


@tap.case("to disable a network of 1,000 ports costs one flow_mod and one row",
          timeout=120)
def cost_thousand():
    with one_hypervisor() as scene:
        ports = scene.nb.add_ports("blue", [scene.lab.next_mac()
                                            for _ in range(1000)])
        scene.hv.add_cheap_vifs(ports)
        wait_until(lambda: len(scene.nb.rows("Port_Binding", ["port"], [
            ["up", "==", True]])) == 1005, 60, "a thousand bindings")
        wait_until(lambda: scene.hv.vsctl(
            "--columns=external_ids", "list", "Interface")
            .count("sluice-status=up") == 1005, 60, "a thousand statuses")
        scene.hv.wait_in_step(timeout=60)
        assert scene.pairs() == BLUE | RED
        cost = Cost(scene)
        ctl(scene, "net-disable blue")
        assert scene.pairs() == RED
        cost.check(flow_mods=1, rows=1)
        cost = Cost(scene)
        ctl(scene, "net-enable blue")
        cost.check(flow_mods=1, rows=1)
        assert scene.pairs() == BLUE | RED


@tap.case("to disable a port costs its two directions and one row")
def cost_port():
    with one_hypervisor() as scene:
        cost = Cost(scene)
        ctl(scene, "port-disable b")
        cost.check(flow_mods=2, rows=1, statuses=1)


@tap.case("a change that changes nothing for the switch costs one row")
def cost_nothing():
    with one_hypervisor() as scene:
        cost = Cost(scene)
        ctl(scene, "set Port b name=bee", "set Network blue description=x")
        lab_port = scene.nb.binding(scene.b.port, "hv1")
        scene.nb.transact({"op": "update", "table": "Port",
                           "where": [["name", "==", "bee"]],
                           "row": {"revision_number": 99}})
        scene.nb.wait_binding(scene.b.port, "hv1", revision_number=99)
        assert lab_port["revision_number"] < 99
        now = scene.hv.agent.coverage()
        assert now["agent_flow_mod"] == cost.counters["agent_flow_mod"]
        assert cost.flows.changes() == []
        cost.flows.close()


@tap.case("port/show tells what was dropped because of whom")
def dropped():
    with one_hypervisor() as scene:
        def show(field):
            for line in scene.hv.agent.appctl("port/show", "b").splitlines():
                name, _, value = line.partition(":")
                if name.strip() == field:
                    return value.strip()
            raise KeyError(field)

        ctl(scene, "port-disable b")
        assert not any(scene.send_all(scene.b, [frame(scene.a.mac)] * 5))
        assert not any(scene.send_all(scene.a, [frame(scene.b.mac)] * 5))
        assert show("state") == "port-down"
        wait_until(lambda: show("dropped_port_down_from_vm") == "5"
                   and show("dropped_port_down_to_vm") == "5",
                   what="the counts of drops")
        assert show("dropped_network_down") == "0"
        ctl(scene, "port-enable b", "net-disable blue")
        assert not any(scene.send_all(scene.a, [frame(scene.b.mac)] * 3))
        assert show("state") == "network-down"
        wait_until(lambda: show("dropped_network_down") == "3",
                   what="the count of the gate")


tap.main()
