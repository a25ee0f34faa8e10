#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The HTTP server of sluice-notifier, by itself: what clients may not do."""

import contextlib
import json
import random
import select
import socket

from lab import tap
from lab.echo import Echo, closed, receive, request

MIB = 1024 * 1024

# Requests that are refused, and how.  None: closed without a word is fine.
MALFORMED = [
    (b"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET /x?% HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET /a%ff HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET /a?b=\0 HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"GET /x HTTP/1.1\r\n\r\n", 400),
    (b"GET /x HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", 400),
    (b"GET /x HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400),
    (b"GET /x HTTP/1.1\r\nHost : h\r\n\r\n", 400),
    (b"GET /x HTTP/1.1\r\nHost: h\r\nX\0Y: z\r\n\r\n", 400),
    (b"G@T /x HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    (b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", 400),
    (b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400),
    (b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n"
     b"Content-Length: 2\r\n\r\n", 400),
    (b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    (b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"zz\r\n", 400),
    (b"POST /x HTTP/1.1\r\nHost: h\r\n"
     b"Content-Length: 99999999999999999999\r\n\r\n", 413),
    (b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"fffffffffffffffff\r\n", 413),
    (b"GET /x HTTP/9.9\r\nHost: h\r\n\r\n", 505),
    (b"GET /x HTTP/0.9\r\n\r\n", 505),
    (b"GET /x\r\n\r\n", 400),
    (b"GET\r\n\r\n", None),
    (b"\1 \0\0\r\n\r\n", 400),
    (b" / HTTP/1.1\r\nHost: h\r\n\r\n", None),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", None),
]


@tap.case("malformed requests are refused")
def malformed():
    with Echo() as echo:
        for data, status in MALFORMED:
            with echo.send(data) as s:
                reply = receive(s)
                assert (reply and reply[0]) == status, (data, reply)
                assert closed(s), data
        echo.await_stats(connections=0, waiting=0, bodies=0)


@tap.case("requests cut off anywhere")
def truncated():
    whole = request("POST", "/x?y=z", b"0123456789")
    with Echo() as echo:
        for i in range(len(whole)):
            with echo.send(whole[:i]) as s:
                s.shutdown(socket.SHUT_WR)
                assert closed(s), whole[:i]
        for i in range(len(whole)):
            echo.send(whole[:i]).close()
        echo.await_stats(connections=0, waiting=0, bodies=0)


@tap.case("noise")
def noise():
    whole = request("POST", "/x?y=%20z", b"0123456789",
                    headers=["Accept: */*"])
    rng = random.Random(1)
    with Echo(request_ms=300, idle_ms=300) as echo:
        for _ in range(300):
            data = bytearray(whole)
            for _ in range(rng.randint(1, 5)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            with echo.send(bytes(data)) as s:
                s.shutdown(socket.SHUT_WR)
                while not closed(s):
                    pass
        echo.await_stats(connections=0, waiting=0, bodies=0)


@tap.case("a body over the limit: 413, whatever is still sent")
def body():
    with Echo() as echo:
        for data in (
                request("POST", "/x", b"x" * (2 * MIB + 1)),
                request("POST", "/x", b"x" * (10 * MIB)),
                request("POST", "/x", headers=["Transfer-Encoding: chunked"])
                + b"300000\r\n" + b"x" * (3 * MIB) + b"\r\n0\r\n\r\n"):
            status, reply = echo.ask(data)
            assert status == 413, reply
            assert json.loads(reply)["message"], reply
        # No "100 Continue" for what will not be taken.
        with echo.send(request("POST", "/x", headers=[
                "Expect: 100-continue", "Content-Length: 3000000"])) as s:
            assert s.recv(4096).startswith(b"HTTP/1.1 413 ")
        echo.await_stats(connections=0, bodies=0)


@tap.case("headers over the limit: 431 or 414")
def headers():
    with Echo() as echo:
        status, _ = echo.ask(request("GET", "/x?" + "y=z&" * 5000))
        assert status == 200
        for n, expected in ((24000, 200), (25000, 431), (100000, 431),
                            (5 * MIB, 431)):
            status, reply = echo.ask(request("GET", "/x",
                                             headers=["X: " + "y" * n]))
            assert status == expected, (n, status, reply)
        status, _ = echo.ask(request("GET", "/" + "x" * 100000))
        assert status == 414
        many = ["X-%d: y" % i for i in range(100000)]
        assert echo.ask(request("GET", "/x", headers=many))[0] == 431


def trickle(s, data):
    """Sends `data` byte by byte, until there is something to read.  Returns
    the reply, or None if the connection was closed."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for i in range(len(data)):
            if select.select([s], [], [], 0.02)[0]:
                break
            s.sendall(data[i:i + 1])
        return receive(s)
    return None


@tap.case("slow clients are cut off", timeout=120)
def slowloris():
    endless = b"X: y\r\n" * 10000
    with Echo(request_ms=500, idle_ms=60000) as echo:
        # Nothing at all; half a first line; headers; a body.
        with echo.connect() as s:
            assert closed(s)
        with echo.connect() as s:
            assert trickle(s, b"GET /" + b"x" * 10000) is None
        with echo.send(b"GET / HTTP/1.1\r\nHost: h\r\n") as s:
            assert trickle(s, endless)[0] == 408
        with echo.send(request("POST", "/", b"x" * 10000)[:-9999]) as s:
            assert trickle(s, b"x" * 9998)[0] == 408
        # After a request that was in time.
        with echo.send(request("GET", "/")) as s:
            assert receive(s)[0] == 200
            s.sendall(b"GET / HTTP/1.1\r\n")
            assert trickle(s, endless)[0] == 408
        # A request that waits is not the client's fault.
        with echo.send(request("GET", "/hold")) as s:
            assert not select.select([s], [], [], 1.5)[0]
            echo.get("/release")
            assert receive(s)[0] == 200
        echo.await_stats(connections=0)


@tap.case("idle connections, and replies not fetched, are closed")
def idle():
    with Echo(idle_ms=300, reply_ms=300) as echo:
        with echo.send(request("GET", "/")) as s:
            assert receive(s)[0] == 200
            assert closed(s)
        with echo.send(request("GET", "/size?bytes=50000000")):
            echo.await_stats(connections=0)


@tap.case("connections over the limit are closed at once")
def connections():
    with Echo(connections=10) as echo:
        open_ones = [echo.connect() for _ in range(10)]
        # Those are served, others not.
        for s in open_ones:
            s.sendall(request("GET", "/x"))
            assert receive(s)[0] == 200
        with echo.connect() as s:
            assert closed(s)
        open_ones.pop().close()

        def served():
            with contextlib.suppress(TypeError, OSError):
                return echo.get("/x")
        while not served():
            pass
        for s in open_ones:
            s.close()


@tap.case("requests over the limit: 503, and those that wait go on")
def waiting():
    with Echo(waiting=3, streams=1) as echo:
        held = [echo.send(request("GET", "/hold")) for _ in range(2)]
        echo.await_stats(waiting=2)
        held.append(echo.send(request("GET", "/hold")))
        # Who asks now may be the fourth, and then is told so.
        while True:
            with echo.send(request("GET", "/x")) as s:
                reply = s.recv(4096)
            if b" 503 " in reply:
                break
        assert b"Retry-After: 1\r\n" in reply, reply
        held.pop().close()
        while echo.ask(request("GET", "/release"))[0] != 200:
            pass
        for s in held:
            assert receive(s)[0] == 200
            s.close()

        with echo.send(request("GET", "/stream")) as s:
            echo.await_stats(streams=1)
            assert echo.ask(request("GET", "/stream"))[0] == 503
        echo.await_stats(streams=0, connections=0)


@tap.case("1,000 idle connections")
def thousand():
    with Echo() as echo:
        before = echo.rss_kb()
        idle_ones = [echo.connect() for _ in range(1000)]
        for s in idle_ones:
            s.sendall(request("GET", "/x"))
        for s in idle_ones:
            assert receive(s)[0] == 200
        assert echo.stats()["connections"] == 1000
        assert echo.get("/x")["path"] == "/x"
        # A pool of 32 KiB each, what malloc() adds, and our own.
        echo.assert_grown_less(before, 48 * 1000)
        for s in idle_ones:
            s.close()
        echo.await_stats(connections=0)


@tap.case("memory stays bounded whatever is sent", timeout=180)
def memory():
    with Echo(bodies=16 * MIB) as echo:
        def attack():
            """100 bodies of 2 MB less a byte at once, and never the rest."""
            attackers = []
            data = request("POST", "/hold", b"x" * (2 * MIB - 1))[:-1]
            for _ in range(100):
                s = echo.connect()
                with contextlib.suppress(OSError):
                    s.sendall(data)
                attackers.append(s)
            bodies = echo.stats()["bodies"]
            for s in attackers:
                s.close()
            echo.await_stats(bodies=0, connections=0)
            return bodies

        before = echo.rss_kb()
        assert 8 * MIB < attack() <= 16 * MIB
        # The bodies, twice for what malloc() keeps, and the connections.
        echo.assert_grown_less(before, 2 * 16384 + 8192)
        first = echo.rss_kb()
        for _ in range(3):
            attack()
        headers_flood = b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100000
        for _ in range(100):
            echo.ask(headers_flood)
        echo.assert_grown_less(first, 16384)


tap.main(tools=())
