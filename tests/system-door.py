#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The OVSDB door, asked for everything that clients ask for: the answers are
those of ovsdb-server, field by field."""

import contextlib
import json
import re
import subprocess
import uuid

from door.client import Client
from door.idl import PythonIdl
from door.servers import Door, database_row, is_notifier, kind
from lab import paths, process, tap, wait_until
from lab.nbserver import NbServer
from lab.northbound import DATABASE

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}"
                  r"-[0-9a-f]{12}")


@contextlib.contextmanager
def door(**settings):
    """A door, empty but for NB_Global, and two connections to it."""
    with NbServer() as nb, Door(nb, **settings) as made:
        made.a, made.b = Client(made.socket), Client(made.socket)
        try:
            yield made
            made.check_alive()
        finally:
            made.a.close()
            made.b.close()


class Both:
    """A client of the server under test and a client of an ovsdb-server whose
    database is equal, which are asked the same."""

    def __init__(self, sockets):
        self.clients = [Client(s) for s in sockets]
        self.names = [{}, {}]

    def ask(self, method, *params):
        """Returns the reply, which must be the same from both."""
        replies = [self._plain(n, c.call(method, list(params)))
                   for n, c in zip(self.names, self.clients)]
        assert replies[0] == replies[1], "%s %s: %s, but %s" % (
            method, json.dumps(params), *map(json.dumps, replies))
        return replies[0]

    def transact(self, *operations):
        """Returns the results of a transaction; an error that each must
        have."""
        return self.ask("transact", DATABASE, *operations)["result"]

    @staticmethod
    def _plain(names, json_):
        """Returns a reply with the server's own UUIDs numbered.  A result
        that is null may be left out; the notifier says more of a lock."""
        plain = json.loads(UUID.sub(
            lambda m: "uuid %d" % names.setdefault(m.group(), len(names)),
            json.dumps(dict({"result": None}, **json_))))
        if isinstance(plain["result"], dict):
            plain["result"].pop("northbound", None)
        return plain


@contextlib.contextmanager
def both():
    with NbServer() as nb, NbServer() as other, Door(nb) as made:
        asked = Both([made.socket, other.socket])
        try:
            yield asked
            made.check_alive()
        finally:
            for client in asked.clients:
                client.close()


def uuid_of(number):
    """A UUID that both databases are told to take."""
    return str(uuid.UUID(int=number, version=4))


def insert(table, number=None, symbol=None, **row):
    operation = {"op": "insert", "table": table, "row": row}
    if number is not None:
        operation["uuid"] = uuid_of(number)
    if symbol:
        operation["uuid-name"] = symbol
    return operation


def where(column, value, function="=="):
    return [[column, function, value]]


def select(table, condition=(), columns=None):
    operation = {"op": "select", "table": table, "where": list(condition)}
    if columns:
        operation["columns"] = columns
    return operation


NETWORK = insert("Network", 1, name="blue", mtu=1500)
PORT = insert("Port", 2, network=["uuid", uuid_of(1)], name="a",
              mac_address="0a:00:00:00:00:01")


def refused(results, *errors):
    """Checks the errors of results; None for a result that is none."""
    got = [r.get("error") if r else None for r in results]
    assert got == list(errors), results


@tap.case("what there is: databases, schemas, a server's identity")
def introspection():
    with both() as asked:
        asked.ask("get_schema", DATABASE)
        schemas = [dict(c.call("get_schema", ["_Server"])["result"], cksum="")
                   for c in asked.clients]
        assert schemas[0] == schemas[1], schemas
        asked.ask("get_schema", "nosuch")
        asked.ask("get_schema")
        assert asked.ask("echo", 1, {"a": [None]})["result"] == [
            1, {"a": [None]}]
        asked.ask("echo")
        for method in ("nosuch", "", "Transact", "monitor_all", "lock2"):
            reply = asked.ask(method, DATABASE)
            assert reply["error"] == "unknown method", reply
        asked.ask("set_db_change_aware", True)
        asked.ask("set_db_change_aware", 1)
        asked.ask("set_db_change_aware")
        asked.ask("monitor_cancel", "nosuch")
        asked.ask("monitor_cond_change", "nosuch", "nosuch", {})
        for client in asked.clients:
            names = client.call("list_dbs", [])["result"]
            assert sorted(names) == [DATABASE, "_Server"], names
    with door() as d:
        ids = {c.call("get_server_id", [])["result"] for c in (d.a, d.b)}
        assert len(ids) == 1 and UUID.fullmatch(ids.pop())


@tap.case("its _Server database says what a relay's says")
def server_database():
    if kind() == "ovsdb-server":
        raise tap.Skip("it is no relay")
    with door() as d:
        client = d.client("_Server")
        row = database_row(client)
        assert json.loads(row["schema"]) == d.nb.client().request(
            "get_schema", [DATABASE])
        assert row["model"] == "relay" and row["connected"] is True, row
        # It does not move with what happens.
        for column in ("index", "cid", "sid"):
            assert row[column] == ["set", []], row
        d.nb.transact(NETWORK)
        wait_until(lambda: d.client().transact(
            select("Network"))[0]["rows"], what="the change")
        assert database_row(client) == row
        assert client.request("transact", ["_Server", {
            "op": "select", "table": "Database",
            "where": [["name", "==", "_Server"]]}])[0]["rows"]
        # Which nobody can write to.
        results = client.request("transact", ["_Server", {
            "op": "delete", "table": "Database", "where": []}])
        assert results[0]["error"], results
        assert database_row(client) == row


@tap.case("results of transactions are those of ovsdb-server")
def results():
    with both() as asked:
        refused(asked.transact(NETWORK, PORT), None, None)
        asked.transact(
            select("Port"), select("Port", where("name", "b")),
            select("Network", where("mtu", 1500, "<="), ["name", "_uuid"]),
            select("Port", where("tags", ["set", ["x"]], "excludes"),
                   ["mac_address"]),
            {"op": "update", "table": "Port", "where": [],
             "row": {"tags": ["set", ["x", "y"]], "host": "hv1"}},
            {"op": "mutate", "table": "Port", "where": [],
             "mutations": [["tags", "delete", "x"],
                           ["revision_number", "+=", 7],
                           ["external_ids", "insert", ["map", [["k", "v"]]]]]},
            select("Port"), {"op": "comment", "comment": "said"},
            {"op": "commit", "durable": False})
        asked.transact({"op": "commit", "durable": True})
        asked.transact()
        # One that refers to another of the same transaction.
        asked.transact(
            insert("Port", name="p", network=["named-uuid", "n"],
                   mac_address="0a:00:00:00:00:02"),
            insert("Network", symbol="n", name="red"),
            insert("Subnet", network=["named-uuid", "n"], ip_version=4))
        asked.transact(select("Port", columns=["name"]) | {
            "where": where("name", "a")},
            {"op": "delete", "table": "Port", "where": where("name", "a")},
            {"op": "delete", "table": "Port", "where": where("name", "a")})


ERRORS = {
    "constraint violation": [
        [NETWORK, PORT, dict(PORT, uuid=uuid_of(3))],
        [dict(NETWORK, row={"mtu": 70000})],
        [insert("Segment", network_type="token ring")],
        [insert("NB_Global")]],
    "referential integrity violation": [
        [PORT],
        [NETWORK, PORT, {"op": "delete", "table": "Network", "where": []}],
        [insert("Port", network=["uuid", uuid_of(9)])]],
    "unknown table": [
        [insert("Nosuch")], [select("Nosuch")],
        [{"op": "delete", "table": "", "where": []}]],
    "unknown column": [
        [insert("Network", nosuch=1)], [select("Network", [
            ["nosuch", "==", 1]])],
        [select("Network", [], ["nosuch"])]],
    "syntax error": [
        [{"op": "nosuch"}], [{}], [7], [{"op": "select"}],
        [{"op": "select", "table": "Network"}],
        [{"op": "select", "table": "Network", "where": {}}],
        [select("Network", [["name", "~", "x"]])],
        [select("Network", [["name", "==", 1]])],
        [select("Network", [["name", "<", "x"]])],
        [select("Network", [["name", "=="]])],
        [insert("Network", name=1)],
        [insert("Network", tags=["set", ["a", "a"]])],
        [insert("Network", segment=["named-uuid", "nosuch"])],
        [dict(NETWORK, uuid="nosuch")],
        [{"op": "insert", "table": "Network", "row": {}, "extra": 1}],
        [{"op": "abort", "extra": 1}],
        [{"op": "assert"}],
        [{"op": "wait", "table": "Network", "where": [], "columns": ["name"],
          "until": "~", "rows": []}]],
    "duplicate uuid-name": [
        [insert("Network", symbol="n", name="x"),
         insert("Network", symbol="n", name="y")]],
    "duplicate uuid": [[NETWORK, NETWORK]],
    "domain error": [
        [NETWORK, {"op": "mutate", "table": "Network", "where": [],
                   "mutations": [["mtu", "/=", 0]]}]],
    "range error": [
        [NETWORK, {"op": "mutate", "table": "Network", "where": [],
                   "mutations": [["revision_number", "+=", 2 ** 62],
                                 ["revision_number", "+=", 2 ** 62]]}]],
    "aborted": [[NETWORK, {"op": "abort"}, PORT]],
    "not owner": [[NETWORK, {"op": "assert", "lock": "nosuch"}, PORT]],
    "timed out": [
        [{"op": "wait", "timeout": 0, "table": "Network", "where": [],
          "columns": ["name"], "until": "==", "rows": [{"name": "x"}]}]],
}


def error_case(error, transactions):
    @tap.case("errors of transactions: " + error)
    def case():
        with both() as asked:
            for operations in transactions:
                asked.transact(*operations)
                # And nothing of it is there.
                reply = asked.transact(select("Network"), select("Port"))
                assert reply == [{"rows": []}] * 2, (operations, reply)
            # A transaction that is none has no results.
            for params in ([], [7], ["nosuch"], [None, NETWORK], [[]]):
                asked.ask("transact", *params)


for item in ERRORS.items():
    error_case(*item)


@tap.case("errors of requests are those of ovsdb-server")
def request_errors():
    with both() as asked:
        for method in ("monitor", "monitor_cond", "monitor_cond_since"):
            last = [uuid_of(0)] if method == "monitor_cond_since" else []
            for requests in (
                    {"Nosuch": {}}, {"Port": {"columns": ["nosuch"]}},
                    {"Port": {"columns": ["name", "name"]}},
                    {"Port": {"columns": "name"}},
                    {"Port": {"select": {"nosuch": True}}},
                    {"Port": {"select": {"insert": "yes"}}},
                    {"Port": {"nosuch": 1}}, {"Port": 7}, {"Port": [7]},
                    {"Port": {"where": [["nosuch", "==", 1]]}},
                    {"Port": {"where": [["name", "~", 1]]}},
                    {"Port": {"where": [["name", "==", 1]]}},
                    {"Port": {"where": [["name", "<", "x"]]}},
                    {"Port": {"where": [7]}}, {"Port": {"where": 7}},
                    [], None, 7):
                reply = asked.ask(method, DATABASE, "m", requests, *last)
                assert reply["error"], (method, requests, reply)
            asked.ask(method, "nosuch", "m", {}, *last)
            # The same id twice.
            asked.ask(method, DATABASE, "m", {"Port": {}}, *last)
            reply = asked.ask(method, DATABASE, "m", {"Port": {}}, *last)
            assert reply["error"]["details"] == "duplicate monitor ID", reply
            for change in (["m", "m", {"Nosuch": []}], ["m", "m", 7],
                           ["m", "m", {"Network": [{"where": []}]}],
                           ["m", "m", {"Port": {"where": []}}],
                           ["m", "m", {"Port": [{"nosuch": []}]}],
                           ["m", "m", {"Port": [{"where": 7}]}],
                           ["m", "m", {"Port": [{"columns": [],
                                                 "where": []}]}],
                           ["m", "m"], [], ["m"], ["m", "m", {}, 1]):
                reply = asked.ask("monitor_cond_change", *change)
                assert reply["error"], change
            asked.ask("monitor_cancel", "m")
            asked.ask("monitor_cancel", "m")
        asked.ask("monitor_cancel")
        for last in (7, None, "x", uuid_of(0)[:-1]):
            reply = asked.ask("monitor_cond_since", DATABASE, "m", {}, last)
            assert reply["error"], (last, reply)
        asked.ask("monitor_cond", DATABASE, "m", {}, 1)
        asked.ask("monitor_cond_since", DATABASE, "m", {})


@tap.case("many transactions in a row: answered in order, errors among them")
def pipelined():
    with both() as asked:
        requests = []
        for number in range(300):
            if number % 7 == 3:
                operations = [insert("Nosuch")]
            elif number % 7 == 5:
                operations = [dict(NETWORK, uuid=uuid_of(10)), PORT]
            else:
                operations = [
                    insert("Network", 1000 + number, name="n%d" % number),
                    {"op": "update", "table": "NB_Global", "where": [],
                     "row": {"last_deletion": "%d" % number}}]
            requests.append(operations)
        answers = []
        for client in asked.clients:
            order = []
            ids = [client.send("transact", [DATABASE, *r], order.append)
                   for r in requests]
            client.pump_until(lambda: len(order) == len(ids), "all answers")
            # A relay refuses itself what is wrong, and at once.
            if kind() != "relay":
                assert [r["id"] for r in order] == ids
            answers.append({r["id"]: r["result"] for r in order})
        assert answers[0] == answers[1]
        asked.ask("transact", DATABASE, select("NB_Global", (), [
            "last_deletion"]))
        for number in (0, 3, 299):
            asked.transact(select("Network", where(
                "_uuid", ["uuid", uuid_of(1000 + number)]), ["name"]))


@tap.case("who monitors and writes is told of the change before the result")
def told_first():
    with door() as d:
        told = []
        d.a.on_notification = lambda method, params: told.append(params)
        for number, method in enumerate(("monitor", "monitor_cond",
                                         "monitor_cond_since")):
            last = [uuid_of(0)] if number == 2 else []
            d.a.call(method, [DATABASE, method, {
                "Network": {"columns": ["name"]}}, *last])
        for number in range(50):
            reply = d.a.call("transact", [DATABASE, insert(
                "Network", 100 + number, name="n%d" % number)])
            assert not reply["error"], reply
            told_of = [p[0] for p in told
                       if uuid_of(100 + number) in json.dumps(p)]
            assert sorted(told_of) == ["monitor", "monitor_cond",
                                       "monitor_cond_since"], (number, told)
            told.clear()


# Waiting.

def wait_for(name, timeout=None):
    operation = {"op": "wait", "table": "Network", "columns": ["name"],
                 "where": where("name", name), "until": "==",
                 "rows": [{"name": name}]}
    if timeout is not None:
        operation["timeout"] = timeout
    return operation


@tap.case("a transaction that waits: released by another client, or timed out")
def waits():
    with door() as d:
        blocked = d.a.send("transact", [DATABASE, wait_for("x"), insert(
            "Network", 5, name="y")])
        timed = d.a.send("transact", [DATABASE, wait_for("never", 200)])
        # What follows is not held up.
        assert d.a.call("transact", [DATABASE, select("Network")])[
            "result"] == [{"rows": []}]
        assert d.a.reply(timed)["result"][0]["error"] == "timed out"
        assert blocked not in d.a.replies
        assert d.b.call("transact", [DATABASE, insert("Network", name="x")])[
            "result"][0]["uuid"]
        results = d.a.reply(blocked)["result"]
        assert results == [{}, {"uuid": ["uuid", uuid_of(5)]}], results
        # By a client of the database itself.
        blocked = d.a.send("transact", [DATABASE, wait_for("z", 60000)])
        d.nb.transact(insert("Network", name="z"))
        assert d.a.reply(blocked)["result"] == [{}]


@tap.case("a transaction that waits is cancelled")
def cancelled():
    with door() as d:
        d.a.call("set_db_change_aware", [True])
        blocked = d.a.send("transact", [DATABASE, wait_for("x"), insert(
            "Network", name="y")])
        other = d.a.send("transact", [DATABASE, wait_for("x"), insert(
            "Network", name="z")])
        d.a.notify("cancel", [blocked])
        reply = d.a.reply(blocked)
        assert reply["error"] == "canceled", reply
        d.a.notify("cancel", [blocked])
        d.a.notify("cancel", ["nosuch"])
        d.a.notify("cancel", [])
        d.nb.transact(insert("Network", name="x"))
        assert not d.a.reply(other)["error"]
        names = {r["name"] for r in d.nb.rows("Network")}
        assert names == {"x", "z"}, names


@tap.case("two transactions with one id: the second is refused")
def duplicate_id():
    with door() as d:
        d.a.send("transact", [DATABASE, wait_for("x")])
        d.a.next_id -= 1
        refused_ = d.a.send("transact", [DATABASE, insert("Network",
                                                          name="y")])
        reply = d.a.reply(refused_)
        assert reply["error"]["error"] == "syntax error", reply
        assert "duplicate request ID" in reply["error"]["details"], reply
        d.nb.transact(insert("Network", name="x"))
        assert d.a.reply(refused_)["result"] == [{}]


@tap.case("a client that goes while its transaction waits leaves nothing")
def gone_while_waiting():
    with door() as d:
        client = Client(d.socket)
        client.send("transact", [DATABASE, wait_for("x"), insert(
            "Network", name="y")])
        client.call("echo", [])
        client.close()
        # Somebody who came after it sees that it is gone.
        d.a.call("transact", [DATABASE, {"op": "comment", "comment": ""}])
        d.nb.transact(insert("Network", name="x"))
        assert d.a.call("transact", [DATABASE, insert("Network", name="z")])[
            "result"]
        names = sorted(r["name"] for r in d.nb.rows("Network"))
        assert names == ["x", "z"], names


# Locks.

@tap.case("locks: taken, waited for, stolen, given back, and lost")
def locks():
    with both() as asked, door() as d:
        # Errors, and what one client alone is told.
        for method, *params in (
                ("lock", "l"), ("lock", "l"), ("steal", "l"), ("unlock", "l"),
                ("unlock", "l"), ("steal", "l"), ("unlock", "l"),
                ("lock", "1bad"), ("lock", 7), ("lock",), ("lock", "a", "b"),
                ("unlock", "nosuch"), ("unlock",), ("steal", "")):
            asked.ask(method, *params)
        told = {"a": [], "b": []}
        d.a.on_notification = lambda *n: told["a"].append(n)
        d.b.on_notification = lambda *n: told["b"].append(n)

        def ask(client, method):
            reply = client.call(method, ["l"])
            assert not reply["error"], reply
            reply["result"].pop("northbound", None)
            return reply["result"]

        def is_told(client, name, *expected):
            client.pump_until(lambda: told[name], "%s to be told" % name)
            assert told[name] == list(expected), told
            told[name].clear()

        assert ask(d.a, "lock") == {"locked": True}
        assert ask(d.b, "lock") == {"locked": False}
        ask(d.a, "unlock")
        is_told(d.b, "b", ("locked", ["l"]))
        assert ask(d.a, "steal") == {"locked": True}
        is_told(d.b, "b", ("stolen", ["l"]))
        ask(d.b, "unlock")
        assert ask(d.b, "lock") == {"locked": False}
        # The owner goes.
        d.a.close()
        is_told(d.b, "b", ("locked", ["l"]))
        assert not told["a"]
        # With the last that wanted it the lock is gone.
        d.b.close()
        d.a, d.b = Client(d.socket), Client(d.socket)
        wait_until(lambda: d.a.call("lock", ["l"])["result"]["locked"]
                   or d.a.call("unlock", ["l"]) and False, what="the lock")


@tap.case("assert: only the owner of a lock writes")
def assertions():
    if kind() == "relay":
        raise tap.Skip("a relay passes no locks on")
    with door() as d:
        operations = [{"op": "assert", "lock": "l"},
                      insert("Network", name="x")]

        def write(client):
            results = client.call("transact", [DATABASE, *operations])[
                "result"]
            return results[0].get("error") or len(results)

        assert write(d.a) == "not owner"
        d.a.call("lock", ["l"])
        assert write(d.a) == 2
        d.b.call("lock", ["l"])
        assert write(d.b) == "not owner"
        d.b.call("unlock", ["l"])
        d.b.call("steal", ["l"])
        assert (write(d.a), write(d.b)) == ("not owner", 2)
        assert len(d.nb.rows("Network")) == 2


# Other people's clients.

def ovsdb_client(d, *args):
    return process.run(["ovsdb-client", args[0], d.unix, *args[1:]])


@tap.case("ovsdb-client: list-dbs, get-schema, dump, query, transact, wait")
def client_commands():
    with door() as d:
        d.nb.transact(NETWORK, PORT)
        assert ovsdb_client(d, "list-dbs").split() == [DATABASE, "_Server"]
        assert ovsdb_client(d, "needs-conversion",
                            paths.NB_SCHEMA).strip() == "no"
        for command in (["dump", DATABASE], ["dump", DATABASE, "Port"],
                        ["get-schema", DATABASE],
                        ["get-schema-version", DATABASE],
                        ["get-schema-cksum", DATABASE],
                        ["list-tables", DATABASE],
                        ["list-columns", DATABASE, "Port"]):
            direct = process.run(["ovsdb-client", command[0], d.nb.unix,
                                  *command[1:]])
            # Tables come in any order.
            assert sorted(ovsdb_client(d, *command).splitlines()) == sorted(
                direct.splitlines()), command
        assert "blue" in ovsdb_client(d, "dump", DATABASE)
        text = json.dumps([DATABASE, insert("Network", 7, name="red")])
        assert json.loads(ovsdb_client(d, "transact", text)) == [
            {"uuid": ["uuid", uuid_of(7)]}]
        text = json.dumps([DATABASE, insert("Network", 8, name="green"),
                           select("Network", where("name", "green"),
                                  ["name"])])
        assert json.loads(ovsdb_client(d, "query", text))[1] == {
            "rows": [{"name": "green"}]}
        # A query leaves nothing.
        assert not d.nb.rows("Network", where=where("name", "green"))
        process.run(["ovsdb-client", "--timeout=20", "wait", d.unix, DATABASE,
                     "connected"])


def followed(command, *conditions):
    """Registers a case: ovsdb-client's `command` of monitoring."""
    @tap.case("ovsdb-client " + command)
    def case():
        with door() as d:
            d.nb.transact(NETWORK)
            with process.popen(
                    ["ovsdb-client", "--format=json", command, d.unix,
                     DATABASE, *conditions, "Network", "name"],
                    stdout=subprocess.PIPE) as client:
                try:
                    assert "blue" in client.stdout.readline()
                    d.nb.transact(insert("Network", name="other", mtu=1))
                    d.nb.transact(insert("Network", name="red", mtu=1500))
                    line = client.stdout.readline()
                    while "red" not in line:
                        assert not conditions and "other" in line, line
                        line = client.stdout.readline()
                    assert "insert" in line, line
                    d.nb.transact({"op": "delete", "table": "Network",
                                   "where": where("name", "red")})
                    assert "delete" in client.stdout.readline()
                finally:
                    client.kill()


