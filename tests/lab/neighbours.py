# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Questions who has an IP address, by ARP (RFC 826) and Neighbor Discovery
(RFC 4861), and what comes of them."""

import collections
import ipaddress
import select
import socket
import struct

from .probe import MIN_FRAME, PACKET_OUTGOING, QUIET_SECONDS

BROADCAST = "ff:ff:ff:ff:ff:ff"

ETH_P_ARP, ETH_P_IPV6 = 0x0806, 0x86dd
ARP = struct.Struct("!HHBBH6s4s6s4s")
ARP_REQUEST, ARP_REPLY = 1, 2

ICMPV6 = 58
SOLICITATION, ADVERTISEMENT = 135, 136
IPV6 = struct.Struct("!IHBB16s16s")
# Type, code, checksum, flags, target; then an option.
ND = struct.Struct("!BBHI16s")
SOURCE_OPTION, TARGET_OPTION = 1, 2
SOLICITED, OVERRIDE = 0x40000000, 0x20000000

# Who says so, what, to whom: `mac` has `ip`.
Answer = collections.namedtuple("Answer", ["eth_src", "eth_dst", "mac", "ip",
                                           "to_mac", "to_ip"])

# `answers` came to who asked; `heard` are the names of others to whom the
# question itself came.
Outcome = collections.namedtuple("Outcome", "answers heard")


def question(vm, ip, own_ip, dst=None):
    """Returns a frame in which `vm`, which has `own_ip` (all zeros: not yet),
    asks for `ip`: to everybody, or to MAC `dst`."""
    if ipaddress.ip_address(ip).version == 4:
        return _arp_request(vm.mac, own_ip, ip, dst or BROADCAST)
    return _solicitation(vm.mac, own_ip, ip, dst)


def answer_of(owner, ip, vm, own_ip):
    """Returns the Answer that `vm` has to get if VM `owner` has `ip`."""
    return Answer(owner.mac, vm.mac, owner.mac, ip, vm.mac, own_ip)


def ask(vm, frame, others=(), quiet=QUIET_SECONDS):
    """Sends a question from `vm` and returns its Outcome among `others`."""
    sockets = {other.packet_socket(): other.name for other in others}
    own = vm.packet_socket()
    outcome = Outcome([], [])
    try:
        own.send(frame)
        while True:
            readable = select.select([own, *sockets], [], [], quiet)[0]
            if not readable:
                return outcome
            for s in readable:
                _take(s, sockets.get(s), frame, outcome)
    finally:
        for s in [own, *sockets]:
            s.close()


def _take(s, name, frame, outcome):
    data, address = s.recvfrom(2048)
    if address[2] == PACKET_OUTGOING:
        return
    if name is not None:
        if data == frame:
            outcome.heard.append(name)
        return
    answer = _arp_reply(data) or _advertisement(data)
    if answer:
        outcome.answers.append(answer)


def _arp_request(mac, own_ip, ip, dst):
    return (_bytes(dst) + _bytes(mac) + struct.pack("!H", ETH_P_ARP)
            + ARP.pack(1, 0x0800, 6, 4, ARP_REQUEST, _bytes(mac),
                       _ip(own_ip), bytes(6), _ip(ip))).ljust(MIN_FRAME,
                                                              b"\0")


def _arp_reply(data):
    if len(data) < 14 + ARP.size or data[12:14] != b"\x08\x06":
        return None
    fields = ARP.unpack_from(data, 14)
    if fields[:5] != (1, 0x0800, 6, 4, ARP_REPLY):
        return None
    return Answer(_mac(data[6:12]), _mac(data[:6]), _mac(fields[5]),
                  _text(fields[6]), _mac(fields[7]), _text(fields[8]))


def _solicitation(mac, own_ip, ip, dst):
    """Without the option that says who asks, if who asks has no address
    yet."""
    asked = _ip(ip)
    if dst:
        to_mac, to_ip = _bytes(dst), asked
    else:
        # The solicited-node address of RFC 4291, section 2.7.1.
        to_ip = _ip("ff02::1:ff00:0")[:13] + asked[13:]
        to_mac = b"\x33\x33" + to_ip[12:]
    option = struct.pack("!BB6s", SOURCE_OPTION, 1, _bytes(mac))
    if not any(_ip(own_ip)):
        option = b""
    body = ND.pack(SOLICITATION, 0, 0, 0, asked) + option
    checksum = _checksum(_ip(own_ip), to_ip, body)
    body = body[:2] + struct.pack("!H", checksum) + body[4:]
    return (to_mac + _bytes(mac) + struct.pack("!H", ETH_P_IPV6)
            + IPV6.pack(6 << 28, len(body), ICMPV6, 255, _ip(own_ip), to_ip)
            + body)


def _advertisement(data):
    """The Answer in an advertisement, which has to be without flaw."""
    at = 14 + IPV6.size
    if (data[12:14] != b"\x86\xdd" or len(data) < at + ND.size
            or data[20] != ICMPV6 or data[at] != ADVERTISEMENT):
        return None
    _, length, _, hops, src, dst = IPV6.unpack_from(data, 14)
    body = data[at:at + length]
    _, code, _, flags, target = ND.unpack_from(body)
    assert (hops, code, flags) == (255, 0, SOLICITED | OVERRIDE), data.hex()
    assert _checksum(src, dst, body) == 0, data.hex()
    assert src == target, data.hex()
    kind, units, mac = struct.unpack_from("!BB6s", body, ND.size)
    assert (kind, units) == (TARGET_OPTION, 1), data.hex()
    return Answer(_mac(data[6:12]), _mac(data[:6]), _mac(mac), _text(target),
                  _mac(data[:6]), _text(dst))


def _checksum(src, dst, body):
    """Returns the ICMPv6 checksum of `body`; 0 if that has the right one in
    it."""
    data = src + dst + struct.pack("!II", len(body), ICMPV6) + body
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def _bytes(mac):
    return bytes.fromhex(mac.replace(":", ""))


def _mac(data):
    return data.hex(":")


def _ip(text):
    return ipaddress.ip_address(text).packed


def _text(data):
    family = socket.AF_INET if len(data) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, data)
