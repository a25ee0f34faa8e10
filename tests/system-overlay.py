#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Networks that span three hypervisors, with real packets between them."""

from lab import Frozen, Lab, Sniffer, send_frame, tap, wait_until
from lab.overlay import Scene

BROADCAST = "ff:ff:ff:ff:ff:ff"

# A network of each kind, and a second one of each that is told apart by its
# number.  Overlays of two types have the same number.
NETWORKS = [("vxa", "vxlan", 100), ("vxb", "vxlan", 16777215),
            ("gea", "geneve", 100), ("geb", "geneve", 101),
            ("vla", "vlan", 100), ("vlb", "vlan", 101), ("fla", "flat", 0)]


@tap.case("any to any and apart, even with one address on all networks")
def any_to_any():
    with Lab() as lab:
        scene = Scene(lab)
        for name, kind, key in NETWORKS:
            scene.declare(name, kind, key)
            for number, hv in enumerate(scene.hvs, 1):
                scene.add_port(hv, "%s-%d" % (name, number),
                               mac="0a:11:00:00:00:%02x" % number,
                               ip="10.0.0.%d/24" % number)
        scene.wait(*scene.groups())
        for name, _, _ in NETWORKS:
            a, b = scene.vms[name + "-1"], scene.vms[name + "-3"]
            assert a.ping(b) == 3, name
        # A network without a second hypervisor, beside.
        scene.declare("alone", "vxlan", 101)
        scene.add_port(scene.hvs[0], "alone-1")
        scene.add_port(scene.hvs[0], "alone-2")
        scene.check(*scene.groups())


@tap.case("any to any over an underlay of IPv6")
def ipv6():
    with Lab() as lab:
        scene = Scene(lab, version=6)
        scene.add_network("vx", "vxlan", 100)
        scene.add_network("ge", "geneve", 100)
        scene.add_port(scene.hvs[1], "vx-x")
        scene.wait(*scene.groups())
        scene.wait_locations("ge", hv1="geneve:fd88::1", hv2="geneve:fd88::2",
                             hv3="geneve:fd88::3")


@tap.case("one tunnel port for each type, whatever the peers")
def tunnel_ports():
    with Lab() as lab:
        scene = Scene(lab)
        scene.add_network("vx", "vxlan", 100)
        scene.wait(*scene.groups())
        for hv in scene.hvs:
            for kind in ("vxlan", "geneve"):
                options = hv.vsctl("get", "Interface", "sluice-" + kind,
                                   "options")
                for option in ("remote_ip=flow", "key=flow", 'local_ip="%s"'
                               % scene.underlay.address(hv)):
                    assert option in options, options
            assert hv.vsctl("list-ports", "br-int").count("sluice-") == 2
        # One type alone: the other's port goes.
        scene.hvs[0].configure(sluice_encap_type="vxlan")
        wait_until(lambda: "sluice-geneve" not in scene.hvs[0].vsctl(
            "list-ports", "br-int"), what="the tunnel port to go")
        scene.check(*scene.groups())
        # Somebody takes the other away: it is made again.
        scene.hvs[1].vsctl("del-port", "sluice-vxlan")
        scene.wait(*scene.groups())


@tap.case("a broadcast crosses the underlay once for each other hypervisor")
def once():
    with Lab() as lab:
        scene = Scene(lab)
        scene.add_network("vx", "vxlan", 100)
        for number in range(4, 7):
            # More ports do not make more packets.
            scene.add_port(scene.hvs[number - 4], "vx-%d" % number)
        scene.wait(*scene.groups())
        for sender in (0, 1, 2):
            assert scene.crossing("vx-%d" % (sender + 1), BROADCAST) == [
                2 if hv == sender else 1 for hv in range(3)]
        # Unicast, to one that is far and to one that is here.
        vms = scene.vms
        assert scene.crossing("vx-1", vms["vx-2"].mac) == [1, 1, 0]
        assert scene.crossing("vx-1", vms["vx-4"].mac) == [0, 0, 0]
        # To nobody: where nobody may have others behind him, to nobody.
        assert scene.crossing("vx-1", "0a:ff:00:00:00:01") == [0, 0, 0]


