# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Who may talk to whom, and what hypervisors should say of themselves: the
manual in executable form, against which the real thing is held.

It knows what was declared in the northbound database and what was plugged
where, and nothing of flows, tables or how an agent works.  Pure.
"""

import re

BROADCAST = "ff:ff:ff:ff:ff:ff"
MULTICAST = "01:00:5e:00:00:01"
RESERVED = "01:80:c2:00:00:0e"          # LLDP: no bridge relays it.

# How the status of an Interface begins whose port has another one.
DUPLICATE = "iface-id is already used by interface "


# And that of one whose port another hypervisor has.
STANDBY = "standby: the port is at "

# Where a frame goes that leaves the hypervisor: see Traffic.
WIRE = "wire"

# The physical network that every hypervisor is joined to.
PHYSNET = "physnet"


class Network:
    """`segment` is (network_type, physical_network, segmentation_id), or None
    for a local network."""

    def __init__(self, uuid, up, segment, revision):
        self.uuid, self.up, self.segment = uuid, up, segment
        self.revision = revision

    def fault(self):
        """As Port.fault()."""
        kind, physnet, number = self.segment or ("local", PHYSNET, 0)
        if self.is_overlay():
            return "sluice-encap-ip"        # No hypervisor here has one.
        elif kind == "vlan" and not 1 <= number <= 4094:
            return "segmentation_id %d" % number
        elif physnet != PHYSNET:
            return 'physical_network "%s"' % physnet
        return None

    def is_overlay(self):
        return self.segment is not None and self.segment[0] == "vxlan"

    def has_wire(self):
        return self.segment is not None and not self.fault()


class Port:
    """`secure` is port_security_enabled, `host` where it is announced."""

    def __init__(self, uuid, network, mac, up, secure, host, revision):
        self.uuid, self.network, self.mac = uuid, network, mac
        self.up, self.secure, self.host = up, secure, host
        self.revision = revision

    def fault(self):
        """Returns a part of the fault it must have, None if it is sound."""
        good = re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", self.mac)
        if good and not is_group(self.mac) and self.mac != "00:00:00:00:00:00":
            return None
        return 'mac_address "%s"' % self.mac


class Host:
    """A row of table Host."""

    def __init__(self, up, revision):
        self.up, self.revision = up, revision


class Vif:
    """An Interface of a hypervisor's bridge.  `works` is false if there is no
    such device; `claim` changes when it claims a port anew."""

    def __init__(self, hv, name, iface_id, works, claim):
        self.hv, self.name, self.iface_id = hv, name, iface_id
        self.works, self.claim = works, claim


class Model:
    """`hvs` are the names of the hypervisors there are."""

    def __init__(self, hvs):
        self.hvs = list(hvs)
        self.networks, self.ports = {}, {}
        self.reserved = set()               # Rows not for operations.
        self.hosts = dict.fromkeys(hvs)     # None: no row.
        self.vifs = {}                      # By (hypervisor, name).
        self.holders = {}                   # (hypervisor, port) to (VIF, its
        self.settled = {}                   # claim): see elect(); and how it
                                            # was at the last quiet point.
        self.elsewhere = {}                 # (hypervisor, port) to where the
                                            # port is, which is not there.
        self.known = None                   # While the database is away: the
                                            # ports that each agent knows.
        self.last = 0

    def serial(self):
        """Returns a number not used before.  Revisions are such, so that one
        found in a binding tells of one change and no other."""
        self.last += 1
        return self.last

    def mine(self, rows):
        """Returns the UUIDs of `rows`, networks or ports, that operations may
        touch."""
        return [uuid for uuid in rows if uuid not in self.reserved]

    # What is where.

    def vifs_of(self, hv):
        return [v for v in self.vifs.values() if v.hv == hv]

    def port_of(self, vif):
        """Returns the Port that `vif` claims, None if there is none that its
        agent can know of."""
        if self.known is not None and vif.iface_id not in self.known[vif.hv]:
            return None
        return self.ports.get(vif.iface_id)

    def claimants(self, hv, port):
        return [v for v in self.vifs_of(hv) if v.iface_id == port]

    def ports_of(self, network):
        return [p for p in self.ports.values() if p.network == network]

    def interesting_ports(self, hv):
        """Returns the UUIDs of the ports, in the database or not, that `hv`
        asks for: what is plugged there, and what is announced."""
        plugged = {v.iface_id for v in self.vifs_of(hv)
                   if v.works and is_uuid(v.iface_id)}
        announced = {p.uuid for p in self.ports.values() if p.host == hv}
        return plugged | announced

    def interesting_networks(self, hv):
        return {self.ports[p].network for p in self.interesting_ports(hv)
                if p in self.ports}

    # Which of several Interfaces with one iface-id has the port.

    def candidates(self, hv, port, anybody):
        """Returns those that may hold `port`: the one that had it, as long as
        it claims it; else the later is refused, but who was the later cannot
        always be told from outside.  `anybody`: not even who had it."""
        working = [v for v in self.claimants(hv, port) if v.works]
        holder = self.settled.get((hv, port))
        kept = [v for v in working if (v.name, v.claim) == holder]
        return kept if kept and not anybody else working

    def elect(self, hv, statuses, anybody=False):
        """Takes from `statuses` (by VIF) who holds the ports of `hv`; returns
        what is wrong with that."""
        wrong = []
        for port in sorted({v.iface_id for v in self.vifs_of(hv)
                            if v.works and is_uuid(v.iface_id)}):
            may = self.candidates(hv, port, anybody)
            have = [v for v in self.claimants(hv, port) if v.works and not
                    (statuses.get(v.name) or "").startswith(DUPLICATE)]
            if len(have) != 1 or have[0] not in may:
                wrong.append("%s: port %s is held by %s, should be by %s" % (
                    hv, port, names(have), names(may, " or ")))
            else:
                self.holders[hv, port] = have[0].name, have[0].claim
        return wrong

    # Which of several hypervisors that hold a port has it.

    def believe(self, hv, statuses):
        """Takes from `statuses` (by VIF) which ports `hv` holds that are
        elsewhere."""
        for vif in self.vifs_of(hv):
            self.elsewhere.pop((hv, vif.iface_id), None)
        for vif in self.vifs_of(hv):
            said = statuses.get(vif.name) or ""
            port = self.port_of(vif)
            if (said.startswith(STANDBY) and port and not port.fault()
                    and self.holder(hv, port.uuid) is vif):
                self.elsewhere[hv, port.uuid] = said[len(STANDBY):]

    def held(self):
        """Returns the set of (port, hypervisor) of sound ports."""
        return {(vif.iface_id, vif.hv) for vif in self.vifs.values()
                if self.held_port(vif)}

    def check_places(self, claims):
        """Returns what is wrong with `claims`, (port, hypervisor) to claim:
        who holds a port claims it, the greatest claim has it, and that is the
        announced hypervisor's, if it holds the port."""
        held = self.held()
        wrong = ["Port_Location %s: %s" % (row, "missing" if row in held
                                           else "should not be")
                 for row in sorted(held ^ claims.keys())]
        for port in sorted({p for p, _ in held & claims.keys()}):
            hosts = {h: c for (p, h), c in claims.items() if p == port}
            place = max(hosts, key=lambda h: (hosts[h], h))
            wanted = self.ports[port].host
            if wanted in hosts and wanted != place:
                wrong.append("port %s is at %s, should be at %s" % (
                    port, place, wanted))
            for hv in hosts:
                have = self.elsewhere.get((hv, port), hv)
                if have != place:
                    wrong.append("%s: port %s is at %s, should be at %s" % (
                        hv, port, have, place))
        return wrong

    def settle(self):
        """What was elected stands."""
        self.settled = self.holders.copy()

    def holder(self, hv, port):
        """Returns the VIF that holds `port` (a UUID), None if there is
        none."""
        found = self.holders.get((hv, port))
        for vif in self.claimants(hv, port):
            if vif.works and found == (vif.name, vif.claim):
                return vif
        return None

    def held_port(self, vif):
        """Returns the Port that `vif` holds, here or on standby."""
        port = self.port_of(vif)
        if port and not port.fault() and self.holder(vif.hv,
                                                     port.uuid) is vif:
            return port
        return None

    def wired_port(self, vif):
        """Returns the Port that `vif` is plugged into to some effect."""
        port = self.held_port(vif)
        return None if (vif.hv, vif.iface_id) in self.elsewhere else port

    def carries(self, hv, port):
        """A port carries traffic when port, network and hypervisor are all
        admin up."""
        host = self.hosts[hv]
        return (port.up and self.networks[port.network].up
                and (host is None or host.up))

    # What a hypervisor says.

    def status(self, vif):
        """Returns what sluice-status of `vif` says: a word, or a pattern for
        what it must match.  None: there is none."""
        port = self.port_of(vif)
        if vif.iface_id is None:
            return None
        elif not is_uuid(vif.iface_id):
            return re.compile('iface-id "%s" is not a UUID'
                              % re.escape(vif.iface_id))
        elif not vif.works:
            return re.compile("Open vSwitch could not open the interface.*")
        holder = self.holder(vif.hv, vif.iface_id)
        if holder is not vif:
            return DUPLICATE + (holder.name if holder else "?")
        elif not port:
            return ("unknown-port" if self.known is None
                    else "waiting for the northbound database")
        elif port.fault():
            return re.compile(".*%s.*" % re.escape(port.fault()))
        elif (vif.hv, port.uuid) in self.elsewhere:
            return STANDBY + self.elsewhere[vif.hv, port.uuid]
        return "up" if port.up else "down"

    def port_bindings(self):
        """Returns (port, host) to (network, up, revision, fault), the fault
        a part of what is said."""
        rows = {}
        for vif in self.vifs.values():
            port = self.ports.get(vif.iface_id)
            if port and self.holder(vif.hv, port.uuid) is vif:
                fault = port.fault() or ""
                up = not fault and (vif.hv, port.uuid) not in self.elsewhere
                rows[port.uuid, vif.hv] = (port.network, up, port.revision,
                                           fault)
        return rows

    def network_bindings(self):
        """Returns (network, host) to (revision, fault) likewise."""
        rows = {}
        for vif in self.vifs.values():
            port = self.wired_port(vif)
            if port:
                network = self.networks[port.network]
                rows[network.uuid, vif.hv] = (network.revision,
                                              network.fault() or "")
        return rows

    def host_revision(self, hv):
        return self.hosts[hv].revision if self.hosts[hv] else 0


