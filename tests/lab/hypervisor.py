# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A hypervisor: a network namespace with an Open vSwitch of its own and a
sluice-agent."""

import json
import os
import re

from . import paths, process
from .flowwatch import FlowWatch
from .netns import veth
from .vm import VM

MGMT_DEVICE = "mgmt0"
WIRE_DEVICE = "wire0"

# The table of learned flows, which come and go with the traffic.
LEARNED = re.compile(r"cookie=\S+ table=32,")

# Interfaces are made in transactions of this many, to keep command lines
# well below the system's limit.
BATCH = 200


class Hypervisor:
    """Made by Lab.add_hypervisor().  Its daemons `ovsdb`, `vswitchd` and
    `agent` are process.Daemon objects: start(), stop(), kill9(), restart(),
    appctl(), pid, log."""

    def __init__(self, lab, name, address, remote, settings):
        self.lab, self.name, self.address = lab, name, address
        self.netns = lab.netns(name)
        self.bridge = "br-int"
        self.remote = remote
        self.vms = {}
        self.next_vif = 1
        self._batch = []
        self.dir = os.path.join(lab.dir, name)
        os.makedirs(self.dir)
        self.db = os.path.join(self.dir, "db.sock")
        self.env = dict.fromkeys(
            ("OVS_RUNDIR", "OVS_DBDIR", "OVS_LOGDIR", "OVS_SYSCONFDIR"),
            self.dir)
        self._make_daemons()
        self._start_switch(settings)

    # Daemons.

    def _make_daemons(self):
        conf = os.path.join(self.dir, "conf.db")
        process.run(["ovsdb-tool", "create", conf, paths.OVS_SCHEMA])

        def daemon(name, *argv):
            return process.Daemon(self.netns, name, list(argv), self.dir,
                                  self.dir, self.env)
        self.ovsdb = daemon("ovsdb-server", "ovsdb-server", conf,
                            "--remote=punix:" + self.db)
        self.vswitchd = daemon("ovs-vswitchd", "ovs-vswitchd",
                               "unix:" + self.db)
        self.agent = daemon(
            "sluice-agent", os.path.join(paths.BUILDDIR,
                                         "ovs-agent/sluice-agent"),
            *self.lab.agent_options, "unix:" + self.db)

    def _start_switch(self, settings):
        self.ovsdb.start()
        self.vsctl("init")
        # Without an underlay no packet comes by this encap-ip: no bridge has
        # it.
        defaults = dict(system_id=self.name, sluice_host=self.name,
                        sluice_remote=self.remote, sluice_bridge=self.bridge,
                        sluice_datapath_type="netdev",
                        sluice_encap_type="vxlan",
                        sluice_encap_ip=self.address)
        self.configure(**dict(defaults, **settings))
        self.vswitchd.start()

    def configure(self, **settings):
        """Sets keys of Open_vSwitch.external_ids, with "-" for "_" in their
        names; None removes one."""
        commands = []
        for key, value in settings.items():
            key = key.replace("_", "-")
            commands += ["--", "remove", "Open_vSwitch", ".", "external_ids",
                         key]
            if value is not None:
                commands += ["--", "set", "Open_vSwitch", ".",
                             "external_ids:%s=\"%s\"" % (key, value)]
        self.vsctl(*commands)

    def daemons(self):
        return [self.agent, self.vswitchd, self.ovsdb]

    def start_agent(self):
        """Starts the agent, having checked that it is built."""
        paths.program("ovs-agent/sluice-agent")
        self.agent.start()

    def stop(self):
        """Stops the daemons in order, as a shutdown would."""
        for daemon in self.daemons():
            daemon.stop()

    # Commands.

    def vsctl(self, *args, check=True):
        """Runs ovs-vsctl, which waits for ovs-vswitchd to follow if that
        runs; returns what it prints, stripped."""
        wait = [] if self.vswitchd.pid else ["--no-wait"]
        return process.run(["ovs-vsctl", "--db=unix:" + self.db,
                            "--timeout=20", *wait, *args], env=self.env,
                           check=check).strip()

    def ofctl(self, *args, check=True, stdin=None):
        """Runs ovs-ofctl; returns what it prints."""
        return process.run(["ovs-ofctl", "-O", "OpenFlow15", *args],
                           env=self.env, check=check, stdin=stdin)

    def appctl(self, target, *args, check=True):
        """Runs unixctl command `args` of daemon `target`: "sluice-agent",
        "ovs-vswitchd" or "ovsdb-server"."""
        for daemon in self.daemons():
            if daemon.name == target:
                return daemon.appctl(*args, check=check)
        raise KeyError(target)

    # VIFs.

    def add_vif(self, iface_id=None, name=None, mac=None, ip=None):
        """Plugs a new VM: a namespace whose eth0 is an interface `name` of
        the integration bridge with external_ids:iface-id=`iface_id`.  `ip`
        is like 10.0.0.1/24.  Returns the VM."""
        vm = self.add_vm(name, mac, ip)
        self.plug(vm.name, iface_id)
        return vm

    def add_vm(self, name=None, mac=None, ip=None):
        """As add_vif(), but for plug(), which is left for later."""
        name = name or self._vif_name()
        self.vms[name] = VM(self, name, mac, ip)
        return self.vms[name]

    def add_port(self, network, name, ip=None, wait=True, columns=(),
                 vif=None, mac=None):
        """Declares port `name` of `network` in the NB, with more `columns`
        ("column=value"), and plugs a VM for it, which it returns once the
        agent says it is up (`wait` false: at once).  vm.port is the port's
        UUID; `vif` names the interface; `mac` is by default a new one."""
        mac = mac or self.lab.next_mac()
        port = self.lab.nb.ctl("port-add", network, name,
                               "mac_address=\"%s\"" % mac, *columns)
        vm = self.add_vif(port, name=vif, mac=mac, ip=ip)
        vm.port = port
        if wait:
            self.wait_status(vm.name, "up")
        return vm

    def plug(self, name, iface_id=None):
        """Adds device `name` to the integration bridge."""
        ids = ["external_ids:iface-id=" + iface_id] if iface_id else []
        self.vsctl("--may-exist", "add-port", self.bridge, name, "--",
                   "set", "Interface", name, "external_ids:lab=vif", *ids)

    def unplug(self, name):
        """Takes device `name` out of the integration bridge; the VM
        stays."""
        self.vsctl("--if-exists", "del-port", self.bridge, name)

    def del_vif(self, vm):
        """Unplugs a VM and ends it."""
        self.unplug(vm.name)
        del self.vms[vm.name]
        vm.netns.close()

    def add_cheap_vifs(self, iface_ids):
        """Plugs one interface for each of `iface_ids`, fast: patch ports
        that lead nowhere, which have an OpenFlow port each and no device.
        Returns their names."""
        names = []
        for iface_id in iface_ids:
            names.append("cheap%d" % self.next_vif)
            self.next_vif += 1
            self._batch += [
                "--", "add-port", self.bridge, names[-1],
                "--", "set", "Interface", names[-1], "type=patch",
                "options:peer=%s-peer" % names[-1],
                "external_ids:iface-id=" + iface_id]
            if len(names) % BATCH == 0:
                self._flush_batch("--no-wait")
        self._flush_batch()
        return names

    def _flush_batch(self, *options):
        if self._batch:
            self.vsctl(*options, *self._batch)
            self._batch = []

    def ofport(self, name):
        """Returns the OpenFlow port number of interface `name`, which it
        awaits."""
        def assigned():
            text = self.vsctl("--bare", "get", "Interface", name, "ofport")
            return text if text != "[]" else None
        return int(process.wait_until(assigned, what="%s's ofport" % name))

    def status(self, name):
        """Returns the agent's word on interface `name`
        (external_ids:sluice-status), "" if there is none."""
        text = self.vsctl("--if-exists", "get", "Interface", name,
                          "external_ids:sluice-status")
        return json.loads(text) if text.startswith('"') else text

    def wait_status(self, name, status, timeout=10):
        """Waits until the agent says `status` of interface `name`."""
        process.wait_until(lambda: self.status(name) == status, timeout,
                           "%s to be %s on %s" % (name, status, self.name))

    def _vif_name(self):
        name = "vif%d" % self.next_vif
        self.next_vif += 1
        return name

    # Flows.

    def flows(self):
        """Returns the flows of the integration bridge, but for those it has
        learned: a set of lines without counters."""
        lines = self.ofctl("--no-stats", "dump-flows", self.bridge)
        return {line.strip() for line in lines.splitlines()
                if "actions=" in line and not LEARNED.search(line)}

    def in_step(self):
        """True if the agent is connected everywhere and has nothing to tell
        the switch."""
        state = self.agent.appctl("status")
        return ("known" in state and "connected, in step" in state
                and self.agent.appctl("connection-status").strip()
                == "connected" and not self.agent.appctl("flow/diff").strip())

    def wait_in_step(self, timeout=10):
        process.wait_until(self.in_step, timeout,
                           "%s's flows to be those wanted" % self.name)

    # Physical networks.

    def add_physical(self, wire, bridge="br-phys"):
        """Makes a bridge for a physical network, whose uplink is joined to
        Wire `wire`.  Returns the name of the uplink's end at the wire."""
        device, end = "%s-up" % bridge, "%s-%s" % (self.name, bridge)
        veth(self.netns, device, wire.netns, end)
        wire.attach(end)
        self.vsctl("--may-exist", "add-br", bridge, "--", "set", "Bridge",
                   bridge, "datapath_type=netdev", "--", "add-port", bridge,
                   device)
        return end

    # Measurements.

    def watch_flows(self):
        """Returns a FlowWatch on the integration bridge."""
        return FlowWatch(self, self.bridge)

    def nb_socket(self):
        """Returns counters of the agent's connection to the NB, as ss -i
        calls them (bytes_received, bytes_sent, ...), and its local port.
        Empty if there is no connection."""
        text = self.netns.run("ss", "-tinOH", "state", "established",
                              "dport", "=", ":" + self.remote.split(":")[-1])
        counters = {k: int(v) for k, v in
                    re.findall(r"\b([a-z_]+):(\d+)\b", text)}
        local = re.search(r":(\d+)\s", text)
        if local:
            counters["local_port"] = int(local.group(1))
        return counters

    def nb_bytes_received(self):
        """Returns the bytes the agent has received from the NB over its
        present connection."""
        return self.nb_socket().get("bytes_received", 0)
