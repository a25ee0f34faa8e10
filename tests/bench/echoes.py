# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Pings a millisecond apart, without ARP, and when the first is answered by
the kernel's own time stamp; and a real ping beside it."""

import re
import select
import socket
import struct
import subprocess
import threading
import time

from lab import process

from .frames import (ECHO_REPLY, ETH_P_IP, ICMP, echo_request, ethernet,
                     ipv4)
from .stamped import PACKET_OUTGOING, SO_TIMESTAMPNS, nanoseconds

PERIOD_SECONDS = 0.001

# Real pings, and how often Linux asks again for an Ethernet address: by
# default once a second, and then that would be the figure.
PING_SECONDS = "0.002"
ARP_RETRY_MSEC = 5

REPLY = re.compile(r"\[(\d+\.\d+)\] .* bytes from")


class Echoes:
    """Sends ICMP echo requests from VM `sender`, as if it had address
    `source`, to VM `target` from the constructor's return on, once a
    millisecond.  The target's kernel answers, if it knows how to reach
    `source` (know_neighbour())."""

    def __init__(self, sender, target, source, number):
        self.socket = sender.packet_socket()
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.number = number
        self.frame = ethernet(target.mac, sender.mac, ETH_P_IP,
                              ipv4(source, target.ip, ICMP,
                                   echo_request(number, 0)))
        self.sent = 0
        self.ending = False
        self.thread = threading.Thread(target=self._send, daemon=True)
        self.thread.start()

    def wait(self, timeout):
        """Returns when the first answer came, CLOCK_MONOTONIC in ns."""
        deadline = time.monotonic() + timeout
        while select.select([self.socket], [], [],
                            max(deadline - time.monotonic(), 0))[0]:
            data, control, _, address = self.socket.recvmsg(128, 128)
            if address[2] != PACKET_OUTGOING and self._is_answer(data):
                return from_realtime(nanoseconds(control))
        raise RuntimeError("no ping is answered")

    def close(self):
        self.ending = True
        self.thread.join()
        self.socket.close()

    def _send(self):
        due = time.monotonic()
        while not self.ending:
            self.socket.send(self.frame)
            self.sent += 1
            due += PERIOD_SECONDS
            time.sleep(max(due - time.monotonic(), 0))

    def _is_answer(self, data):
        return (len(data) >= 42
                and struct.unpack_from("!H", data, 12)[0] == ETH_P_IP
                and data[23] == ICMP and data[34] == ECHO_REPLY
                and struct.unpack_from("!H", data, 38)[0] == self.number)


class Ping:
    """A real ping from VM `sender` to `target`, with ARP."""

    def __init__(self, sender, target):
        sender.forget_neighbours()
        self.process = sender.netns.popen(
            "ping", "-n", "-D", "-i", PING_SECONDS, target.ip,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def wait(self, timeout):
        """Returns when the first answer came, as Echoes.wait()."""
        deadline = time.monotonic() + timeout
        for line in self.process.stdout:
            reply = REPLY.match(line)
            if reply:
                return from_realtime(int(float(reply.group(1)) * 1e9))
            if time.monotonic() > deadline:
                break
        raise RuntimeError("no real ping is answered")

    def close(self):
        process.kill(self.process.pid)
        self.process.communicate()


def know_neighbour(vm, address, mac):
    """Tells a VM an address and its Ethernet address, for good."""
    vm.netns.ip("neigh replace %s lladdr %s dev eth0 nud permanent" % (
        address, mac))


def ask_often(vm):
    """Has a VM ask again soon for Ethernet addresses that nobody tells."""
    def write():
        with open("/proc/sys/net/ipv4/neigh/eth0/retrans_time_ms", "w") as f:
            f.write(str(ARP_RETRY_MSEC))
    vm.netns.call(write)


def from_realtime(nanosec):
    """CLOCK_MONOTONIC in ns at a recent moment of CLOCK_REALTIME."""
    return nanosec - time.time_ns() + time.monotonic_ns()
