#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What an operator asks sluice-agent of networks that span hypervisors:
network/list, tunnel/list and port-trace, beside what packets do."""

import json
import os
import re
import select
import signal
import socket
import struct
import threading
import time

from lab import Lab, frame, send_frame, send_frames, tap, wait_until
from lab.overlay import Scene
from lab.process import CommandError

BROADCAST = "ff:ff:ff:ff:ff:ff"
STRANGER = "0a:ff:00:00:00:01"

# Room for the tunnels' headers around packets of the usual size.
MTU = 1600

VXLAN_PORT = 4789
SO_NO_CHECK = 11
ETH_P_ARP = 0x0806


# Asking.

def rows(hv, *command):
    """Returns the rows that the agent of `hv` answers, as dicts."""
    answer = json.loads(hv.agent.appctl(*command, "-f", "json"))
    return [dict(zip(answer["headings"], row)) for row in answer["data"]]


def network(hv, name):
    """Returns the row of a network in network/list."""
    return next(r for r in rows(hv, "network/list") if r["name"] == name)


def peer(hv, host, kind="vxlan"):
    """Returns the row of a hypervisor in tunnel/list."""
    return next(r for r in rows(hv, "tunnel/list")
                if r["host"] == host and r["type"] == kind)


def settled(hv):
    """Waits until the counters of hv's flows tell of all packets there
    were."""
    for _ in range(2):
        hv.vswitchd.appctl("revalidator/wait")


def counted(hv, host, **columns):
    """Waits until tunnel/list says this of a hypervisor.  A counter that has
    passed it by never comes back."""
    want = {c: str(v) for c, v in columns.items()}

    def told():
        settled(hv)
        have = peer(hv, host)
        return {c: have[c] for c in want} == want
    wait_until(told, what="%s to have %s" % (host, want))


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


def give_ips(scene, name, *addresses):
    """Gives a port IP addresses, in the database alone."""
    port = ["uuid", scene.vms[name].port]
    net = ["uuid", scene.nb.uuid("Network", name.rpartition("-")[0])]
    subnets = [{"op": "insert", "table": "Subnet", "uuid-name": "s%d" % i,
                "row": {"network": net, "cidr": address + "/32",
                        "ip_version": 6 if ":" in address else 4}}
               for i, address in enumerate(addresses)]
    allocations = [{"op": "insert", "table": "IP_Allocation",
                    "uuid-name": "a%d" % i,
                    "row": {"subnet": ["named-uuid", "s%d" % i],
                            "ip_address": address}}
                   for i, address in enumerate(addresses)]
    scene.nb.transact(*subnets, *allocations, {
        "op": "update", "table": "Port", "where": [["_uuid", "==", port]],
        "row": {"ip_allocations": ["set", [
            ["named-uuid", "a%d" % i] for i in range(len(addresses))]]}})


def wait_answering(hv, *addresses):
    """Waits until flows answer who asks for these IPv4 addresses."""
    wait_until(lambda: all(any("arp_tpa=%s," % a in f for f in hv.flows())
                           for a in addresses), what="answers")


# Networks.

@tap.case("network/list: what of a network is here, and what elsewhere")
def networks():
    with Lab() as lab:
        scene = Scene(lab, mtu=MTU)
        scene.add_network("vx", "vxlan", 100, "mtu=1400")
        scene.add_network("vl", "vlan", 100)
        scene.add_port(scene.hvs[0], "vx-x")
        scene.add_port(scene.hvs[1], "vx-y")
        scene.wait(*scene.groups())
        want = {"type": "vxlan", "segmentation_id": "100", "mtu": "1400",
                "encap": "vxlan:10.88.0.1", "ports": "2", "wired": "2",
                "hypervisors": "2", "remote_ports": "3", "answered": "0",
                "fault": ""}
        have = network(scene.hvs[0], "vx")
        assert {c: have[c] for c in want} == want, have
        want = {"type": "vlan", "physical_network": "physnet", "encap": "",
                "ports": "1", "wired": "1", "hypervisors": "0",
                "remote_ports": "0", "fault": ""}
        have = network(scene.hvs[0], "vl")
        assert {c: have[c] for c in want} == want, have
        # A port elsewhere is none of this hypervisor's.
        assert {r["name"] for r in rows(scene.hvs[0], "port/list")} == {
            "vx-1", "vx-x", "vl-1"}
        status = rows(scene.hvs[0], "status")[0]
        assert [status[c] for c in ("ports", "ports_wired", "networks",
                                    "remote_ports", "peers")] == [
            "3", "3", "2", "3", "2"], status
        scene.remove("vx-3")
        wait_until(lambda: network(scene.hvs[0], "vx")["hypervisors"] == "1",
                   what="hv3 to leave")
        assert network(scene.hvs[0], "vx")["remote_ports"] == "2"


@tap.case("network/list: each question that was answered")
def answered():
    with Lab() as lab:
        scene = Scene(lab, hosts=2, mtu=MTU)
        scene.add_network("vx", "vxlan", 100)
        scene.add_network("vy", "vxlan", 101)
        scene.wait(*scene.groups())
        give_ips(scene, "vx-1", "10.0.0.1")
        give_ips(scene, "vx-2", "10.0.0.2")
        first, second = scene.hvs
        for hv in scene.hvs:
            wait_answering(hv, "10.0.0.1", "10.0.0.2")
        asker = scene.vms["vx-1"]
        assert questions(asker, "10.0.0.2", 7) == [scene.vms["vx-2"].mac] * 7
        # Of nobody, and its own: not answered.
        assert questions(asker, "10.0.0.9", 3) == []
        assert questions(asker, "10.0.0.1", 2) == []
        settled(first)
        assert network(first, "vx")["answered"] == "7"
        assert network(first, "vy")["answered"] == "0"
        settled(second)
        assert network(second, "vx")["answered"] == "0"
        # They were answered for vx-2, which is at hv2.
        settled(first)
        assert rows(first, "port/show", "vx-1")[0][
            "questions_answered"] == "0"


def questions(vm, ip, count):
    """Has a VM ask by ARP, `count` times, who has `ip`; returns who is said to
    have it, once for each answer."""
    mac = bytes.fromhex(vm.mac.replace(":", ""))
    question = (b"\xff" * 6 + mac
                + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, 1)
                + mac + socket.inet_aton("10.0.0.1") + b"\0" * 6
                + socket.inet_aton(ip)).ljust(60, b"\0")
    answers = []
    with vm.packet_socket() as s:
        for _ in range(count):
            s.send(question)
        while select.select([s], [], [], 0.3)[0]:
            data = s.recv(2048)
            if data[12:14] == b"\x08\x06" and data[20:22] == b"\0\x02" \
                    and data[:6] == mac:
                assert socket.inet_ntoa(data[28:32]) == ip
                answers.append(data[22:28].hex(":"))
    return answers


# Tunnels.

@tap.case("tunnel/list: each packet of each hypervisor is counted")
def tunnels():
    with Lab() as lab:
        scene = Scene(lab, mtu=MTU)
        scene.add_network("vx", "vxlan", 100)
        scene.add_network("vy", "vxlan", 101)
        scene.add_network("ge", "geneve", 100)
        for hv in scene.hvs:
            hv.wait_in_step()
        scene.wait_locations("vx", **{
            hv.name: "vxlan:" + scene.underlay.address(hv)
            for hv in scene.hvs})
        first = scene.hvs[0]
        wait_until(lambda: [peer(first, h)["remote_ports"]
                            for h in ("hv2", "hv3")] == ["2", "2"],
                   what="the ports elsewhere")
        nothing = dict(networks=2, remote_ports=2, rx_packets=0, rx_bytes=0,
                       tx_packets=0, tx_bytes=0, last_packet="-", fault="")
        counted(first, "hv2", address="10.88.0.2", **nothing)
        counted(first, "hv3", address="10.88.0.3", **nothing)
        send(scene, "vx-1", "vx-2", 5)
        send(scene, "vy-1", "vy-2", 3)
        send(scene, "vx-1", "vx-3", 2)
        send(scene, "vx-2", "vx-1", 4)
        # All are as short as Ethernet's can be.
        counted(first, "hv2", tx_packets=8, tx_bytes=480, rx_packets=4,
                rx_bytes=240)
        counted(first, "hv3", tx_packets=2, tx_bytes=120, rx_packets=0,
                rx_bytes=0, last_packet="-")
        counted(scene.hvs[1], "hv1", tx_packets=4, rx_packets=8)
        counted(scene.hvs[2], "hv1", tx_packets=0, rx_packets=2)
        assert peer(first, "hv2", "geneve")["rx_packets"] == "0"
        # A broadcast is received once from whoever sends it.
        send_frame(scene.vms["vx-3"], BROADCAST, [])
        counted(first, "hv3", rx_packets=1, rx_bytes=60, tx_packets=2)
        assert peer(first, "hv3")["last_packet"].isdigit()
        # What is dropped has come all the same.
        scene.nb.ctl("--wait=hv", "port-disable", "vy-1")
        send(scene, "vy-3", "vy-1", 6, received=0)
        counted(first, "hv3", rx_packets=7)


def send(scene, sender, receiver, count, received=None):
    """Sends `count` frames, of which `received`, by default all, come."""
    got = send_frames(scene.vms[sender],
                      [frame(scene.vms[receiver].mac)] * count,
                      [scene.vms[receiver]])
    assert sum(map(len, got)) == (count if received is None else received), got


@tap.case("tunnel/list: seconds since the last packet")
def last_packet():
    with Lab() as lab:
        scene = Scene(lab, hosts=2, mtu=MTU)
        scene.add_network("vx", "vxlan", 100)
        scene.wait(*scene.groups())
        hv = scene.hvs[0]
        wait_until(lambda: int(peer(hv, "hv2")["last_packet"]) >= 2,
                   what="two seconds of silence")
        before = time.monotonic()
        send(scene, "vx-2", "vx-1", 1)
        settled(hv)
        age = int(peer(hv, "hv2")["last_packet"])
        assert 0 <= age <= time.monotonic() - before + 1, age


@tap.case("tunnel/list: what comes from hypervisors nobody told of")
def others():
    with Lab() as lab:
        scene = Scene(lab, hosts=3, mtu=MTU)
        scene.declare("vx", "vxlan", 100)
        scene.add_port(scene.hvs[0], "vx-1")
        scene.add_port(scene.hvs[1], "vx-2")
        scene.wait(*scene.groups())
        hv, stranger = scene.hvs[0], scene.hvs[2]
        settled(hv)
        before = int(peer(hv, "hv2")["rx_packets"])
        assert [r["host"] for r in rows(hv, "tunnel/list")] == [
            "hv2", "(others)", "(others)"]
        counted(hv, "(others)", rx_packets=0, last_packet="-")
        # A network's number is its door: whoever sends it comes in.
        vm = scene.vms["vx-1"]
        with vm.packet_socket() as s:
            # Its uplink's device would answer, too.
            stranger.netns.ip("neigh replace 10.88.0.1 lladdr "
                              "0a:88:00:00:00:01 dev br-under")
            send_vxlan(stranger, "10.88.0.1", 100, vm.mac, 3)
            for _ in range(3):
                wait_until(lambda: select.select([s], [], [], 0)[0],
                           what="a frame")
                s.recv(2048)
        counted(hv, "(others)", rx_packets=3, rx_bytes=180)
        assert peer(hv, "(others)", "geneve")["rx_packets"] == "0"
        assert int(peer(hv, "hv2")["rx_packets"]) == before


def send_vxlan(hv, address, key, dst, count):
    """Sends frames in tunnelled packets from hv's own address."""
    packet = (struct.pack("!II", 0x08000000, key << 8)
              + bytes.fromhex(dst.replace(":", "")) + b"\x0a\xee" * 3
              + b"\x88\xb5").ljust(8 + 60, b"\0")

    def body():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            # Nobody would finish a checksum left to hardware.
            s.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
            for _ in range(count):
                s.sendto(packet, (address, VXLAN_PORT))
    hv.netns.call(body)