@tap.case("behind ports that allow it: addresses elsewhere are learned")
def unknown():
    with Lab() as lab:
        scene = Scene(lab)
        scene.declare("vx", "vxlan", 100)
        opened = ["port_security_enabled=false"]
        for number, columns in ((1, ()), (2, opened), (3, opened)):
            scene.add_port(scene.hvs[number - 1], "vx-%d" % number,
                           columns=columns)
        scene.wait(*scene.groups())
        behind = "0a:ee:00:00:00:07"
        got = {}

        def sends_to(name, dst, src=None):
            others = [vm for n, vm in scene.vms.items() if n != name]
            got[name] = send_frame(scene.vms[name], dst, others, src=src)
            return got[name]
        # Nobody knows it: to those that may have it behind them.
        assert sends_to("vx-1", behind) == {"vx-2", "vx-3"}, got
        assert sends_to("vx-2", behind) == {"vx-3"}, got
        # It speaks up behind vx-2, then behind vx-3.
        for speaker in ("vx-2", "vx-3"):
            assert len(sends_to(speaker, BROADCAST, src=behind)) == 2, got
            assert sends_to("vx-1", behind) == {speaker}, got
        assert sends_to("vx-2", behind) == {"vx-3"}, got
        # What is learned passes no gate that is shut.
        scene.nb.ctl("--wait=hv", "port-disable", "vx-3")
        assert not sends_to("vx-1", behind), got


# Admin state.

@tap.case("admin states hold between hypervisors, at once")
def admin():
    with Lab() as lab:
        scene = Scene(lab)
        scene.add_network("vx", "vxlan", 100)
        scene.add_network("ge", "geneve", 100)
        scene.add_port(scene.hvs[0], "vx-x")
        scene.wait(*scene.groups())
        vx, ge = scene.names("vx"), scene.names("ge")
        for down, up, left in (
                ("net-disable vx", "net-enable vx", [ge]),
                ("net-disable ge", "net-enable ge", [vx]),
                ("port-disable vx-2", "port-enable vx-2",
                 scene.groups(["vx-2"])),
                ("host-disable hv3", "host-enable hv3",
                 scene.groups(scene.on(scene.hvs[2])))):
            scene.nb.ctl("--wait=hv", *down.split())
            scene.check(*left)
            scene.nb.ctl("--wait=hv", *up.split())
            scene.check(vx, ge)


@tap.case("a flow between hypervisors stops with its network and its ports")
def flow_stops():
    with Lab() as lab:
        scene = Scene(lab, hosts=2)
        scene.add_network("vx", "vxlan", 100)
        scene.wait(*scene.groups())
        flow = scene.vms["vx-1"].start_flow(scene.vms["vx-2"], pps=500)
        for thing in ("net vx", "port vx-1", "port vx-2", "host hv1",
                      "host hv2"):
            kind, name = thing.split()
            flow.wait_received(100)
            scene.nb.ctl("--wait=hv", kind + "-disable", name)
            # In the underlay there may still be some.
            flow.wait_silent(count=50)
            received = flow.report()["received"]
            flow.wait_sent_more(100)
            assert flow.report()["received"] == received, thing
            scene.nb.ctl("--wait=hv", kind + "-enable", name)
        flow.wait_received(100)
        assert flow.stop()["duplicated"] == 0


