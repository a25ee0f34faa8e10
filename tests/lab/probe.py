# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Who can talk to whom: one frame from each VM to each other and one
broadcast, all at once, straight through packet sockets."""

import os
import select
import struct
import time

# For local experiments: nothing else on the network uses it.
ETHERTYPE = 0x88b5
BROADCAST = "ff:ff:ff:ff:ff:ff"

# Header, then the run's number, the sender's and the addressee's.
FRAME = struct.Struct("!6s6sH8sHH")
EVERYBODY = 0xffff

# Ethernet's least length.
MIN_FRAME = 60

# <linux/if_packet.h>: tells the VLAN tag that the kernel takes off.
PACKET_OUTGOING = 4
SOL_PACKET = 263
PACKET_AUXDATA = 8
AUXDATA = struct.Struct("=IIIHHHH")
TP_STATUS_VLAN_VALID = 0x10

# No frame for so long: none is under way.
QUIET_SECONDS = 0.2


class Reach:
    """What came through.  `unicast` and `broadcast` are sets of (from, to)
    names; `stray` has (from, addressee, where) for what was delivered where it
    should not have been, `repeated` what came more than once, and `tagged`
    what came with a VLAN tag, which counts for nothing else."""

    def __init__(self):
        self.unicast, self.broadcast = set(), set()
        self.stray, self.repeated, self.tagged = set(), set(), set()

    def both(self):
        """Returns the pairs of whom unicast and broadcast agree."""
        return self.unicast & self.broadcast

    def _add(self, vms, sender, addressee, where, tagged):
        pair = (vms[sender].name, vms[where].name)
        if tagged:
            self.tagged.add(pair)
            return
        if addressee == EVERYBODY:
            seen = self.broadcast
        elif addressee == where:
            seen = self.unicast
        else:
            self.stray.add((pair[0], vms[addressee].name, pair[1]))
            return
        if pair in seen:
            self.repeated.add(pair)
        seen.add(pair)


def probe(vms, quiet=QUIET_SECONDS):
    """Returns the Reach among `vms`."""
    vms = list(vms)
    run = os.urandom(8)
    sockets = {vm.packet_socket(): i for i, vm in enumerate(vms)}
    try:
        for s, sender in sockets.items():
            s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
            for addressee in _addressees(vms, sender):
                s.send(_frame(vms, run, sender, addressee))
        return _collect(vms, sockets, run, quiet)
    finally:
        for s in sockets:
            s.close()


def _addressees(vms, sender):
    return [i for i in range(len(vms)) if i != sender] + [EVERYBODY]


def _frame(vms, run, sender, addressee):
    mac = BROADCAST if addressee == EVERYBODY else vms[addressee].mac
    return FRAME.pack(_bytes(mac), _bytes(vms[sender].mac), ETHERTYPE, run,
                      sender, addressee).ljust(MIN_FRAME, b"\0")


def _bytes(mac):
    return bytes.fromhex(mac.replace(":", ""))


def _collect(vms, sockets, run, quiet):
    reach = Reach()
    deadline = time.monotonic() + quiet
    while time.monotonic() < deadline:
        readable = select.select(list(sockets), [], [],
                                 max(0, deadline - time.monotonic()))[0]
        for s in readable:
            data, control, _, address = s.recvmsg(2048, 128)
            if len(data) < FRAME.size or address[2] == PACKET_OUTGOING:
                continue
            _, _, ethertype, run_seen, sender, addressee = FRAME.unpack(
                data[:FRAME.size])
            if ethertype == ETHERTYPE and run_seen == run:
                # What else passes here does not count: it may never end.
                deadline = time.monotonic() + quiet
                reach._add(vms, sender, addressee, sockets[s],
                           _is_tagged(control))
    return reach


def _is_tagged(control):
    return any(level == SOL_PACKET and kind == PACKET_AUXDATA
               and AUXDATA.unpack(data[:AUXDATA.size])[0]
               & TP_STATUS_VLAN_VALID
               for level, kind, data in control)