class Traffic:
    """Who may talk to whom on hypervisor `hv`, as things stand.

    Who gets a frame is said as a set of names of VIFs, and WIRE for what
    leaves by the physical network.  An address of `spoken` has sent frames in
    the past; if the network has a port that may have others behind it, it may
    be known where that was, and any of a list of sets is right."""

    def __init__(self, model, hv, spoken=()):
        self.networks, self.spoken = model.networks, spoken
        self.ports = {}                 # By name of the VIF.
        for vif in model.vifs_of(hv):
            port = model.wired_port(vif)
            if port:
                self.ports[vif.name] = port
        self.open = {n for n, p in self.ports.items() if model.carries(hv, p)}
        self.host_up = not model.hosts[hv] or model.hosts[hv].up

    def from_vif(self, name, dst, tagged=False):
        """Returns the sets of which one is to get a frame that VIF `name`
        sends to address `dst`."""
        if name not in self.open or tagged:
            return [set()]
        network = self.ports[name].network
        return [s - {name} for s in self._delivered(network, dst)]

    def from_wire(self, network, dst):
        """As from_vif(), for a frame of `network` from the wire."""
        found = self.networks.get(network)
        if not found or not found.has_wire():
            return [set()]
        return [s - {WIRE} for s in self._delivered(network, dst)]

    def _delivered(self, network, dst):
        local = {n: p for n, p in self.ports.items() if p.network == network}
        if (dst == RESERVED or not local or not self.host_up
                or not self.networks[network].up):
            return [set()]
        wire = {WIRE} if self.networks[network].has_wire() else set()
        if is_group(dst):
            return [local.keys() & self.open | wire]
        addressed = {n for n, p in local.items() if p.mac == dst}
        if addressed:
            return [addressed & self.open]
        takers = {n for n, p in local.items() if not p.secure}
        flooded = takers & self.open | wire
        if not takers or dst not in self.spoken:
            return [flooded]
        return [flooded, set()] + [{n} for n in sorted(flooded)]


def is_group(mac):
    return bool(int(mac[:2], 16) & 1)


def is_uuid(text):
    return bool(text) and bool(re.fullmatch(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text))


def names(vifs, glue=" and "):
    return glue.join(v.name for v in vifs) or "none"
