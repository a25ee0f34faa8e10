#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The OVSDB door while things end and begin again: the northbound database
gone and back, also with rows deleted meanwhile or another schema; the door
itself killed; another door instead.  Whoever comes back is told what is
different, and nothing else."""

import contextlib
import json
import os

from door.client import Client, Closed
from door.replica import Replica
from door.schema import Schema
from door.servers import Door, is_notifier
from lab import paths, process, tap, wait_until
from lab.nbserver import NbServer
from lab.northbound import DATABASE

# A door tries again for seconds after its database is back.
RECONNECT = 40

ZERO = "00000000-0000-0000-0000-000000000000"

SCHEMA = Schema()
COLUMNS = {"Network": {"name", "mtu"}, "Port": {"name", "host", "tags"}}
REQUESTS = {table: {"columns": sorted(columns)}
            for table, columns in COLUMNS.items()}


class Follower:
    """A client that follows networks and ports, and _Server, and comes back
    when its connection ends; `deleted`, `inserted` and `modified` are the
    UUIDs of rows it was told of since forget()."""

    def __init__(self, door):
        self.replica = Replica(SCHEMA, COLUMNS, lenient=not is_notifier())
        self.connected = []
        self.cancelled = False
        self.last_id = ZERO
        self.found = None
        self.client = None
        self.forget()
        self.connect(door)

    def connect(self, door):
        """Connects to `door`, and monitors from where it was."""
        if self.client:
            self.client.close()
        self.client = Client(door.socket, self._notified)
        self.client.call("set_db_change_aware", [True])
        reply = self.client.call("monitor_cond_since", [
            "_Server", "server", {"Database": {
                "columns": ["connected"],
                "where": [["name", "==", DATABASE]]}}, ZERO])
        self._server(reply["result"][2])
        self.monitor()

    def monitor(self):
        """Asks for the data, from where it was."""
        self.cancelled = False
        self.client.reply(self.client.send(
            "monitor_cond_since", [DATABASE, "data", REQUESTS, self.last_id],
            self._begin))

    def forget(self):
        self.deleted, self.inserted, self.modified = set(), set(), set()

    def rows(self):
        """Returns {uuid: row} of what it knows."""
        return {u: row for rows in self.replica.rows.values()
                for u, row in rows.items()}

    def until(self, condition, what):
        """Reads until condition() is true."""
        self.client.pump_until(condition, what, RECONNECT)

    def close(self):
        self.client.close()

    def _begin(self, reply):
        assert not reply["error"], reply
        self.found, self.last_id, updates = reply["result"]
        if not self.found:
            self._replace(updates)
        else:
            self._apply(updates)

    def _replace(self, updates):
        """All anew: what an IDL makes of it is the difference."""
        before = self.rows()
        self.replica.clear()
        self.replica.apply(3, updates)
        after = self.rows()
        self.deleted |= before.keys() - after.keys()
        self.inserted |= after.keys() - before.keys()
        self.modified |= {u for u in before.keys() & after.keys()
                          if before[u] != after[u]}

    def _notified(self, method, params):
        if method == "update3" and params[0] == "server":
            self._server(params[2])
        elif method == "update3":
            self.last_id = params[1]
            self._apply(params[2])
        elif method == "monitor_canceled" and params == ["data"]:
            self.cancelled = True
        else:
            raise AssertionError((method, params))

    def _apply(self, updates):
        for rows in updates.values():
            for uuid, update in rows.items():
                {"insert": self.inserted, "initial": self.inserted,
                 "delete": self.deleted, "modify": self.modified}[
                     next(iter(update))].add(uuid)
        self.replica.apply(3, updates)

    def _server(self, updates):
        for row in updates.get("Database", {}).values():
            (kind, columns), = row.items()
            self.connected.append(columns.get("connected", False)
                                  if kind != "delete" else None)


class Scene:
    """A door with a client that follows, and three ports of a network."""

    def __init__(self, nb, door):
        self.nb, self.door = nb, door
        nb.ctl("net-add", "blue")
        self.ports = {name: nb.ctl("port-add", "blue", name)
                      for name in "abc"}
        self.follower = Follower(door)
        self.synchronise()

    def synchronise(self):
        """Waits until the client has what the database has."""
        def rows(table):
            return {r["_uuid"][1]: SCHEMA.parse_row(table, {
                c: r[c] for c in COLUMNS[table]})
                for r in self.nb.rows(table)}
        expected = dict(rows("Network"), **rows("Port"))
        self.follower.until(lambda: self.follower.cancelled
                            or self.follower.rows() == expected,
                            "what the database has")

    def check(self, deleted=(), inserted=(), modified=()):
        """Checks what the client was told of, names of ports."""
        f = self.follower
        got = [f.deleted, f.inserted, f.modified]
        expected = [{self.ports[n] for n in names}
                    for names in (deleted, inserted, modified)]
        assert got == expected, (got, expected, self.ports)
        f.forget()

    def set(self, name, **row):
        self.nb.transact({"op": "update", "table": "Port", "row": row,
                          "where": [["_uuid", "==",
                                     ["uuid", self.ports[name]]]]})

    def add(self, name):
        self.ports[name] = self.nb.ctl("port-add", "blue", name)

    def remove(self, name):
        self.nb.ctl("port-del", self.ports[name])


@contextlib.contextmanager
def scene():
    with NbServer() as nb, Door(nb) as door:
        made = Scene(nb, door)
        made.follower.forget()
        try:
            yield made
            made.door.check_alive()
        finally:
            made.follower.close()


def of_the_notifier():
    if not is_notifier():
        raise tap.Skip("of the notifier alone")


def offline(nb, *operations):
    """Changes the database while no server has it."""
    results = json.loads(process.run(
        ["ovsdb-tool", "transact", nb.db, json.dumps(
            [DATABASE, *operations])]))
    assert not any(r and "error" in r for r in results), results


def away(s):
    """The database goes, and the client is told."""
    s.follower.connected.clear()
    s.nb.kill9()
    s.follower.until(lambda: s.follower.connected == [False],
                     "connected=false")


def back(s):
    s.nb.start()
    s.follower.until(lambda: s.follower.connected == [False, True],
                     "connected=true")
    s.synchronise()


@tap.case("the database gone and back: sessions stay and are told so, and"
          " nothing else", timeout=120)
def gone_and_back():
    of_the_notifier()
    with scene() as s:
        away(s)
        back(s)
        s.check()
        s.set("a", host="hv1")
        s.synchronise()
        s.check(modified="a")


@tap.case("the database gone: what is known is served to who does not mind,"
          " and writes are refused", timeout=120)
def served_meanwhile():
    of_the_notifier()
    with scene() as s:
        direct = s.nb.client()
        schema = direct.request("get_schema", [DATABASE])
        direct.close()
        away(s)
        before = s.follower.rows()
        other = Follower(s.door)
        assert other.rows() == before and other.connected == [False]
        client = Client(s.door.socket)
        assert client.call("get_schema", [DATABASE])["result"] == schema
        assert sorted(client.call("list_dbs", [])["result"]) == [
            DATABASE, "_Server"]
        assert client.call("monitor", [DATABASE, None, {
            "Port": {"columns": ["name"]}}])["result"]["Port"]
        back(s)
        other.until(lambda: other.connected == [False, True], "its return")
        other.forget()
        s.set("b", host="hv2")
        s.synchronise()
        other.until(lambda: other.modified, "the change")
        assert other.modified == {s.ports["b"]} and other.rows() \
            == s.follower.rows()
        client.close()
        other.close()


@tap.case("rows deleted, added and changed while the database was away",
          timeout=120)
def changed_offline():
    of_the_notifier()
    with scene() as s:
        away(s)
        offline(s.nb,
                {"op": "delete", "table": "Port",
                 "where": [["name", "==", "b"]]},
                {"op": "update", "table": "Port",
                 "where": [["name", "==", "c"]], "row": {"host": "hv9"}})
        back(s)
        s.check(deleted="b", modified="c")


@tap.case("the database restarted, again and again", timeout=180)
def restarted_again():
    of_the_notifier()
    with scene() as s:
        for number in range(3):
            away(s)
            back(s)
            s.set("a", host="hv%d" % number)
            s.synchronise()
            s.check(modified="a")


def newer_schema():
    """Returns our schema with one column more."""
    with open(paths.NB_SCHEMA) as f:
        schema = json.load(f)
    schema["tables"]["Port"]["columns"]["colour"] = {"type": "string"}
    schema["version"] = "1.99.0"
    del schema["cksum"]
    return schema


def check_newer(s):
    """Waits for the newer schema to be served, and the client, come back if
    it had to, to know everything."""
    client = Client(s.door.socket)

    def known():
        columns = client.call("get_schema", [DATABASE])["result"]["tables"][
            "Port"]["columns"]
        return "colour" in columns
    wait_until(known, RECONNECT, "the new schema")
    rows = client.call("monitor_cond", [DATABASE, 1, {"Port": {
        "columns": ["colour"], "where": [["colour", "==", "red"]]}}])
    assert rows["result"] == {}, rows
    client.close()
    wait_until(lambda: resynchronised(s), RECONNECT, "its return")


@tap.case("the database converted to a schema one version newer", timeout=120)
def converted():
    of_the_notifier()
    with scene() as s:
        s.nb.convert(newer_schema())
        # Until then a standalone ovsdb-server 3.1 tells of the old one.
        s.nb.daemon.restart()
        check_newer(s)
        s.check()
        s.set("a", host="hv1")
        s.synchronise()
        s.check(modified="a")


def resynchronised(s):
    """True if the client has everything; where it has to, it comes back."""
    try:
        reply = s.follower.client.call("echo", [])
        assert not reply["error"], reply
        if s.follower.cancelled:
            s.follower.monitor()
        s.synchronise()
        return not s.follower.cancelled
    except (Closed, OSError):
        s.follower.connect(s.door)
        return False


@tap.case("another database with a newer schema, and fewer rows, in its place",
          timeout=120)
def other_file():
    of_the_notifier()
    with scene() as s:
        away(s)
        path = os.path.join(s.nb.dir, "newer.ovsschema")
        with open(path, "w") as f:
            json.dump(newer_schema(), f)
        process.run(["ovsdb-tool", "convert", s.nb.db, path])
        offline(s.nb, {"op": "delete", "table": "Port",
                       "where": [["name", "==", "a"]]})
        s.nb.start()
        check_newer(s)
        s.check(deleted="a")


# The door.

def died(s, change):
    """The door is killed, change(s) happens, and it starts again."""
    s.door.kill9()
    try:
        s.follower.until(lambda: False, "its end")
    except (Closed, OSError):
        pass
    change(s)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(s.door.socket)
    s.door.start()
    s.follower.connect(s.door)
    s.synchronise()


def nothing(s):
    pass


def something(s):
    s.remove("b")
    s.set("c", host="hv1")
    s.add("d")


@tap.case("the door killed: who comes back is told of nothing", timeout=60)
def killed():
    with scene() as s:
        died(s, nothing)
        s.check()


@tap.case("the door killed: who comes back is told what has changed")
def killed_and_changed():
    with scene() as s:
        died(s, something)
        s.check(deleted="b", inserted="d", modified="c")


@tap.case("the door killed, again and again, while much changes")
def killed_again():
    with scene() as s:
        for number in range(10):
            died(s, lambda s: s.set("a", host="hv%d" % number))
            s.check(modified="a")
            s.set("b", host="hv%d" % number)
            s.synchronise()
            s.check(modified="b")


@tap.case("another door instead: who comes with the last transaction of the"
          " first is told what has changed")
def another_door():
    with scene() as s, Door(s.nb, "other") as other:
        s.follower.connect(other)
        s.synchronise()
        s.check()
        something(s)
        s.synchronise()
        s.check(deleted="b", inserted="d", modified="c")
        # And back, to one that never told it of these.
        s.follower.connect(s.door)
        s.synchronise()
        s.check()
        s.door.kill9()
        s.set("a", host="hv7")
        s.follower.connect(other)
        s.synchronise()
        s.check(modified="a")
        s.door.daemon and s.door.start()


@tap.case("who comes back to the same door with its last transaction is told"
          " of what it missed alone")
def resumed():
    of_the_notifier()
    with scene() as s:
        for number in range(20):
            s.set("a", host="hv%d" % number)
            s.follower.connect(s.door)
            s.synchronise()
            assert s.follower.found, number
            s.check(modified="a")
            s.follower.client.close()
            something_else = "n%d" % number
            s.add(something_else)
            s.remove(something_else)
            s.follower.connect(s.door)
            s.synchronise()
            assert s.follower.found
            assert not s.follower.modified
            s.follower.forget()


tap.main(tools=("ovsdb-server", "ovsdb-tool"))