def one_that_has_not_applied(how):
    """A case in which hv1's agent does nothing more from how(agent) on."""
    with Lab() as lab:
        scene = Scene(lab)
        scene.add_network("vx", "vxlan", 100)
        scene.add_network("ge", "geneve", 100)
        scene.add_port(scene.hvs[0], "vx-x")
        scene.wait(*scene.groups())
        vx, ge = scene.names("vx"), scene.names("ge")
        with how(scene.hvs[0].agent):
            scene.nb.ctl("net-disable", "vx")
            scene.wait_applied("vx", "hv2", "hv3")
            # There it goes on, and goes out, and no further.
            scene.check(["vx-1", "vx-x"], ge)
            assert scene.crossing("vx-1", BROADCAST) == [2, 1, 1]
            scene.nb.ctl("net-enable", "vx")
            scene.wait_applied("vx", "hv2", "hv3")
            scene.check(vx, ge)
            # A port likewise.
            scene.nb.ctl("--wait=hv", "port-disable", "vx-3")
            scene.check([n for n in vx if n != "vx-3"], ge)
        scene.nb.ctl("--wait=hv", "port-enable", "vx-3")
        scene.check(vx, ge)


class Killed:
    """In the block, a daemon is not there."""

    def __init__(self, daemon):
        self.daemon = daemon

    def __enter__(self):
        self.daemon.kill9()

    def __exit__(self, *_):
        self.daemon.start()


@tap.case("an agent that hangs has applied nothing: others drop what comes")
def hanging():
    one_that_has_not_applied(Frozen)


@tap.case("an agent that died has applied nothing: others drop what comes")
def dead():
    one_that_has_not_applied(Killed)


# Loss.

@tap.case("a hypervisor lost, and back")
def lost():
    with Lab() as lab:
        scene = Scene(lab)
        scene.add_network("vx", "vxlan", 100)
        scene.add_network("ge", "geneve", 100)
        scene.wait(*scene.groups())
        hv = scene.hvs[1]
        others = [h.watch_flows() for h in scene.hvs if h is not hv]
        for daemon in hv.daemons():
            daemon.kill9()
        scene.check(*scene.groups(scene.on(hv)))
        # It may be back any moment: nobody has forgotten it.
        assert [w.changes() for w in others] == [[], []]
        hv.ovsdb.start()
        hv.vswitchd.start()
        scene.underlay.restore(hv)
        hv.agent.start()
        scene.wait(*scene.groups())
        assert [w.changes() for w in others] == [[], []]
        for watch in others:
            watch.close()


@tap.case("the underlay cut, and healed")
def cut():
    with Lab() as lab:
        scene = Scene(lab)
        scene.add_network("vx", "vxlan", 100)
        scene.add_port(scene.hvs[2], "vx-x")
        scene.wait(*scene.groups())
        watches = [hv.watch_flows() for hv in scene.hvs]
        scene.underlay.cut(scene.hvs[2])
        scene.check(["vx-1", "vx-2"], ["vx-3", "vx-x"])
        scene.nb.ctl("--wait=hv", "net-disable", "vx", "--", "port-disable",
                     "vx-1")
        scene.nb.ctl("--wait=hv", "net-enable", "vx", "--", "port-enable",
                     "vx-1")
        for watch in watches:
            watch.changes()
        scene.underlay.heal(scene.hvs[2])
        scene.check(*scene.groups())
        assert [w.changes() for w in watches] == [[], [], []]
        for watch in watches:
            watch.close()


@tap.case("an agent restarted changes no flow and loses no packet")
def restarted():
    with Lab() as lab:
        scene = Scene(lab)
        scene.add_network("vx", "vxlan", 100)
        scene.add_network("ge", "geneve", 100)
        scene.wait(*scene.groups())
        watches = [hv.watch_flows() for hv in scene.hvs]
        flow = scene.vms["vx-1"].start_flow(scene.vms["vx-3"], pps=500)
        for end in ("stop", "kill9"):
            for hv in (scene.hvs[0], scene.hvs[2]):
                getattr(hv.agent, end)()
                flow.wait_received(50)
                hv.agent.start()
                hv.wait_in_step()
                flow.wait_received(50)
        assert [w.changes() for w in watches] == [[], [], []]
        result = flow.stop()
        assert result["lost"] == result["duplicated"] == 0, result
        for watch in watches:
            watch.close()
        scene.check(*scene.groups())


# Changes.

