#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What sluice-agent says by port-trace of where frames go, beside where they
go."""

import re
import threading

from lab import Lab, frame, send_frame, send_frames, tap, wait_until
from lab.asking import rows, settled
from lab.overlay import Scene
from lab.process import CommandError, Frozen

BROADCAST = "ff:ff:ff:ff:ff:ff"
STRANGER = "0a:ff:00:00:00:01"


def trace(hv, *args):
    """Returns the lines that port-trace answers."""
    return hv.agent.appctl("port-trace", *args).splitlines()


def refusal(hv, *args):
    """Returns what port-trace says is wrong with its arguments."""
    try:
        text = hv.agent.appctl("port-trace", *args)
    except CommandError as e:
        return str(e)
    raise AssertionError("not refused: " + text)


def verdict(hv, *args):
    text = trace(hv, *args)[-1]
    assert text.startswith("verdict: "), text
    return text[len("verdict: "):]


def named(scene, name):
    """Returns what a local port is called."""
    return 'port "%s" (%s)' % (name, scene.vms[name].port)


@tap.case("what it says of every way is what frames do",
          timeout=150)
def truth():
    with Lab() as lab:
        scene = Scene(lab)
        scene.add_network("vx", "vxlan", 100)
        scene.add_network("ge", "geneve", 100)
        scene.add_network("vl", "vlan", 100)
        scene.add_network("fl", "flat")
        for name in ("vx", "vl"):
            scene.add_port(scene.hvs[0], name + "-x")
        scene.wait(*scene.groups())
        compare(scene)
        for thing in ("port vx-1", "port vx-x", "port vx-2", "port vl-x",
                      "net vx", "net fl", "host hv1", "host hv2"):
            kind, name = thing.split()
            scene.nb.ctl("--wait=hv", kind + "-disable", name)
            compare(scene)
            scene.nb.ctl("--wait=hv", kind + "-enable", name)


def compare(scene):
    """Compares, for a VM of each network on hv1 and each address, where the
    frames go that it sends and what the agent says."""
    hv = scene.hvs[0]
    everybody = list(scene.vms.values())
    addresses = [vm.mac for vm in everybody] + [BROADCAST, STRANGER]
    for name in [n for n in scene.on(hv) if n.endswith("-1")]:
        got = send_frames(scene.vms[name], [frame(a) for a in addresses],
                          [vm for vm in everybody if vm.name != name])
        for address, names in zip(addresses, got):
            compare_one(scene, hv, name, address, names)


def compare_one(scene, hv, name, address, got):
    said = verdict(hv, name, address)
    here = {n for n in got if scene.vms[n].hypervisor is hv}
    delivered = re.search(r"delivered to ([^;]*)", said)
    assert here == set(re.findall(r'port "([^"]*)"', delivered.group(1)
                                  if delivered else "")), (said, got)
    left = re.search(r"leaves by ([^;]*)", said)
    hosts = set(re.findall(r"\((hv\d)\)", left.group(1) if left else ""))
    for n in got - here:
        # A physical network does not tell.
        assert left and ("physical network" in said
                         or scene.vms[n].hypervisor.name in hosts), (said, n)
    if not left and not here:
        assert said.startswith("dropped"), said


@tap.case("each step in words, and each gate")
def words():
    with Lab() as lab:
        scene = Scene(lab, hosts=2)
        scene.add_network("vx", "vxlan", 100)
        scene.add_port(scene.hvs[0], "vx-x")
        scene.add_network("vl", "vlan", 100)
        scene.wait(*scene.groups())
        hv, vms = scene.hvs[0], scene.vms
        me, other = named(scene, "vx-1"), named(scene, "vx-x")
        far = "port %s at hv2" % vms["vx-2"].port
        admit = ["from " + me, "", None,
                 'admit: %s is up, in network "vx"' % me,
                 'gate: network "vx" is up']

        def check(dst, *lines):
            have = trace(hv, "vx-1", dst)
            want = list(lines[-5:]) if lines[0] is None else [
                *admit, *lines]
            want[2] = "a frame to %s:" % dst
            assert have == want, "\n".join(have)
        check(vms["vx-x"].mac,
              "l2: %s is %s" % (vms["vx-x"].mac, other),
              "egress: to %s, interface vx-x" % other,
              "verdict: delivered to " + other)
        way = "vxlan to 10.88.0.2 (hv2)"
        left = ("leaves by %s; whether it is delivered there is for hv2 to "
                "say: ask its agent" % way)
        remote = ["l2: %s is %s" % (vms["vx-2"].mac, far),
                  "remote: by %s, VNI 100" % way, "verdict: " + left]
        check(vms["vx-2"].mac, *remote)
        check(STRANGER,
              'l2: network "vx" has nobody with %s: dropped here' % STRANGER,
              'verdict: dropped by network "vx", which has nobody with '
              + STRANGER)
        check(vms["vx-1"].mac, "l2: %s is %s" % (vms["vx-1"].mac, me),
              "egress: not back to " + me,
              "verdict: dropped: nobody else is there to take it")
        text = trace(hv, "vx-1", BROADCAST)
        assert sorted(text[6:-1]) == sorted([
            "egress: not back to " + me,
            "egress: to %s, interface vx-x" % other,
            "remote: by %s, VNI 100" % way]), text
        assert text[-1] == "verdict: delivered to %s; %s" % (other, left)
        assert verdict(hv, "vl-1", STRANGER) == (
            "leaves by physical network physnet, VLAN 100; what becomes of "
            "it there is not known here")
        reserved = "01:80:c2:00:00:0e"
        assert verdict(hv, vms["vx-1"].port, reserved) == (
            "dropped by the bridge, which forwards nothing to " + reserved)

        # The gates.
        settled(hv)
        before = next(r["tx_packets"] for r in rows(hv, "tunnel/list")
                      if r["host"] == "hv2")
        scene.nb.ctl("--wait=hv", "port-disable", "vx-x")
        check(vms["vx-x"].mac,
              "l2: %s is %s" % (vms["vx-x"].mac, other),
              "egress: %s is disabled: dropped here" % other,
              "verdict: dropped by %s, which is disabled" % other)
        assert trace(hv, "vx-x", vms["vx-1"].mac)[3:] == [
            "admit: %s is disabled: dropped here" % other,
            "verdict: dropped by %s, which is disabled" % other]
        # Another's gate is for the other to say: it has the last word.
        scene.nb.ctl("--wait=hv", "port-disable", "vx-2")
        check(vms["vx-2"].mac, *remote)
        assert "is disabled" in verdict(scene.hvs[1], "vx-2",
                                        vms["vx-1"].mac)
        scene.nb.ctl("--wait=hv", "net-disable", "vx")
        assert trace(hv, "vx-1", vms["vx-2"].mac)[4:] == [
            'gate: network "vx" is disabled: dropped here',
            'verdict: dropped by network "vx", which is disabled']
        scene.nb.ctl("--wait=hv", "host-disable", "hv1")
        assert trace(hv, "vx-1", vms["vx-2"].mac)[3:] == [
            "admit: hypervisor hv1 is disabled: dropped here",
            "verdict: dropped by hypervisor hv1, which is disabled"]
        # It has changed and counted nothing.
        settled(hv)
        assert [r["tx_packets"] for r in rows(hv, "tunnel/list")
                if r["host"] == "hv2"] == [before], before
        hv.wait_in_step()


@tap.case("to an IP address, the question and the packet")
def addresses():
    with Lab() as lab:
        scene = Scene(lab, hosts=2)
        scene.add_network("vx", "vxlan", 100)
        scene.add_port(scene.hvs[0], "vx-x")
        scene.wait(*scene.groups())
        hv, vms = scene.hvs[0], scene.vms
        scene.add_subnet("vx", "10.0.0.0/24")
        scene.add_subnet("vx", "fd00::/64")
        scene.allocate("vx-x", v4="10.0.0.3", v6="fd00::3")
        scene.allocate("vx-2", v4="10.0.0.2", v6="fd00::2")
        wait_until(lambda: all("verdict: answered here" in trace(
            hv, "vx-1", "fd00::%d" % n) for n in (2, 3)), what="answers")
        far = "port %s at hv2" % vms["vx-2"].port
        near = named(scene, "vx-x")
        for ip, who, mac, end in (
                ("10.0.0.2", far, vms["vx-2"].mac, "leaves by vxlan"),
                ("fd00::2", far, vms["vx-2"].mac, "leaves by vxlan"),
                ("10.0.0.3", near, vms["vx-x"].mac, "delivered to " + near),
                ("fd00::3", near, vms["vx-x"].mac, "delivered to " + near)):
            text = trace(hv, "vx-1", ip)
            assert text[1] == "%s is of %s, %s" % (ip, who, mac), text
            assert text[3].startswith("the question who has %s, to" % ip)
            assert "answer: it is answered here, in the name of " + who \
                in text, text
            assert "verdict: answered here" in text, text
            assert "a packet to %s, to %s:" % (ip, mac) in text, text
            assert text[-1].startswith("verdict: " + end), text
        # Nobody has it: who has is asked, everywhere.
        for ip in ("10.0.0.9", "fd00::9"):
            text = trace(hv, "vx-1", ip)
            assert text[1] == ('%s is of no port that is known in network '
                               '"vx", so who has it is asked' % ip), text
            assert not any(t.startswith("a packet") for t in text), text
            assert "delivered to %s; leaves by" % near in text[-1], text
        # Its own: everybody is told.
        text = trace(hv, "vx-x", "10.0.0.3")
        assert any("asks about its own address" in t for t in text), text
        # A network that is down answers nobody.
        scene.nb.ctl("--wait=hv", "net-disable", "vx")
        text = trace(hv, "vx-1", "10.0.0.2")
        assert text.count('verdict: dropped by network "vx", which is '
                          'disabled') == 2, text


@tap.case("addresses that were learned")
def learned():
    with Lab() as lab:
        scene = Scene(lab, hosts=2)
        scene.declare("ge", "geneve", 100)
        for number, hv in enumerate(scene.hvs, 1):
            scene.add_port(hv, "ge-%d" % number,
                           columns=["port_security_enabled=false"])
        scene.add_port(scene.hvs[0], "ge-x",
                       columns=["port_security_enabled=false"])
        hv = scene.hvs[0]
        wait_until(lambda: "(hv2)" in verdict(hv, "ge-1", BROADCAST),
                   what="hv2 to be there")
        text = trace(hv, "ge-1", STRANGER)
        assert "unknown: to whoever takes unknown addresses" in text, text
        assert "delivered to " + named(scene, "ge-x") in text[-1], text
        assert "leaves by geneve to 10.88.0.2 (hv2)" in text[-1], text
        send_frame(scene.vms["ge-2"], BROADCAST, [scene.vms["ge-1"]],
                   src=STRANGER)
        text = trace(hv, "ge-1", STRANGER)
        assert ("learned: %s was last seen beyond this hypervisor" % STRANGER
                in text), text
        assert text[-1].startswith("verdict: leaves by geneve to 10.88.0.2 "
                                   "(hv2); "), text
        send_frame(scene.vms["ge-x"], BROADCAST, [scene.vms["ge-1"]],
                   src=STRANGER)
        text = trace(hv, "ge-1", STRANGER)
        assert "learned: %s was last seen behind %s" % (
            STRANGER, named(scene, "ge-x")) in text, text
        assert text[-1] == "verdict: delivered to " + named(scene, "ge-x")


@tap.case("over an underlay of IPv6, also what was learned")
def ipv6():
    with Lab() as lab:
        scene = Scene(lab, hosts=2, version=6)
        scene.declare("vx", "vxlan", 100)
        for number, hv in enumerate(scene.hvs, 1):
            scene.add_port(hv, "vx-%d" % number,
                           columns=["port_security_enabled=false"])
        hv = scene.hvs[0]
        way = "leaves by vxlan to fd88::2 (hv2); "
        wait_until(lambda: verdict(hv, "vx-1", scene.vms["vx-2"].mac)
                   .startswith(way), what="hv2 to be there")
        assert verdict(hv, "vx-1", BROADCAST).startswith(way)
        send_frame(scene.vms["vx-2"], BROADCAST, [scene.vms["vx-1"]],
                   src=STRANGER)
        text = trace(hv, "vx-1", STRANGER)
        assert ("learned: %s was last seen beyond this hypervisor" % STRANGER
                in text), text
        assert text[-1].startswith("verdict: " + way), text


@tap.case("ports that are not here, or cannot send")
def not_here():
    with Lab() as lab:
        scene = Scene(lab, hosts=2)
        scene.add_network("vx", "vxlan", 100)
        scene.wait(*scene.groups())
        first, second = scene.hvs
        vms = scene.vms
        nothing = "dropped: nothing that the port sends is admitted here: "

        # Elsewhere; it has no name here.
        there = vms["vx-2"].port
        assert "%s: this port is at hv2: ask its agent" % there in refusal(
            first, there, STRANGER)
        assert "vx-2: no such port" in refusal(first, "vx-2", STRANGER)
        # On both: here, it is on standby, until it is gone from there.
        vm = vms["vx-2"]
        scene.nb.ctl("set", "Port", "vx-2", "host=hv2")
        first.add_vif(vm.port, name="again", mac=vm.mac)
        first.wait_status("again", "standby: the port is at hv2")
        assert verdict(first, "vx-2", STRANGER) == (
            nothing + "its interface here is on standby, the port is at hv2: "
            "ask its agent")
        assert [(r["state"], r["interface"]) for r in rows(first, "port/list")
                if r["name"] == "vx-2"] == [("standby", "again")]
        assert rows(first, "port/show", "vx-2")[0]["elsewhere"] == "hv2"
        assert "leaves by" in verdict(second, "vx-2", vms["vx-1"].mac)
        second.unplug("vx-2")
        first.wait_status("again", "up")
        wait_until(lambda: "delivered to " + named(scene, "vx-2") in verdict(
            first, "vx-1", vm.mac), what="vx-2 to be here")
        # Not plugged anywhere.
        first.unplug("again")
        scene.nb.ctl("set", "Port", "vx-2", "host=hv1")
        wait_until(lambda: any(r["name"] == "vx-2" and r["state"]
                               == "unplugged"
                               for r in rows(first, "port/list")),
                   what="an unplugged port")
        wait_until(lambda: verdict(first, "vx-2", STRANGER) == (
            nothing + "it is not plugged: no interface has "
            "external_ids:iface-id=" + vm.port), what="nobody to have it")
        # Not in the database.
        unknown = "12345678-1234-1234-1234-123456789abc"
        first.add_vif(unknown, name="what")
        first.wait_status("what", "unknown-port")
        assert verdict(first, unknown, STRANGER) == (
            nothing + "the northbound database does not have it")
        # At fault.
        scene.nb.transact({
            "op": "update", "table": "Port",
            "where": [["name", "==", "vx-1"]], "row": {"mac_address": "x"}})
        wait_until(lambda: "mac_address" in first.status("vx-1"),
                   what="a fault")
        assert verdict(first, "vx-1", STRANGER).startswith(
            nothing + "it has a fault: mac_address \"x\"")


@tap.case("bad arguments")
def bad_arguments():
    with Lab() as lab:
        hv = lab.add_hypervisor()
        lab.nb.ctl("net-add", "blue")
        a = hv.add_port("blue", "a")
        hv.add_port("blue", "twin")
        twin = hv.add_port("blue", "twin2")
        lab.nb.transact({"op": "update", "table": "Port",
                         "where": [["name", "==", "twin2"]],
                         "row": {"name": "twin"}})
        wait_until(lambda: "twin" == next(
            r["name"] for r in rows(hv, "port/list")
            if r["port"] == twin.port), what="twins")
        assert "takes a port and" in refusal(hv, "a")
        assert "takes a port and" in refusal(hv, "a", "--raw")
        assert "port-trace" in refusal(hv, "--raw", "a", a.mac, "y")
        assert "b: no such port" in refusal(hv, "b", a.mac)
        assert "two local ports have this name" in refusal(hv, "twin", a.mac)
        for bad in ("", "b", "10.0.0", "10.0.0.256", "0a:00:00:00:00",
                    "224.0.0.1", "0.0.0.0", "ff02::1", "::", "10.0.0.1/24"):
            assert "neither an Ethernet address nor" in refusal(
                hv, "a", bad), bad
        assert "no such port" in refusal(
            hv, "12345678-1234-1234-1234-123456789abc", a.mac)
        # What vswitchd says can be had, too, before the verdict.
        for args in (("--raw", "a", STRANGER), ("a", "--raw", STRANGER),
                     ("a", STRANGER, "--raw")):
            text = trace(hv, *args)
            assert any(t.startswith("Datapath actions: drop")
                       for t in text), text
            assert text[-1].startswith("verdict: dropped by network"), text


@tap.case("while ovs-vswitchd hangs, and when it is gone",
          timeout=90)
def without_switch():
    with Lab() as lab:
        hv = lab.add_hypervisor()
        lab.nb.ctl("net-add", "blue")
        a = hv.add_port("blue", "a")
        with Frozen(hv.vswitchd):
            said = []
            asker = threading.Thread(
                target=lambda: said.append(refusal(hv, "a", a.mac)))
            asker.start()
            # Meanwhile the agent does what it has to.
            while asker.is_alive():
                assert "connected" in hv.agent.appctl("connection-status")
            asker.join()
        assert "ovs-vswitchd does not tell: no answer" in said[0], said
        assert "not back to" in "".join(trace(hv, "a", a.mac))
        hv.vswitchd.kill9()
        assert "ovs-vswitchd does not tell: " in refusal(hv, "a", a.mac)
        hv.vswitchd.start()
        hv.wait_in_step()
        wait_until(lambda: "not back to" in "".join(trace(hv, "a", a.mac)),
                   what="the switch")


@tap.case("what the switch cannot do is its own verdict")
def objections():
    with Lab() as lab:
        scene = Scene(lab, hosts=2)
        scene.add_network("vx", "vxlan", 100)
        scene.wait(*scene.groups())
        hv, vms = scene.hvs[0], scene.vms
        # The switch asks for what it does not know, and drops meanwhile.
        scene.underlay.cut(scene.hvs[1])
        hv.vswitchd.appctl("tnl/neigh/flush")
        said = verdict(hv, "vx-1", vms["vx-2"].mac)
        assert said.startswith(
            "dropped by the switch on the way to vxlan to 10.88.0.2 (hv2): "
            "neighbor cache miss for 10.88.0.2"), said
        scene.underlay.heal(scene.hvs[1])
        wait_until(lambda: verdict(hv, "vx-1", vms["vx-2"].mac).startswith(
            "leaves by"), what="hv2's Ethernet address")
        # It has no way there.
        hv.netns.ip("addr del 10.88.0.1/24 dev br-under")
        wait_until(lambda: "routing failed" in verdict(
            hv, "vx-1", vms["vx-2"].mac), what="no way to hv2")
        text = trace(hv, "vx-1", vms["vx-2"].mac)
        assert text[-2] == ("switch: native tunnel routing failed: dropped "
                            "here"), text
        assert text[-1] == (
            "verdict: dropped by the switch on the way to vxlan to 10.88.0.2 "
            "(hv2): native tunnel routing failed"), text
        assert not send_frame(vms["vx-1"], vms["vx-2"].mac, [vms["vx-2"]])


tap.main()
