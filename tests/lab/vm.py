# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A virtual machine: a network namespace with one interface, eth0, whose other
end is a device of its hypervisor."""

import re

from .flow import Flow
from .netns import veth

DEVICE = "eth0"


class VM:
    """Made by Hypervisor.add_vif().  `mac` and `ip` (without prefix length)
    are its addresses, `name` that of its device on the hypervisor."""

    def __init__(self, hypervisor, name, mac, ip):
        self.hypervisor, self.name = hypervisor, name
        self.netns = hypervisor.lab.netns("%s-%s" % (hypervisor.name, name))
        veth(self.netns, DEVICE, hypervisor.netns, name)
        # The userspace datapath never finishes a checksum left to hardware.
        self.netns.run("ethtool", "-K", DEVICE, "tx", "off")
        self.ip = None
        if mac:
            self.netns.ip("link set %s address %s" % (DEVICE, mac))
        if ip:
            self.set_ip(ip)
        self.mac = self._read("address")

    def set_ip(self, ip):
        """Adds address `ip`, like 10.0.0.1/24."""
        self.netns.ip("addr add %s dev %s" % (ip, DEVICE))
        self.ip = ip.split("/")[0]

    def run(self, *argv, **kwargs):
        """Runs a command inside, as process.run()."""
        return self.netns.run(*argv, **kwargs)

    def ping(self, other, count=3, interval=0.05, timeout=1):
        """Sends `count` pings to VM or address `other`, each awaited for
        `timeout` seconds at most; returns how many were answered."""
        address = other.ip if isinstance(other, VM) else other
        text = self.run("ping", "-n", "-q", "-c", count, "-i", interval,
                        "-W", timeout, address, check=False)
        answered = re.search(r"(\d+) received", text)
        return int(answered.group(1)) if answered else 0

    def reaches(self, other):
        """True if one ping is answered, with ARP from scratch."""
        self.forget_neighbours()
        return self.ping(other, count=1) == 1

    def forget_neighbours(self):
        """Empties the ARP cache, so that the next packet asks."""
        self.netns.ip("neigh flush dev " + DEVICE)

    def start_flow(self, other, **options):
        """Starts a flow of packets to VM `other` and returns it, running;
        see Flow for the options."""
        return Flow(self, other, **options)

    def packet_socket(self):
        """Returns a raw packet socket on eth0, usable by this process."""
        return self.netns.packet_socket(DEVICE)

    def rx_packets(self):
        """Returns how many packets eth0 has received."""
        return int(self._read("statistics/rx_packets"))

    def _read(self, attribute):
        # /sys shows the devices of the namespace it was mounted in.
        text = self.netns.run("ip", "-s", "-o", "link", "show", DEVICE)
        if attribute == "address":
            return re.search(r"link/ether (\S+)", text).group(1)
        return re.search(r"RX:.*?\\\s+\d+\s+(\d+)", text).group(1)
