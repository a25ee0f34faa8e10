# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What crosses a device, read from a packet socket: frames, and the frames
within tunnelled packets."""

import collections
import select
import socket
import struct

from .probe import (AUXDATA, PACKET_AUXDATA, QUIET_SECONDS, SOL_PACKET,
                    TP_STATUS_VLAN_VALID)

ETH_P_ARP, ETH_P_RARP = 0x0806, 0x8035
ETH_P_IP, ETH_P_IPV6, ETH_P_8021Q = 0x0800, 0x86dd, 0x8100
UDP = 17
IPV6_HEADER, UDP_HEADER, TUNNEL_HEADER = 40, 8, 8

# By UDP port.
TUNNELS = {4789: "vxlan", 6081: "geneve"}

# Room for some seconds of a test's packets, beyond the system's limit.
RCVBUF = 8 << 20
SO_RCVBUFFORCE = 33

# `dst` and `src` are addresses as text, `vlan` is None if there is no tag.
Frame = collections.namedtuple("Frame", "dst src vlan ethertype payload")

# A frame in a tunnel of `kind`, with network identifier `key`.
Tunnelled = collections.namedtuple("Tunnelled", "kind key frame")


class Sniffer:
    """A context manager.  `s` is a packet socket, which it closes."""

    def __init__(self, s):
        self.socket = s
        s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RCVBUF)
        s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def frames(self, quiet=QUIET_SECONDS):
        """Returns the Frames that have crossed since the last call, once
        there was none for `quiet` seconds (0: those there are)."""
        found = []
        while select.select([self.socket], [], [], quiet)[0]:
            data, control, _, _ = self.socket.recvmsg(65536, 128)
            found.append(_parse(data, _tag(control)))
        return found

    def tunnelled(self, quiet=QUIET_SECONDS):
        """Returns likewise what crossed in tunnels."""
        found = [_decapsulate(f) for f in self.frames(quiet)]
        return [t for t in found if t]


def _tag(control):
    """Returns the VLAN ID that the kernel took off a frame, or None."""
    for level, kind, data in control:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            fields = AUXDATA.unpack(data[:AUXDATA.size])
            if fields[0] & TP_STATUS_VLAN_VALID:
                return fields[5] & 0xfff
    return None


def _parse(data, vlan=None):
    ethertype = struct.unpack_from("!H", data, 12)[0]
    at = 14
    if ethertype == ETH_P_8021Q:
        vlan, ethertype = struct.unpack_from("!HH", data, 14)
        vlan &= 0xfff
        at = 18
    return Frame(data[:6].hex(":"), data[6:12].hex(":"), vlan, ethertype,
                 data[at:])


def _decapsulate(frame):
    """Returns what is Tunnelled in `frame`, None if nothing is."""
    udp = _udp(frame)
    if udp is None or len(udp) < UDP_HEADER + TUNNEL_HEADER:
        return None
    kind = TUNNELS.get(struct.unpack_from("!H", udp, 2)[0])
    if not kind:
        return None
    header = udp[UDP_HEADER:]
    options = (header[0] & 0x3f) * 4 if kind == "geneve" else 0
    return Tunnelled(kind, int.from_bytes(header[4:7], "big"),
                     _parse(header[TUNNEL_HEADER + options:]))


def _udp(frame):
    """Returns the UDP header of `frame` and what follows, None if it has
    none."""
    packet = frame.payload
    if frame.ethertype == ETH_P_IP and packet[9] == UDP:
        return packet[(packet[0] & 0xf) * 4:]
    if frame.ethertype == ETH_P_IPV6 and packet[6] == UDP:
        return packet[IPV6_HEADER:]
    return None
