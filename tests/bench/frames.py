# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Ethernet frames, made by hand.  Addresses are text."""

import socket
import struct

ETH_P_IP, ETH_P_ARP = 0x0800, 0x0806
ICMP, UDP = 1, 17
ECHO_REPLY, ECHO_REQUEST = 0, 8
ARP_REQUEST, ARP_REPLY = 1, 2
BROADCAST = "ff:ff:ff:ff:ff:ff"

MIN_PAYLOAD = 46
VXLAN_PORT = 4789
VXLAN_HAS_VNI = 0x08000000

# All headers around a frame in a VXLAN tunnel.
VXLAN_OVERHEAD = 14 + 20 + 8 + 8


def ethernet(dst, src, ethertype, payload):
    return (mac(dst) + mac(src) + ethertype.to_bytes(2, "big")
            + payload.ljust(MIN_PAYLOAD, b"\0"))


def ipv4(src, dst, protocol, payload):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0,
                         64, protocol, 0, socket.inet_aton(src),
                         socket.inet_aton(dst))
    return _summed(header, 10) + payload


def echo_request(number, sequence):
    """Returns a ping: ICMP header and payload."""
    return _summed(struct.pack("!BBHHH20x", ECHO_REQUEST, 0, 0, number,
                               sequence & 0xffff), 2)


def arp(operation, sender_mac, sender_ip, target_mac, target_ip):
    """Returns a frame with an ARP packet; a request is broadcast."""
    packet = struct.pack("!HHBBH6s4s6s4s", 1, ETH_P_IP, 6, 4, operation,
                         mac(sender_mac), socket.inet_aton(sender_ip),
                         mac(target_mac), socket.inet_aton(target_ip))
    return ethernet(BROADCAST if operation == ARP_REQUEST else target_mac,
                    sender_mac, ETH_P_ARP, packet)


def vxlan(src_port, vni, frame):
    """Returns a UDP packet that carries a frame."""
    return struct.pack("!HHHHII", src_port, VXLAN_PORT, 16 + len(frame), 0,
                       VXLAN_HAS_VNI, vni << 8) + frame


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def _summed(header, at):
    """Returns `header` with the Internet checksum of it at offset `at`."""
    total = sum(struct.unpack("!%dH" % (len(header) // 2), header))
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    return header[:at] + struct.pack("!H", ~total & 0xffff) + header[at + 2:]
