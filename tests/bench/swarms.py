# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Drives tests/bench/sluice-swarm, whose --help tells of its commands."""

import collections
import contextlib
import json
import os
import shutil
import subprocess

from lab import paths, process
from lab.nbserver import NbServer
from lab.northbound import DATABASE
from lab.ovsdb import OvsdbClient

from . import world

# How many hypervisors there are, how many ports and networks each has, and of
# how many of them, the first ones, there is anything in the database.
World = collections.namedtuple("World", "agents ports networks written")


class SwarmError(Exception):
    """Agents were told what they must not be, or lost their connections."""


def write_database(path, schema, shape):
    """Makes database file `path` of a World."""
    process.run(["ovsdb-tool", "create", path, schema])
    process.run(_argv(shape._replace(agents=shape.written)) + ["write", path],
                timeout=600)


class WorldServer(NbServer):
    """An NbServer with a World in it, that of `like` if that is given."""

    def __init__(self, shape, like=None):
        super().__init__(init=False)
        os.remove(self.db)
        if like:
            shutil.copyfile(like.db, self.db)
        else:
            write_database(self.db, paths.NB_SCHEMA, shape)

    def start(self):
        """Starts it and waits until it says that it has the database: agents
        that come earlier are sent elsewhere."""
        super().start()
        process.wait_until(self._has_database, what="the database")

    def _has_database(self):
        with contextlib.closing(OvsdbClient(self.socket, "_Server")) as c:
            return c.transact({"op": "select", "table": "Database",
                               "where": [["name", "==", DATABASE],
                                         ["connected", "==", True]]}
                              )[0]["rows"]


def _argv(shape):
    return [world.program("sluice-swarm"), "--agents=%d" % shape.agents,
            "--ports=%d" % shape.ports, "--networks=%d" % shape.networks]


class Swarm:
    """Agents of a World that connect to `remotes`, in turn; the northbound
    database itself is at `nb`."""

    def __init__(self, shape, remotes, nb):
        self.shape = shape
        self.process = process.popen(
            _argv(shape) + ["--remote=" + r for r in remotes]
            + ["--nb=" + nb],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def command(self, *words):
        """Runs a command and returns its result, a dict.  Raises SwarmError
        at the first fault of any agent."""
        self.process.stdin.write(" ".join(str(w) for w in words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SwarmError("the swarm has ended at: %s" % (words,))
        result = json.loads(line)
        if result["errors"] or "refused" in result:
            raise SwarmError(line)
        return result

    def close(self):
        """Ends it, and all connections with it."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
