#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Clients of the OVSDB door that do not read, and thousands that come at
once: what that costs is bounded, nobody else waits, and who reads again is
told of what is different, and of nothing else."""

import contextlib
import json
from concurrent import futures

from bench import swarms
from door.client import Client
from door.conditions import matches
from door.replica import Replica
from door.schema import Schema
from lab import process, tap
from lab.door import Door
from lab.nbserver import NbServer
from lab.northbound import DATABASE

SCHEMA = Schema()

# Networks that the slow client knows, by what becomes of them; and those that
# it does not ask for.
CHANGED, RESTORED, DELETED, OTHERS = 60, 20, 20, 50

# How many of those that are inserted stay.
KEPT = 10

# Bytes of a description; and of one of which a few are all that the kernel
# holds for a connection.
LONG, FILLER = 1000, 60000

# What the door may need besides, in kB: for each row two versions of LONG
# bytes, twice that for allocation, and as much for all else.
GROWTH = 4096

# A door tries again for seconds after its database is back.
RECONNECT = 40

# How many changes go out before anybody looks.
BATCH = 50

# How often a client asks for all that there is, without reading; how many of
# these the door has at work; and bytes of each of the rows.
SELECTS, MAX_SELECTS, SELECTED = 100, 4, 10000

# Agents that come at once; and how many changes somebody else is told of while
# they do, at least.
WORLD = swarms.World(agents=300, ports=20, networks=5, written=300)
MEANWHILE = 3


def insert_network(name, description, **more):
    return dict({"op": "insert", "table": "Network",
                 "row": {"name": name, "description": description}}, **more)


class Session:
    """A client that has `columns`, {table: set of columns}, of rows by
    `where`, {table: condition}.  `log` has what each update said: a set of
    (kind, UUID)."""

    def __init__(self, door, columns, where):
        self.columns, self.where = columns, where
        self.replica = Replica(SCHEMA, columns)
        self.log = []
        self.client = Client(door.socket, self._notified)
        reply = self.client.call("monitor_cond", [DATABASE, "m", {
            table: {"columns": sorted(names), "where": where.get(table, [])}
            for table, names in columns.items()}])
        self.replica.apply(2, reply["result"])
        self.peer = door.table("session/list")[-1]["peer"]

    def _notified(self, method, params):
        assert (method, params[0]) == ("update2", "m"), (method, params)
        self.log.append({(kind, uuid) for rows in params[1].values()
                         for uuid, update in rows.items() for kind in update})
        self.replica.apply(2, params[1])

    def view(self, dump):
        """Returns what it is to know of `dump`, {table: {uuid: row}}."""
        return {table: {
            uuid: {c: row[c] for c in names}
            for uuid, row in dump[table].items()
            if matches(SCHEMA, table, self.where.get(table), uuid, row)}
            for table, names in self.columns.items()}

    def await_network(self, uuid, description, timeout=10):
        """Waits until it knows a network so; None: until it does not."""
        rows = self.replica.rows["Network"]
        self.client.pump_until(
            lambda: rows.get(uuid, {}).get("description") == description,
            "network %s: %.20s" % (uuid, description), timeout)


class Scene:
    """A door with a client that reads, and a slow one that asks for the
    networks called mine-*, kept-*, filler and passing, or for everything."""

    def __init__(self, nb, door, everything):
        self.nb, self.door = nb, door
        self.writer = nb.client()
        self.n_passing = 0
        names = ["mine-%d" % i for i in range(CHANGED + RESTORED + DELETED)]
        names += ["filler", *("other-%d" % i for i in range(OTHERS))]
        results = self.writer.transact(*(insert_network(n, n) for n in names))
        self.uuids = {n: r["uuid"][1] for n, r in zip(names, results)}
        self.good = Session(door, {"Network": {"name", "description"}}, {})
        self.good.client.pump_until(
            lambda: len(self.good.replica.rows["Network"]) == len(names),
            "all networks")
        wanted = [n for n in names if not n.startswith("other")]
        wanted += ["passing", *("kept-%d" % i for i in range(KEPT))]
        if everything:
            self.slow = Session(door, {t: set(c) for t, c in
                                       SCHEMA.tables.items()}, {})
        else:
            self.slow = Session(
                door, {"Network": {"name", "description"}},
                {"Network": [["name", "==", n] for n in wanted]})

    def close(self):
        for closing in (self.writer, self.good.client, self.slow.client):
            closing.close()

    def listed(self):
        """Returns what session/list says of the slow client."""
        row, = [r for r in self.door.table("session/list")
                if r["peer"] == self.slow.peer]
        return {k: int(row[k]) for k in ("rows", "due", "backlog",
                                         "notified")}

    def dump(self):
        return {table: {row["_uuid"][1]: SCHEMA.parse_row(table, row)
                        for row in self.nb.rows(table)}
                for table in self.slow.columns}

    def stall(self):
        """Has the slow client sent more than the kernel takes for it."""
        number = 0
        while not self.listed()["due"]:
            number += 1
            self.do([self.describe("filler", "%d" % number * FILLER)])
        self.before = self.listed()
        self.known = self.slow.view(self.dump())
        assert self.before["due"] == 1 and self.before["backlog"], self.before

    def check_bounded(self):
        """Checks what the slow client costs."""
        now = self.listed()
        present = sum(map(len, self.slow.view(self.dump()).values()))
        assert now["due"] <= self.before["rows"] + present, (now, self.before,
                                                             present)
        # Nothing is composed for it, and nothing queued.
        for key in ("backlog", "notified", "rows"):
            assert now[key] == self.before[key], (now, self.before)

    def check_catches_up(self):
        """Has the slow client read again, and checks that it is told of what
        is different from when it stalled, and in few messages."""
        dump = self.dump()
        expected = self.slow.view(dump)
        client = self.slow.client
        client.pump_until(lambda: self.slow.replica.rows == expected,
                          "the rows as they are")
        client.call("echo", [])
        sent = self.before["notified"]
        late = self.slow.log[sent:]
        assert 1 <= len(late) <= 2, (len(late), len(self.slow.log), sent)
        told = [change for message in late for change in message]
        assert sorted(told) == sorted(self.differences(expected))
        assert all(uuid == self.uuids["filler"]
                   for message in self.slow.log[:sent]
                   for _, uuid in message)
        now = self.listed()
        assert (now["due"], now["backlog"]) == (0, 0), now
        assert now["notified"] == len(self.slow.log), now

    def differences(self, expected):
        """Returns (kind, UUID) of what is different from when the client
        stalled; of what it was not told then, too."""
        filler = self.uuids["filler"]
        for table, rows in expected.items():
            known = self.known[table]
            for uuid in known.keys() | rows.keys():
                if uuid not in rows:
                    yield "delete", uuid
                elif uuid not in known:
                    yield "insert", uuid
                elif known[uuid] != rows[uuid] or uuid == filler:
                    yield "modify", uuid

    # Changes: an operation, the UUID of a network and what becomes of it.

    def describe(self, name, text):
        uuid = self.uuids[name]
        return {"op": "update", "table": "Network", "where": [
            ["_uuid", "==", ["uuid", uuid]]], "row": {
                "description": text}}, uuid, text

    def insert(self, name):
        self.n_passing += 1
        uuid = "00000000-0000-4000-8000-%012d" % self.n_passing
        self.uuids[name] = uuid
        return insert_network(name, name, uuid=uuid), uuid, name

    def delete(self, name):
        uuid = self.uuids.pop(name)
        return {"op": "delete", "table": "Network", "where": [
            ["_uuid", "==", ["uuid", uuid]]]}, uuid, None

    def change(self, number, count):
        """Returns the change `number` of `count`."""
        every = count // DELETED
        if number % every == every // 2:
            return self.delete("mine-%d" % (CHANGED + RESTORED
                                            + number // every))
        if number % every == 0 and number // every < KEPT:
            return self.insert("kept-%d" % (number // every))
        kind = number % 4
        if kind == 0:
            return self.describe("other-%d" % (number % OTHERS),
                                 "%d" % number)
        if kind == 1:
            return (self.delete("passing") if "passing" in self.uuids
                    else self.insert("passing"))
        return self.describe("mine-%d" % (number % (CHANGED + RESTORED)),
                             ("%d " % number) * (LONG // 5))

    def changes(self, count):
        """Yields about `count` changes, of which the last restore what is to
        be as it was."""
        for number in range(count):
            yield self.change(number, count)
        for number in range(CHANGED, CHANGED + RESTORED):
            name = "mine-%d" % number
            yield self.describe(name, name)
        if "passing" in self.uuids:
            yield self.delete("passing")

    def do(self, changes, timeout=10):
        """Makes each change in a transaction of its own, and checks that the
        client that reads is told of each state."""
        for operation, uuid, description in changes:
            self.writer.transact(operation)
            self.good.await_network(uuid, description, timeout)

    def do_at_once(self, changes):
        """The same without waiting in between."""
        for operation, _, _ in changes:
            self.writer.send("transact", [DATABASE, operation])
        for _ in changes:
            results = self.writer.receive()["result"]
            assert "error" not in results[0], results
        self.good.await_network(*changes[-1][1:])


@contextlib.contextmanager
def scene(everything=False):
    # A history is no cost of a client's.
    with NbServer() as nb, Door(nb, options=["--history=100"]) as door:
        made = Scene(nb, door, everything)
        with contextlib.closing(made):
            made.stall()
            yield made
            assert not door.died()


@tap.case("a client that does not read while its rows change 2,000 times",
          timeout=120)
def rows():
    with scene() as s:
        memory = s.door.rss_kb()
        for number, change in enumerate(s.changes(2000)):
            s.do([change])
            if number % BATCH == 0:
                s.check_bounded()
        s.check_bounded()
        s.door.assert_grown_less(memory, GROWTH)
        s.check_catches_up()
        # It is as any other again.
        s.do([s.describe("mine-1", "again")])
        s.slow.await_network(s.uuids["mine-1"], "again")


def batches(changes):
    """Yields lists of `changes`."""
    batch = []
    for change in changes:
        batch.append(change)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


@tap.case("one that asks for everything, and 10,000 changes", timeout=180)
def everything():
    with scene(everything=True) as s:
        memory = s.door.rss_kb()
        for number, batch in enumerate(batches(s.changes(10000))):
            s.do_at_once(batch)
            if number % 20 == 0:
                s.check_bounded()
        s.check_bounded()
        s.door.assert_grown_less(memory, GROWTH)
        s.check_catches_up()


@tap.case("one that does not read while the database goes and comes back",
          timeout=120)
def away():
    with scene() as s:
        changes = list(s.changes(400))
        s.do(changes[:100])
        s.writer.close()
        s.nb.kill9()
        operations = [change[0] for change in changes[100:200]]
        results = json.loads(process.run(
            ["ovsdb-tool", "transact", s.nb.db,
             json.dumps([DATABASE, *operations])]))
        assert not any(r and "error" in r for r in results), results
        s.nb.start()
        s.writer = s.nb.client()
        s.do(changes[200:201], RECONNECT)
        s.check_bounded()
        s.do(changes[201:])
        s.check_bounded()
        s.check_catches_up()


@tap.case("one that asks for more than it reads", timeout=120)
def selects():
    with NbServer() as nb, Door(nb) as door:
        nb.transact(*(insert_network("n%d" % i, "x" * SELECTED)
                      for i in range(100)))
        everything = [DATABASE, {"op": "select", "table": "Network",
                                 "where": []}]
        quick, slow = Client(door.socket), Client(door.socket)
        with contextlib.closing(quick), contextlib.closing(slow):
            result = quick.call("transact", everything)["result"]
            assert len(result[0]["rows"]) == 100
            size = len(json.dumps(result))
            requests = [slow.send("transact", everything)
                        for _ in range(SELECTS)]

            def backlog():
                return max(int(r["backlog"]) for r in
                           door.table("session/list"))
            process.wait_until(lambda: backlog() > size, what="a reply")
            # The server answers in order: what was asked before has come.
            for _ in range(2):
                quick.call("transact", [DATABASE, {
                    "op": "select", "table": "NB_Global", "where": []}])
            assert backlog() < (MAX_SELECTS + 0.5) * size, (backlog(), size)
            for request in requests:
                assert slow.reply(request)["result"] == result


class Toggler:
    """Changes a port of the first agent's, and a client that watches it."""

    def __init__(self, nb, door):
        self.uuid = nb.rows("Port", ["_uuid"], [["host", "==", "hv0"]])[0][
            "_uuid"][1]
        self.where = [["_uuid", "==", ["uuid", self.uuid]]]
        self.writer = nb.client()
        self.watcher = Session(door, {"Port": {"description"}},
                               {"Port": self.where})
        self.number = 0

    def close(self):
        self.writer.close()
        self.watcher.client.close()

    def toggle(self):
        """Makes a change, and waits until the client was told of it."""
        self.number += 1
        state = {"description": "state %d" % self.number}
        self.writer.transact({"op": "update", "table": "Port",
                              "where": self.where, "row": state})
        rows = self.watcher.replica.rows["Port"]
        self.watcher.client.pump_until(lambda: rows[self.uuid] == state,
                                       "%s" % state)
        assert len(self.watcher.log) == self.number, self.watcher.log


@tap.case("agents that come back all at once, and a client that was there",
          timeout=120)
def at_once():
    with swarms.WorldServer(WORLD) as nb, Door(nb) as door:
        swarm = swarms.Swarm(WORLD, [door.unix], nb.unix)
        toggler = Toggler(nb, door)
        with contextlib.closing(swarm), contextlib.closing(toggler), (
                futures.ThreadPoolExecutor(1)) as thread:
            for command in ("connect", "resync", "resync"):
                before = toggler.number
                done = thread.submit(swarm.command, command)
                while not done.done():
                    toggler.toggle()
                # In which an agent that has lost its connection is an error.
                assert done.result()["synced"] == WORLD.agents
                tap.note("%s: %d changes told meanwhile" % (
                    command, toggler.number - before))
                assert toggler.number >= before + MEANWHILE
            result = swarm.command("verify", 10)
            assert result["ok"] == WORLD.agents, result
            assert swarm.command("stats")["down"] == 0
        assert door.coverage()["door_stalled_closed"] == 0


tap.main(tools=("ovsdb-server", "ovsdb-tool"))
