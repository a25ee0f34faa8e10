# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Servers in front of an NbServer: the notifier's OVSDB door, and an
ovsdb-server relay."""

import json
import os

from . import paths, process
from .nbserver import Here
from .northbound import DATABASE
from .ovsdb import OvsdbClient, OvsdbError


class Front(process.Daemon):
    """A server of the OVSDB protocol that has its rows from `nb`, with its
    socket in a new directory of nb's; a context manager.  `name` is its own
    among those of `nb`.

    `socket` and `unix` are as NbServer's.  restart() and others are
    process.Daemon's."""

    def __init__(self, nb, name, program, options):
        directory = os.path.join(nb.dir, name)
        os.makedirs(directory)
        self.nb = nb
        self.socket = os.path.join(directory, "door.sock")
        self.unix = "unix:" + self.socket
        super().__init__(
            Here, name, [program, "--remote=punix:" + self.socket, *options],
            directory, directory, {"OVS_RUNDIR": directory})

    def __enter__(self):
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.kill9()
            raise
        return self

    def __exit__(self, kind, *_):
        self.kill9() if kind else self.stop()

    def client(self, database=DATABASE):
        """Returns an OvsdbClient that ends with `nb`."""
        client = OvsdbClient(self.socket, database)
        self.nb.clients.append(client)
        return client

    def wait_ready(self):
        """Waits until it has rows."""
        process.wait_until(self.is_ready, what="%s to be ready" % self.unix)

    def is_ready(self):
        client = OvsdbClient(self.socket, DATABASE)
        try:
            client.transact({"op": "select", "table": "NB_Global",
                             "where": [], "columns": []})
            return True
        except OvsdbError:
            return False
        finally:
            client.close()


class Door(Front):
    """The notifier, with nothing but its OVSDB door."""

    def __init__(self, nb, name="door", options=(), db=None):
        super().__init__(nb, name,
                         paths.program("notifier/sluice-notifier"),
                         ["--nb=" + (db or nb.unix), "--http=none", *options])

    def wait_ready(self):
        super().wait_ready()
        process.wait_until(self.has_locks, what="a session for locks")
        # Those who asked are gone.
        process.wait_until(lambda: self.status("sessions").startswith("0, "),
                           what="the end of sessions")

    def has_locks(self):
        """Whether its session for locks is up."""
        return "; " not in self.status("locks")

    def status(self, key):
        """Returns what "status" says after `key`."""
        for line in self.appctl("status").splitlines():
            if line.strip().startswith(key + ": "):
                return line.strip()[len(key) + 2:]
        raise KeyError(key)

    def table(self, *command):
        """Returns what a command answers: a dict for each row."""
        answer = json.loads(self.appctl(*command, "-f", "json"))
        return [dict(zip(answer["headings"], row)) for row in answer["data"]]


class Relay(Front):
    """An ovsdb-server relay of `nb`."""

    def __init__(self, nb, name="relay"):
        super().__init__(nb, name, "ovsdb-server",
                         ["relay:%s:%s" % (DATABASE, nb.unix)])
