#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Everything that can happen to a VIF: plugged early and late, unplugged,
renamed, moved, doubled, broken, and a thousand of them at once."""

import contextlib
import json
import uuid

from lab import Lab, probe, tap, wait_until

RECONNECT = 30
THOUSAND = 1000


class Scene:
    """A hypervisor with networks blue, where ports a and b are plugged, and
    red, where c is."""

    def __init__(self, lab):
        self.lab, self.nb = lab, lab.nb
        self.hv = lab.add_hypervisor("hv1")
        for network in ("blue", "red"):
            self.nb.ctl("net-add", network)
        self.a = self.hv.add_port("blue", "a")
        self.b = self.hv.add_port("blue", "b")
        self.c = self.hv.add_port("red", "c")
        self.hv.wait_in_step()

    def check(self, *groups):
        """Checks that the VMs of each group, and no others, reach each
        other."""
        check(*groups, others=(self.a, self.b, self.c))

    def new_port(self, network, name):
        """Adds a port; returns its UUID and its MAC."""
        mac = self.lab.next_mac()
        return self.nb.ctl("port-add", network, name,
                           "mac_address=" + mac), mac


def check(*groups, others=()):
    vms = list(dict.fromkeys([vm for g in groups for vm in g] + list(others)))
    reach = probe(vms)
    pairs = {(x.name, y.name) for g in groups for x in g for y in g
             if x is not y}
    assert reach.unicast == pairs, (reach.unicast, pairs)
    assert reach.broadcast == pairs, (reach.broadcast, pairs)
    assert not reach.stray and not reach.repeated


@contextlib.contextmanager
def one_hypervisor():
    """A Scene; after the block the agent and the switch agree, and neither
    has anything left that the block did not leave."""
    with Lab() as lab:
        scene = Scene(lab)
        yield scene
        scene.hv.wait_in_step()


@tap.case("plugged after its port was made")
def after():
    with one_hypervisor() as scene:
        scene.check((scene.a, scene.b))
        for vm in (scene.a, scene.b, scene.c):
            scene.nb.wait_binding(vm.port, "hv1", up=True, fault="",
                                  revision_number=1)


@tap.case("plugged before its port is made")
def before():
    with one_hypervisor() as scene:
        port, mac = str(uuid.uuid4()), scene.lab.next_mac()
        vm = scene.hv.add_vif(port, mac=mac)
        scene.hv.wait_status(vm.name, "unknown-port")
        scene.check((scene.a, scene.b), (vm,))
        assert scene.nb.hosts(port) == []
        scene.nb.ctl("port-add", "blue", "d", "id=" + port,
                     "mac_address=" + mac)
        scene.hv.wait_status(vm.name, "up")
        scene.nb.wait_hosts(port, "hv1")
        scene.check((scene.a, scene.b, vm))


@tap.case("plugged after its port was given to the hypervisor")
def given():
    with one_hypervisor() as scene:
        port, mac = scene.new_port("blue", "d")
        scene.nb.ctl("set", "Port", "d", "host=hv1")
        wait_until(lambda: "unplugged" in scene.hv.agent.appctl("port/list"),
                   what="the agent to know d")
        assert scene.nb.hosts(port) == []
        vm = scene.hv.add_vif(port, mac=mac)
        scene.nb.wait_hosts(port, "hv1")
        scene.check((scene.a, scene.b, vm))


@tap.case("unplugged: its flows and its binding go, and nothing else")
def unplugged():
    with one_hypervisor() as scene:
        flows = scene.hv.flows()
        port, mac = scene.new_port("blue", "d")
        vm = scene.hv.add_vif(port, mac=mac)
        scene.nb.wait_hosts(port, "hv1")
        scene.hv.unplug(vm.name)
        scene.nb.wait_hosts(port)
        wait_until(lambda: scene.hv.flows() == flows, what="the old flows")
        scene.check((scene.a, scene.b), (vm,))
        scene.hv.plug(vm.name, port)
        scene.nb.wait_hosts(port, "hv1")
        scene.check((scene.a, scene.b, vm))


@tap.case("the last of a network unplugged: the network's flows go too")
def last_unplugged():
    with one_hypervisor() as scene:
        scene.hv.unplug(scene.c.name)
        scene.nb.wait_hosts(scene.c.port)
        red = scene.nb.uuid("Network", "red")
        wait_until(lambda: not any(red[:8] in f for f in scene.hv.flows()),
                   what="red's flows to go")
        wait_until(lambda: not scene.nb.rows("Network_Binding", where=[
            ["network", "==", ["uuid", red]]]), what="red's binding to go")
        for question in ("network/list", "interest/show"):
            wait_until(lambda: red not in scene.hv.agent.appctl(question),
                       what="the agent to forget red")
        scene.check((scene.a, scene.b))


@tap.case("unplugged while disabled, plugged again, enabled")
def unplugged_disabled():
    with one_hypervisor() as scene:
        scene.nb.ctl("--wait=hv", "port-disable", "b")
        scene.hv.wait_status(scene.b.name, "down")
        scene.hv.unplug(scene.b.name)
        scene.nb.wait_hosts(scene.b.port)
        scene.hv.plug(scene.b.name, scene.b.port)
        scene.hv.wait_status(scene.b.name, "down")
        scene.check()
        scene.nb.ctl("--wait=hv", "port-enable", "b")
        scene.check((scene.a, scene.b))


@tap.case("enabled while it was unplugged")
def enabled_unplugged():
    with one_hypervisor() as scene:
        scene.nb.ctl("--wait=hv", "port-disable", "b")
        scene.hv.unplug(scene.b.name)
        scene.nb.wait_hosts(scene.b.port)
        scene.nb.ctl("--wait=hv", "port-enable", "b")
        scene.hv.plug(scene.b.name, scene.b.port)
        scene.nb.wait_binding(scene.b.port, "hv1", revision_number=3)
        scene.check((scene.a, scene.b))


@tap.case("iface-id changed in place: another port of another network")
def iface_id_changed():
    with one_hypervisor() as scene:
        port = scene.nb.ctl("port-add", "red", "d",
                            "mac_address=" + scene.b.mac)
        scene.hv.vsctl("set", "Interface", scene.b.name,
                       "external_ids:iface-id=" + port)
        scene.nb.wait_hosts(port, "hv1")
        scene.nb.wait_hosts(scene.b.port)
        scene.check((scene.b, scene.c))


@tap.case("iface-ids of two VIFs exchanged in one transaction")
def iface_ids_exchanged():
    with one_hypervisor() as scene:
        key = "external_ids:iface-id="
        scene.hv.vsctl(
            "set", "Interface", scene.b.name, key + scene.c.port, "--",
            "set", "Interface", scene.c.name, key + scene.b.port)
        wait_until(lambda: scene.hv.ofport(scene.c.name) == int(
            port_show(scene.hv, "b", "ofport")), what="b's new place")
        scene.hv.wait_in_step()
        for vm, mac in ((scene.b, scene.c.mac), (scene.c, scene.b.mac)):
            vm.netns.ip("link set eth0 address " + mac)
        scene.b.mac, scene.c.mac = scene.c.mac, scene.b.mac
        scene.check((scene.a, scene.c))


def port_show(hv, port, field):
    """Returns a field of what the agent tells of a port."""
    answer = json.loads(hv.agent.appctl("port/show", "-f", "json", port))
    return answer["data"][0][answer["headings"].index(field)]


@tap.case("iface-id removed: no VIF any more, and no status")
def iface_id_removed():
    with one_hypervisor() as scene:
        scene.hv.vsctl("remove", "Interface", scene.b.name, "external_ids",
                       "iface-id")
        scene.hv.wait_status(scene.b.name, "")
        scene.nb.wait_hosts(scene.b.port)
        scene.check()


@tap.case("the same iface-id twice: the later is refused and says so")
def twice():
    with one_hypervisor() as scene:
        hv, flows = scene.hv, scene.hv.flows()
        late = hv.add_vif(scene.b.port, mac=scene.b.mac)
        refusal = "iface-id is already used by interface " + scene.b.name
        hv.wait_status(late.name, refusal)
        assert hv.status(scene.b.name) == "up"
        assert hv.flows() == flows
        assert scene.nb.hosts(scene.b.port) == ["hv1"]
        # A new agent knows who was first.
        hv.agent.restart()
        hv.wait_in_step()
        hv.wait_status(scene.b.name, "up")
        assert hv.status(late.name) == refusal
        assert hv.flows() == flows
        # When the first is gone, the second takes its place.
        hv.unplug(scene.b.name)
        hv.wait_status(late.name, "up")
        scene.nb.wait_hosts(scene.b.port, "hv1")
        check((scene.a, late))
        # Now the first is the later one.
        hv.plug(scene.b.name, scene.b.port)
        hv.wait_status(scene.b.name,
                       "iface-id is already used by interface " + late.name)


@tap.case("the later of two with the same iface-id unplugged")
def twice_later_unplugged():
    with one_hypervisor() as scene:
        flows = scene.hv.flows()
        late = scene.hv.add_vif(scene.b.port)
        wait_until(lambda: "already" in scene.hv.status(late.name),
                   what="a refusal")
        scene.hv.unplug(late.name)
        scene.hv.wait_in_step()
        assert scene.hv.flows() == flows
        scene.check((scene.a, scene.b), (late,))


@tap.case("ofport -1: the device is not there, until it is")
def no_device():
    with one_hypervisor() as scene:
        hv = scene.hv
        port, mac = scene.new_port("blue", "d")
        hv.plug("late0", port)
        wait_until(lambda: "could not open" in hv.status("late0"),
                   what="a fault")
        assert hv.vsctl("get", "Interface", "late0", "ofport") == "-1"
        assert scene.nb.hosts(port) == []
        scene.check((scene.a, scene.b))
        vm = hv.add_vif(port, name="late0", mac=mac)
        hv.wait_status("late0", "up")
        scene.check((scene.a, scene.b, vm))


@tap.case("ofport -1 claims no port from an interface that works")
def no_device_twice():
    with one_hypervisor() as scene:
        port, mac = scene.new_port("blue", "d")
        scene.hv.plug("nodev0", port)
        wait_until(lambda: "could not open" in scene.hv.status("nodev0"),
                   what="a fault")
        vm = scene.hv.add_vif(port, mac=mac)
        scene.hv.wait_status(vm.name, "up")
        scene.check((scene.a, scene.b, vm))


@tap.case("another OpenFlow port number")
def ofport_changed():
    with one_hypervisor() as scene:
        scene.hv.vsctl("set", "Interface", scene.b.name, "ofport_request=77")
        wait_until(lambda: any("output:77" in f for f in scene.hv.flows()),
                   what="flows to follow")
        scene.hv.wait_in_step()
        scene.check((scene.a, scene.b))


@tap.case("interface renamed: deleted and added in one transaction")
def renamed():
    with one_hypervisor() as scene:
        vm = scene.b
        scene.hv.netns.ip("link set %s down" % vm.name,
                          "link set %s name new0" % vm.name,
                          "link set new0 up")
        scene.hv.vsctl("del-port", vm.name, "--", "add-port", "br-int",
                       "new0", "--", "set", "Interface", "new0",
                       "external_ids:iface-id=" + vm.port)
        scene.hv.wait_status("new0", "up")
        scene.nb.wait_hosts(vm.port, "hv1")
        scene.hv.wait_in_step()
        scene.check((scene.a, vm))
        assert port_show(scene.hv, "b", "interface") == "new0"


@tap.case("iface-id handed to another interface in one transaction")
def handed_over():
    with one_hypervisor() as scene:
        vm = scene.hv.add_vif(mac=scene.b.mac)
        scene.hv.vsctl("del-port", scene.b.name, "--", "set", "Interface",
                       vm.name, "external_ids:iface-id=" + scene.b.port)
        scene.hv.wait_status(vm.name, "up")
        check((scene.a, vm))


@tap.case("an interface of another bridge is none of our business")
def other_bridge():
    with one_hypervisor() as scene:
        port, mac = scene.new_port("blue", "d")
        vm = scene.hv.add_vif(mac=mac)
        scene.hv.vsctl("del-port", vm.name, "--", "add-br", "br-x", "--",
                       "set", "Bridge", "br-x", "datapath_type=netdev", "--",
                       "add-port", "br-x", vm.name, "--", "set", "Interface",
                       vm.name, "external_ids:iface-id=" + port)
        scene.hv.wait_in_step()
        assert scene.hv.status(vm.name) == ""
        assert scene.nb.hosts(port) == []
        scene.hv.vsctl("del-port", vm.name, "--", "add-port", "br-int",
                       vm.name, "--", "set", "Interface", vm.name,
                       "external_ids:iface-id=" + port)
        scene.hv.wait_status(vm.name, "up")
        scene.check((scene.a, scene.b, vm))


@tap.case("moved to another hypervisor while the first still holds it")
def moved():
    with Lab() as lab:
        scene = Scene(lab)
        hv2 = lab.add_hypervisor("hv2")
        a2 = hv2.add_port("blue", "a2")
        there = hv2.add_vif(scene.b.port, mac=scene.b.mac)
        lab.nb.wait_hosts(scene.b.port, "hv1", "hv2")
        # It is where it appeared last, and only there.
        hv2.wait_status(there.name, "up")
        scene.hv.wait_status(scene.b.name, "standby: the port is at hv2")
        check(others=(scene.a, scene.b))
        check((a2, there))
        # Both are told, and both are waited for.
        lab.nb.ctl("--wait=hv", "port-disable", "b")
        for host in ("hv1", "hv2"):
            assert lab.nb.binding(scene.b.port, host)["revision_number"] == 2
        check(others=(scene.a, scene.b))
        check(others=(a2, there))
        lab.nb.ctl("--wait=hv", "port-enable", "b")
        check((a2, there))
        # The first lets go.
        scene.hv.unplug(scene.b.name)
        lab.nb.wait_hosts(scene.b.port, "hv2")
        check((a2, there))
        lab.nb.ctl("--wait=hv", "port-disable", "b")
        check(others=(a2, there))


@tap.case("port deleted while plugged, and made again")
def port_deleted():
    with one_hypervisor() as scene:
        scene.nb.ctl("port-del", "b")
        scene.hv.wait_status(scene.b.name, "unknown-port")
        scene.nb.wait_hosts(scene.b.port)
        scene.hv.wait_in_step()
        scene.check()
        scene.nb.ctl("port-add", "red", "b", "id=" + scene.b.port,
                     "mac_address=" + scene.b.mac)
        scene.hv.wait_status(scene.b.name, "up")
        scene.check((scene.b, scene.c))


@tap.case("network deleted with its plugged ports")
def network_deleted():
    with one_hypervisor() as scene:
        scene.nb.ctl("port-del", "a", "--", "port-del", "b", "--", "net-del",
                     "blue")
        for vm in (scene.a, scene.b):
            scene.hv.wait_status(vm.name, "unknown-port")
            scene.nb.wait_hosts(vm.port)
        scene.hv.wait_in_step()
        scene.check()
        assert len(scene.nb.rows("Network_Binding")) == 1


@tap.case("MAC, network and port security changed while plugged")
def changed():
    with one_hypervisor() as scene:
        scene.nb.ctl("set", "Port", "b", "mac_address=\"0a:00:00:ff:00:01\"")
        wait_until(lambda: any("0a:00:00:ff:00:01" in f
                               for f in scene.hv.flows()), what="the new MAC")
        scene.hv.wait_in_step()
        # What is sent to the old one reaches nobody.
        reach = probe([scene.a, scene.b])
        assert reach.unicast == {(scene.b.name, scene.a.name)}
        scene.b.netns.ip("link set eth0 address 0a:00:00:ff:00:01")
        scene.b.mac = "0a:00:00:ff:00:01"
        scene.check((scene.a, scene.b))
        red = scene.nb.uuid("Network", "red")
        scene.nb.transact({"op": "update", "table": "Port",
                           "where": [["name", "==", "b"]],
                           "row": {"network": ["uuid", red],
                                   "revision_number": 5}})
        row = scene.nb.wait_binding(scene.b.port, "hv1", revision_number=5)
        assert row["network"] == ["uuid", red]
        scene.check((scene.b, scene.c))


@tap.case("a thousand ports at once", timeout=120)
def thousand():
    with one_hypervisor() as scene:
        hv, flows = scene.hv, scene.hv.flows()
        ports = scene.nb.add_ports(
            "blue", [scene.lab.next_mac() for _ in range(THOUSAND)])
        names = hv.add_cheap_vifs(ports)

        def bound():
            rows = scene.nb.rows("Port_Binding", ["port", "up", "fault"])
            return {r["port"][1] for r in rows if r["up"]
                    and not r["fault"]} >= set(ports)
        wait_until(bound, 60, "a thousand bindings")

        def all_up():
            states = hv.vsctl("--bare", "--columns=external_ids", "list",
                              "Interface", *names)
            return states.count("sluice-status=up") == THOUSAND
        wait_until(all_up, 60, "a thousand up")
        hv.wait_in_step(timeout=60)
        scene.check((scene.a, scene.b))
        # And away, at once.
        hv.vsctl(*[word for name in names for word in
                   ("--", "del-port", name)])
        wait_until(lambda: len(scene.nb.rows("Port_Binding")) == 3, 60,
                   "their bindings to go")
        wait_until(lambda: hv.flows() == flows, 60, "their flows to go")
        scene.check((scene.a, scene.b))


@tap.case("while the northbound database is away")
def nb_away():
    with one_hypervisor() as scene:
        hv, nb = scene.hv, scene.nb
        port, mac = scene.new_port("blue", "d")
        nb.kill9()
        wait_until(lambda: hv.agent.appctl("connection-status").strip()
                   == "not connected", what="the agent to notice")
        # Unplugged: shut at once, and open again when it is back.
        flows = hv.flows()
        hv.unplug(scene.b.name)
        wait_until(lambda: len(hv.flows()) < len(flows),
                   what="b's flows to go")
        scene.check()
        hv.plug(scene.b.name, scene.b.port)
        hv.wait_status(scene.b.name, "up")
        scene.check((scene.a, scene.b))
        # One that is not known yet waits; one that goes for good.
        vm = hv.add_vif(port, mac=mac)
        hv.wait_status(vm.name, "waiting for the northbound database")
        scene.check((scene.a, scene.b), (vm,))
        hv.unplug(scene.c.name)
        nb.start()
        hv.wait_status(vm.name, "up", timeout=RECONNECT)
        nb.wait_hosts(port, "hv1")
        nb.wait_hosts(scene.c.port)
        hv.wait_in_step()
        scene.check((scene.a, scene.b, vm), (scene.c,))


tap.main()
