#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""flat and vlan networks, which reach the wire through
sluice-bridge-mappings, between two hypervisors."""

from lab import Lab, frame, probe, send_frames, tap, wait_until

BROADCAST = "ff:ff:ff:ff:ff:ff"
STRANGER = "0a:ff:00:00:00:01"


class Scene:
    """Two hypervisors on one wire, with networks flat, v100 and v200, each
    with a port of each: flat1 on hv1, flat2 on hv2, and so on."""

    def __init__(self, lab, columns=()):
        self.lab, self.nb = lab, lab.nb
        self.wire = lab.add_wire()
        self.hvs = []
        for name in ("hv1", "hv2"):
            hv = lab.add_hypervisor(
                name, sluice_bridge_mappings="physnet:br-phys")
            hv.add_physical(self.wire)
            self.hvs.append(hv)
        self.add_network("flat", "flat", 0)
        self.add_network("v100", "vlan", 100)
        self.add_network("v200", "vlan", 200)
        self.vms = {}
        for network in ("flat", "v100", "v200"):
            for i, hv in enumerate(self.hvs, 1):
                self.add_port(hv, network, "%s-%d" % (network, i), columns)
        for hv in self.hvs:
            hv.wait_in_step()

    def add_network(self, name, kind, number):
        self.nb.ctl("net-add", name, "network_type=" + kind,
                    "physical_network=physnet",
                    *(["segmentation_id=%d" % number] if number else []))

    def add_port(self, hv, network, name, columns=()):
        self.vms[name] = hv.add_port(network, name, columns=columns)
        self.nb.wait_binding(self.vms[name].port, hv.name, up=True, fault="")

    def pairs(self):
        """Returns who reaches whom across: networks of which both do."""
        names = {id(vm): name for name, vm in self.vms.items()}
        # Two VMs of two hypervisors may have interfaces of one name.
        reach = probe(Named(vm, names[id(vm)]) for vm in self.vms.values())
        assert reach.unicast == reach.broadcast, vars(reach)
        assert not reach.stray and not reach.repeated and not reach.tagged
        return reach.unicast

    def joined(self):
        """Returns the networks whose ports reach each other; no others
        do."""
        pairs = self.pairs()
        networks = {x.split("-")[0] for x, _ in pairs}
        assert pairs == {("%s-%d" % (n, i), "%s-%d" % (n, 3 - i))
                         for n in networks for i in (1, 2)}, pairs
        return networks

    def send_all(self, name, frames):
        """Sends frames; returns, for each, the sorted names of who got
        it."""
        vms = [Named(vm, n) for n, vm in self.vms.items()]
        return [sorted(got) for got in
                send_frames(self.vms[name], frames, vms)]


class Named:
    """A VM under another name."""

    def __init__(self, vm, name):
        self.vm, self.name, self.mac = vm, name, vm.mac

    def packet_socket(self):
        return self.vm.packet_socket()


ALL = {"flat", "v100", "v200"}


@tap.case("networks of the same wire are joined, and apart by their VLANs")
def joined():
    with Lab() as lab:
        scene = Scene(lab)
        assert scene.joined() == ALL
        a, b = scene.vms["v100-1"], scene.vms["v100-2"]
        a.set_ip("10.0.0.1/24")
        b.set_ip("10.0.0.2/24")
        assert a.ping(b) == 3


@tap.case("on the wire a network has its tag, or none")
def tags():
    with Lab() as lab:
        scene = Scene(lab)
        outsider = Outsider(scene.wire)
        flat, v100, v200 = (
            {name + "-1", name + "-2"} for name in ("flat", "v100", "v200"))
        mac = scene.vms["v200-1"].mac
        vms = [Named(vm, n) for n, vm in scene.vms.items()]
        got = send_frames(outsider, [
            frame(BROADCAST), frame(BROADCAST, vlan=100),
            frame(BROADCAST, vlan=200), frame(mac, vlan=200),
            # A VLAN nobody has; another's; frames no bridge forwards.
            frame(BROADCAST, vlan=300), frame(mac, vlan=100), frame(mac),
            frame("01:80:c2:00:00:00"),
            frame("01:80:c2:00:00:00", vlan=100)], vms)
        assert got[:3] == [flat, v100, v200], got
        assert got[3] == {"v200-1"}, got
        assert not any(got[4:]), got


class Outsider:
    """A host on the wire itself, beyond all hypervisors."""

    mac = "0a:dd:00:00:00:01"

    def __init__(self, wire):
        self.netns = wire.netns
        self.netns.ip("link add name out0 type veth peer name out1",
                      "link set out0 up", "link set out1 up")
        wire.attach("out1")

    def packet_socket(self):
        return self.netns.packet_socket("out0")


@tap.case("admin states shut both ways across the wire")
def admin():
    with Lab() as lab:
        scene = Scene(lab)
        for down, up, left in (
                ("port-disable v100-1", "port-enable v100-1",
                 {"flat", "v200"}),
                ("port-disable v100-2", "port-enable v100-2",
                 {"flat", "v200"}),
                ("net-disable flat", "net-enable flat", {"v100", "v200"}),
                ("net-disable v200", "net-enable v200", {"flat", "v100"}),
                ("host-disable hv2", "host-enable hv2", set())):
            lab.nb.ctl("--wait=hv", *down.split())
            assert scene.joined() == left, down
            lab.nb.ctl("--wait=hv", *up.split())
            assert scene.joined() == ALL, up


@tap.case("a network's gate stops what comes from the wire, in one flow_mod")
def one_gate():
    with Lab() as lab:
        scene = Scene(lab)
        before = [hv.agent.coverage()["agent_flow_mod"] for hv in scene.hvs]
        lab.nb.ctl("--wait=hv", "net-disable", "v100")
        after = [hv.agent.coverage()["agent_flow_mod"] for hv in scene.hvs]
        assert [y - x for x, y in zip(before, after)] == [1, 1]
        assert scene.joined() == {"flat", "v200"}


@tap.case("a flow across the wire stops with its port")
def flow_stops():
    with Lab() as lab:
        scene = Scene(lab)
        flow = scene.vms["v100-1"].start_flow(scene.vms["v100-2"], pps=500)
        for name in ("v100-1", "v100-2"):
            flow.wait_received(100)
            lab.nb.ctl("--wait=hv", "port-disable", name)
            # On the wire there may still be some.
            flow.wait_silent(count=50)
            received = flow.report()["received"]
            flow.wait_sent_more(100)
            assert flow.report()["received"] == received
            lab.nb.ctl("--wait=hv", "port-enable", name)
        flow.wait_received(100)
        flow.stop()


@tap.case("behind ports that allow it: addresses on the wire are learned")
def unknown():
    with Lab() as lab:
        scene = Scene(lab, columns=["port_security_enabled=false"])
        scene.add_port(scene.hvs[0], "v100", "v100-3",
                       columns=["port_security_enabled=false"])
        behind = "0a:ee:00:00:00:07"
        # Nobody knows it yet: to all of the network, here and there.
        assert scene.send_all("v100-1", [frame(behind)]) == [
            ["v100-2", "v100-3"]]
        # It speaks up on the other side.
        scene.send_all("v100-2", [frame(BROADCAST, src=behind)])
        assert scene.send_all("v100-1", [frame(behind)]) == [["v100-2"]]
        # It moves here.
        scene.send_all("v100-3", [frame(BROADCAST, src=behind)])
        assert scene.send_all("v100-1", [frame(behind)]) == [["v100-3"]]
        assert scene.send_all("v100-2", [frame(behind)]) == [["v100-3"]]
        # What is learned passes no gate that is shut.
        lab.nb.ctl("--wait=hv", "port-disable", "v100-3")
        assert scene.send_all("v100-2", [frame(behind)]) == [[]]
        lab.nb.ctl("--wait=hv", "net-disable", "v100")
        assert scene.send_all("v100-1", [frame(behind)]) == [[]]


@tap.case("secure ports: what no port has goes to the wire, and no further")
def secure():
    with Lab() as lab:
        scene = Scene(lab)
        assert scene.send_all("v100-1", [frame(STRANGER)]) == [[]]
        assert scene.send_all(
            "v100-1", [frame(scene.vms["v200-2"].mac)]) == [[]]


def fault(scene, name, host):
    row = scene.nb.rows("Network_Binding", where=[
        ["network", "==", ["uuid", scene.nb.uuid("Network", name)]],
        ["host", "==", host]])
    return row and row[0]["fault"]


@tap.case("the mapped bridge missing: a fault, until it is there")
def bridge_missing():
    with Lab() as lab:
        scene = Scene(lab)
        hv = scene.hvs[0]
        hv.vsctl("del-br", "br-phys")
        for name in ALL:
            wait_until(lambda: "does not exist" in (
                fault(scene, name, "hv1") or ""), what="a fault")
            assert fault(scene, name, "hv2") == ""
        hv.wait_in_step()
        assert scene.pairs() == set()
        # Its ports, on the hypervisor, go on.
        scene.add_port(hv, "v100", "v100-x")
        assert scene.pairs() == {("v100-1", "v100-x"), ("v100-x", "v100-1")}
        scene.vms.pop("v100-x")
        hv.vsctl("add-br", "br-phys", "--", "set", "Bridge", "br-phys",
                 "datapath_type=netdev", "--", "add-port", "br-phys",
                 "br-phys-up")
        wait_until(lambda: all(fault(scene, n, "hv1") == "" for n in ALL),
                   what="no fault")
        hv.wait_in_step()
        assert scene.joined() == ALL


@tap.case("the mapping removed: patch ports go, and come with it again")
def mapping_removed():
    with Lab() as lab:
        scene = Scene(lab)
        hv = scene.hvs[1]

        def patches():
            return sorted(p for b in ("br-int", "br-phys")
                          for p in hv.vsctl("list-ports", b).split()
                          if p.startswith("patch-"))
        both = ["patch-br-int-to-br-phys", "patch-br-phys-to-br-int"]
        assert patches() == both
        hv.configure(sluice_bridge_mappings=None)
        wait_until(lambda: patches() == [], what="no patch ports")
        wait_until(lambda: all("sluice-bridge-mappings" in (
            fault(scene, n, "hv2") or "") for n in ALL), what="faults")
        hv.wait_in_step()
        assert scene.joined() == set()
        hv.configure(sluice_bridge_mappings="physnet:br-phys")
        wait_until(lambda: patches() == both, what="the patch ports")
        wait_until(lambda: all(fault(scene, n, "hv2") == "" for n in ALL),
                   what="no fault")
        hv.wait_in_step()
        assert scene.joined() == ALL


@tap.case("a patch port deleted by somebody is made again")
def patch_deleted():
    with Lab() as lab:
        scene = Scene(lab)
        hv = scene.hvs[0]
        for bridge, port in (("br-int", "patch-br-int-to-br-phys"),
                             ("br-phys", "patch-br-phys-to-br-int")):
            hv.vsctl("del-port", bridge, port)
            wait_until(lambda: port in hv.vsctl("list-ports", bridge),
                       what="the patch port")
            wait_until(lambda: scene.joined() == ALL, what="the wire")
            hv.wait_in_step()


@tap.case("a network's VLAN changed under it")
def vlan_changed():
    with Lab() as lab:
        scene = Scene(lab)
        lab.nb.transact({
            "op": "update", "table": "Segment",
            "where": [["segmentation_id", "==", 100]],
            "row": {"segmentation_id": 101}})
        for hv in scene.hvs:
            wait_until(lambda: any("dl_vlan=101" in f for f in hv.flows()),
                       what="VLAN 101")
            hv.wait_in_step()
            assert not any("dl_vlan=100" in f for f in hv.flows())
        assert scene.joined() == ALL


@tap.case("the other hypervisor's agent killed: the wire goes on")
def agent_killed():
    with Lab() as lab:
        scene = Scene(lab)
        watch = scene.hvs[1].watch_flows()
        scene.hvs[1].agent.kill9()
        assert scene.joined() == ALL
        scene.hvs[1].agent.start()
        scene.hvs[1].wait_in_step()
        assert watch.changes() == []
        watch.close()
        # Nothing was done to the patch ports either.
        assert scene.joined() == ALL


tap.main()
