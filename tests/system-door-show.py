#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What the notifier says of the clients at its OVSDB door: session/list,
session/who and notify/latency."""

import contextlib
import os
import uuid

from lab import paths, process, tap, tls, wait_until
from lab.door import Door
from lab.nbserver import Here, NbServer, lock_name
from lab.northbound import DATABASE

BIG = 1 << 16                   # Bytes of a description.


@contextlib.contextmanager
def scene():
    """Yields a northbound server with network "net" and ports "a" of hv1 and
    "b" of hv2, and a door to it."""
    with NbServer() as nb:
        nb.ctl("net-add", "net")
        for port, host in (("a", "hv1"), ("b", "hv2")):
            nb.ctl("port-add", "net", port, "host=" + host)
        with Door(nb) as door:
            yield nb, door


def monitor(client, name, **tables):
    """Asks for {table: condition}; returns the reply."""
    return client.request("monitor_cond", [DATABASE, name, {
        table: [{"columns": ["name", "description"], "where": where}]
        for table, where in tables.items()}])


def await_table(door, command, condition):
    """Waits until condition(rows) of what `command` answers; returns them."""
    rows = []

    def look():
        rows[:] = door.table(command)
        return condition(rows)

    wait_until(look, what=command)
    return rows


@tap.case("session/list: who asks for what, and what they were told")
def session_list():
    with scene() as (nb, door):
        assert door.table("session/list") == []
        one, two = door.client(), door.client()
        monitor(one, "m", Port=[["host", "==", "hv1"]])
        monitor(two, "m", Port=[True], Network=[["name", "!=", "x"]])
        monitor(two, "n", Port=[False])
        first, second = door.table("session/list")
        assert [(r["peer"].split("#")[0], r["identity"], r["rows"], r["due"],
                 r["backlog"], r["notified"], r["last_ms"], r["locks"])
                for r in (first, second)] == [
            ("unix", "", "1", "0", "0", "0", "", ""),
            ("unix", "", "3", "0", "0", "0", "", "")]
        assert first["peer"] != second["peer"]
        assert first["asks_for"] == 'Port (1 rows): host==hv1', first
        assert sorted(second["asks_for"].split("; ")) == [
            'Network (1 rows): [["name","!=","x"]]',
            "Port (0 rows): nothing", "Port (2 rows): everything"], second
        assert int(second["bytes"]) > int(first["bytes"]) > 0
        # Port b is the second's alone.
        nb.ctl("set", "Port", "b", "description=x")
        first, second = await_table(
            door, "session/list", lambda rows: rows[1]["notified"] == "1")
        assert first["notified"] == "0" and first["last_ms"] == ""
        assert int(second["last_ms"]) >= 0
        assert second["due"] == "0" and second["rows"] == "3"
        nb.ctl("set", "Port", "a", "description=x")
        await_table(door, "session/list", lambda rows: [
            r["notified"] for r in rows] == ["1", "2"])
        one.close()
        rows = await_table(door, "session/list", lambda rows: len(rows) == 1)
        assert rows[0]["peer"] == second["peer"]


@tap.case("session/list: locks")
def locks():
    with scene() as (nb, door):
        lock = lock_name("hv1")
        nb.agent("hv2")
        one, two = door.client(), door.client()
        assert one.request("lock", [lock])["locked"]
        assert not two.request("lock", [lock])["locked"]
        assert not two.request("lock", [lock_name("hv2")])["locked"]
        first, second = door.table("session/list")
        assert first["locks"] == lock + " held"
        assert sorted(second["locks"].split(", ")) == [
            lock + " waiting", lock_name("hv2") + " waiting"]
        nb.daemon.kill9()
        await_table(door, "session/list", lambda rows: rows[0]["locks"]
                    == lock + " held, uncertain")


@tap.case("session/list: a client that does not read is behind, no other is")
def behind():
    with scene() as (nb, door):
        rows = [{"op": "insert", "table": "Network",
                 "row": {"name": "n%d" % i, "description": "x" * BIG}}
                for i in range(64)]
        writer = door.client()
        writer.transact(*rows)  # The door has them on return.
        writer.close()
        await_table(door, "session/list", lambda rows: not rows)
        slow, quick = door.client(), door.client()
        monitor(quick, "m", Port=[True])
        slow.send("monitor_cond", [DATABASE, "m", {
            "Network": [{"columns": ["description"]}],
            "Port": [{"columns": ["description"]}]}])
        listed = await_table(door, "session/list",
                             lambda rows: int(rows[0]["backlog"]) > 0)
        assert listed[1]["backlog"] == "0"
        for port, text in (("a", 0), ("a", 1), ("a", 2), ("b", "y")):
            nb.ctl("set", "Port", port, "description=%s" % text)
            assert quick.receive()["method"] == "update2"
        listed = door.table("session/list")
        assert listed[1]["notified"] == "4", listed
        # Of each port the latest state is due, however often it changed.
        assert (listed[0]["due"], listed[0]["notified"]) == ("2", "0"), listed
        assert "behind: 1 (2 rows due)" in door.appctl("status")
        on_time, late = door.table("notify/latency")
        assert (on_time["count"], late["count"]) == ("4", "0")
        assert "result" in slow.receive()
        update = slow.receive()
        assert sorted(row["modify"]["description"] for row in
                      update["params"][1]["Port"].values()) == ["2", "y"]
        listed = door.table("session/list")
        assert (listed[0]["backlog"], listed[0]["due"],
                listed[0]["notified"]) == ("0", "0", "1")
        on_time, late = door.table("notify/latency")
        assert (on_time["count"], late["count"]) == ("4", "1")
        assert int(late["max_us"]) >= int(late["mean_us"]) > 0


@tap.case("session/who: who is told of a row, and why")
def who():
    with scene() as (nb, door):
        one, two, three = door.client(), door.client(), door.client()
        monitor(one, "mine", Port=[["host", "==", "hv1"],
                                   ["name", "==", "b"]])
        monitor(two, ["all", 1], Port=[True])
        monitor(three, "m", Network=[True], Port=[["host", "==", "hv3"]])
        peers = [r["peer"] for r in door.table("session/list")]
        a, b, net = (nb.uuid("Port", "a"), nb.uuid("Port", "b"),
                     nb.uuid("Network", "net"))

        def told(table, row):
            return [(peers.index(r["peer"]), r["identity"], r["monitor"],
                     r["why"]) for r in door.table("session/who", table, row)]

        assert told("Port", a) == [(0, "", '"mine"', "host==hv1"),
                                   (1, "", '["all",1]', "everything")]
        assert told("Port", b) == [(0, "", '"mine"', "name==b"),
                                   (1, "", '["all",1]', "everything")]
        assert told("Network", net) == [(2, "", '"m"', "everything")]
        two.close()
        await_table(door, "session/list", lambda rows: len(rows) == 2)
        assert [w[0] for w in told("Port", a)] == [0]
        # Who asks for something else is told of something else.
        one.request("monitor_cond_change", ["mine", "mine", {
            "Port": [{"where": [["host", "==", "hv2"]]}]}])
        assert told("Port", a) == []
        assert told("Port", b) == [(0, "", '"mine"', "host==hv2")]


@tap.case("notify/latency: each that is told once is counted once")
def latency():
    with scene() as (nb, door):
        def counts():
            rows = door.table("notify/latency")
            return {r["stage"]: r for r in rows}

        assert {stage: r["count"] for stage, r in counts().items()} == {
            "commit seen to socket": "0", "the same, client behind": "0"}
        clients = [door.client() for _ in range(3)]
        for i, client in enumerate(clients):
            monitor(client, "m", Port=[["host", "==", "hv%d" % (i + 1)]])
        nb.ctl("set", "Port", "a", "description=x", "--",
               "set", "Port", "b", "description=x")
        wait_until(lambda: counts()["commit seen to socket"]["count"] == "2")
        row = counts()["commit seen to socket"]
        assert (0 < int(row["mean_us"]) <= int(row["max_us"])
                and int(row["p50_us"]) <= int(row["p99_us"])
                <= int(row["max_us"])), row


@tap.case("formats, and what is wrong")
def formats():
    with scene() as (nb, door):
        monitor(door.client(), "m", Port=[["host", "==", "hv1"]])
        a = nb.uuid("Port", "a")
        lines = door.appctl("session/who", "Port", a).splitlines()
        assert lines[0].split() == ["peer", "identity", "monitor", "why"]
        assert len(lines) == 3 and lines[2].split()[1:] == [
            '"m"', "host==hv1"], lines
        lines = door.appctl("--", "session/who", "-f", "csv", "Port",
                            a).splitlines()
        assert lines[0] == "peer,identity,monitor,why" and len(lines) == 2
        listed = dict(
            (part.strip() for part in line.split(":", 1)) for line in
            door.appctl("session/list", "--format=list").splitlines() if line)
        assert listed["asks_for"] == "Port (1 rows): host==hv1", listed
        assert door.appctl("notify/latency").splitlines()[0].split()[-1] == (
            "max_us")
        for args, error in (
                (("session/list", "-f", "xml"), "one of table, list, csv"),
                (("session/list", "x", "y", "z"), "takes at most 2"),
                (("session/who", "-f", "csv"), "takes a table and a row"),
                (("session/who", "Ports", a), "Ports: no such table"),
                (("session/who", "Port", "x"), "x: not a UUID"),
                (("session/who", "Port", str(uuid.UUID(int=1))),
                 "no such row in table Port"),
                (("session/who", "Network", a), "no such row")):
            assert error in refusal(door, *args), args


def refusal(daemon, *args):
    try:
        said = daemon.appctl(*args)
    except process.CommandError as e:
        return e.stderr
    raise AssertionError("%s: no error: %s" % (args, said))


@tap.case("without a door that is said")
def no_door():
    with NbServer() as nb:
        notifier = process.Daemon(
            Here, "sluice-notifier",
            [paths.program("notifier/sluice-notifier"), "--nb=" + nb.unix,
             "--http=none"], nb.dir, nb.dir, {"OVS_RUNDIR": nb.dir})
        notifier.start()
        try:
            for command in (("session/list",), ("notify/latency",),
                            ("session/who", "Port", str(uuid.UUID(int=1)))):
                assert "no OVSDB door" in refusal(notifier, *command)
            assert "OVSDB: none" in notifier.appctl("status")
        finally:
            notifier.stop()
        assert not os.path.exists(notifier.pidfile)


@tap.case("certificates without a CA are HTTP's; pssl: says that it needs one")
def no_ca():
    with NbServer() as nb:
        identity = tls.Authority(os.path.join(nb.dir, "ca")).issue("notifier")
        options = identity.options()[:2]
        with Door(nb, "plain", options) as door:
            assert door.status("sessions").startswith("0, ")
        secure = Door(nb, "secure", options + ["--remote=pssl:0:127.0.0.1"])
        try:
            secure.start()
        except process.CommandError as e:
            assert "pssl:0:127.0.0.1: TLS needs a" in e.stderr, e
        else:
            raise AssertionError("it starts without a CA")


if __name__ == "__main__":
    tap.main(tools=("openssl", "ovsdb-server", "ovsdb-tool"))
