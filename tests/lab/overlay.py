# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Hypervisors that networks span, and who reaches whom on them.

VMs are called NETWORK-NUMBER, and so are their ports and interfaces."""

from .frame import send_frame
from .probe import probe
from .process import WaitError, wait_until
from .sniffer import Sniffer

TYPES = "vxlan,geneve"

# Of the underlay: what networks of the usual MTU fit into.
MTU = 1600

# Of physical networks; the others are overlays.
WIRED = ("flat", "vlan")


class Scene:
    """`hosts` hypervisors, hv1 and so on, on one underlay of IP `version` and
    on one wire.  `hvs` are they, in order, `vms` all VMs by their names."""

    def __init__(self, lab, hosts=3, version=4, mtu=MTU, types=TYPES):
        self.lab, self.nb, self.types = lab, lab.nb, types
        self.underlay = lab.add_underlay(version, mtu)
        self.wire = lab.add_wire()
        self.hvs, self.vms = [], {}
        for _ in range(hosts):
            self.add_hypervisor()

    def add_hypervisor(self, underlay=None, **settings):
        """Adds a hypervisor, by default on the scene's underlay, and returns
        it."""
        settings = dict({"sluice_encap_type": self.types}, **settings)
        hv = self.lab.add_hypervisor(
            agent=False, underlay=underlay or self.underlay,
            sluice_bridge_mappings="physnet:br-phys", **settings)
        hv.add_physical(self.wire)
        hv.start_agent()
        self.hvs.append(hv)
        return hv

    # Networks and ports.

    def add_network(self, name, kind, key=0, *columns):
        """Adds a network of type `kind`, with segmentation_id `key` if that is
        not 0, and a port of it on each hypervisor."""
        self.declare(name, kind, key, *columns)
        for number, hv in enumerate(self.hvs, 1):
            self.add_port(hv, "%s-%d" % (name, number))

    def declare(self, name, kind, key=0, *columns):
        """Adds a network without ports."""
        self.nb.ctl("net-add", name, "network_type=" + kind,
                    *(["physical_network=physnet"] if kind in WIRED else []),
                    *(["segmentation_id=%d" % key] if key else []), *columns)

    def add_port(self, hv, name, **options):
        """Adds a port to the network that its name begins with, and a VM, by
        Hypervisor.add_port(); returns the VM."""
        self.vms[name] = hv.add_port(name.rpartition("-")[0], name, vif=name,
                                     **options)
        return self.vms[name]

    def add_copy(self, hv, name, of):
        """Adds a VM with the port and the addresses of VM `of` on another
        hypervisor, as for a migration; it is to be plugged by plug()."""
        original = self.vms[of]
        vm = self.vms[name] = hv.add_vm(name, original.mac)
        vm.port = original.port
        return vm

    def plug(self, name):
        vm = self.vms[name]
        vm.hypervisor.plug(name, vm.port)

    def unplug(self, name):
        self.vms[name].hypervisor.unplug(name)

    def remove(self, name):
        """Unplugs a VM for good and deletes its port."""
        vm = self.vms.pop(name)
        vm.hypervisor.del_vif(vm)
        self.nb.ctl("port-del", name)

    def names(self, network):
        """Returns the names of a network's VMs."""
        return [n for n in self.vms if n.rpartition("-")[0] == network]

    def on(self, hv):
        """Returns the names of a hypervisor's VMs."""
        return [n for n, vm in self.vms.items() if vm.hypervisor is hv]

    def add_subnet(self, network, cidr):
        """Adds a subnet, from which allocate() may take addresses."""
        self.nb.transact({
            "op": "insert", "table": "Subnet",
            "row": {"network": ["uuid", self.nb.uuid("Network", network)],
                    "name": cidr, "cidr": cidr,
                    "ip_version": 6 if ":" in cidr else 4}})

    def allocate(self, name, **addresses):
        """Gives a port IP addresses in place of those it had: `v4` from its
        network's subnet of that version, `v6` likewise."""
        network = ["uuid", self.nb.uuid("Network", name.rpartition("-")[0])]
        operations, refs = [], []
        for version, address in addresses.items():
            subnet = self.nb.rows("Subnet", ["_uuid"], [
                ["network", "==", network],
                ["ip_version", "==", int(version[1:])]])[0]["_uuid"]
            refs.append(["named-uuid", version])
            operations.append({
                "op": "insert", "table": "IP_Allocation",
                "uuid-name": version,
                "row": {"subnet": subnet, "ip_address": address}})
        where = [["_uuid", "==", ["uuid", self.vms[name].port]]]
        self.nb.transact(
            *operations,
            {"op": "update", "table": "Port", "where": where,
             "row": {"ip_allocations": ["set", refs]}},
            {"op": "mutate", "table": "Port", "where": where,
             "mutations": [["revision_number", "+=", 1]]})

    # Who reaches whom.

    def reach(self):
        """Returns the Reach among all VMs, having checked what must never be,
        however little is settled: no frame comes twice, or back to where it
        came from, or to somebody with another address."""
        reach = probe(self.vms.values())
        assert not reach.repeated and not reach.tagged, vars(reach)
        for pairs in (reach.unicast, reach.broadcast):
            assert not any(a == b for a, b in pairs), pairs
        for sender, addressee, where in reach.stray:
            # Two networks may have the same address.
            assert self.vms[addressee].mac == self.vms[where].mac \
                and (sender, where) in reach.unicast, (sender, addressee,
                                                       where)
        return reach

    def differences(self, *groups, ignored=()):
        """Returns in words how who reaches whom differs from this: within each
        group, an iterable of names, everybody reaches all others, and nobody
        anybody else.  What concerns `ignored` names does not matter."""
        reach = self.reach()
        want = joined(*groups)
        return ["%s %s to %s: %s" % (kind, a, b, "missing" if (a, b) in want
                                     else "should not be")
                for kind, have in (("unicast", reach.unicast),
                                   ("broadcast", reach.broadcast))
                for a, b in sorted(want ^ have)
                if a not in ignored and b not in ignored]

    def check(self, *groups, ignored=()):
        """Checks differences() at once."""
        wrong = self.differences(*groups, ignored=ignored)
        assert not wrong, "\n".join(wrong)

    def wait(self, *groups, ignored=(), timeout=15):
        """Waits until there are no differences()."""
        wrong = []

        def right():
            wrong[:] = self.differences(*groups, ignored=ignored)
            return not wrong
        try:
            wait_until(right, timeout)
        except WaitError:
            raise AssertionError("still, after %d s:\n%s" % (
                timeout, "\n".join(wrong))) from None

    def crossing(self, name, dst):
        """Returns how many tunnelled packets cross each hypervisor's uplink
        when VM `name` sends one frame to `dst`."""
        vm = self.vms[name]
        sniffers = [Sniffer(self.underlay.packet_socket(hv))
                    for hv in self.hvs]
        try:
            # Returns when it has had time to cross.
            send_frame(vm, dst, [])
            return [sum(t.frame.src == vm.mac for t in s.tunnelled(quiet=0))
                    for s in sniffers]
        finally:
            for s in sniffers:
                s.socket.close()

    def groups(self, without=()):
        """Returns the names of each network's VMs, without those of some
        names."""
        networks = {n.rpartition("-")[0] for n in self.vms}
        return [[n for n in self.names(network) if n not in without]
                for network in sorted(networks)]

    # Rows.

    def rows(self, table, network, host=None):
        """Returns the rows of `table` of a network, by host (of `host`
        alone)."""
        where = [["network", "==", ["uuid", self.nb.uuid("Network",
                                                          network)]]]
        if host:
            where.append(["host", "==", host])
        return {row["host"]: row for row in self.nb.rows(table, where=where)}

    def locations(self, network):
        """Returns the network's hosts and how they are reached."""
        return {host: row["encap"] for host, row in
                self.rows("Network_Location", network).items()}

    def wait_locations(self, network, **want):
        wait_until(lambda: self.locations(network) == want,
                   what="%s to be at %s" % (network, want))

    def faults(self, network):
        """Returns what is wrong with a network, by hypervisor, "" where it is
        there without fault."""
        return {host: row["fault"] for host, row in
                self.rows("Network_Binding", network).items()}

    def wait_fault(self, network, host, *words):
        """Waits until a network's fault on a hypervisor has all of `words` in
        it."""
        wait_until(lambda: all(w in self.faults(network).get(host, "")
                               for w in words),
                   what="a fault of %s at %s with %s" % (network, host, words))

    def wait_no_fault(self, network):
        wait_until(lambda: not any(self.faults(network).values()),
                   what="%s to be without fault" % network)

    def wait_applied(self, network, *hosts):
        """Waits until `hosts` have applied the network's last change."""
        def applied():
            want = self.nb.rows("Network", ["revision_number"], [
                ["name", "==", network]])[0]["revision_number"]
            have = self.rows("Network_Binding", network)
            return all(have[host]["revision_number"] == want
                       for host in hosts)
        wait_until(applied, what="%s to be applied at %s" % (
            network, " and ".join(hosts)))

    def claims(self, name):
        """Returns the claims to a port, by host."""
        return {row["host"]: row["claim"] for row in self.nb.rows(
            "Port_Location", where=[["port", "==",
                                     ["uuid", self.vms[name].port]]])}


def joined(*groups):
    """Returns the pairs of those that are in one group."""
    return {(a, b) for group in groups for a in group for b in group
            if a != b}
