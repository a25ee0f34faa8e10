# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The server under test, in front of the northbound database.

Which it is, SLUICE_TEST_DOOR says: "notifier", "relay" (ovsdb-server as a
relay) or "ovsdb-server" (the database's own).  The latter two are there to
tell a fault of the notifier's from one of a test."""

import contextlib
import os

from lab import paths, process
from lab.nbserver import Here
from lab.northbound import DATABASE
from lab.notifier import PROGRAM
from lab.ovsdb import OvsdbClient, OvsdbError

DEFAULT = "notifier"

KINDS = ("notifier", "relay", "ovsdb-server")


def kind():
    """Returns which server is under test."""
    name = os.environ.get("SLUICE_TEST_DOOR") or DEFAULT
    if name not in KINDS:
        raise ValueError("SLUICE_TEST_DOOR=%s: must be one of %s" % (
            name, ", ".join(KINDS)))
    return name


def is_notifier():
    return kind() == "notifier"


class Door:
    """The server under test before NbServer `nb`, as a context manager:

        with NbServer() as nb, Door(nb) as door:
            door.client().request("list_dbs", [])

    `socket` is where it listens, `unix` the same as a remote, `daemon` a
    process.Daemon.  `name` tells several before one database apart;
    `options` are more of the notifier's."""

    def __init__(self, nb, name="door", options=()):
        self.nb, self.name = nb, name
        self.dir = os.path.join(nb.dir, name)
        os.mkdir(self.dir)
        self.socket = os.path.join(self.dir, "door.sock")
        self.clients = []
        self.daemon = self._daemon(options)
        if not self.daemon:
            self.socket = nb.socket
        self.unix = "unix:" + self.socket

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.close()
        if self.daemon:
            self.daemon.kill9()

    def start(self):
        """Starts it and waits until it serves the database."""
        if self.daemon:
            self.daemon.start()
        self.wait_ready()

    def wait_ready(self, timeout=20):
        process.wait_until(self._ready, timeout,
                           "%s to serve the database" % kind())

    def kill9(self):
        (self.daemon or self.nb.daemon).kill9()

    def check_alive(self):
        """Fails if it has died."""
        assert not (self.daemon or self.nb.daemon).died(), "it died"

    def client(self, database=DATABASE):
        """Returns an OvsdbClient, closed at the end of the block."""
        client = OvsdbClient(self.socket, database)
        self.clients.append(client)
        return client

    def _daemon(self, options):
        remote = "--remote=punix:" + self.socket
        if kind() == "relay":
            argv = ["ovsdb-server", remote,
                    "relay:%s:%s" % (DATABASE, self.nb.unix)]
        elif kind() == "notifier":
            argv = [paths.program(PROGRAM), "--nb=" + self.nb.unix,
                    "--http=none", remote,
                    "--journal=" + os.path.join(self.dir, "journal.db"),
                    *options]
        else:
            return None
        return process.Daemon(Here, self.name, argv, self.dir, self.dir,
                              {"OVS_RUNDIR": self.dir})

    def _ready(self):
        with contextlib.suppress(OSError, OvsdbError):
            client = OvsdbClient(self.socket, "_Server")
            with contextlib.closing(client):
                row = database_row(client)
                return bool(row and row["connected"])
        return False


def database_row(client):
    """Returns the row of _Server's Database that describes the northbound
    database, or None."""
    rows = client.request("transact", ["_Server", {
        "op": "select", "table": "Database",
        "where": [["name", "==", DATABASE]]}])[0]["rows"]
    return rows[0] if rows else None
