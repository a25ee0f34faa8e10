#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What can be wrong with overlays: a fault says so where an operator looks,
everything else works, and the fault goes when it is mended."""

from lab import CommandError, Lab, tap
from lab.overlay import Scene
from lab.ovsdb import OvsdbError

NOBODY = "5e5e5e5e-0000-4000-8000-000000000000"


class Faulty(Scene):
    """A Scene with networks vx and ge on all hypervisors, and `near`, of type
    vxlan, on the first two alone."""

    def __init__(self, lab, **settings):
        super().__init__(lab, **settings)
        self.add_network("vx", "vxlan", 100)
        self.add_network("ge", "geneve", 100)
        self.declare("near", "vxlan", 200)
        for number in (1, 2):
            self.add_port(self.hvs[number - 1], "near-%d" % number)
        self.wait(*self.groups())
        self.wait_sound()

    def wait_sound(self):
        for network in ("vx", "ge", "near"):
            self.wait_no_fault(network)

    def wait_apart(self, *networks):
        """Waits until hv3's VMs are by themselves in these networks, and
        everything else is as ever."""
        lost = {"%s-3" % n for n in networks}
        self.wait(*self.groups(lost))
        assert not any(self.faults("near").values())

    def wait_mended(self):
        self.wait_sound()
        self.wait(*self.groups())


def bad_ip(value):
    @tap.case("sluice-encap-ip %s: said there and by others" % (
        value or "missing"))
    def case():
        with Lab() as lab:
            scene = Faulty(lab)
            hv = scene.hvs[2]
            hv.configure(sluice_encap_ip=value)
            for network, kind in (("vx", "vxlan"), ("ge", "geneve")):
                scene.wait_fault(network, "hv3", "sluice-encap-ip", "hv3")
                for name in ("hv1", "hv2"):
                    scene.wait_fault(network, name, name, "hv3", kind)
            scene.wait_apart("vx", "ge")
            # Ports there reach each other all the same.
            scene.add_port(hv, "vx-x")
            scene.wait(["vx-3", "vx-x"], *scene.groups(["vx-3", "vx-x",
                                                        "ge-3"]))
            hv.configure(sluice_encap_ip=scene.underlay.address(hv))
            scene.wait_mended()


for each in ("10.88.0.300", "224.0.0.1", None):
    bad_ip(each)


@tap.case("sluice-encap-ip is the address of no device, until one has it")
def no_device():
    with Lab() as lab:
        scene = Faulty(lab)
        hv = scene.hvs[2]
        hv.configure(sluice_encap_ip="10.88.0.77")
        for network in ("vx", "ge"):
            scene.wait_fault(network, "hv3", "no device of hv3", "10.88.0.77")
        hv.netns.ip("addr add 10.88.0.77/24 dev br-under")
        for network in ("vx", "ge"):
            scene.wait_no_fault(network)
        hv.configure(sluice_encap_ip=scene.underlay.address(hv))
        scene.wait_mended()


@tap.case("a port of somebody else's is called as our tunnel: everything else "
          "is made")
def name_taken():
    with Lab() as lab:
        scene = Scene(lab, hosts=2)
        hv = scene.hvs[0]
        hv.agent.stop()
        hv.vsctl("del-port", "sluice-vxlan", "--", "del-port",
                 "patch-br-int-to-br-phys")
        hv.vsctl("add-port", "br-phys", "sluice-vxlan", "--", "set",
                 "Interface", "sluice-vxlan", "type=internal")
        hv.start_agent()
        scene.add_network("vx", "vxlan", 100)
        scene.add_network("ge", "geneve", 100)
        scene.add_network("flat", "flat")
        scene.wait_fault("vx", "hv1", "vxlan", "no OpenFlow port")
        scene.wait(*scene.groups(["vx-1"]))
        hv.vsctl("del-port", "sluice-vxlan")
        scene.wait(*scene.groups())
        scene.wait_no_fault("vx")


@tap.case("two hypervisors with the same sluice-encap-ip")
def same_ip():
    with Lab() as lab:
        scene = Faulty(lab)
        hv = scene.hvs[2]
        hv.configure(sluice_encap_ip=scene.underlay.address(scene.hvs[1]))
        for network in ("vx", "ge"):
            for name in ("hv1", "hv2", "hv3"):
                scene.wait_fault(network, name, "hv2", "hv3", "same")
        # Whose the address is, is reached, by broadcasts once.
        scene.wait(*scene.groups(scene.on(hv)), ignored=scene.on(hv))
        hv.configure(sluice_encap_ip=scene.underlay.address(hv))
        scene.wait_mended()


@tap.case("a hypervisor with no type of tunnel in common")
def no_common_type():
    with Lab() as lab:
        scene = Faulty(lab)
        hv = scene.hvs[2]
        hv.configure(sluice_encap_type="geneve")
        scene.wait_fault("vx", "hv3", "hv3", "hv1", "hv2", "vxlan")
        for name in ("hv1", "hv2"):
            scene.wait_fault("vx", name, name, "hv3", "geneve")
        assert not any(scene.faults("ge").values())
        scene.wait_apart("vx")
        hv.configure(sluice_encap_type="vxlan,geneve")
        scene.wait_mended()


@tap.case("one hypervisor's underlay is IPv4, another's is IPv6")
def versions():
    with Lab() as lab:
        scene = Scene(lab, hosts=2)
        scene.add_hypervisor(underlay=lab.add_underlay(6))
        scene.add_network("vx", "vxlan", 100)
        scene.add_network("vl", "vlan", 100)
        for name in ("hv1", "hv2"):
            scene.wait_fault("vx", name, name, "hv3", "IPv4", "IPv6")
        scene.wait_fault("vx", "hv3", "hv1", "hv2", "hv3", "IPv4", "IPv6")
        scene.wait(*scene.groups(["vx-3"]))
        # It leaves: nobody has to reach it any more.
        scene.remove("vx-3")
        scene.wait_no_fault("vx")
        scene.check(*scene.groups())


@tap.case("segmentation_id: what is in use is refused, what is out of range "
          "is a fault")
def number():
    with Lab() as lab:
        scene = Faulty(lab)
        for kind, key in (("vxlan", 100), ("geneve", 100)):
            try:
                lab.nb.ctl("net-add", "again", "network_type=" + kind,
                           "segmentation_id=%d" % key)
            except CommandError as e:
                assert str(key) in e.stderr, e.stderr
            else:
                raise AssertionError("%s %d twice" % (kind, key))
            refused(lab, kind, "", key)
        refused(lab, "vxlan", "", 16777216)
        segment(lab, "vx", "vxlan", "", 0)
        for hv in scene.hvs:
            scene.wait_fault("vx", hv.name, "segmentation_id 0")
        scene.wait(*scene.groups(scene.names("vx")))
        segment(lab, "vx", "vlan", "physnet", 4095)
        for hv in scene.hvs:
            scene.wait_fault("vx", hv.name, "segmentation_id 4095")
        scene.wait(*scene.groups(scene.names("vx")))
        segment(lab, "vx", "vxlan", "", 100)
        scene.wait_mended()


def segment(lab, network, kind, physical, key):
    """Gives a network another segment, as no sluice-nbctl would."""
    return lab.nb.transact(
        {"op": "insert", "table": "Segment", "uuid-name": "s",
         "row": {"network_type": kind, "physical_network": physical,
                 "segmentation_id": key}},
        {"op": "update", "table": "Network",
         "where": [["name", "==", network]],
         "row": {"segment": ["named-uuid", "s"]}})


def refused(lab, kind, physical, key):
    try:
        segment(lab, "near", kind, physical, key)
    except OvsdbError:
        return
    raise AssertionError("%s %d was not refused" % (kind, key))


def mtu_case(version, overhead):
    @tap.case("an MTU that does not fit into an underlay of IPv%d" % version)
    def case():
        with Lab() as lab:
            scene = Scene(lab, hosts=2, version=version, mtu=1400)
            scene.add_network("vx", "vxlan", 100, "mtu=%d" % (1400 - overhead))
            scene.declare("ge", "geneve", 100, "mtu=1400")
            scene.add_port(scene.hvs[0], "ge-1")
            scene.wait_fault("ge", "hv1", "mtu 1400", "%d" % (1400 - overhead))
            scene.wait(*scene.groups())
            scene.wait_no_fault("vx")
            # It does fit.
            a, b = scene.vms["vx-1"], scene.vms["vx-2"]
            a.set_ip("10.0.0.1/24")
            b.set_ip("10.0.0.2/24")
            for size, passes in ((1400 - overhead, True),
                                 (1401 - overhead, False)):
                said = a.run("ping", "-c1", "-W1", "-Mdont", "-s", size - 28,
                             b.ip, check=False)
                assert (" 1 received" in said) == passes, said
            lab.nb.ctl("set", "Network", "vx", "mtu=%d" % (1401 - overhead))
            for hv in scene.hvs:
                scene.wait_fault("vx", hv.name, "mtu %d" % (1401 - overhead),
                                 scene.underlay.address(hv))
            scene.check(*scene.groups())
            lab.nb.ctl("set", "Network", "vx", "mtu=%d" % (1400 - overhead),
                       "--", "set", "Network", "ge", "mtu=1280")
            scene.wait_no_fault("vx")
            scene.wait_no_fault("ge")
            # The underlay's MTU changes.
            def set_mtu(mtu):
                scene.hvs[0].vsctl("set", "Interface", "br-under",
                                   "mtu_request=%d" % mtu)

            set_mtu(1399)
            scene.wait_fault("vx", "hv1", "has mtu 1399")
            set_mtu(1400)
            scene.wait_no_fault("vx")


mtu_case(4, 50)
mtu_case(6, 70)


@tap.case("rows of hypervisors that make no sense")
def rows():
    with Lab() as lab:
        scene = Faulty(lab)
        network = ["uuid", lab.nb.uuid("Network", "vx")]
        watch = scene.hvs[0].watch_flows()
        for encap in ("garbage", "vxlan:", "vxlan:1.2.3", "gre:10.88.0.9",
                      "geneve:10.88.0.9", ""):
            lab.nb.transact({
                "op": "insert", "table": "Network_Location",
                "row": {"network": network, "host": "hv9", "encap": encap}})
            for hv in scene.hvs:
                scene.wait_fault("vx", hv.name, hv.name, "hv9", encap)
            scene.check(*scene.groups())
            lab.nb.transact({"op": "delete", "table": "Network_Location",
                             "where": [["host", "==", "hv9"]]})
            scene.wait_no_fault("vx")
        # Ports that are nowhere, or have no address.
        for mac, host in (("garbage", "hv2"), ("0a:00:00:00:00:77", "hv9"),
                          ("", "hv2")):
            lab.nb.transact({
                "op": "insert", "table": "Port_Location",
                "row": {"port": ["uuid", NOBODY], "network": network,
                        "host": host, "claim": 1, "mac_address": mac,
                        "ip_addresses": ["set", ["nonsense", "10.0.0.9"]]}})
            lab.nb.ctl("--wait=hv", "set", "Network", "vx", "description=x")
            scene.check(*scene.groups())
            lab.nb.transact({"op": "delete", "table": "Port_Location",
                             "where": [["port", "==", ["uuid", NOBODY]]]})
        for hv in scene.hvs:
            hv.wait_in_step()
        # What came, went.
        flows = [change for change in watch.changes()
                 if "event=MODIFIED" not in change]
        assert sum("ADDED" in f for f in flows) == sum("DELETED" in f
                                                       for f in flows), flows
        watch.close()


@tap.case("a thousand hypervisors that cannot be reached are a few words")
def thousand():
    with Lab() as lab:
        scene = Scene(lab, hosts=2)
        scene.add_network("vx", "vxlan", 100)
        scene.wait(*scene.groups())
        network = ["uuid", lab.nb.uuid("Network", "vx")]
        lab.nb.transact(*[
            {"op": "insert", "table": "Network_Location",
             "row": {"network": network, "host": "far%d" % i,
                     "encap": "geneve:10.99.%d.%d" % (i >> 8, i & 255)}}
            for i in range(1000)])
        for hv in scene.hvs:
            scene.wait_fault("vx", hv.name, hv.name, "far", "more")
            assert len(scene.faults("vx")[hv.name]) < 1000
        scene.check(*scene.groups())
        lab.nb.transact({"op": "delete", "table": "Network_Location",
                         "where": [["host", "!=", "hv1"],
                                   ["host", "!=", "hv2"]]})
        scene.wait_no_fault("vx")


tap.main()
