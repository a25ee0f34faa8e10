# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Hypervisors that are simulated: their rows in the northbound database, and
one device on the underlay that all of them are behind, as behind a router."""

import re
import socket

from lab.netns import veth
from lab.sniffer import RCVBUF, SO_RCVBUFFORCE
from lab.underlay import BRIDGE

from . import world
from .frames import (ETH_P_IP, UDP, VXLAN_OVERHEAD, VXLAN_PORT, ethernet,
                     ipv4, vxlan)

NETWORK = "10.89.0.0/16"
ROUTER = "10.88.0.250"
MAC = "0a:89:00:00:00:01"


class Fleet:
    """Hypervisors have numbers from 0 on.  `socket` sees what is sent to
    them."""

    def __init__(self, lab, underlay):
        self.nb, self.underlay = lab.nb.client(), underlay
        self.netns = lab.netns("fleet")
        veth(self.netns, "eth0", underlay.wire.netns, "fleet")
        underlay.wire.attach("fleet")
        self.netns.ip("link set eth0 address " + MAC)
        self.socket = self.netns.packet_socket("eth0")
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RCVBUF)
        self.socket.setblocking(False)

    def introduce(self, hypervisor):
        """Tells a real hypervisor the way to these."""
        hypervisor.vswitchd.appctl("ovs/route/add", NETWORK, BRIDGE, ROUTER)
        hypervisor.vswitchd.appctl("tnl/neigh/set", BRIDGE, ROUTER, MAC)

    # Rows.

    def transact(self, operations):
        """Runs operations on the northbound database, in one transaction
        unless they are many."""
        for i in range(0, len(operations), world.BATCH):
            self.nb.transact(*operations[i:i + world.BATCH])

    # Frames.

    def send(self, hypervisor, number, vni, frame):
        """Has hypervisor `number` send a frame to a real one."""
        packet = ipv4(address(number), self.underlay.address(hypervisor),
                      UDP, vxlan(50000 + number % 10000, vni, frame))
        self.socket.send(ethernet(self.underlay.mac(hypervisor), MAC,
                                  ETH_P_IP, packet))

    def receive(self):
        """Returns the next packet that has come for a hypervisor: its IP
        address and the frame within; None if there is none, and a pair of
        None for something else."""
        try:
            data, (_, _, kind, *_) = self.socket.recvfrom(2048)
        except BlockingIOError:
            return None
        if (kind == socket.PACKET_OUTGOING or len(data) < VXLAN_OVERHEAD
                or data[23] != UDP
                or data[36:38] != VXLAN_PORT.to_bytes(2, "big")):
            return None, None
        return socket.inet_ntoa(data[30:34]), data[VXLAN_OVERHEAD:]

    def forget(self):
        """Drops what has come so far."""
        while self.receive():
            pass

    def n_received(self):
        """Returns how many packets have ever come, for any of them."""
        text = self.netns.run("ip", "-s", "-o", "link", "show", "eth0")
        return int(re.search(r"RX:.*?\\\s+\d+\s+(\d+)", text).group(1))


# What hypervisor `number` is called, and where it is.

def name(number):
    return "sim%04d" % number


def address(number):
    return "10.89.%d.%d" % (number // 250, number % 250 + 1)


def network_row(network, number, unknown):
    """The operation that inserts a Network_Location."""
    return {"op": "insert", "table": "Network_Location",
            "row": {"network": ["uuid", network], "host": name(number),
                    "encap": "vxlan:" + address(number),
                    "unknown_addresses": unknown}}


def port_row(port, network, number, mac, ip, claim=0):
    """The operation that inserts a Port_Location."""
    return {"op": "insert", "table": "Port_Location",
            "row": {"port": ["uuid", port], "network": ["uuid", network],
                    "host": name(number), "claim": claim,
                    "mac_address": mac, "ip_addresses": ip}}


def delete(table, column, value, number):
    """The operation that deletes a hypervisor's row."""
    return {"op": "delete", "table": table,
            "where": [[column, "==", ["uuid", value]],
                      ["host", "==", name(number)]]}
