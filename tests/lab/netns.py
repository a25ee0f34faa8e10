# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Network namespaces.

Everything of a laboratory that has a network runs in a namespace whose name
starts with the laboratory's prefix.  That makes cleaning up certain: kill what
runs in those namespaces and delete them, and their devices go with them.
"""

import ctypes
import os
import socket
import threading

from . import process

RUN_DIR = "/run/netns"
CLONE_NEWNET = 0x40000000
ETH_P_ALL = 0x0003


class Netns:
    """A network namespace, made by the constructor.  `name` is the whole
    name, as `ip netns` lists it."""

    def __init__(self, name):
        self.name = name
        self.path = os.path.join(RUN_DIR, name)
        process.run(["ip", "netns", "add", name])
        # Neighbour discovery would be traffic that no test asked for.
        self.call(_disable_ipv6)
        self.ip("link set lo up")

    def run(self, *argv, **kwargs):
        """As process.run(), inside."""
        return process.run(self.enter() + list(argv), **kwargs)

    def popen(self, *argv, **kwargs):
        """As process.popen(), inside."""
        return process.popen(self.enter() + list(argv), **kwargs)

    def enter(self):
        """Returns the beginning of a command line that runs inside."""
        return ["nsenter", "--net=" + self.path, "--"]

    def ip(self, *lines):
        """Runs lines of ip(8) commands inside, in one process."""
        process.run(["ip", "-n", self.name, "-batch", "-"],
                    stdin="\n".join(lines) + "\n")

    def call(self, function):
        """Calls function() in a thread that is inside the namespace, and
        returns what it returns.  A socket it makes stays inside."""
        box = {}

        def body():
            try:
                with open(self.path) as f:
                    libc = ctypes.CDLL(None, use_errno=True)
                    if libc.setns(f.fileno(), CLONE_NEWNET):
                        raise OSError(ctypes.get_errno(), "setns " + self.name)
                box["result"] = function()
            except Exception as e:
                box["error"] = e

        thread = threading.Thread(target=body)
        thread.start()
        thread.join()
        if "error" in box:
            raise box["error"]
        return box["result"]

    def packet_socket(self, device):
        """Returns a raw packet socket on `device`."""
        def make():
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                              socket.htons(ETH_P_ALL))
            s.bind((device, ETH_P_ALL))
            return s
        return self.call(make)

    def close(self):
        """Kills what runs inside and deletes the namespace."""
        destroy(self.name)


def veth(a, a_device, b, b_device):
    """Joins namespaces `a` and `b` by a pair of devices, both up.  Neither
    end is ever outside, so names need to be unique in their namespaces
    only."""
    a.ip("link add %s type veth peer name %s netns %s" % (
        a_device, b_device, b.name), "link set %s up" % a_device)
    b.ip("link set %s up" % b_device)


def pids(name):
    """Returns the processes that run in namespace `name`."""
    return [int(p) for p in
            process.run(["ip", "netns", "pids", name], check=False).split()]


def kill_all(name):
    """Kills what runs in namespace `name`."""
    for pid in pids(name):
        process.kill(pid)


def destroy(name):
    """Kills what runs in namespace `name` and deletes it.  No error if there
    is no such namespace."""
    kill_all(name)
    process.run(["ip", "netns", "del", name], check=False)


def names():
    """Returns the names of all network namespaces of the machine."""
    try:
        return sorted(os.listdir(RUN_DIR))
    except FileNotFoundError:
        return []


def _disable_ipv6():
    for scope in ("all", "default"):
        path = "/proc/sys/net/ipv6/conf/%s/disable_ipv6" % scope
        if os.path.exists(path):
            with open(path, "w") as f:
                f.write("1")
