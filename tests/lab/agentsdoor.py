# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What agents connect to when that is not the northbound database itself."""

import os

from . import paths, process
from .northbound import DATABASE
from .notifier import PROGRAM

# Where it listens, in the management network: where no test has anything.
PORT = 6645


def door_kind():
    """Returns what stands between agents and the database, as the
    environment says: "" (nothing), "notifier" or "relay".  (Through a relay
    agents read, but do not write: it passes no locks on.)"""
    kind = os.environ.get("SLUICE_TEST_DOOR", "")
    return "" if kind == "ovsdb-server" else kind


class AgentsDoor(process.Daemon):
    """The OVSDB door of a notifier, with no other, before northbound database
    `nb`, with its files in a new `directory`."""

    def __init__(self, netns, nb, address, directory):
        os.makedirs(directory)
        self.address = address
        self.remote = "tcp:%s:%d" % (address, PORT)
        listen = "--remote=ptcp:%d:%s" % (PORT, address)
        if door_kind() == "relay":
            argv = ["ovsdb-server", listen,
                    "relay:%s:%s" % (DATABASE, nb.unix)]
        else:
            argv = [paths.program(PROGRAM), "--nb=" + nb.unix, "--http=none",
                    listen]
        super().__init__(netns, "door", argv, directory, directory,
                         {"OVS_RUNDIR": directory})

    def secure(self, nb, identity, role, *options):
        """Starts it anew, with certificates: as `identity` at `nb`, a remote,
        and to agents, which are held to `role`.  `options` are more."""
        self.stop()
        self.remote = "ssl:%s:%d" % (self.address, PORT)
        self.argv = [paths.program(PROGRAM), "--nb=" + nb, "--http=none",
                     "--remote=pssl:%d:%s" % (PORT, self.address),
                     "--role=" + role, *identity.options(), *options]
        self.start()
