# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Ethernet frames of any kind, straight through packet sockets."""

import os
import select
import struct

from .probe import ETHERTYPE, MIN_FRAME, PACKET_OUTGOING, QUIET_SECONDS

ETH_P_8021Q = 0x8100

# Tells frames apart.
TOKEN_SIZE = 12


def send_frame(sender, dst, receivers, **options):
    """Sends one frame from VM `sender` to MAC `dst` and returns the set of
    names of those of `receivers`, VMs, that got it.  `options` are
    frame()'s."""
    return send_frames(sender, [frame(dst, **options)], receivers)[0]


def frame(dst, src=None, vlan=None):
    """Returns what to send: to `dst`, from MAC `src` (by default the sending
    VM's), tagged with VLAN ID `vlan` if that is not None."""
    return {"dst": dst, "src": src, "vlan": vlan}


def send_frames(sender, frames, receivers):
    """Sends some frame()s from VM `sender` and returns, for each, the set of
    names of those of `receivers`, VMs, that got it."""
    tokens = [os.urandom(TOKEN_SIZE) for _ in frames]
    sockets = {vm.packet_socket(): vm.name for vm in receivers}
    out = sender.packet_socket()
    try:
        for f, token in zip(frames, tokens):
            out.send(_frame(f["dst"], f["src"] or sender.mac, f["vlan"],
                            token))
        return _collect(sockets, tokens)
    finally:
        for s in [out, *sockets]:
            s.close()


def _frame(dst, src, vlan, token):
    tag = b"" if vlan is None else struct.pack("!HH", ETH_P_8021Q, vlan)
    mac = bytes.fromhex((dst + src).replace(":", ""))
    return (mac + tag + struct.pack("!H", ETHERTYPE) + token).ljust(
        MIN_FRAME, b"\0")


def _collect(sockets, tokens):
    got = [set() for _ in tokens]
    while True:
        readable = select.select(list(sockets), [], [], QUIET_SECONDS)[0]
        if not readable:
            return got
        for s in readable:
            data, address = s.recvfrom(2048)
            if address[2] != PACKET_OUTGOING:
                for token, names in zip(tokens, got):
                    if token in data:
                        names.add(sockets[s])