@tap.case("tunnel/list: a hypervisor that cannot be reached, and why")
def unreachable():
    with Lab() as lab:
        scene = Scene(lab, hosts=2, mtu=MTU)
        scene.add_network("vx", "vxlan", 100)
        scene.wait(*scene.groups())
        first, second = scene.hvs
        second.configure(sluice_encap_type="geneve")
        wait_until(lambda: [r["host"] for r in rows(first, "tunnel/list")
                            if r["type"] == "geneve"][:1] == ["hv2"],
                   what="hv2 by geneve alone")
        row = peer(first, "hv2", "geneve")
        assert "no common type" in row["fault"], row
        assert row["remote_ports"] == "1", row
        second.configure(sluice_encap_type=scene.types)
        wait_until(lambda: peer(first, "hv2")["fault"] == "",
                   what="hv2 to be reached")
        first.configure(sluice_encap_ip=None)
        wait_until(lambda: "sluice-encap-ip" in peer(first, "hv2")["fault"],
                   what="the fault")
        # Without a connection to the switch there is no count of anything.
        first.vswitchd.kill9()
        assert peer(first, "hv2")["rx_packets"] == "unknown"
        assert network(first, "vx")["answered"] == "unknown"


# Traces.

@tap.case("port-trace: what it says of every way is what frames do",
          timeout=150)
