# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What there is without Sluice: bridges that learn by themselves
(fail_mode=standalone, actions=NORMAL) on two hypervisors, and a tunnel between
them that is set up by hand.  They are bridges of the same ovs-vswitchds."""

from . import world

# No network of a benchmark's has this number.
KEY = 16000000


def add_pair(underlay, hypervisors, bridge, kind, key=KEY):
    """Makes `bridge` on both `hypervisors`, joined by a static tunnel of
    `kind`."""
    for hypervisor, other in (hypervisors, reversed(hypervisors)):
        add_bridge(hypervisor, bridge)
        hypervisor.vsctl(
            "add-port", bridge, bridge + "-tun", "--", "set", "Interface",
            bridge + "-tun", "type=" + kind, "options:key=%d" % key,
            "options:local_ip=\"%s\"" % underlay.address(hypervisor),
            "options:remote_ip=\"%s\"" % underlay.address(other))


def add_bridge(hypervisor, bridge):
    world.add_bridge(hypervisor, bridge, "standalone")


def plug(vm, bridge, tag=None):
    """Plugs a VM, into VLAN `tag` if that is not None."""
    vm.hypervisor.vsctl("add-port", bridge, vm.name,
                        *(["tag=%d" % tag] if tag else []))
