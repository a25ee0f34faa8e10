# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""OVN beside the agent, on the same switch: the packages ovn-central and
ovn-host, whose daemons run here in the laboratory alone.

As many logical switch ports as the northbound database has ports, as many of
them here, on switches as large as the networks.  OVN has it easy: no
addresses but Ethernet, no port security, no ACL, no other chassis."""

import os
import shutil
import uuid

from lab import process, run, wait_until
from lab.ovsdb import OvsdbClient

from . import world
from .subjects import toggle

PROGRAMS = ("ovn-northd", "ovn-controller", "ovn-nbctl")
SCHEMAS = "/usr/share/ovn"
SB_PORT = 6642

# At 100,000 ports ovn-northd computes for a while.
SYNC_SECONDS = 1200

# The work that follows a flip, in all daemons, is over after this time.
SETTLE_MSEC = 100


class MissingProgram(Exception):
    """OVN is not installed."""


class Ovn:
    """See subjects.py."""

    name = "ovn"
    bridge = "br-ovn"

    def __init__(self, lab, hypervisor, n_local):
        for needed in PROGRAMS:
            if not shutil.which(needed):
                raise MissingProgram("%s is not installed: packages "
                                     "ovn-central and ovn-host" % needed)
        self.lab, self.hypervisor = lab, hypervisor
        self.dir = os.path.join(lab.dir, "ovn")
        os.makedirs(self.dir)
        self.env = {"OVN_RUNDIR": self.dir, "OVS_RUNDIR": hypervisor.dir}
        self.n_ports = 0
        self._start_databases()
        self._configure_hypervisor()
        self._make_daemons()
        self.client = OvsdbClient(self._socket("nb"), "OVN_Northbound")
        self.rows = self._add_switch(n_local)

    def start(self, n_ports):
        while self.n_ports < n_ports:
            self._add_switch(min(world.PORTS_PER_NETWORK,
                                 n_ports - self.n_ports))
        self.northd.start()
        # ovn-controller 23.03 crashes when ovn-northd has not been there yet.
        self._sync("sb")
        self.controller.start()
        wait_until(self._is_bound, SYNC_SECONDS, "OVN to bind its ports")
        self._sync("hv")

    def _sync(self, what):
        run(["ovn-nbctl", "--db=" + self._remote("nb"), "--wait=" + what,
             "--timeout=%d" % SYNC_SECONDS, "sync"],
            timeout=SYNC_SECONDS + 10)

    def flip(self, n):
        return toggle(self._remote("nb"),
                      world.mgmt(self.hypervisor, self.bridge), self.rows, n,
                      "--database=OVN_Northbound",
                      "--table=Logical_Switch_Port", "--column=enabled",
                      "--settle=%d" % SETTLE_MSEC)

    def memory(self):
        return world.memory(self.controller)

    def stop(self):
        self.controller.kill9()
        self.northd.kill9()

    def _socket(self, db):
        return os.path.join(self.dir, db + ".sock")

    def _remote(self, db):
        return "unix:" + self._socket(db)

    def _daemon(self, netns, name, *argv):
        directory = os.path.join(self.dir, name)
        os.makedirs(directory)
        return process.Daemon(netns, name, list(argv), directory, self.dir,
                              self.env)

    def _start_databases(self):
        servers = []
        for db, remotes in (
                ("nb", []),
                ("sb", ["--remote=ptcp:%d" % SB_PORT])):
            path = os.path.join(self.dir, db + ".db")
            run(["ovsdb-tool", "create", path,
                 os.path.join(SCHEMAS, "ovn-%s.ovsschema" % db)])
            server = self._daemon(self.lab.mgmt, "ovn-" + db, "ovsdb-server",
                                  path, "--remote=p" + self._remote(db),
                                  *remotes)
            server.start()
            servers.append(server)
        self.servers = servers

    def _configure_hypervisor(self):
        world.add_bridge(self.hypervisor, self.bridge)
        server = self.lab.nb.remote.split(":")[1]
        self.hypervisor.vsctl(
            "set", "Open_vSwitch", ".",
            "external_ids:ovn-remote=\"tcp:%s:%d\"" % (server, SB_PORT),
            "external_ids:ovn-remote-probe-interval=0",
            "external_ids:ovn-bridge=" + self.bridge,
            "external_ids:ovn-encap-type=geneve",
            "external_ids:ovn-encap-ip=" + self.hypervisor.address)

    def _make_daemons(self):
        self.northd = self._daemon(
            self.lab.mgmt, "ovn-northd", "ovn-northd",
            "--ovnnb-db=" + self._remote("nb"),
            "--ovnsb-db=" + self._remote("sb"))
        self.controller = self._daemon(
            self.hypervisor.netns, "ovn-controller", "ovn-controller",
            "unix:" + self.hypervisor.db)
        self.daemons = [*self.servers, self.northd, self.controller]

    def _add_switch(self, n):
        """Adds a logical switch with `n` ports and returns their UUIDs; the
        first ones added are plugged here."""
        rows = [str(uuid.uuid4()) for _ in range(n)]
        names = ["lsp%d" % (self.n_ports + i) for i in range(n)]
        self.client.transact(
            *({"op": "insert", "table": "Logical_Switch_Port", "uuid": row,
               "row": {"name": name, "enabled": True,
                       "addresses": world.mac(self.n_ports + i)}}
              for i, (row, name) in enumerate(zip(rows, names))),
            {"op": "insert", "table": "Logical_Switch",
             "row": {"name": "ls%d" % self.n_ports,
                     "ports": ["set", [["uuid", row] for row in rows]]}})
        if not self.n_ports:
            world.plug(self.hypervisor, self.bridge, names)
        self.n_ports += n
        return rows

    def _is_bound(self):
        if self.controller.died():
            raise RuntimeError("ovn-controller died: see its log")
        where = [["_uuid", "==", ["uuid", self.rows[-1]]]]
        result = self.client.transact(
            {"op": "select", "table": "Logical_Switch_Port", "where": where,
             "columns": ["up"]})
        return result[0]["rows"][0]["up"] is True
