# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""One hypervisor of the randomised test, driven and looked at fast: through
its daemons' sockets, without a process for each question."""

import re
import uuid

from lab.netns import veth
from lab.ovsdb import OvsdbClient, OvsdbError
from lab.process import wait_until

from .model import WIRE

# Interfaces whose devices exist, and two of devices that do not.
DEVICES = 14
GHOSTS = ("ghost1", "ghost2")

# See World.mark().
MARKS = ("mark1", "mark2")

BRIDGE = "br-int"

# The bridge of the physical network, which ends in itself too.
PHYSICAL, UPLINK = "br-phys", "br-phys-up"

# Actions of a trace that put nothing out where it matters.
HARMLESS = ("drop", "push_vlan", "pop_vlan", PHYSICAL)

# A frame that is no protocol's.
ETHERTYPE = "0x88b5"


class Guest:
    """The far end of device `device`, which sends as `mac`: as lab.probe()
    wants a VM."""

    def __init__(self, switch, device, mac):
        self.switch, self.device, self.mac = switch, device, mac
        self.name = "%s on %s" % (device, switch.name)

    def packet_socket(self):
        return self.switch.sockets[self.device].dup()


class Switch:
    """Hypervisor `hv`, joined to lab.Wire `wire`, with a set of devices whose
    far ends are all in one namespace."""

    def __init__(self, hv, wire):
        self.hv, self.name = hv, hv.name
        self.guests = hv.lab.netns(hv.name + "-guests")
        self.devices = ["vif%d" % n for n in range(1, DEVICES + 1)]
        for device in self.devices + list(MARKS):
            veth(self.guests, device, hv.netns, device)
        # Open for good: the kernel takes its time to close one.
        self.sockets = {d: self.guests.packet_socket(d)
                        for d in self.devices}
        hv.add_physical(wire, PHYSICAL)
        self.make_hub()
        self.pending = []               # Operations not yet sent.
        self.plugged = {}               # Interface to its Port row.
        self.controls = {}              # Daemon to (its pid, connection).
        self.db = OvsdbClient(hv.db, "Open_vSwitch")

    def make_hub(self):
        """Has the physical network's bridge learn no addresses: where a port
        was is of no concern here, and wrong when it has moved.  Lost when
        vswitchd ends."""
        self.hv.ofctl("add-flow", PHYSICAL, "actions=FLOOD")

    # Changes; sent with send(), in one transaction.

    def plug(self, name, iface_id):
        port, iface = str(uuid.uuid4()), str(uuid.uuid4())
        self.plugged[name] = port
        ids = [["iface-id", iface_id]] if iface_id else []
        self.pending += [
            {"op": "insert", "table": "Interface", "uuid": iface,
             "row": {"name": name, "external_ids": ["map", ids]}},
            {"op": "insert", "table": "Port", "uuid": port,
             "row": {"name": name, "interfaces": ["uuid", iface]}},
            self._mutate_bridge("insert", port)]

    def unplug(self, name):
        self.pending.append(self._mutate_bridge("delete",
                                                self.plugged.pop(name)))

    def set_iface_id(self, name, iface_id):
        """Changes it in place; None removes it."""
        mutations = [["external_ids", "delete", ["set", ["iface-id"]]]]
        if iface_id:
            mutations.append(["external_ids", "insert",
                              ["map", [["iface-id", iface_id]]]])
        self.pending.append({"op": "mutate", "table": "Interface",
                             "where": [["name", "==", name]],
                             "mutations": mutations})

    def send(self):
        if self.pending:
            self.db.transact(*self.pending)
            self.pending = []

    @staticmethod
    def _mutate_bridge(mutator, port):
        return {"op": "mutate", "table": "Bridge",
                "where": [["name", "==", BRIDGE]],
                "mutations": [["ports", mutator, ["set", [["uuid", port]]]]]}

    # Questions.

    def ask(self, daemon, *args):
        """Returns what `daemon` (hv.agent or hv.vswitchd) answers to unixctl
        command `args`; unixctl speaks JSON-RPC as OVSDB does."""
        pid, connection = self.controls.get(daemon, (None, None))
        if pid != daemon.pid:
            if connection:
                connection.close()
            connection = OvsdbClient(daemon.control_socket(), None)
            self.controls[daemon] = daemon.pid, connection
        try:
            return connection.request(args[0], list(args[1:]))
        except OvsdbError as e:
            return "error: %s" % e

    def interfaces(self):
        """Returns the Interfaces with the agent's word on each: name to
        sluice-status, None where there is none."""
        rows = self.db.transact({"op": "select", "table": "Interface",
                                 "where": [],
                                 "columns": ["name", "external_ids"]})
        ids = {r["name"]: dict(r["external_ids"][1]) for r in rows[0]["rows"]}
        return {name: i.get("sluice-status") for name, i in ids.items()}

    def agent_status(self):
        """Returns the agent's status as a dict."""
        text = self.ask(self.hv.agent, "status")
        return dict(re.findall(r"^(\w+)\s*: ?(.*)$", text, re.MULTILINE))

    def counters(self):
        """Returns the agent's coverage counters."""
        text = self.ask(self.hv.agent, "coverage/show")
        return {name: int(total) for name, total in re.findall(
            r"^(\w+) .*total: (\d+)$", text, re.MULTILINE)}

    def flow_diff(self):
        return self.ask(self.hv.agent, "flow/diff").splitlines()

    def trace(self, source, src, dst, vlan=0):
        """Returns the names of the devices to which a frame from device
        `source` would be put out, and the trace.  WIRE is for the uplink."""
        bridge, port = BRIDGE, source
        if source == WIRE:
            bridge, port = PHYSICAL, UPLINK
        flow = "in_port=%s,dl_src=%s,dl_dst=%s,dl_type=%s%s" % (
            port, src, dst, ETHERTYPE, vlan and ",dl_vlan=%d" % vlan or "")
        text = self.ask(self.hv.vswitchd, "ofproto/trace", bridge, flow,
                        "--names")
        found = re.search(r"^Datapath actions: (.*)$", text, re.MULTILINE)
        if not found:
            return {"no answer"}, text
        actions = re.sub(r"\(.*?\)", "", found.group(1)).split(",")
        return {WIRE if a == UPLINK else a for a in actions
                if a not in HARMLESS}, text

    def sync_switch(self):
        """Waits until vswitchd has configured what was sent."""
        cfg = self.db.transact(
            {"op": "mutate", "table": "Open_vSwitch", "where": [],
             "mutations": [["next_cfg", "+=", 1]]},
            {"op": "select", "table": "Open_vSwitch", "where": [],
             "columns": ["next_cfg"]})[1]["rows"][0]["next_cfg"]
        wait_until(lambda: self.db.transact(
            {"op": "select", "table": "Open_vSwitch", "where": [],
             "columns": ["cur_cfg"]})[0]["rows"][0]["cur_cfg"] >= cfg, 30,
            "%s's vswitchd to be configured" % self.name)