def truth():
    with Lab() as lab:
        scene = Scene(lab, mtu=MTU)
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


@tap.case("port-trace: each step in words, and each gate")
def words():
    with Lab() as lab:
        scene = Scene(lab, hosts=2, mtu=MTU)
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
        assert peer(hv, "hv2")["remote_ports"] == "1"
        hv.wait_in_step()


@tap.case("port-trace: to an IP address, the question and the packet")
def addresses():
    with Lab() as lab:
        scene = Scene(lab, hosts=2, mtu=MTU)
        scene.add_network("vx", "vxlan", 100)
        scene.add_port(scene.hvs[0], "vx-x")
        scene.wait(*scene.groups())
        hv, vms = scene.hvs[0], scene.vms
        give_ips(scene, "vx-x", "10.0.0.3", "fd00::3")
        give_ips(scene, "vx-2", "10.0.0.2", "fd00::2")
        wait_answering(hv, "10.0.0.2", "10.0.0.3")
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


@tap.case("port-trace: addresses that were learned")
def learned():
    with Lab() as lab:
        scene = Scene(lab, hosts=2, mtu=MTU)
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


@tap.case("port-trace: ports that are not here, or cannot send")
def not_here():
    with Lab() as lab:
        scene = Scene(lab, hosts=2, mtu=MTU)
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


