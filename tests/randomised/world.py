# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The laboratory in which operations are made to happen, beside the model that
says what they should come to.

Each change is made to the model at once, and queued; send() sends what is
queued, all of it in one transaction for each database.  What is queued for a
database that is down goes out when it is back."""

import itertools

from .model import PHYSNET, Host, Model, Network, Port, Vif, is_uuid
from .operations import new_uuid
from .switch import BRIDGE, GHOSTS, MARKS, PHYSICAL, Switch

COLUMNS = {"up": "admin_state_up", "secure": "port_security_enabled",
           "mac": "mac_address", "host": "host"}

# Operations until a daemon is back that is not to come back by itself.
FOREVER = 1 << 40


class Batch:
    """What happened since the last quiet point."""

    def __init__(self, world):
        model = world.model
        self.concerned = set()          # Hypervisors with anything to do.
        self.restarted = set()          # Whose agent was.
        self.disturbed = set()          # Whose flows somebody else changed.
        self.reclaimed = set()          # Where iface-ids changed in place.
        self.ports = {h: model.interesting_ports(h) for h in model.hvs}
        self.networks = {h: model.interesting_networks(h) for h in model.hvs}

    def extend(self, model):
        """Takes note of what has become local since."""
        for hv in model.hvs:
            self.ports[hv] |= model.interesting_ports(hv)
            self.networks[hv] |= model.interesting_networks(hv)


class World:
    """`lab` is a lab.Lab, `hvs` how many hypervisors to make in it."""

    def __init__(self, lab, rng, hvs):
        self.lab, self.nb = lab, lab.nb
        self.switches = {}
        wire = lab.add_wire()
        # A port that has moved is to be found again at once.
        wire.netns.ip("link set wire type bridge ageing_time 0")
        for _ in range(hvs):
            hv = lab.add_hypervisor(
                agent=False, sluice_encap_ip=None,
                sluice_bridge_mappings="%s:%s" % (PHYSNET, PHYSICAL))
            self.switches[hv.name] = Switch(hv, wire)
        self.model = Model(self.switches)
        self.pending = []               # Of the NB; None: a new transaction.
        self.deleted = set()            # In the last of those.
        self.client = self.nb.client()
        self.down = {}                  # (daemon, hypervisor) to operations
                                        # until it is back.
        self.marks = {}
        self.n_marks = 0
        self.spoken = set()             # Addresses that sent frames, or were
                                        # announced, as ports' may be.
        self.sockets = {}               # See compare.overheard(),
        self.counters = {}              # and compare.counted().
        self.concerned = set()
        self.n_traced = self.n_reached = 0
        self.batch = Batch(self)
        for name, switch in self.switches.items():
            switch.hv.start_agent()
            switch.hv.wait_in_step()
            self._add_marks(name, rng)
        self.batch.concerned = set(self.switches)

    # Intent.

    def add_network(self, uuid, up, segment):
        if uuid in self.model.networks or not self.is_free(segment):
            return False
        row = Network(uuid, up, segment, self.model.serial())
        self.model.networks[uuid] = row
        self._insert("Network", row, up=up, segment=self._segment(segment))
        return True

    def set_segment(self, uuid, segment):
        row = self.model.networks.get(uuid)
        if not row or not self.is_free(segment):
            return False
        row.segment = segment
        return self.change(row, segment=self._segment(segment))

    def is_free(self, segment):
        return segment is None or all(
            segment != n.segment for n in self.model.networks.values())

    def _segment(self, segment):
        """Returns a column's reference to a new Segment."""
        if segment is None:
            return ["set", []]
        name = "segment%d" % self.model.serial()
        self.pending.append({
            "op": "insert", "table": "Segment", "uuid-name": name,
            "row": dict(zip(("network_type", "physical_network",
                             "segmentation_id"), segment))})
        return ["named-uuid", name]

    def delete_network(self, uuid):
        if uuid not in self.model.networks or self.model.ports_of(uuid):
            return False
        self._concern(self.batch.networks, uuid)
        del self.model.networks[uuid]
        self._delete("Network", uuid)
        return True

    def add_port(self, uuid, network, mac, up, secure, host):
        if (network not in self.model.networks or uuid in self.model.ports
                or any(p.mac == mac for p in self.model.ports_of(network))):
            return False
        row = Port(uuid, network, mac, up, secure, host, self.model.serial())
        self.model.ports[uuid] = row
        self.spoken.add(mac)
        self._insert("Port", row, network=["uuid", network], mac=mac, up=up,
                     secure=secure, host=host)
        self.batch.extend(self.model)
        self._concern(self.batch.ports, uuid)
        return True

    def delete_port(self, uuid):
        if uuid not in self.model.ports:
            return False
        self._concern(self.batch.ports, uuid)
        del self.model.ports[uuid]
        self._delete("Port", uuid)
        return True

    def change(self, row, **values):
        """Changes a Network or Port."""
        row.__dict__.update({k: v for k, v in values.items()
                             if k != "segment"})
        row.revision = self.model.serial()
        self.spoken |= {values["mac"]} if "mac" in values else set()
        table = "Port" if isinstance(row, Port) else "Network"
        self.pending.append({
            "op": "update", "table": table,
            "where": [["_uuid", "==", ["uuid", row.uuid]]],
            "row": self._columns(row, **values)})
        self.batch.extend(self.model)
        self._concern(self.batch.ports if table == "Port"
                      else self.batch.networks, row.uuid)
        return True

    def set_host(self, hv, up):
        row = Host(up, self.model.serial())
        where = [["host", "==", hv]]
        if self.model.hosts[hv]:
            self.pending.append({"op": "update", "table": "Host",
                                 "where": where,
                                 "row": self._columns(row, up=up)})
        else:
            self.pending.append({"op": "insert", "table": "Host",
                                 "row": self._columns(row, up=up, host=hv)})
        self.model.hosts[hv] = row
        self.batch.concerned.add(hv)
        return True

    def forget_host(self, hv):
        if not self.model.hosts[hv]:
            return False
        self.model.hosts[hv] = None
        self.pending.append({"op": "delete", "table": "Host",
                             "where": [["host", "==", hv]]})
        self.batch.concerned.add(hv)
        return True

    def _insert(self, table, row, **values):
        if row.uuid in self.deleted:
            # OVSDB has no UUID deleted and inserted in one transaction.
            self.pending.append(None)
            self.deleted.clear()
        self.pending.append({"op": "insert", "table": table,
                             "uuid": row.uuid,
                             "row": self._columns(row, **values)})

    def _delete(self, table, uuid):
        self.deleted.add(uuid)
        self.pending.append({"op": "delete", "table": table,
                             "where": [["_uuid", "==", ["uuid", uuid]]]})

    @staticmethod
    def _columns(row, **values):
        columns = {COLUMNS.get(k, k): v for k, v in values.items()}
        return dict(columns, revision_number=row.revision)

    def concerns(self, arguments):
        """Returns the hypervisors that an operation with these arguments
        would concern."""
        hosts = {arguments.get(key) for key in ("hv", "to", "host")}
        for key, local in (("port", self.batch.ports),
                           ("network", self.batch.networks)):
            hosts |= {h for h in local if arguments.get(key) in local[h]}
        return hosts & self.switches.keys()

    def _concern(self, local, uuid):
        self.batch.concerned |= {h for h in local if uuid in local[h]}

    # What is plugged.

    def common_vifs(self):
        """Returns (hypervisor, name) of the VIFs operations may touch."""
        return [k for k in self.model.vifs if not k[1].startswith("mark")]

    def unknown_iface_ids(self):
        return {v.iface_id for v in self.model.vifs.values()
                if is_uuid(v.iface_id)
                and v.iface_id not in self.model.ports}

    def plug(self, hv, name, iface_id):
        if (hv, name) in self.model.vifs:
            return False
        self.model.vifs[hv, name] = Vif(hv, name, iface_id,
                                        name not in GHOSTS,
                                        self.model.serial())
        self.switches[hv].plug(name, iface_id)
        self._vifs_changed(hv, iface_id)
        return True

    def unplug(self, hv, name):
        if (hv, name) not in self.model.vifs:
            return False
        vif = self.model.vifs.pop((hv, name))
        self.switches[hv].unplug(name)
        self._vifs_changed(hv, vif.iface_id)
        return True

    def reclaim(self, hv, name, iface_id):
        vif = self.model.vifs.get((hv, name))
        if not vif or vif.iface_id == iface_id:
            return False
        self._set_iface_id(vif, iface_id)
        self.batch.reclaimed.add(hv)
        return True

    def _set_iface_id(self, vif, iface_id):
        former = vif.iface_id
        vif.iface_id, vif.claim = iface_id, self.model.serial()
        self.switches[vif.hv].set_iface_id(vif.name, iface_id)
        self._vifs_changed(vif.hv, former, iface_id)

    def _vifs_changed(self, hv, *iface_ids):
        """Where ports are concerns whoever else knows them."""
        self.batch.extend(self.model)
        self.batch.concerned.add(hv)
        for iface_id in iface_ids:
            self._concern(self.batch.ports, iface_id)
            port = self.model.ports.get(iface_id)
            if port and self.model.networks[port.network].is_overlay():
                self._concern(self.batch.networks, port.network)

    # Daemons, and those who meddle.

    def end(self, kind, hv, after, kill):
        """Ends a daemon, which is back `after` operations later."""
        daemon = self._daemon(kind, hv)
        if daemon.pid is None:
            return False
        if kill:
            daemon.kill9()
        else:
            daemon.stop()
        hosts = {hv} if hv else set(self.switches)
        for host in hosts:
            self._vifs_changed(host, *(v.iface_id
                                       for v in self.model.vifs_of(host)))
        if kind == "agent":
            self.batch.restarted.add(hv)
        elif kind == "vswitchd":
            self.batch.disturbed.add(hv)
        self.down[kind, hv] = after
        self.tick(0)
        return True

    def tick(self, operations=1):
        """So many operations have happened: starts whose time has come."""
        for (kind, hv), left in list(self.down.items()):
            self.down[kind, hv] = left - operations
            if left - operations <= 0:
                self._start(kind, hv)

    def _start(self, kind, hv):
        del self.down[kind, hv]
        if kind == "agent":
            self.switches[hv].hv.start_agent()
        else:
            self._daemon(kind, hv).start()
        if kind == "vswitchd":
            self.switches[hv].make_hub()
        elif kind == "northbound":
            self.client = self.nb.client()

    def _daemon(self, kind, hv):
        if kind == "northbound":
            return self.nb.daemon
        if kind == "door":
            return self.lab.door
        return getattr(self.switches[hv].hv, kind)

    def meddle(self, hv, command):
        """Has ovs-ofctl do `command` with the bridge's flows."""
        if ("vswitchd", hv) in self.down:
            return False
        self.switches[hv].hv.ofctl(command[0], BRIDGE, *command[1:])
        self._disturb(hv)
        return True

    def set_controller(self, hv):
        if ("vswitchd", hv) in self.down:
            return False
        for command in (["set-controller", BRIDGE, "tcp:127.0.0.1:1"],
                        ["del-controller", BRIDGE]):
            self.switches[hv].hv.vsctl(*command)
        self._disturb(hv)
        return True

    def _disturb(self, hv):
        self.batch.disturbed.add(hv)
        self.batch.concerned.add(hv)

    # Between changes.

    def send(self):
        for switch in self.switches.values():
            switch.send()
        if self.pending and ("northbound", None) not in self.down:
            for is_some, operations in itertools.groupby(
                    self.pending, lambda operation: operation is not None):
                if is_some:
                    self.client.transact(*operations)
            self.pending = []
            self.deleted.clear()

    def linger(self):
        """Lets those who run come to see what was sent."""
        for name, switch in self.switches.items():
            if ("vswitchd", name) not in self.down:
                switch.sync_switch()
            if ("agent", name) not in self.down:
                switch.agent_status()

    def next_batch(self):
        """What was done is compared."""
        self.model.settle()
        self.concerned |= self.batch.concerned
        self.batch = Batch(self)

    def settle(self):
        """Sends everything, starts everything but a database that is away,
        and marks the end."""
        self.send()
        self.tick(FOREVER // 2)
        self.send()
        self.mark()

    def leave(self):
        """Takes the northbound database away; come_back() has it return."""
        self.model.known = {h: self.model.interesting_ports(h)
                            & self.model.ports.keys()
                            for h in self.model.hvs}
        self.end("northbound", None, FOREVER, kill=True)

    def come_back(self, after):
        self.model.known = None
        self.batch.concerned |= set(self.switches)
        self.down["northbound", None] = after
        self.tick(0)

    def mark(self):
        """Makes a last change on each hypervisor that has anything to do, so
        that it can be told when the agent has seen those before: it sees them
        in order."""
        self.n_marks += 1
        for hv in sorted(self.batch.concerned):
            if self.model.known is None:
                self.change(self.marks[hv])
            self._set_iface_id(self.model.vifs[hv, MARKS[1]],
                               "mark %d" % self.n_marks)
        self.send()

    def _add_marks(self, hv, rng):
        network, port = new_uuid(rng), new_uuid(rng)
        self.model.reserved |= {network, port}
        self.add_network(network, True, None)
        self.add_port(port, network, "02:00:00:00:01:00", True, True, "")
        self.marks[hv] = self.model.ports[port]
        self.plug(hv, MARKS[0], port)
        self.plug(hv, MARKS[1], "mark")

    # Looking.

    def rows(self):
        """Returns what agents have written: Port_Binding, Network_Binding,
        Agent and Port_Location rows, in one transaction."""
        results = self.client.transact(*(
            {"op": "select", "table": table, "where": []}
            for table in ("Port_Binding", "Network_Binding", "Agent",
                          "Port_Location")))
        return [r["rows"] for r in results]