@tap.case("a network's number changed under it")
def number_changed():
    with Lab() as lab:
        scene = Scene(lab)
        scene.add_network("vx", "vxlan", 100)
        scene.wait(*scene.groups())
        scene.nb.ctl("--wait=hv", "set", "Network", "vx", "description=x")
        lab.nb.transact({
            "op": "update", "table": "Segment",
            "where": [["segmentation_id", "==", 100]],
            "row": {"segmentation_id": 7000000}})
        for name, vm in scene.vms.items():
            wait_until(lambda: keys(scene, name) == {7000000},
                       what="%s's frames to have the new number" % name)
        scene.wait(*scene.groups())
        # The old one is free.
        scene.add_network("vy", "vxlan", 100)
        scene.wait(*scene.groups())


def keys(scene, name):
    """Returns with which numbers a VM's broadcast crosses its uplink."""
    vm = scene.vms[name]
    with Sniffer(scene.underlay.packet_socket(vm.hypervisor)) as sniffer:
        send_frame(vm, BROADCAST, [])
        return {t.key for t in sniffer.tunnelled() if t.frame.src == vm.mac}


@tap.case("a network's type changed under it")
def type_changed():
    with Lab() as lab:
        scene = Scene(lab)
        scene.add_network("net", "vxlan", 100)
        scene.wait(*scene.groups())
        for kind, physical in (("geneve", ""), ("vlan", "physnet"),
                               ("vxlan", "")):
            lab.nb.transact({
                "op": "update", "table": "Segment", "where": [],
                "row": {"network_type": kind, "physical_network": physical}})
            want = {} if physical else {
                hv.name: "%s:%s" % (kind, scene.underlay.address(hv))
                for hv in scene.hvs}
            scene.wait_locations("net", **want)
            scene.wait(*scene.groups())


@tap.case("a hypervisor's underlay address changed")
def address_changed():
    with Lab() as lab:
        scene = Scene(lab)
        scene.add_network("vx", "vxlan", 100)
        scene.wait(*scene.groups())
        hv = scene.hvs[1]
        address = scene.underlay.set_address(hv, 20)
        scene.check(*scene.groups(["vx-2"]))
        hv.configure(sluice_encap_ip=address)
        scene.wait_locations("vx", hv1="vxlan:10.88.0.1",
                             hv2="vxlan:10.88.0.20", hv3="vxlan:10.88.0.3")
        scene.wait(*scene.groups())
        assert not any("10.88.0.2," in f or "0xa580002," in f
                       for f in scene.hvs[0].flows())


@tap.case("a hypervisor joins and leaves: what others have of it does too")
def join_and_leave():
    with Lab() as lab:
        scene = Scene(lab)
        scene.declare("vx", "vxlan", 100)
        first, second, third = scene.hvs
        scene.add_port(first, "vx-1")
        scene.add_port(second, "vx-2")
        two = {"hv1": "vxlan:10.88.0.1", "hv2": "vxlan:10.88.0.2"}
        scene.wait_locations("vx", **two)
        scene.wait(*scene.groups())
        before = [first.flows(), second.flows()]
        assert scene.crossing("vx-1", BROADCAST) == [1, 1, 0]
        scene.add_port(third, "vx-3")
        scene.wait_locations("vx", hv3="vxlan:10.88.0.3", **two)
        scene.wait(*scene.groups())
        # Its second port is no second receiver of floods.
        scene.add_port(third, "vx-x")
        scene.wait(*scene.groups())
        assert scene.crossing("vx-1", BROADCAST) == [2, 1, 1]
        scene.remove("vx-x")
        scene.remove("vx-3")
        scene.wait_locations("vx", **two)
        for hv, flows in zip((first, second), before):
            wait_until(lambda: hv.flows() == flows, what="the old flows")
        scene.check(*scene.groups())
        assert scene.crossing("vx-1", BROADCAST) == [1, 1, 0]
        # The network has gone from it altogether.
        uuid = scene.nb.uuid("Network", "vx")
        wait_until(lambda: not any("cookie=0x%x" % int(
            uuid.replace("-", "")[:16], 16) in f for f in third.flows()),
            what="the network's flows to go")


tap.main()
