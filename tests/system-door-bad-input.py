#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Bad input at the OVSDB door: whoever sends it gets an error or loses its
connection; the next session is told of every change all the same, and memory
stays bounded."""

import contextlib
import json
import resource
import socket

from door.client import Client, Closed
from door.servers import Door, is_notifier
from lab import paths, tap
from lab.nbserver import NbServer
from lab.northbound import DATABASE

# What the notifier may take of memory in all that is done here, in kB: as much
# as it lets unfinished messages have, and half of that again.
MEMORY = 192 * 1024

# Connections that say nothing, of which each costs a descriptor here too.
SILENT = 10000

# Bytes of a request that nobody wants.
HUGE = 100 << 20

# Seconds to wait for what must come.
TIMEOUT = 60


class Scene:
    """A door, and a good client of it that follows networks."""

    def __init__(self, nb, door):
        self.nb, self.door = nb, door
        self.names = set()
        self.writer = nb.client()
        self.good = Client(door.socket, self._told)
        reply = self.good.call("monitor_cond", [DATABASE, "good", {
            "Network": {"columns": ["name"]}}])
        assert reply["result"] == {}, reply
        self.number = 0
        self.before = door.daemon.rss_kb() if door.daemon else 0

    def _told(self, method, params):
        assert method == "update2" and params[0] == "good", (method, params)
        for update in params[1]["Network"].values():
            self.names.add(update["insert"]["name"])

    def check(self):
        """Checks that the good client is told of a change, and that memory
        is bounded."""
        self.number += 1
        name = "good %d" % self.number
        self.writer.transact({"op": "insert", "table": "Network",
                              "row": {"name": name}})
        self.good.pump_until(lambda: name in self.names, name, TIMEOUT)
        assert len(self.names) == self.number, self.names
        self.door.check_alive()
        if is_notifier() and not paths.sanitized(self.door.daemon.argv[0]):
            now = self.door.daemon.rss_kb()
            assert now < MEMORY, "%d kB, %d before" % (now, self.before)

    def connect(self):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # Without a timeout: it waits while the server's backlog is full.
        s.connect(self.door.socket)
        s.settimeout(TIMEOUT)
        return s

    def send(self, data):
        """Sends bytes on a connection of its own, whole or until nobody takes
        them; returns the reply, or None if the connection is closed."""
        with self.connect() as s:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
            return self._reply(s)

    @staticmethod
    def _reply(s):
        text = b""
        with contextlib.suppress(ConnectionResetError):
            while True:
                more = s.recv(1 << 16)
                if not more:
                    break
                text += more
        # Cut off in the middle of a reply, it has not got one.
        with contextlib.suppress(ValueError):
            return json.JSONDecoder().raw_decode(text.decode())[0]
        return None


@contextlib.contextmanager
def scene(**settings):
    with NbServer() as nb, Door(nb, **settings) as door:
        made = Scene(nb, door)
        try:
            made.check()
            yield made
            made.check()
        finally:
            made.good.close()
            made.writer.close()


def of_the_notifier():
    if not is_notifier():
        raise tap.Skip("ovsdb-server does not pass it")


MALFORMED = [
    b"x", b"}", b"]", b"{]", b"{\"method\"}", b"{\"method\":}", b"{,}",
    b"{\"method\":\"echo\",\"params\":[],\"id\":0,}", b"nul", b"\"",
    b"\"\\u0000\"", b"'a'",
    b"[", b"[]", b"7", b"\"echo\"", b"null", b"{}", b"\0", b"\xff\xfe",
    b"{\"method\":\"\xff\",\"params\":[],\"id\":0}",
    b"{\"method\":\"echo\",\"params\":[\"\\ud800\"],\"id\":0}",
    b"{\"method\":\"echo\",\"params\":[\"\\u0000\"],\"id\":0}",
    b"{\"method\":\"echo\",\"params\":[1e999],\"id\":0}",
    b"{\"method\":\"echo\",\"params\":[01],\"id\":0}",
    b"{\"method\":\"echo\"}", b"{\"method\":\"echo\",\"id\":0}",
    b"{\"method\":\"echo\",\"params\":[]}",
    b"{\"method\":7,\"params\":[],\"id\":0}",
    b"{\"method\":null,\"params\":[],\"id\":0}",
    b"{\"method\":\"echo\",\"params\":{},\"id\":0}",
    b"{\"method\":\"echo\",\"params\":7,\"id\":0}",
    b"{\"method\":\"echo\",\"params\":null,\"id\":0}",
    b"{\"method\":\"echo\",\"params\":[],\"id\":0,\"more\":1}",
    b"{\"result\":{},\"error\":null,\"id\":\"nosuch\"}",
    b"{\"result\":null,\"error\":null,\"id\":0}",
    b"{\"result\":{},\"error\":{},\"id\":0}",
    b"{\"method\":\"echo\",\"result\":{},\"params\":[],\"id\":0}",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
]


@tap.case("malformed messages")
def malformed():
    with scene() as s:
        for data in MALFORMED:
            for text in (data, data * 2, b" \r\n\t" + data,
                         b"{\"method\":\"echo\",\"params\":[],\"id\":1}"
                         + data):
                reply = s.send(text)
                assert reply is None or "id" in reply, (text, reply)
            s.door.check_alive()
        s.check()


@tap.case("deep nesting")
def nesting():
    with scene() as s:
        for depth in (100, 999, 1001, 100000, 3000000):
            for opening, closing in (("[", "]"), ('{"a":', "}")):
                deep = opening * depth + "1" + closing * depth
                for message in (
                        deep, opening * depth,
                        '{"method":"echo","params":[%s],"id":1}' % deep,
                        '{"method":"transact","params":["%s",%s],"id":1}' % (
                            DATABASE, deep),
                        '{"method":"monitor_cond","params":["%s",%s,{}],'
                        '"id":1}' % (DATABASE, deep),
                        '{"method":"monitor_cancel","params":[%s],"id":1}'
                        % deep):
                    with contextlib.suppress(RecursionError):
                        s.send(message.encode())
                s.door.check_alive()
        s.check()


@tap.case("a request of 100 MiB, and twenty at once", timeout=300)
def huge():
    of_the_notifier()
    with scene() as s:
        start = b'{"method":"echo","params":["'
        assert s.send(start + b"x" * HUGE + b'"],"id":1}') is None
        s.check()
        clients = [s.connect() for _ in range(20)]
        chunk = b"x" * (1 << 20)
        for client in clients:
            client.sendall(start)
        for _ in range(HUGE // len(chunk)):
            for client in list(clients):
                try:
                    client.sendall(chunk)
                except (BrokenPipeError, ConnectionResetError):
                    clients.remove(client)
                    client.close()
        assert not clients, "%d still send" % len(clients)


WRONG = [None, True, 7, -1.5, "", "nosuch", "_Server", DATABASE, [], {},
         [[]], {"a": 1}, ["uuid", "x"], {"Port": 7}, {"Port": {}},
         {"Port": [{"where": [["nosuch", "==", 1]]}]}]

METHODS = ["list_dbs", "get_schema", "get_server_id", "echo", "transact",
           "monitor", "monitor_cond", "monitor_cond_since",
           "monitor_cond_change", "monitor_cancel", "cancel", "lock", "steal",
           "unlock", "set_db_change_aware", "convert", "update", "nosuch", ""]


def wrong_case(method):
    @tap.case("parameters of wrong types: %s" % (method or '""'))
    def case():
        of_the_notifier()
        with scene() as s:
            client = Client(s.door.socket)
            client.call("monitor_cond", [DATABASE, "m", {"Port": {}}])
            lists = [[]] + [[a] for a in WRONG] + [
                [a, b] for a in WRONG for b in WRONG] + [
                [DATABASE, a, b] for a in WRONG for b in WRONG] + [
                ["m", "m", a] for a in WRONG] + [
                [DATABASE, "m", {"Port": {}}, a] for a in WRONG] + [
                [DATABASE, "m", {"Port": {}}, "0", a] for a in WRONG]
            sent = [client.send(method, params) for params in lists]
            for request, params in zip(sent, lists):
                reply = client.reply(request)
                assert set(reply) >= {"result", "error", "id"}, reply
            # The session works still.
            assert not client.call("echo", [])["error"]
            client.close()


for name in METHODS:
    wrong_case(name)


@tap.case("conditions on columns that do not exist, and of all bad kinds")
def bad_conditions():
    with scene() as s:
        client = Client(s.door.socket)
        client.call("monitor_cond", [DATABASE, "m", {"Port": {}}])
        bad = [["nosuch", "==", 1], ["name", "nosuch", "x"], ["name"], [],
               7, None, "x", {}, ["name", "==", 7], ["name", "<", "x"],
               ["tags", "<", ["set", []]], ["_uuid", "==", "x"],
               ["_uuid", "==", ["uuid", "x"]], [None, "==", "x"],
               ["name", None, "x"], ["name", "==", ["named-uuid", "x"]],
               ["external_ids", "==", ["map", [["a"]]]],
               ["external_ids", "==", ["map", [["a", "b"], ["a", "c"]]]],
               ["tags", "==", ["set", "x"]], ["name", "==", "x", "y"]]
        for clause in bad:
            for where in ([clause], [True, clause],
                          [["name", "==", "x"]] * 100 + [clause]):
                requests = {"Port": [{"where": where}]}
                for method, params in (
                        ("monitor_cond", [DATABASE, "n", requests]),
                        ("monitor_cond_since", [DATABASE, "n", requests,
                                                "0" * 8 + "-0000" * 3
                                                + "-" + "0" * 12]),
                        ("monitor_cond_change", ["m", "m", requests])):
                    reply = client.call(method, params)
                    assert reply["error"], (method, params)
        # None of it is in force.
        assert client.call("monitor_cancel", ["n"])["error"]
        assert not client.call("monitor_cancel", ["m"])["error"]
        client.close()


@tap.case("monitors' ids of every kind, and twice")
def monitor_ids():
    with scene() as s:
        told = []
        client = Client(s.door.socket, lambda m, p: told.append(p[0]))
        ids = [None, True, False, 0, 1, -1, 1.5, "", "0", "x" * 100000,
               "\u00e9", [], [[]], [None], {}, {"a": 1}, {"a": {"b": []}},
               ["uuid", "x"], [1, 2], [2, 1]]
        requests = {"Network": {"columns": ["name"]}}
        for id in ids:
            reply = client.call("monitor_cond", [DATABASE, id, requests])
            assert not reply["error"], (id, reply)
            for method in ("monitor", "monitor_cond"):
                reply = client.call(method, [DATABASE, id, requests])
                assert reply["error"], id
        s.check()
        client.pump_until(lambda: len(told) >= len(ids), "all updates")
        assert sorted(map(json.dumps, told)) == sorted(map(json.dumps, ids))
        for id in ids:
            assert not client.call("monitor_cancel", [id])["error"], id
            assert client.call("monitor_cancel", [id])["error"], id
        client.close()


@tap.case("half a message, and silence")
def half():
    with scene() as s:
        whole = json.dumps({"method": "monitor_cond", "id": 1, "params": [
            DATABASE, "m", {"Network": {"columns": ["name"]}}]}).encode()
        halves = []
        for cut in range(1, len(whole)):
            halves.append(s.connect())
            halves[-1].sendall(whole[:cut])
        s.check()
        # Those that go on are understood.
        for cut, client in enumerate(halves[::7]):
            client.sendall(whole[1 + 7 * cut:])
            assert b'"id":1' in client.recv(1 << 16)
        s.check()
        for client in halves:
            client.close()


@tap.case("a byte at a time")
def slowly():
    with scene() as s, s.connect() as client:
        for byte in b'{"method":"echo","params":["\xc3\xa9"],"id":1}' * 3:
            client.sendall(bytes([byte]))
        text = b""
        while text.count(b'"id":1') < 3:
            text += client.recv(1 << 16)


@tap.case("ten thousand connections that say nothing", timeout=180)
def silent():
    of_the_notifier()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * SILENT:
        raise tap.Skip("no more than %d descriptors" % hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with scene() as s, contextlib.ExitStack() as stack:
            for number in range(SILENT):
                stack.enter_context(s.connect())
                if number % 1000 == 0:
                    s.check()
            s.check()
            # And one more has its turn.
            client = Client(s.door.socket)
            assert not client.call("echo", [])["error"]
            client.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@tap.case("a client that never reads while thousands of changes happen",
          timeout=180)
def never_reads():
    of_the_notifier()
    with scene() as s:
        rows = {}

        def told(_, params):
            for uuid, update in params[-1]["Network"].items():
                (kind, row), = update.items()
                if kind == "delete":
                    del rows[uuid]
                else:
                    rows.setdefault(uuid, {}).update(row)

        stalled = Client(s.door.socket, told)
        reply = stalled.call("monitor_cond", [DATABASE, "m", {"Network": {
            "columns": ["description", "name"]}}])
        assert not reply["error"], reply
        rows.update({u: r["initial"]
                     for u, r in reply["result"]["Network"].items()})
        # 200 MB in all, of which 1 MB is state.
        for number in range(2000):
            s.writer.transact({"op": "update", "table": "Network",
                               "where": [], "row": {
                                   "description": "%05d" % number * 20000}})
            if number % 500 == 0:
                s.check()
        s.check()
        expected = {r["_uuid"][1]: r["description"]
                    for r in s.nb.rows("Network", ["_uuid", "description"])}

        def caught_up():
            return {u: r.get("description", "")
                    for u, r in rows.items()} == expected
        # It is told, or was dropped, to come back.
        try:
            stalled.pump_until(caught_up, "the latest state", TIMEOUT)
        except (Closed, ConnectionResetError):
            tap.note("dropped")
        stalled.close()


@tap.case("requests by the thousand whose replies nobody reads", timeout=120)
def replies_unread():
    of_the_notifier()
    with scene() as s, s.connect() as client:
        request = json.dumps({"method": "get_schema", "params": [DATABASE],
                              "id": 1}).encode()
        client.settimeout(0.5)
        # 14 kB each: who does not read them is not read either.
        sent = 0
        with contextlib.suppress(socket.timeout, BrokenPipeError,
                                 ConnectionResetError):
            for _ in range(200000):
                client.sendall(request)
                sent += 1
        assert sent < 200000, "all were taken"
        s.check()


tap.main(tools=("ovsdb-server", "ovsdb-tool"))
