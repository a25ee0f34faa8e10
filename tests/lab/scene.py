# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What the demo and the sandbox show: two hypervisors, four networks.

      hv1                               hv2
      blue1 blue2 red1 amber1           amber2 red2 green1 green2 green3
                   |     |                |     |
                   +--- VLAN 100 ---------------+
                         +--- VXLAN ------+

`blue` and `green` each live on one hypervisor, `red` on both, by a wire that
both have, `amber` on both, by tunnels.  All VMs have addresses of one subnet:
networks are kept apart by Sluice, not by routing."""

from . import declare

PICTURE = """\
   hv1: blue1 blue2 red1 amber1      hv2: red2 amber2 green1 green2 green3
                     |     `--- VXLAN ------------'
                     `--- VLAN 100 -------'"""

NETWORKS = {
    "blue": {},
    "red": {"network_type": "vlan", "physical_network": "physnet1",
            "segmentation_id": "100"},
    "amber": {"network_type": "vxlan"},
    "green": {},
}

# Where each port is, in the order of their addresses.
PORTS = [("hv1", "blue", "blue1"), ("hv1", "blue", "blue2"),
         ("hv1", "red", "red1"), ("hv2", "red", "red2"),
         ("hv2", "green", "green1"), ("hv2", "green", "green2"),
         ("hv2", "green", "green3"),
         ("hv1", "amber", "amber1"), ("hv2", "amber", "amber2")]


def build(lab, way=None):
    """Builds the scene in `lab`, with its networks and ports declared in `way`
    (declare.py; the default is with sluice-nbctl); returns a dict from names
    to VMs."""
    way = way or declare.ByNbctl(lab)
    wire, underlay = lab.add_wire(), lab.add_underlay()
    for name in ("hv1", "hv2"):
        hypervisor = lab.add_hypervisor(
            name, underlay=underlay, sluice_bridge_mappings="physnet1:br-phys")
        hypervisor.add_physical(wire)
    for name, segment in NETWORKS.items():
        way.network(name, segment)

    vms = {}
    for number, (host, network, name) in enumerate(PORTS, 1):
        mac, ip = lab.next_mac(), "10.0.0.%d" % number
        port = way.port(network, name, mac, ip)
        vms[name] = lab.hypervisors[host].add_vif(port, name=name, mac=mac,
                                                  ip=ip + "/24")
        vms[name].port = port
        if NETWORKS[network].get("network_type") == "vxlan":
            vms[name].netns.ip("link set eth0 mtu 1450")
    for vm in vms.values():
        vm.hypervisor.wait_status(vm.name, "up", timeout=20)
    return vms
