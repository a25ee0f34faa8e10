# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""When things came in, by the kernel's own time stamps: a program that was not
scheduled for a while does not distort them.  Times are CLOCK_REALTIME in
ns."""

import json
import select
import socket
import struct

from lab.northbound import DATABASE

# <asm/socket.h>, <linux/if_packet.h>
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
SOL_PACKET = 263
PACKET_STATISTICS = 6
PACKET_OUTGOING = 4

TIMESPEC = struct.Struct("=qq")
STATISTICS = struct.Struct("=II")

RECEIVE_BUFFER = 64 * 1024 * 1024
TIMEOUT = 30

IPV4 = b"\x08\x00"


class Arrivals:
    """The IPv4 packets that come to `vm`."""

    def __init__(self, vm):
        self.mac = bytes.fromhex(vm.mac.replace(":", ""))
        self.socket = vm.packet_socket()
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE,
                               RECEIVE_BUFFER)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def wait(self):
        """Waits for a packet."""
        if not select.select([self.socket], [], [], TIMEOUT)[0]:
            raise RuntimeError("no packets come")

    def take(self):
        """Returns when each packet since the last call came."""
        times = []
        while select.select([self.socket], [], [], 0)[0]:
            data, control, _, address = self.socket.recvmsg(14, 128)
            if (data[:6] == self.mac and data[12:] == IPV4
                    and address[2] != PACKET_OUTGOING):
                times.append(nanoseconds(control))
        dropped = STATISTICS.unpack(self.socket.getsockopt(
            SOL_PACKET, PACKET_STATISTICS, STATISTICS.size))[1]
        if dropped:
            raise RuntimeError("%d packets were not looked at" % dropped)
        return times


class Announcements:
    """What northbound database `nb` announces of the revision numbers of
    `table`, a row at a time, over a TCP connection of its own."""

    def __init__(self, nb, table):
        self.table = table
        _, address, port = nb.remote.split(":")
        self.socket = nb.daemon.netns.call(
            lambda: socket.create_connection((address, int(port)), TIMEOUT))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._send("monitor", [DATABASE, None, {
            table: {"columns": ["revision_number"]}}])
        self._receive()

    def next(self):
        """Returns when the next change came, and the row it left."""
        when, message = self._receive()
        (update,) = message["params"][1][self.table].values()
        return when, update["new"]

    def _send(self, method, params):
        self.socket.sendall(json.dumps({"method": method, "params": params,
                                        "id": 0}).encode())

    def _receive(self):
        """Returns the next message and when its end came.  Nothing follows it
        before the caller does something that brings it about."""
        text = b""
        while True:
            data, control, _, _ = self.socket.recvmsg(1 << 20, 128)
            if not data:
                raise RuntimeError("the database closed the connection")
            text += data
            try:
                return nanoseconds(control), json.loads(text.decode())
            except ValueError:
                continue


def nanoseconds(control):
    """Returns the time stamp in a message's control data."""
    for level, kind, data in control:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = TIMESPEC.unpack(data)
            return seconds * 10 ** 9 + nanoseconds
    raise RuntimeError("the kernel gave no time")
