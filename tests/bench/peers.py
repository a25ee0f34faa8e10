# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What thousands of agents can be connected to: ovsdb-server, a relay of it,
and the notifier's OVSDB door.  Each has a northbound ovsdb-server of its own,
with the same database, and all are on unix sockets."""

import os
import shutil

from lab import paths, process
from lab.northbound import DATABASE

from . import world

# A million ports take ovsdb-server a minute to read.
START_TIMEOUT = 900

NOTIFIER = "notifier/sluice-notifier"


class Here:
    """What a Daemon takes for a namespace: this one."""

    @staticmethod
    def run(*argv, **kwargs):
        return process.run(argv, timeout=START_TIMEOUT, **kwargs)


class Server:
    """An ovsdb-server alone: `door` and `nb` are the same.

    `door` is the process.Daemon that agents are connected to, which has
    `n_remotes` remotes, `remotes`; `nb` the northbound ovsdb-server, at
    `nb_remote`."""

    name = "ovsdb-server"
    socket = "nb.sock"

    def __init__(self, directory, n_remotes=1):
        os.makedirs(directory)
        self.directory = directory
        self.database = os.path.join(directory, "nb.db")
        self.nb_remote = self._unix("nb.sock")
        self.remotes = [self._unix(self.socket)] + [
            self._unix("more%d.sock" % i) for i in range(1, n_remotes)]
        self.nb = self._daemon("nb", [
            "ovsdb-server", self.database, *self._listen("nb.sock")])
        self.door = self.nb

    def start(self, database):
        """Starts with a copy of the file `database`; returns when all is
        ready."""
        shutil.copyfile(database, self.database)
        for daemon in self.daemons():
            daemon.start()
            self._await_ready(daemon)
        world.await_idle(self.daemons())

    def stop(self):
        """Ends it at once, and removes its files but the logs.  Nothing of
        it is wanted any more."""
        for daemon in self.daemons():
            daemon.kill9()
        if os.path.exists(self.database):
            os.remove(self.database)

    def daemons(self):
        """Returns its processes, the northbound server first."""
        return [self.nb] if self.door is self.nb else [self.nb, self.door]

    def cpu(self):
        """Returns the processor time, in seconds, that the door has used,
        and the northbound server if that is another."""
        nb = 0 if self.door is self.nb else self.nb.cpu_seconds()
        return self.door.cpu_seconds(), nb

    def _listen(self, name):
        """Returns options that have a process listen on socket `name`, and if
        that is the door's, on all of the door's."""
        remotes = (self.remotes if name == self.socket
                   else [self._unix(name)])
        return ["--remote=p" + remote for remote in remotes]

    def _unix(self, name):
        return "unix:" + os.path.join(self.directory, name)

    def _daemon(self, name, argv):
        rundir = os.path.join(self.directory, name)
        os.makedirs(rundir)
        return process.Daemon(Here, name, argv, rundir, rundir,
                              {"OVS_RUNDIR": rundir})

    def _await_ready(self, daemon):
        """Waits until the daemon serves the database."""
        remote = self.nb_remote if daemon is self.nb else self.remotes[0]
        process.run(["ovsdb-client", "--timeout=%d" % START_TIMEOUT, "wait",
                     remote, DATABASE, "connected"],
                    timeout=START_TIMEOUT + 10)


class Relay(Server):
    """An ovsdb-server relay in front of an ovsdb-server."""

    name = "relay"
    socket = "relay.sock"

    def __init__(self, directory, n_remotes=1):
        super().__init__(directory, n_remotes)
        self.door = self._daemon("relay", [
            "ovsdb-server", "relay:%s:%s" % (DATABASE, self.nb_remote),
            *self._listen(self.socket)])


class Notifier(Server):
    """A notifier in front of an ovsdb-server, its HTTP door shut."""

    name = "notifier"
    socket = "door.sock"

    def __init__(self, directory, n_remotes=1):
        super().__init__(directory, n_remotes)
        self.door = self._daemon("notifier", [
            paths.program(NOTIFIER), "--nb=" + self.nb_remote, "--http=none",
            *self._listen(self.socket)])


PEERS = {"server": Server, "relay": Relay, "notifier": Notifier}