@tap.case("port-trace: bad arguments")
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


@tap.case("port-trace: while ovs-vswitchd hangs, and when it is gone",
          timeout=90)
def without_switch():
    with Lab() as lab:
        hv = lab.add_hypervisor()
        lab.nb.ctl("net-add", "blue")
        a = hv.add_port("blue", "a")
        os.kill(hv.vswitchd.pid, signal.SIGSTOP)
        try:
            said = []
            asker = threading.Thread(
                target=lambda: said.append(refusal(hv, "a", a.mac)))
            asker.start()
            # Meanwhile the agent does what it has to.
            while asker.is_alive():
                assert "connected" in hv.agent.appctl("connection-status")
            asker.join()
        finally:
            os.kill(hv.vswitchd.pid, signal.SIGCONT)
        assert "ovs-vswitchd does not tell: no answer" in said[0], said
        assert "not back to" in "".join(trace(hv, "a", a.mac))
        hv.vswitchd.kill9()
        assert "ovs-vswitchd does not tell: " in refusal(hv, "a", a.mac)
        hv.vswitchd.start()
        hv.wait_in_step()
        wait_until(lambda: "not back to" in "".join(trace(hv, "a", a.mac)),
                   what="the switch")


@tap.case("port-trace: what the switch cannot do is its own verdict")
def objections():
    with Lab() as lab:
        scene = Scene(lab, hosts=2, mtu=MTU)
        scene.add_network("vx", "vxlan", 100)
        scene.wait(*scene.groups())
        hv, vms = scene.hvs[0], scene.vms
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
