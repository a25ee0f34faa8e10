# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What tunnels between hypervisors go over.

The userspace datapath makes and takes tunnelled packets itself, if the address
is that of a bridge of the same ovs-vswitchd.  So each hypervisor has a bridge
br-under: its uplink is joined to a wire, its internal port has the address.

ovs-vswitchd drops the first packet to a peer whose Ethernet address it does
not know, and asks.  Members know each other from the start, so that tests may
count packets."""

import ipaddress

BRIDGE = "br-under"
NETWORKS = {4: ipaddress.ip_network("10.88.0.0/24"),
            6: ipaddress.ip_network("fd88::/64")}

# Not IPv6's own packets, and no second for the detection of duplicates.
IPV6_SETTINGS = {"disable_ipv6": 0, "accept_ra": 0, "accept_dad": 0,
                 "addr_gen_mode": 1}


class Underlay:
    """Made by Lab.add_underlay(), on a Wire of its own.  The first to join()
    has address 10.88.0.1 or fd88::1, the next the next.  `mtu` None is the
    usual one."""

    def __init__(self, wire, version, mtu):
        self.wire, self.version, self.mtu = wire, version, mtu
        self.members = []

    def join(self, hypervisor):
        """Joins a hypervisor and returns its address."""
        member = Member(self, hypervisor, len(self.members) + 1)
        self.members.append(member)
        self._introduce(member)
        return member.address

    def numbered(self, number):
        """Returns the underlay's address of that number."""
        return str(NETWORKS[self.version][number])

    def address(self, hypervisor):
        """Returns a member's address."""
        return self._member(hypervisor).address

    def mac(self, hypervisor):
        """Returns a member's Ethernet address."""
        return self._member(hypervisor).mac

    def set_address(self, hypervisor, number):
        """Gives a member the address of that number in place of its own, and
        returns it."""
        member = self._member(hypervisor)
        member.set_address(number)
        self._introduce(member)
        return member.address

    def restore(self, hypervisor):
        """To be called when a member's ovs-vswitchd was restarted: the device
        of its bridge is a new one, without address, as on any hypervisor whose
        network is not set up by the system."""
        member = self._member(hypervisor)
        member.set_up()
        self._introduce(member)

    def cut(self, hypervisor):
        """Cuts a member off, as a broken switch would: its link stays up."""
        self.wire.detach(self._member(hypervisor).end)

    def heal(self, hypervisor):
        self.wire.attach(self._member(hypervisor).end)

    def packet_socket(self, hypervisor):
        """Returns a packet socket that sees what crosses a member's uplink,
        either way."""
        return self.wire.netns.packet_socket(self._member(hypervisor).end)

    def _member(self, hypervisor):
        return next(m for m in self.members if m.hypervisor is hypervisor)

    def _introduce(self, member):
        for other in self.members:
            if other is not member:
                member.know(other)
                other.know(member)


class Member:
    """A joined hypervisor.  `end` is its device at the wire."""

    def __init__(self, underlay, hypervisor, number):
        self.underlay, self.hypervisor = underlay, hypervisor
        # Open vSwitch would give the bridge another each time it starts.
        self.mac = "0a:88:00:00:00:%02x" % number
        self.end = hypervisor.add_physical(underlay.wire, BRIDGE)
        hypervisor.vsctl("set", "Bridge", BRIDGE,
                         "other-config:hwaddr=\"%s\"" % self.mac)
        # The kernel sees what comes by the uplink, too, and would answer with
        # the uplink's own Ethernet address for the bridge's IP address.
        hypervisor.netns.ip("link set %s-up arp off" % BRIDGE)
        if underlay.mtu:
            self._set_mtu(underlay.mtu)
        self.address = underlay.numbered(number)
        self.set_up()

    def set_up(self):
        """Has the bridge's device carry the address."""
        if self.underlay.version == 6:
            self.hypervisor.netns.call(_enable_ipv6)
        self.hypervisor.netns.ip(
            "link set %s up" % BRIDGE,
            "addr replace %s dev %s" % (self._with_length(), BRIDGE))

    def set_address(self, number):
        self.hypervisor.netns.ip("addr del %s dev %s" % (self._with_length(),
                                                         BRIDGE))
        self.address = self.underlay.numbered(number)
        self.set_up()

    def know(self, other):
        """Tells ovs-vswitchd the Ethernet address of another member, unless
        it does not run."""
        if self.hypervisor.vswitchd.pid:
            self.hypervisor.vswitchd.appctl("tnl/neigh/set", BRIDGE,
                                            other.address, other.mac)

    def _set_mtu(self, mtu):
        self.underlay.wire.netns.ip("link set %s mtu %d" % (self.end, mtu))
        self.hypervisor.netns.ip("link set %s-up mtu %d" % (BRIDGE, mtu))
        # Else it is the least of the MTUs of the bridge's ports.
        self.hypervisor.vsctl("set", "Interface", BRIDGE,
                              "mtu_request=%d" % mtu)

    def _with_length(self):
        return "%s/%d" % (self.address,
                          NETWORKS[self.underlay.version].prefixlen)


def _enable_ipv6():
    for name, value in IPV6_SETTINGS.items():
        with open("/proc/sys/net/ipv6/conf/%s/%s" % (BRIDGE, name), "w") as f:
            f.write(str(value))
