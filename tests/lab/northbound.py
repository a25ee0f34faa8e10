# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The northbound database: a real ovsdb-server in the management network."""

import json
import os

from . import paths, process
from .ovsdb import OvsdbClient, Watcher

DATABASE = "Sluice_Northbound"
PORT = 6640


class Northbound:
    """An ovsdb-server for Sluice_Northbound.

    It listens on `remote` (tcp, for agents, at the management address of
    namespace `netns`) and on `unix` (for nbctl, from anywhere).  With the
    default `probe` of 0 the server sends no keepalives, so that what crosses
    a connection is data alone; otherwise `probe` is in milliseconds."""

    def __init__(self, netns, address, directory, probe=0):
        os.makedirs(directory)
        self.db = os.path.join(directory, "nb.db")
        self.socket = os.path.join(directory, "nb.sock")
        self.unix = "unix:" + self.socket
        self.remote = "tcp:%s:%d" % (address, PORT)
        self.daemon = process.Daemon(
            netns, "ovsdb-server",
            ["ovsdb-server", self.db, "--remote=punix:" + self.socket,
             "--remote=db:%s,NB_Global,connections" % DATABASE],
            directory, directory, {"OVS_RUNDIR": directory})
        process.run(["ovsdb-tool", "create", self.db, paths.NB_SCHEMA])
        self._transact_offline(
            {"op": "insert", "table": "Connection", "uuid-name": "c",
             "row": {"target": "ptcp:%d:%s" % (PORT, address),
                     "inactivity_probe": probe}},
            {"op": "insert", "table": "NB_Global",
             "row": {"connections": ["named-uuid", "c"]}})

    def start(self):
        self.daemon.start()

    def stop(self):
        self.daemon.stop()

    def kill9(self):
        self.daemon.kill9()

    def ctl(self, *args, check=True):
        """Runs sluice-nbctl with `args`; returns what it prints, stripped."""
        return process.run([paths.program("utilities/sluice-nbctl"),
                            "--db=" + self.unix, *args], check=check).strip()

    def client(self):
        """Returns a connection of its own, for large transactions."""
        return OvsdbClient(self.socket, DATABASE)

    def transact(self, *operations):
        """Runs OVSDB operations in one transaction; returns the results."""
        client = self.client()
        try:
            return client.transact(*operations)
        finally:
            client.close()

    def convert(self, schema):
        """Converts the running database to `schema`, a dict.  (ovsdb-client
        convert does the same, and now and then dies of it.)"""
        client = self.client()
        try:
            client.request("convert", [DATABASE, schema])
        finally:
            client.close()

    def watch(self, columns):
        """Returns a Watcher: when was each change announced?  `columns` is
        a dict from tables to their columns."""
        return Watcher(self.socket, DATABASE, columns)

    def rows(self, table, columns=None, where=()):
        """Returns the rows of `table`, as RFC 7047 writes them."""
        select = {"op": "select", "table": table, "where": list(where)}
        if columns:
            select["columns"] = list(columns)
        return self.transact(select)[0]["rows"]

    def add_ports(self, network, macs):
        """Adds to `network` a port for each of `macs`, all in one
        transaction; returns their UUIDs."""
        ref = ["uuid", self.uuid("Network", network)]
        results = self.transact(*[
            {"op": "insert", "table": "Port",
             "row": {"network": ref, "name": "%s-%d" % (network, i),
                     "mac_address": mac, "admin_state_up": True,
                     "port_security_enabled": True, "revision_number": 1}}
            for i, mac in enumerate(macs)])
        return [r["uuid"][1] for r in results]

    def uuid(self, table, name):
        """Returns the UUID of the row of `table` called `name`."""
        return self.rows(table, ["_uuid"],
                         [["name", "==", name]])[0]["_uuid"][1]

    def binding(self, port, host):
        """Returns the Port_Binding of `port`, a UUID, at `host`, or None."""
        rows = self.rows("Port_Binding", where=[
            ["port", "==", ["uuid", port]], ["host", "==", host]])
        return rows[0] if rows else None

    def hosts(self, port):
        """Returns where `port`, a UUID, is bound: a sorted list."""
        return sorted(r["host"] for r in self.rows(
            "Port_Binding", ["host"], [["port", "==", ["uuid", port]]]))

    def wait_binding(self, port, host, timeout=10, **columns):
        """Waits until `port` is bound at `host`, with these values of
        columns, and returns its binding."""
        def bound():
            row = self.binding(port, host)
            return row and all(row[c] == v for c, v in columns.items()) and row
        return process.wait_until(bound, timeout, "port %s at %s: %s" % (
            port, host, columns or "bound"))

    def wait_hosts(self, port, *hosts, timeout=10):
        """Waits until `port` is bound at `hosts` and nowhere else."""
        process.wait_until(lambda: self.hosts(port) == sorted(hosts), timeout,
                           "port %s to be bound at %s alone" % (
                               port, " and ".join(hosts) or "no host"))

    def _transact_offline(self, *operations):
        text = json.dumps([DATABASE, *operations])
        results = json.loads(process.run(
            ["ovsdb-tool", "transact", self.db, text]))
        errors = [r for r in results if r and "error" in r]
        if errors:
            raise RuntimeError("cannot set up %s: %s" % (self.db, errors))