followed("monitor")
followed("monitor-cond", json.dumps([["mtu", "==", 1500]]))


@tap.case("ovsdb-client monitor-cond-since")
def followed_since():
    with door() as d:
        d.nb.transact(NETWORK)
        with process.popen(
                ["ovsdb-client", "--format=json", "monitor-cond-since",
                 d.unix, DATABASE, uuid_of(0),
                 json.dumps([["mtu", "==", 1500]]), "Network", "name"],
                stdout=subprocess.PIPE) as client:
            try:
                lines = [client.stdout.readline() for _ in range(2)]
                assert "false" in lines[0] and "blue" in lines[1], lines
                d.nb.transact(insert("Network", name="other", mtu=1))
                d.nb.transact(insert("Network", name="red", mtu=1500))
                line = client.stdout.readline()
                while "red" not in line:
                    assert "other" not in line, line
                    line = client.stdout.readline()
            finally:
                client.kill()


@tap.case("sluice-nbctl --no-leader-only")
def nbctl():
    with door() as d:
        def ctl(*args):
            return process.run([paths.program("utilities/sluice-nbctl"),
                                "--no-leader-only", "--timeout=20",
                                "--db=" + d.unix, *args]).strip()
        ctl("net-add", "blue")
        port = ctl("port-add", "blue", "a")
        assert port == d.nb.uuid("Port", "a")
        ctl("port-disable", "a", "--", "net-disable", "blue")
        assert not d.nb.rows("Port")[0]["admin_state_up"]
        assert ctl("get", "Network", "blue", "admin_state_up") == "false"
        assert d.nb.ctl("list", "Port") == ctl("list", "Port")
        # Refused by the database, in the same words.
        message = d.nb.fail("port-add", "blue", "b", "mac_address=\"%s\""
                            % d.nb.get("Port", "a", "mac_address"))
        try:
            ctl("port-add", "blue", "b", "mac_address=\"%s\""
                % d.nb.get("Port", "a", "mac_address"))
        except process.CommandError as e:
            numbers = re.compile(UUID.pattern + r"|\d+")
            assert numbers.sub("", e.stderr) == numbers.sub("", message), e
        else:
            raise AssertionError("a MAC address twice")


@tap.case("Python's IDL: rows, conditions, transactions")
def python_idl():
    with door() as d, PythonIdl(d.unix, paths.NB_SCHEMA) as idl:
        assert idl.ask("names") == []
        assert idl.ask("insert", "blue") == "success"
        assert idl.ask("insert", "red") == "success"
        assert idl.ask("names") == ["blue", "red"]
        idl.ask("condition", [["name", "==", "red"]], ["red"])
        d.nb.ctl("net-add", "green")
        idl.ask("condition", [["name", "==", "red"], ["name", "==", "green"]],
                ["green", "red"])
        assert idl.ask("delete", "red") == "success"
        idl.ask("condition", [True], ["blue", "green"])
        assert {r["name"] for r in d.nb.rows("Network")} == {
            "blue", "green"}


@tap.case("the door without the other one: neither port nor API")
def no_http():
    if not is_notifier():
        raise tap.Skip("of the notifier alone")
    with door() as d:
        pid = str(d.daemon.pid)
        assert "pid=%s," % pid not in process.run(["ss", "-tlnpH"])


tap.main(tools=("ovsdb-server", "ovsdb-client", "ovsdb-tool", "ss"))
