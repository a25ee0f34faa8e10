#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What sluice-agent tells of networks that span hypervisors by network/list
and tunnel/list, beside what was sent."""

import select
import socket
import struct
import time

from lab import Lab, frame, send_frame, send_frames, tap, wait_until
from lab.asking import rows, settled
from lab.neighbours import ask, question
from lab.overlay import Scene

BROADCAST = "ff:ff:ff:ff:ff:ff"

VXLAN_PORT = 4789
SO_NO_CHECK = 11


def network(hv, name):
    """Returns the row of a network in network/list."""
    return next(r for r in rows(hv, "network/list") if r["name"] == name)


def peer(hv, host, kind="vxlan"):
    """Returns the row of a hypervisor in tunnel/list."""
    return next(r for r in rows(hv, "tunnel/list")
                if r["host"] == host and r["type"] == kind)


def counted(hv, host, **columns):
    """Waits until tunnel/list says this of a hypervisor.  A counter that has
    passed it by never comes back."""
    want = {c: str(v) for c, v in columns.items()}

    def told():
        settled(hv)
        have = peer(hv, host)
        return {c: have[c] for c in want} == want
    wait_until(told, what="%s to have %s" % (host, want))


# Networks.

@tap.case("network/list: what of a network is here, and what elsewhere")
def networks():
    with Lab() as lab:
        scene = Scene(lab)
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
        scene = Scene(lab, hosts=2)
        scene.add_network("vx", "vxlan", 100)
        scene.add_network("vy", "vxlan", 101)
        scene.wait(*scene.groups())
        scene.add_subnet("vx", "10.0.0.0/24")
        scene.add_subnet("vx", "fd00::/64")
        for number in (1, 2):
            scene.allocate("vx-%d" % number, v4="10.0.0.%d" % number,
                           v6="fd00::%d" % number)
        first, second = scene.hvs
        asker = scene.vms["vx-1"]
        wait_until(lambda: asked(asker, "fd00::2", 1), what="an answer")
        settled(first)
        before = int(network(first, "vx")["answered"])
        assert asked(asker, "10.0.0.2", 4) == 4
        assert asked(asker, "fd00::2", 3) == 3
        # Of nobody, and its own: not answered.
        assert asked(asker, "10.0.0.9", 2) == 0
        assert asked(asker, "10.0.0.1", 2) == 0
        settled(first)
        assert int(network(first, "vx")["answered"]) == before + 7
        assert network(first, "vy")["answered"] == "0"
        settled(second)
        assert network(second, "vx")["answered"] == "0"
        # They were answered for vx-2, which is at hv2.
        settled(first)
        assert rows(first, "port/show", "vx-1")[0][
            "questions_answered"] == "0"


def asked(asker, ip, count):
    """Has VM `asker` ask `count` times who has `ip`; returns how often it was
    told."""
    frame = question(asker, ip, "10.0.0.1" if "." in ip else "fd00::1")
    return sum(len(ask(asker, frame).answers) for _ in range(count))


# Tunnels.

@tap.case("tunnel/list: each packet of each hypervisor is counted")
def tunnels():
    with Lab() as lab:
        scene = Scene(lab)
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
        scene = Scene(lab, hosts=2)
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
        scene = Scene(lab, hosts=3)
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
        scene = Scene(lab, hosts=2)
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


tap.main()
