# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A northbound database by itself, without hypervisors: for tests of
sluice-nbctl and of the database, which need no network."""

import contextlib
import os
import shutil
import socket
import tempfile
import threading

from . import paths, process
from .northbound import DATABASE, Northbound
from .ovsdb import OvsdbClient


class Here:
    """What a Daemon takes for a namespace: this one."""

    @staticmethod
    def run(*argv, **kwargs):
        return process.run(argv, **kwargs)


class NbServer(Northbound):
    """An ovsdb-server on a unix socket in a temporary directory, to be used
    as a context manager:

        with NbServer() as nb:
            nb.ctl("net-add", "blue")

    `clustered` makes it a cluster of one, `init` false leaves the database
    empty, `schema` is another than the present one, and `options` are more of
    ovsdb-server's."""

    def __init__(self, clustered=False, init=True, options=(),
                 schema=paths.NB_SCHEMA):
        self.dir = tempfile.mkdtemp(prefix="slunb-")
        self.db = os.path.join(self.dir, "nb.db")
        self.socket = os.path.join(self.dir, "nb.sock")
        self.unix = "unix:" + self.socket
        self.daemon = process.Daemon(
            Here, "ovsdb-server",
            ["ovsdb-server", self.db, "--remote=punix:" + self.socket,
             *(o.replace("@DIR@", self.dir) for o in options)],
            self.dir, self.dir, {"OVS_RUNDIR": self.dir})
        self.clients = []
        self.init = init
        if clustered:
            process.run(["ovsdb-tool", "create-cluster", self.db,
                         schema, "unix:%s/raft.sock" % self.dir])
        else:
            process.run(["ovsdb-tool", "create", self.db, schema])

    def __enter__(self):
        try:
            self.start()
            if self.init:
                self.ctl("--retry", "--timeout=10", "init")
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        for client in self.clients:
            client.close()
        self.daemon.kill9()
        shutil.rmtree(self.dir)

    def fail(self, *args, status=1, env=None):
        """Runs sluice-nbctl, which must exit with `status`; returns what it
        prints to standard error."""
        try:
            out = process.run(self.argv(*args), env=env)
        except process.CommandError as e:
            assert e.status == status, e
            return e.stderr
        raise AssertionError("%s: succeeded: %s" % (" ".join(args), out))

    def complain(self, *args):
        """Runs sluice-nbctl, which must succeed; returns what it prints to
        standard error."""
        with self.start_ctl(*args) as started:
            _, stderr = started.communicate()
        assert started.returncode == 0, stderr
        return stderr

    def start_ctl(self, *args, db=None):
        """Starts sluice-nbctl and returns its Popen."""
        return process.popen(self.argv(*args, db=db), stdout=-1, stderr=-1)

    def argv(self, *args, db=None):
        return [paths.program("utilities/sluice-nbctl"),
                "--db=" + (db or self.unix), *args]

    def uuid(self, table, name):
        """Returns the UUID of the row of that name."""
        return self.ctl("get", table, name, "_uuid")

    def get(self, table, name, column):
        """Returns a column as `nbctl get` prints it, without quotes."""
        return self.ctl("get", table, name, column).strip('"')

    def revision(self, table, name):
        return int(self.get(table, name, "revision_number"))

    def agent(self, host, **kwargs):
        """Returns an Agent, a session of its own."""
        agent = Agent(self, host, **kwargs)
        self.clients.append(agent)
        return agent

    def tap(self, server=None):
        """Returns a Wiretap, to connect through to this server or `server`,
        one in front of it."""
        wiretap = Wiretap((server or self).socket, os.path.join(
            self.dir, "tap%d.sock" % len(self.clients)))
        self.clients.append(wiretap)
        return wiretap


def lock_name(host):
    """The name of an agent's lock, as lib/agent-lock.h defines it."""
    return "sluice_agent_" + "".join(
        chr(b) if chr(b).isascii() and chr(b).isalnum() else "_%02x" % b
        for b in host.encode())


class Agent:
    """The part of sluice-agent that the database sees: a session that holds
    the lock of `host` (unless `lock` is false) and its row, and writes
    bindings when told to.  It is a client of `at`, a server in front of `nb`,
    if that is given."""

    def __init__(self, nb, host, lock=True, heartbeat=0, at=None):
        self.host = host
        self.client = OvsdbClient((at or nb).socket, DATABASE)
        if lock:
            reply = self.client.request("lock", [lock_name(host)])
            assert reply["locked"] is True, reply
        self.client.transact(
            {"op": "insert", "table": "Agent",
             "row": {"host": host, "version": "test",
                     "heartbeat": heartbeat}})

    def bind_port(self, port, network, revision, **row):
        self._bind("Port_Binding", {"port": ["uuid", port],
                                    "network": ["uuid", network]},
                   dict(row, revision_number=revision))

    def bind_network(self, network, revision, **row):
        self._bind("Network_Binding", {"network": ["uuid", network]},
                   dict(row, revision_number=revision))

    def locate_port(self, port, network, claim, **row):
        self._bind("Port_Location", {"port": ["uuid", port],
                                     "network": ["uuid", network]},
                   dict(row, claim=claim))

    def locate_network(self, network, encap, **row):
        self._bind("Network_Location", {"network": ["uuid", network]},
                   dict(row, encap=encap))

    def unbind(self, table):
        """Deletes the rows of this host in `table`."""
        self.client.transact({"op": "delete", "table": table,
                              "where": [["host", "==", self.host]]})

    def apply_host(self, revision):
        self.client.transact(
            {"op": "update", "table": "Agent",
             "where": [["host", "==", self.host]],
             "row": {"host_revision_number": revision}})

    def close(self):
        """Ends the session, as the agent's death would."""
        self.client.close()

    def _bind(self, table, key, row):
        where = [[column, "==", value] for column, value in key.items()]
        where.append(["host", "==", self.host])
        updated = self.client.transact({"op": "update", "table": table,
                                        "where": where, "row": row})
        if not updated[0]["count"]:
            self.client.transact({"op": "insert", "table": table,
                                  "row": dict(key, host=self.host, **row)})


class Wiretap:
    """Passes connections to `path` on to unix socket `server`, and keeps what
    the server sent (`received`) and was sent (`sent`), in bytes."""

    def __init__(self, server, path):
        self.server = server
        self.db = "unix:" + path
        self.received = self.sent = b""
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.server)
            for args in ((client, server, "sent"),
                         (server, client, "received")):
                threading.Thread(target=self._pass_on, args=args,
                                 daemon=True).start()

    def _pass_on(self, source, sink, counter):
        with contextlib.suppress(OSError):
            while True:
                data = source.recv(1 << 16)
                if not data:
                    break
                with self.lock:
                    setattr(self, counter, getattr(self, counter) + data)
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
