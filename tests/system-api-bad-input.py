#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Bad input of every kind at the Networking API: a 4xx that says why, or a
closed connection; memory that stays bounded; and a server that goes on."""

import contextlib
import http.client
import itertools
import json
import select
import socket
import struct
import time

from api.bad_input import BAD_BODIES, GOOD, TARGETS, VALUES
from lab import Lab, tap, wait_until

# How much larger the notifier may be, in kB, after what a case did to it: a
# heap that has grown to hold one of the longest requests, and its replies, is
# not given back.
GROWTH_KB = 32 * 1024

# The bodies of all requests at once, in kB, from notifier/http/server.h.
BODIES_KB = 64 * 1024

class Door:
    """A notifier with an object of each kind, and what it weighed then."""

    def __init__(self, lab):
        self.notifier = lab.add_notifier()
        self.client = self.notifier.client()
        self.network = self.client.create("network", name="n")
        self.subnet = self.client.create(
            "subnet", network_id=self.network["id"], ip_version=4,
            cidr="10.0.0.0/24")
        self.network = self.client.show("network", self.network["id"])
        self.port = self.client.create("port", network_id=self.network["id"])
        lab.nb.transact({"op": "insert", "table": "Agent",
                         "row": {"host": "hv1"}})
        self.agent = wait_until(lambda: self.client.list("agent"),
                                what="the agent")[0]
        self.rss = self.notifier.rss_kb()

    def check(self, growth=GROWTH_KB):
        """Checks that the notifier is as well as it was."""
        with self.notifier.client() as client:
            for kind in ("network", "subnet", "port", "agent"):
                shown = client.show(kind, getattr(self, kind)["id"])
                assert shown["id"] == getattr(self, kind)["id"]
            made = client.create("network", name="after")
            client.remove("network", made["id"])
        self.notifier.assert_grown_less(self.rss, growth)

    def refuses(self, method, path, body=None, status=range(400, 500)):
        """Checks that a request gets a 4xx and a message."""
        reply = self.client.request(method, path, body)
        assert reply.status in status, (method, path, str(body)[:200],
                                        str(reply))
        assert reply.message and reply.type, (method, path, str(reply))
        assert len(reply.body) < 4096, (method, path, len(reply.body))
        json.dumps(reply.json)
        return reply

    def raw(self, request, end=False):
        """Sends bytes; returns the status of the answer, None if the
        connection is closed without one.  `end` ends sending then."""
        with self.notifier.connect() as s:
            response = http.client.HTTPResponse(s)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                s.sendall(request)
                if end:
                    s.shutdown(socket.SHUT_WR)
            try:
                response.begin()
                response.read()
            except (OSError, http.client.HTTPException):
                return None
            return response.status


@contextlib.contextmanager
def door(**growth):
    with Lab() as lab:
        made = Door(lab)
        yield made
        made.client.close()
        made.check(**growth)


@tap.case("each attribute of each resource with each type of value")
def types():
    with door() as d:
        count = 0
        for kind in ("network", "subnet", "port", "agent"):
            count += sum(_attribute(d, kind, name)
                         for name in [*getattr(d, kind), "nosuch", "",
                                      "security_groups", "prefixlen"])
        tap.note("%d requests" % count)
        assert count > 5000


def _attribute(d, kind, name):
    """Sends an attribute with each value, in a POST beside what makes the
    request complete, and in a PUT; returns how many these were."""
    needed = {"network": {}, "agent": {}, "port": {
        "network_id": d.network["id"]}, "subnet": {
            "network_id": d.network["id"], "ip_version": 4,
            "cidr": "10.9.0.0/24"}}[kind]
    needed = {k: v for k, v in needed.items() if k != name}
    rest = "".join(", %s: %s" % (json.dumps(k), json.dumps(v))
                   for k, v in needed.items())
    own = "/v2.0/%ss/%s" % (kind, getattr(d, kind)["id"])
    for value in VALUES:
        text = '{"%s": {"%s": %s%%s}}' % (kind, name, value.replace("%",
                                                                    "%%"))
        reply = _never_5xx(d, "POST", "/v2.0/%ss" % kind, text % rest)
        if reply.status == 201:
            _never_5xx(d, "DELETE", "/v2.0/%ss/%s" % (
                kind, reply.json[kind]["id"]))
        _never_5xx(d, "PUT", own, text % "")
    return 2 * len(VALUES)


def _never_5xx(d, method, path, body=None):
    reply = d.client.request(method, path, body)
    assert reply.status < 500, (method, path, body, str(reply))
    if reply.status >= 400:
        assert reply.message and reply.type, (method, path, body, str(reply))
        assert len(reply.body) < 4096, (method, path, body, len(reply.body))
    return reply


@tap.case("bodies that are none")
def bodies():
    with door() as d:
        path = "/v2.0/networks"
        own = path + "/" + d.network["id"]
        for what, body in BAD_BODIES.items():
            for method, where in (("POST", path), ("PUT", own)):
                reply = d.client.request(method, where, body)
                assert reply.status == 400 and reply.message, (
                    what, method, str(reply))
                assert len(reply.body) < 4096, (what, len(reply.body))
        # Truncated anywhere.
        assert d.client.post(path, GOOD).status == 201
        for end in range(len(GOOD)):
            assert d.client.post(path, GOOD[:end]).status == 400, GOOD[:end]
        assert len(d.client.list("network")) == 2
        assert d.client.show("network", d.network["id"]) == d.network


@tap.case("bodies beyond the limit: refused unread, one or many at once")
def too_long():
    with door(growth=BODIES_KB + GROWTH_KB) as d:
        name = b'{"network": {"name": "' + b"x" * (10 << 20) + b'"}}'
        for _ in range(10):
            assert d.raw(post(name)) in (413, None)
        # All their length announced, each with less than it may have.
        with contextlib.ExitStack() as stack:
            for _ in range(200):
                s = stack.enter_context(d.notifier.connect())
                s.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    s.send(post(name[:2000000]))
            assert d.client.get("/v2.0/networks").status == 200
            d.notifier.assert_grown_less(d.rss, BODIES_KB + GROWTH_KB)
        chunked = (b"POST /v2.0/networks HTTP/1.1\r\nHost: x\r\n"
                   b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        # Refused by 503 while the server has not seen those leave.
        wait_until(lambda: d.raw(chunked + chunk * 100) in (413, None),
                   what="413")
        assert d.raw(chunked + b"ffffffffffffffffff\r\n", True) in (
            400, 413, None)


def post(body, length=None):
    return (b"POST /v2.0/networks HTTP/1.1\r\nHost: x\r\nContent-Length: "
            + str(length or len(body)).encode() + b"\r\n\r\n" + body)


@tap.case("paths and queries that are none")
def targets():
    with door() as d:
        for target, expected in TARGETS.items():
            got = d.raw(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"
                        % target.encode())
            assert got in expected, (target[:100], got)
        # Many filters, and long ones.
        for query in ("&".join("name=%d" % i for i in range(2000)),
                      "name=" + "x" * 20000,
                      "&".join("fields=f%d" % i for i in range(2000))):
            reply = d.client.get("/v2.0/networks?" + query)
            assert reply.status in (200, 400, 414, 431), (query[:50],
                                                          str(reply))


@tap.case("methods that are none of a path's")
def methods():
    with door() as d:
        network = "/v2.0/networks/" + d.network["id"]
        for method, path in [
                *itertools.product(("PUT", "DELETE", "PATCH"), (
                    "/", "/v2.0", "/v2.0/networks", "/v2.0/extensions",
                    "/v2.0/network-ip-availabilities", "/events",
                    "/healthz", "/v2.0/history")),
                *itertools.product(("POST", "PATCH", "FOO", "LINK"), (
                    network, "/v2.0/agents", "/v2.0/extensions/agent",
                    "/events")),
                ("TRACE", "/"), ("TRACE", network), ("get", network)]:
            reply = d.client.request(method, path, b"{}")
            assert reply.status in (405, 501, 404 * (method == "POST"),
                                    400 * (method == "TRACE")), (
                method, path, str(reply))
        for start in (b"CONNECT x:1 HTTP/1.1", b"GET", b"GET /",
                      b"GET / HTTP/9.9", b"GET / HTTP/1.1 x", b"\0", b"",
                      b"G\0T / HTTP/1.1", b"GET / FTP/1.1", b" / HTTP/1.1",
                      b"A" * 100000 + b" / HTTP/1.1",
                      b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"):
            got = d.raw(start + b"\r\nHost: x\r\n\r\n", end=True)
            assert got in (400, 404, 405, 414, 431, 501, 505, 200, None), (
                start[:50], got)
            assert got != 200 or start in (b"GET /", b"GET / HTTP/1.1 x",
                                           b""), (start, got)


@tap.case("floods of headers, and headers that are none")
def headers():
    with door() as d:
        begin = b"GET /v2.0/networks HTTP/1.1\r\nHost: x\r\n"
        for what, flood, expected in (
                ("10,000 headers", b"".join(
                    b"X-%d: 1\r\n" % i for i in range(10000)), (431, None)),
                ("one of 1 MB", b"X: " + b"x" * 1000000 + b"\r\n",
                 (431, None)),
                ("a name of 1 MB", b"x" * 1000000 + b": 1\r\n", (431, None)),
                ("no colon", b"nothing\r\n", (400, None)),
                ("a NUL", b"X: a\0b\r\n", (200, 400, None)),
                ("a NUL in a name", b"X\0Y: 1\r\n", (200, 400, None)),
                ("no name", b": 1\r\n", (200, 400, None)),
                ("a length that is none", b"Content-Length: x\r\n",
                 (400, None)),
                ("a negative length", b"Content-Length: -1\r\n",
                 (400, None)),
                ("a length beyond numbers",
                 b"Content-Length: 99999999999999999999999\r\n",
                 (400, 413, None)),
                ("an endless length",
                 b"Content-Length: 9223372036854775807\r\n",
                 (400, 413, None)),
                ("If-Match", b"If-Match: revision_number=x\r\n", (200, 400)),
        ):
            got = d.raw(begin + flood + b"\r\n")
            assert got in expected, (what, got)
        for match in ("revision_number=x", "revision_number=-1", "*", "",
                      "revision_number=99999999999999999999"):
            reply = d.client.put(
                "/v2.0/networks/" + d.network["id"],
                {"network": {"name": "n"}}, **{"If-Match": match})
            assert reply.status in (200, 400, 412), (match, str(reply))
        for last in ("x", "0", "-1", "00000000-99999999999999999999", "\xff",
                     "x" * 10000):
            with d.notifier.events(last_event_id=last) as stream:
                assert stream.next().event == "resync", last


@tap.case("slow clients, and many: others are served, and the slow are cut"
          " off", timeout=120)
def slow():
    with door() as d, contextlib.ExitStack() as stack:
        begun = (b"", b"G", b"GET /v2.0/networks HTTP/1.1\r\n",
                 b"GET /v2.0/networks HTTP/1.1\r\nHost: x\r\nX-",
                 post(b'{"network":', 100), post(b"x", 2000000))
        slow_ones = []
        for number in range(600):
            s = stack.enter_context(d.notifier.connect())
            s.sendall(begun[number % len(begun)])
            slow_ones.append(s)
        # Who does not read what he asked for.
        deaf = stack.enter_context(d.notifier.connect())
        deaf.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                deaf.send(b"GET /v2.0/extensions HTTP/1.1\r\nHost: x\r\n\r\n")
        # Who resets at once.
        for _ in range(300):
            with d.notifier.connect() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
                s.sendall(begun[3])
        d.check()
        while slow_ones:
            slow_ones = _trickle(slow_ones)
            d.check()


def _trickle(sockets):
    """Sends one more byte on each; returns the sockets of those that have
    not ended the connection a second later."""
    poll = select.poll()
    for s in sockets:
        poll.register(s, select.POLLIN)
        with contextlib.suppress(OSError):
            s.send(b"x")
    by_fd = {s.fileno(): s for s in sockets}
    ended = set()
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline and len(ended) < len(sockets):
        for fd, _ in poll.poll(100):
            with contextlib.suppress(OSError):
                if by_fd[fd].recv(65536):
                    continue
            ended.add(fd)
            poll.unregister(fd)
    return [s for s in sockets if s.fileno() not in ended]


@tap.case("all at once, again and again: memory is bounded")
def memory():
    with door() as d:
        def everything():
            for body in BAD_BODIES.values():
                d.client.post("/v2.0/networks", body)
            for target in TARGETS:
                d.raw(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % target.encode())
        everything()
        d.rss = d.notifier.rss_kb()
        for _ in range(5):
            everything()
        # What the first time took was enough for all others.
        d.check(growth=4 * 1024)


tap.main(tools=("ip", "nsenter", "ovsdb-server"))
