# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Single Ethernet frames of any kind, straight through packet sockets."""

import os
import select
import struct

from .probe import ETHERTYPE, MIN_FRAME, PACKET_OUTGOING, QUIET_SECONDS

ETH_P_8021Q = 0x8100


def send_frame(sender, dst, receivers, src=None, vlan=None):
    """Sends a frame from VM `sender` to MAC `dst` and returns the set of
    names of those of `receivers`, VMs, that got it.  `src` is its source MAC
    (by default the VM's own), `vlan` a VLAN ID to tag it with."""
    token = os.urandom(12)
    sockets = {vm.packet_socket(): vm.name for vm in receivers}
    out = sender.packet_socket()
    try:
        out.send(_frame(dst, src or sender.mac, vlan, token))
        return _collect(sockets, token)
    finally:
        for s in [out, *sockets]:
            s.close()


def _frame(dst, src, vlan, token):
    tag = b"" if vlan is None else struct.pack("!HH", ETH_P_8021Q, vlan)
    mac = bytes.fromhex((dst + src).replace(":", ""))
    return (mac + tag + struct.pack("!H", ETHERTYPE) + token).ljust(
        MIN_FRAME, b"\0")


def _collect(sockets, token):
    got = set()
    while True:
        readable = select.select(list(sockets), [], [], QUIET_SECONDS)[0]
        if not readable:
            return got
        for s in readable:
            data, address = s.recvfrom(2048)
            if token in data and address[2] != PACKET_OUTGOING:
                got.add(sockets[s])
